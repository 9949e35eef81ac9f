//! Plays a run through a shell over any database, comparing as it goes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use crate::shell::{
    Answer, Clock, Database, InputKey, Key, Order, Path, Rows, Setup, Shell, Source, Unit,
};
use domain::dispatch::request;
use domain::facts::{Fact, Record};
use domain::ids::{CityId, OrderId, RiderId, SkuId, StoreId, TripId};
use domain::outside::{self, Effect};
use domain::stock::{Hold, Slot};
use domain::tape::{Entry, Input};
use domain::time::{Millis, Timestamp};
use domain::{delivery, payment, picking, pricing, rider, saga};

use crate::played::{Moment, Played};

/// A clock that is set by hand.
#[derive(Default)]
struct Hand(Mutex<Timestamp>);

impl Clock for &Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// The states that the words of a tape lead to, step by step.
#[derive(Default)]
struct Fold {
    sagas: BTreeMap<OrderId, saga::State>,
    tasks: BTreeMap<OrderId, picking::State>,
    requests: BTreeMap<OrderId, request::State>,
    payments: BTreeMap<OrderId, payment::State>,
    trips: BTreeMap<TripId, delivery::State>,
}

impl Fold {
    fn hear(&mut self, rules: &domain::rules::Rules, entry: &Entry) {
        let order = OrderId(entry.hearer);
        match entry.input {
            Input::Saga(input) => {
                let state = self.sagas.entry(order).or_insert(saga::State::NEW);
                *state = saga::step(&rules.saga, order, *state, input, entry.at, &mut Vec::new());
            }
            Input::Task(input) => {
                let state = self.tasks.entry(order).or_default();
                *state = picking::step(order, *state, input, &mut Vec::new());
            }
            Input::Request(input) => {
                let state = self.requests.entry(order).or_default();
                *state = request::step(order, *state, input, &mut Vec::new());
            }
            Input::Payment(input) => {
                let (state, now) = (self.payments.entry(order).or_default(), entry.at);
                let rules = &rules.payment;
                *state = payment::step(rules, order, *state, input, now, &mut Vec::new());
            }
            Input::Trip(input) => {
                let trip = TripId(u32::try_from(entry.hearer).unwrap());
                let state = self.trips.entry(trip).or_default();
                *state = delivery::step(trip, *state, input, &mut Vec::new());
            }
            Input::Came(_) | Input::Asked(_) => {}
        }
    }

    /// Compares every row that a unit of work read with what the tape leads to.
    fn compare(&self, unit: &Unit) {
        for read in unit.rows.orders.iter() {
            let (order, row) = (read.key, read.state());
            let saga = self.sagas.get(&order).copied().unwrap_or(saga::State::NEW);
            assert_eq!(row.saga, saga, "{order}");
            assert_eq!(row.task, self.tasks.get(&order).copied().unwrap_or_default(), "{order}");
            let request = self.requests.get(&order).copied().unwrap_or_default();
            assert_eq!(row.request, request, "{order}");
            let payment = self.payments.get(&order).copied().unwrap_or_default();
            assert_eq!(row.payment, payment, "{order}");
        }
        for read in unit.rows.trips.iter() {
            let trip = self.trips.get(&read.key).copied().unwrap_or_default();
            assert_eq!(read.state().state, trip, "{}", read.key);
        }
    }
}

/// Plays a run through a shell over a database that was installed with its opening, and compares.
/// Gives how many units of work there were, and how many races were lost.
pub(crate) async fn replay<D: Database>(played: &Played, database: D, path: Path) -> (u64, u64) {
    let clock = Hand::default();
    let shell = Shell::new(setup(played, path), database, &clock);
    let mut fold = Fold::default();
    let (mut facts, mut units, mut lost) = (Vec::new(), 0, 0);
    for moment in moments(played, path) {
        *clock.0.lock().unwrap() = moment.at;
        let key = InputKey::numbered(Source::Platform, units);
        units += 1;
        let show = |unit: &Unit| {
            moment.heard.iter().for_each(|entry| fold.hear(&played.setup.rules, entry));
            assert_eq!(unit.told.heard, moment.heard, "{:?}", moment.came);
            assert_eq!(unit.told.effects, moment.asked, "{:?}", moment.came);
            fold.compare(unit);
            facts.extend_from_slice(&unit.told.facts);
        };
        let heard = shell.hear_and_show(key, &moment.came, Rows::default(), show).await.unwrap();
        assert_eq!(heard.answer, Answer::Heard, "{:?}", moment.came);
        lost += u64::from(heard.races_lost);
    }
    compare_journal(played, &facts);
    compare_rows(played, shell.database()).await;
    (units, lost)
}

fn setup(played: &Played, path: Path) -> Setup {
    let picking = &played.setup.behaviour.params.picking;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a short time")]
    let mean = |lines: u32| Millis((picking.mean_s(f64::from(lines)) * 1e3) as u32);
    Setup {
        rules: played.setup.rules.clone(),
        pricing: played.setup.policies.pricing,
        pricing_params: played.setup.policies.pricing_params,
        pick_means: (0..200).map(mean).collect(),
        path,
        keeps_tape: true,
        ..Setup::new(CityId(0))
    }
}

/// The moments as a shell meets them. To one that carries the steps of the order path together, a
/// wish and what came of it at the same instant are one.
fn moments(played: &Played, path: Path) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::new();
    for moment in &played.moments {
        let wish = match moment.came[..] {
            [outside::Input::Lock { order }] => Some(Effect::LockQuote { order }),
            [outside::Input::Reserve { order }] => Some(Effect::Reserve { order }),
            _ => None,
        };
        if let (Path::Together, Some(wish)) = (path, wish) {
            let before = moments.last_mut().unwrap();
            let at = before.asked.iter().position(|effect| *effect == wish).unwrap();
            before.asked.remove(at);
            before.heard.extend_from_slice(&moment.heard);
            before.asked.extend_from_slice(&moment.asked);
            continue;
        }
        moments.push(moment.clone());
    }
    moments
}

fn compare_journal(played: &Played, facts: &[Fact]) {
    let told = &played.journal[played.opening().len()..];
    let differs = told.iter().zip(facts).find(|(record, fact)| record.fact != **fact);
    assert_eq!(differs, None);
    assert_eq!(told.len(), facts.len());
}

/// Rows that are read at a time.
const AT_A_TIME: usize = 64;

/// Compares what the facts of a run come to with the rows that are kept.
async fn compare_rows<D: Database>(played: &Played, database: &D) {
    let mut slots: BTreeMap<(StoreId, SkuId), Slot> = played.shelves().into_iter().collect();
    let mut holds: BTreeMap<OrderId, Hold> = BTreeMap::new();
    let mut quotes: BTreeMap<OrderId, pricing::quote::State> = BTreeMap::new();
    let mut riders: BTreeMap<RiderId, rider::State> = BTreeMap::new();
    let mut ways: BTreeMap<OrderId, Way> = BTreeMap::new();
    let mut trips: BTreeMap<TripId, Vec<OrderId>> = BTreeMap::new();
    for Record { fact, at, .. } in &played.journal {
        see_way(fact, *at, &mut ways, &mut trips);
        match fact {
            Fact::Stock(event) => {
                if let Some(slot) = event.moves() {
                    slots.entry(slot).or_default().evolve(event);
                }
                if let Some(order) = of_hold(event) {
                    holds.entry(order).or_default().evolve(&mut [], event);
                }
            }
            Fact::Pricing(event) => {
                if let Some(order) = of_quote(event) {
                    quotes.entry(order).or_default().evolve(event);
                }
            }
            Fact::Rider(event) => {
                let (rider::Event::CameOn { rider, .. }
                | rider::Event::WentOff { rider }
                | rider::Event::BreakBegun { rider }
                | rider::Event::BreakEnded { rider }
                | rider::Event::Moved { rider, .. }) = *event;
                riders.entry(rider).or_default().evolve(event);
            }
            _ => {}
        }
    }
    let keys: BTreeSet<Key> = (slots.keys().copied().map(Key::Slot))
        .chain(holds.keys().chain(quotes.keys()).chain(ways.keys()).copied().map(Key::Order))
        .chain(riders.keys().copied().map(Key::Rider))
        .collect();
    let keys: Vec<Key> = keys.into_iter().collect();
    for keys in keys.chunks(AT_A_TIME) {
        let mut rows = Rows::default();
        database.load(keys, &mut rows).await.unwrap();
        for read in rows.slots.iter() {
            assert_eq!(slots.get(&read.key), Some(read.state()), "{:?}", read.key);
        }
        for read in rows.orders.iter() {
            let (order, row) = (read.key, read.state());
            assert_eq!(row.hold, holds.get(&order).copied().unwrap_or_default(), "{order}");
            assert_eq!(row.quote, quotes.get(&order).copied().unwrap_or_default(), "{order}");
            compare_way(order, row, &ways.remove(&order).unwrap_or_default());
        }
        for read in rows.riders.iter() {
            let state = read.state().state;
            let duty = riders.get(&read.key).map(|rider| rider.duty);
            assert_eq!((Some(state.duty), state.trip), (duty, None), "{} at the end", read.key);
        }
    }
}

fn compare_way(order: OrderId, row: &Order, way: &Way) {
    let picked: Vec<u32> = row.lines.iter().map(|line| line.picked_units).collect();
    let expected = (0..row.lines.len()).map(|line| way.picked.get(&line).copied().unwrap_or(0));
    assert_eq!(picked, expected.collect::<Vec<_>>(), "{order}");
    assert!(row.lines.iter().all(|line| line.held_units == 0), "{order} holds on at the end");
    let asked = (row.requested_at, row.ready_at, row.refused_by);
    assert_eq!(asked, (way.requested_at, way.ready_at, way.refused_by), "{order}");
}

/// What facts say of an order on its way that no state machine keeps.
#[derive(Default)]
struct Way {
    picked: BTreeMap<usize, u32>,
    requested_at: Timestamp,
    ready_at: Timestamp,
    refused_by: Option<RiderId>,
}

fn see_way(
    fact: &Fact,
    at: Timestamp,
    ways: &mut BTreeMap<OrderId, Way>,
    trips: &mut BTreeMap<TripId, Vec<OrderId>>,
) {
    use delivery::Event as Trip;
    use picking::Event as Pick;
    match *fact {
        Fact::Picking(
            Pick::LinePicked { order, line, units, .. }
            | Pick::LineShort { order, line, units, .. },
        ) => {
            ways.entry(order).or_default().picked.insert(line.into(), units);
        }
        Fact::Picking(Pick::Packed { order, .. }) => ways.entry(order).or_default().ready_at = at,
        Fact::Picking(Pick::Closed { order }) => ways.entry(order).or_default().picked.clear(),
        Fact::Dispatch(domain::dispatch::Event::Requested { order, ready_at, .. }) => {
            let way = ways.entry(order).or_default();
            (way.requested_at, way.ready_at) = (at, ready_at);
        }
        Fact::Delivery(Trip::OrderJoined { trip, order }) => {
            trips.entry(trip).or_default().push(order);
        }
        Fact::Delivery(Trip::OrderLeft { trip, order }) => {
            trips.entry(trip).or_default().retain(|joined| *joined != order);
        }
        Fact::Delivery(
            Trip::Rejected { trip, rider }
            | Trip::OfferTimedOut { trip, rider }
            | Trip::Dropped { trip, rider },
        ) => {
            for order in trips.remove(&trip).unwrap_or_default() {
                ways.entry(order).or_default().refused_by = Some(rider);
            }
        }
        _ => {}
    }
}

fn of_hold(event: &domain::stock::Event) -> Option<OrderId> {
    use domain::stock::Event as E;
    match *event {
        E::Held { order, .. }
        | E::Extended { order, .. }
        | E::Secured { order, .. }
        | E::Released { order, .. }
        | E::Expired { order, .. } => Some(order),
        _ => None,
    }
}

fn of_quote(event: &pricing::Event) -> Option<OrderId> {
    use pricing::Event as E;
    match *event {
        E::Issued { order, .. }
        | E::Locked { order, .. }
        | E::Expired { order }
        | E::Consumed { order }
        | E::Invalidated { order } => Some(order),
        _ => None,
    }
}
