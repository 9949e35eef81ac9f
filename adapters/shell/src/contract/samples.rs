//! States of every kind, so that a backend cannot forget one.

use domain::delivery::{self, Phase, Stop, StopStatus};
use domain::dispatch::request;
use domain::ids::{CustomerId, OrderId, PickerId, RiderId, SkuId, StoreId, TripId};
use domain::ledger::Wallet;
use domain::money::{Bps, Paise};
use domain::order::{Canceller, Rejection, Stage};
use domain::payment::{self, Method};
use domain::picking::{self, Floor, FloorParts};
use domain::place::Place;
use domain::pricing::{Fees, quote};
use domain::rider::{self, Duty};
use domain::saga::{self, Ending, Open};
use domain::stock::{Hold, Slot};
use domain::store::{Door, Ops};
use domain::time::Timestamp;

use super::SHELF;
use crate::rows::{Key, Order, OrderLine, Rider, StoreDoor, Trip};

pub(super) const ORDER: OrderId = OrderId((3 << 48) | 5);
pub(super) const RIDER: RiderId = RiderId(6);
pub(super) const TRIP: TripId = TripId(7);
pub(super) const CUSTOMER: CustomerId = CustomerId(8);

/// A row of each kind.
pub(super) const KEYS: [Key; 7] = [
    Key::Order(ORDER),
    Key::Slot(SHELF),
    Key::Door(SHELF.0),
    Key::Floor(SHELF.0),
    Key::Rider(RIDER),
    Key::Trip(TRIP),
    Key::Wallet(CUSTOMER),
];

/// A state of each kind.
pub(super) struct Sample {
    pub(super) order: Order,
    pub(super) slot: Slot,
    pub(super) door: StoreDoor,
    pub(super) floor: Floor,
    pub(super) rider: Rider,
    pub(super) trip: Trip,
    pub(super) wallet: Wallet,
}

/// As many samples as the kind with the most states needs; the others begin again. No number
/// stands in two places, so that none can be mixed up.
pub(super) fn samples() -> impl Iterator<Item = Sample> {
    (0..40).map(|at| Sample {
        order: order(at),
        slot: slot(at),
        door: door(at),
        floor: floor(at),
        rider: rider(at),
        trip: trip(at),
        wallet: Wallet { balance: Paise(9_000 + at_paise(at)), held: Paise(100 + at_paise(at)) },
    })
}

/// The one of a list that a sample's turn comes to.
fn turn<T: Copy>(at: u32, of: &[T]) -> T {
    of[at as usize % of.len()]
}

fn at_paise(at: u32) -> i64 {
    i64::from(at)
}

fn time(at: u32, what: u64) -> Timestamp {
    Timestamp(u64::from(at) * 1_000_000 + what)
}

fn place(at: u32) -> Place {
    let at = i32::try_from(at).expect("few samples");
    Place { lat_e7: 190_000_000 + at, lon_e7: -730_000_000 - at }
}

fn order(at: u32) -> Order {
    let lines = (0..at % 4).map(|line| line_of(at, line)).collect();
    Order {
        saga: saga(at),
        payment: payment(at),
        task: task(at),
        request: request(at),
        hold: turn(at, &[Hold::Never, Hold::Until(time(at, 1)), Hold::Secured, Hold::Over]),
        hold_until: time(at, 2),
        quote: quote(at),
        fees: fees(at),
        promise_by: time(at, 3),
        store: StoreId(11 + at),
        customer: CUSTOMER,
        client_ref: u64::from(at) + (1 << 40),
        door: place(at),
        requested_at: time(at, 4),
        ready_at: time(at, 5),
        refused_by: turn(at, &[None, Some(RiderId(12 + at))]),
        lines,
    }
}

fn line_of(at: u32, line: u32) -> OrderLine {
    OrderLine {
        // Not in the order of their numbers: a cart keeps its own.
        sku: SkuId(100 - line * 7 + at),
        units: 10 + line,
        held_units: 20 + line,
        picked_units: 30 + line,
        price: Paise(40 + at_paise(line)),
        mrp: Paise(50 + at_paise(line)),
        unit_price: Paise(60 + at_paise(line)),
        gst: Bps(70 + line),
    }
}

fn saga(at: u32) -> saga::State {
    let stage = turn(at, Stage::ALL);
    let cancelled = |canceller| Some(Ending::Cancelled { canceller, stage: Stage::Picking });
    saga::State {
        stage,
        version: 13 + u16::try_from(at).expect("few samples"),
        open: Open::of_bits(u8::try_from(at * 5 % 64).expect("six bits")),
        method: turn(at, Method::ALL),
        settled: at.is_multiple_of(2),
        payable: Paise(1_400 + at_paise(at)),
        reduced: Paise(1_500 + at_paise(at)),
        ending: turn(
            at,
            &[
                None,
                Some(Ending::Undelivered),
                Some(Ending::Rejected(turn(at, Rejection::ALL))),
                cancelled(turn(at, Canceller::ALL)),
                cancelled(Canceller::Platform),
            ],
        ),
    }
}

fn payment(at: u32) -> payment::State {
    let attempt = |number: u32| payment::Attempt {
        refund_asked_paise: 160 + at + number,
        refunded_paise: 170 + at + number,
        method: turn(at + number, Method::ALL),
        phase: turn(at + number, payment::Phase::ALL),
        follow: 18 + u8::try_from(number).expect("three attempts"),
        refund_retries: 28 + u8::try_from(number).expect("three attempts"),
    };
    let made = turn(at, &[3, 0, 1, 2]);
    let mut state = payment::State {
        amount_paise: u32::MAX - at,
        refund_wanted_paise: 190 + at,
        let_off_paise: 200 + at,
        stage: turn(at, payment::Stage::ALL),
        chosen: made,
        made,
        ..payment::State::NEW
    };
    // Attempts that were not made mean nothing and need not be kept.
    for number in 0..u32::from(made) {
        state.attempts[number as usize] = attempt(number);
    }
    state
}

fn task(at: u32) -> picking::State {
    use picking::Status as S;
    let picker = PickerId(21 + at);
    picking::State {
        status: turn(
            at,
            &[
                S::None,
                S::Queued,
                S::Collecting(picker),
                S::Packing(picker),
                S::Packed,
                S::HandedOver,
                S::PuttingBack(None),
                S::PuttingBack(Some(picker)),
                S::Closed,
            ],
        ),
        lines: 22,
        done: 23,
        anything: at.is_multiple_of(3),
    }
}

fn request(at: u32) -> request::State {
    use request::Status as S;
    request::State {
        status: turn(at, &[S::None, S::Waiting, S::OnTrip(TripId(24 + at)), S::Closed]),
        packed: at % 3 == 1,
        unwanted: at % 5 == 1,
        refusals: 25,
    }
}

fn quote(at: u32) -> quote::State {
    use quote::State as S;
    let total = Paise(2_600 + at_paise(at));
    turn(
        at,
        &[
            S::Blank,
            S::Issued { total, valid_until: time(at, 6) },
            S::Locked { total },
            S::Consumed,
            S::Expired,
            S::Invalidated,
        ],
    )
}

fn fees(at: u32) -> Fees {
    let fee = |number| Paise(number + at_paise(at));
    Fees {
        delivery: fee(100),
        handling: fee(200),
        small_cart: fee(300),
        surge: fee(400),
        rain: fee(500),
        discount: -fee(600),
    }
}

fn slot(at: u32) -> Slot {
    Slot { free_units: 31 + at, reserved_units: 131 + at, sold_units: 231 + at }
}

fn door(at: u32) -> StoreDoor {
    StoreDoor {
        ops: Ops { door: turn(at, Door::ALL), since: time(at, 7) },
        surge: Bps(10_000 + at),
        surge_since: time(at, 8),
    }
}

fn floor(at: u32) -> Floor {
    let orders = |count: u32| (0..count).map(|n| OrderId((3 << 48) + u64::from(100 - n))).collect();
    let pickers = |count: u32, from: u32| (0..count).map(|n| PickerId(from - n)).collect();
    Floor::of_parts(FloorParts {
        waiting: orders(at % 4),
        idle: pickers(at % 3, 50),
        leaving: pickers(at % 2, 60),
        on_duty: pickers(at % 5, 70),
    })
}

fn rider(at: u32) -> Rider {
    Rider {
        state: rider::State {
            duty: turn(at, &[Duty::Off, Duty::On, Duty::Break]),
            trip: turn(at, &[None, Some(TripId(33 + at))]),
        },
        leaving: at % 3 == 1,
        place: place(at),
    }
}

fn trip(at: u32) -> Trip {
    use StopStatus as S;
    let statuses =
        [S::Absent, S::Joined, S::Ready, S::Handing, S::PickedUp, S::Delivered, S::Failed, S::Gone];
    let stop = |number: u32| Stop {
        order: OrderId((3 << 48) + u64::from(34 + at + number)),
        status: turn(at + number * 3, &statuses),
    };
    let phase = turn(
        at,
        &[
            Phase::New,
            Phase::Offered,
            Phase::ToStore,
            Phase::AtStore,
            Phase::ToDoor(0),
            Phase::ToDoor(1),
            Phase::AtDoor(0),
            Phase::AtDoor(1),
            Phase::Back,
            Phase::Ended,
        ],
    );
    let (rider, store) = (RiderId(35 + at), StoreId(36 + at));
    let state = delivery::State { phase, rider, store, stops: [stop(0), stop(1)] };
    Trip { state, offered_until: time(at, 9) }
}
