//! The edges of a quote: priced, issued, then locked or expired. One that is not locked may be
//! made anew.

use domain::pricing::Event;

use super::super::{Case, Ruling, ensure};
use crate::Subject;
use crate::world::Quote;

#[inline]
pub(super) fn rule(case: &Case<'_>, event: &Event) -> Ruling {
    let quote = case.live.quote;
    let (order, fits) = match *event {
        Event::LinePriced { order, .. } | Event::FeeAdded { order, .. } => {
            (order, quote != Quote::Locked)
        }
        Event::Issued { order, .. } => (order, quote == Quote::Pricing),
        Event::Locked { order, .. } | Event::Expired { order } => (order, quote == Quote::Issued),
        Event::SurgeSet { .. } => return Ruling::NotMine,
    };
    let kind = case.record.fact.kind().name;
    ensure!(
        fits && !case.order.is_over(),
        Subject::Order(order),
        "{kind} of a quote that is {quote:?}, order {}",
        case.order.stage
    );
    Ruling::Kept
}
