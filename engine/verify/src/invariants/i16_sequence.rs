//! I16: an order's stages follow each other in time, and each follows what it tells of.
//!
//! The stock is held before the order is reserved, the picker has begun before it is picking, the
//! bag is packed before it is packed, the rider has it before it is out, is at the door before it
//! has arrived, and has handed it over before it is delivered.

use domain::facts::Fact;
use domain::ids::OrderId;
use domain::order::{Event, Stage};
use domain::picking::Event as Picking;
use domain::time::Timestamp;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;
use crate::world::{Hold, Pick, Ride};

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I16";
    const LAW: &'static str = "an order's stages are in order of time and follow their causes";

    fn shows(fact: &Fact) -> bool {
        use domain::stock::Event as Stock;
        match fact {
            Fact::Order(_) | Fact::Delivery(_) => true,
            Fact::Picking(event) => {
                !matches!(event, Picking::LinePicked { .. } | Picking::LineShort { .. })
            }
            Fact::Stock(event) => {
                matches!(event, Stock::Held { .. } | Stock::Released { .. } | Stock::Expired { .. })
            }
            Fact::Opening(_)
            | Fact::Store(_)
            | Fact::Pricing(_)
            | Fact::Payment(_)
            | Fact::Ledger(_)
            | Fact::Dispatch(_)
            | Fact::Rider(_) => false,
        }
    }

    #[inline]
    fn order(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let live = case.live;
        let (order, is_caused, cause) = match *event {
            Event::Placed { order, .. }
            | Event::PaymentPending { order, .. }
            | Event::Confirmed { order, .. }
            | Event::Rejected { order, .. }
            | Event::CancelAsked { order, .. }
            | Event::Cancelled { order, .. } => (order, true, ""),
            Event::Reserved { order, .. } => {
                (order, matches!(live.hold, Hold::Held | Hold::Secured), "its stock is held")
            }
            Event::PickingBegun { order, .. } => {
                let begun = matches!(live.pick, Pick::Started | Pick::Packed | Pick::HandedOver);
                (order, begun, "a picker has begun")
            }
            Event::Packed { order, .. } => {
                (order, matches!(live.pick, Pick::Packed | Pick::HandedOver), "its bag is packed")
            }
            Event::LeftStore { order, .. } => {
                let waits = matches!(live.ride, Ride::None | Ride::Joined | Ride::Left);
                (order, !waits, "a rider has it")
            }
            Event::Arrived { order, .. } => (order, live.door_reached, "a rider is at the door"),
            Event::Delivered { order, .. } => {
                (order, live.ride == Ride::Delivered, "it is handed over")
            }
            Event::Undelivered { order, .. } => {
                let is_back = matches!(live.ride, Ride::Returned | Ride::Stranded);
                (order, is_back, "it came back")
            }
        };
        rule(case, order, is_caused, cause)
    }

    #[inline]
    fn picking(&mut self, case: &Case<'_>, event: &Picking) -> Ruling {
        let Picking::Queued { order, .. } = *event else { return Ruling::NotMine };
        let is_confirmed = case.order.stage == Stage::Confirmed;
        rule(case, order, is_confirmed, "the order is confirmed")
    }
}

fn rule(case: &Case<'_>, order: OrderId, is_caused: bool, cause: &str) -> Ruling {
    let subject = Subject::Order(order);
    let (at, before): (Timestamp, Timestamp) = (case.record.at, case.live.entered_at);
    ensure!(at >= before, subject, "told at {at}, the stage before it at {before}");
    ensure!(is_caused, subject, "{} is told before {cause}", case.kind());
    Ruling::Kept
}
