//! Builds sound journals by hand: each order's facts as the business would tell them.
//!
//! A script says what happens to an order and when; the facts of all orders are then put in order
//! of time and numbered. Times are in milliseconds after the order is placed.

use domain::delivery::Event as Trip;
use domain::dispatch::Event as Wait;
use domain::facts::opening::Event as Opening;
use domain::facts::{Fact, Record};
use domain::ids::{
    CityId, CustomerId, OrderId, PickerId, PostingId, RiderId, SkuId, StoreId, TripId,
};
use domain::ledger::{Account, Event as Books};
use domain::money::{Bps, Paise};
use domain::order::{Canceller, Event as Stage, Rejection, Stage as At};
use domain::payment::{Decline, Event as Pay, Method};
use domain::picking::Event as Pick;
use domain::place::Place;
use domain::pricing::{Event as Quote, Fee};
use domain::rider::Event as Duty;
use domain::stock::{Adjustment, Event as Stock};
use domain::time::{Millis, Timestamp};

/// The city of every journal here.
pub(crate) const CITY: CityId = CityId(3);

const FEE: Paise = Paise(15_00);
const FEE_GST: Bps = Bps(1_800);

/// What is listed of a SKU: its price, its maximum retail price and its tax.
fn sku_terms(sku: SkuId) -> (Paise, Paise, Bps) {
    let price = Paise(40_00 + i64::from(sku.0 % 90) * 1_01);
    (price, price + Paise(2_00), [Bps(0), Bps(500), Bps(1_200), Bps(1_800)][sku.index() % 4])
}

/// A store's door: they stand two kilometres apart.
pub(crate) fn store_place(store: StoreId) -> Place {
    let at = i32::try_from(store.0).expect("few stores");
    Place { lat_e7: 129_700_000 + at * 180_000, lon_e7: 775_900_000 }
}

/// A door about a kilometre from the store.
pub(crate) fn door_of(store: StoreId) -> Place {
    let place = store_place(store);
    Place { lat_e7: place.lat_e7 + 60_000, lon_e7: place.lon_e7 + 60_000 }
}

/// One order: who, where, what.
#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) id: OrderId,
    pub(crate) placed_at: u64,
    pub(crate) store: StoreId,
    pub(crate) method: Method,
    /// SKU and units; every SKU once.
    pub(crate) lines: Vec<(SkuId, u32)>,
    version: u16,
    short: Option<(u16, u32)>,
    /// How often it was told what customers owe: total, then less.
    payable: Paise,
}

/// A journal under construction.
#[derive(Default)]
pub(crate) struct Journal {
    opening: Vec<Fact>,
    facts: Vec<(u64, Fact)>,
    postings: u64,
}

impl Order {
    pub(crate) fn new(index: usize, placed_s: u64, lines: &[(u32, u32)]) -> Self {
        let lines = lines.iter().map(|&(sku, units)| (SkuId(sku), units)).collect();
        let mut order = Self {
            id: OrderId::new(CITY, index),
            placed_at: placed_s * 1_000,
            store: StoreId(0),
            method: Method::Upi,
            lines,
            version: 0,
            short: None,
            payable: Paise::ZERO,
        };
        order.payable = order.total();
        order
    }

    pub(crate) fn at(mut self, store: u32) -> Self {
        self.store = StoreId(store);
        self
    }

    pub(crate) fn paid_by(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Of a line only some units will be found.
    pub(crate) fn short(mut self, line: u16, found: u32) -> Self {
        self.short = Some((line, found));
        self
    }

    fn goods(&self) -> Paise {
        self.lines.iter().map(|(sku, units)| sku_terms(*sku).0.times(*units)).sum()
    }

    pub(crate) fn total(&self) -> Paise {
        self.goods() + FEE
    }

    fn customer(&self) -> CustomerId {
        CustomerId(u32::try_from(self.id.index() % 1_000).expect("small"))
    }

    fn next(&mut self) -> u16 {
        self.version += 1;
        self.version
    }
}

impl Journal {
    /// Opens a world: stores with every SKU on the shelf, pickers by store, riders by store.
    pub(crate) fn open(stores: u32, skus: u32, units: u32, riders_per_store: u32) -> Self {
        let mut journal = Self::default();
        let day = Timestamp::from_s(86_400);
        journal.opening.push(Opening::Window { from: Timestamp(0), to: day }.into());
        journal.opening.push(
            Opening::Limits {
                max_batch: 2,
                sweep: Millis::from_s(1),
                order_limit: Millis::from_min(240),
                surge_floor: Bps::ONE,
                surge_cap: Bps(20_000),
                geofence_m: 150,
                speed_cap_m_per_h: 60_000,
            }
            .into(),
        );
        for sku in (0..skus).map(SkuId) {
            let (_, mrp, gst) = sku_terms(sku);
            journal.opening.push(Opening::Sku { sku, mrp, gst }.into());
        }
        for store in (0..stores).map(StoreId) {
            let place = store_place(store);
            journal.opening.push(Opening::Store { store, place, radius_m: 2_000 }.into());
            for sku in (0..skus).map(SkuId) {
                journal.opening.push(Opening::Stock { store, sku, units }.into());
            }
            for picker in (store.0 * 4..store.0 * 4 + 4).map(PickerId) {
                journal.opening.push(Opening::Picker { picker, store }.into());
                let shift = Opening::PickerShift { picker, from: Timestamp(0), to: day };
                journal.opening.push(shift.into());
            }
            for at in 0..riders_per_store {
                let rider = RiderId(store.0 * riders_per_store + at);
                journal.opening.push(Opening::Rider { rider, place }.into());
                journal.opening.push(
                    Opening::Shift { rider, from: Timestamp(0), to: Timestamp::from_s(80_000) }
                        .into(),
                );
                journal.say(0, Duty::CameOn { rider, place });
            }
        }
        journal
    }

    pub(crate) fn say(&mut self, at_ms: u64, fact: impl Into<Fact>) {
        self.facts.push((at_ms, fact.into()));
    }

    /// The records, in order of time and numbered.
    pub(crate) fn records(mut self) -> Vec<Record> {
        self.facts.sort_by_key(|(at, _)| *at);
        let opening = self.opening.into_iter().map(|fact| (0, fact));
        let facts = opening.chain(self.facts).zip(0..);
        let record =
            |((at, fact), seq)| Record { at: Timestamp(at * 1_000), city: CITY, seq, fact };
        facts.map(record).collect()
    }

    fn post(&mut self, at: u64, order: OrderId, sides: &[(Account, Paise)]) {
        let posting = PostingId(self.postings);
        self.postings += 1;
        for &(account, amount) in sides.iter().filter(|(_, amount)| *amount != Paise::ZERO) {
            self.say(at, Books::Entry { posting, order, account, amount });
        }
    }

    /// A customer puts money into their wallet.
    pub(crate) fn top_up(&mut self, at_ms: u64, customer: CustomerId, amount: Paise) {
        let posting = PostingId(self.postings);
        self.postings += 1;
        for (account, amount) in [(Account::Provider, amount), (Account::WalletLiability, -amount)]
        {
            self.say(at_ms, Books::GeneralEntry { posting, account, amount });
        }
        self.say(at_ms, Books::WalletMoved { posting, customer, amount });
    }

    /// Quoted and placed; the quote is locked 200 ms later.
    pub(crate) fn place(&mut self, order: &mut Order) {
        let (id, t, total) = (order.id, order.placed_at, order.total());
        self.quote(order);
        self.accept_quote(order, 0);
        self.say(t + 200, Quote::Locked { order: id, total });
    }

    /// Quoted, for ten minutes.
    pub(crate) fn quote(&mut self, order: &Order) {
        let (id, store, t) = (order.id, order.store, order.placed_at);
        for (line, &(sku, units)) in (0..).zip(&order.lines) {
            let (unit_price, _, gst) = sku_terms(sku);
            let tax = unit_price.times(units).tax_within(gst);
            self.say(t, Quote::LinePriced { order: id, line, sku, units, unit_price, tax });
        }
        let tax = FEE.tax_within(FEE_GST);
        self.say(t, Quote::FeeAdded { order: id, fee: Fee::Delivery, amount: FEE, tax });
        let promise_by = Timestamp((t + 900_000) * 1_000);
        let valid_until = Timestamp((t + 600_000) * 1_000);
        let (total, surge) = (order.total(), Bps::ONE);
        self.say(t, Quote::Issued { order: id, store, total, surge, promise_by, valid_until });
    }

    /// Placed, some time after it was quoted.
    pub(crate) fn accept_quote(&mut self, order: &mut Order, after: u64) {
        let (id, store, t) = (order.id, order.store, order.placed_at);
        let promise_by = Timestamp((t + 900_000) * 1_000);
        let placed = Stage::Placed {
            order: id,
            version: order.next(),
            client_ref: id.index() as u64,
            customer: order.customer(),
            store,
            door: door_of(store),
            lines: u16::try_from(order.lines.len()).expect("few lines"),
            method: order.method,
            promise_by,
        };
        self.say(t + after, placed);
    }

    /// All lines are held, until `until` ms after the order was placed.
    pub(crate) fn hold(&mut self, order: &mut Order, after: u64, until: u64) {
        let (id, store, t) = (order.id, order.store, order.placed_at + after);
        for &(sku, units) in &order.lines {
            self.say(t, Stock::LineHeld { order: id, store, sku, units });
        }
        let expires_at = Timestamp((order.placed_at + until) * 1_000);
        self.say(t, Stock::Held { order: id, store, expires_at });
    }

    /// Reserved and asked to pay, or cash due.
    pub(crate) fn ask(&mut self, order: &mut Order, after: u64) {
        let (id, t) = (order.id, order.placed_at + after);
        self.say(t, Stage::Reserved { order: id, version: order.next() });
        let amount = order.total();
        if order.method == Method::Cash {
            self.say(t, Pay::CashDue { order: id, amount });
            return;
        }
        self.say(t, Stage::PaymentPending { order: id, version: order.next() });
        self.say(t, Pay::Initiated { order: id, attempt: 1, method: order.method, amount });
        self.say(t + 100, Pay::Pending { order: id, attempt: 1 });
    }

    pub(crate) fn authorise(&mut self, order: &Order, after: u64, attempt: u8, late: bool) {
        let (order, amount) = ((order.id, order.placed_at + after), order.total());
        self.say(order.1, Pay::Authorised { order: order.0, attempt, amount, late });
    }

    pub(crate) fn decline(&mut self, order: &Order, after: u64, attempt: u8, decline: Decline) {
        let t = order.placed_at + after;
        self.say(t, Pay::Declined { order: order.id, attempt, decline });
    }

    pub(crate) fn capture(&mut self, order: &Order, after: u64, attempt: u8) {
        let (id, t, method, amount) =
            (order.id, order.placed_at + after, order.method, order.total());
        self.say(t, Pay::Captured { order: id, attempt, method, amount });
        let from =
            if method == Method::Wallet { Account::WalletLiability } else { Account::Provider };
        self.post(t, id, &[(from, amount), (Account::CustomerDeposits, -amount)]);
        if method == Method::Wallet {
            let (posting, customer) = (PostingId(self.postings - 1), order.customer());
            self.say(t, Books::WalletMoved { posting, customer, amount: -amount });
        }
    }

    pub(crate) fn refund(&mut self, order: &Order, after: u64, attempt: u8, amount: Paise) {
        let (id, t, method) = (order.id, order.placed_at + after, order.method);
        self.say(t, Pay::RefundAsked { order: id, attempt, amount });
        self.say(t + 5_000, Pay::Refunded { order: id, attempt, method, amount });
        let sides = [(Account::CustomerDeposits, amount), (Account::Provider, -amount)];
        self.post(t + 5_000, id, &sides);
    }

    /// The pivot: confirmed, the hold secured, the list queued, a rider requested.
    pub(crate) fn confirm(&mut self, order: &mut Order, after: u64) {
        let (id, store, t) = (order.id, order.store, order.placed_at + after);
        self.say(t, Stage::Confirmed { order: id, version: order.next() });
        self.say(t, Stock::Secured { order: id, store });
        self.say(t, Pick::Queued { order: id, store });
        let ready_at = Timestamp((t + 120_000) * 1_000);
        self.say(t, Wait::Requested { order: id, store, ready_at });
    }

    /// From placed to confirmed in twenty seconds.
    pub(crate) fn take(&mut self, order: &mut Order) {
        self.place(order);
        self.hold(order, 500, 360_000);
        self.ask(order, 500);
        if order.method != Method::Cash {
            self.authorise(order, 20_000, 1, false);
            self.capture(order, 20_000, 1);
        }
        self.confirm(order, 20_000);
    }

    /// A picker begins, ten seconds a line, and stops after `lines` of them.
    pub(crate) fn collect(&mut self, order: &mut Order, picker: u32, after: u64, lines: usize) {
        let (id, store, t) = (order.id, order.store, order.placed_at + after);
        self.say(t, Pick::Started { order: id, picker: PickerId(picker) });
        self.say(t, Stage::PickingBegun { order: id, version: order.next() });
        let looked_for: Vec<_> = order.lines.iter().copied().take(lines).collect();
        for (line, (sku, wanted_units)) in (0_u16..).zip(looked_for) {
            let t = t + 10_000 * (u64::from(line) + 1);
            let units = match order.short {
                Some((short, found)) if short == line => found,
                Some(_) | None => wanted_units,
            };
            let missing = wanted_units - units;
            if missing == 0 {
                self.say(t, Pick::LinePicked { order: id, line, sku, units });
            } else {
                let reduction = sku_terms(sku).0.times(missing);
                let short =
                    Pick::LineShort { order: id, line, sku, wanted_units, units, reduction };
                self.say(t, short);
                order.payable -= reduction;
            }
            if units > 0 {
                self.say(t, Stock::Committed { order: id, store, sku, units });
            }
            if missing > 0 {
                self.say(t, Stock::LineReleased { order: id, store, sku, units: missing });
                let delta_units = -i32::try_from(missing).expect("few units");
                let adjustment = Adjustment::ShortPick;
                self.say(t, Stock::Adjusted { store, sku, delta_units, adjustment });
                if order.method == Method::Cash {
                    self.say(t, Pay::CashDue { order: id, amount: order.payable });
                } else {
                    let amount = order.total() - order.payable;
                    self.refund(order, t - order.placed_at, 1, amount);
                }
            }
        }
    }

    pub(crate) fn pack(&mut self, order: &mut Order, picker: u32, after: u64) {
        let (id, t) = (order.id, order.placed_at + after);
        self.say(t, Pick::Packed { order: id, picker: PickerId(picker), anything: true });
        let payable = order.payable;
        self.say(t, Stage::Packed { order: id, version: order.next(), payable });
    }

    /// Picked, ten seconds a line, and packed ten seconds later. Says when, after placing.
    pub(crate) fn pick(&mut self, order: &mut Order, picker: u32, after: u64) -> u64 {
        let packed = after + 10_000 * (order.lines.len() as u64 + 1);
        self.collect(order, picker, after, order.lines.len());
        self.pack(order, picker, packed);
        packed
    }

    /// A trip is offered with some orders on it.
    pub(crate) fn offer(&mut self, at: u64, trip: u32, rider: u32, orders: &[&Order]) {
        let (trip, rider, store) = (TripId(trip), RiderId(rider), orders[0].store);
        let expires_at = Timestamp((at + 30_000) * 1_000);
        self.say(at, Trip::Offered { trip, rider, store, expires_at });
        for order in orders {
            self.say(at, Trip::OrderJoined { trip, order: order.id });
        }
    }

    /// The rider takes it and is at the store ten seconds later, having been there already.
    pub(crate) fn accept(&mut self, at: u64, trip: u32, rider: u32, store: StoreId) {
        let (trip, rider) = (TripId(trip), RiderId(rider));
        self.say(at, Trip::Accepted { trip, rider });
        self.say(at + 10_000, Trip::AtStore { trip, rider, place: store_place(store) });
    }

    pub(crate) fn pick_up(&mut self, at: u64, trip: u32, rider: u32, order: &mut Order) {
        let (trip, rider, id) = (TripId(trip), RiderId(rider), order.id);
        self.say(at, Trip::PickedUp { trip, order: id, rider });
        self.say(at, Pick::HandedOver { order: id, rider });
        self.say(at, Stage::LeftStore { order: id, version: order.next() });
    }

    /// A leg of five minutes at most, told at its end.
    pub(crate) fn ride(&mut self, at: u64, trip: u32, rider: u32, (origin, place): (Place, Place)) {
        let (trip, rider) = (TripId(trip), RiderId(rider));
        let from = Timestamp((at - 240_000) * 1_000);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "kilometres")]
        let leg_m = (origin.straight_m(place) * 1.3) as u32;
        self.say(at, Trip::LegRidden { trip, rider, from, origin, place, leg_m });
    }

    pub(crate) fn arrive(&mut self, at: u64, trip: u32, rider: u32, order: &mut Order) {
        let (trip, rider, id, place) =
            (TripId(trip), RiderId(rider), order.id, door_of(order.store));
        self.say(at, Trip::Arrived { trip, order: id, rider, place });
        self.say(at, Stage::Arrived { order: id, version: order.next() });
    }

    /// Handed over: cash is taken, the order is delivered, the deposit is sold.
    pub(crate) fn deliver(
        &mut self,
        at: u64,
        trip: u32,
        rider: u32,
        order: &mut Order,
        ends: bool,
    ) {
        let (trip, rider, id, amount) = (TripId(trip), RiderId(rider), order.id, order.payable);
        self.say(at, Trip::Delivered { trip, order: id, rider });
        if ends {
            self.say(at, Trip::Ended { trip, rider });
        }
        if order.method == Method::Cash {
            self.say(at, Pay::CashCollected { order: id, rider, amount });
        }
        self.say(at, Stage::Delivered { order: id, version: order.next() });
        if order.method == Method::Cash {
            let sides = [(Account::CashWithRiders, amount), (Account::CustomerDeposits, -amount)];
            self.post(at, id, &sides);
        }
        let fee_tax = FEE.tax_within(FEE_GST);
        let goods = amount - FEE;
        let sides = [
            (Account::CustomerDeposits, amount),
            (Account::Sales, -goods),
            (Account::Fees, fee_tax - FEE),
            (Account::TaxPayable, -fee_tax),
        ];
        self.post(at, id, &sides);
    }

    /// A rider hands in what they hold.
    pub(crate) fn remit(&mut self, at: u64, rider: u32, amount: Paise) {
        self.say(at, Pay::CashRemitted { rider: RiderId(rider), amount });
        let posting = PostingId(self.postings);
        self.postings += 1;
        for (account, amount) in [(Account::Bank, amount), (Account::CashWithRiders, -amount)] {
            self.say(at, Books::GeneralEntry { posting, account, amount });
        }
    }

    /// From confirmed to delivered by one rider. Says when the rider is free, in ms.
    pub(crate) fn bring(&mut self, order: &mut Order, picker: u32, trip: u32, rider: u32) -> u64 {
        let packed = order.placed_at + self.pick(order, picker, 25_000);
        self.offer(packed - 15_000, trip, rider, &[order]);
        self.accept(packed - 10_000, trip, rider, order.store);
        self.pick_up(packed + 20_000, trip, rider, order);
        let leg = (store_place(order.store), door_of(order.store));
        let there = packed + 20_000 + 240_000;
        self.ride(there, trip, rider, leg);
        self.arrive(there, trip, rider, order);
        self.deliver(there + 30_000, trip, rider, order, true);
        there + 30_000
    }

    /// Somebody asks for an order's end.
    pub(crate) fn ask_cancel(&mut self, order: &mut Order, after: u64, canceller: Canceller) {
        let t = order.placed_at + after;
        self.say(t, Stage::CancelAsked { order: order.id, version: order.next(), canceller });
    }

    /// The picked lines go back on the shelf, the rest is released.
    pub(crate) fn put_back(&mut self, order: &Order, after: u64, picked: usize, release: bool) {
        let (id, store, t) = (order.id, order.store, order.placed_at + after);
        self.say(t, Pick::Aborted { order: id, put_back: picked > 0 });
        self.say(t + 20_000, Pick::Closed { order: id });
        for &(sku, units) in &order.lines[..picked] {
            let delta_units = i32::try_from(units).expect("few units");
            let adjustment = Adjustment::PutBack;
            self.say(t + 20_000, Stock::Adjusted { store, sku, delta_units, adjustment });
        }
        if release {
            self.release(order, after + 20_000, picked);
        }
    }

    /// What an order still holds beyond its picked lines is let go.
    pub(crate) fn release(&mut self, order: &Order, after: u64, picked: usize) {
        let (id, store, t) = (order.id, order.store, order.placed_at + after);
        for &(sku, units) in &order.lines[picked..] {
            self.say(t, Stock::LineReleased { order: id, store, sku, units });
        }
        self.say(t, Stock::Released { order: id, store });
    }

    pub(crate) fn withdraw(&mut self, order: &Order, after: u64) {
        self.say(order.placed_at + after, Wait::Withdrawn { order: order.id });
    }

    pub(crate) fn cancelled(&mut self, order: &mut Order, after: u64, by: Canceller, stage: At) {
        let (t, order, version) = (order.placed_at + after, order.id, order.next());
        self.say(t, Stage::Cancelled { order, version, canceller: by, stage });
    }

    pub(crate) fn rejected(&mut self, order: &mut Order, after: u64, rejection: Rejection) {
        let (t, order, version) = (order.placed_at + after, order.id, order.next());
        self.say(t, Stage::Rejected { order, version, rejection });
    }

    pub(crate) fn undelivered(&mut self, order: &mut Order, after: u64) {
        let (t, order, version) = (order.placed_at + after, order.id, order.next());
        self.say(t, Stage::Undelivered { order, version });
    }
}
