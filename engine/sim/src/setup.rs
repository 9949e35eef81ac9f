//! What a run is told: rules, policies, people, services and the time it covers.

use city::Behaviour;
use city::setup::Weather;
use domain::money::Bps;
use domain::rules::Rules;
use domain::time::{Millis, Timestamp};
use domain::{dispatch, eta, pricing, store};

use crate::services;

/// The stretch of time a run covers. It begins at the epoch with the warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Orders placed from here on are measured.
    pub from: Timestamp,
    /// Arrivals end here.
    pub to: Timestamp,
    /// How long the run goes on after that, for what is under way to end.
    pub drain: Millis,
}

impl Window {
    /// When the run ends.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.to + self.drain
    }
}

/// Stores that somebody closes for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closure {
    /// How many: those with the lowest ids.
    pub stores: u32,
    /// They close.
    pub from: Timestamp,
    /// They open again.
    pub to: Timestamp,
}

/// The strategies that choose.
#[derive(Clone, Debug, PartialEq)]
pub struct Policies {
    /// Which rider takes which order.
    pub dispatch: dispatch::Policy,
    /// Its parameters.
    pub dispatch_params: dispatch::Params,
    /// What goods and delivery cost.
    pub pricing: pricing::Policy,
    /// Its parameters.
    pub pricing_params: pricing::Params,
    /// Which store takes an order.
    pub store: store::Policy,
    /// What customers are promised.
    pub promise: eta::Policy,
    /// Whether stores take fewer orders or none when their backlog is too long.
    pub doors_by_load: bool,
}

/// Everything about a run but the city and its demand.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// What all chance is drawn from.
    pub seed: u64,
    /// The limits of the business.
    pub rules: Rules,
    /// Its strategies.
    pub policies: Policies,
    /// How people and providers behave.
    pub behaviour: Behaviour,
    /// When it rains.
    pub weather: Weather,
    /// How fast the software is.
    pub services: services::Setup,
    /// The time covered.
    pub window: Window,
    /// The share of pincodes that nothing is brought to.
    pub blocked: Bps,
    /// Stores that are closed for a while.
    pub closure: Option<Closure>,
}
