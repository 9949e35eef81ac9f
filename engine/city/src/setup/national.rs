//! A country: five metros.

use super::{Metro, Setup};

/// Stores of all firms in each metro: Savills, October 2025 (A10); Hyderabad is not among its
/// four and is assumed.
const STORES: [(&str, u32); 5] =
    [("delhi", 400), ("bengaluru", 360), ("mumbai", 250), ("hyderabad", 200), ("chennai", 190)];
/// Orders of a store in the largest metro over those of a store in the top seven: Instamart has
/// 21 % of its orders in 17 % of its stores there, and 84 % in 77 % in the seven (A11).
const LARGEST: f64 = (21.0 / 17.0) / (84.0 / 77.0);

impl Setup {
    /// Shares one setup out over the five metros: its stores, its orders and its orders an hour,
    /// if it has any. Cities are ordered by size.
    ///
    /// # Panics
    /// If there are fewer than five stores.
    #[must_use]
    pub fn national(&self) -> Vec<Self> {
        let counts = apportioned(self.stores.count);
        let weights: Vec<f64> =
            (0..).zip(counts).map(|(city, stores)| busy(city) * f64::from(stores)).collect();
        let total: f64 = weights.iter().sum();
        let per_store = f64::from(self.stores.count) / total;
        STORES
            .iter()
            .zip(counts)
            .zip(0..)
            .map(|((&(name, _), count), city)| {
                let mut setup = self.clone();
                setup.metro = Metro::named(name).expect("a metro of the list");
                setup.stores.count = count;
                setup.stores.orders_per_day *= busy(city) * per_store;
                let share = weights[city] / total;
                setup.demand.orders_per_hour = self.demand.orders_per_hour.map(|rate| rate * share);
                setup
            })
            .collect()
    }
}

/// How busy a store of a city is; the largest is the first.
const fn busy(city: usize) -> f64 {
    if city == 0 { LARGEST } else { 1.0 }
}

/// So many stores in proportion, by largest remainders; each metro has one at least.
fn apportioned(stores: u32) -> [u32; 5] {
    assert!(stores >= 5, "every metro has a store");
    let all: u32 = STORES.iter().map(|(_, count)| count).sum();
    let mut counts = STORES.map(|(_, count)| (count * stores / all).max(1));
    let mut remainders: Vec<(u32, usize)> =
        STORES.iter().enumerate().map(|(city, (_, count))| (count * stores % all, city)).collect();
    remainders.sort_by_key(|&(remainder, city)| (std::cmp::Reverse(remainder), city));
    for &(_, city) in remainders.iter().cycle() {
        let given: u32 = counts.iter().sum();
        match given.cmp(&stores) {
            std::cmp::Ordering::Less => counts[city] += 1,
            std::cmp::Ordering::Greater => counts[city] -= u32::from(counts[city] > 1),
            std::cmp::Ordering::Equal => break,
        }
    }
    counts
}
