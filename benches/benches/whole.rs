//! How many orders a CPU second plays: the national peak hour, one thread, by who listens.
//!
//! Cities and their demand are built before the clock starts. What is timed is the simulated
//! window with all rules: alone; with the digest; with the judge too, which is the headline; and
//! with the recount. Arguments name a scenario, keys to set in it, and listeners (`Judge`).

use std::io;
use std::path::Path;

use city::{City, Demand};
use cpu_time::ProcessTime;
use dastak_benches::contest::rounds;
use domain::facts::{Batch, CityDigest, Fact, Record, RunDigest, Sink};
use domain::order;
use kernel::queue::RadixQueue;
use scenarios::schema::Scenario;
use scenarios::{Files, Request};
use verify::{Judge, Recount};

/// Shipped scenarios need no files.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path, _: usize) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// What listens to the facts.
#[derive(Clone, Copy, Debug)]
enum Ears {
    Nobody,
    Digest,
    Judge,
    Recount,
}

impl Ears {
    const ALL: [Self; 4] = [Self::Nobody, Self::Digest, Self::Judge, Self::Recount];
}

/// Whoever listens, and a count of the facts.
struct Listeners {
    digest: Option<RunDigest>,
    judge: Option<Judge>,
    recount: Option<Recount>,
    facts: u64,
    delivered: u64,
}

impl Listeners {
    fn new(ears: Ears, city: &City) -> Self {
        let (digest, judge, recount) = match ears {
            Ears::Nobody => (false, false, false),
            Ears::Digest => (true, false, false),
            Ears::Judge => (true, true, false),
            Ears::Recount => (true, true, true),
        };
        Self {
            digest: digest.then(|| RunDigest::new(city.id)),
            judge: judge.then(Judge::new),
            recount: recount.then(Recount::new),
            facts: 0,
            delivered: 0,
        }
    }

    fn finish(self) -> Option<CityDigest> {
        if let Some(judge) = self.judge {
            assert!(judge.finish().is_clean(), "the run breaks an invariant");
        }
        self.digest.map(RunDigest::finish)
    }
}

impl Sink for Listeners {
    fn record(&mut self, record: &Record) {
        self.records(std::slice::from_ref(record));
    }

    fn records(&mut self, records: &[Record]) {
        self.facts += records.len() as u64;
        let is_delivered =
            |record: &&Record| matches!(record.fact, Fact::Order(order::Event::Delivered { .. }));
        self.delivered += records.iter().filter(is_delivered).count() as u64;
        if let Some(digest) = &mut self.digest {
            digest.records(records);
        }
        if let Some(judge) = &mut self.judge {
            judge.records(records);
        }
        if let Some(recount) = &mut self.recount {
            recount.records(records);
        }
    }
}

/// What a turn came to.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    cpu_s: f64,
    orders: u64,
    facts: u64,
    delivered: u64,
}

fn play(scenario: &Scenario, cities: &[(City, Demand)], ears: Ears) -> Turn {
    let setup = scenario.sim_setup(u64::from(scenario.seed.get()));
    let mut turn = Turn::default();
    for (city, demand) in cities {
        let mut listeners = Batch::new(Listeners::new(ears, city));
        let start = ProcessTime::now();
        sim::run::<RadixQueue<_>>(&setup, city, demand, &mut listeners, |_| true);
        let listeners = listeners.finish();
        turn.cpu_s += start.elapsed().as_secs_f64();
        turn.orders += demand.arrivals.len() as u64;
        turn.facts += listeners.facts;
        turn.delivered += listeners.delivered;
        std::hint::black_box(listeners.finish());
    }
    turn
}

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let ears = Ears::ALL.iter().filter(|ears| args.contains(&format!("{ears:?}")));
    let mut ears: Vec<Ears> = ears.copied().collect();
    if ears.is_empty() {
        ears.extend(Ears::ALL);
    }
    let name = args.iter().find(|arg| arg.contains('-') && !arg.starts_with('-'));
    let name = name.map_or("national-peak", String::as_str);
    let sets: Vec<String> = args.iter().filter(|arg| arg.contains('=')).cloned().collect();
    let resolved = scenarios::resolve(&Request { scenario: name, sets: &sets }, &NoFiles);
    let scenario = resolved.map_err(|problem| problem.render(false)).expect("shipped").scenario;
    let seed = u64::from(scenario.seed.get());
    let start = ProcessTime::now();
    let setups = scenario.city_setups();
    let built: Vec<_> = setups
        .iter()
        .map(|city| City::build(&city.setup, city.id, seed).expect("the city can be built"))
        .collect();
    println!("cities built in {:.2} CPU s", start.elapsed().as_secs_f64());
    let start = ProcessTime::now();
    let cities: Vec<_> = built
        .into_iter()
        .zip(&setups)
        .map(|(city, setup)| {
            let demand = Demand::generate(&setup.setup, &city, seed);
            (city, demand)
        })
        .collect();
    println!("demand drawn in {:.2} CPU s\n", start.elapsed().as_secs_f64());
    println!(
        "| listening | CPU s | orders a CPU second | µs an order | ns a fact | facts per delivered order |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    for ears in ears {
        let mut turns: Vec<_> = (0..rounds(5)).map(|_| play(&scenario, &cities, ears)).collect();
        turns.sort_by(|a, b| a.cpu_s.total_cmp(&b.cpu_s));
        let Turn { cpu_s, orders, facts, delivered } = turns[turns.len() / 2];
        println!(
            "| {ears:?} | {cpu_s:.2} | {:.0} | {:.1} | {:.0} | {:.1} |",
            orders as f64 / cpu_s,
            cpu_s * 1e6 / orders as f64,
            cpu_s * 1e9 / facts as f64,
            facts as f64 / delivered as f64,
        );
    }
}
