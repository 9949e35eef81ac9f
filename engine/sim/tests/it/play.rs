//! What the tests play with: setups, and one call that plays a city and keeps its journal.

use city::setup::Weather;
use city::{Behaviour, City, Demand};
use dastak_sim::{Outcome, Policies, Setup, Window, services};
use domain::facts::{CityDigest, Record, RunDigest};
use domain::money::Bps;
use domain::rules::Rules;
use domain::time::{Millis, Timestamp};
use domain::{dispatch, eta, pricing, store};
use kernel::queue::RadixQueue;
use verify::{Judge, Recount, counterexample, line};

/// A calibrated setup over whole hours.
pub(crate) fn setup(seed: u64, from_h: u64, to_h: u64) -> Setup {
    Setup {
        seed,
        rules: Rules::default(),
        policies: Policies {
            dispatch: dispatch::Policy::Batched,
            dispatch_params: dispatch::Params::default(),
            pricing: pricing::Policy::FeeTiers,
            pricing_params: pricing::Params::default(),
            store: store::Policy::PrimaryOnly,
            promise: eta::Policy::Fixed,
            doors_by_load: true,
        },
        behaviour: Behaviour::new(seed, city::behaviour::Params::default()),
        weather: Weather::default(),
        services: services::Setup::default(),
        window: Window {
            from: Timestamp::from_s(from_h * 3_600),
            to: Timestamp::from_s(to_h * 3_600),
            drain: Millis::from_min(180),
        },
        blocked: Bps(0),
        closure: None,
    }
}

/// What came of playing a city.
pub(crate) struct Played {
    pub(crate) outcome: Outcome,
    pub(crate) journal: Vec<Record>,
    pub(crate) digest: CityDigest,
}

pub(crate) fn play(setup: &Setup, city: &City, demand: &Demand) -> Played {
    let (mut journal, mut digest) = (Vec::new(), RunDigest::new(city.id));
    let (mut judge, mut recount) = (Judge::new(), Recount::new());
    let sinks = ((&mut journal, &mut digest), (&mut judge, &mut recount));
    let outcome = dastak_sim::run::<RadixQueue<_>>(setup, city, demand, sinks, |_| true);
    let verdict = judge.finish();
    for broken in verdict.breaks() {
        println!("{broken}");
        let records = counterexample(journal.iter().copied(), broken);
        for record in records {
            println!("    {}", line(&record));
        }
    }
    assert!(verdict.is_clean(), "the judge found breaks");
    let counts = recount.finish();
    assert_eq!(
        (outcome.placed, outcome.delivered, outcome.rejected, outcome.cancelled),
        (counts.placed, counts.delivered, counts.rejected, counts.cancelled)
    );
    assert_eq!(
        (outcome.undelivered, outcome.in_flight, outcome.on_time, outcome.facts),
        (counts.undelivered, counts.in_flight, counts.on_time, counts.facts + counts.opening_facts)
    );
    Played { outcome, journal, digest: digest.finish() }
}
