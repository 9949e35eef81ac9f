//! Plays a scenario: builds its cities, runs every replication of each, and listens to the facts.
//!
//! A city of a replication is a piece of work. Pieces run on threads in any order; their results
//! are joined by replication and city, so the number of threads changes nothing.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};

use city::{City, Demand, demand_digest};
use domain::facts::{Batch, CityDigest, Digest, Fact, Record, RunDigest, Sink};
use domain::order;
use kernel::queue::RadixQueue;
use reports::folder::CityTables;
use scenarios::Resolved;
use scenarios::schema::Scenario;
use sim::Outcome;
use verify::{Counts, Judge, Recount, Verdict};

use crate::clock::Turns;
use crate::exit::Failure;
use crate::interrupt::Interrupt;
use crate::progress::Meter;
use crate::threads;

mod world;

pub(crate) use world::{Built, World};

/// What came of one city in one replication.
pub(crate) struct Played {
    /// What its journal digests to.
    pub(crate) digest: CityDigest,
    /// What the judge found.
    pub(crate) verdict: Verdict,
    /// What a recount of the journal gave.
    pub(crate) counts: Counts,
    /// What the simulator itself counted.
    pub(crate) outcome: Outcome,
    /// Orders placed, warm-up and drain included.
    pub(crate) placed: u64,
    /// Processor time of simulating it with the digest and the judge on, seconds.
    pub(crate) judged_cpu_s: f64,
    /// Its tables, if they are kept.
    pub(crate) tables: Option<CityTables>,
}

/// What is the same for all pieces of work.
pub(crate) struct Stage<'a> {
    /// The scenario.
    pub(crate) scenario: &'a Scenario,
    /// Its cities.
    pub(crate) world: &'a World,
    /// Threads that work.
    pub(crate) threads: NonZeroUsize,
    /// Whether to stop.
    pub(crate) interrupt: &'a Interrupt,
    /// No progress is shown.
    pub(crate) quiet: bool,
}

/// A play with its replications.
pub(crate) struct Play {
    /// The digest of the first replication's demand.
    pub(crate) demand_digest: Digest,
    /// The replications that came to their end, and the first in any case; each city by city.
    pub(crate) replications: Vec<Vec<Played>>,
    /// Whether it was stopped.
    pub(crate) stopped: bool,
}

/// One city of one replication.
struct Piece {
    replication: u32,
    city: usize,
    tables: Option<CityTables>,
}

impl Stage<'_> {
    /// The seed of a replication.
    pub(crate) fn seed(&self, replication: u32) -> u64 {
        u64::from(self.scenario.seed.get()) + u64::from(replication)
    }

    /// Plays all replications. The first one's records also go to tables, if there are some: one
    /// for each city.
    pub(crate) fn play(&self, tables: Vec<CityTables>) -> Play {
        let cities = self.world.cities.len();
        let indices: Vec<_> = (0..cities).collect();
        let stores = |&city: &usize| self.world.cities[city].city.stores.len() as u64;
        let demands = threads::in_order(self.threads, indices, stores, |city| self.demand(city, 0));
        let demands: Vec<Demand> = demands.into_iter().map(Cow::into_owned).collect();
        let digest = demand_digest(&demands);
        let arrivals: u64 = demands.iter().map(|demand| demand.arrivals.len() as u64).sum();
        let replications = self.scenario.replications.get();
        let meter = Meter::start(arrivals * u64::from(replications), self.quiet);
        let broken = AtomicBool::new(false);
        let pieces = self.pieces(tables);
        let orders = |piece: &Piece| demands[piece.city].arrivals.len() as u64;
        let played = threads::in_order(self.threads, pieces, orders, |piece| {
            if piece.replication > 0 && self.interrupt.is_asked() {
                return None;
            }
            let demand = match piece.replication {
                0 => Cow::Borrowed(&demands[piece.city]),
                replication => self.demand(piece.city, replication),
            };
            Some(self.play_piece(piece, &demand, &meter, &broken))
        });
        meter.finish();
        let stopped = played.iter().any(|city| !city.as_ref().is_some_and(|c| c.outcome.finished));
        Play { demand_digest: digest, replications: by_replication(played, cities), stopped }
    }

    fn pieces(&self, tables: Vec<CityTables>) -> Vec<Piece> {
        let cities = self.world.cities.len();
        let tables = tables.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
        let first = (0..cities).zip(tables);
        let first = first.map(|(city, tables)| Piece { replication: 0, city, tables });
        let more = (1..self.scenario.replications.get()).flat_map(|replication| {
            (0..cities).map(move |city| Piece { replication, city, tables: None })
        });
        first.chain(more).collect()
    }

    /// The demand of a city in a replication.
    fn demand(&self, city: usize, replication: u32) -> Cow<'_, Demand> {
        self.world.cities[city].demand(self.seed(replication))
    }

    fn play_piece(
        &self,
        piece: Piece,
        demand: &Demand,
        meter: &Meter,
        broken: &AtomicBool,
    ) -> Played {
        let city = &self.world.cities[piece.city].city;
        let setup = self.scenario.sim_setup(self.seed(piece.replication));
        let mut ears = Batch::new(Ears::new(city, piece.tables, broken));
        let mut shown = 0;
        let outcome = sim::run::<RadixQueue<_>>(&setup, city, demand, &mut ears, |progress| {
            meter.add(progress.arrived - shown);
            shown = progress.arrived;
            !self.interrupt.is_asked() && !broken.load(Ordering::Relaxed)
        });
        ears.finish().finish(outcome)
    }

    /// Plays the first replication of one city again, for whoever wants its records.
    pub(crate) fn play_to(&self, city: usize, sink: impl Sink) {
        let demand = self.demand(city, 0);
        let setup = self.scenario.sim_setup(self.seed(0));
        let city = &self.world.cities[city].city;
        let go_on = |_: &sim::Progress| !self.interrupt.is_asked();
        sim::run::<RadixQueue<_>>(&setup, city, &demand, sink, go_on);
    }
}

/// Sorts results by replication; a replication but the first that did not come to its end is
/// left out.
fn by_replication(played: Vec<Option<Played>>, cities: usize) -> Vec<Vec<Played>> {
    let mut replications = Vec::new();
    let mut played = played.into_iter();
    loop {
        let cities: Vec<_> = played.by_ref().take(cities).collect();
        if cities.is_empty() {
            return replications;
        }
        let whole: Option<Vec<Played>> = cities.into_iter().collect();
        if let Some(cities) = whole {
            let finished = cities.iter().all(|city| city.outcome.finished);
            if finished || replications.is_empty() {
                replications.push(cities);
            }
        }
    }
}

/// Everything that hears the facts of one city.
struct Ears<'p> {
    digest: RunDigest,
    judge: Judge,
    recount: Recount,
    placed: u64,
    tables: Option<CityTables>,
    broken: &'p AtomicBool,
    turns: Turns,
}

impl<'p> Ears<'p> {
    fn new(city: &City, tables: Option<CityTables>, broken: &'p AtomicBool) -> Self {
        Self {
            digest: RunDigest::new(city.id),
            judge: Judge::new(),
            recount: Recount::new(),
            placed: 0,
            tables,
            broken,
            turns: Turns::start(),
        }
    }

    fn finish(self, outcome: Outcome) -> Played {
        let (digest, verdict) = (self.digest.finish(), self.judge.finish());
        Played {
            digest,
            verdict,
            judged_cpu_s: self.turns.spent_s(),
            counts: self.recount.finish(),
            outcome,
            placed: self.placed,
            tables: self.tables,
        }
    }

    /// Counts records and writes them to tables.
    fn keep(&mut self, records: &[Record]) {
        self.recount.records(records);
        let is_placed =
            |record: &&Record| matches!(record.fact, Fact::Order(order::Event::Placed { .. }));
        self.placed += records.iter().filter(is_placed).count() as u64;
        if let Some(tables) = &mut self.tables {
            tables.records(records);
            if tables.has_failed() {
                self.broken.store(true, Ordering::Relaxed);
            }
        }
    }
}

impl Sink for Ears<'_> {
    fn record(&mut self, record: &Record) {
        self.records(std::slice::from_ref(record));
    }

    fn records(&mut self, records: &[Record]) {
        self.digest.records(records);
        self.judge.records(records);
        let mut turns = self.turns;
        turns.aside(|| self.keep(records));
        self.turns = turns;
    }
}

/// Builds the world of a scenario.
///
/// # Errors
/// If the scenario asks for an impossible city, or a file that it names cannot be read.
pub(crate) fn build(resolved: &Resolved, threads: NonZeroUsize) -> Result<World, Failure> {
    World::build(resolved, threads)
}
