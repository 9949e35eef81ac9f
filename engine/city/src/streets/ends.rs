//! Dead ends and bends.

use roads::RoadClass;

use super::choice::Link;
use super::districts::District;
use super::{HEAD, Pattern, Points, Seed, Street};
use crate::plane::Xy;
use crate::purpose;

/// Length of a dead end over the width of its district's blocks: median and σ of the logarithm (assumed).
const DEAD_END: (f64, f64) = (0.7, 0.45);

/// The streets around each node: `first[n]..first[n + 1]` are positions in `links` and far ends.
struct Around {
    first: Vec<u32>,
    ways: Vec<(u32, u32)>,
}

impl Around {
    fn new(nodes: usize, links: &[Link]) -> Self {
        let mut first = vec![0_u32; nodes + 1];
        for end in links.iter().flat_map(|link| link.ends) {
            first[end as usize + 1] += 1;
        }
        for node in 0..nodes {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut ways = vec![(0, 0); 2 * links.len()];
        for (number, link) in (0_u32..).zip(links) {
            for [near, far] in [link.ends, [link.ends[1], link.ends[0]]] {
                ways[next[near as usize] as usize] = (number, far);
                next[near as usize] += 1;
            }
        }
        Self { first, ways }
    }

    fn of(&self, node: u32) -> &[(u32, u32)] {
        &self.ways[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }
}

/// What becomes of a junction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It stays as it is.
    Stays,
    /// A dead end leads off it.
    Branches,
    /// It is only a bend in a street.
    Bends,
}

/// Gives junctions of two streets a dead end or makes them bends.
///
/// Junctions that became bends are taken out of `points`, and the heads of dead ends added.
pub(super) fn finish(
    pattern: &Pattern,
    districts: &[District],
    points: &mut Points,
    links: &[Link],
    seed: Seed,
) -> Vec<Street> {
    let around = Around::new(points.at.len(), links);
    let fates = fates(pattern, &around, points, seed);
    let mut streets = chains(points, links, &around, &fates);
    for node in
        (0_u32..).zip(&fates).filter(|(_, fate)| **fate == Fate::Branches).map(|(node, _)| node)
    {
        let at = points.at[node as usize];
        let mut head = dead_end(districts, points, around.of(node), node, seed);
        if pattern
            .water
            .is_some_and(|water| water.covers(head) || water.crossing(at, head).is_some())
        {
            head = Xy { x: 2.0 * at.x - head.x, y: 2.0 * at.y - head.y };
        }
        let end = u32::try_from(points.at.len()).expect("nodes are limited");
        points.push(head, points.district[node as usize], HEAD);
        let straight_m = head.distance_m(at);
        streets.push(Street::new([node, end], straight_m, straight_m, true));
    }
    renumber(points, &fates, streets)
}

impl Street {
    const fn new(ends: [u32; 2], straight_m: f64, length_m: f64, kept: bool) -> Self {
        Self { ends, straight_m, length_m, class: RoadClass::Residential, kept }
    }
}

/// Decides which junctions of two streets branch, such that dead ends get their share.
#[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
#[expect(clippy::cast_sign_loss, reason = "a float cast saturates")]
fn fates(pattern: &Pattern, around: &Around, points: &Points, seed: Seed) -> Vec<Fate> {
    let nodes = points.at.len();
    let key = |node: u32| points.key[node as usize];
    let ways = |node: u32| around.of(node).len();
    let numbers = || (0_u32..).take(nodes);
    let ends = numbers().filter(|&node| ways(node) <= 1).count() as f64;
    let stay = numbers().filter(|&node| ways(node) >= 3).count() as f64;
    // A branch makes one dead end and keeps one junction: solve for the share of dead ends.
    let share = pattern.dead_ends;
    let branches = ((share * (ends + stay) - ends) / (1.0 - 2.0 * share)).max(0.0) as usize;
    let mut fates = vec![Fate::Stays; nodes];
    let mut twos: Vec<u32> = numbers().filter(|&node| ways(node) == 2).collect();
    twos.sort_by_cached_key(|&node| {
        (seed.draw(purpose::BRANCH, key(node), 0).unit() * 1e12) as u64
    });
    for (rank, &node) in twos.iter().enumerate() {
        fates[node as usize] = if rank < branches { Fate::Branches } else { Fate::Bends };
    }
    // When there are too few of two, those of three branch as well.
    let mut missing = branches.saturating_sub(twos.len());
    for node in numbers().filter(|&node| ways(node) == 3) {
        if missing == 0 {
            break;
        }
        if seed.draw(purpose::BRANCH, key(node), 1).chance(0.5) {
            fates[node as usize] = Fate::Branches;
            missing -= 1;
        }
    }
    fates
}

/// The streets between junctions that are no bends.
fn chains(points: &Points, links: &[Link], around: &Around, fates: &[Fate]) -> Vec<Street> {
    let bends = |node: u32| fates[node as usize] == Fate::Bends;
    let link_m = |link: u32| {
        let [a, b] = links[link as usize].ends.map(|end| points.at[end as usize]);
        a.distance_m(b)
    };
    let mut done = vec![false; links.len()];
    let mut streets = Vec::with_capacity(links.len());
    for start in (0_u32..).take(fates.len()).filter(|&node| !bends(node)) {
        for &(link, next) in around.of(start) {
            if done[link as usize] {
                continue;
            }
            let (mut link, mut at) = (link, next);
            let mut length_m = link_m(link);
            let mut kept = links[link as usize].tree;
            done[link as usize] = true;
            while bends(at) {
                let ways = around.of(at);
                (link, at) = ways[usize::from(ways[0].0 == link)];
                done[link as usize] = true;
                length_m += link_m(link);
                kept |= links[link as usize].tree;
            }
            if at != start {
                let straight_m = points.at[start as usize].distance_m(points.at[at as usize]);
                streets.push(Street::new([start, at], straight_m, length_m, kept));
            }
        }
    }
    streets
}

/// Where a dead end off a junction ends: into the widest gap between its streets.
fn dead_end(
    districts: &[District],
    points: &Points,
    ways: &[(u32, u32)],
    node: u32,
    seed: Seed,
) -> Xy {
    let at = points.at[node as usize];
    let district = districts[points.district[node as usize] as usize];
    let mut bearings: Vec<f64> = ways
        .iter()
        .map(|&(_, far)| {
            let far = points.at[far as usize];
            libm::atan2(far.y - at.y, far.x - at.x)
        })
        .collect();
    bearings.sort_by(f64::total_cmp);
    let after = |index: usize| {
        let turn = if index + 1 == bearings.len() { std::f64::consts::TAU } else { 0.0 };
        bearings[(index + 1) % bearings.len()] + turn
    };
    let gap = |index: usize| after(index) - bearings[index];
    let widest = (0..bearings.len()).max_by(|&a, &b| gap(a).total_cmp(&gap(b))).unwrap_or(0);
    let into = bearings.get(widest).map_or(0.0, |bearing| bearing + gap(widest) / 2.0);
    // Along the district's bearing or at right angles to it, whichever is nearer.
    let quarter = std::f64::consts::FRAC_PI_2;
    let grain = district.bearing + libm::round((into - district.bearing) / quarter) * quarter;
    let mut draw = seed.draw(purpose::DEAD_END, points.key[node as usize], 0);
    let length_m = draw.lognormal(DEAD_END.0 * district.width_m(), DEAD_END.1);
    let (sin, cos) = libm::sincos(grain + 0.3 * (draw.unit() - 0.5));
    Xy { x: at.x + length_m * cos, y: at.y + length_m * sin }
}

/// Takes bends out of the points and gives streets the new numbers.
fn renumber(points: &mut Points, fates: &[Fate], mut streets: Vec<Street>) -> Vec<Street> {
    let bends = |node: usize| fates.get(node).is_some_and(|fate| *fate == Fate::Bends);
    let mut numbers = Vec::with_capacity(points.at.len());
    let mut kept = 0_u32;
    for node in 0..points.at.len() {
        numbers.push(kept);
        if !bends(node) {
            points.at[kept as usize] = points.at[node];
            points.district[kept as usize] = points.district[node];
            points.key[kept as usize] = points.key[node];
            kept += 1;
        }
    }
    points.at.truncate(kept as usize);
    points.district.truncate(kept as usize);
    points.key.truncate(kept as usize);
    for street in &mut streets {
        street.ends = street.ends.map(|end| numbers[end as usize]);
    }
    streets
}
