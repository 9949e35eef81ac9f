//! Riders: duty, rosters and where they were last seen.

use domain::ids::RiderId;
use domain::place::Place;
use domain::rider::Event;
use domain::time::Timestamp;

use super::{Picker, Rider, World};

impl World {
    /// Makes the rosters findable by rider, once all shifts are told.
    pub(super) fn index_shifts(&mut self) {
        self.shifts.sort_unstable();
        for (at, (rider, ..)) in (0_u32..).zip(&self.shifts) {
            if let Some(row) = self.riders.get_mut(rider.index()) {
                add_shift(&mut row.shifts, at);
            }
        }
        self.picker_shifts.sort_unstable();
        for (at, (picker, ..)) in (0_u32..).zip(&self.picker_shifts) {
            if let Some(row) = self.pickers.get_mut(picker.index()) {
                add_shift(&mut row.shifts, at);
            }
        }
    }

    /// Whether a rider is rostered at a time: within a shift, or without any roster at all.
    pub(crate) fn is_rostered(&self, rider: &Rider, at: Timestamp) -> bool {
        let mut shifts = among(&self.shifts, rider.shifts).iter();
        rider.shifts.1 == 0 || shifts.any(|(_, from, to)| (*from..*to).contains(&at))
    }

    /// Whether a picker is rostered at a time, the last moment of a shift included: who is free
    /// then may take a list before they leave.
    pub(crate) fn is_picker_rostered(&self, picker: &Picker, at: Timestamp) -> bool {
        let mut shifts = among(&self.picker_shifts, picker.shifts).iter();
        picker.shifts.1 == 0 || shifts.any(|(_, from, to)| (*from..=*to).contains(&at))
    }

    pub(super) fn rider_mut(&mut self, rider: RiderId) -> Option<&mut Rider> {
        self.riders.get_mut(rider.index())
    }

    #[inline(never)]
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

/// Adds the shift at a place to somebody's stretch of the sorted shifts: where it begins, how many.
fn add_shift(shifts: &mut (u32, u32), at: u32) {
    if shifts.1 == 0 {
        shifts.0 = at;
    }
    shifts.1 += 1;
}

fn among<T>(rows: &[T], (first, count): (u32, u32)) -> &[T] {
    rows.get(first as usize..(first + count) as usize).unwrap_or_default()
}

impl Rider {
    /// Notes where a rider is.
    pub(super) fn see(&mut self, place: Place, at: Timestamp) {
        (self.place, self.seen_at) = (Some(place), at);
    }
}
