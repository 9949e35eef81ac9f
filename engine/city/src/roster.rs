//! Who is on duty when.
//!
//! For every half hour a plan says how many people a store needs. The n-th seat of the store is
//! filled whenever more than n are needed, so a larger plan only adds to a smaller one. A seat's
//! stretches begin and end a few minutes apart from other seats', and are cut into shifts that
//! one person can work; a person with a short shift takes the seat's next stretch too.

use domain::ids::{CityId, StoreId};
use domain::time::Timestamp;
use kernel::chance::draw;

use crate::setup::Setup;
use crate::shelf::mean;
use crate::{Shift, luck_of};

const HALF_HOUR_US: u64 = 1_800_000_000;
const MINUTE_US: u64 = 60_000_000;
/// A stretch begins and ends at most this long before or after the half hour (assumed: less than
/// a third of it, so a stretch keeps its length).
const STAGGER_US: u64 = 10 * MINUTE_US;
/// Nobody comes for less, microseconds (assumed).
const SHORTEST_US: u64 = 60 * MINUTE_US;
/// The roster goes on this long after the last arrival, so that what is late is still delivered
/// (assumed).
const OVERTIME_US: u64 = 240 * MINUTE_US;

/// What a roster is made for.
#[derive(Clone, Copy)]
pub(crate) struct Crew {
    /// What draws are for.
    pub(crate) purpose: u32,
    /// β of the square-root rule.
    pub(crate) slack: f64,
    /// On duty at the busiest half hour, on average over the stores; none for what is needed.
    pub(crate) at_peak: Option<f64>,
    /// Whether rain keeps some at home.
    pub(crate) heeds_rain: bool,
}

/// The shifts of everybody in every store, store by store.
///
/// `busy_s` is how long one order keeps one person, by store, seconds.
pub(crate) fn shifts(
    seed: u64,
    city: CityId,
    setup: &Setup,
    weights: &[f64],
    busy_s: &[f64],
    crew: Crew,
) -> Vec<Vec<Vec<Shift>>> {
    let plan = Plan::new(setup, weights, busy_s, crew);
    weights
        .iter()
        .enumerate()
        .map(|(store, _)| {
            let needed = plan.needed(store);
            let seats = needed.iter().copied().max().unwrap_or(0);
            let mut people = Vec::new();
            for seat in 0..seats {
                let seat_of =
                    Seat { seed, city, store: StoreId::at(store), seat, purpose: crew.purpose };
                seat_of.fill(&needed, setup, &mut people);
            }
            // Who has gone home before the first order is not part of the run.
            people.retain(|shifts: &Vec<Shift>| {
                shifts.last().is_some_and(|last| last.to > setup.demand.from)
            });
            people
        })
        .collect()
}

/// How many people are needed, by half hour since time began.
struct Plan<'a> {
    setup: &'a Setup,
    crew: Crew,
    /// Orders an hour of each store at a share of one.
    daily: Vec<f64>,
    busy_s: &'a [f64],
    half_hours: u64,
    /// What the square-root rule is multiplied by.
    scale: f64,
}

impl<'a> Plan<'a> {
    fn new(setup: &'a Setup, weights: &[f64], busy_s: &'a [f64], crew: Crew) -> Self {
        let mean_weight = mean(weights.iter().copied());
        let daily = weights
            .iter()
            .map(|weight| setup.stores.orders_per_day * weight / mean_weight)
            .collect();
        let half_hours = (setup.demand.to.0 + OVERTIME_US).div_ceil(HALF_HOUR_US);
        let mut plan = Self { setup, crew, daily, busy_s, half_hours, scale: 1.0 };
        if let Some(at_peak) = crew.at_peak {
            let peak = plan.peak();
            plan.scale = if peak > 0.0 { at_peak / peak } else { 0.0 };
        }
        plan
    }

    /// People at the busiest half hour of a week, on average over the stores.
    fn peak(&self) -> f64 {
        let of_week = 0..7 * 48;
        of_week
            .map(|half_hour| mean((0..self.daily.len()).map(|store| self.ruled(store, half_hour))))
            .fold(0.0, f64::max)
    }

    /// The square-root rule: a + β √a.
    fn ruled(&self, store: usize, half_hour: u64) -> f64 {
        let hourly = self.daily[store] * self.setup.demand.profile.share(half_hour / 2);
        let load = hourly * self.busy_s[store] / 3_600.0;
        (load + self.crew.slack * libm::sqrt(load)).max(0.0)
    }

    /// People of one store, by half hour: one at least, unless there are none at all.
    fn needed(&self, store: usize) -> Vec<u32> {
        let nobody = self.crew.at_peak.is_some_and(|people| people <= 0.0);
        let least = if nobody { 0.0 } else { 1.0 };
        (0..self.half_hours)
            .map(|half_hour| {
                let middle = Timestamp(half_hour * HALF_HOUR_US + HALF_HOUR_US / 2);
                let rain = self.setup.weather.at(middle).filter(|_| self.crew.heeds_rain);
                let come = rain.map_or(1.0, |spell| spell.riders.as_ratio());
                whole((self.ruled(store, half_hour) * self.scale * come).max(least))
            })
            .collect()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
#[expect(clippy::cast_sign_loss, reason = "people are not negative")]
fn whole(people: f64) -> u32 {
    libm::round(people) as u32
}

/// One place in a store's roster.
#[derive(Clone, Copy)]
struct Seat {
    seed: u64,
    city: CityId,
    store: StoreId,
    seat: u32,
    purpose: u32,
}

impl Seat {
    /// Fills the seat whenever it is needed and adds those who do to `people`.
    fn fill(&self, needed: &[u32], setup: &Setup, people: &mut Vec<Vec<Shift>>) {
        let limit_us = setup.fleet.shift_limit.as_micros();
        let mut worked_us = 0;
        let mut shifts: Vec<Shift> = Vec::new();
        for stretch in self.stretches(needed) {
            for shift in self.cut(stretch, limit_us) {
                let length_us = shift.to.0 - shift.from.0;
                let same_day = shifts
                    .first()
                    .is_some_and(|first| shift.to.0 - first.from.0 < 24 * 2 * HALF_HOUR_US);
                let goes_on = same_day && worked_us + length_us <= limit_us;
                if !shifts.is_empty() && !goes_on {
                    people.push(std::mem::take(&mut shifts));
                    worked_us = 0;
                }
                worked_us += length_us;
                shifts.push(shift);
            }
        }
        if !shifts.is_empty() {
            people.push(shifts);
        }
    }

    /// The stretches of time in which the seat is needed.
    fn stretches(&self, needed: &[u32]) -> Vec<Shift> {
        let mut stretches = Vec::new();
        let mut begun = None;
        for (half_hour, &people) in (0_u64..).zip(needed.iter().chain(&[0])) {
            let wanted = people > self.seat;
            match (begun, wanted) {
                (None, true) => begun = Some(half_hour),
                (Some(first), false) => {
                    let [from, to] = [first, half_hour].map(|edge| self.edge(edge, needed.len()));
                    stretches.push(Shift { from, to });
                    begun = None;
                }
                _ => {}
            }
        }
        stretches
    }

    /// When the seat changes hands at the beginning of a half hour; not at the roster's ends.
    fn edge(&self, half_hour: u64, half_hours: usize) -> Timestamp {
        let sharp = half_hour * HALF_HOUR_US;
        if half_hour == 0 || half_hour == half_hours as u64 {
            return Timestamp(sharp);
        }
        let mut draw = draw(self.seed, self.luck(), self.purpose, edge_index(half_hour));
        let minutes = u64::from(draw.below(2 * 10 + 1));
        Timestamp(sharp - STAGGER_US + minutes * MINUTE_US)
    }

    /// Cuts a stretch into shifts of at most about `limit_us`; where it is cut differs from seat
    /// to seat.
    fn cut(&self, stretch: Shift, limit_us: u64) -> Vec<Shift> {
        let length_us = stretch.to.0 - stretch.from.0;
        if length_us <= limit_us {
            return vec![stretch];
        }
        let minutes =
            u32::try_from((limit_us - SHORTEST_US) / MINUTE_US).expect("a shift is short");
        let first_us = SHORTEST_US
            + u64::from(draw(self.seed, self.luck(), self.purpose, u32::MAX).below(minutes + 1))
                * MINUTE_US;
        let mut shifts = Vec::new();
        let mut from = stretch.from;
        let mut to = from.0 + first_us;
        // What would be left for less than the shortest shift stays with the one before.
        while to + SHORTEST_US <= stretch.to.0 {
            shifts.push(Shift { from, to: Timestamp(to) });
            from = Timestamp(to);
            to += limit_us;
        }
        shifts.push(Shift { from, to: stretch.to });
        shifts
    }

    /// What the seat's draws are keyed by.
    fn luck(&self) -> u64 {
        luck_of(self.city, (u64::from(self.store.0) << 24) | u64::from(self.seat))
    }
}

fn edge_index(half_hour: u64) -> u32 {
    u32::try_from(half_hour).expect("a roster is shorter than a million years")
}
