//! The list of a run's arrivals: who comes on duty, who orders, whose device tells where it is.

use std::sync::Arc;

use super::Town;
use crate::phase::Phases;
use crate::schedule::{Arrival, Shape, ShapeError};

/// Bits of an arrival's own number below its role.
const ROLE_BITS: u32 = 56;
const S: u64 = 1_000_000;
/// People who come on duty in a second of the warm-up. 2 000, assumed, grade E: well below what a
/// deployment takes.
const DUTIES_PER_S: u64 = 2_000;

/// Who arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The one who hears all devices.
    Devices,
    /// A rider comes on duty.
    RiderOn(u32),
    /// A picker comes on duty.
    PickerOn(u32),
    /// A rider's device tells that it is there.
    Ping(u32),
    /// A customer, by place in the list of customers.
    Customer(u64),
}

impl Role {
    fn own(self) -> u64 {
        let (role, who) = match self {
            Self::Devices => (0, 0),
            Self::RiderOn(rider) => (1, u64::from(rider)),
            Self::PickerOn(picker) => (2, u64::from(picker)),
            Self::Ping(rider) => (3, u64::from(rider)),
            Self::Customer(customer) => (4, customer),
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
            _ => Self::Customer(who),
        }
    }
}

/// How hard a run is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pressure {
    /// Orders that customers try to place, a second.
    pub orders_per_s: f64,
    /// For how long, µs.
    pub lasts_us: u64,
    /// How much of that the rate takes to rise from nothing, µs.
    pub ramp_us: u64,
    /// How often a rider's device tells that it is there, µs.
    pub ping_us: u64,
}

/// The arrivals of a run, in order of time.
#[derive(Clone, Debug)]
pub struct Plan {
    arrivals: Arc<[Arrival]>,
    phases: Phases,
    peak_per_s: f64,
    customers: u64,
}

impl Plan {
    /// Plans a run: people come on duty, then customers arrive at random, a seed's own.
    ///
    /// Customers come first in the numbers of arrivals, so that a customer's number is the
    /// `client_ref` of their order.
    ///
    /// # Errors
    /// [`ShapeError`] when the rate or the length is beyond all limits.
    pub fn new(town: &Town, pressure: &Pressure, seed: u64) -> Result<Self, ShapeError> {
        let Pressure { orders_per_s, lasts_us, ramp_us, ping_us } = *pressure;
        let city = &town.script.city;
        let (riders, pickers) = (count(city.riders.len()), count(city.pickers.len()));
        let warm_us = (u64::from(riders + pickers) * S / DUTIES_PER_S).max(S);
        let mut shape = Shape::new().warm_up(0.0, warm_us);
        if ramp_us > 0 {
            shape = shape.ramp(0.0, orders_per_s, ramp_us);
        }
        shape = shape.hold(orders_per_s, lasts_us.saturating_sub(ramp_us).max(1));
        let phases = shape.phases()?;
        let mut list: Vec<(u64, Role)> = Vec::new();
        list.extend(
            shape.schedule(seed)?.map(|arrival| (arrival.at_us, Role::Customer(arrival.index))),
        );
        let customers = list.len() as u64;
        list.push((0, Role::Devices));
        let duties = (0..pickers).map(Role::PickerOn).chain((0..riders).map(Role::RiderOn));
        // They are done a little before customers come.
        let each_us = warm_us * 9 / 10 / u64::from(riders + pickers).max(1);
        list.extend((0_u64..).zip(duties).map(|(nth, role)| (nth * each_us, role)));
        let until_us = phases.until_us();
        for rider in 0..riders {
            let first_us = warm_us + ping_us * u64::from(rider) / u64::from(riders);
            let step = usize::try_from(ping_us.max(1)).expect("targets have 64 bits");
            let pings = (first_us..until_us).step_by(step);
            list.extend(pings.map(|at_us| (at_us, Role::Ping(rider))));
        }
        let arrivals = (0_u64..).zip(list);
        let arrival =
            |(index, (at_us, role)): (u64, (u64, Role))| Arrival { index, own: role.own(), at_us };
        let mut arrivals: Vec<Arrival> = arrivals.map(arrival).collect();
        arrivals.sort_by_key(|arrival| (arrival.at_us, arrival.index));
        let pings_per_s = f64::from(riders) * 1e6 / ping_us.max(1) as f64;
        let peak_per_s = orders_per_s + pings_per_s.max(DUTIES_PER_S as f64);
        Ok(Self { arrivals: arrivals.into(), phases, peak_per_s, customers })
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
        self.customers
    }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).expect("people of a city fit 32 bits")
}

/// The arrivals of a plan, one after the other.
#[derive(Clone, Debug)]
pub struct Arrivals {
    list: Arc<[Arrival]>,
    next: usize,
}

impl Iterator for Arrivals {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        let arrival = self.list.get(self.next).copied();
        self.next += 1;
        arrival
    }
}

impl IntoIterator for Plan {
    type Item = Arrival;
    type IntoIter = Arrivals;

    fn into_iter(self) -> Arrivals {
        Arrivals { list: self.arrivals, next: 0 }
    }
}
