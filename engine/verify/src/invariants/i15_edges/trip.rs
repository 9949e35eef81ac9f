//! The edges of a trip and of each order's way on it.
//!
//! ```text
//! trip:  Offered > Accepted > AtStore > ended when nothing waits and nothing is aboard
//!          └> rejected, timed out   └> dropped, with nothing aboard
//! order: Joined > PickedUp > Arrived > Delivered | Failed > Returned
//!          └> left      └────────┴── Stranded > joins another trip
//! ```

use domain::delivery::Event;
use domain::ids::{OrderId, RiderId, TripId};

use super::super::{Case, Ruling, ensure};
use crate::Subject;
use crate::world::{Ride, TripState as S};

#[inline]
pub(super) fn rule(case: &Case<'_>, event: &Event) -> Ruling {
    match *event {
        Event::Offered { trip, rider, .. } => on_trip(case, trip, rider, &[S::None]),
        Event::Accepted { trip, rider }
        | Event::Rejected { trip, rider }
        | Event::OfferTimedOut { trip, rider } => on_trip(case, trip, rider, &[S::Offered]),
        Event::AtStore { trip, rider, .. } => on_trip(case, trip, rider, &[S::Accepted]),
        Event::LegRidden { trip, rider, .. } => {
            on_trip(case, trip, rider, &[S::Accepted, S::AtStore])
        }
        Event::Dropped { trip, rider } => ended(case, trip, rider, false),
        Event::Ended { trip, rider } => ended(case, trip, rider, true),
        Event::OrderJoined { trip, order } => joined(case, trip, order),
        Event::OrderLeft { trip, order } => of_order(case, trip, order, None, &[Ride::Joined]),
        Event::PickedUp { trip, order, rider } => {
            of_order(case, trip, order, Some(rider), &[Ride::Joined])
        }
        Event::Arrived { trip, order, rider, .. } => {
            of_order(case, trip, order, Some(rider), &[Ride::PickedUp])
        }
        Event::Delivered { trip, order, rider } => {
            of_order(case, trip, order, Some(rider), &[Ride::Arrived])
        }
        Event::Failed { trip, order, rider } => {
            of_order(case, trip, order, Some(rider), &[Ride::PickedUp, Ride::Arrived])
        }
        Event::Stranded { trip, order, rider, .. } => {
            let with_rider = [Ride::PickedUp, Ride::Arrived, Ride::Failed];
            of_order(case, trip, order, Some(rider), &with_rider)
        }
        Event::Returned { trip, order, rider } => {
            of_order(case, trip, order, Some(rider), &[Ride::Failed])
        }
    }
}

fn on_trip(case: &Case<'_>, trip: TripId, rider: RiderId, fits: &[S]) -> Ruling {
    let row = case.world.trip(trip.0);
    let subject = Subject::Trip(trip);
    let (state, theirs) = (row.state, row.rider);
    ensure!(fits.contains(&state), subject, "{} of a trip that is {state:?}", case.kind());
    ensure!(
        state == S::None || theirs == rider,
        subject,
        "{} by {rider}, put to {theirs}",
        case.kind()
    );
    Ruling::Kept
}

fn ended(case: &Case<'_>, trip: TripId, rider: RiderId, in_order: bool) -> Ruling {
    on_trip(case, trip, rider, &[S::Offered, S::Accepted, S::AtStore]).and(|| {
        let row = case.world.trip(trip.0);
        let (waiting, aboard) = (row.waiting, row.aboard);
        ensure!(
            aboard == 0 && (waiting == 0 || !in_order),
            Subject::Trip(trip),
            "it is over with {waiting} orders not picked up and {aboard} aboard"
        );
        Ruling::Kept
    })
}

fn joined(case: &Case<'_>, trip: TripId, order: OrderId) -> Ruling {
    let (row, live) = (case.world.trip(trip.0), case.live);
    let (state, ride, subject) = (row.state, live.ride, Subject::Ride(order, trip));
    ensure!(state == S::Offered, subject, "it joins {trip}, which is {state:?}");
    let is_free = matches!(ride, Ride::None | Ride::Joined | Ride::Stranded);
    ensure!(is_free, subject, "it joins {trip} when it is {ride:?}");
    ensure!(live.rider_wanted, subject, "it joins {trip}, but no rider is wanted");
    let (home, store) = (live.store, row.store);
    ensure!(home == store, subject, "of {home}, it joins {trip} from {store}");
    Ruling::Kept
}

fn of_order(
    case: &Case<'_>,
    trip: TripId,
    order: OrderId,
    rider: Option<RiderId>,
    fits: &[Ride],
) -> Ruling {
    let (row, live) = (case.world.trip(trip.0), case.live);
    let ride = live.ride;
    let subject = Subject::Ride(order, trip);
    let is_theirs = live.trip == trip.0 && rider.is_none_or(|rider| rider == row.rider);
    ensure!(
        is_theirs,
        subject,
        "{} of {trip}, which it is not on, or by another rider",
        case.kind()
    );
    ensure!(fits.contains(&ride), subject, "{} when it is {ride:?}", case.kind());
    let goes_on = match row.state {
        S::None | S::Over => false,
        S::Offered | S::Accepted => ride == Ride::Joined && rider.is_none(),
        S::AtStore => true,
    };
    ensure!(goes_on, subject, "{} of {trip}, which is {:?}", case.kind(), row.state);
    Ruling::Kept
}
