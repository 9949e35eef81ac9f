//! Made-up street networks that look like those of Indian metros.
//!
//! A city is a patchwork of districts, each with a density, a bearing and an irregularity of its
//! own ([`districts`]). A district's junctions stand on its own slightly disturbed grid. Between
//! junctions, Delaunay edges of the Gabriel graph are the streets that could be ([`mesh`]); a
//! spanning tree of short streets along the district's bearing, what spares long ways round, and
//! more short streets up to the number that each junction wants, are those that are ([`choice`]). Junctions left with two streets
//! get a dead end or become a bend ([`ends`]). Main roads are quickest ways between evenly spread
//! hubs ([`mains`]). Streets wind a little ([`curves`]). Water parts the city but for its bridges ([`water`]). Streets of the tree are
//! two-way, which keeps every junction within reach of every other; some of the rest are one-way.

mod choice;
mod curves;
mod districts;
mod ends;
mod mains;
mod mesh;
#[cfg(test)]
mod tests;
mod water;

use domain::ids::CityId;
use roads::{Built, GraphBuilder, GraphError, RoadClass};

use crate::plane::{Plane, Xy};

pub use water::Water;

/// Where there are streets.
pub(crate) use districts::Region;

/// One street.
#[derive(Clone, Copy, Debug)]
struct Street {
    ends: [u32; 2],
    /// Between its ends.
    straight_m: f64,
    length_m: f64,
    class: RoadClass,
    /// Part of what holds the city together: ridden both ways.
    kept: bool,
}

/// Points with the district they are in.
#[derive(Clone, Debug, Default)]
struct Points {
    at: Vec<Xy>,
    district: Vec<u32>,
    /// What draws about them are keyed by: 48 bits that do not depend on the city's size.
    key: Vec<u64>,
}

/// The key of the head of a dead end, of which all that is drawn is keyed by its other end.
const HEAD: u64 = u64::MAX;

impl Points {
    fn push(&mut self, at: Xy, district: u32, key: u64) {
        self.at.push(at);
        self.district.push(district);
        self.key.push(key);
    }

    /// A draw about a street between two points, whichever comes first.
    fn street_draw(&self, seed: Seed, purpose: u32, ends: [u32; 2]) -> kernel::chance::Draw {
        let [a, b] = ends.map(|end| self.key[end as usize]);
        let low = u32::try_from(a.max(b) & u64::from(u32::MAX)).expect("32 bits");
        seed.draw(purpose, a.min(b), low)
    }
}

/// What names the draws of a city's streets.
#[derive(Clone, Copy)]
struct Seed {
    seed: u64,
    city: CityId,
}

impl Seed {
    fn draw(self, purpose: u32, own: u64, index: u32) -> kernel::chance::Draw {
        kernel::chance::draw(self.seed, crate::luck_of(self.city, own), purpose, index)
    }
}

calibrated! {
    /// What a metro's streets are like. Each metro has its own; the defaults are Bengaluru's.
    pub struct Pattern in "streets" {
        /// Junctions and dead ends per square kilometre where there are streets.
        nodes_per_km2: f64 = 121.5, Research, "fitted to mean street length; the city has 155 (Boeing 2022)";
        /// Spread of that density between districts: σ of the logarithm.
        density_sigma: f64 = 1.792, Research, "fitted to mean and median street length (Boeing 2022)";
        /// Share of districts that lie along the metro's main bearing.
        aligned: f64 = 0.912, Research, "fitted to the entropy of bearings (Boeing 2022)";
        /// How far junctions stray from a district's grid, as a share of its spacing.
        stray: f64 = 0.2, Research, "fitted to the entropy of bearings (Boeing 2022)";
        /// How long a block is over how wide, on average.
        block_ratio: f64 = 2.0, Assumed, "streets run longer along a district's bearing";
        /// Share of dead ends.
        dead_ends: f64 = 0.197, Research, "Boeing 2022";
        /// Share of junctions of four streets.
        four_way: f64 = 0.152, Research, "Boeing 2022";
        /// Length of streets over the straight lines between their ends.
        edge_circuity: f64 = 1.040, Research, "Boeing 2022";
        /// Share of streets that are one-way, of those that may be.
        oneway: f64 = 0.12, Assumed, "for each street that is not needed to hold the city together";
        /// What parts the city.
        water: Option<Water> = None, Assumed, "no river of size";
    }
}

/// Makes the streets of a region: a network of which every part can be reached from every other.
///
/// # Errors
/// [`GraphError`] if there is no street at all.
pub(crate) fn network(
    pattern: &Pattern,
    plane: &Plane,
    region: &Region,
    seed: u64,
    city: CityId,
) -> Result<Built, GraphError> {
    let seed = Seed { seed, city };
    let (districts, mut points) = districts::lay_out(pattern, region, seed);
    let candidates = mesh::candidates(&points.at, pattern.water);
    let links = choice::streets(pattern, &districts, &points, candidates, seed);
    let mut streets = ends::finish(pattern, &districts, &mut points, &links, seed);
    mains::classify(&points.at, &mut streets);
    curves::wind(pattern, &points, &mut streets, seed);
    let mut builder = GraphBuilder::new();
    let nodes: Vec<_> = points.at.iter().map(|&at| builder.add_node(plane.place(at))).collect();
    for street in &streets {
        let [a, b] = street.ends.map(|end| nodes[end as usize]);
        let mut draw = points.street_draw(seed, crate::purpose::ONEWAY, street.ends);
        let oneway = !street.kept && draw.chance(pattern.oneway);
        builder.add_street(a, b, Some(street.length_m), street.class, oneway);
    }
    builder.build_mapped()
}
