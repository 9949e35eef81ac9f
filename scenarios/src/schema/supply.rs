//! How shelves are filled again, and what gets lost on them.

use crate::values::{Clock, Count, Duration, Share};

section! {
    /// Lorries from the mother hub, and what gets lost on the shelves.
    pub struct Supply {
        /// The first of the night's lorries with dry goods is at its store.
        dry_from: Clock = Clock(2 * 60), "E: once a day";
        /// And the last.
        dry_to: Clock = Clock(5 * 60), "E";
        /// The day's first lorry with fresh goods.
        fresh_first: Clock = Clock(5 * 60), "E: twice a day";
        /// And the second.
        fresh_second: Clock = Clock(15 * 60), "E";
        /// From asking for an emergency top-up of what is popular and nearly gone until it is there.
        top_up_lead: Duration = Duration::min(180), "E";
        /// Share of what is asked for, and the hub has, that is on the lorry; nothing comes at 0 %.
        hub_fill: Share = Share::bps(9_500), "E: several trips a day are known (itln.in 1354155), their fill is not";
        /// Share of the fresh units on a shelf that are past their date each day.
        expired: Share = Share::bps(300), "E: not published";
        /// Share of the units on a shelf that get lost unnoticed in 30 days.
        lost: Share = Share::bps(20), "E: not published";
        /// Every shelf is counted once in so many days.
        count_days: Count<1, 3_650> = Count::new(30), "E";
        /// Share of shelves whose record has units at the start that are not there.
        phantom: Share = Share::bps(0), "E: short lines of an ordinary day are drawn as such";
    }
}
