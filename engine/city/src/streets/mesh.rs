//! Which junctions could be joined.

use std::collections::BTreeMap;

use spade::{DelaunayTriangulation, HasPosition, Point2, Triangulation};

use super::Water;
use crate::plane::Xy;

/// A junction that knows its number.
struct Numbered {
    at: Xy,
    number: u32,
}

impl HasPosition for Numbered {
    type Scalar = f64;

    fn position(&self) -> Point2<f64> {
        Point2::new(self.at.x, self.at.y)
    }
}

/// The streets that could be, sorted: the edges of the Gabriel graph (no other junction in the
/// circle over the edge), less those that cross the water without a bridge.
pub(super) fn candidates(at: &[Xy], water: Option<Water>) -> Vec<[u32; 2]> {
    let junctions = (0_u32..).zip(at).map(|(number, &at)| Numbered { at, number }).collect();
    let mesh = DelaunayTriangulation::<Numbered>::bulk_load_stable(junctions)
        .expect("junctions have finite places");
    let mut edges: Vec<[u32; 2]> = mesh
        .undirected_edges()
        .filter(|edge| {
            let [a, b] = edge.positions();
            let directed = edge.as_directed();
            let outside =
                |c: Point2<f64>| (a.x - c.x) * (b.x - c.x) + (a.y - c.y) * (b.y - c.y) >= 0.0;
            let [left, right] = [directed, directed.rev()].map(|side| side.opposite_position());
            left.is_none_or(outside) && right.is_none_or(outside)
        })
        .map(|edge| {
            let mut ends = edge.vertices().map(|vertex| vertex.data().number);
            ends.sort_unstable();
            ends
        })
        .collect();
    edges.sort_unstable();
    if let Some(water) = water {
        bridge(at, &mut edges, &water);
    }
    edges
}

/// Takes away what crosses the water, but for the best crossing at each bridge.
fn bridge(at: &[Xy], edges: &mut Vec<[u32; 2]>, water: &Water) {
    let crossing = |ends: &[u32; 2]| water.crossing(at[ends[0] as usize], at[ends[1] as usize]);
    let mut best: BTreeMap<i64, (f64, [u32; 2])> = BTreeMap::new();
    for ends in edges.iter() {
        if let Some((bridge, off_m)) = crossing(ends) {
            let known = best.entry(bridge).or_insert((off_m, *ends));
            if (off_m, *ends) < *known {
                *known = (off_m, *ends);
            }
        }
    }
    edges.retain(|ends| match crossing(ends) {
        Some((bridge, _)) => best.get(&bridge).is_some_and(|(_, kept)| kept == ends),
        None => true,
    });
}
