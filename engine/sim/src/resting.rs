//! Riders who rest and could be chosen: by home store, or by place where they have none.

use city::City;
use domain::ids::{RiderId, StoreId};
use domain::place::Place;

/// Riders in a grid cell, about, if all rested: few, so that rings around a store stay short.
const RIDERS_PER_CELL: i64 = 2;
/// Smallest side of a grid cell, 1e-7 degree: about 100 m.
const CELL_E7: i64 = 10_000;
/// Cells of the grid along one side, at most; what lies outside stands at the border.
const CELLS_LIMIT: i64 = 512;
/// Far enough to be no rider's way: about 2 000 km, 1e-7 degree.
const FAR_E7: i64 = 200_000_000;
/// Marks something that is nowhere.
const NOWHERE: u32 = u32::MAX;

/// Resting riders. Those with a home store stand in a list of it, the others in a grid over the
/// city.
#[derive(Debug, Default)]
pub(crate) struct Resting {
    origin: Place,
    cell_e7: i64,
    columns: i64,
    rows: i64,
    /// The cells of the grid, row by row, then a list for each store.
    lists: Vec<Vec<(RiderId, Place)>>,
    /// For each rider, their list and their index in it.
    at: Vec<(u32, u32)>,
    /// The list of each store is this much further than its id.
    homes_from: usize,
    homeless: usize,
    count: usize,
}

impl Resting {
    /// Nobody rests, in a grid over where most riders and stores are; the few outside stand at
    /// its border.
    pub(crate) fn new(city: &City) -> Self {
        let stores = city.stores.iter().map(|store| store.place);
        let places: Vec<_> = stores.chain(city.riders.iter().map(|rider| rider.place)).collect();
        let (south, north) = middle_span(places.iter().map(|place| place.lat_e7));
        let (west, east) = middle_span(places.iter().map(|place| place.lon_e7));
        let homeless = city.riders.iter().filter(|rider| rider.home.is_none()).count();
        let cells = (i64::try_from(homeless).expect("riders fit") / RIDERS_PER_CELL).max(1);
        let area = (north - south + 1).saturating_mul(east - west + 1);
        let cell_e7 = (area / cells).isqrt().max(CELL_E7);
        let along = |low: i64, high: i64| ((high - low) / cell_e7 + 1).min(CELLS_LIMIT);
        let (rows, columns) = (along(south, north), along(west, east));
        let degree = |value: i64| i32::try_from(value).expect("a place's degree");
        let homes_from = usize::try_from(rows * columns).expect("the grid is bounded");
        Self {
            origin: Place { lat_e7: degree(south), lon_e7: degree(west) },
            cell_e7,
            columns,
            rows,
            lists: vec![Vec::new(); homes_from + city.stores.len()],
            at: vec![(NOWHERE, 0); city.riders.len()],
            homes_from,
            homeless: 0,
            count: 0,
        }
    }

    /// How many rest.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    fn cell_of(&self, place: Place) -> (i64, i64) {
        let along = |value: i32, origin: i32, cells: i64| {
            ((i64::from(value) - i64::from(origin)) / self.cell_e7).clamp(0, cells - 1)
        };
        let row = along(place.lat_e7, self.origin.lat_e7, self.rows);
        (row, along(place.lon_e7, self.origin.lon_e7, self.columns))
    }

    /// A rider rests at a place.
    pub(crate) fn insert(&mut self, rider: RiderId, home: Option<StoreId>, place: Place) {
        self.remove(rider);
        let list = if let Some(home) = home {
            self.homes_from + home.index()
        } else {
            let (row, column) = self.cell_of(place);
            usize::try_from(row * self.columns + column).expect("inside the grid")
        };
        let index = self.lists[list].len();
        self.lists[list].push((rider, place));
        let small = |index| u32::try_from(index).expect("a list is small");
        self.at[rider.index()] = (small(list), small(index));
        self.homeless += usize::from(home.is_none());
        self.count += 1;
    }

    /// A rider rests no longer.
    pub(crate) fn remove(&mut self, rider: RiderId) {
        let (list, index) = std::mem::replace(&mut self.at[rider.index()], (NOWHERE, 0));
        if list == NOWHERE {
            return;
        }
        let riders = &mut self.lists[list as usize];
        riders.swap_remove(index as usize);
        if let Some((moved, _)) = riders.get(index as usize) {
            self.at[moved.index()].1 = index;
        }
        self.homeless -= usize::from((list as usize) < self.homes_from);
        self.count -= 1;
    }

    /// Collects who may ride for a store: its own riders, and at least `wanted` of those without a
    /// home who are nearest to a place.
    pub(crate) fn list(
        &self,
        store: StoreId,
        place: Place,
        wanted: usize,
        found: &mut Vec<(RiderId, Place)>,
    ) {
        found.clear();
        if self.homeless > 0 {
            self.around(place, wanted, found);
        }
        found.extend_from_slice(&self.lists[self.homes_from + store.index()]);
    }

    /// Collects everybody.
    pub(crate) fn list_all(&self, found: &mut Vec<(RiderId, Place)>) {
        found.clear();
        self.lists.iter().for_each(|list| found.extend_from_slice(list));
    }

    /// Collects riders ring by ring; one ring more than needed, so that the nearest are surely
    /// among them.
    fn around(&self, place: Place, wanted: usize, found: &mut Vec<(RiderId, Place)>) {
        let (row, column) = self.cell_of(place);
        let mut enough = false;
        for radius in 0..self.rows.max(self.columns) {
            self.ring(row, column, radius, found);
            if enough || found.len() >= self.homeless {
                return;
            }
            enough = found.len() >= wanted;
        }
    }

    /// Collects the riders in the square ring of cells at a distance.
    fn ring(&self, row: i64, column: i64, radius: i64, found: &mut Vec<(RiderId, Place)>) {
        let mut visit = |row: i64, column: i64| {
            if (0..self.rows).contains(&row) && (0..self.columns).contains(&column) {
                let cell = usize::try_from(row * self.columns + column).expect("inside the grid");
                found.extend_from_slice(&self.lists[cell]);
            }
        };
        if radius == 0 {
            visit(row, column);
            return;
        }
        for along in -radius..=radius {
            visit(row - radius, column + along);
            visit(row + radius, column + along);
        }
        for along in 1 - radius..radius {
            visit(row + along, column - radius);
            visit(row + along, column + radius);
        }
    }
}

/// The lowest and the highest of the values but for the outermost few, which may lie far out.
fn middle_span(values: impl Iterator<Item = i32>) -> (i64, i64) {
    let mut values: Vec<_> = values.map(i64::from).collect();
    values.sort_unstable();
    let cut = values.len() / 500;
    match (values.get(cut), values.get(values.len().saturating_sub(1 + cut))) {
        (Some(&low), Some(&high)) => (low, high),
        _ => (0, 0),
    }
}

/// Tells which of two places is nearer to a third, cheaply and the same everywhere.
pub(crate) struct Nearness {
    to: Place,
    /// Length of a degree of longitude over one of latitude, times 1024.
    narrowing: i64,
}

impl Nearness {
    pub(crate) fn to(to: Place) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a cosine is at most one")]
        let narrowing = (libm::cos(to.lat().to_radians()) * 1024.0) as i64;
        Self { to, narrowing }
    }

    /// Grows with the straight distance; zero only for the same place.
    pub(crate) fn of(&self, place: Place) -> i64 {
        let north = i64::from(place.lat_e7) - i64::from(self.to.lat_e7);
        let east = i64::from(place.lon_e7) - i64::from(self.to.lon_e7);
        let east = east * self.narrowing / 1024;
        // Distances across the globe would overflow: beyond a few hundred kilometres all are far.
        let (north, east) = (north.clamp(-FAR_E7, FAR_E7), east.clamp(-FAR_E7, FAR_E7));
        (north * north + east * east).max(i64::from(place != self.to))
    }
}
