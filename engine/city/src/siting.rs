//! Where stores are and who lives near them.

use domain::ids::{CityId, StoreId};
use kernel::chance::{Draw, draw};
use roads::{Graph, NodeId};

use crate::nearest::Nearest;
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

/// Side of the squares in which customers are spread evenly, metres (assumed: a few blocks).
const SQUARE_M: f64 = 250.0;

/// Where the customers of a city live.
#[derive(Clone, Debug, Default)]
pub struct Homes {
    /// Customers of each store.
    each: u32,
    pattern: Pattern,
}

/// How homes lie around stores.
#[derive(Clone, Debug, Default)]
enum Pattern {
    /// A recorded day names its doors.
    #[default]
    Named,
    /// Evenly over the part of a store's disc that is nearer to it than to any other.
    Even(Catchments),
    /// At the junctions of that part: squares of it have as many customers each, and of a
    /// square's customers as many live at each junction.
    Junctions(Squares),
}

/// Junctions by store and square.
#[derive(Clone, Debug, Default)]
struct Squares {
    /// `of_store[s]..of_store[s + 1]` are the positions in `first` of store `s`'s squares.
    of_store: Vec<usize>,
    /// `first[q]..first[q + 1]` are the positions in `homes` of square `q`.
    first: Vec<usize>,
    homes: Vec<Stop>,
}

/// Discs around stores.
#[derive(Clone, Debug)]
struct Catchments {
    plane: Plane,
    radius_m: f64,
    sites: Vec<Xy>,
    /// For each store, the stores near enough to share a part of its disc.
    neighbours: Vec<Vec<u32>>,
}

impl Homes {
    /// Customers around stores at these sites.
    pub(crate) fn even(plane: Plane, sites: Vec<Xy>, setup: &StoreSetup) -> Self {
        let radius_m = f64::from(setup.catchment_m);
        let near = |a: &Xy, b: &Xy| a.distance_m(*b) < 2.0 * radius_m;
        let neighbours = sites
            .iter()
            .map(|site| {
                let others = (0_u32..).zip(&sites).filter(|(_, other)| *other != site);
                others.filter(|(_, other)| near(site, other)).map(|(store, _)| store).collect()
            })
            .collect();
        let catchments = Catchments { plane, radius_m, sites, neighbours };
        Self { each: setup.customers, pattern: Pattern::Even(catchments) }
    }

    /// Customers at the junctions around stores. A store that has none has its door.
    pub(crate) fn at_junctions(
        plane: &Plane,
        stores: &[Stop],
        graph: &Graph,
        setup: &StoreSetup,
    ) -> Self {
        let sites: Vec<Xy> = stores.iter().map(|store| plane.xy(store.place)).collect();
        let nearest = Nearest::new(&sites, f64::from(setup.catchment_m));
        let mut homes: Vec<(u32, (i64, i64), Stop)> = (0_u32..)
            .zip(stores)
            .map(|(store, door)| (store, square(plane.xy(door.place)), *door))
            .collect();
        for (node, &place) in graph.places().iter().enumerate() {
            let at = plane.xy(place);
            if let Some((store, _)) = nearest.find(at) {
                homes.push((store, square(at), Stop { place, node: Some(NodeId::at(node)) }));
            }
        }
        homes.sort_by_key(|&(store, square, _)| (store, square));
        let mut squares = Squares::default();
        for (position, &(store, square, home)) in homes.iter().enumerate() {
            let before = position.checked_sub(1).map(|before| (homes[before].0, homes[before].1));
            if before.is_none_or(|(other, _)| other != store) {
                squares.of_store.push(squares.first.len());
            }
            if before != Some((store, square)) {
                squares.first.push(position);
            }
            squares.homes.push(home);
        }
        squares.of_store.push(squares.first.len());
        squares.first.push(homes.len());
        Self { each: setup.customers, pattern: Pattern::Junctions(squares) }
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
        let customer = store.0 * self.each + pick.below(self.each);
        let mut draw = draw(seed, luck_of(city, u64::from(customer)), purpose::HOME, 0);
        let home = match &self.pattern {
            Pattern::Named => panic!("the doors of a recorded day are not drawn"),
            Pattern::Even(catchments) => catchments.home(store, &mut draw),
            Pattern::Junctions(squares) => squares.home(store, &mut draw),
        };
        (customer, home)
    }

    /// How many customers so many stores have together.
    pub(crate) fn count(&self, stores: usize) -> u32 {
        self.each * u32::try_from(stores).expect("stores are limited")
    }
}

impl Squares {
    /// A home of a store's customer.
    fn home(&self, store: StoreId, draw: &mut Draw) -> Stop {
        let squares = self.of_store[store.index()]..self.of_store[store.index() + 1];
        let square = squares.start + position(draw, squares.len());
        let homes = self.first[square]..self.first[square + 1];
        self.homes[homes.start + position(draw, homes.len())]
    }
}

fn position(draw: &mut Draw, count: usize) -> usize {
    draw.below(u32::try_from(count).expect("junctions are limited")) as usize
}

/// The square a point is in, row first.
#[expect(clippy::cast_possible_truncation, reason = "a city has few squares")]
fn square(at: Xy) -> (i64, i64) {
    let [row, column] = [at.y, at.x].map(|along| libm::floor(along / SQUARE_M) as i64);
    (row, column)
}

impl Catchments {
    /// A home in a store's disc and nearer to it than to any other store.
    fn home(&self, store: StoreId, draw: &mut Draw) -> Stop {
        let site = self.sites[store.index()];
        for _ in 0..HOME_TRIES {
            let Xy { x, y } = in_disc(draw, self.radius_m);
            let home = Xy { x: site.x + x, y: site.y + y };
            let own_m2 = home.distance_m2(site);
            let own = |other: &u32| home.distance_m2(self.sites[*other as usize]) >= own_m2;
            if self.neighbours[store.index()].iter().all(own) {
                return Stop { place: self.plane.place(home), node: None };
            }
        }
        Stop { place: self.plane.place(site), node: None }
    }
}
