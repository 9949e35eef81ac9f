//! The edges of an attempt to pay. A decline is no end: an authorisation may follow it, and money
//! may turn out to be taken after a void.
//!
//! ```text
//! Initiated > Pending > Authorised > Captured > refunds
//!      └────────┴─> Declined ─┘└> Voided ┘
//! cash: CashDue (told again when less is due) > Captured
//! ```

use domain::ids::OrderId;
use domain::payment::Event;

use super::super::{Case, Ruling, ensure};
use crate::Subject;
use crate::world::{Attempt, AttemptState as S};

#[inline]
pub(super) fn rule(case: &Case<'_>, event: &Event) -> Ruling {
    let (order, number, fits): (_, _, &[S]) = match *event {
        Event::Initiated { order, attempt, .. } => return initiated(case, order, attempt),
        Event::Pending { order, attempt } => (order, attempt, &[S::Initiated]),
        Event::Authorised { order, attempt, late, .. } => {
            return lateness(case, order, attempt, late)
                .and(|| is_one_of(case, order, attempt, &[S::Initiated, S::Pending, S::Declined]));
        }
        Event::Declined { order, attempt, .. } => (order, attempt, &[S::Initiated, S::Pending]),
        Event::Captured { order, attempt, .. } => (order, attempt, &[S::Authorised, S::Voided]),
        Event::Voided { order, attempt } => (order, attempt, &[S::Authorised]),
        Event::RefundAsked { order, attempt, .. } | Event::Refunded { order, attempt, .. } => {
            (order, attempt, &[S::Captured])
        }
        Event::Expired { order } => {
            let is_first = !case.order.payment_over;
            ensure!(is_first, Subject::Order(order), "nothing more is tried, for the second time");
            return Ruling::Kept;
        }
        Event::CashDue { order, .. } => return cash(case, order, false),
        Event::CashCollected { order, .. } => return cash(case, order, true),
        Event::CashRemitted { .. } => return Ruling::NotMine,
    };
    is_one_of(case, order, number, fits)
}

fn is_one_of(case: &Case<'_>, order: OrderId, number: u8, fits: &[S]) -> Ruling {
    let state = attempt(case, number).map(|row| row.state);
    ensure!(
        state.is_some_and(|state| fits.contains(&state)),
        Subject::Order(order),
        "{} of attempt {number}, which is {}",
        case.kind(),
        state.map_or("not begun".to_owned(), |state| format!("{state:?}"))
    );
    Ruling::Kept
}

fn attempt<'a>(case: &Case<'a>, number: u8) -> Option<&'a Attempt> {
    case.world.attempts(case.order).find(|row| row.number == number)
}

fn initiated(case: &Case<'_>, order: OrderId, number: u8) -> Ruling {
    let last = case.world.attempts(case.order).next().map_or(0, |row| row.number);
    let subject = Subject::Order(order);
    ensure!(number == last.wrapping_add(1), subject, "attempt {number} follows attempt {last}");
    let is_open = !case.order.payment_over && !case.order.is_over();
    ensure!(is_open, subject, "attempt {number} begins when nothing more is tried");
    Ruling::Kept
}

/// An authorisation is late when its attempt had been declined, or when paying was over by then:
/// given up, or the money already taken or due in cash.
fn lateness(case: &Case<'_>, order: OrderId, number: u8, late: bool) -> Ruling {
    let row = case.order;
    let is_declined = attempt(case, number).is_some_and(|row| row.state == S::Declined);
    let is_kept = row.cash_due || case.world.attempts(row).any(|row| row.state == S::Captured);
    let is_late = is_declined || row.payment_over || is_kept;
    ensure!(
        late == is_late,
        Subject::Order(order),
        "the authorisation of attempt {number} is called {}",
        if late { "late" } else { "in time" }
    );
    Ruling::Kept
}

/// Cash is due until it is collected or nothing more is tried.
fn cash(case: &Case<'_>, order: OrderId, is_collected: bool) -> Ruling {
    let newest = case.world.attempts(case.order).next().map(|row| row.state);
    let is_due = case.order.cash_due && newest == Some(S::CashDue);
    let is_first = !case.order.cash_due && !is_collected;
    ensure!(
        (is_due || is_first) && !case.order.payment_over,
        Subject::Order(order),
        "{} with the last attempt {newest:?}",
        case.kind()
    );
    Ruling::Kept
}
