//! Where stores are in a city that is made up: at nodes of a triangular lattice.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use domain::ids::CityId;
use kernel::chance::draw;

use crate::plane::Xy;
use crate::setup::StoreSetup;
use crate::siting::{People, in_disc};
use crate::{luck_of, purpose};

/// Side of a regular hexagon pattern over the radius of a disc of one cell's area: √(2π / √3).
const SPACING: f64 = 1.904_625_578_848_15;
/// Rings of the lattice that are looked at (60 000 stores take 145).
const RINGS_LIMIT: i32 = 512;
/// Steps from a node, in rows and columns, to the six beside it.
const BESIDE: [(i32, i32); 6] = [(0, 1), (0, -1), (1, 0), (-1, 0), (1, -1), (-1, 1)];

/// Sites for so many stores, each moved a little from its node; fewer where no more people live.
///
/// The area for each site is that of a disc with the catchment's radius, so catchments fill the
/// city with little overlap. Where no wards say where people live, sites are the nodes nearest to
/// the middle. Where they do, the first is where most people are near, and each of the others is
/// beside one before it, where most people are near then: so the city hangs together.
pub(crate) fn sites(seed: u64, city: CityId, setup: &StoreSetup, people: &People<'_>) -> Vec<Xy> {
    let spacing_m = f64::from(setup.catchment_m) * SPACING;
    let count = setup.count as usize;
    let nodes = match people.wards {
        None => nearest(count, spacing_m),
        Some(wards) => {
            let rings = libm::ceil(wards.reach_m() / (spacing_m * libm::sqrt(0.75)));
            #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
            let rings = (rings as i32).clamp(1, RINGS_LIMIT);
            grown(count, &peopled(rings, setup, spacing_m, people))
        }
    };
    nodes
        .iter()
        .zip(0_u64..)
        .map(|(&node, site)| {
            let mut draw = draw(seed, luck_of(city, site), purpose::SITE, 0);
            let Xy { x, y } = in_disc(&mut draw, setup.stray * spacing_m);
            let node = at(node, spacing_m);
            Xy { x: node.x + x, y: node.y + y }
        })
        .collect()
}

/// A node of the lattice, row first.
type Node = (i32, i32);

/// Where a node is.
fn at((row, column): Node, spacing_m: f64) -> Xy {
    let x = (f64::from(column) + f64::from(row) / 2.0) * spacing_m;
    Xy { x, y: f64::from(row) * libm::sqrt(0.75) * spacing_m }
}

/// The nodes in so many rows and columns around the middle.
fn all(rings: i32) -> impl Iterator<Item = Node> {
    (-rings..=rings).flat_map(move |row| (-rings..=rings).map(move |column| (row, column)))
}

/// So many nodes nearest to the middle.
fn nearest(count: usize, spacing_m: f64) -> Vec<Node> {
    let mut nodes: Vec<(u64, Node)> = all(reach(count))
        .map(|node| (thousandths(at(node, spacing_m).distance_m(Xy::default())), node))
        .collect();
    // Whole millimetres keep nodes of one ring together; the sort is stable.
    nodes.sort_by_key(|&(from_middle, _)| from_middle);
    nodes.into_iter().take(count).map(|(_, node)| node).collect()
}

/// Rows of the lattice on either side of its middle that surely hold so many nodes.
fn reach(count: usize) -> i32 {
    let mut reach = 1_i32;
    // A rhombus of this reach holds a disc of half its height.
    while 3 * i64::from(reach) * i64::from(reach) < 4 * count as i64 + 12 {
        reach += 1;
    }
    2 * reach
}

/// Nodes where people live, and how densely they live around them.
fn peopled(
    rings: i32,
    setup: &StoreSetup,
    spacing_m: f64,
    people: &People<'_>,
) -> BTreeMap<Node, u64> {
    let catchment_m = f64::from(setup.catchment_m);
    // Rows and columns make a rhombus; a disc of so many rings is within twice as many columns.
    let lived_in = all(2 * rings).filter(|&node| people.at(at(node, spacing_m)) > 0.0);
    let around = |node| thousandths(people.around(at(node, spacing_m), catchment_m).0);
    lived_in.map(|node| (node, around(node))).collect()
}

/// So many nodes, the densest first and each of the others beside one before it; fewer if no more
/// hang together.
fn grown(count: usize, peopled: &BTreeMap<Node, u64>) -> Vec<Node> {
    let key = |(&node, &density): (&Node, &u64)| (density, Reverse(node));
    let mut beside: BinaryHeap<(u64, Reverse<Node>)> =
        peopled.iter().map(key).max().into_iter().collect();
    let mut met: BTreeSet<Node> = beside.iter().map(|&(_, Reverse(node))| node).collect();
    let mut nodes = Vec::new();
    while nodes.len() < count
        && let Some((_, Reverse(node))) = beside.pop()
    {
        nodes.push(node);
        for (row, column) in BESIDE {
            let next = (node.0 + row, node.1 + column);
            if let Some(density) = peopled.get(&next)
                && met.insert(next)
            {
                beside.push((*density, Reverse(next)));
            }
        }
    }
    nodes
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
#[expect(clippy::cast_sign_loss, reason = "distances and densities are not negative")]
fn thousandths(number: f64) -> u64 {
    libm::round(number * 1e3) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_grows_from_its_densest_place() {
        let check = |count: usize, expected: &[Node]| {
            let peopled = [((0, 0), 5), ((0, 1), 9), ((0, 2), 2), ((1, 0), 7), ((5, 5), 8)];
            assert_eq!(grown(count, &peopled.into_iter().collect()), expected);
        };
        check(0, &[]);
        check(2, &[(0, 1), (1, 0)]);
        check(3, &[(0, 1), (1, 0), (0, 0)]);
        // What does not hang together with it is not part of it.
        check(9, &[(0, 1), (1, 0), (0, 0), (0, 2)]);
    }
}
