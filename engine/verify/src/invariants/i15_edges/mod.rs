//! I15: everything moves only along its edges, and an order's version grows by one each time.
//!
//! The edges are those of the design's state machines, written down here anew: orders, quotes,
//! holds, attempts to pay, pick lists, trips and their orders, riders' duty. One file each.

mod hold;
mod order;
mod payment;
mod picking;
mod quote;
mod trip;

use domain::facts::Fact;
use domain::{delivery, dispatch, rider, stock};

use super::{Case, Evidence, Invariant, Ruling, ensure};
use crate::Subject;
use crate::counterexample::MAX_RECORDS;
use crate::world::Rider;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I15";
    const LAW: &'static str = "states change only along their edges, versions by one";
    const EVIDENCE: Evidence = Evidence { records: MAX_RECORDS, same_area: true };

    fn shows(fact: &Fact) -> bool {
        match fact {
            Fact::Stock(event) => {
                !matches!(event, stock::Event::Received { .. } | stock::Event::Adjusted { .. })
            }
            Fact::Delivery(event) => !matches!(event, delivery::Event::LegRidden { .. }),
            Fact::Rider(event) => !matches!(event, rider::Event::Moved { .. }),
            Fact::Order(_)
            | Fact::Pricing(_)
            | Fact::Payment(_)
            | Fact::Picking(_)
            | Fact::Dispatch(_) => true,
            Fact::Opening(_) | Fact::Store(_) | Fact::Ledger(_) => false,
        }
    }

    #[inline]
    fn pricing(&mut self, case: &Case<'_>, event: &domain::pricing::Event) -> Ruling {
        quote::rule(case, event)
    }

    #[inline]
    fn order(&mut self, case: &Case<'_>, event: &domain::order::Event) -> Ruling {
        order::rule(case, event)
    }

    #[inline]
    fn stock(&mut self, case: &Case<'_>, event: &stock::Event) -> Ruling {
        hold::rule(case, event)
    }

    #[inline]
    fn payment(&mut self, case: &Case<'_>, event: &domain::payment::Event) -> Ruling {
        payment::rule(case, event)
    }

    #[inline]
    fn picking(&mut self, case: &Case<'_>, event: &domain::picking::Event) -> Ruling {
        picking::rule(case, event)
    }

    #[inline]
    fn dispatch(&mut self, case: &Case<'_>, event: &dispatch::Event) -> Ruling {
        let (order, wanted) = match *event {
            dispatch::Event::Requested { order, .. } => (order, false),
            dispatch::Event::Withdrawn { order } => (order, true),
        };
        let is_wanted = case.live.rider_wanted;
        ensure!(
            is_wanted == wanted && case.order.is_live(),
            Subject::Order(order),
            "{} while a rider is {}wanted",
            case.kind(),
            if is_wanted { "" } else { "not " }
        );
        Ruling::Kept
    }

    #[inline]
    fn delivery(&mut self, case: &Case<'_>, event: &delivery::Event) -> Ruling {
        trip::rule(case, event)
    }

    #[inline]
    fn rider(&mut self, case: &Case<'_>, event: &rider::Event) -> Ruling {
        use rider::Event as E;
        let (rider, fits): (_, fn(&Rider) -> bool) = match *event {
            E::CameOn { rider, .. } => (rider, |row| !row.on_duty),
            E::WentOff { rider } => (rider, |row| row.on_duty && row.trip.is_none()),
            E::BreakBegun { rider } => {
                (rider, |row| row.on_duty && !row.resting && row.trip.is_none())
            }
            E::BreakEnded { rider } => (rider, |row| row.on_duty && row.resting),
            E::Moved { rider, .. } => (rider, |row| row.on_duty),
        };
        let Some(row) = case.world.riders.get(rider.index()) else { return Ruling::NotMine };
        ensure!(
            fits(row),
            Subject::Rider(rider),
            "{} while {} duty{}{}",
            case.kind(),
            if row.on_duty { "on" } else { "off" },
            if row.resting { ", on a break" } else { "" },
            row.trip.map(|trip| format!(", with trip{trip}")).unwrap_or_default()
        );
        Ruling::Kept
    }
}
