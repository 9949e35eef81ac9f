//! Units of work, one by one: what they commit, what they refuse, and what they make of repeats.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use dastak_shell::{
    Answer, Clock, Committed, Database, Heard, InputKey, Key, Memory, Numbers, OutboxId, OutboxRow,
    Pause, Pool, PortError, Refused, Round, Rounds, Rows, Setup, Shell, ShellError, Source, Stamp,
    TimerId, TimerRow, Unit,
};
use domain::dispatch::{Legs, Params, Policy};
use domain::facts::{Fact, Record};
use domain::ids::{CityId, CustomerId, OrderId, PickerId, RiderId, SkuId, StoreId, TripId};
use domain::money::{Bps, Paise};
use domain::order::{Canceller, Stage};
use domain::outside::{Effect, Input};
use domain::payment::{Method, Word};
use domain::place::Place;
use domain::rider::Duty;
use domain::stock::Slot;
use domain::store::Door;
use domain::time::{Millis, Timestamp};

const CITY: CityId = CityId(0);
const STORE: StoreId = StoreId(0);
const ORDER: OrderId = OrderId(1);
const SHELF: (StoreId, SkuId) = (STORE, SkuId(2));
const RIDER: RiderId = RiderId(4);
const TRIP: TripId = TripId(5);
const HOME: Place = Place { lat_e7: 190_000_000, lon_e7: 730_000_000 };

#[derive(Default)]
struct Hand(Mutex<Timestamp>);

impl Clock for &Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A shell over a shelf of three, and a name for each word that is said to it.
struct Desk<'a> {
    shell: Shell<&'a Memory, &'a Hand>,
    memory: &'a Memory,
    clock: &'a Hand,
    names: u64,
}

fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("memory never waits"),
    }
}

fn with_desk(check: impl FnOnce(&mut Desk<'_>)) {
    let (memory, clock) = (Memory::new(CITY), Hand::default());
    memory.install(&[(SHELF, Slot { free_units: 3, ..Slot::default() })], &[]);
    let shell = Shell::new(Setup::new(CITY), &memory, &clock);
    check(&mut Desk { shell, memory: &memory, clock: &clock, names: 0 });
}

impl Desk<'_> {
    fn at(&mut self, at_s: u64) -> &mut Self {
        *self.clock.0.lock().unwrap() = Timestamp::from_s(at_s);
        self
    }

    fn say(&mut self, words: &[Input]) -> Answer {
        self.names += 1;
        self.say_as(InputKey::numbered(Source::Client, self.names), words).unwrap().answer
    }

    fn say_as(&self, key: InputKey, words: &[Input]) -> Result<Heard, ShellError> {
        at_once(self.shell.hear(key, words))
    }

    fn heard(&mut self, words: &[Input]) -> &mut Self {
        assert_eq!(self.say(words), Answer::Heard, "{words:?}");
        self
    }

    fn placed(&mut self, method: Method) -> &mut Self {
        self.heard(&[cart(2), QUOTE]).heard(&[place(method)])
    }

    fn stage(&self) -> Stage {
        self.memory.orders()[0].1.saga.stage
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.memory.facts().iter().map(|record| record.fact.kind().name).collect()
    }
}

const QUOTE: Input = Input::Quote { order: ORDER, raining: false, promise_by: Timestamp(9) };

fn cart(units: u32) -> Input {
    let (store, sku) = SHELF;
    let (price, mrp, gst) = (Paise(20_000), Paise(25_000), Bps(500));
    Input::CartLine { order: ORDER, store, line: 0, sku, units, price, mrp, gst }
}

const fn place(method: Method) -> Input {
    let customer = CustomerId(0);
    Input::Place { order: ORDER, client_ref: 1, customer, door: HOME, method, served: true }
}

const fn provider(attempt: u8, word: Word) -> Input {
    Input::Provider { order: ORDER, attempt, word }
}

/// From the placing to the question to the bank, all in one commit.
#[test]
fn placing_locks_holds_and_asks_for_money_in_one_commit() {
    with_desk(|desk| {
        desk.heard(&[cart(2), QUOTE]);
        let before = desk.memory.commits();
        desk.heard(&[place(Method::Upi)]);
        assert_eq!(desk.memory.commits(), before + 1);
        assert_eq!(desk.stage(), Stage::PaymentPending);
        let amount = desk.memory.orders()[0].1.saga.payable;
        let (attempt, method) = (1, Method::Upi);
        let asked: Vec<Effect> = desk.memory.outbox().iter().map(|row| row.effect).collect();
        assert_eq!(asked, [Effect::AskProvider { order: ORDER, attempt, method, amount }]);
        let slot = Slot { free_units: 1, reserved_units: 2, sold_units: 0 };
        assert_eq!(desk.memory.slots(), [(SHELF, slot)]);
    });
}

#[test]
fn the_money_confirms_and_the_pick_begins_in_one_commit() {
    with_desk(|desk| {
        desk.heard(&[Input::PickerOn { picker: PickerId(0), store: STORE }]).placed(Method::Upi);
        desk.heard(&[provider(1, Word::Authorised)]);
        let before = desk.memory.commits();
        desk.heard(&[provider(1, Word::Captured)]);
        assert_eq!((desk.memory.commits(), desk.stage()), (before + 1, Stage::Picking));
    });
}

#[test]
fn the_same_name_is_heard_once_and_with_other_words_refused() {
    with_desk(|desk| {
        desk.heard(&[cart(2), QUOTE]);
        let key = InputKey::of_bytes(Source::Client, b"customer 0, key 7");
        let hear = |desk: &Desk<'_>| desk.say_as(key, &[place(Method::Cash)]);
        assert!(!hear(desk).unwrap().repeated);
        let facts = desk.kinds();
        assert!(hear(desk).unwrap().repeated);
        assert_eq!(desk.kinds(), facts);
        let other = desk.say_as(key, &[place(Method::Upi)]);
        assert_eq!(other, Err(ShellError::KeyReused));
    });
}

/// A word about an attempt that is not made yet is not noted: the bank says it again.
#[test]
fn a_word_too_early_must_be_said_again() {
    with_desk(|desk| {
        desk.heard(&[cart(1), QUOTE]);
        let key = InputKey::numbered(Source::Provider, 1);
        let hear =
            |desk: &Desk<'_>| desk.say_as(key, &[provider(1, Word::Authorised)]).unwrap().answer;
        let commits = desk.memory.commits();
        assert_eq!(hear(desk), Answer::NotYet);
        assert_eq!(desk.memory.commits(), commits);
        desk.heard(&[place(Method::Upi)]);
        assert_eq!(hear(desk), Answer::Heard);
        assert!(desk.kinds().contains(&"payment_authorised"));
    });
}

#[test]
fn what_cannot_be_is_refused() {
    with_desk(|desk| {
        assert_eq!(desk.say(&[place(Method::Upi)]), Answer::Refused(Refused::NotQuoted));
        assert_eq!(desk.say(&[cart(9), QUOTE]), Answer::Refused(Refused::EmptyCart));
        desk.placed(Method::Upi);
        assert_eq!(desk.say(&[cart(1)]), Answer::Refused(Refused::Ordered));
        assert_eq!(desk.say(&[QUOTE]), Answer::Refused(Refused::Ordered));
        let (store, sku) = SHELF;
        let adjustment = domain::stock::Adjustment::Dumped;
        let dump = Input::Adjust { store, sku, delta_units: -2, adjustment };
        assert_eq!(desk.say(&[dump]), Answer::Refused(Refused::Shortfall));
        let offer = Input::Offer { trip: TRIP, rider: RIDER, first: ORDER, second: ORDER };
        assert_eq!(desk.say(&[offer]), Answer::Refused(Refused::NotWaiting));
    });
}

/// A door that was open for the quote and is shut for the order turns it away.
#[test]
fn a_door_that_shut_after_the_quote_turns_the_order_away() {
    for (door_state, stage) in [
        (Door::Open, Stage::PaymentPending),
        (Door::Throttled, Stage::PaymentPending),
        (Door::Paused, Stage::Rejected),
        (Door::Closed, Stage::Rejected),
    ] {
        with_desk(|desk| {
            desk.heard(&[cart(1), QUOTE]).heard(&[Input::SetDoor { store: STORE, door_state }]);
            desk.heard(&[place(Method::Upi)]);
            assert_eq!(desk.stage(), stage, "{door_state}");
        });
    }
}

/// An order that is brought as far as being offered to a rider.
fn offered(desk: &mut Desk<'_>) {
    desk.heard(&[Input::RiderOn { rider: RIDER, place: HOME }]).placed(Method::Cash);
    desk.heard(&[Input::Offer { trip: TRIP, rider: RIDER, first: ORDER, second: ORDER }]);
}

#[test]
fn an_answer_after_the_end_of_an_offer_is_none() {
    let limit = Setup::new(CITY).rules.delivery.offer;
    for (late, kind) in [(Millis::ZERO, "trip_accepted"), (Millis(1), "trip_offer_timed_out")] {
        with_desk(|desk| {
            offered(desk);
            *desk.clock.0.lock().unwrap() = Timestamp(0) + limit + late;
            desk.heard(&[Input::Answer { trip: TRIP, accepts: true }]);
            assert!(desk.kinds().contains(&kind), "{kind}: {:?}", desk.kinds());
        });
    }
}

/// Who goes off duty on a trip leaves when it ends, unless they came on again.
#[test]
fn a_rider_leaves_when_the_trip_is_over_unless_called_back() {
    let off = Input::RiderOff { rider: RIDER };
    let on = Input::RiderOn { rider: RIDER, place: HOME };
    for (words, duty) in [(vec![off], Duty::Off), (vec![off, on], Duty::On)] {
        with_desk(|desk| {
            offered(desk);
            desk.heard(&words).heard(&[Input::Answer { trip: TRIP, accepts: false }]);
            let state = desk.memory.riders()[0].1.state;
            assert_eq!((state.duty, state.trip), (duty, None));
        });
    }
}

/// What is held and let go in one unit of work is told of the shelf, so the shelf's time moves on.
#[test]
fn a_shelf_that_is_told_of_is_written() {
    let memory = Memory::new(CITY);
    let clock = Hand::default();
    memory.install(&[(SHELF, Slot { free_units: 3, ..Slot::default() })], &[]);
    let setup = Setup { path: dastak_shell::Path::Apart, ..Setup::new(CITY) };
    let shell = Shell::new(setup, &memory, &clock);
    let mut desk = Desk { shell, memory: &memory, clock: &clock, names: 0 };
    desk.at(1).placed(Method::Upi);
    let canceller = Canceller::Customer;
    desk.at(2).heard(&[Input::Lock { order: ORDER }, Input::Cancel { order: ORDER, canceller }]);
    let before = touched(&memory);
    desk.at(7).heard(&[Input::Reserve { order: ORDER }]);
    assert_eq!(desk.stage(), Stage::Cancelled);
    assert_eq!((before, touched(&memory)), (Timestamp(0), Timestamp::from_s(7)));
}

/// When the shelf was written last.
fn touched(memory: &Memory) -> Timestamp {
    let mut rows = Rows::default();
    at_once(memory.load(&[Key::Slot(SHELF)], &mut rows)).unwrap();
    rows.slots.iter().next().unwrap().loaded.touched_at
}

/// A clock that is behind does not put what happens to a row before what happened to it.
#[test]
fn time_does_not_go_back_for_a_row() {
    with_desk(|desk| {
        desk.at(50).heard(&[cart(1), QUOTE]);
        desk.at(40).heard(&[place(Method::Cash)]);
        let times: Vec<Timestamp> = desk.memory.facts().iter().map(|record| record.at).collect();
        assert!(times.iter().all(|at| *at == Timestamp::from_s(50)), "{times:?}");
    });
}

/// Two kilometres a minute, as the crow flies.
struct Crow;

impl Legs for Crow {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a short way")]
    fn leg_ms(&self, from: Place, to: Place, _: Timestamp) -> u32 {
        (from.straight_m(to) * 30.0) as u32
    }
}

/// A round offers an order that is nearly packed to the nearest rider who has not refused it.
#[test]
fn rounds_offer_what_waits_to_who_is_near() {
    let away = |rider: u32, north_e7: i32| Input::RiderOn {
        rider: RiderId(rider),
        place: Place { lat_e7: HOME.lat_e7 + north_e7, ..HOME },
    };
    with_desk(|desk| {
        desk.heard(&[away(1, 30_000), away(2, 10_000), away(3, 20_000)]).placed(Method::Cash);
        desk.at(130);
        let shell = Shell::new(Setup::new(CITY), desk.memory, desk.clock);
        let mut rounds = Rounds::new(&shell, Policy::Batched, Params::default(), Crow, vec![HOME]);
        for (waiting, riders, rider) in [(1, 3, Some(2)), (0, 2, None), (1, 3, Some(3))] {
            let offered = usize::from(rider.is_some());
            let round = at_once(rounds.hold(None)).unwrap();
            assert_eq!(round, Round { waiting, riders, offered, refused: 0 });
            let on_trip =
                desk.memory.riders().into_iter().find(|(_, row)| row.state.trip.is_some());
            match rider {
                Some(rider) => assert_eq!(on_trip.unwrap().0, RiderId(rider)),
                None => {
                    let trip = on_trip.unwrap().1.state.trip.unwrap();
                    desk.heard(&[Input::Answer { trip, accepts: false }]);
                }
            }
        }
    });
}

/// A database that counts loads, and on which somebody else is quicker once, if there is a rival:
/// they take units off the shelf first.
struct Quicker<'a> {
    memory: &'a Memory,
    rival: Mutex<Option<Shell<&'a Memory, &'a Hand>>>,
    loads: AtomicU32,
}

impl Database for Quicker<'_> {
    async fn load(&self, keys: &[Key], rows: &mut Rows) -> Result<(), PortError> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.memory.load(keys, rows).await
    }

    fn stamps(
        &self,
        orders: &[OrderId],
    ) -> impl Future<Output = Result<Vec<Stamp>, PortError>> + Send {
        self.memory.stamps(orders)
    }

    async fn commit(&self, unit: &Unit) -> Result<Committed, PortError> {
        let rival = self.rival.lock().unwrap().take();
        if let Some(rival) = rival {
            let (store, sku) = SHELF;
            let take = Input::Adjust {
                store,
                sku,
                delta_units: -2,
                adjustment: domain::stock::Adjustment::Dumped,
            };
            let key = InputKey::numbered(Source::Platform, 99);
            assert_eq!(rival.hear(key, &[take]).await.unwrap().races_lost, 0);
        }
        self.memory.commit(unit).await
    }

    async fn take(
        &self,
        now: Timestamp,
        lease: Millis,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, PortError> {
        self.memory.take(now, lease, limit).await
    }

    async fn give_back(
        &self,
        rows: &[OutboxId],
        lent_until: Timestamp,
        now: Timestamp,
        pause: Pause,
    ) -> Result<(), PortError> {
        self.memory.give_back(rows, lent_until, now, pause).await
    }

    async fn ack(&self, done: &[OutboxId]) -> Result<(), PortError> {
        self.memory.ack(done).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<TimerRow>, PortError> {
        self.memory.due(now, limit).await
    }

    async fn cross_off(&self, timers: &[TimerId]) -> Result<(), PortError> {
        self.memory.cross_off(timers).await
    }

    async fn draw(&self, numbers: Numbers, count: u32) -> Result<u64, PortError> {
        self.memory.draw(numbers, count).await
    }

    async fn journal(&self, after: u64, limit: usize) -> Result<Vec<Record>, PortError> {
        self.memory.journal(after, limit).await
    }

    async fn pool(&self, orders: usize) -> Result<Pool, PortError> {
        self.memory.pool(orders).await
    }
}

/// The last units go to who commits first; the other sees that on fresh rows, and is refused.
#[test]
fn who_loses_a_race_decides_again_on_fresh_rows() {
    with_desk(|desk| {
        desk.heard(&[cart(2), QUOTE]);
        let rival = Shell::new(Setup::new(CITY), desk.memory, desk.clock);
        let (rival, loads) = (Mutex::new(Some(rival)), AtomicU32::new(0));
        let quicker = Quicker { memory: desk.memory, rival, loads };
        let shell = Shell::new(Setup::new(CITY), quicker, desk.clock);
        let key = InputKey::numbered(Source::Client, 77);
        let heard = at_once(shell.hear(key, &[place(Method::Upi)])).unwrap();
        assert_eq!((heard.answer, heard.races_lost), (Answer::Heard, 1));
        assert_eq!(desk.stage(), Stage::Rejected);
        let is_refused = |record: &Record| {
            matches!(record.fact, Fact::Stock(domain::stock::Event::Refused { free_units: 1, .. }))
        };
        assert!(desk.memory.facts().iter().any(is_refused));
    });
}

/// A word costs few round trips: what it will surely want is loaded at once.
#[test]
fn words_take_few_loads() {
    with_desk(|desk| {
        let quicker = Quicker { memory: desk.memory, rival: Mutex::default(), loads: 0.into() };
        let shell = Shell::new(Setup::new(CITY), quicker, desk.clock);
        let mut names = 0;
        let mut check = |word: Input, most: u32| {
            names += 1;
            let before = shell.database().loads.load(Ordering::Relaxed);
            let (key, words) = (InputKey::numbered(Source::Client, names), [word]);
            let heard = at_once(shell.hear(key, &words)).unwrap();
            assert_eq!(heard.answer, Answer::Heard, "{word:?}");
            let loads = shell.database().loads.load(Ordering::Relaxed) - before;
            assert!(loads <= most, "{word:?} takes {loads} loads");
        };
        let (trip, order) = (TRIP, ORDER);
        check(Input::PickerOn { picker: PickerId(0), store: STORE }, 1);
        check(Input::RiderOn { rider: RIDER, place: HOME }, 1);
        check(cart(2), 1);
        check(QUOTE, 2);
        check(place(Method::Upi), 2);
        check(provider(1, Word::Authorised), 2);
        check(provider(1, Word::Captured), 2);
        check(Input::Sought { order, line: 0, units: 2 }, 2);
        check(Input::Offer { trip, rider: RIDER, first: order, second: order }, 1);
        check(Input::Answer { trip, accepts: true }, 2);
        check(Input::BagPacked { order }, 4);
        let from = Timestamp(0);
        check(Input::Reached { trip, from, origin: HOME, place: HOME, leg_m: 0 }, 2);
        check(Input::BagTaken { trip, order }, 2);
        check(Input::Reached { trip, from, origin: HOME, place: HOME, leg_m: 0 }, 2);
        check(Input::DoorDone { trip, taken: true }, 2);
        assert_eq!(desk.stage(), Stage::Delivered);
    });
}
