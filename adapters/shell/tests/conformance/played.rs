//! A simulated run with its journal and its tape.

use std::collections::BTreeMap;

use city::setup::{Setup as Metro, Weather};
use city::{Behaviour, City, Demand};
use domain::facts::{Fact, Record, Sink, opening};
use domain::ids::{CityId, SkuId, StoreId};
use domain::money::Bps;
use domain::outside;
use domain::rules::Rules;
use domain::stock::Slot;
use domain::tape::{Entry, Input};
use domain::time::{Millis, Timestamp};
use domain::{dispatch, eta, pricing, store};
use kernel::queue::RadixQueue;
use sim::services::Speed;
use sim::{Policies, Setup, Window};

/// Takes all a run says.
#[derive(Default)]
struct Ears {
    journal: Vec<Record>,
    tape: Vec<Entry>,
}

impl Sink for Ears {
    fn record(&mut self, record: &Record) {
        self.journal.push(*record);
    }

    fn heard(&mut self, entry: &Entry) {
        self.tape.push(*entry);
    }
}

/// What a moment of the run was: the words that came in, and what was heard and asked of them.
#[derive(Clone)]
pub(crate) struct Moment {
    pub(crate) at: Timestamp,
    pub(crate) came: Vec<outside::Input>,
    pub(crate) heard: Vec<Entry>,
    pub(crate) asked: Vec<outside::Effect>,
}

/// A run that was played.
pub(crate) struct Played {
    pub(crate) setup: Setup,
    pub(crate) moments: Vec<Moment>,
    pub(crate) journal: Vec<Record>,
    /// Records that open the journal.
    opens: usize,
}

/// A service that takes long, for as many as come.
pub(crate) fn slow(seconds: u32) -> Speed {
    Speed { servers: 1_000, median: Millis::from_s(seconds), sigma: 0.5 }
}

/// An hour of a small city in which much goes wrong.
pub(crate) fn hostile(services: sim::services::Setup) -> Played {
    let (seed, from, to) = (7, Timestamp::from_s(12 * 3_600), Timestamp::from_s(13 * 3_600));
    let mut metro = Metro::default();
    metro.stores.count = 2;
    metro.catalogue.skus = 60;
    (metro.demand.from, metro.demand.to) = (from, to);
    metro.demand.orders_per_hour = Some(240.0);
    let mut city = City::build(&metro, CityId(0), seed).unwrap();
    // So little of everything that customers are in each other's way.
    city.stock.iter_mut().for_each(|units| *units = (*units).min(7));
    let demand = Demand::generate(&metro, &city, seed);
    let mut rules = Rules::default();
    rules.saga.hold_ttl = Millis::from_s(40);
    rules.payment.window = Millis::from_s(60);
    let mut behaviour = Behaviour::new(seed, city::behaviour::Params::default());
    let params = &mut behaviour.params;
    params.provider.silent_share = 0.2;
    params.provider.business_share = 0.3;
    params.riders.reject_share = 0.3;
    params.riders.silent_share = 0.2;
    params.riders.drop_share = 0.2;
    params.riders.undelivered_share = 0.1;
    params.picking.short_share = 0.3;
    params.customers.cancel_share = 0.3;
    let setup = Setup {
        seed,
        rules,
        policies: Policies {
            dispatch: dispatch::Policy::Batched,
            dispatch_params: dispatch::Params::default(),
            pricing: pricing::Policy::Demand,
            pricing_params: pricing::Params::default(),
            store: store::Policy::LeastEtaUnderLoad,
            promise: eta::Policy::Quantile,
            doors_by_load: true,
        },
        behaviour,
        weather: Weather::default(),
        services,
        window: Window { from, to, drain: Millis::from_min(180) },
        blocked: Bps(0),
        closure: Some(sim::Closure {
            stores: 1,
            from: Timestamp(from.0 + 600_000_000),
            to: Timestamp(from.0 + 1_200_000_000),
        }),
    };
    let mut ears = Ears::default();
    let outcome = sim::run::<RadixQueue<_>>(&setup, &city, &demand, &mut ears, |_| true);
    assert!(outcome.finished && outcome.delivered > 50, "{outcome:?}");
    let is_opening = |record: &&Record| matches!(record.fact, Fact::Opening(_));
    let opens = ears.journal.iter().take_while(is_opening).count();
    Played { setup, moments: moments(&ears.tape), journal: ears.journal, opens }
}

/// Cuts a tape where something came in. The lines of a cart come with its quote.
fn moments(tape: &[Entry]) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::new();
    for entry in tape {
        let in_cart = |moment: &Moment| {
            let last = moment.came.last();
            matches!(last, Some(outside::Input::CartLine { order, .. })
                if matches!(entry.input,
                    Input::Came(outside::Input::CartLine { order: next, line: 1.., .. }
                        | outside::Input::Quote { order: next, .. }) if next == *order))
        };
        if let Input::Came(input) = entry.input {
            match moments.last_mut().filter(|moment| in_cart(moment)) {
                Some(moment) => moment.came.push(input),
                None => moments.push(Moment {
                    at: entry.at,
                    came: vec![input],
                    heard: Vec::new(),
                    asked: Vec::new(),
                }),
            }
            continue;
        }
        let moment = moments.last_mut().expect("everything is called forth by something");
        assert_eq!(moment.at, entry.at, "{entry:?}");
        match entry.input {
            Input::Asked(effect) => moment.asked.push(effect),
            _ => moment.heard.push(*entry),
        }
    }
    moments
}

impl Played {
    pub(crate) fn opening(&self) -> &[Record] {
        &self.journal[..self.opens]
    }

    /// The shelves as the journal opens.
    pub(crate) fn shelves(&self) -> Vec<((StoreId, SkuId), Slot)> {
        let slot = |record: &Record| match record.fact {
            Fact::Opening(opening::Event::Stock { store, sku, units: free_units }) => {
                Some(((store, sku), Slot { free_units, ..Slot::default() }))
            }
            _ => None,
        };
        self.opening().iter().filter_map(slot).collect()
    }

    /// Sees to it that the run had refusals and compensations in it, of every kind.
    pub(crate) fn has_everything(&self) {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for record in &self.journal {
            *counts.entry(record.fact.kind().name).or_default() += 1;
        }
        for (name, least) in [
            ("stock_refused", 3),
            ("stock_hold_expired", 10),
            ("stock_hold_extended", 10),
            ("stock_released", 10),
            ("stock_adjusted", 10),
            ("quote_line_unavailable", 10),
            ("quote_invalidated", 1),
            ("order_rejected", 20),
            ("order_cancelled", 20),
            ("order_undelivered", 3),
            ("payment_declined", 50),
            ("payment_voided", 5),
            ("payment_refunded", 30),
            ("payment_expired", 20),
            ("payment_cash_collected", 5),
            ("trip_rejected", 20),
            ("trip_offer_timed_out", 20),
            ("trip_dropped", 10),
            ("trip_order_left", 3),
            ("trip_order_returned", 3),
            ("pick_aborted", 10),
            ("pick_line_short", 30),
            ("ledger_wallet_moved", 5),
            ("store_door_set", 2),
            ("rider_moved", 10),
        ] {
            let count = counts.get(name).copied().unwrap_or(0);
            assert!(count >= least, "{name} happened {count} times: {counts:#?}");
        }
    }
}
