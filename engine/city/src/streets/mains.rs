//! Main roads: the quickest ways between evenly spread hubs.
//!
//! For each class, hubs are the nodes nearest to the points of a square grid. One search from all
//! hubs at once gives every node its hub; where two hubs' lands touch, the best street between
//! them completes a way from hub to hub, and that way gets the class. Ways already of a higher
//! class count shorter, so that main roads run together.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use roads::RoadClass;

use super::Street;
use crate::plane::Xy;

/// Classes from the highest down and how far apart their hubs are, metres (assumed).
const LEVELS: [(RoadClass, f64); 3] = [
    (RoadClass::Primary, 4_500.0),
    (RoadClass::Secondary, 2_200.0),
    (RoadClass::Tertiary, 1_000.0),
];
/// What a metre of a main road counts (assumed).
const MAIN_COST: f64 = 0.6;
/// No node is nobody's.
const NOBODY: u32 = u32::MAX;

/// Gives streets their classes; what is no main road is residential.
pub(super) fn classify(at: &[Xy], streets: &mut [Street]) {
    let around = Around::new(at.len(), streets);
    for (class, spacing_m) in LEVELS {
        let hubs = hubs(at, spacing_m);
        let costs: Vec<u64> = streets.iter().map(cost).collect();
        let lands = Lands::grow(&around, &costs, &hubs);
        for street in lands.ways(streets, &costs) {
            let known = &mut streets[street as usize].class;
            *known = (*known).min(class);
        }
    }
}

/// Streets by node, each with its other end.
struct Around {
    first: Vec<u32>,
    streets: Vec<(u32, u32)>,
}

impl Around {
    fn new(nodes: usize, streets: &[Street]) -> Self {
        let mut first = vec![0_u32; nodes + 1];
        for end in streets.iter().flat_map(|street| street.ends) {
            first[end as usize + 1] += 1;
        }
        for node in 0..nodes {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut of_node = vec![(0, 0); 2 * streets.len()];
        for (number, street) in (0_u32..).zip(streets) {
            let [a, b] = street.ends;
            for (end, far) in [(a, b), (b, a)] {
                of_node[next[end as usize] as usize] = (number, far);
                next[end as usize] += 1;
            }
        }
        Self { first, streets: of_node }
    }

    fn of(&self, node: u32) -> &[(u32, u32)] {
        &self.streets[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }
}

/// The nodes nearest to the points of a grid; cells without nodes have none.
fn hubs(at: &[Xy], spacing_m: f64) -> Vec<u32> {
    let mut nearest: BTreeMap<(i64, i64), (u64, u32)> = BTreeMap::new();
    for (node, at) in (0_u32..).zip(at) {
        let cell = [at.x, at.y].map(|along| libm::round(along / spacing_m));
        let grid = Xy { x: cell[0] * spacing_m, y: cell[1] * spacing_m };
        let away = (millimetres(at.distance_m(grid)), node);
        let [column, row] = cell.map(whole);
        let known = nearest.entry((row, column)).or_insert(away);
        *known = (*known).min(away);
    }
    nearest.into_values().map(|(_, node)| node).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "a city has few cells")]
fn whole(cell: f64) -> i64 {
    cell as i64
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
#[expect(clippy::cast_sign_loss, reason = "distances are not negative")]
fn millimetres(m: f64) -> u64 {
    libm::round(m * 1e3) as u64
}

/// What a street counts, millimetres.
fn cost(street: &Street) -> u64 {
    let main = street.class < RoadClass::Residential;
    millimetres(street.length_m * if main { MAIN_COST } else { 1.0 })
}

/// To each node its nearest hub, how far it is, and the street on the way there.
struct Lands {
    hub: Vec<u32>,
    away: Vec<u64>,
    homeward: Vec<u32>,
}

impl Lands {
    fn grow(around: &Around, costs: &[u64], hubs: &[u32]) -> Self {
        let nodes = around.first.len() - 1;
        let mut lands = Self {
            hub: vec![NOBODY; nodes],
            away: vec![u64::MAX; nodes],
            homeward: vec![NOBODY; nodes],
        };
        let mut queue = BinaryHeap::new();
        for &hub in hubs {
            lands.hub[hub as usize] = hub;
            lands.away[hub as usize] = 0;
            queue.push(Reverse((0, hub)));
        }
        while let Some(Reverse((away, node))) = queue.pop() {
            if away > lands.away[node as usize] {
                continue;
            }
            for &(street, far) in around.of(node) {
                let through = away + costs[street as usize];
                if through < lands.away[far as usize] {
                    lands.away[far as usize] = through;
                    lands.hub[far as usize] = lands.hub[node as usize];
                    lands.homeward[far as usize] = street;
                    queue.push(Reverse((through, far)));
                }
            }
        }
        lands
    }

    /// The streets on the ways between hubs whose lands touch.
    fn ways(&self, streets: &[Street], costs: &[u64]) -> Vec<u32> {
        let mut best: BTreeMap<(u32, u32), (u64, u32)> = BTreeMap::new();
        for (number, street) in (0_u32..).zip(streets) {
            let [a, b] = street.ends.map(|end| self.hub[end as usize]);
            if a != b && a != NOBODY && b != NOBODY {
                let [to_a, to_b] = street.ends.map(|end| self.away[end as usize]);
                let whole = (to_a + costs[number as usize] + to_b, number);
                let known = best.entry((a.min(b), a.max(b))).or_insert(whole);
                *known = (*known).min(whole);
            }
        }
        let mut ways = Vec::new();
        for (_, street) in best.into_values() {
            ways.push(street);
            for mut node in streets[street as usize].ends {
                while let Some(homeward) = streets.get(self.homeward[node as usize] as usize) {
                    ways.push(self.homeward[node as usize]);
                    node = homeward.ends[usize::from(homeward.ends[0] == node)];
                }
            }
        }
        ways
    }
}
