//! What is out of the ordinary: a sale of one item, stores that close for a while.

use super::place::MAX_STORES;
use crate::values::{Clock, Count, Duration, Share};

/// The most buyers of one sale (limit of the program).
pub const MAX_BUYERS: u32 = 1_000_000;

section! {
    /// A sale of the most popular item: everybody wants one of it and nothing else.
    pub struct Flash {
        /// Buyers who come, in each city; nobody is no sale.
        buyers: Count<0, MAX_BUYERS> = Count::new(0), "E: no sale on an ordinary day";
        /// Units of it in each store to begin with.
        units: Count<0, MAX_BUYERS> = Count::new(50), "E";
        /// When the first buyer comes, on the first day of the window.
        sale_at: Clock = Clock(20 * 60), "E";
        /// How long it takes until all have come.
        within: Duration = Duration::s(60), "E";
    }
}

section! {
    /// Stores that are closed by hand for a while, such as for lack of power.
    pub struct Outage {
        /// How many stores of each city: those with the lowest numbers.
        stores: Count<0, MAX_STORES> = Count::new(0), "E: all stores are open on an ordinary day";
        /// When they close, on the first day of the window.
        closes: Clock = Clock(19 * 60), "E";
        /// How long they are closed.
        lasts: Duration = Duration::min(120), "E";
        /// Share of pincodes that nothing is brought to, such as those under water; for the whole run.
        pincodes: Share = Share::bps(0), "E: severe rain makes some unserviceable (thehindubusinessline 68760245)";
    }
}
