//! I22: surge stays within its limits, and a quote is made with the surge that was published.

use domain::facts::{Fact, opening};
use domain::money::Bps;
use domain::pricing::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I22";
    const LAW: &'static str = "surge is within floor and cap, and quoted as published";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Opening(opening::Event::Limits { .. })
                | Fact::Pricing(Event::SurgeSet { .. } | Event::Issued { .. })
        )
    }

    #[inline]
    fn pricing(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        if let Event::SurgeSet { store, surge } = *event {
            let (floor, cap) = (case.world.limits.surge_floor, case.world.limits.surge_cap);
            ensure!(
                (floor..=cap).contains(&surge),
                Subject::Store(store),
                "surge {} bps is outside {} to {}",
                surge.0,
                floor.0,
                cap.0
            );
            return Ruling::Kept;
        }
        let Event::Issued { order, store, surge, .. } = *event else { return Ruling::NotMine };
        let published = case.world.stores.get(store.index()).map_or(Bps::ONE, |row| row.surge);
        ensure!(
            surge == published,
            Subject::Store(store),
            "{order} is quoted with surge {} bps, {} is published",
            surge.0,
            published.0
        );
        Ruling::Kept
    }
}
