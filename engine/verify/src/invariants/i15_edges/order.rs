//! The edges of an order.

use domain::order::{Event, Stage};
use domain::payment::Method;

use super::super::{Case, Ruling, ensure};
use crate::Subject;

/// Which stages may follow which, while nobody has asked for the order to end. Cancelled follows
/// only when asked for.
const EDGES: [(Stage, &[Stage]); 9] = [
    (Stage::Draft, &[Stage::Placed]),
    (Stage::Placed, &[Stage::Reserved, Stage::Rejected]),
    (Stage::Reserved, &[Stage::PaymentPending, Stage::Confirmed, Stage::Rejected]),
    (Stage::PaymentPending, &[Stage::Confirmed, Stage::Rejected]),
    (Stage::Confirmed, &[Stage::Picking]),
    (Stage::Picking, &[Stage::Packed]),
    (Stage::Packed, &[Stage::OutForDelivery]),
    (Stage::OutForDelivery, &[Stage::Arrived, Stage::Undelivered]),
    (Stage::Arrived, &[Stage::Delivered, Stage::Undelivered]),
];

/// For each stage the set of those that may follow, as bits by their numbers.
const FOLLOWERS: [u16; Stage::ALL.len()] = {
    let mut followers = [0; Stage::ALL.len()];
    let mut row = 0;
    while row < EDGES.len() {
        let (from, to) = EDGES[row];
        let mut at = 0;
        while at < to.len() {
            followers[from as usize] |= 1 << to[at] as u16;
            at += 1;
        }
        row += 1;
    }
    followers
};

#[inline]
pub(super) fn rule(case: &Case<'_>, event: &Event) -> Ruling {
    let (from, asked) = (case.order.stage, case.live.cancel_asked);
    let (order, version, to) = parts(event);
    let subject = Subject::Order(order);
    let due = case.order.version.wrapping_add(1);
    ensure!(version == due, subject, "version {version} where {due} is due");
    let fits = match (*event, asked) {
        (Event::CancelAsked { .. }, None) => from != Stage::Draft && !case.order.is_over(),
        (Event::CancelAsked { .. }, Some(_)) | (Event::Cancelled { .. }, None) => false,
        (Event::Cancelled { canceller, stage, .. }, Some(asked)) => {
            !case.order.is_over() && stage == from && canceller == asked
        }
        (Event::Undelivered { .. }, Some(_)) => {
            matches!(from, Stage::OutForDelivery | Stage::Arrived)
        }
        (_, Some(_)) => false,
        (_, None) => FOLLOWERS[from as usize] & (1 << to as u16) != 0,
    };
    let asking = if asked.is_some() { ", asked to end" } else { "" };
    ensure!(fits, subject, "{} of an order that is {from}{asking}", case.kind());
    let skips_payment = from == Stage::Reserved && to == Stage::Confirmed;
    let method = case.live.method;
    ensure!(
        !skips_payment || method == Method::Cash,
        subject,
        "confirmed without payment pending, paid by {method}"
    );
    Ruling::Kept
}

/// The order, its version, and the stage it enters; the stage it is in for what enters none.
fn parts(event: &Event) -> (domain::ids::OrderId, u16, Stage) {
    match *event {
        Event::Placed { order, version, .. } => (order, version, Stage::Placed),
        Event::Reserved { order, version } => (order, version, Stage::Reserved),
        Event::PaymentPending { order, version } => (order, version, Stage::PaymentPending),
        Event::Confirmed { order, version } => (order, version, Stage::Confirmed),
        Event::PickingBegun { order, version } => (order, version, Stage::Picking),
        Event::Packed { order, version, .. } => (order, version, Stage::Packed),
        Event::LeftStore { order, version } => (order, version, Stage::OutForDelivery),
        Event::Arrived { order, version } => (order, version, Stage::Arrived),
        Event::Delivered { order, version } => (order, version, Stage::Delivered),
        Event::Rejected { order, version, .. } => (order, version, Stage::Rejected),
        Event::CancelAsked { order, version, .. } => (order, version, Stage::Draft),
        Event::Cancelled { order, version, .. } => (order, version, Stage::Cancelled),
        Event::Undelivered { order, version } => (order, version, Stage::Undelivered),
    }
}
