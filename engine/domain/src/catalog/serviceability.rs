//! Which stores serve an address.
//!
//! A store serves an address within its radius, unless the store names pincodes and the
//! address's is not among them, or the pincode is blocked in the whole city (streets under
//! water). The ground is divided into cells as large as the largest radius, each knowing the
//! stores that reach into it, so a question looks at a few stores however many there are.

use crate::ids::StoreId;
use crate::money::Bps;
use crate::place::Place;

/// A postal code of six digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pincode(pub u32);

/// Where an order goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The door.
    pub place: Place,
    /// Its postal code, if it is known.
    pub pincode: Option<Pincode>,
}

/// What one store serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// The store's door.
    pub place: Place,
    /// It serves addresses within this straight-line distance, metres.
    pub radius_m: u32,
    /// It serves these pincodes only; all if there are none.
    pub pincodes: Vec<Pincode>,
}

/// A store that serves an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Served {
    /// How far it is, straight-line metres, rounded down.
    pub distance_m: u32,
    /// Which.
    pub store: StoreId,
}

/// Nobody serves an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unserviceable {
    /// Nothing is brought to its pincode for now.
    #[error("nothing is brought to pincode {} for now", .pincode.0)]
    Blocked {
        /// The pincode.
        pincode: Pincode,
    },
    /// No store that takes orders reaches it.
    #[error("no store that takes orders reaches the address")]
    OutOfReach {
        /// The nearest store that takes orders, which would need another address of the
        /// customer; none if no store takes orders.
        nearest: Option<Served>,
    },
}

/// Metres in one degree of latitude, a little less than anywhere on Earth, so that boxes made
/// with it are never too small (110 574 at the equator, WGS 84).
const LEAST_M_PER_DEGREE: f64 = 110_000.0;
const E7_PER_DEGREE: f64 = 1e7;
/// Cells on a side at most; beyond that they are made larger.
const MAX_SIDE: i64 = 256;

/// Which stores serve an address, for all stores of one city.
#[derive(Clone, Debug, PartialEq)]
pub struct Serviceability {
    areas: Vec<Area>,
    /// Sorted.
    blocked: Vec<Pincode>,
    grid: Grid,
}

impl Serviceability {
    /// Of a city's stores; the first area is store zero's.
    #[must_use]
    pub fn new(areas: Vec<Area>) -> Self {
        let grid = Grid::new(&areas);
        Self { areas, blocked: Vec::new(), grid }
    }

    /// Blocks or unblocks a pincode for the whole city.
    pub fn set_blocked(&mut self, pincode: Pincode, is_blocked: bool) {
        match (self.blocked.binary_search(&pincode), is_blocked) {
            (Err(at), true) => self.blocked.insert(at, pincode),
            (Ok(at), false) => {
                self.blocked.remove(at);
            }
            (Ok(_), true) | (Err(_), false) => {}
        }
    }

    /// Appends the stores that serve an address, the nearest first; equal ones by id.
    ///
    /// `reach` says what share of its radius a store serves at the moment: zero takes no
    /// orders, 1.00× is open, less is throttled; never more than 1.00×.
    ///
    /// # Errors
    /// [`Unserviceable`] if there is none, with nothing appended.
    pub fn serving(
        &self,
        address: Address,
        reach: impl Fn(StoreId) -> Bps,
        served: &mut Vec<Served>,
    ) -> Result<(), Unserviceable> {
        if let Some(pincode) = address.pincode.filter(|code| self.is_blocked(*code)) {
            return Err(Unserviceable::Blocked { pincode });
        }
        let before = served.len();
        for &(bounds, store) in self.grid.stores_at(address.place) {
            if !is_inside(address.place, bounds) {
                continue;
            }
            let (area, share) = (&self.areas[store.index()], reach(store).min(Bps::ONE));
            let distance_m = address.place.straight_m(area.place);
            let reaches = distance_m <= f64::from(area.radius_m) * share.as_ratio();
            if reaches && share > Bps(0) && area.names(address.pincode) {
                served.push(Served { distance_m: whole(distance_m), store });
            }
        }
        if served.len() == before {
            return Err(Unserviceable::OutOfReach { nearest: self.nearest(address, reach) });
        }
        served[before..].sort_unstable();
        Ok(())
    }

    /// The nearest store that takes orders, whether it reaches the address or not.
    fn nearest(&self, address: Address, reach: impl Fn(StoreId) -> Bps) -> Option<Served> {
        let all = self.areas.iter().enumerate().map(|(index, area)| Served {
            distance_m: whole(address.place.straight_m(area.place)),
            store: StoreId::at(index),
        });
        all.filter(|served| reach(served.store) > Bps(0)).min()
    }

    fn is_blocked(&self, pincode: Pincode) -> bool {
        self.blocked.binary_search(&pincode).is_ok()
    }
}

impl Area {
    /// Whether it serves a pincode, as far as its list goes.
    fn names(&self, pincode: Option<Pincode>) -> bool {
        match pincode {
            Some(pincode) => self.pincodes.is_empty() || self.pincodes.contains(&pincode),
            None => true,
        }
    }
}

/// Cells of equal size, each with the stores whose area's bounding box touches it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Grid {
    /// South-western corner.
    origin: Place,
    /// Size of a cell, 1e-7 degree.
    cell_e7: [i64; 2],
    /// Number of cells north and east.
    cells: [i64; 2],
    /// Where each cell's stores begin in `stores`; one more entry than cells.
    first: Vec<u32>,
    stores: Vec<(Bounds, StoreId)>,
}

/// A box on the ground, 1e-7 degree: southern and northern, western and eastern end.
type Bounds = [(i32, i32); 2];

impl Grid {
    fn new(areas: &[Area]) -> Self {
        let boxes: Vec<Bounds> = areas.iter().map(bounds).collect();
        let Some(whole) = boxes.iter().copied().reduce(union) else { return Self::default() };
        let mut cell_e7 = [1, 1];
        let mut cells = [1, 1];
        for axis in 0..2 {
            let length = |(from, to): (i32, i32)| i64::from(to) - i64::from(from);
            let widest = boxes.iter().map(|bounds| length(bounds[axis])).max().unwrap_or(1);
            cell_e7[axis] = (widest / 2).max(length(whole[axis]) / MAX_SIDE).max(1);
            cells[axis] = length(whole[axis]) / cell_e7[axis] + 1;
        }
        let origin = Place { lat_e7: whole[0].0, lon_e7: whole[1].0 };
        let mut grid = Self { origin, cell_e7, cells, first: Vec::new(), stores: Vec::new() };
        grid.fill(&boxes);
        grid
    }

    fn fill(&mut self, boxes: &[Bounds]) {
        let mut touched = Vec::new();
        for (index, &bounds) in boxes.iter().enumerate() {
            let [rows, columns] = [0, 1].map(|axis| {
                let (from, to) = bounds[axis];
                self.at(axis, from)..=self.at(axis, to)
            });
            for row in rows {
                let cells = columns.clone().map(|column| row * self.cells[1] + column);
                touched.extend(cells.map(|cell| (cell, StoreId::at(index), bounds)));
            }
        }
        touched.sort_unstable();
        let count = self.cells[0] * self.cells[1];
        let starts = (0..=count).map(|cell| touched.partition_point(|(of, ..)| *of < cell));
        self.first = starts.map(|at| u32::try_from(at).expect("few stores a cell")).collect();
        self.stores = touched.into_iter().map(|(_, store, bounds)| (bounds, store)).collect();
    }

    /// The row or column of a coordinate.
    fn at(&self, axis: usize, e7: i32) -> i64 {
        let origin = [self.origin.lat_e7, self.origin.lon_e7][axis];
        (i64::from(e7) - i64::from(origin)).div_euclid(self.cell_e7[axis])
    }

    /// The stores that may reach a place, each with the box it reaches.
    fn stores_at(&self, place: Place) -> &[(Bounds, StoreId)] {
        if self.stores.is_empty() {
            return &[];
        }
        let at = [self.at(0, place.lat_e7), self.at(1, place.lon_e7)];
        let is_inside = (0..2).all(|axis| (0..self.cells[axis]).contains(&at[axis]));
        let Some(cell) = is_inside.then(|| at[0] * self.cells[1] + at[1]) else { return &[] };
        let cell = usize::try_from(cell).expect("a cell inside the grid");
        let range = self.first[cell] as usize..self.first[cell + 1] as usize;
        &self.stores[range]
    }
}

/// A box around what a store reaches, never too small.
fn bounds(area: &Area) -> Bounds {
    let north_e7 = f64::from(area.radius_m) / LEAST_M_PER_DEGREE * E7_PER_DEGREE;
    // A degree of longitude shrinks towards the poles; the cosine is taken at the far end.
    let far_lat = area.place.lat().abs() + north_e7 / E7_PER_DEGREE;
    let shrink = libm::cos(far_lat.min(89.0).to_radians());
    let around = |middle: i32, half: f64| {
        let half = i32::try_from(whole(half)).unwrap_or(i32::MAX).saturating_add(1);
        (middle.saturating_sub(half), middle.saturating_add(half))
    };
    [around(area.place.lat_e7, north_e7), around(area.place.lon_e7, north_e7 / shrink)]
}

fn is_inside(place: Place, [latitudes, longitudes]: Bounds) -> bool {
    (latitudes.0..=latitudes.1).contains(&place.lat_e7)
        && (longitudes.0..=longitudes.1).contains(&place.lon_e7)
}

fn union(a: Bounds, b: Bounds) -> Bounds {
    [0, 1].map(|axis| (a[axis].0.min(b[axis].0), a[axis].1.max(b[axis].1)))
}

/// The whole part of a number that is not negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn whole(number: f64) -> u32 {
    number as u32
}
