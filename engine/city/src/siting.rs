//! Where stores are and who lives near them.

use domain::ids::{CityId, StoreId};
use domain::place::Place;
use kernel::chance::{Draw, draw};
use roads::NodeId;

use crate::plane::{Plane, Xy};
use crate::setup::StoreSetup;
use crate::{Stop, luck_of, purpose};

/// Side of a regular hexagon pattern over the radius of a disc of one cell's area: √(2π / √3).
const SPACING: f64 = 1.904_625_578_848_15;
/// Tries to find a home that is nearest to its own store; the disc of a store is mostly its own.
const HOME_TRIES: u32 = 64;

/// Sites for so many stores: the nodes of a triangular lattice nearest to the middle, each moved
/// a little.
///
/// The area for each site is that of a disc with the catchment's radius, so catchments fill the
/// city with little overlap.
pub(crate) fn sites(seed: u64, city: CityId, setup: &StoreSetup) -> Vec<Xy> {
    let spacing_m = f64::from(setup.catchment_m) * SPACING;
    let reach = lattice_reach(setup.count);
    let mut nodes: Vec<(u64, Xy)> = Vec::new();
    for row in -reach..=reach {
        for column in -reach..=reach {
            let (row, column) = (f64::from(row), f64::from(column));
            let x = (column + row / 2.0) * spacing_m;
            let y = row * libm::sqrt(0.75) * spacing_m;
            nodes.push((millimetres(libm::sqrt(x * x + y * y)), Xy { x, y }));
        }
    }
    // Whole millimetres keep nodes of one ring together; the sort is stable.
    nodes.sort_by_key(|&(from_middle, _)| from_middle);
    nodes
        .iter()
        .take(setup.count as usize)
        .zip(0_u64..)
        .map(|(&(_, node), site)| {
            let mut draw = draw(seed, luck_of(city, site), purpose::SITE, 0);
            let Xy { x, y } = in_disc(&mut draw, setup.stray * spacing_m);
            Xy { x: node.x + x, y: node.y + y }
        })
        .collect()
}

/// Rows of the lattice on either side of its middle that surely hold so many nodes.
fn lattice_reach(count: u32) -> i32 {
    let mut reach = 1_i32;
    // A rhombus of this reach holds a disc of half its height.
    while 3 * i64::from(reach) * i64::from(reach) < 4 * i64::from(count) + 12 {
        reach += 1;
    }
    2 * reach
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
#[expect(clippy::cast_sign_loss, reason = "distances are not negative")]
fn millimetres(m: f64) -> u64 {
    libm::round(m * 1e3) as u64
}

/// A point drawn evenly from a disc around the origin.
pub(crate) fn in_disc(draw: &mut Draw, radius_m: f64) -> Xy {
    let from_middle = radius_m * libm::sqrt(draw.unit());
    let (sin, cos) = libm::sincos(std::f64::consts::TAU * draw.unit());
    Xy { x: from_middle * cos, y: from_middle * sin }
}

/// Where the customers of a city live.
#[derive(Clone, Debug, Default)]
pub struct Homes(Option<Catchments>);

/// Which customers each store has.
#[derive(Clone, Debug)]
struct Catchments {
    plane: Plane,
    radius_m: f64,
    sites: Vec<Xy>,
    /// For each store, the stores near enough to share a part of its disc.
    neighbours: Vec<Vec<u32>>,
    customers: u32,
}

impl Homes {
    /// Customers within reach of stores at these sites.
    pub(crate) fn around(plane: Plane, sites: Vec<Xy>, setup: &StoreSetup) -> Self {
        let radius_m = f64::from(setup.catchment_m);
        let near = |a: &Xy, b: &Xy| a.distance_m(*b) < 2.0 * radius_m;
        let neighbours = sites
            .iter()
            .map(|site| {
                (0_u32..)
                    .zip(&sites)
                    .filter(|(_, other)| near(site, other) && *other != site)
                    .map(|(store, _)| store)
                    .collect()
            })
            .collect();
        Self(Some(Catchments { plane, radius_m, sites, neighbours, customers: setup.customers }))
    }

    /// Which customer of a store a draw points at, and where they live.
    ///
    /// # Panics
    /// If the city is a recorded day, which names its doors.
    pub(crate) fn customer(
        &self,
        seed: u64,
        city: CityId,
        store: StoreId,
        pick: &mut Draw,
    ) -> (u32, Stop) {
        let catchments = self.0.as_ref().expect("a synthetic city knows its customers");
        let customer = store.0 * catchments.customers + pick.below(catchments.customers);
        (customer, catchments.home(seed, city, store, customer))
    }

    /// How many customers the stores have together.
    pub(crate) fn count(&self) -> u32 {
        self.0.as_ref().map_or(0, |homes| {
            homes.customers * u32::try_from(homes.sites.len()).expect("stores are limited")
        })
    }
}

impl Catchments {
    /// A home in a store's disc and nearer to it than to any other store.
    fn home(&self, seed: u64, city: CityId, store: StoreId, customer: u32) -> Stop {
        let mut draw = draw(seed, luck_of(city, u64::from(customer)), purpose::HOME, 0);
        let site = self.sites[store.index()];
        for _ in 0..HOME_TRIES {
            let Xy { x, y } = in_disc(&mut draw, self.radius_m);
            let home = Xy { x: site.x + x, y: site.y + y };
            let own_m2 = home.distance_m2(site);
            let own = |other: &u32| home.distance_m2(self.sites[*other as usize]) >= own_m2;
            if self.neighbours[store.index()].iter().all(own) {
                return stop(self.plane.place(home), None);
            }
        }
        stop(self.plane.place(site), None)
    }
}

const fn stop(place: Place, node: Option<NodeId>) -> Stop {
    Stop { place, node }
}
