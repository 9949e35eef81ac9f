//! J3: work is given to people at work.
//!
//! A trip is offered to, taken and picked up by riders on duty, and offered within their shift. A
//! pick list is begun within the picker's shift. Who has no shift listed is not held to one.

use domain::delivery::Event;
use domain::facts::{Fact, opening};
use domain::ids::RiderId;
use domain::picking;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "J3";
    const LAW: &'static str =
        "no order is given to a rider who is off duty, or to anybody outside their shift";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Opening(opening::Event::Shift { .. } | opening::Event::PickerShift { .. })
                | Fact::Picking(picking::Event::Started { .. })
                | Fact::Rider(_)
                | Fact::Delivery(
                    Event::Offered { .. } | Event::Accepted { .. } | Event::PickedUp { .. }
                )
        )
    }

    #[inline]
    fn delivery(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        if let Event::Offered { rider, .. } = *event {
            rule(case, rider, "offered a trip", true)
        } else if let Event::Accepted { rider, .. } = *event {
            rule(case, rider, "takes a trip", false)
        } else if let Event::PickedUp { rider, .. } = *event {
            rule(case, rider, "picks up a bag", false)
        } else {
            Ruling::NotMine
        }
    }

    #[inline]
    fn picking(&mut self, case: &Case<'_>, event: &picking::Event) -> Ruling {
        let picking::Event::Started { order, picker } = *event else { return Ruling::NotMine };
        let Some(row) = case.world.pickers.get(picker.index()) else { return Ruling::NotMine };
        let at = case.record.at;
        ensure!(
            case.world.is_picker_rostered(row, at),
            Subject::Picker(picker),
            "begins {order} at {at}, outside their shifts"
        );
        Ruling::Kept
    }
}

fn rule(case: &Case<'_>, rider: RiderId, what: &str, is_offer: bool) -> Ruling {
    let Some(row) = case.world.riders.get(rider.index()) else { return Ruling::NotMine };
    let (at, subject) = (case.record.at, Subject::Rider(rider));
    ensure!(row.on_duty, subject, "{what} at {at}, off duty");
    if is_offer {
        ensure!(!row.resting, subject, "{what} at {at}, on a break");
        ensure!(case.world.is_rostered(row, at), subject, "{what} at {at}, outside their shifts");
    }
    Ruling::Kept
}
