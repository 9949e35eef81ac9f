//! Laws of every run: the same seed gives the same journal, and nothing is counted twice.

use city::setup::Setup as Metro;
use city::{City, Demand};
use dastak_sim::Setup;
use domain::facts::{Record, RunDigest, Sink};
use domain::ids::CityId;
use domain::money::Paise;
use domain::order::Stage;
use domain::tape::Entry;
use domain::time::{Millis, Timestamp};
use kernel::queue::{HeapQueue, RadixQueue};

use crate::play::{play, setup};

/// A small city of a few stores.
pub(crate) fn small(stores: u32, from_h: u64, to_h: u64) -> Metro {
    let mut metro = Metro::default();
    metro.stores.count = stores;
    metro.catalogue.skus = 300;
    metro.demand.from = Timestamp::from_s(from_h * 3_600);
    metro.demand.to = Timestamp::from_s(to_h * 3_600);
    metro
}

fn world(metro: &Metro, seed: u64) -> (City, Demand) {
    let city = City::build(metro, CityId(0), seed).expect("a small city can be built");
    let demand = Demand::generate(metro, &city, seed);
    (city, demand)
}

#[test]
fn both_queues_give_the_same_journal() {
    let (city, demand) = world(&small(3, 18, 20), 1);
    let setup = setup(1, 18, 20);
    let mut digests = [RunDigest::new(CityId(0)), RunDigest::new(CityId(0))];
    let [radix, heap] = &mut digests;
    let by_radix = dastak_sim::run::<RadixQueue<_>>(&setup, &city, &demand, radix, |_| true);
    let by_heap = dastak_sim::run::<HeapQueue<_>>(&setup, &city, &demand, heap, |_| true);
    assert!(by_radix.delivered > 300, "{by_radix:?}");
    assert_eq!(by_radix, by_heap);
    let [radix, heap] = digests.map(RunDigest::finish);
    assert_eq!(radix, heap);
}

#[test]
fn another_seed_gives_another_journal_and_the_same_seed_the_same() {
    let digest = |seed| {
        let (city, demand) = world(&small(2, 12, 13), seed);
        play(&setup(seed, 12, 13), &city, &demand).digest.whole
    };
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

/// Debug and release builds, and every machine, agree on this. A change of the rules changes it:
/// `UPDATE_EXPECT=1 cargo test -p dastak-sim`.
#[test]
fn the_digest_is_the_same_everywhere() {
    let (city, demand) = world(&small(2, 12, 13), 7);
    let digest = play(&setup(7, 12, 13), &city, &demand).digest;
    let text = format!("{} records, {}", digest.records, digest.whole);
    expect_test::expect!["7179 records, af6c759c0f49bfd790cce09c2b4aed49"].assert_eq(&text);
}

#[test]
fn without_demand_nothing_happens() {
    let mut metro = small(2, 12, 13);
    metro.demand.orders_per_hour = Some(0.0);
    let (city, demand) = world(&metro, 1);
    let outcome = play(&setup(1, 12, 13), &city, &demand).outcome;
    assert_eq!((outcome.placed, outcome.delivered, outcome.order_to_door_us), (0, 0, 0));
}

#[test]
fn a_stopped_run_keeps_what_has_happened() {
    let (city, demand) = world(&small(2, 12, 13), 1);
    let setup = setup(1, 12, 13);
    let noon = Timestamp::from_s(12 * 3_600 + 1_800);
    let mut part: Vec<Record> = Vec::new();
    let stopped =
        dastak_sim::run::<RadixQueue<_>>(&setup, &city, &demand, &mut part, |p| p.at < noon);
    assert!(!stopped.finished);
    let whole = play(&setup, &city, &demand);
    assert!(whole.outcome.finished);
    assert_eq!(part[..], whole.journal[..part.len()], "a part is the beginning of the whole");
}

/// Every deposit becomes a sale or goes back: customers' deposits end at zero.
#[test]
fn the_books_balance_and_nothing_is_kept() {
    use domain::facts::Fact;
    use domain::ledger::{Account, Event};
    let (city, demand) = world(&small(4, 17, 21), 3);
    let played = play(&setup(3, 17, 21), &city, &demand);
    let (mut all, mut deposits) = (Paise::ZERO, Paise::ZERO);
    for record in &played.journal {
        let (account, amount) = match record.fact {
            Fact::Ledger(Event::Entry { account, amount, .. }) => (account, amount),
            Fact::Ledger(Event::GeneralEntry { account, amount, .. }) => (account, amount),
            _ => continue,
        };
        all += amount;
        if account == Account::CustomerDeposits {
            deposits += amount;
        }
    }
    assert_eq!((all, deposits), (Paise::ZERO, Paise::ZERO));
    assert_eq!(played.outcome.in_flight, 0);
}

/// Scarce riders make the demand policy raise its surge, within its cap, and fees follow.
#[test]
fn surge_rises_when_riders_are_scarce() {
    use domain::facts::Fact;
    use domain::pricing::{Event, Fee, Policy};
    let mut metro = small(3, 18, 21);
    metro.fleet.riders_per_store = Some(6.0);
    let (city, demand) = world(&metro, 2);
    let mut setup = setup(2, 18, 21);
    setup.policies.pricing = Policy::Demand;
    let played = play(&setup, &city, &demand);
    let is_surge = |record: &&Record| {
        matches!(record.fact, Fact::Pricing(Event::FeeAdded { fee: Fee::Surge, .. }))
    };
    assert!(played.journal.iter().filter(is_surge).count() > 100);
    let highest = played.journal.iter().filter_map(|record| match record.fact {
        Fact::Pricing(Event::SurgeSet { surge, .. }) => Some(surge),
        _ => None,
    });
    assert_eq!(highest.max(), Some(setup.rules.pricing.surge_cap));
}

/// Counts what a tape holds.
#[derive(Default)]
struct Tape {
    entries: Vec<Entry>,
}

impl Sink for Tape {
    fn record(&mut self, _: &Record) {}

    fn heard(&mut self, entry: &Entry) {
        self.entries.push(*entry);
    }
}

/// The sagas on the tape, stepped again on their own, lead to the states that the run counted.
#[test]
fn the_tape_leads_to_the_same_ends() {
    use domain::{saga, tape};
    let (city, demand) = world(&small(3, 19, 20), 5);
    let setup: Setup = setup(5, 19, 20);
    let mut tape = Tape::default();
    let outcome = dastak_sim::run::<RadixQueue<_>>(&setup, &city, &demand, &mut tape, |_| true);
    let mut states = vec![saga::State::NEW; demand.arrivals.len()];
    let mut effects = Vec::new();
    for entry in &tape.entries {
        if let tape::Input::Saga(input) = entry.input {
            let order = domain::ids::OrderId(entry.hearer);
            let state = &mut states[order.index()];
            *state = saga::step(&setup.rules.saga, order, *state, input, entry.at, &mut effects);
        }
    }
    let delivered = states.iter().filter(|state| state.stage == Stage::Delivered).count();
    assert_eq!(delivered as u64, outcome.delivered);
    assert!(tape.entries.len() > 10 * delivered, "a word for every step");
}

/// A customer may change their mind before the quote is locked: then it is not locked.
#[test]
fn a_quote_of_an_order_that_ended_is_not_locked() {
    use domain::facts::Fact;
    use domain::pricing::Event;
    let (city, demand) = world(&small(2, 12, 13), 1);
    let mut setup = setup(1, 12, 13);
    setup.services.pricing.median = Millis::from_s(60);
    setup.services.pricing.servers = 1_000;
    setup.behaviour.params.customers.cancel_share = 0.5;
    let played = play(&setup, &city, &demand);
    let locked = |record: &&Record| matches!(record.fact, Fact::Pricing(Event::Locked { .. }));
    let locked = played.journal.iter().filter(locked).count() as u64;
    assert!(locked + 10 < played.outcome.placed, "{locked} of {}", played.outcome.placed);
}

/// Short limits make rare things common: holds run out, payments come late, riders refuse. It
/// still ends, and nothing is kept.
#[test]
fn a_hostile_world_still_ends() {
    let (city, demand) = world(&small(3, 12, 14), 7);
    let mut setup = setup(7, 12, 14);
    setup.rules.saga.hold_ttl = Millis::from_s(15);
    setup.rules.payment.window = Millis::from_s(60);
    let params = &mut setup.behaviour.params;
    params.provider.silent_share = 0.2;
    params.provider.business_share = 0.3;
    params.riders.reject_share = 0.3;
    params.riders.silent_share = 0.2;
    params.riders.drop_share = 0.2;
    params.riders.undelivered_share = 0.1;
    params.picking.short_share = 0.3;
    params.customers.cancel_share = 0.3;
    let played = play(&setup, &city, &demand);
    assert_eq!(played.outcome.in_flight, 0, "{:?}", played.outcome);
    let told = |name| played.journal.iter().any(|record| record.fact.kind().name == name);
    for name in [
        "stock_hold_expired",
        "stock_hold_extended",
        "stock_adjusted",
        "order_cancelled",
        "order_undelivered",
        "order_rejected",
        "payment_voided",
        "payment_refunded",
        "trip_rejected",
        "trip_offer_timed_out",
        "trip_dropped",
        "trip_order_left",
        "trip_order_returned",
        "pick_aborted",
    ] {
        assert!(told(name), "{name} never happened");
    }
}
