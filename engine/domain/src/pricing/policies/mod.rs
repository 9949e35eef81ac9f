//! What goods and delivery cost: one strategy a file, one row each.

mod demand;
mod fee_tiers;
mod flat;
mod inventory;

use super::{Choice, Params, Scratch, View};

choices! {
    /// How quotes are priced.
    pub enum Policy {
        /// City prices and one flat fee.
        Flat = "flat",
        /// City prices; delivery, handling, small-cart and rain fees by tiers.
        FeeTiers = "fee_tiers",
        /// The tiers, and a surge fee when riders are scarce.
        Demand = "demand",
        /// The tiers, and markdowns on goods that must go.
        Inventory = "inventory",
    }
}

impl Policy {
    /// Whether it looks at surge. Where it does not, surge is not decided, and stays at 1.00×.
    #[must_use]
    pub const fn has_surge(self) -> bool {
        matches!(self, Self::Demand)
    }
}

/// Chooses unit prices (left in the scratch, one for each line in order) and fees.
///
/// No unit price is above the maximum retail price, and no policy raises one above the city
/// price.
#[must_use]
pub fn choose(policy: Policy, view: &View<'_>, params: &Params, scratch: &mut Scratch) -> Choice {
    match policy {
        Policy::Flat => flat::choose(view, params, scratch),
        Policy::FeeTiers => fee_tiers::choose(view, params, scratch),
        Policy::Demand => demand::choose(view, params, scratch),
        Policy::Inventory => inventory::choose(view, params, scratch),
    }
}
