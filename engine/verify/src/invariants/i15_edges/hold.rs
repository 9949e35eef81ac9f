//! The edges of a hold: held line by line, extended, secured, committed line by line, or over.
//! One that is over may be made anew while its order lives.

use domain::stock::Event;

use super::super::{Case, Ruling, ensure};
use crate::Subject;
use crate::world::Hold;

#[inline]
pub(super) fn rule(case: &Case<'_>, event: &Event) -> Ruling {
    let (live, at) = (case.live, case.record.at);
    let hold = live.hold;
    let stands = matches!(hold, Hold::Held | Hold::Secured);
    let (order, fits) = match *event {
        Event::LineHeld { order, .. } => {
            let is_open = matches!(hold, Hold::None | Hold::Holding | Hold::Over);
            (order, is_open && !case.order.is_over())
        }
        Event::Held { order, expires_at, .. } => (order, hold == Hold::Holding && expires_at >= at),
        Event::Refused { order, .. } => (order, matches!(hold, Hold::None | Hold::Over)),
        Event::Extended { order, expires_at, .. } => {
            (order, hold == Hold::Held && expires_at > live.hold_until)
        }
        Event::Secured { order, .. } => (order, hold == Hold::Held),
        Event::Committed { order, .. }
        | Event::LineReleased { order, .. }
        | Event::Released { order, .. } => (order, stands),
        Event::Expired { order, .. } => (order, hold == Hold::Held && at >= live.hold_until),
        Event::Received { .. } | Event::Adjusted { .. } => return Ruling::NotMine,
    };
    let until = live.hold_until;
    ensure!(fits, Subject::Order(order), "{} with its hold {hold:?} (until {until})", case.kind());
    Ruling::Kept
}
