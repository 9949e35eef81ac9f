//! How orders spread over the hours of a day and the days of a week.

/// Percent of a weekday's orders in each hour (D3, assumed; shaped by incentive windows and
/// late-night stores).
const WEEKDAY: [f64; 24] = [
    1.2, 0.8, 0.5, 0.4, 0.5, 1.0, 2.2, 4.0, 5.2, 5.4, 5.2, 4.9, 4.6, 4.2, 4.0, 4.3, 5.0, 6.3, 7.6,
    8.6, 8.5, 7.0, 5.2, 3.4,
];
/// Percent of a weekend day's orders in each hour (D3, assumed); normalised when used.
const WEEKEND: [f64; 24] = [
    1.5, 1.0, 0.7, 0.5, 0.5, 0.8, 1.6, 3.2, 5.0, 6.2, 6.4, 6.1, 5.6, 4.9, 4.5, 4.6, 5.0, 5.8, 7.0,
    8.0, 7.8, 6.6, 4.2, 2.5,
];
/// Orders of a weekend day over a weekday's (D3, assumed: the middle of 1.10 to 1.15).
const WEEKEND_LEVEL: f64 = 1.125;
const SATURDAY: u64 = 5;

/// Orders by the hour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Profile {
    /// Every day is a weekday.
    #[default]
    Weekday,
    /// Every day is of a weekend.
    Weekend,
    /// Weekdays and weekends in turn; the day that time begins with, 0 for Monday.
    Week {
        /// The first day.
        first: u8,
    },
    /// The same at every hour.
    Flat,
    /// Shares of the day's orders; they are normalised.
    Hours([f64; 24]),
}

impl Profile {
    /// The share of an average weekday's orders that fall into an hour, counted from the start.
    #[must_use]
    pub fn share(&self, hour: u64) -> f64 {
        let of_day = usize::try_from(hour % 24).expect("an hour of the day is small");
        let weekend = || WEEKEND_LEVEL * WEEKEND[of_day] / WEEKEND.iter().sum::<f64>();
        let weekday = || WEEKDAY[of_day] / WEEKDAY.iter().sum::<f64>();
        match self {
            Self::Weekday => weekday(),
            Self::Weekend => weekend(),
            Self::Week { first } => {
                let day = (u64::from(*first) + hour / 24) % 7;
                if day >= SATURDAY { weekend() } else { weekday() }
            }
            Self::Flat => 1.0 / 24.0,
            Self::Hours(shares) => shares[of_day] / shares.iter().sum::<f64>(),
        }
    }
}
