//! Riders: duty, rosters and where they were last seen.

use domain::ids::RiderId;
use domain::place::Place;
use domain::rider::Event;
use domain::time::Timestamp;

use super::{Rider, World};

impl World {
    /// Makes the rosters findable by rider, once all shifts are told.
    pub(super) fn index_shifts(&mut self) {
        self.shifts.sort_unstable();
        let riders = &mut self.riders;
        for (at, (rider, ..)) in (0_u32..).zip(&self.shifts) {
            if let Some(row) = riders.get_mut(rider.index()) {
                if row.shifts.1 == 0 {
                    row.shifts.0 = at;
                }
                row.shifts.1 += 1;
            }
        }
    }

    /// Whether a rider is rostered at a time: within a shift, or without any roster at all.
    pub(crate) fn is_rostered(&self, rider: &Rider, at: Timestamp) -> bool {
        let (first, count) = rider.shifts;
        let shifts = self.shifts.iter().skip(first as usize).take(count as usize);
        count == 0 || shifts.into_iter().any(|(_, from, to)| (*from..*to).contains(&at))
    }

    pub(super) fn rider_mut(&mut self, rider: RiderId) -> Option<&mut Rider> {
        self.riders.get_mut(rider.index())
    }

    pub(super) fn fold_rider(&mut self, event: &Event) {
        let now = self.now;
        match *event {
            Event::CameOn { rider, place } => {
                if let Some(row) = self.rider_mut(rider) {
                    (row.on_duty, row.resting) = (true, false);
                    row.see(place, now);
                }
            }
            Event::WentOff { rider } => {
                if let Some(row) = self.rider_mut(rider) {
                    (row.on_duty, row.resting, row.place) = (false, false, None);
                }
            }
            Event::BreakBegun { rider } => {
                if let Some(row) = self.rider_mut(rider) {
                    row.resting = true;
                }
            }
            Event::BreakEnded { rider } => {
                if let Some(row) = self.rider_mut(rider) {
                    row.resting = false;
                }
            }
            Event::Moved { rider, place, .. } => {
                if let Some(row) = self.rider_mut(rider) {
                    row.see(place, now);
                }
            }
        }
    }
}

impl Rider {
    /// Notes where a rider is.
    pub(super) fn see(&mut self, place: Place, at: Timestamp) {
        (self.place, self.seen_at) = (Some(place), at);
    }
}
