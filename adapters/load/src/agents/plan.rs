//! The list of a run's arrivals: who comes on duty, who orders or only looks around, whose device
//! tells where it is. It is made while the run goes on, so a run may be as long as it likes.

use std::iter::Peekable;
use std::sync::Arc;

use super::Town;
use crate::phase::Phases;
use crate::schedule::{Arrival, Schedule, Shape, ShapeError};

/// Bits of an arrival's own number below its role.
const ROLE_BITS: u32 = 56;
const S: u64 = 1_000_000;
/// People who come on duty in a second of the warm-up. 1 000, assumed, grade E: each is a commit, and
/// the reference deployment takes some 1 300 a second on two slow processors.
const DUTIES_PER_S: u64 = 1_000;
/// A device that tells where it is looks every so many times what there is to do: what its notices
/// said, if all came. 12 times, a minute of pings; assumed, grade E.
const LOOKS_EVERY: u64 = 12;
/// Orders of a run, at most: a day at a thousand a second.
pub const ORDERS_LIMIT: f64 = 1e8;
/// What makes the luck of sessions another than that of orders.
const SESSIONS: u64 = 0x5345_5353;

/// Who arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The one who hears all devices.
    Devices,
    /// A rider comes on duty.
    RiderOn(u32),
    /// A picker comes on duty.
    PickerOn(u32),
    /// A rider's device tells where it is.
    Ping(u32),
    /// A rider's device tells where it is and looks what there is to do.
    PingAndLook(u32),
    /// A customer who orders, by place in the list of customers.
    Customer(u64),
    /// A customer who leaves without an order, by place in the list of sessions.
    Session(u64),
}

impl Role {
    fn own(self) -> u64 {
        let (role, who) = match self {
            Self::Devices => (0, 0),
            Self::RiderOn(rider) => (1, u64::from(rider)),
            Self::PickerOn(picker) => (2, u64::from(picker)),
            Self::Ping(rider) => (3, u64::from(rider)),
            Self::Customer(customer) => (4, customer),
            Self::PingAndLook(rider) => (5, u64::from(rider)),
            Self::Session(session) => (6, session),
        };
        (role << ROLE_BITS) | who
    }

    /// The role of an arrival of a [`Plan`].
    #[expect(clippy::cast_possible_truncation, reason = "written by `own` from 32 bits")]
    pub(crate) fn of(arrival: Arrival) -> Self {
        let who = arrival.own & ((1 << ROLE_BITS) - 1);
        match arrival.own >> ROLE_BITS {
            0 => Self::Devices,
            1 => Self::RiderOn(who as u32),
            2 => Self::PickerOn(who as u32),
            3 => Self::Ping(who as u32),
            5 => Self::PingAndLook(who as u32),
            6 => Self::Session(who),
            _ => Self::Customer(who),
        }
    }
}

/// A while at another rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spike {
    /// Orders that customers try to place meanwhile, a second.
    pub orders_per_s: f64,
    /// When it begins, µs after the first customer may come.
    pub from_us: u64,
    /// When it ends, as it begins.
    pub until_us: u64,
}

/// How hard a run is.
#[derive(Clone, Debug, PartialEq)]
pub struct Pressure {
    /// Orders that customers try to place, a second.
    pub orders_per_s: f64,
    /// For how long, µs.
    pub lasts_us: u64,
    /// How much of that the rate takes to rise from nothing, µs.
    pub ramp_us: u64,
    /// When the rate is another, in order of time, after the ramp.
    pub spikes: Vec<Spike>,
    /// Sessions that end without an order, for each order.
    pub sessions_per_order: f64,
    /// How often a rider's device tells where it is, µs.
    pub ping_us: u64,
}

/// A run that cannot be planned.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// A rate or a length that no schedule can follow.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// A spike where none can be.
    #[error(
        "the spike from {} s to {} s is not between the end of the ramp, or the spike before, \
         and the end of the run", *.from_us as f64 / 1e6, *.until_us as f64 / 1e6
    )]
    Spike {
        /// Its begin.
        from_us: u64,
        /// Its end.
        until_us: u64,
    },
    /// More orders than a run can have.
    #[error("{orders:.0} orders are more than the {ORDERS_LIMIT:.0} that a run may have")]
    Orders {
        /// How many.
        orders: f64,
    },
}

impl Pressure {
    /// The rate of customers, each of them making so many arrivals: nobody in the warm-up, then up
    /// the ramp, then as much as is held, with spikes.
    fn shape(&self, warm_us: u64, of_each: f64) -> Result<Shape, PlanError> {
        let held_per_s = self.orders_per_s * of_each;
        let mut shape = Shape::new().warm_up(0.0, warm_us);
        let mut at_us = self.ramp_us;
        if self.ramp_us > 0 {
            shape = shape.ramp(0.0, held_per_s, self.ramp_us);
        }
        for &Spike { orders_per_s, from_us, until_us } in &self.spikes {
            if from_us < at_us || until_us <= from_us || until_us > self.lasts_us {
                return Err(PlanError::Spike { from_us, until_us });
            }
            if from_us > at_us {
                shape = shape.hold(held_per_s, from_us - at_us);
            }
            shape = shape.spike(orders_per_s * of_each, until_us - from_us);
            at_us = until_us;
        }
        if self.lasts_us > at_us {
            shape = shape.hold(held_per_s, self.lasts_us - at_us);
        }
        match shape.expected() {
            orders if orders > ORDERS_LIMIT => Err(PlanError::Orders { orders }),
            _ => Ok(shape),
        }
    }
}

/// The arrivals of a run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Who comes at times of their own, in order.
    duties: Arc<[(u64, Role)]>,
    customers: Schedule,
    sessions: Option<Schedule>,
    pings: Pings,
    phases: Phases,
    peak_per_s: f64,
    /// How many customers come.
    count: u64,
}

impl Plan {
    /// Plans a run: people come on duty, then customers arrive at random, a seed's own.
    ///
    /// Customers come first in the numbers of arrivals, so that a customer's number is the
    /// `client_ref` of their order.
    ///
    /// # Errors
    /// [`PlanError`] when the rate or the length is beyond all limits, or a spike does not fit.
    pub fn new(town: &Town, pressure: &Pressure, seed: u64) -> Result<Self, PlanError> {
        let city = &town.script.city;
        let (riders, pickers) = (count(city.riders.len()), count(city.pickers.len()));
        let warm_us = (u64::from(riders + pickers) * S / DUTIES_PER_S).max(S);
        let shape = pressure.shape(warm_us, 1.0)?;
        let phases = shape.phases()?;
        let customers = shape.schedule(seed)?;
        let of_each = pressure.sessions_per_order;
        let sessions = if of_each > 0.0 {
            Some(pressure.shape(warm_us, of_each)?.schedule(seed ^ SESSIONS)?)
        } else {
            None
        };
        let mut duties = vec![(0, Role::Devices)];
        // They are done a little before customers come.
        let each_us = warm_us * 9 / 10 / u64::from(riders + pickers).max(1);
        let people = (0..pickers).map(Role::PickerOn).chain((0..riders).map(Role::RiderOn));
        duties.extend((0_u64..).zip(people).map(|(nth, role)| (nth * each_us, role)));
        let every_us = pressure.ping_us.max(1);
        let pings = Pings {
            riders: u64::from(riders),
            every_us,
            from_us: warm_us,
            until_us: phases.until_us(),
            next: 0,
        };
        let pings_per_s = f64::from(riders) * 1e6 / every_us as f64;
        let peak_per_s = shape.peak_per_s() * (1.0 + of_each.max(0.0));
        let peak_per_s = peak_per_s + pings_per_s.max(DUTIES_PER_S as f64);
        let count = customers.clone().count() as u64;
        Ok(Self { duties: duties.into(), customers, sessions, pings, phases, peak_per_s, count })
    }

    /// The phases of the run.
    #[must_use]
    pub fn phases(&self) -> &Phases {
        &self.phases
    }

    /// The highest rate of arrivals of all kinds, a second.
    #[must_use]
    pub fn peak_per_s(&self) -> f64 {
        self.peak_per_s
    }

    /// How many customers come.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.count
    }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).expect("people of a city fit 32 bits")
}

/// When which rider's device tells where it is: one after the other, each as often as all.
#[derive(Clone, Debug)]
struct Pings {
    riders: u64,
    every_us: u64,
    from_us: u64,
    until_us: u64,
    next: u64,
}

impl Iterator for Pings {
    type Item = (u64, Role);

    fn next(&mut self) -> Option<(u64, Role)> {
        let round = self.next.checked_div(self.riders)?;
        let rider = self.next % self.riders;
        let at_us = self.from_us + round * self.every_us + self.every_us * rider / self.riders;
        self.next += 1;
        let number = u32::try_from(rider).expect("riders fit 32 bits");
        let looks = (round + rider) % LOOKS_EVERY == LOOKS_EVERY - 1;
        let role = if looks { Role::PingAndLook(number) } else { Role::Ping(number) };
        (at_us < self.until_us).then_some((at_us, role))
    }
}

/// The arrivals of a plan, in order of time.
#[derive(Debug)]
pub struct Arrivals {
    duties: Arc<[(u64, Role)]>,
    next_duty: usize,
    customers: Peekable<Schedule>,
    sessions: Option<Peekable<Schedule>>,
    pings: Peekable<Pings>,
    /// The number of the next arrival who is no customer.
    next: u64,
}

impl Iterator for Arrivals {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        let never = u64::MAX;
        let duty_us = self.duties.get(self.next_duty).map_or(never, |(at_us, _)| *at_us);
        let customer_us = self.customers.peek().map_or(never, |arrival| arrival.at_us);
        let session_us = self.sessions.as_mut().and_then(|sessions| sessions.peek());
        let session_us = session_us.map_or(never, |arrival| arrival.at_us);
        let ping_us = self.pings.peek().map_or(never, |(at_us, _)| *at_us);
        let first_us = duty_us.min(customer_us).min(session_us).min(ping_us);
        if customer_us == first_us {
            let Arrival { index, at_us, .. } = self.customers.next()?;
            return Some(Arrival { index, own: Role::Customer(index).own(), at_us });
        }
        let (at_us, role) = if duty_us == first_us {
            self.next_duty += 1;
            self.duties[self.next_duty - 1]
        } else if session_us == first_us {
            let session = self.sessions.as_mut()?.next()?;
            (session.at_us, Role::Session(session.index))
        } else {
            self.pings.next()?
        };
        self.next += 1;
        Some(Arrival { index: self.next - 1, own: role.own(), at_us })
    }
}

impl IntoIterator for Plan {
    type Item = Arrival;
    type IntoIter = Arrivals;

    fn into_iter(self) -> Arrivals {
        Arrivals {
            duties: self.duties,
            next_duty: 0,
            customers: self.customers.peekable(),
            sessions: self.sessions.map(Iterator::peekable),
            pings: self.pings.peekable(),
            next: self.count,
        }
    }
}

#[cfg(test)]
mod tests;
