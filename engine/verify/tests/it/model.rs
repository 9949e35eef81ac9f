//! A model of a deployment, its clients and its provider: it draws a sound run from a seed, with
//! lost answers, repeats, declines and late words, and writes down what each of them saw.

use dastak_verify::history::{End, Fate, Operation, Step, Touch};
use dastak_verify::shelf_key;
use dastak_verify::witness::{Entry, Verb, What};
use domain::facts::opening::Event as Opening;
use domain::facts::{Fact, Record};
use domain::ids::{CityId, CustomerId, OrderId, RiderId, SkuId, StoreId};
use domain::money::{Bps, Paise};
use domain::order::{Canceller, Event as Stage, Rejection, Stage as At};
use domain::payment::{Event as Pay, Method, WordKind};
use domain::place::Place;
use domain::pricing::Event as Quote;
use domain::stock::{Adjustment, Event as Stock};
use domain::time::Timestamp;

/// When the run starts on the journal's clock, µs.
pub(crate) const STARTED_US: u64 = 1_000_000_000;
const STORE: StoreId = StoreId(1);
const SKUS: u32 = 2;
const SKU_UNITS: u32 = 12;
const PRICE: i64 = 10_000;
const DOOR: Place = Place { lat_e7: 190_000_000, lon_e7: 730_000_000 };

/// What everybody saw of a run.
#[derive(Clone, Default)]
pub(crate) struct Run {
    pub(crate) operations: Vec<Operation>,
    pub(crate) records: Vec<Record>,
    pub(crate) ledger: Vec<Entry>,
}

/// One order while it is played.
struct Playing {
    arrival: u64,
    id: u64,
    sku: SkuId,
    units: u32,
    version: u16,
    /// When each version came to be, and the stage, units picked and price from then on.
    seen: Vec<(u64, u16, At, i64, i64)>,
}

impl Playing {
    fn price(&self) -> i64 {
        i64::from(self.units) * PRICE
    }
}

struct Model {
    run: Run,
    state: u64,
    free: [i64; SKUS as usize],
    /// Units that come back later: when, which, how many.
    back: Vec<(u64, SkuId, i64)>,
}

/// Draws a sound run of so many arrivals.
pub(crate) fn run(seed: u64, arrivals: u64) -> Run {
    let mut model = Model {
        run: Run::default(),
        state: seed.wrapping_mul(2).wrapping_add(1),
        free: [i64::from(SKU_UNITS); SKUS as usize],
        back: Vec::new(),
    };
    for sku in (0..SKUS).map(SkuId) {
        model.tell(0, Opening::Stock { store: STORE, sku, units: SKU_UNITS });
    }
    for arrival in 0..arrivals {
        model.arrive(arrival);
    }
    let mut run = model.run;
    run.records.sort_by_key(|record| record.at);
    for (seq, record) in (0..).zip(&mut run.records) {
        record.seq = seq;
    }
    run.ledger.sort_by_key(|entry| entry.at_us);
    run
}

impl Model {
    /// A number below `n`, by splitmix64.
    fn below(&mut self, n: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn tell(&mut self, at_us: u64, fact: impl Into<Fact>) {
        let at = Timestamp(STARTED_US + at_us);
        self.run.records.push(Record { at, city: CityId(0), seq: 0, fact: fact.into() });
    }

    fn enter(&mut self, at_us: u64, (order, attempt): (u64, u8), what: What, word: WordKind) {
        self.run.ledger.push(Entry { at_us, order, attempt, what, word });
    }

    fn ask(&mut self, at_us: u64, of: (u64, u8), verb: Verb, amount_paise: i64, word: WordKind) {
        let ask = |is_repeat| What::Asked { verb, amount_paise, is_repeat };
        self.enter(at_us, of, ask(false), word);
        if self.below(4) == 0 {
            self.enter(at_us + 50_000, of, ask(true), word);
        }
    }

    /// An operation that took effect at a time.
    fn sent(&mut self, at_us: u64, arrival: u64, step: Step, keys: Vec<Touch>) -> Operation {
        let op = self.run.operations.len() as u64;
        let sent_us = at_us - 1 - self.below(4_000);
        let done_us = Some(at_us + 1 + self.below(20_000));
        let end = End { fate: Fate::Ok, done_us, status: Some(200), ..End::UNKNOWN };
        Operation { op, arrival, step, keys, idempotency_key: None, request: 0, sent_us, end }
    }

    fn write(&mut self, operation: Operation) {
        self.run.operations.push(operation);
    }

    fn lost(&mut self, mut operation: Operation) -> Operation {
        let done_us = Some(operation.sent_us + 1_000_000);
        // Some are cut off with the run, and nobody knows when they would have ended.
        operation.end = End { done_us: done_us.filter(|_| self.below(5) > 0), ..End::UNKNOWN };
        operation
    }

    fn arrive(&mut self, arrival: u64) {
        let quoted_us = 10_000 + arrival * 300_000;
        let id = 7_000 + arrival * 3;
        let sku = SkuId(u32::try_from(self.below(u64::from(SKUS))).expect("few"));
        let units = 1 + u32::try_from(self.below(3)).expect("few");
        let mut order = Playing { arrival, id, sku, units, version: 0, seen: Vec::new() };
        self.quote(&order, quoted_us);
        let placed_us = quoted_us + 30_000 + self.below(100_000);
        self.come_back(placed_us);
        self.availability(&order, placed_us - 10);
        if !self.place(&order, placed_us) {
            return;
        }
        self.live(&mut order, placed_us);
        let end_us = order.seen.last().map_or(placed_us, |seen| seen.0);
        for _ in 0..4 {
            let at_us = placed_us + 1_100_000 + self.below(end_us - placed_us + 2_000_000);
            self.look(&order, at_us, Step::Look);
        }
        self.look(&order, end_us + 5_000_000, Step::Look);
        self.strange(&order, end_us);
    }

    fn come_back(&mut self, by_us: u64) {
        let (back, later): (Vec<_>, Vec<_>) = self.back.drain(..).partition(|one| one.0 < by_us);
        self.back = later;
        for (_, sku, units) in back {
            self.free[sku.index()] += units;
        }
    }

    fn quote(&mut self, order: &Playing, at_us: u64) {
        let total = Paise(order.price());
        let (promise_by, valid_until) = (Timestamp(u64::MAX >> 2), Timestamp(u64::MAX >> 2));
        let (id, store, surge) = (OrderId(order.id), STORE, Bps::ONE);
        self.tell(at_us, Quote::Issued { order: id, store, total, surge, promise_by, valid_until });
        let touch = Touch { key: shelf_key(STORE.0, order.sku.0), units: order.units.into() };
        let mut asked = self.sent(at_us, order.arrival, Step::Quote, vec![touch]);
        asked.end.id = Some(order.id);
        asked.end.amount_paise = Some(order.price());
        self.write(asked);
    }

    fn availability(&mut self, order: &Playing, at_us: u64) {
        let touch = Touch { key: shelf_key(STORE.0, order.sku.0), units: 0 };
        let mut read = self.sent(at_us, order.arrival, Step::Availability, vec![touch]);
        read.end.units = Some(self.free[order.sku.index()]);
        self.write(read);
    }

    /// Asks for an order, perhaps several times; whether it was placed.
    fn place(&mut self, order: &Playing, at_us: u64) -> bool {
        let touch = Touch { key: shelf_key(STORE.0, order.sku.0), units: order.units.into() };
        let mut first = self.sent(at_us, order.arrival, Step::Order, vec![touch]);
        first.idempotency_key = Some(format!("cart-{}", order.arrival).into());
        first.request = 0xa000 + order.id;
        first.end.status = Some(201);
        first.end.id = Some(order.id);
        first.end.answer = Some(0xb000 + order.id);
        let mut again = first.clone();
        (again.op, again.sent_us) = (first.op + 1, first.sent_us + self.below(800_000));
        let answered = first.end.done_us.unwrap_or_default().max(again.sent_us) + 2_000;
        again.end.done_us = Some(answered);
        match self.below(10) {
            0 => {
                first.end = End { id: None, answer: None, ..first.end };
                (first.end.fate, first.end.status) = (Fate::Failed, Some(409));
                self.write(first);
                return false;
            }
            1 => {
                let lost = self.lost(first);
                self.write(lost);
                return false;
            }
            2 => {
                let lost = self.lost(first);
                self.write(lost);
            }
            3 | 4 => {
                let lost = self.lost(first);
                self.write(lost);
                self.write(again);
            }
            5 => {
                self.write(first);
                self.write(again);
            }
            6 => {
                again.request += 1;
                again.sent_us = answered;
                again.end = End { id: None, answer: None, ..again.end };
                (again.end.fate, again.end.status) = (Fate::Failed, Some(422));
                again.end.done_us = Some(answered + 900);
                self.write(first);
                self.write(again);
            }
            _ => self.write(first),
        }
        true
    }

    fn stage(&mut self, order: &mut Playing, at_us: u64, stage: At, (picked, price): (i64, i64)) {
        order.version += 1;
        let (id, version) = (OrderId(order.id), order.version);
        let event = match stage {
            At::Placed => Stage::Placed {
                order: id,
                version,
                client_ref: order.arrival,
                customer: CustomerId(5),
                store: STORE,
                door: DOOR,
                lines: 1,
                method: Method::Upi,
                promise_by: Timestamp(u64::MAX >> 2),
            },
            At::Reserved => Stage::Reserved { order: id, version },
            At::PaymentPending => Stage::PaymentPending { order: id, version },
            At::Confirmed => Stage::Confirmed { order: id, version },
            At::Picking => Stage::PickingBegun { order: id, version },
            At::Packed => Stage::Packed { order: id, version, payable: Paise(price) },
            At::OutForDelivery => Stage::LeftStore { order: id, version },
            At::Arrived => Stage::Arrived { order: id, version },
            At::Delivered => Stage::Delivered { order: id, version },
            At::Rejected => {
                Stage::Rejected { order: id, version, rejection: Rejection::OutOfStock }
            }
            At::Cancelled => {
                let canceller = Canceller::Customer;
                Stage::Cancelled { order: id, version, canceller, stage: At::Confirmed }
            }
            At::Draft | At::Undelivered => unreachable!("not played"),
        };
        self.tell(at_us, event);
        order.seen.push((at_us, version, stage, picked, price));
    }

    fn live(&mut self, order: &mut Playing, placed_us: u64) {
        let (sku, units, price) = (order.sku, i64::from(order.units), order.price());
        self.stage(order, placed_us, At::Placed, (0, price));
        if self.free[sku.index()] < units {
            return self.stage(order, placed_us, At::Rejected, (0, price));
        }
        self.free[sku.index()] -= units;
        self.stage(order, placed_us, At::Reserved, (0, price));
        if self.below(5) == 0 {
            let rider = RiderId(0);
            return self.bring(order, placed_us + 400_000, |model, at_us, price| {
                let id = OrderId(7_000 + (placed_us / 300_000) * 3);
                model.tell(at_us, Pay::CashCollected { order: id, rider, amount: Paise(price) });
            });
        }
        self.stage(order, placed_us, At::PaymentPending, (0, price));
        let (attempt, paid_us) = self.pay(order, placed_us);
        if self.below(5) == 0 {
            return self.cancel(order, attempt, paid_us);
        }
        let id = order.id;
        self.bring(order, paid_us, move |model, at_us, kept| {
            if kept < price {
                model.refund(at_us, (id, attempt), price - kept);
            }
        });
    }

    /// Paid, perhaps at the second attempt; which one, and when.
    fn pay(&mut self, order: &Playing, at_us: u64) -> (u8, u64) {
        let (id, amount) = (OrderId(order.id), Paise(order.price()));
        let method = Method::Upi;
        self.tell(at_us, Pay::Initiated { order: id, attempt: 1, method, amount });
        let create = (Verb::Create, amount.0, WordKind::Pending);
        self.ask(at_us + 5_000, (id.0, 1), create.0, create.1, create.2);
        let mut taken = (1, at_us + 900_000);
        if self.below(3) == 0 {
            self.enter(
                at_us + 300_000,
                (id.0, 1),
                What::Said { is_late: false },
                WordKind::Declined,
            );
            self.tell(at_us + 400_000, Pay::Initiated { order: id, attempt: 2, method, amount });
            self.ask(at_us + 405_000, (id.0, 2), create.0, create.1, create.2);
            // The bank agrees to the first attempt all the same, too late.
            if self.below(2) == 0 {
                self.enter(
                    at_us + 1_500_000,
                    (id.0, 1),
                    What::Said { is_late: true },
                    WordKind::Authorised,
                );
                self.ask(at_us + 1_600_000, (id.0, 1), Verb::Void, 0, WordKind::Voided);
                self.tell(at_us + 1_700_000, Pay::Voided { order: id, attempt: 1 });
            }
            taken = (2, at_us + 1_300_000);
        }
        let (attempt, paid_us) = taken;
        self.enter(
            paid_us - 300_000,
            (id.0, attempt),
            What::Said { is_late: false },
            WordKind::Authorised,
        );
        let amount_paise = amount.0;
        self.ask(
            paid_us - 100_000,
            (id.0, attempt),
            Verb::Capture,
            amount_paise,
            WordKind::Captured,
        );
        self.tell(paid_us, Pay::Captured { order: id, attempt, method, amount });
        taken
    }

    fn refund(&mut self, at_us: u64, of: (u64, u8), paise: i64) {
        let (order, attempt, amount) = (OrderId(of.0), of.1, Paise(paise));
        self.ask(at_us, of, Verb::Refund, paise, WordKind::Refunded);
        let method = Method::Upi;
        self.tell(at_us + 90_000, Pay::Refunded { order, attempt, method, amount });
    }

    fn cancel(&mut self, order: &mut Playing, attempt: u8, paid_us: u64) {
        let (id, price) = (OrderId(order.id), order.price());
        self.stage(order, paid_us, At::Confirmed, (0, price));
        let at_us = paid_us + 700_000;
        order.version += 1;
        let (version, canceller) = (order.version, Canceller::Customer);
        self.tell(at_us, Stage::CancelAsked { order: id, version, canceller });
        order.seen.push((at_us, version, At::Confirmed, 0, price));
        self.look(order, at_us, Step::Cancel);
        self.refund(at_us + 100_000, (id.0, attempt), price);
        self.stage(order, at_us + 300_000, At::Cancelled, (0, price));
        self.back.push((at_us + 300_000, order.sku, order.units.into()));
    }

    /// Picked, perhaps short, and delivered; then the rest of the money moves.
    fn bring(
        &mut self,
        order: &mut Playing,
        from_us: u64,
        settle: impl FnOnce(&mut Self, u64, i64),
    ) {
        let (mut picked, mut price) = (i64::from(order.units), order.price());
        self.stage(order, from_us, At::Confirmed, (0, price));
        self.stage(order, from_us + 200_000, At::Picking, (0, price));
        let packed_us = from_us + 600_000;
        if picked > 1 && self.below(5) == 0 {
            (picked, price) = (picked - 1, price - PRICE);
            let (store, sku, adjustment) = (STORE, order.sku, Adjustment::ShortPick);
            // The missing unit was recorded and was not there.
            self.tell(packed_us, Stock::Adjusted { store, sku, delta_units: -1, adjustment });
        }
        self.stage(order, packed_us, At::Packed, (picked, price));
        self.stage(order, packed_us + 100_000, At::OutForDelivery, (picked, price));
        self.stage(order, packed_us + 400_000, At::Arrived, (picked, price));
        self.stage(order, packed_us + 450_000, At::Delivered, (picked, price));
        settle(self, packed_us + 450_000, price);
    }

    fn look(&mut self, order: &Playing, at_us: u64, step: Step) {
        let keys = vec![Touch { key: order.id, units: 0 }];
        let mut look = self.sent(at_us, order.arrival, step, keys);
        let seen = order.seen.iter().rev().find(|seen| seen.0 <= at_us);
        let Some(&(_, version, word, picked, price)) = seen else { return };
        if self.below(12) == 0 {
            let lost = self.lost(look);
            return self.write(lost);
        }
        look.end.id = Some(order.id);
        look.end.version = Some(version.into());
        (look.end.units, look.end.amount_paise) = (Some(picked), Some(price));
        look.end.word = Some(word);
        self.write(look);
    }

    fn strange(&mut self, order: &Playing, at_us: u64) {
        let keys = vec![Touch { key: order.id, units: 0 }];
        let mut look = self.sent(at_us, order.arrival + 1, Step::Stranger, keys);
        (look.end.fate, look.end.status) = (Fate::Failed, Some(404));
        self.write(look);
    }
}
