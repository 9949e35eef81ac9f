//! How far and how long a ride is.

#[cfg(test)]
mod tests;

use domain::ids::StoreId;
use domain::place::Place;
use domain::time::Millis;
use roads::{Graph, NodeId, RoadClass, Roads, SpeedProfile, StoreTables, Stretch};

use crate::setup::{ClosedRoad, ClosedRoadError, SetupError};

/// An end of a ride.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Where it is.
    pub place: Place,
    /// The junction it is at, in a city with roads.
    pub node: Option<NodeId>,
}

/// A ride from one stop to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leg {
    /// How long it takes.
    pub ms: Millis,
    /// How far it is along the road, metres; never less than the straight line.
    pub m: u32,
}

/// How rides are measured in a city.
#[derive(Clone, Debug)]
pub enum Travel {
    /// Straight lines, lengthened by a factor, at one speed.
    Straight(Straight),
    /// Streets.
    Roads(Box<OnRoads>),
}

/// Rides along straight lines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Straight {
    /// Length of the road over length of the straight line; at least one.
    pub circuity: f64,
    /// Speed along the road, metres an hour.
    pub speed_m_per_h: u32,
}

/// Rides along streets.
///
/// From a store and to a store they are looked up, and are exactly the sum of their streets: times
/// go in steps of the tables'. Other rides that somebody sets out on are searched for. Rides that
/// are only thought of are estimated from the straight line, by the mean circuity and speed of
/// those that can be looked up while all roads are open: a search for each would take as long as
/// everything else. So is a ride where a stop is at no junction.
#[derive(Clone, Debug)]
pub struct OnRoads {
    /// The streets.
    pub roads: Roads,
    /// Rides between stores and the junctions near them.
    pub tables: StoreTables,
    /// The share of junctions that were kept because each reaches every other.
    pub largest_scc_share: f64,
    /// Junctions that closed roads leave without a way to the stores, or from them; lowest first.
    pub cut_off: Vec<NodeId>,
    /// The store at each junction, plus one; zero where there is none.
    store_at: Vec<u32>,
    estimate: Straight,
}

impl Travel {
    /// The ride from one stop to another, without congestion or rain; estimated if it cannot be
    /// looked up.
    #[must_use]
    pub fn ride(&self, from: Stop, to: Stop) -> Leg {
        match self {
            Self::Straight(straight) => straight.ride(from.place, to.place),
            Self::Roads(roads) => roads.ride(from, to, |_, _| None),
        }
    }

    /// The same for a ride that somebody sets out on: searched for if it cannot be looked up, which
    /// takes a thousand times as long.
    #[must_use]
    pub fn ridden(&self, from: Stop, to: Stop) -> Leg {
        match self {
            Self::Straight(straight) => straight.ride(from.place, to.place),
            Self::Roads(roads) => roads.ride(from, to, |near, far| roads.searched(near, far)),
        }
    }

    /// Whether riders can get to a stop and back, which closed roads may prevent.
    #[must_use]
    pub fn reaches(&self, stop: Stop) -> bool {
        match (self, stop.node) {
            (Self::Roads(roads), Some(node)) => roads.cut_off.binary_search(&node).is_err(),
            _ => true,
        }
    }

    /// The stop nearest to a place: the place itself, or the nearest junction.
    #[must_use]
    pub fn stop(&self, place: Place) -> Stop {
        match self {
            Self::Straight(_) => Stop { place, node: None },
            Self::Roads(roads) => {
                let node = roads.roads.snap(place);
                Stop { place: roads.roads.place(node), node: Some(node) }
            }
        }
    }
}

impl Straight {
    /// The ride from one place to another; milliseconds are rounded up.
    ///
    /// # Panics
    /// If the speed is zero.
    #[must_use]
    pub fn ride(&self, from: Place, to: Place) -> Leg {
        assert!(self.speed_m_per_h > 0, "a ride has a speed");
        let length_m = from.straight_m(to) * self.circuity;
        let ms = length_m * 3.6e6 / f64::from(self.speed_m_per_h);
        Leg { ms: Millis(rounded_up(ms)), m: rounded_up(length_m) }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
#[expect(clippy::cast_sign_loss, reason = "distances and times are not negative")]
fn rounded_up(length: f64) -> u32 {
    libm::ceil(length) as u32
}

impl OnRoads {
    /// Opens streets to riders of stores at main roads near these places, who ride at a speed of
    /// `speed_m_per_h` on average over the junctions within `catchment_m` of a store.
    pub(crate) fn new(
        graph: Graph,
        doors: &[Place],
        catchment_m: f64,
        speed_m_per_h: u32,
        largest_scc_share: f64,
    ) -> Self {
        let grain_ms = StoreTables::quantum_of(StoreTables::LIMIT_MS);
        let mut roads = Roads::grained(graph, SpeedProfile::default(), grain_ms);
        let stores: Vec<NodeId> = doors.iter().map(|&door| front(&roads, door)).collect();
        let every = stores.len().div_ceil(SAMPLE);
        let sample: Vec<NodeId> = stores.iter().step_by(every).copied().collect();
        let tables = StoreTables::build(&roads, &sample, StoreTables::LIMIT_MS);
        let found = estimate(&roads, &tables, catchment_m).speed_m_per_h;
        let scaled = |pace: u32| {
            let pace = u64::from(pace) * u64::from(speed_m_per_h) / u64::from(found);
            u32::try_from(pace).unwrap_or(u32::MAX)
        };
        roads.set_speeds(SpeedProfile { m_per_h: SpeedProfile::default().m_per_h.map(scaled) });
        let tables = StoreTables::build(&roads, &stores, StoreTables::LIMIT_MS);
        let mut store_at = vec![0; roads.nodes()];
        for (store, node) in (1_u32..).zip(&stores) {
            store_at[node.index()] = store;
        }
        let estimate = estimate(&roads, &tables, f64::INFINITY);
        Self { roads, tables, largest_scc_share, cut_off: Vec::new(), store_at, estimate }
    }

    /// What rides are estimated with where they cannot be looked up.
    #[must_use]
    pub const fn estimate(&self) -> Straight {
        self.estimate
    }

    /// The junctions that the stores' doors open to, by store.
    pub(crate) fn doors(&self) -> Vec<Stop> {
        let stop = |&node: &NodeId| Stop { place: self.roads.place(node), node: Some(node) };
        self.tables.stores().iter().map(stop).collect()
    }

    /// Closes roads both ways. What is estimated stays as it is.
    pub(crate) fn close(&mut self, closed: &[ClosedRoad]) -> Result<(), SetupError> {
        if closed.is_empty() {
            return Ok(());
        }
        let mut arcs = Vec::new();
        for (number, &road) in (1..).zip(closed) {
            let found = self.find(road).map_err(|problem| SetupError::Closed { number, problem });
            arcs.extend(found?.arcs);
        }
        self.roads.close(&arcs);
        let stores = self.tables.stores();
        let cut_off = self.roads.cut_off_from(stores[0]);
        let parted = stores.iter().filter(|store| cut_off.binary_search(store).is_ok()).count();
        if parted > 0 {
            return Err(SetupError::CutOff { stores: parted });
        }
        self.cut_off = cut_off;
        self.tables = StoreTables::build(&self.roads, stores, self.tables.limit_ms());
        Ok(())
    }

    /// The stretch of road that is meant.
    fn find(&self, ClosedRoad { from, to }: ClosedRoad) -> Result<Stretch, ClosedRoadError> {
        let [a, b] = [from, to].map(|place| self.roads.snap(place));
        for (place, node) in [(from, a), (to, b)] {
            let away_m = rounded_up(place.straight_m(self.roads.place(node)));
            if away_m > ClosedRoad::ASTRAY_LIMIT_M {
                let limit_m = ClosedRoad::ASTRAY_LIMIT_M;
                return Err(ClosedRoadError::Astray { place, away_m, limit_m });
            }
        }
        if a == b {
            return Err(ClosedRoadError::Point { from, to });
        }
        let straight_m = rounded_up(self.roads.place(a).straight_m(self.roads.place(b)));
        let limit_m = (2 * straight_m).saturating_add(ClosedRoad::DETOUR_LIMIT_M);
        let found = self.roads.stretch(a, b).ok_or(u32::MAX);
        let found = found.and_then(|stretch| {
            let way_m = stretch.length_dm / 10;
            if way_m <= limit_m { Ok(stretch) } else { Err(way_m) }
        });
        found.map_err(|way_m| ClosedRoadError::Detour { from, to, way_m, limit_m })
    }

    /// A ride: looked up, or found in another way, or estimated.
    fn ride(
        &self,
        from: Stop,
        to: Stop,
        otherwise: impl FnOnce(NodeId, NodeId) -> Option<Leg>,
    ) -> Leg {
        let found = match (from.node, to.node) {
            (Some(near), Some(far)) => self.looked_up(near, far).or_else(|| otherwise(near, far)),
            _ => None,
        };
        let Some(leg) = found else { return self.estimate.ride(from.place, to.place) };
        Leg { m: leg.m.max(rounded_up(from.place.straight_m(to.place))), ..leg }
    }

    fn looked_up(&self, from: NodeId, to: NodeId) -> Option<Leg> {
        let (ms, m) = if let Some(store) = self.store(from) {
            (self.tables.from_store_ms(store, to)?, self.tables.from_store_m(store, to)?)
        } else {
            let store = self.store(to)?;
            (self.tables.to_store_ms(from, store)?, self.tables.to_store_m(from, store)?)
        };
        Some(Leg { ms: Millis(ms), m })
    }

    /// The quickest ride, whatever its ends are.
    fn searched(&self, from: NodeId, to: NodeId) -> Option<Leg> {
        let (ms, length_dm) = self.roads.travel(from, to)?;
        Some(Leg { ms: Millis(ms), m: length_dm.saturating_add(5) / 10 })
    }

    fn store(&self, node: NodeId) -> Option<StoreId> {
        self.store_at[node.index()].checked_sub(1).map(StoreId)
    }
}

/// How far a store goes for a main road, in streets (assumed: a few hundred metres).
const FRONT_STREETS: usize = 6;

/// The junction of a main road nearest to a place, counted in streets; the nearest junction if
/// there is none nearby. Stores stand where riders get away quickly.
fn front(roads: &Roads, place: Place) -> NodeId {
    let graph = roads.graph();
    let is_main = |node: NodeId| {
        graph.out_arcs(node).any(|arc| graph.arc(arc).class < RoadClass::Unclassified)
    };
    let start = roads.snap(place);
    let mut met = vec![start];
    let mut next = 0;
    for _ in 0..=FRONT_STREETS {
        let last = met.len();
        for position in next..last {
            let node = met[position];
            if is_main(node) {
                return node;
            }
            for far in graph.out_arcs(node).map(|arc| graph.arc(arc).to) {
                if !met.contains(&far) {
                    met.push(far);
                }
            }
        }
        next = last;
    }
    start
}

/// Stores whose rides are measured to set the speed of a city's streets.
const SAMPLE: usize = 16;
/// Every so many junctions one is looked at to measure rides.
const STRIDE: usize = 8;

/// The mean circuity and speed of rides from stores to a sample of the junctions within a
/// straight line of them; ordinary ones if there are none.
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
#[expect(clippy::cast_sign_loss, reason = "a speed is not negative")]
fn estimate(roads: &Roads, tables: &StoreTables, within_m: f64) -> Straight {
    let (mut straight_m, mut road_m, mut ms) = (0.0, 0.0, 0.0);
    for node in (0..roads.nodes()).step_by(STRIDE).map(NodeId::at) {
        for (store, ride_ms) in tables.stores_near(node) {
            let door = roads.place(tables.stores()[store.index()]);
            let away_m = door.straight_m(roads.place(node));
            let Some(m) = tables.from_store_m(store, node).filter(|_| away_m <= within_m) else {
                continue;
            };
            straight_m += away_m;
            road_m += f64::from(m);
            ms += f64::from(ride_ms);
        }
    }
    if straight_m <= 0.0 || ms <= 0.0 {
        return Straight { circuity: 1.35, speed_m_per_h: 15_000 };
    }
    let speed_m_per_h = (road_m * 3.6e6 / ms).max(1.0) as u32;
    Straight { circuity: (road_m / straight_m).max(1.0), speed_m_per_h }
}
