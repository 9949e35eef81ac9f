//! I38: the cash that riders took is what they handed in and what they still hold.
//!
//! Nobody hands in more than they hold, and cash is taken by the rider who brought the order. At
//! the end what riders hold is what the books say they hold.

use domain::facts::Fact;
use domain::ledger::{Account, Event as Ledger};
use domain::payment::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;
use crate::world::{TripState, World};

#[derive(Default)]
pub(crate) struct Law {
    /// What the books say that riders hold, paise; none without books.
    booked: Option<i64>,
    has_cash: bool,
}

impl Invariant for Law {
    const ID: &'static str = "I38";
    const LAW: &'static str = "cash collected = handed in + still held, by rider and in the books";

    fn shows(fact: &Fact) -> bool {
        match fact {
            Fact::Payment(event) => {
                matches!(event, Event::CashCollected { .. } | Event::CashRemitted { .. })
            }
            Fact::Ledger(Ledger::Entry { account, .. } | Ledger::GeneralEntry { account, .. }) => {
                *account == Account::CashWithRiders
            }
            Fact::Opening(_)
            | Fact::Store(_)
            | Fact::Pricing(_)
            | Fact::Order(_)
            | Fact::Stock(_)
            | Fact::Ledger(_)
            | Fact::Picking(_)
            | Fact::Dispatch(_)
            | Fact::Delivery(_)
            | Fact::Rider(_) => false,
        }
    }

    #[inline]
    fn payment(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        if let Event::CashCollected { order, rider, amount } = *event {
            self.has_cash = true;
            let trip = case.world.trip(case.live.trip);
            let brought_by = trip.rider;
            ensure!(
                trip.state == TripState::None || brought_by == rider,
                Subject::Rider(rider),
                "takes cash for {order}, which {brought_by} brought"
            );
            ensure!(amount.0 > 0, Subject::Rider(rider), "takes {} paise for {order}", amount.0);
            return Ruling::Kept;
        }
        let Event::CashRemitted { rider, amount } = *event else { return Ruling::NotMine };
        let held = case.world.riders.get(rider.index()).map_or(0, |row| row.cash);
        ensure!(
            (1..=held).contains(&amount.0),
            Subject::Rider(rider),
            "hands in {} paise of {held} held",
            amount.0
        );
        Ruling::Kept
    }

    #[inline]
    fn ledger(&mut self, _: &Case<'_>, event: &Ledger) -> Ruling {
        let (Ledger::Entry { account, amount, .. } | Ledger::GeneralEntry { account, amount, .. }) =
            *event
        else {
            return Ruling::NotMine;
        };
        let booked = self.booked.get_or_insert(0);
        if account == Account::CashWithRiders {
            *booked = booked.wrapping_add(amount.0);
        }
        Ruling::NotMine
    }

    fn end(&mut self, world: &World, rule: &mut dyn FnMut(Ruling)) {
        let Some(booked) = self.booked else { return };
        let held = world.riders.iter().map(|row| row.cash).fold(0, i64::wrapping_add);
        if booked == 0 && !self.has_cash {
            return;
        }
        rule(if booked == held {
            Ruling::Kept
        } else {
            Ruling::broken(Subject::Journal, || {
                format!("riders hold {held} paise, the books say {booked}")
            })
        });
    }
}
