//! J4: an offer is answered by the rider it was put to, in time; it times out no earlier (race R9).

use domain::delivery::Event;
use domain::facts::Fact;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;
use crate::world::TripState;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "J4";
    const LAW: &'static str = "an offer is answered by its rider before it expires";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Delivery(
                Event::Offered { .. }
                    | Event::Accepted { .. }
                    | Event::Rejected { .. }
                    | Event::OfferTimedOut { .. }
            )
        )
    }

    #[inline]
    fn delivery(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let (Event::Accepted { trip, rider }
        | Event::Rejected { trip, rider }
        | Event::OfferTimedOut { trip, rider }) = *event
        else {
            return Ruling::NotMine;
        };
        let offer = case.world.trip(trip.0);
        if offer.state != TripState::Offered {
            return Ruling::NotMine;
        }
        let (at, until, asked) = (case.record.at, offer.expires_at, offer.rider);
        let subject = Subject::Trip(trip);
        ensure!(rider == asked, subject, "answered by {rider}, put to {asked}");
        if let Event::OfferTimedOut { .. } = event {
            ensure!(at >= until, subject, "timed out at {at}, it stands until {until}");
        } else {
            ensure!(at <= until, subject, "answered at {at}, it stood until {until}");
        }
        Ruling::Kept
    }
}
