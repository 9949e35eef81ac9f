//! Who lives near which store, and where.

use domain::ids::{CityId, StoreId};
use kernel::chance::{Draw, draw};
use roads::{Graph, NodeId};

use crate::nearest::Nearest;
use crate::plane::{Plane, Xy};
use crate::setup::StoreSetup;
use crate::{Stop, Wards, luck_of, purpose};

/// Tries to find a home that is nearest to its own store and where people live; the disc of a
/// store is mostly its own.
const HOME_TRIES: u32 = 256;
/// Points of a store's disc at which the density of people is looked at.
const DENSITY_SAMPLE: u32 = 256;

/// A point drawn evenly from a disc around the origin.
pub(crate) fn in_disc(draw: &mut Draw, radius_m: f64) -> Xy {
    let from_middle = radius_m * libm::sqrt(draw.unit());
    let (sin, cos) = libm::sincos(std::f64::consts::TAU * draw.unit());
    Xy { x: from_middle * cos, y: from_middle * sin }
}

/// The angle between neighbouring seeds of a sunflower: π (3 − √5).
const GOLDEN_ANGLE: f64 = 2.399_963_229_728_653;
/// Side of the squares in which customers are spread evenly, metres (assumed: a few blocks).
const SQUARE_M: f64 = 250.0;

/// People per square kilometre that a square with junctions has at least, so that every store has
/// somebody.
const FEWEST: f64 = 1e-6;

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
    /// The people of square `q` and of those before it in all.
    until: Vec<f64>,
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
    wards: Option<Wards>,
    /// For each store, the greatest density of people in its disc.
    most: Vec<f64>,
}

impl Homes {
    /// Customers around stores at these sites.
    pub(crate) fn even(
        plane: Plane,
        sites: Vec<Xy>,
        setup: &StoreSetup,
        wards: Option<&Wards>,
    ) -> Self {
        let radius_m = f64::from(setup.catchment_m);
        let near = |a: &Xy, b: &Xy| a.distance_m(*b) < 2.0 * radius_m;
        let neighbours = sites
            .iter()
            .map(|site| {
                let others = (0_u32..).zip(&sites).filter(|(_, other)| *other != site);
                others.filter(|(_, other)| near(site, other)).map(|(store, _)| store).collect()
            })
            .collect();
        let people = People { plane, wards };
        let most = sites.iter().map(|&site| people.around(site, radius_m).1).collect();
        let wards = wards.cloned();
        let catchments = Catchments { plane, radius_m, sites, neighbours, wards, most };
        Self { each: setup.customers, pattern: Pattern::Even(catchments) }
    }

    /// Customers at the junctions around stores. A store that has none has its door.
    pub(crate) fn at_junctions(
        plane: &Plane,
        stores: &[Stop],
        graph: &Graph,
        setup: &StoreSetup,
        wards: Option<&Wards>,
    ) -> Self {
        let people = People { plane: *plane, wards };
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
                let before = squares.until.last().copied().unwrap_or(0.0);
                squares.until.push(before + people.at(middle_of(square)).max(FEWEST));
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

/// How densely people live: everywhere alike unless there are wards.
#[derive(Clone, Copy)]
pub(crate) struct People<'a> {
    pub(crate) plane: Plane,
    pub(crate) wards: Option<&'a Wards>,
}

impl People<'_> {
    /// People per square kilometre, or one where there are no wards.
    pub(crate) fn at(&self, at: Xy) -> f64 {
        self.wards.map_or(1.0, |wards| wards.people_per_km2(self.plane.place(at)))
    }

    /// The mean and the greatest density in a disc.
    pub(crate) fn around(&self, middle: Xy, radius_m: f64) -> (f64, f64) {
        if self.wards.is_none() {
            return (1.0, 1.0);
        }
        let (mut sum, mut most) = (0.0, 0.0_f64);
        for point in 0..DENSITY_SAMPLE {
            // The same points for every disc: a sunflower, which fills it evenly.
            let share = (f64::from(point) + 0.5) / f64::from(DENSITY_SAMPLE);
            let (sin, cos) = libm::sincos(f64::from(point) * GOLDEN_ANGLE);
            let away_m = radius_m * libm::sqrt(share);
            let density = self.at(Xy { x: middle.x + away_m * cos, y: middle.y + away_m * sin });
            sum += density;
            most = most.max(density);
        }
        (sum / f64::from(DENSITY_SAMPLE), most)
    }
}

impl Squares {
    /// A home of a store's customer.
    fn home(&self, store: StoreId, draw: &mut Draw) -> Stop {
        let squares = self.of_store[store.index()]..self.of_store[store.index() + 1];
        let before = squares.start.checked_sub(1).map_or(0.0, |last| self.until[last]);
        let people = self.until[squares.end - 1] - before;
        let at = before + people * draw.unit();
        let square =
            squares.start + self.until[squares.clone()].partition_point(|until| *until <= at);
        let square = square.min(squares.end - 1);
        let homes = self.first[square]..self.first[square + 1];
        self.homes[homes.start + position(draw, homes.len())]
    }
}

fn position(draw: &mut Draw, count: usize) -> usize {
    draw.below(u32::try_from(count).expect("junctions are limited")) as usize
}

/// The middle of a square.
#[expect(clippy::cast_precision_loss, reason = "a city has few squares")]
fn middle_of((row, column): (i64, i64)) -> Xy {
    let [y, x] = [row, column].map(|cell| (cell as f64 + 0.5) * SQUARE_M);
    Xy { x, y }
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
        let people = People { plane: self.plane, wards: self.wards.as_ref() };
        for _ in 0..HOME_TRIES {
            let Xy { x, y } = in_disc(draw, self.radius_m);
            let home = Xy { x: site.x + x, y: site.y + y };
            let own_m2 = home.distance_m2(site);
            let own = |other: &u32| home.distance_m2(self.sites[*other as usize]) >= own_m2;
            let lived_in =
                self.wards.is_none() || draw.unit() * self.most[store.index()] < people.at(home);
            if lived_in && self.neighbours[store.index()].iter().all(own) {
                return Stop { place: self.plane.place(home), node: None };
            }
        }
        Stop { place: self.plane.place(site), node: None }
    }
}
