//! Time integrals in whole ticks, and Little's law as an identity between two of them.

/// A count that changes over time, and its integral: how many ticks at how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    value: u64,
    since: u64,
    integral: u128,
}

impl Level {
    /// Gives the present count.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.value
    }

    /// Changes the count at a time.
    ///
    /// # Panics
    /// If `now` is before the last change, or the count would fall below zero.
    pub fn add(&mut self, now: u64, delta: i64) {
        self.integral = self.integral(now);
        self.since = now;
        let Some(value) = self.value.checked_add_signed(delta) else {
            panic!("level {} changed by {delta}", self.value);
        };
        self.value = value;
    }

    /// Gives the integral from time 0 to `now`, in ticks × count.
    ///
    /// # Panics
    /// If `now` is before the last change.
    #[must_use]
    pub fn integral(&self, now: u64) -> u128 {
        assert!(now >= self.since, "level asked at {now}, changed at {}", self.since);
        self.integral + u128::from(self.value) * u128::from(now - self.since)
    }

    /// Gives the mean count between two times, given the integral at the first.
    ///
    /// # Panics
    /// If `now` is before the last change.
    #[must_use]
    pub fn mean(&self, integral_from: u128, from: u64, now: u64) -> f64 {
        (self.integral(now) - integral_from) as f64 / (now - from) as f64
    }
}

/// Both sides of Little's law over one place: the level's integral, and the stays that make it up.
///
/// The two are computed apart, from the order of changes and from each visitor's own times. On
/// every path and at every time they are equal to the tick, unless a visitor is lost, counted twice
/// or given a wrong time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Little {
    level: Level,
    arrivals: u64,
    departures: u64,
    stayed: u128,
}

impl Little {
    /// Notes an arrival.
    ///
    /// # Panics
    /// If `now` is before the last change.
    pub fn arrive(&mut self, now: u64) {
        self.level.add(now, 1);
        self.arrivals += 1;
    }

    /// Notes the departure of a visitor, with the arrival time it carries itself.
    ///
    /// # Panics
    /// If `now` is before the last change or the arrival, or nobody is there.
    pub fn depart(&mut self, now: u64, arrived: u64) {
        assert!(now >= arrived, "departs at {now}, arrived at {arrived}");
        self.level.add(now, -1);
        self.departures += 1;
        self.stayed += u128::from(now - arrived);
    }

    /// Gives how many are there.
    #[must_use]
    pub fn level(&self) -> &Level {
        &self.level
    }

    /// Counts the arrivals so far.
    #[must_use]
    pub fn arrivals(&self) -> u64 {
        self.arrivals
    }

    /// Gives the mean stay of those who left, in ticks; zero before the first.
    #[must_use]
    pub fn mean_stay(&self) -> f64 {
        if self.departures == 0 { 0.0 } else { self.stayed as f64 / self.departures as f64 }
    }

    /// Tells whether the law holds, given the arrival times that those still there carry.
    ///
    /// # Panics
    /// If `now` is before the last change or one of the arrivals.
    pub fn holds(&self, now: u64, there: impl IntoIterator<Item = u64>) -> bool {
        let (mut stayed, mut count) = (self.stayed, 0);
        for arrived in there {
            assert!(now >= arrived, "asked at {now}, arrived at {arrived}");
            stayed += u128::from(now - arrived);
            count += 1;
        }
        count == self.level.value && stayed == self.level.integral(now)
    }
}
