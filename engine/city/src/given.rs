//! Stores on streets that are given: where most people are near that no store serves yet.
//!
//! People are counted by squares with junctions. Each store takes the square with most people
//! within its catchment that are not served; when all are served, everybody counts again. Where no
//! wards say how many people there are, junctions stand for them: people live where streets meet.

use std::collections::BTreeMap;

use domain::place::Place;
use roads::{Graph, NodeId};

use crate::plane::Xy;
use crate::setup::StoreSetup;
use crate::siting::People;

/// Side of the squares, metres (assumed: a few blocks).
const SQUARE_M: f64 = 250.0;

/// The middle of a network: halfway between its farthest junctions, north to south and west to
/// east.
///
/// # Panics
/// If the network has no junctions, which a [`Graph`] always has.
pub(crate) fn middle(graph: &Graph) -> Place {
    let places = graph.places();
    let halfway = |of: fn(&Place) -> i32| {
        let (least, most) = (places.iter().map(of).min(), places.iter().map(of).max());
        let (least, most) = least.zip(most).expect("a network has junctions");
        i32::midpoint(least, most)
    };
    Place { lat_e7: halfway(|place| place.lat_e7), lon_e7: halfway(|place| place.lon_e7) }
}

/// Junctions for so many stores; none if nobody lives by the streets. A network with fewer squares
/// has several stores at one.
pub(crate) fn sites(graph: &Graph, people: &People<'_>, setup: &StoreSetup) -> Option<Vec<Place>> {
    let mut squares = Squares::new(graph, people, f64::from(setup.catchment_m));
    if squares.squares.is_empty() {
        return None;
    }
    Some((0..setup.count).map(|_| graph.place(squares.take())).collect())
}

/// Squares where people live by streets, and how many people that are not served each could serve.
struct Squares {
    /// The square's column and row, its first junction and how many people it has.
    squares: Vec<((i64, i64), NodeId, u64)>,
    at: BTreeMap<(i64, i64), usize>,
    /// Squares whose middles are within the catchment of one's own.
    disc: Vec<(i64, i64)>,
    served: Vec<bool>,
    /// By square: people within the catchment that are not served.
    scores: Vec<u64>,
}

impl Squares {
    fn new(graph: &Graph, people: &People<'_>, catchment_m: f64) -> Self {
        let mut counted: BTreeMap<(i64, i64), (NodeId, u64)> = BTreeMap::new();
        for (node, &place) in graph.places().iter().enumerate() {
            let square = square(people.plane.xy(place));
            let (_, junctions) = counted.entry(square).or_insert((NodeId::at(node), 0));
            *junctions += 1;
        }
        let squares: Vec<_> = counted
            .into_iter()
            .map(|(square, (node, count))| (square, node, living_in(people, square, count)))
            .filter(|&(_, _, people)| people > 0)
            .collect();
        let at = squares.iter().zip(0..).map(|(&(square, ..), index)| (square, index)).collect();
        let mut all = Self {
            served: vec![false; squares.len()],
            scores: vec![0; squares.len()],
            disc: disc(catchment_m),
            squares,
            at,
        };
        all.begin_again();
        all
    }

    /// Nothing is served.
    fn begin_again(&mut self) {
        self.served.fill(false);
        for index in 0..self.squares.len() {
            let near = self.near(index).map(|near| self.squares[near].2);
            self.scores[index] = near.sum();
        }
    }

    /// Squares within the catchment of a square.
    fn near(&self, index: usize) -> impl Iterator<Item = usize> {
        let (column, row) = self.squares[index].0;
        let at = move |&(x, y): &(i64, i64)| self.at.get(&(column + x, row + y)).copied();
        self.disc.iter().filter_map(at)
    }

    /// The junction of the next store.
    fn take(&mut self) -> NodeId {
        if self.served.iter().all(|&served| served) {
            self.begin_again();
        }
        let best = (0..self.squares.len()).rev().max_by_key(|&index| self.scores[index]);
        let best = best.expect("there are squares");
        let newly: Vec<usize> = self.near(best).filter(|&near| !self.served[near]).collect();
        for served in newly {
            self.served[served] = true;
            let people = self.squares[served].2;
            let losing: Vec<usize> = self.near(served).collect();
            losing.into_iter().for_each(|index| self.scores[index] -= people);
        }
        self.squares[best].1
    }
}

/// The people of a square, or its junctions where no wards say.
#[expect(clippy::cast_precision_loss, reason = "a city has few squares")]
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
#[expect(clippy::cast_sign_loss, reason = "people are not negative")]
fn living_in(people: &People<'_>, (column, row): (i64, i64), junctions: u64) -> u64 {
    if people.wards.is_none() {
        return junctions;
    }
    let [x, y] = [column, row].map(|cell| (cell as f64 + 0.5) * SQUARE_M);
    let km2 = SQUARE_M * SQUARE_M / 1e6;
    libm::ceil(people.at(Xy { x, y }) * km2) as u64
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn square(at: Xy) -> (i64, i64) {
    (libm::floor(at.x / SQUARE_M) as i64, libm::floor(at.y / SQUARE_M) as i64)
}

/// Offsets of the squares whose middles are within a distance.
#[expect(clippy::cast_precision_loss, reason = "a catchment has few squares")]
fn disc(radius_m: f64) -> Vec<(i64, i64)> {
    let (reach, _) = square(Xy { x: radius_m, y: 0.0 });
    let offsets = (-reach..=reach).flat_map(|x| (-reach..=reach).map(move |y| (x, y)));
    let within = |&(x, y): &(i64, i64)| {
        let (x, y) = (x as f64 * SQUARE_M, y as f64 * SQUARE_M);
        x * x + y * y <= radius_m * radius_m
    };
    offsets.filter(within).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Wards;
    use crate::plane::Plane;
    use roads::{GraphBuilder, RoadClass};

    /// Rows of junctions 100 m apart: how many, and how far east of each other they begin.
    fn rows(rows: &[(u32, f64)]) -> Graph {
        let plane = Plane::new(Place { lat_e7: 0, lon_e7: 0 });
        let mut builder = GraphBuilder::new();
        let mut last = None;
        for &(junctions, east) in rows {
            for junction in 0..junctions {
                let at = Xy { x: east + 100.0 * f64::from(junction), y: 0.0 };
                let node = builder.add_node(plane.place(at));
                if let Some(last) = last {
                    builder.add_street(last, node, None, RoadClass::Residential, false);
                }
                last = Some(node);
            }
        }
        builder.build().unwrap()
    }

    #[test]
    fn stores_go_where_most_people_are_not_served() {
        // Forty junctions in the west, twenty in the east, far apart.
        let graph = rows(&[(40, 0.0), (20, 50_000.0)]);
        let plane = Plane::new(middle(&graph));
        let check = |count: u32, wards: Option<&Wards>, expected: &[&str]| {
            let setup = StoreSetup { count, catchment_m: 2_500, ..StoreSetup::default() };
            let side = |place: &Place| if plane.xy(*place).x < 0.0 { "west" } else { "east" };
            let places = sites(&graph, &People { plane, wards }, &setup).unwrap();
            let found: Vec<_> = places.iter().map(side).collect();
            assert_eq!(found, expected);
        };
        check(1, None, &["west"]);
        check(2, None, &["west", "east"]);
        check(3, None, &["west", "east", "west"]);
        // The east is a small ward of many people; north of the streets lives whoever else there is.
        let text = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","properties":{"population":1000},"geometry":{"type":"Polygon",
             "coordinates":[[[-0.1,-0.1],[0.1,-0.1],[0.1,0.1],[-0.1,0.1],[-0.1,-0.1]]]}},
            {"type":"Feature","properties":{"population":9000},"geometry":{"type":"Polygon",
             "coordinates":[[[0.4,-0.1],[0.5,-0.1],[0.5,0.1],[0.4,0.1],[0.4,-0.1]]]}}]}"#;
        let wards = Wards::read(text.as_bytes()).unwrap();
        check(3, Some(&wards), &["east", "west", "east"]);
        let elsewhere = Wards::read(text.replace("-0.1", "0.05").as_bytes()).unwrap();
        let people = People { plane, wards: Some(&elsewhere) };
        assert_eq!(sites(&graph, &people, &StoreSetup::default()), None);
    }
}
