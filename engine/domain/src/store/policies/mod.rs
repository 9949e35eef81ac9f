//! Which store takes an order: one strategy a file, one row each.

mod least_eta_under_load;
mod nearest_with_all_lines;
mod primary_only;

use super::Door;
use super::door::{self, Ask, Params, Refusal};
use crate::eta::{self, Load};
use crate::ids::StoreId;
use crate::money::Paise;
use crate::time::Millis;

choices! {
    /// How a store is chosen for an address.
    pub enum Policy {
        /// The nearest store or none.
        PrimaryOnly = "primary_only",
        /// The nearest store that takes orders and has everything.
        NearestWithAllLines = "nearest_with_all_lines",
        /// Of the stores that take orders and have everything, the one that is there first.
        LeastEtaUnderLoad = "least_eta_under_load",
    }
}

/// A store near an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nearby {
    /// Which.
    pub store: StoreId,
    /// What its door does.
    pub door: Door,
    /// The ride to the address.
    pub ride: Millis,
    /// How far the address is, straight-line metres.
    pub distance_m: u32,
    /// How far it serves, straight-line metres.
    pub radius_m: u32,
    /// How busy it is.
    pub load: Load,
    /// Lines of the cart it could not hold in full.
    pub missing_lines: u16,
}

/// What a store choice may look at.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The stores around the address, each once, in any order.
    pub nearby: &'a [Nearby],
    /// What the cart's goods cost.
    pub goods: Paise,
    /// How long the cart takes to pick and pack.
    pub pick: Millis,
    /// How the doors behave.
    pub doors: &'a Params,
    /// How times are expected.
    pub eta: &'a eta::Params,
}

/// Why a store was not chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// It does not let the order in.
    Door(Refusal),
    /// It has not got everything.
    MissingLines(u16),
}

/// No store was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotServed {
    /// No store is near.
    #[error("no store is near the address")]
    NobodyNear,
    /// The store that was wanted does not serve the cart.
    #[error("{wanted} does not serve the cart: {because:?}")]
    Refused {
        /// Which store was wanted.
        wanted: StoreId,
        /// Why it does not.
        because: Because,
        /// The nearest other store that would take the order with the fewest lines missing; it
        /// has another fee and another promise, so it needs a new quote.
        alternative: Option<StoreId>,
    },
}

/// Chooses the store for a cart. Ties go to the lower id.
///
/// # Errors
/// [`NotServed`], naming the alternative if there is one.
pub fn choose(policy: Policy, view: &View<'_>) -> Result<StoreId, NotServed> {
    match policy {
        Policy::PrimaryOnly => primary_only::choose(view),
        Policy::NearestWithAllLines => nearest_with_all_lines::choose(view),
        Policy::LeastEtaUnderLoad => least_eta_under_load::choose(view),
    }
}

impl View<'_> {
    /// Why a store would not serve the cart; none if it would.
    fn obstacle(&self, near: &Nearby) -> Option<Because> {
        let Nearby { door, distance_m, radius_m, missing_lines, .. } = *near;
        let ask = Ask { goods: self.goods, distance_m, radius_m };
        match door::admit(door, self.doors, ask) {
            Err(refusal) => Some(Because::Door(refusal)),
            Ok(()) if missing_lines > 0 => Some(Because::MissingLines(missing_lines)),
            Ok(()) => None,
        }
    }

    /// The stores that would serve the cart in full.
    fn able(&self) -> impl Iterator<Item = &Nearby> {
        self.nearby.iter().filter(|near| self.obstacle(near).is_none())
    }

    /// The nearest store, whatever its door does.
    fn primary(&self) -> Result<&Nearby, NotServed> {
        let nearest = self.nearby.iter().min_by_key(|near| (near.ride, near.store));
        nearest.ok_or(NotServed::NobodyNear)
    }

    /// The refusal of a store, with the alternative to it.
    fn refused(&self, wanted: &Nearby, because: Because) -> NotServed {
        let lets_in = |near: &&Nearby| {
            near.store != wanted.store && !matches!(self.obstacle(near), Some(Because::Door(_)))
        };
        let nearest = self
            .nearby
            .iter()
            .filter(lets_in)
            .min_by_key(|near| (near.missing_lines, near.ride, near.store));
        let alternative = nearest.map(|near| near.store);
        NotServed::Refused { wanted: wanted.store, because, alternative }
    }
}
