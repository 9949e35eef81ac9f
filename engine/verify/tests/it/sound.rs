//! One small sound journal with every kind of order in it, and what is counted of it.

use domain::delivery::Event as Trip;
use domain::facts::Record;
use domain::ids::{CustomerId, RiderId, SkuId, StoreId, TripId};
use domain::money::{Bps, Paise};
use domain::order::{Canceller, Rejection, Stage};
use domain::payment::{Decline, Event as Pay, Method};
use domain::pricing::Event as Quote;
use domain::rider::Event as Duty;
use domain::stock::{Adjustment, Event as Stock};
use domain::store::{Door, Event as DoorEvent};
use expect_test::expect;

use crate::journal::{CITY, Journal, Order, door_of, store_place};
use dastak_verify::{Judge, Recount};

/// Indices of the orders in the journal.
pub(crate) const ORDINARY: usize = 0;
pub(crate) const CASH: usize = 1;
pub(crate) const REFUSED: usize = 2;
pub(crate) const CANCELLED: usize = 3;
pub(crate) const UNDELIVERED: usize = 4;
pub(crate) const SHORT: usize = 5;
pub(crate) const LATE: usize = 6;
pub(crate) const PAIR: [usize; 2] = [7, 8];
pub(crate) const WALLET: usize = 9;
pub(crate) const EXPIRED: usize = 10;
pub(crate) const RESCUED: usize = 11;

/// Two stores, four SKUs of ten units each, two riders by store, and twelve orders.
pub(crate) fn journal() -> Vec<Record> {
    let mut journal = Journal::open(2, 4, 10, 2);
    let mut ordinary = Order::new(ORDINARY, 100, &[(0, 2), (1, 1)]);
    journal.take(&mut ordinary);
    journal.bring(&mut ordinary, 0, 0, 0);
    cash(&mut journal);
    refused(&mut journal);
    cancelled(&mut journal);
    undelivered(&mut journal);
    short(&mut journal);
    late(&mut journal);
    pair(&mut journal);
    wallet(&mut journal);
    expired(&mut journal);
    rescued(&mut journal);
    doors_and_surge(&mut journal);
    journal.records()
}

fn cash(journal: &mut Journal) {
    let mut order = Order::new(CASH, 200, &[(1, 2)]).at(1).paid_by(Method::Cash).short(0, 1);
    journal.take(&mut order);
    let free = journal.bring(&mut order, 4, 1, 2);
    let held = order.total() - Paise(41_01);
    journal.remit(free + 60_000, 2, held);
}

/// Wants eleven units of ten: refused, and rejected.
fn refused(journal: &mut Journal) {
    let mut order = Order::new(REFUSED, 300, &[(3, 11)]).at(1);
    journal.place(&mut order);
    let (order_id, store, sku) = (order.id, order.store, SkuId(3));
    let refused = Stock::Refused { order: order_id, store, sku, wanted_units: 11, free_units: 10 };
    journal.say(300_500, refused);
    journal.rejected(&mut order, 500, Rejection::OutOfStock);
}

/// Cancelled by its customer after one of two lines was picked.
fn cancelled(journal: &mut Journal) {
    let mut order = Order::new(CANCELLED, 1_000, &[(0, 1), (2, 3)]);
    journal.take(&mut order);
    journal.collect(&mut order, 1, 30_000, 1);
    journal.ask_cancel(&mut order, 45_000, Canceller::Customer);
    journal.withdraw(&order, 45_000);
    journal.put_back(&order, 45_000, 1, true);
    journal.refund(&order, 65_000, 1, order.total());
    journal.cancelled(&mut order, 70_000, Canceller::Customer, Stage::Picking);
}

/// Nobody is at the door: it comes back, and all of it is put back.
fn undelivered(journal: &mut Journal) {
    let mut order = Order::new(UNDELIVERED, 2_000, &[(1, 2), (3, 1)]);
    journal.take(&mut order);
    let packed = 2_000_000 + journal.pick(&mut order, 2, 25_000);
    journal.offer(packed, 2, 1, &[&order]);
    journal.accept(packed + 5_000, 2, 1, order.store);
    journal.pick_up(packed + 20_000, 2, 1, &mut order);
    let (store, door) = (store_place(order.store), door_of(order.store));
    let there = packed + 300_000;
    journal.ride(there, 2, 1, (store, door));
    journal.arrive(there, 2, 1, &mut order);
    let (trip, rider, id) = (TripId(2), RiderId(1), order.id);
    journal.say(there + 60_000, Trip::Failed { trip, order: id, rider });
    journal.ride(there + 300_000, 2, 1, (door, store));
    journal.say(there + 300_000, Trip::Returned { trip, order: id, rider });
    journal.say(there + 300_000, Trip::Ended { trip, rider });
    let after = there + 300_000 - order.placed_at;
    journal.put_back(&order, after, 2, false);
    journal.refund(&order, after + 20_000, 1, order.total());
    journal.undelivered(&mut order, after + 25_000);
}

/// Three units ordered, one found.
fn short(journal: &mut Journal) {
    let mut order = Order::new(SHORT, 3_000, &[(0, 1), (2, 3)]).short(1, 1);
    journal.take(&mut order);
    journal.bring(&mut order, 0, 3, 0);
}

/// The attempt times out, the order is rejected, and the authorisation comes after all.
fn late(journal: &mut Journal) {
    let mut order = Order::new(LATE, 4_000, &[(0, 1)]);
    journal.place(&mut order);
    journal.hold(&mut order, 500, 360_000);
    journal.ask(&mut order, 500);
    journal.decline(&order, 300_500, 1, Decline::TimeOut);
    journal.say(4_300_500, Pay::Expired { order: order.id });
    journal.release(&order, 300_500, 0);
    journal.rejected(&mut order, 300_500, Rejection::Payment);
    journal.authorise(&order, 900_000, 1, true);
    journal.capture(&order, 900_000, 1);
    journal.refund(&order, 900_000, 1, order.total());
}

/// Two orders on one trip; the first rider says no.
fn pair(journal: &mut Journal) {
    let [mut first, mut second] =
        PAIR.map(|index| Order::new(index, 5_000 + index as u64, &[(1, 1), (2, 1)]).at(1));
    journal.take(&mut first);
    journal.take(&mut second);
    journal.pick(&mut first, 4, 25_000);
    journal.pick(&mut second, 5, 25_000);
    journal.offer(5_050_000, 4, 3, &[&first, &second]);
    let (trip, rider) = (TripId(4), RiderId(3));
    journal.say(5_055_000, Trip::Rejected { trip, rider });
    journal.offer(5_060_000, 5, 2, &[&first, &second]);
    journal.accept(5_065_000, 5, 2, StoreId(1));
    journal.pick_up(5_080_000, 5, 2, &mut first);
    journal.pick_up(5_085_000, 5, 2, &mut second);
    let (store, door) = (store_place(StoreId(1)), door_of(StoreId(1)));
    journal.ride(5_400_000, 5, 2, (store, door));
    journal.arrive(5_400_000, 5, 2, &mut first);
    journal.deliver(5_430_000, 5, 2, &mut first, false);
    journal.arrive(5_430_000, 5, 2, &mut second);
    journal.deliver(5_460_000, 5, 2, &mut second, true);
}

fn wallet(journal: &mut Journal) {
    let mut order = Order::new(WALLET, 6_000, &[(2, 1)]).paid_by(Method::Wallet);
    let customer = CustomerId(u32::try_from(WALLET).expect("small"));
    journal.top_up(5_900_000, customer, order.total() + Paise(1_00));
    journal.take(&mut order);
    journal.bring(&mut order, 3, 6, 0);
}

/// The hold runs out while the customer pays; it is made anew and the order is confirmed.
fn expired(journal: &mut Journal) {
    let mut order = Order::new(EXPIRED, 7_000, &[(0, 1)]);
    let (id, store) = (order.id, order.store);
    journal.place(&mut order);
    journal.hold(&mut order, 500, 60_000);
    journal.ask(&mut order, 500);
    journal.decline(&order, 50_000, 1, Decline::Business);
    let (attempt, method, amount) = (2, Method::Upi, order.total());
    journal.say(7_055_000, Pay::Initiated { order: id, attempt, method, amount });
    let expires_at = domain::time::Timestamp::from_s(7_070);
    journal.say(7_055_000, Stock::Extended { order: id, store, expires_at });
    journal.say(7_071_000, Stock::LineReleased { order: id, store, sku: SkuId(0), units: 1 });
    journal.say(7_071_000, Stock::Expired { order: id, store });
    journal.authorise(&order, 80_000, 2, false);
    journal.capture(&order, 80_000, 2);
    journal.hold(&mut order, 80_000, 400_000);
    journal.confirm(&mut order, 80_000);
    journal.collect(&mut order, 0, 85_000, 1);
    journal.pack(&mut order, 0, 100_000);
    journal.offer(7_090_000, 7, 0, &[&order]);
    let (trip, rider) = (TripId(7), RiderId(0));
    journal.say(7_120_000, Trip::OfferTimedOut { trip, rider });
    journal.offer(7_130_000, 8, 1, &[&order]);
    journal.accept(7_135_000, 8, 1, order.store);
    journal.pick_up(7_150_000, 8, 1, &mut order);
    journal.ride(7_400_000, 8, 1, (store_place(store), door_of(store)));
    journal.arrive(7_400_000, 8, 1, &mut order);
    journal.deliver(7_420_000, 8, 1, &mut order, true);
}

/// The rider is lost with the bag half way; another fetches it there.
fn rescued(journal: &mut Journal) {
    let mut order = Order::new(RESCUED, 9_000, &[(3, 2)]);
    journal.take(&mut order);
    let packed = 9_000_000 + journal.pick(&mut order, 1, 25_000);
    journal.offer(packed, 9, 0, &[&order]);
    journal.accept(packed + 1_000, 9, 0, order.store);
    journal.pick_up(packed + 20_000, 9, 0, &mut order);
    let store = store_place(order.store);
    let half_way =
        domain::place::Place { lat_e7: store.lat_e7 + 30_000, lon_e7: store.lon_e7 + 30_000 };
    let (trip, rider, id) = (TripId(9), RiderId(0), order.id);
    let lost = packed + 120_000;
    journal.say(lost, Trip::Stranded { trip, order: id, rider, place: half_way });
    journal.say(lost, Trip::Dropped { trip, rider });
    journal.say(lost, Duty::WentOff { rider });
    journal.offer(lost + 5_000, 10, 1, &[&order]);
    let (trip, rider) = (TripId(10), RiderId(1));
    journal.say(lost + 10_000, Trip::Accepted { trip, rider });
    journal.ride(lost + 260_000, 10, 1, (store, half_way));
    journal.say(lost + 260_000, Trip::AtStore { trip, rider, place: half_way });
    journal.say(lost + 270_000, Trip::PickedUp { trip, order: id, rider });
    journal.ride(lost + 511_000, 10, 1, (half_way, door_of(order.store)));
    journal.arrive(lost + 511_000, 10, 1, &mut order);
    journal.deliver(lost + 540_000, 10, 1, &mut order, true);
    journal.say(lost + 600_000, Duty::BreakBegun { rider });
    journal.say(lost + 900_000, Duty::BreakEnded { rider });
}

fn doors_and_surge(journal: &mut Journal) {
    let store = StoreId(1);
    journal.say(8_000_000, DoorEvent::DoorSet { store, door_state: Door::Paused });
    journal.say(8_000_000, Quote::SurgeSet { store, surge: Bps(15_000) });
    journal.say(8_600_000, Stock::Received { store, sku: SkuId(3), units: 5 });
    let adjustment = Adjustment::CycleCount;
    let adjusted = Stock::Adjusted { store, sku: SkuId(3), delta_units: -1, adjustment };
    journal.say(8_700_000, adjusted);
    let rider = RiderId(3);
    let (origin, place) = (store_place(store), door_of(store));
    let from = domain::time::Timestamp::from_s(8_500);
    journal.say(8_800_000, Duty::Moved { rider, from, origin, place, leg_m: 1_300 });
}

#[test]
fn a_quote_may_be_accepted_when_it_was_forgotten_long_ago() {
    let mut journal = Journal::open(1, 4, 10, 1);
    let (mut slow, mut other) = (Order::new(0, 100, &[(0, 1)]), Order::new(1, 800, &[(1, 1)]));
    journal.quote(&slow);
    journal.place(&mut other);
    journal.rejected(&mut other, 1_000, Rejection::Unserviceable);
    journal.accept_quote(&mut slow, 710_000);
    journal.say(810_000, Quote::Expired { order: slow.id });
    journal.rejected(&mut slow, 710_000, Rejection::PriceChanged);
    let mut judge = Judge::new();
    journal.records().iter().for_each(|record| judge.record(record));
    let found: Vec<_> = judge.finish().breaks().map(ToString::to_string).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_judge_finds_nothing_and_says_how_much_was_judged() {
    let mut judge = Judge::new();
    for record in journal() {
        judge.record(&record);
    }
    let verdict = judge.finish();
    let found: Vec<_> = verdict.breaks().map(ToString::to_string).collect();
    assert_eq!(found, Vec::<String>::new());
    let mut table = String::new();
    for finding in &verdict.invariants {
        let (id, status, judged) = (finding.id, finding.status.text(), finding.judged);
        table += &format!("{id:<4}{status:<20}{judged:>4}\n");
    }
    expect![[r#"
        I1  held                  41
        I2  held                   1
        I3  held                  15
        I4  held                  20
        I5  held                  18
        I6  held                  13
        I7  held                  10
        I8  held                  12
        I9  held                  24
        I10 held                   4
        I11 held                  22
        I12 held                  66
        I13 not observable here    0
        I14 not observable here    0
        I15 held                 436
        I16 held                 103
        I17 held                  24
        I18 held                  34
        I19 held                  19
        I20 held                  68
        I21 held                  42
        I22 held                  13
        I23 held                  11
        I24 held                  12
        I25 not observable here    0
        I26 not observable here    0
        I27 not observable here    0
        I28 not observable here    0
        I29 not observable here    0
        I30 not observable here    0
        I31 not observable here    0
        I32 not observable here    0
        I33 not observable here    0
        I34 held                 109
        I35 held                  25
        I36 not observable here    0
        I37 held                 440
        I38 held                   3
        I39 held                  11
        I40 held                  19
        I41 held                  30
        I42 held                   2
        J1  held                 554
        J2  held                  41
        J3  held                  40
        J4  held                  11
        J5  held                  12
        J6  held                 145
        J7  held                   8
    "#]]
    .assert_eq(&table);
    assert!(verdict.is_clean());
}

#[test]
fn the_recount_counts_it() {
    let mut recount = Recount::new();
    for record in journal() {
        assert_eq!(record.city, CITY);
        recount.record(&record);
    }
    expect![[r#"
        Counts {
            placed: 12,
            delivered: 8,
            rejected: 2,
            cancelled: 1,
            undelivered: 1,
            in_flight: 0,
            on_time: 8,
            order_to_door_ms: [
                305000,
                305000,
                315000,
                315000,
                393000,
                400000,
                422000,
                676000,
            ],
            rejections: [
                1,
                0,
                1,
                0,
            ],
            cancellations: [
                0,
                0,
                0,
                0,
                0,
                1,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
            ],
            stockout_lines: 1,
            rider_busy_us: 3424000000,
            rider_duty_us: 268065000000,
            picker_busy_us: 260000000,
            picker_duty_us: 691200000000,
            money: Money {
                goods: Paise(
                    57818,
                ),
                fees: [
                    Paise(
                        12000,
                    ),
                    Paise(
                        0,
                    ),
                    Paise(
                        0,
                    ),
                    Paise(
                        0,
                    ),
                    Paise(
                        0,
                    ),
                    Paise(
                        0,
                    ),
                ],
                total: Paise(
                    69818,
                ),
                tax: Paise(
                    1832,
                ),
                captured: Paise(
                    110232,
                ),
                collected: Paise(
                    5601,
                ),
                refunded: Paise(
                    46015,
                ),
                rider_pay: Paise(
                    0,
                ),
            },
            packed: 9,
            pick_pack_us: 225000000,
            picked_up: 9,
            rider_wait_us: 0,
            bag_wait_us: 96000000,
            lines_sought: 15,
            lines_short: 2,
            placed_by_hour: [
                6,
                5,
                1,
            ],
            stores: 2,
            window_us: 86400000000,
            in_stock_ms: 691200000,
            shelf_ms: 691200000,
            received_units: 5,
            dumped_units: 0,
            counted_off_units: 1,
            trips: 9,
            carried: 10,
            batched: 2,
            delivered_ever: 8,
            facts: 514,
            opening_facts: 40,
        }
    "#]]
    .assert_debug_eq(&recount.finish());
}
