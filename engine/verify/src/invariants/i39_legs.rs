//! I39: a leg is no shorter than the straight line, no faster than the cap, and begins where and
//! when the last one ended.
//!
//! Straight lines are right within 0.1 % ([`Place::straight_m`]) and road lengths are whole
//! metres, so a leg may be a metre and a thousandth short. Where a rider was last seen is known
//! from the last leg, arrival or start of duty, and unknown after a trip that ended on the way.

use domain::delivery::Event;
use domain::facts::Fact;
use domain::ids::RiderId;
use domain::place::Place;
use domain::rider::Event as RiderEvent;
use domain::time::Timestamp;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

/// Microseconds in an hour.
const MICROS_PER_H: u128 = 3_600_000_000;

struct Leg {
    rider: RiderId,
    from: Timestamp,
    origin: Place,
    place: Place,
    leg_m: u32,
}

impl Invariant for Law {
    const ID: &'static str = "I39";
    const LAW: &'static str =
        "legs are as long as the straight line, below the speed cap, and join";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Delivery(Event::LegRidden { .. } | Event::AtStore { .. } | Event::Arrived { .. })
                | Fact::Rider(RiderEvent::Moved { .. } | RiderEvent::CameOn { .. })
        )
    }

    #[inline]
    fn delivery(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let Event::LegRidden { rider, from, origin, place, leg_m, .. } = *event else {
            return Ruling::NotMine;
        };
        rule(case, &Leg { rider, from, origin, place, leg_m })
    }

    #[inline]
    fn rider(&mut self, case: &Case<'_>, event: &RiderEvent) -> Ruling {
        let RiderEvent::Moved { rider, from, origin, place, leg_m } = *event else {
            return Ruling::NotMine;
        };
        rule(case, &Leg { rider, from, origin, place, leg_m })
    }
}

fn rule(case: &Case<'_>, leg: &Leg) -> Ruling {
    let (at, subject, leg_m) = (case.record.at, Subject::Rider(leg.rider), leg.leg_m);
    let straight_m = leg.origin.straight_m(leg.place);
    ensure!(
        f64::from(leg_m) + 1.0 >= straight_m * 0.999,
        subject,
        "a leg of {leg_m} m between places {straight_m:.0} m apart"
    );
    let Some(micros) = at.0.checked_sub(leg.from.0) else {
        return Ruling::broken(subject, || format!("a leg from {} ends at {at}", leg.from));
    };
    let cap = u128::from(case.world.limits.speed_cap_m_per_h);
    let least = u128::from(leg_m.saturating_sub(1)) * MICROS_PER_H;
    ensure!(
        least <= cap * u128::from(micros),
        subject,
        "{leg_m} m in {} ms, at most {cap} m an hour are allowed",
        micros / 1_000
    );
    let Some(row) = case.world.riders.get(leg.rider.index()) else { return Ruling::Kept };
    if let Some(seen) = row.place {
        let (from, seen_at, origin) = (leg.from, row.seen_at, leg.origin);
        ensure!(seen == origin, subject, "a leg from {origin}, last seen at {seen}");
        ensure!(from >= seen_at, subject, "a leg from {from}, the one before ended {seen_at}");
    }
    Ruling::Kept
}
