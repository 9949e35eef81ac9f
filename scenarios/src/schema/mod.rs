//! The shape of a scenario file: every key, its unit, its default and where the default is from.
//!
//! Grades of sources: O official figure, P press or analyst, R research, D derived from those,
//! V vendor's claim, E assumed here (sweep it before relying on it).

#[macro_use]
mod section;
mod behaviour;
mod business;
mod events;
mod limits;
mod place;
mod run;
mod supply;

pub use behaviour::{Customers, Fleet, MAX_PEOPLE_PER_STORE, Provider, Staff};
pub use business::{
    Demand, Dispatch, DoorPolicy, Doors, Eta, Fees, MAX_ORDERS_PER_STORE_PER_DAY, Payments,
    Policies, Pricing, Profile, Store, Weather,
};
pub use events::{Flash, MAX_BUYERS, Outage};
pub use limits::{CancelUntil, Limits, MAX_PAYMENT_ATTEMPTS, MAX_SERVERS, ServiceSpeed, Services};
pub use place::{Cities, City, MAX_CLOSED, MAX_SKUS, MAX_STORES};
pub use run::{Objectives, Trace, Window};
pub use supply::Supply;

use crate::values::Count;

/// The most runs of one scenario in one go (limit of the program).
pub const MAX_REPLICATIONS: u32 = 1_000;

section! {
    /// A scenario of Dastak: one business, its cities, its day, and what is asked of it.
    pub struct Scenario {
        /// What it is called; without it, the file's name. It is not taken over by `extends`.
        name: String = String::new(), "";
        /// What it shows, in a sentence. It is not taken over by `extends`.
        summary: String = String::new(), "";
        /// What all chance is drawn from: the same seed gives the same journal, byte for byte.
        seed: Count<0, { u32::MAX }> = Count::new(1), "E: any number will do";
        /// How often the run is repeated with other seeds, so that figures have a ±.
        replications: Count<1, MAX_REPLICATIONS> = Count::new(1), "E";
        /// What every city is like.
        city: City = City::default(), "";
        /// How many dark stores there are in which city. A city without stores is left out.
        cities: Cities = Cities::default(), "";
        /// How shelves are filled again.
        supply: Supply = Supply::default(), "";
        /// Who orders what and when.
        demand: Demand = Demand::default(), "";
        /// A sale of one item, if there is one.
        flash: Flash = Flash::default(), "";
        /// Stores that close for a while, if any do.
        outage: Outage = Outage::default(), "";
        /// The riders.
        fleet: Fleet = Fleet::default(), "";
        /// The pickers.
        staff: Staff = Staff::default(), "";
        /// What customers do after they have ordered.
        customers: Customers = Customers::default(), "";
        /// The payment provider and the banks behind it.
        provider: Provider = Provider::default(), "";
        /// The strategies that choose.
        policies: Policies = Policies::default(), "";
        /// When stores take fewer orders or none.
        doors: Doors = Doors::default(), "";
        /// What is charged beside the goods.
        fees: Fees = Fees::default(), "";
        /// Time limits and caps of the business.
        limits: Limits = Limits::default(), "";
        /// The platform's own software, as queues.
        services: Services = Services::default(), "";
        /// The stretch of the day that is simulated.
        window: Window = Window::default(), "";
        /// A recorded day to play instead of made-up cities and demand.
        #[serde(skip_serializing_if = "Option::is_none")]
        trace: Option<Trace> = None, "";
        /// What must be true of the run for it to pass.
        objectives: Objectives = Objectives::default(), "";
    }
}

impl Scenario {
    /// How many orders the run will have at most, on average; a recorded day's are not counted.
    #[must_use]
    pub fn expected_orders(&self) -> u64 {
        let run_ms = self.window.warm_up.0 + self.window.duration.0 + self.window.drain.0;
        let buyers = u64::from(self.flash.buyers.get()) * self.cities.named().len() as u64;
        if let Some(rate) = self.demand.orders_per_hour {
            return rate.0 * run_ms.div_ceil(3_600_000) + buyers;
        }
        let per_day = self
            .demand
            .orders_per_store_per_day
            .map_or(crate::DEFAULT_ORDERS_PER_STORE_PER_DAY, Count::get);
        let days = run_ms.div_ceil(86_400_000);
        u64::from(self.cities.stores()) * u64::from(per_day) * days + buyers
    }
}
