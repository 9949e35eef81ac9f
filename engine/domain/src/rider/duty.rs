//! A rider's rules: who may be offered a trip, and when duty and breaks begin and end.

use super::Event;
use crate::delivery;
use crate::ids::{RiderId, TripId};
use crate::place::Place;

/// Whether a rider is at work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duty {
    /// Off duty.
    #[default]
    Off,
    /// On duty.
    On,
    /// On duty, resting.
    Break,
}

/// A rider's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Whether they are at work.
    pub duty: Duty,
    /// The trip that they were offered or are on.
    pub trip: Option<TripId>,
}

/// What can be asked of a rider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Begin duty.
    ComeOn {
        /// Where.
        place: Place,
    },
    /// End duty; a rider on a trip finishes it first.
    GoOff,
    /// Rest.
    BeginBreak,
    /// Stop resting.
    EndBreak,
    /// Consider a trip. What follows is told by the trip.
    Offer,
}

/// Why a rider cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// They are not on duty, or rest.
    #[error("the rider is not on duty")]
    NotOnDuty,
    /// They have a trip.
    #[error("the rider is on {trip}")]
    Busy {
        /// Which.
        trip: TripId,
    },
}

/// Decides a command, appending facts to `events`. A command that changes nothing appends nothing.
///
/// # Errors
/// [`Refusal::Busy`] when a trip is in the way, [`Refusal::NotOnDuty`] when an offer or a break
/// comes to somebody who is not working.
pub fn decide(
    rider: RiderId,
    state: State,
    command: Command,
    events: &mut Vec<Event>,
) -> Result<(), Refusal> {
    if let (Some(trip), Command::GoOff | Command::BeginBreak | Command::Offer) =
        (state.trip, command)
    {
        return Err(Refusal::Busy { trip });
    }
    match (state.duty, command) {
        (Duty::Off, Command::ComeOn { place }) => events.push(Event::CameOn { rider, place }),
        (Duty::On | Duty::Break, Command::GoOff) => events.push(Event::WentOff { rider }),
        (Duty::On, Command::BeginBreak) => events.push(Event::BreakBegun { rider }),
        (Duty::Break, Command::EndBreak) => events.push(Event::BreakEnded { rider }),
        (Duty::Off | Duty::Break, Command::Offer) | (Duty::Off, Command::BeginBreak) => {
            return Err(Refusal::NotOnDuty);
        }
        _ => {}
    }
    Ok(())
}

impl State {
    /// Applies a fact about the rider's duty.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::CameOn { .. } | Event::BreakEnded { .. } => self.duty = Duty::On,
            Event::WentOff { .. } => self.duty = Duty::Off,
            Event::BreakBegun { .. } => self.duty = Duty::Break,
            Event::Moved { .. } => {}
        }
    }

    /// Applies a fact about the rider's trip.
    ///
    /// # Panics
    /// If a second trip is offered (a bug in the caller: [`decide`] refuses that).
    pub fn evolve_trip(&mut self, event: &delivery::Event) {
        use delivery::Event as E;
        match *event {
            E::Offered { trip, .. } => {
                assert!(self.trip.is_none(), "a rider has at most one trip");
                self.trip = Some(trip);
            }
            E::Rejected { .. } | E::OfferTimedOut { .. } | E::Dropped { .. } | E::Ended { .. } => {
                self.trip = None;
            }
            E::OrderJoined { .. }
            | E::Accepted { .. }
            | E::OrderLeft { .. }
            | E::AtStore { .. }
            | E::PickedUp { .. }
            | E::LegRidden { .. }
            | E::Arrived { .. }
            | E::Delivered { .. }
            | E::Failed { .. }
            | E::Stranded { .. }
            | E::Returned { .. } => {}
        }
    }

    /// Whether a trip may be offered.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.duty == Duty::On && self.trip.is_none()
    }
}
