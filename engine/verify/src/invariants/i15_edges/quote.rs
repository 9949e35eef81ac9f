//! The edges of a quote: priced, issued, locked, consumed; or expired or invalidated. One that is
//! neither locked nor consumed may be made anew.

use domain::pricing::Event;

use super::super::{Case, Ruling, ensure};
use crate::Subject;
use crate::world::Quote;

#[inline]
pub(super) fn rule(case: &Case<'_>, event: &Event) -> Ruling {
    let quote = case.live.quote;
    let (order, fits) = match *event {
        Event::LinePriced { order, .. } | Event::FeeAdded { order, .. } => {
            (order, !matches!(quote, Quote::Locked | Quote::Consumed))
        }
        Event::Issued { order, .. } => (order, quote == Quote::Pricing),
        Event::Locked { order, .. } => (order, quote == Quote::Issued),
        Event::Expired { order } => (order, quote == Quote::Issued || case.order.has_lapsed),
        Event::Consumed { order } => (order, quote == Quote::Locked),
        // An order that is over has let go of its quote, which may be told later.
        Event::Invalidated { .. } if case.order.is_over() => return Ruling::NotMine,
        Event::Invalidated { order } => {
            let stands = matches!(quote, Quote::Issued | Quote::Locked);
            (order, stands || case.order.has_lapsed)
        }
        Event::LineUnavailable { .. } | Event::SurgeSet { .. } => return Ruling::NotMine,
    };
    ensure!(
        fits && !case.order.is_over(),
        Subject::Order(order),
        "{} of a quote that is {quote:?}, order {}",
        case.kind(),
        case.order.stage
    );
    Ruling::Kept
}
