//! Every invariant is broken at least once: a sound journal is damaged, and the judge names it.
//!
//! `corrupted.txt` holds for each damage what is broken by it, the sentence, and the records that
//! show it. `UPDATE_EXPECT=1 cargo test` rewrites it; read the difference.

use std::collections::BTreeSet;

use dastak_verify::{Judge, Status, Verdict, counterexample, line};
use domain::delivery::Event as Trip;
use domain::facts::opening::Event as Opening;
use domain::facts::{Fact, Record};
use domain::ids::{CityId, OrderId, PickerId, RiderId, SkuId, StoreId};
use domain::ledger::Event as Books;
use domain::money::{Bps, Paise};
use domain::order::Event as Stage;
use domain::payment::{Event as Pay, Method};
use domain::picking::Event as Pick;
use domain::place::Place;
use domain::pricing::Event as Quote;
use domain::rider::Event as Duty;
use domain::stock::Event as Stock;
use domain::store::{Door, Event as DoorEvent};
use domain::time::{Millis, Timestamp};
use expect_test::expect_file;

use crate::journal::CITY;
use crate::sound::{
    CANCELLED, CASH, EXPIRED, LATE, ORDINARY, PAIR, REFUSED, SHORT, UNDELIVERED, WALLET, journal,
};

/// A journal being damaged.
struct Damage {
    records: Vec<Record>,
    /// Whether the records are numbered anew afterwards, so that only the damage shows.
    renumber: bool,
}

impl Damage {
    /// Where the first record of a kind stands whose line contains a text.
    fn find(&self, kind: &str, text: &str) -> usize {
        let is_it = |record: &Record| {
            record.fact.kind().name == kind && format!("{} ", line(record)).contains(text)
        };
        let found = self.records.iter().position(is_it);
        found.unwrap_or_else(|| panic!("there is a {kind} with {text}"))
    }

    fn drop(&mut self, kind: &str, text: &str) {
        let at = self.find(kind, text);
        self.records.remove(at);
    }

    fn twice(&mut self, kind: &str, text: &str) {
        let at = self.find(kind, text);
        self.records.insert(at, self.records[at]);
    }

    /// Changes the first fact of a kind.
    fn alter(&mut self, kind: &str, text: &str, change: impl FnOnce(&mut Fact)) {
        let at = self.find(kind, text);
        let before = self.records[at].fact;
        change(&mut self.records[at].fact);
        assert_ne!(before, self.records[at].fact, "{kind} {text} is changed");
    }

    /// Tells a fact right before another one, at its time.
    fn insert(&mut self, fact: impl Into<Fact>, kind: &str, text: &str) {
        let at = self.find(kind, text);
        let record = Record { fact: fact.into(), ..self.records[at] };
        self.records.insert(at, record);
    }

    /// Tells one fact right before another one, at its time.
    fn advance(&mut self, (kind, text): (&str, &str), before: (&str, &str)) {
        let at = self.find(kind, text);
        let fact = self.records.remove(at).fact;
        self.insert(fact, before.0, before.1);
    }
}

fn id(order: usize) -> OrderId {
    OrderId::new(CITY, order)
}

/// An order as it reads at the end of a word.
fn of(order: usize) -> String {
    format!("{} ", id(order))
}

/// The invariant that is broken, what is done, and the doing.
type Case = (&'static str, &'static str, fn(&mut Damage));

/// Sets fields of a fact that is known to be of a kind.
macro_rules! set {
    ($damage:ident, $kind:literal, $text:expr, $pattern:pat => $change:expr) => {
        $damage.alter($kind, $text, |fact| {
            let $pattern = fact else { panic!("{} is of its kind", $kind) };
            $change;
        })
    };
}

const STOCK: &[Case] = &[
    ("I1", "a short pick takes twenty units off a shelf of ten", |d| {
        set!(d, "stock_adjusted", "short_pick", Fact::Stock(Stock::Adjusted { delta_units, .. })
            => *delta_units = -20);
    }),
    ("I2", "the shelf that refuses says nine are free", |d| {
        set!(d, "stock_refused", "", Fact::Stock(Stock::Refused { free_units, .. })
            => *free_units = 9);
    }),
    ("I3", "a line of a whole hold was never held", |d| {
        d.drop("stock_line_held", &of(ORDINARY));
    }),
    ("I3", "a hold is let go at another store", |d| {
        set!(d, "stock_line_released", &of(CANCELLED),
            Fact::Stock(Stock::LineReleased { store, .. }) => *store = StoreId(1));
    }),
    ("I4", "three units are sold of a line of two", |d| {
        set!(d, "stock_committed", &of(ORDINARY), Fact::Stock(Stock::Committed { units, .. })
            => *units = 3);
    }),
    ("I5", "a line is held twice", |d| d.twice("stock_line_held", &of(ORDINARY))),
    ("I5", "one unit is held for a line of two", |d| {
        set!(d, "stock_line_held", &of(ORDINARY), Fact::Stock(Stock::LineHeld { units, .. })
            => *units = 1);
    }),
    ("I3", "a whole hold is told at another store", |d| {
        set!(d, "stock_held", &of(ORDINARY), Fact::Stock(Stock::Held { store, .. })
            => *store = StoreId(1));
    }),
    ("I3", "a hold is over with a line still held", |d| {
        d.drop("stock_line_released", &of(CANCELLED));
    }),
    ("I6", "a hold is swept ten seconds late", |d| {
        set!(d, "stock_hold_extended", "", Fact::Stock(Stock::Extended { expires_at, .. })
            => *expires_at = Timestamp::from_s(7_061));
    }),
    ("I8", "what was picked for a cancelled order does not come back", |d| {
        d.drop("stock_adjusted", "sku_id=0 delta_units=1 adjustment=put_back");
    }),
    ("I8", "a rejected order keeps its hold", |d| {
        d.drop("stock_line_released", &of(LATE));
        d.drop("stock_released", &of(LATE));
    }),
    ("I40", "five units are refused where ten are free", |d| {
        set!(d, "stock_refused", "", Fact::Stock(Stock::Refused { wanted_units, .. })
            => *wanted_units = 5);
    }),
    ("I40", "eleven units are held where ten are free", |d| {
        set!(d, "stock_line_held", &of(ORDINARY), Fact::Stock(Stock::LineHeld { units, .. })
            => *units = 11);
    }),
];

const MONEY: &[Case] = &[
    ("I7", "an order is confirmed before it is paid", |d| {
        d.advance(("order_confirmed", &of(ORDINARY)), ("payment_authorised", &of(ORDINARY)));
    }),
    ("I7", "an order is confirmed after its hold ran out", |d| {
        for kind in ["stock_line_held", "stock_held"] {
            let at = d.records.iter().rposition(|record| {
                record.fact.kind().name == kind && line(record).contains("order3.10")
            });
            d.records.remove(at.expect("the hold is made anew"));
        }
    }),
    ("I9", "a short line is not refunded", |d| {
        d.drop("payment_refunded", &of(SHORT));
    }),
    ("I9", "a bag is packed for a rupee more", |d| {
        set!(d, "order_packed", &of(SHORT), Fact::Order(Stage::Packed { payable, .. })
            => payable.0 += 100);
    }),
    ("I9", "a rider takes the whole price of a short order", |d| {
        set!(d, "payment_cash_collected", "", Fact::Payment(Pay::CashCollected { amount, .. })
            => amount.0 += 41_01);
    }),
    ("I9", "a cancelled order is not refunded", |d| {
        d.drop("payment_refunded", &of(CANCELLED));
    }),
    ("I9", "a short line takes off more than it costs", |d| {
        set!(d, "pick_line_short", &of(SHORT), Fact::Picking(Pick::LineShort { reduction, .. })
            => reduction.0 += 1);
    }),
    ("I10", "twice the price is refunded", |d| {
        set!(d, "payment_refunded", &of(CANCELLED),
            Fact::Payment(Pay::Refunded { amount, .. }) => amount.0 *= 2);
    }),
    ("I11", "an attempt is captured twice", |d| d.twice("payment_captured", &of(ORDINARY))),
    ("I11", "two attempts are captured and kept", |d| {
        let (order, amount, attempt, method) = (id(EXPIRED), Paise(55_00), 1, Method::Upi);
        let last = ("order_delivered", &*of(EXPIRED));
        d.insert(Pay::Authorised { order, attempt, amount, late: true }, last.0, last.1);
        d.insert(Pay::Captured { order, attempt, amount, method }, last.0, last.1);
    }),
    ("I12", "one side of a posting is missing", |d| d.drop("ledger_entry", &of(ORDINARY))),
    ("I20", "a quote is locked for a rupee more", |d| {
        set!(d, "quote_locked", &of(ORDINARY), Fact::Pricing(Quote::Locked { total, .. })
            => total.0 += 100);
    }),
    ("I20", "a quote is locked when it is no longer valid", |d| {
        set!(d, "quote_issued", &of(ORDINARY), Fact::Pricing(Quote::Issued { valid_until, .. })
            => *valid_until = Timestamp::from_s(100));
    }),
    ("I20", "more is asked for than was locked", |d| {
        set!(d, "payment_initiated", &of(ORDINARY), Fact::Payment(Pay::Initiated { amount, .. })
            => amount.0 += 1);
    }),
    ("I20", "more is captured than was asked for", |d| {
        set!(d, "payment_captured", &of(ORDINARY), Fact::Payment(Pay::Captured { amount, .. })
            => amount.0 += 1);
    }),
    ("I20", "another promise is given than was quoted", |d| {
        set!(d, "order_placed", &of(ORDINARY), Fact::Order(Stage::Placed { promise_by, .. })
            => promise_by.0 += 1);
    }),
    ("I20", "an order is reserved without a locked quote", |d| {
        d.drop("quote_locked", &of(ORDINARY));
    }),
    ("I20", "an order is placed at another store than was quoted", |d| {
        set!(d, "order_placed", &of(ORDINARY), Fact::Order(Stage::Placed { store, .. })
            => *store = StoreId(1));
    }),
    ("I20", "more cash is due than was quoted", |d| {
        set!(d, "payment_cash_due", "", Fact::Payment(Pay::CashDue { amount, .. })
            => amount.0 += 1);
    }),
    ("I21", "a fee is not in the total", |d| {
        set!(d, "quote_fee_added", &of(ORDINARY), Fact::Pricing(Quote::FeeAdded { amount, .. })
            => amount.0 += 100);
    }),
    ("I21", "a line is priced at no units", |d| {
        set!(d, "quote_line_priced", &of(ORDINARY), Fact::Pricing(Quote::LinePriced { units, .. })
            => *units = 0);
    }),
    ("I21", "more lines are placed than were quoted", |d| {
        set!(d, "order_placed", &of(ORDINARY), Fact::Order(Stage::Placed { lines, .. })
            => *lines = 3);
    }),
    ("I22", "surge is above its cap", |d| {
        set!(d, "surge_set", "", Fact::Pricing(Quote::SurgeSet { surge, .. })
            => *surge = Bps(25_000));
    }),
    ("I22", "a quote is made with a surge that was not published", |d| {
        set!(d, "quote_issued", &of(ORDINARY), Fact::Pricing(Quote::Issued { surge, .. })
            => *surge = Bps(12_000));
    }),
    ("I38", "a rider hands in more than they hold", |d| {
        set!(d, "payment_cash_remitted", "", Fact::Payment(Pay::CashRemitted { amount, .. })
            => amount.0 += 1);
    }),
    ("I38", "cash is taken by a rider who did not bring the order", |d| {
        set!(d, "payment_cash_collected", "", Fact::Payment(Pay::CashCollected { rider, .. })
            => *rider = RiderId(0));
    }),
    ("I38", "a rider takes nothing", |d| {
        set!(d, "payment_cash_collected", "", Fact::Payment(Pay::CashCollected { amount, .. })
            => *amount = Paise::ZERO);
    }),
    ("I38", "the books miss cash that a rider holds", |d| {
        d.drop("payment_cash_remitted", "");
    }),
    ("I41", "the tax of a line is a paisa too much", |d| {
        set!(d, "quote_line_priced", "order3.0 line=1",
            Fact::Pricing(Quote::LinePriced { tax, .. }) => tax.0 += 1);
    }),
    ("I41", "a unit costs more than its maximum retail price", |d| {
        set!(d, "sku_listed", "sku_id=1 ", Fact::Opening(Opening::Sku { mrp, .. })
            => *mrp = Paise(41_00));
    }),
    ("I41", "a fee is less than the tax in it", |d| {
        set!(d, "quote_fee_added", &of(ORDINARY), Fact::Pricing(Quote::FeeAdded { tax, .. })
            => *tax = Paise(20_00));
    }),
    ("I42", "an order is paid from an empty wallet", |d| {
        d.drop("ledger_general_entry", "account=provider");
        d.drop("ledger_general_entry", "account=wallet_liability");
        d.drop("ledger_wallet_moved", "");
    }),
    ("I42", "a wallet gains what the books do not owe", |d| {
        set!(d, "ledger_wallet_moved", "", Fact::Ledger(Books::WalletMoved { amount, .. })
            => amount.0 += 1);
    }),
    ("J7", "a capture is not in the books", |d| {
        d.drop("ledger_entry", &of(ORDINARY));
        d.drop("ledger_entry", &of(ORDINARY));
    }),
    ("J7", "a sale is not in the books", |d| {
        let kind = "ledger_entry";
        for account in ["customer_deposits amount_paise=13601", "sales", "fees", "tax_payable"] {
            d.drop(kind, &format!("order_id={}account={account}", of(ORDINARY)));
        }
    }),
];

const STAGES: &[Case] = &[
    ("I15", "an order's version skips one", |d| {
        set!(d, "order_confirmed", &of(ORDINARY), Fact::Order(Stage::Confirmed { version, .. })
            => *version += 1);
    }),
    ("I15", "an order is confirmed that was never reserved", |d| {
        d.drop("order_reserved", &of(CASH));
        set!(d, "order_confirmed", &of(CASH), Fact::Order(Stage::Confirmed { version, .. })
            => *version -= 1);
    }),
    ("I15", "an order is cancelled that nobody asked to end", |d| {
        d.drop("order_cancel_asked", "");
        set!(d, "order_cancelled", "", Fact::Order(Stage::Cancelled { version, .. })
            => *version -= 1);
    }),
    ("I15", "an order is cancelled from a stage it was not in", |d| {
        set!(d, "order_cancelled", "", Fact::Order(Stage::Cancelled { stage, .. })
            => *stage = domain::order::Stage::Packed);
    }),
    ("I15", "a paid order is confirmed without payment pending", |d| {
        set!(d, "order_placed", &of(CASH), Fact::Order(Stage::Placed { method, .. })
            => *method = Method::Upi);
    }),
    ("I15", "a quote is locked twice", |d| d.twice("quote_locked", &of(ORDINARY))),
    ("I15", "a hold is secured twice", |d| d.twice("stock_hold_secured", &of(ORDINARY))),
    ("I15", "a hold expires before its end", |d| {
        set!(d, "stock_hold_extended", "", Fact::Stock(Stock::Extended { expires_at, .. })
            => *expires_at = Timestamp::from_s(7_099));
    }),
    ("I15", "a captured attempt is voided", |d| {
        let order = id(ORDINARY);
        d.insert(Pay::Voided { order, attempt: 1 }, "order_confirmed", &of(ORDINARY));
    }),
    ("I15", "the second attempt has the number of the first", |d| {
        set!(d, "payment_initiated", "attempt=2", Fact::Payment(Pay::Initiated { attempt, .. })
            => *attempt = 1);
    }),
    ("I15", "a late authorisation is called in time", |d| {
        set!(d, "payment_authorised", &of(LATE), Fact::Payment(Pay::Authorised { late, .. })
            => *late = false);
    }),
    ("I15", "cash is due again after it was collected", |d| {
        let due = Pay::CashDue { order: id(CASH), amount: Paise(56_01) };
        d.insert(due, "order_delivered", &of(CASH));
    }),
    ("I15", "nothing more is tried, twice", |d| d.twice("payment_expired", &of(LATE))),
    ("I15", "an attempt begins when nothing more is tried", |d| {
        let (order, method, amount) = (id(LATE), Method::Upi, Paise(55_00));
        let again = Pay::Initiated { order, attempt: 2, method, amount };
        d.insert(again, "payment_authorised", &of(LATE));
    }),
    ("I15", "an order joins a trip that is under way", |d| {
        d.advance(
            ("trip_order_joined", "trip_id=5 order_id=order3.8"),
            ("trip_at_store", "trip_id=5"),
        );
    }),
    ("I15", "an order joins a trip with its bag on another", |d| {
        d.drop("trip_order_stranded", "");
    }),
    ("I15", "an order joins a trip, but asked for no rider", |d| {
        d.drop("rider_requested", &of(ORDINARY));
    }),
    ("I15", "an order is picked up on a trip it is not on", |d| {
        set!(d, "trip_picked_up", &of(PAIR[1]), Fact::Delivery(Trip::PickedUp { trip, .. })
            => trip.0 = 4);
    }),
    ("I15", "a list is begun by two pickers", |d| {
        d.twice("pick_started", &of(ORDINARY));
    }),
    ("I15", "a closed list is closed again", |d| d.twice("pick_closed", &of(CANCELLED))),
    ("I15", "a withdrawn wait is withdrawn again", |d| {
        d.twice("rider_request_withdrawn", "");
    }),
    ("I15", "a trip is accepted twice", |d| d.twice("trip_accepted", "trip_id=5")),
    ("I15", "a trip ends with an order aboard", |d| {
        d.advance(("trip_ended", "trip_id=5"), ("trip_delivered", &of(PAIR[1])));
    }),
    ("I15", "an order joins a trip of another store", |d| {
        set!(d, "trip_offered", "trip_id=0", Fact::Delivery(Trip::Offered { store, .. })
            => *store = StoreId(1));
    }),
    ("I15", "an order is handed over that was not brought to its door", |d| {
        d.drop("trip_arrived", &of(ORDINARY));
    }),
    ("I15", "a rider comes on duty who is on duty", |d| d.twice("rider_came_on", "rider_id=1")),
    ("I16", "an order is packed before its bag", |d| {
        d.advance(("order_packed", &of(ORDINARY)), ("pick_packed", &of(ORDINARY)));
    }),
    ("I16", "an order is reserved before its stock is held", |d| {
        d.advance(("order_reserved", &of(ORDINARY)), ("stock_held", &of(ORDINARY)));
    }),
    ("I16", "an order is out before a rider has it", |d| {
        d.advance(("order_out_for_delivery", &of(ORDINARY)), ("trip_picked_up", &of(ORDINARY)));
    }),
    ("I16", "an order has arrived before its rider", |d| {
        d.advance(("order_arrived", &of(ORDINARY)), ("trip_arrived", &of(ORDINARY)));
    }),
    ("I16", "an order is delivered before it is handed over", |d| {
        d.advance(("order_delivered", &of(ORDINARY)), ("trip_delivered", &of(ORDINARY)));
    }),
    ("I16", "an order is undelivered before it is back", |d| {
        d.advance(("order_undelivered", ""), ("trip_order_returned", ""));
    }),
    ("I16", "an order is picking before a picker has begun", |d| {
        d.advance(("order_picking", &of(ORDINARY)), ("pick_started", &of(ORDINARY)));
    }),
    ("I16", "a list is queued before the order is confirmed", |d| {
        d.advance(("pick_queued", &of(ORDINARY)), ("order_confirmed", &of(ORDINARY)));
    }),
    ("I23", "an order is taken by a closed store", |d| {
        let (store, door_state) = (StoreId(0), Door::Closed);
        d.insert(DoorEvent::DoorSet { store, door_state }, "quote_line_priced", &of(LATE));
    }),
    ("I23", "an order is taken for a door outside the radius", |d| {
        set!(d, "order_placed", &of(LATE), Fact::Order(Stage::Placed { door, .. })
            => door.lat_e7 += 500_000);
    }),
    ("I24", "an order takes longer than the limit", |d| {
        set!(d, "limits", "", Fact::Opening(Opening::Limits { order_limit, .. })
            => *order_limit = Millis::from_s(600));
    }),
    ("I34", "an order is delivered twice", |d| d.twice("order_delivered", &of(ORDINARY))),
    ("I34", "an order leaves a stage before it entered it", |d| {
        let at = d.find("order_arrived", &of(ORDINARY));
        d.records[at].at = Timestamp::from_s(170);
    }),
    ("I35", "an order is placed twice", |d| d.twice("order_placed", &of(ORDINARY))),
    ("I35", "an order is over twice", |d| d.twice("order_rejected", &of(REFUSED))),
    ("J5", "an order is never delivered", |d| d.drop("order_delivered", &of(WALLET))),
];

const PEOPLE: &[Case] = &[
    ("I17", "an order joins a second trip", |d| {
        d.drop("trip_offer_timed_out", "trip_id=7");
    }),
    ("I17", "a trip takes more orders than allowed", |d| {
        set!(d, "limits", "", Fact::Opening(Opening::Limits { max_batch, .. })
            => *max_batch = 1);
    }),
    ("I17", "a rider is offered a trip while on another", |d| {
        d.drop("trip_ended", "trip_id=5");
        set!(d, "trip_offered", "trip_id=6", Fact::Delivery(Trip::Offered { rider, .. })
            => *rider = RiderId(2));
    }),
    ("I18", "a picker begins a second list", |d| {
        set!(d, "pick_started", &of(PAIR[1]), Fact::Picking(Pick::Started { picker, .. })
            => *picker = PickerId(4));
    }),
    ("I18", "a picker works in another store", |d| {
        set!(d, "pick_started", &of(ORDINARY), Fact::Picking(Pick::Started { picker, .. })
            => *picker = PickerId(5));
    }),
    ("I18", "two units are picked of a line of one", |d| {
        set!(d, "pick_line_picked", "order3.0 line=1",
            Fact::Picking(Pick::LinePicked { units, .. }) => *units = 2);
    }),
    ("I18", "a line is looked for twice", |d| d.twice("pick_line_picked", &of(ORDINARY))),
    ("I18", "a line is short of nothing", |d| {
        set!(d, "pick_line_short", &of(CASH), Fact::Picking(Pick::LineShort { units, .. })
            => *units = 2);
    }),
    ("I18", "a picker packs another picker's list", |d| {
        set!(d, "pick_packed", &of(ORDINARY), Fact::Picking(Pick::Packed { picker, .. })
            => *picker = PickerId(1));
    }),
    ("I18", "a bag is packed without one of its lines", |d| {
        d.drop("pick_line_picked", &of(ORDINARY));
    }),
    ("I19", "a bag is picked up before it is packed", |d| {
        d.advance(("trip_picked_up", &of(ORDINARY)), ("pick_packed", &of(ORDINARY)));
    }),
    ("I19", "an order is handed over far from its door", |d| {
        set!(d, "trip_arrived", &of(ORDINARY), Fact::Delivery(Trip::Arrived { place, .. })
            => place.lat_e7 += 20_000);
    }),
    ("I19", "a bag is picked up far from its store", |d| {
        set!(d, "trip_at_store", "trip_id=0", Fact::Delivery(Trip::AtStore { place, .. })
            => place.lat_e7 += 20_000);
    }),
    ("I39", "a leg is shorter than the straight line", |d| {
        set!(d, "leg_ridden", "trip_id=0", Fact::Delivery(Trip::LegRidden { leg_m, .. })
            => *leg_m = 500);
    }),
    ("I39", "a leg is ridden at a hundred kilometres an hour", |d| {
        set!(d, "leg_ridden", "trip_id=0", Fact::Delivery(Trip::LegRidden { leg_m, .. })
            => *leg_m = 6_700);
    }),
    ("I39", "a rider sets off where they are not", |d| {
        set!(d, "leg_ridden", "trip_id=0", Fact::Delivery(Trip::LegRidden { origin, .. })
            => *origin = Place { lat_e7: origin.lat_e7 + 100, ..*origin });
    }),
    ("I39", "a rider sets off before they arrive", |d| {
        set!(d, "leg_ridden", "trip_id=0", Fact::Delivery(Trip::LegRidden { from, .. })
            => *from = Timestamp::from_s(100));
    }),
    ("I39", "an idle rider rides faster than allowed", |d| {
        set!(d, "rider_moved", "", Fact::Rider(Duty::Moved { leg_m, .. }) => *leg_m = 60_000);
    }),
    ("J3", "a rider off duty is offered a trip", |d| {
        d.drop("rider_came_on", "rider_id=1");
    }),
    ("J3", "a rider is offered a trip outside their shift", |d| {
        set!(d, "shift_listed", "rider_id=1", Fact::Opening(Opening::Shift { to, .. })
            => *to = Timestamp::from_s(1_000));
    }),
    ("J3", "a rider on a break is offered a trip", |d| {
        d.drop("rider_break_ended", "");
        d.advance(("rider_break_begun", ""), ("trip_offered", "trip_id=8"));
    }),
    ("J3", "a picker begins a list outside their shift", |d| {
        set!(d, "picker_shift_listed", "picker_id=0 ",
            Fact::Opening(Opening::PickerShift { to, .. }) => *to = Timestamp::from_s(1_000));
    }),
    ("J4", "an offer is accepted after it expired", |d| {
        set!(d, "trip_offered", "trip_id=0", Fact::Delivery(Trip::Offered { expires_at, .. })
            => *expires_at = Timestamp::from_s(141));
    }),
    ("J4", "an offer times out early", |d| {
        set!(d, "trip_offered", "trip_id=7", Fact::Delivery(Trip::Offered { expires_at, .. })
            => *expires_at = Timestamp::from_s(7_130));
    }),
    ("J4", "an offer is accepted by another rider", |d| {
        set!(d, "trip_accepted", "trip_id=5", Fact::Delivery(Trip::Accepted { rider, .. })
            => *rider = RiderId(3));
    }),
];

const JOURNAL: &[Case] = &[
    ("I37", "a record is of another city", |d| {
        let at = d.find("order_confirmed", &of(ORDINARY));
        d.records[at].city = CityId(4);
    }),
    ("I37", "an order is of another city", |d| {
        set!(d, "order_rejected", &of(REFUSED), Fact::Order(Stage::Rejected { order, .. })
            => *order = OrderId::new(CityId(4), REFUSED));
    }),
    ("J1", "a record is missing", |d| {
        d.renumber = false;
        d.drop("store_door_set", "");
    }),
    ("J1", "time goes back", |d| {
        let at = d.find("store_door_set", "");
        d.records[at].at = Timestamp::from_s(1);
    }),
    ("J2", "a store is listed after the journal has begun", |d| {
        let (store, place, radius_m) = (StoreId(2), Place::default(), 1);
        d.insert(Opening::Store { store, place, radius_m }, "store_door_set", "");
    }),
    ("J2", "there are no limits", |d| d.drop("limits", "")),
    ("J6", "a line is priced of a SKU that was never listed", |d| {
        set!(d, "quote_line_priced", &of(LATE), Fact::Pricing(Quote::LinePriced { sku, .. })
            => *sku = SkuId(99));
    }),
    ("J6", "a rider is offered a trip who was never listed", |d| {
        set!(d, "trip_offered", "trip_id=7", Fact::Delivery(Trip::Offered { rider, .. })
            => *rider = RiderId(99));
    }),
    ("J6", "an order is quoted for a store that was never listed", |d| {
        d.drop("store_listed", "store_id=1 ");
    }),
    ("J6", "a picker begins who was never listed", |d| {
        set!(d, "pick_started", &of(UNDELIVERED), Fact::Picking(Pick::Started { picker, .. })
            => *picker = PickerId(99));
    }),
];

fn cases() -> impl Iterator<Item = &'static Case> {
    [STOCK, MONEY, STAGES, PEOPLE, JOURNAL].into_iter().flatten()
}

fn damaged(damage: fn(&mut Damage)) -> Vec<Record> {
    let mut damaged = Damage { records: journal(), renumber: true };
    damage(&mut damaged);
    if damaged.renumber {
        for (record, seq) in damaged.records.iter_mut().zip(0..) {
            record.seq = seq;
        }
    }
    damaged.records
}

fn judge(records: &[Record]) -> Verdict {
    let mut judge = Judge::new();
    records.iter().for_each(|record| judge.record(record));
    judge.finish()
}

#[test]
fn every_damage_is_named_and_shown() {
    let mut text = String::new();
    for &(id, what, damage) in cases() {
        let records = damaged(damage);
        let verdict = judge(&records);
        let finding = verdict.finding(id).unwrap();
        assert_eq!(finding.status, Status::Broken, "{id} sees that {what}");
        let first = &finding.breaks[0];
        let lines = counterexample(records.iter().copied(), first);
        if let Some(record) = first.record {
            assert_eq!(lines.last(), Some(&record), "{id}: {what}: shown up to the break");
        }
        let broken: Vec<_> = verdict
            .invariants
            .iter()
            .filter(|finding| finding.broken > 0)
            .map(|finding| format!("{}×{}", finding.id, finding.broken))
            .collect();
        text += &format!("{what}\n  {}\n", broken.join(" "));
        for broken in &finding.breaks {
            text += &format!("  {broken}\n");
        }
        for record in &lines {
            text += &format!("    {}\n", line(record));
        }
    }
    expect_file!["corrupted.txt"].assert_eq(&text);
}

#[test]
fn every_invariant_that_a_journal_shows_is_broken_by_some_damage() {
    let broken: BTreeSet<_> = cases().map(|(id, ..)| *id).collect();
    let verdict = judge(&journal());
    let shown = verdict.invariants.iter().filter(|finding| finding.status != Status::NotObservable);
    assert_eq!(broken, shown.map(|finding| finding.id).collect());
}
