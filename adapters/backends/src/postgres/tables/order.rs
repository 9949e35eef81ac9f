//! An order: one row in each of six tables, and rows for its lines and attempts to pay.

use domain::dispatch::request::{self, Status as Wait};
use domain::ids::{CustomerId, PickerId, RiderId, SkuId, StoreId, TripId};
use domain::money::{Bps, Paise};
use domain::order::{Canceller, Rejection, Stage};
use domain::payment::{self, MAX_ATTEMPTS, Method};
use domain::picking::{self, Status as Pick};
use domain::place::Place;
use domain::pricing::{Fees, quote};
use domain::saga::{self, Ending, Open};
use domain::stock::Hold;
use domain::time::Timestamp;
use shell::{Order, OrderLine};

use super::others::{of_word, word};
use super::{Cell, Corrupt, Layout, Reader, flag, int, text};

/// What of an order stands in one row of a table.
pub(in crate::postgres) struct Part {
    pub(in crate::postgres) layout: Layout,
    pub(in crate::postgres) put: fn(&Order, &mut Vec<Cell>),
    pub(in crate::postgres) take: fn(&mut Order, &mut Reader<'_>) -> Result<(), Corrupt>,
}

/// What of an order stands in several rows of a table, numbered from zero.
pub(in crate::postgres) struct Child {
    pub(in crate::postgres) layout: Layout,
    pub(in crate::postgres) count: fn(&Order) -> usize,
    pub(in crate::postgres) put: fn(&Order, usize, &mut Vec<Cell>),
    pub(in crate::postgres) take: fn(&mut Order, usize, &mut Reader<'_>) -> Result<(), Corrupt>,
}

/// The parts of an order. The first has the version of them all.
pub(in crate::postgres) const PARTS: [Part; 6] = [
    Part { layout: ORDERS, put: put_order, take: take_order },
    Part { layout: QUOTES, put: put_quote, take: take_quote },
    Part { layout: RESERVATIONS, put: put_reservation, take: take_reservation },
    Part { layout: PAYMENTS, put: put_payment, take: take_payment },
    Part { layout: PICK_TASKS, put: put_pick_task, take: take_pick_task },
    Part { layout: DELIVERIES, put: put_delivery, take: take_delivery },
];

/// The rows below an order.
pub(in crate::postgres) const CHILDREN: [Child; 2] = [
    Child { layout: ITEMS, count: |order| order.lines.len(), put: put_item, take: take_item },
    Child {
        layout: ATTEMPTS,
        count: |order| order.payment.made().len(),
        put: put_attempt,
        take: take_attempt,
    },
];

const ORDERS: Layout = Layout {
    table: "orders",
    key: &["order_id"],
    columns: &[
        int("user_id"),
        int("warehouse_id"),
        int("client_ref"),
        int("door_lat_e7"),
        int("door_lon_e7"),
        text("status"),
        int("status_version"),
        text("payment_method"),
        int("payable_paise"),
        int("reduced_paise"),
        flag("is_settled"),
        flag("has_asked_stock"),
        flag("has_stock"),
        flag("has_payment"),
        flag("has_pick_task"),
        flag("has_rider_request"),
        flag("has_extended_hold"),
        text("ending"),
        text("rejected_for"),
        text("cancelled_by"),
        text("cancelled_in"),
    ],
};

/// What an order has begun, in the order of its columns.
const OPEN: [Open; 6] =
    [Open::ASKED, Open::HOLD, Open::MONEY, Open::PICK, Open::RIDER, Open::EXTENDED];

fn put_order(order: &Order, cells: &mut Vec<Cell>) {
    let saga::State { stage, version, open, method, settled, payable, reduced, ending } =
        order.saga;
    cells.extend([Cell::int(order.customer.0), Cell::int(order.store.0)]);
    cells.push(Cell::bits(order.client_ref));
    cells.extend([Cell::int(order.door.lat_e7), Cell::int(order.door.lon_e7)]);
    cells.extend([Cell::text(stage.text()), Cell::int(version), Cell::text(method.text())]);
    cells.extend([Cell::int(payable.0), Cell::int(reduced.0), Cell::Flag(settled)]);
    cells.extend(OPEN.map(|bit| Cell::Flag(open.bits() & bit.bits() != 0)));
    let (ending, details) = match ending {
        None => (None, [None; 3]),
        Some(Ending::Undelivered) => (Some("undelivered"), [None; 3]),
        Some(Ending::Rejected(reason)) => (Some("rejected"), [Some(reason.text()), None, None]),
        Some(Ending::Cancelled { canceller, stage }) => {
            (Some("cancelled"), [None, Some(canceller.text()), Some(stage.text())])
        }
    };
    cells.push(Cell::Text(ending));
    cells.extend(details.map(Cell::Text));
}

fn take_order(order: &mut Order, reader: &mut Reader<'_>) -> Result<(), Corrupt> {
    order.customer = CustomerId(reader.int()?);
    order.store = StoreId(reader.int()?);
    order.client_ref = reader.bits()?;
    order.door = Place { lat_e7: reader.int()?, lon_e7: reader.int()? };
    let saga = &mut order.saga;
    saga.stage = reader.word(Stage::from_text)?;
    saga.version = reader.int()?;
    saga.method = reader.word(Method::from_text)?;
    (saga.payable, saga.reduced) = (Paise(reader.int()?), Paise(reader.int()?));
    saga.settled = reader.flag()?;
    let mut bits = 0;
    for bit in OPEN {
        bits |= if reader.flag()? { bit.bits() } else { 0 };
    }
    saga.open = Open::of_bits(bits);
    let ending = reader.maybe_word(|text| Some(text.to_owned()))?;
    let rejection = reader.maybe_word(Rejection::from_text)?;
    let canceller = reader.maybe_word(Canceller::from_text)?;
    let stage = reader.maybe_word(Stage::from_text)?;
    saga.ending = match ending.as_deref() {
        None => None,
        Some("undelivered") => Some(Ending::Undelivered),
        Some("rejected") => Some(Ending::Rejected(reader.with(rejection)?)),
        Some(_) => {
            let (canceller, stage) = (reader.with(canceller)?, reader.with(stage)?);
            Some(Ending::Cancelled { canceller, stage })
        }
    };
    Ok(())
}

const QUOTES: Layout = Layout {
    table: "quotes",
    key: &["order_id"],
    columns: &[
        text("status"),
        int("total_paise"),
        int("valid_until_us"),
        int("promise_by_us"),
        int("delivery_fee_paise"),
        int("handling_fee_paise"),
        int("small_cart_fee_paise"),
        int("surge_fee_paise"),
        int("rain_fee_paise"),
        int("discount_paise"),
    ],
};

fn put_quote(order: &Order, cells: &mut Vec<Cell>) {
    use quote::State as S;
    let (status, total, until) = match order.quote {
        S::Blank => ("blank", None, None),
        S::Issued { total, valid_until } => ("issued", Some(total.0), Some(valid_until.0)),
        S::Locked { total } => ("locked", Some(total.0), None),
        S::Consumed => ("consumed", None, None),
        S::Expired => ("expired", None, None),
        S::Invalidated => ("invalidated", None, None),
    };
    cells.extend([Cell::text(status), Cell::Int(total), Cell::maybe(until.map(u64::cast_signed))]);
    cells.push(Cell::bits(order.promise_by.0));
    let Fees { delivery, handling, small_cart, surge, rain, discount } = order.fees;
    cells.extend(
        [delivery, handling, small_cart, surge, rain, discount].map(|fee| Cell::int(fee.0)),
    );
}

fn take_quote(order: &mut Order, reader: &mut Reader<'_>) -> Result<(), Corrupt> {
    use quote::State as S;
    let status = reader.text()?;
    let total = reader.maybe()?.map(Paise);
    let until = reader.maybe::<i64>()?.map(|until| Timestamp(until.cast_unsigned()));
    order.quote = match status {
        "blank" => S::Blank,
        "issued" => S::Issued { total: reader.with(total)?, valid_until: reader.with(until)? },
        "locked" => S::Locked { total: reader.with(total)? },
        "consumed" => S::Consumed,
        "expired" => S::Expired,
        _ => S::Invalidated,
    };
    order.promise_by = Timestamp(reader.bits()?);
    order.fees = Fees {
        delivery: Paise(reader.int()?),
        handling: Paise(reader.int()?),
        small_cart: Paise(reader.int()?),
        surge: Paise(reader.int()?),
        rain: Paise(reader.int()?),
        discount: Paise(reader.int()?),
    };
    Ok(())
}

const RESERVATIONS: Layout = Layout {
    table: "reservations",
    key: &["order_id"],
    columns: &[text("status"), int("expires_at_us"), int("asked_until_us")],
};

fn put_reservation(order: &Order, cells: &mut Vec<Cell>) {
    let (status, expires_at) = match order.hold {
        Hold::Never => ("never", None),
        Hold::Until(end) => ("until", Some(end.0.cast_signed())),
        Hold::Secured => ("secured", None),
        Hold::Over => ("over", None),
    };
    cells.extend([Cell::text(status), Cell::Int(expires_at), Cell::bits(order.hold_until.0)]);
}

fn take_reservation(order: &mut Order, reader: &mut Reader<'_>) -> Result<(), Corrupt> {
    let status = reader.text()?;
    let end = reader.maybe::<i64>()?.map(|end| Timestamp(end.cast_unsigned()));
    order.hold = match status {
        "never" => Hold::Never,
        "until" => Hold::Until(reader.with(end)?),
        "secured" => Hold::Secured,
        _ => Hold::Over,
    };
    order.hold_until = Timestamp(reader.bits()?);
    Ok(())
}

const PAYMENTS: Layout = Layout {
    table: "payments",
    key: &["order_id"],
    columns: &[
        text("status"),
        int("amount_paise"),
        int("refund_wanted_paise"),
        int("let_off_paise"),
        int("chosen_attempt"),
        int("attempts_made"),
    ],
};

fn put_payment(order: &Order, cells: &mut Vec<Cell>) {
    let state = &order.payment;
    cells.push(Cell::text(state.stage.text()));
    let amounts = [state.amount_paise, state.refund_wanted_paise, state.let_off_paise];
    cells.extend(amounts.map(Cell::int));
    cells.extend([state.chosen, state.made].map(Cell::int));
}

fn take_payment(order: &mut Order, reader: &mut Reader<'_>) -> Result<(), Corrupt> {
    let state = &mut order.payment;
    state.stage = reader.word(payment::Stage::from_text)?;
    state.amount_paise = reader.int()?;
    state.refund_wanted_paise = reader.int()?;
    state.let_off_paise = reader.int()?;
    (state.chosen, state.made) = (reader.int()?, reader.int()?);
    let made = (usize::from(state.made) <= MAX_ATTEMPTS).then_some(());
    reader.with(made)
}

const PICK_TASKS: Layout = Layout {
    table: "pick_tasks",
    key: &["order_id"],
    columns: &[
        text("status"),
        int("picker_id"),
        int("lines"),
        int("lines_done"),
        flag("has_anything"),
    ],
};

fn put_pick_task(order: &Order, cells: &mut Vec<Cell>) {
    let picking::State { status, lines, done, anything } = order.task;
    let (status, picker) = match status {
        Pick::None => ("none", None),
        Pick::Queued => ("queued", None),
        Pick::Collecting(picker) => ("collecting", Some(picker)),
        Pick::Packing(picker) => ("packing", Some(picker)),
        Pick::Packed => ("packed", None),
        Pick::HandedOver => ("handed_over", None),
        Pick::PuttingBack(picker) => ("putting_back", picker),
        Pick::Closed => ("closed", None),
    };
    cells.extend([Cell::text(status), Cell::maybe(picker.map(|picker| picker.0))]);
    cells.extend([Cell::int(lines), Cell::int(done), Cell::Flag(anything)]);
}

fn take_pick_task(order: &mut Order, reader: &mut Reader<'_>) -> Result<(), Corrupt> {
    let status = reader.text()?;
    let picker = reader.maybe()?.map(PickerId);
    let status = match status {
        "none" => Pick::None,
        "queued" => Pick::Queued,
        "collecting" => Pick::Collecting(reader.with(picker)?),
        "packing" => Pick::Packing(reader.with(picker)?),
        "packed" => Pick::Packed,
        "handed_over" => Pick::HandedOver,
        "putting_back" => Pick::PuttingBack(picker),
        _ => Pick::Closed,
    };
    let (lines, done) = (reader.int()?, reader.int()?);
    order.task = picking::State { status, lines, done, anything: reader.flag()? };
    Ok(())
}

const DELIVERIES: Layout = Layout {
    table: "deliveries",
    key: &["order_id"],
    columns: &[
        text("status"),
        int("trip_id"),
        flag("is_packed"),
        flag("is_unwanted"),
        int("refusals"),
        int("requested_at_us"),
        int("ready_at_us"),
        int("refused_by_rider_id"),
    ],
};

/// The words for a wait that is on no trip.
const WAITS: [(Wait, &str); 3] =
    [(Wait::None, "none"), (Wait::Waiting, "waiting"), (Wait::Closed, "closed")];
/// The word for one that is.
const ON_TRIP: &str = "on_trip";

fn put_delivery(order: &Order, cells: &mut Vec<Cell>) {
    let request::State { status, packed, unwanted, refusals } = order.request;
    let (status, trip) = match status {
        Wait::OnTrip(trip) => (ON_TRIP, Some(trip.0)),
        status @ (Wait::None | Wait::Waiting | Wait::Closed) => (word(&WAITS, status), None),
    };
    cells.extend([Cell::text(status), Cell::maybe(trip)]);
    cells.extend([Cell::Flag(packed), Cell::Flag(unwanted), Cell::int(refusals)]);
    cells.extend([Cell::bits(order.requested_at.0), Cell::bits(order.ready_at.0)]);
    cells.push(Cell::maybe(order.refused_by.map(|rider| rider.0)));
}

fn take_delivery(order: &mut Order, reader: &mut Reader<'_>) -> Result<(), Corrupt> {
    let status = reader.text()?;
    let trip = reader.maybe()?.map(TripId);
    let status = match status {
        ON_TRIP => Wait::OnTrip(reader.with(trip)?),
        other => reader.with(of_word(&WAITS, other))?,
    };
    let (packed, unwanted, refusals) = (reader.flag()?, reader.flag()?, reader.int()?);
    order.request = request::State { status, packed, unwanted, refusals };
    order.requested_at = Timestamp(reader.bits()?);
    order.ready_at = Timestamp(reader.bits()?);
    order.refused_by = reader.maybe()?.map(RiderId);
    Ok(())
}

const ITEMS: Layout = Layout {
    table: "order_items",
    key: &["order_id", "line"],
    columns: &[
        int("product_id"),
        int("quantity"),
        int("reserved_quantity"),
        int("picked_quantity"),
        int("price_paise"),
        int("mrp_paise"),
        int("unit_price_paise"),
        int("gst_bps"),
    ],
};

fn put_item(order: &Order, at: usize, cells: &mut Vec<Cell>) {
    let line = &order.lines[at];
    let numbers = [line.sku.0, line.units, line.held_units, line.picked_units];
    cells.extend(numbers.map(Cell::int));
    let prices = [line.price, line.mrp, line.unit_price];
    cells.extend(prices.map(|price| Cell::int(price.0)));
    cells.push(Cell::int(line.gst.0));
}

fn take_item(order: &mut Order, at: usize, reader: &mut Reader<'_>) -> Result<(), Corrupt> {
    reader.with((at == order.lines.len()).then_some(()))?;
    order.lines.push(OrderLine {
        sku: SkuId(reader.int()?),
        units: reader.int()?,
        held_units: reader.int()?,
        picked_units: reader.int()?,
        price: Paise(reader.int()?),
        mrp: Paise(reader.int()?),
        unit_price: Paise(reader.int()?),
        gst: Bps(reader.int()?),
    });
    Ok(())
}

const ATTEMPTS: Layout = Layout {
    table: "payment_attempts",
    key: &["order_id", "attempt"],
    columns: &[
        text("method"),
        text("status"),
        int("refund_asked_paise"),
        int("refunded_paise"),
        int("follow_ups"),
        int("refund_retries"),
    ],
};

fn put_attempt(order: &Order, at: usize, cells: &mut Vec<Cell>) {
    let attempt = &order.payment.attempts[at];
    cells.extend([Cell::text(attempt.method.text()), Cell::text(attempt.phase.text())]);
    cells.extend([attempt.refund_asked_paise, attempt.refunded_paise].map(Cell::int));
    cells.extend([attempt.follow, attempt.refund_retries].map(Cell::int));
}

fn take_attempt(order: &mut Order, at: usize, reader: &mut Reader<'_>) -> Result<(), Corrupt> {
    let slot = reader.with(order.payment.attempts.get_mut(at))?;
    slot.method = reader.word(Method::from_text)?;
    slot.phase = reader.word(payment::Phase::from_text)?;
    slot.refund_asked_paise = reader.int()?;
    slot.refunded_paise = reader.int()?;
    (slot.follow, slot.refund_retries) = (reader.int()?, reader.int()?);
    Ok(())
}
