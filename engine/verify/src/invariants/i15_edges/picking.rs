//! The edges of a pick list: queued, begun, packed, handed over; stopped from any of them, and
//! closed when all of it is back on the shelf.

use domain::picking::Event;

use super::super::{Case, Ruling, ensure};
use crate::Subject;
use crate::world::Pick;

#[inline]
pub(super) fn rule(case: &Case<'_>, event: &Event) -> Ruling {
    let pick = case.live.pick;
    let (order, fits) = match *event {
        Event::Queued { order, .. } => (order, pick == Pick::None && case.order.is_live()),
        Event::Started { order, .. } => (order, pick == Pick::Queued),
        Event::LinePicked { order, .. }
        | Event::LineShort { order, .. }
        | Event::Packed { order, .. } => (order, pick == Pick::Started),
        Event::HandedOver { order, .. } => (order, pick == Pick::Packed),
        Event::Aborted { order, .. } => {
            let is_over = matches!(pick, Pick::PuttingBack | Pick::Aborted | Pick::Closed);
            (order, !is_over && case.order.is_live())
        }
        Event::Closed { order } => (order, matches!(pick, Pick::PuttingBack | Pick::Aborted)),
    };
    ensure!(fits, Subject::Order(order), "{} of a list that is {pick:?}", case.kind());
    Ruling::Kept
}
