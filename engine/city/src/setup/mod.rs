//! What a synthetic city is made from. Every default is calibrated or says that it is assumed.

mod check;
mod closed;
mod event;
mod metro;
mod national;
mod profile;
#[cfg(test)]
mod tests;
mod weather;

pub use check::SetupError;
pub use closed::{ClosedRoad, ClosedRoadError};
pub use event::{Area, Event, Flash, Hot};
pub use metro::Metro;
pub use profile::Profile;
pub use weather::{Spell, Weather};

use domain::money::Paise;
use domain::time::{Millis, Timestamp};

use crate::behaviour::Params;
use crate::streets::Pattern;
use crate::{Calibrated, MethodMix};

/// The numbers behind a city, group by group.
pub(crate) const GROUPS: &[&[Calibrated]] = &[
    StoreSetup::ROWS,
    CatalogueSetup::ROWS,
    SupplySetup::ROWS,
    DemandSetup::ROWS,
    FleetSetup::ROWS,
    TravelSetup::ROWS,
    Pattern::ROWS,
];

/// Everything that a synthetic city and its demand are made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    /// Where it is.
    pub metro: Metro,
    /// How many stores, how busy, how far apart.
    pub stores: StoreSetup,
    /// What is sold and how much of it is on the shelves.
    pub catalogue: CatalogueSetup,
    /// How the shelves are filled again.
    pub supply: SupplySetup,
    /// Who orders how much when.
    pub demand: DemandSetup,
    /// Riders and pickers.
    pub fleet: FleetSetup,
    /// How rides are measured.
    pub travel: TravelSetup,
    /// Rain.
    pub weather: Weather,
    /// What is out of the ordinary, such as a match or a sale.
    pub events: Vec<Event>,
    /// How people behave; rosters are planned with it.
    pub behaviour: Params,
}

calibrated! {
    /// Dark stores.
    pub struct StoreSetup in "stores" {
        /// How many there are.
        count: u32 = 48, Assumed, "small enough to be installed in a live deployment within seconds";
        /// Orders of a store on a weekday, on average over the stores.
        orders_per_day: f64 = 1_400.0, Derived, "A4: 1,470 Blinkit Q4FY24 (Financial Express 3486595), 1,012 Instamart Q2FY26 (Inc42); 1,000 to 1,400 (Bernstein, moneycontrol 13688392)";
        /// Spread of orders between stores: σ of the logarithm.
        weight_sigma: f64 = 0.35, Derived, "A6: the top 50 of 639 stores take 1.8 times the mean (filesadmin.co blinkit-targets-2000)";
        /// No customer lives farther from the nearest store, straight line, metres.
        catchment_m: u32 = 2_000, Official, "A13: within 2 km (Blinkit 2022, madhyamamonline 944878)";
        /// A store serves addresses within this straight line, metres.
        radius_m: u32 = 3_000, Press, "A13: 2 to 3 km (riders; Morgan Stanley)";
        /// How far sites stray from an even pattern, as a share of their spacing.
        stray: f64 = 0.12, Assumed, "sites are where a lease was to be had";
        /// Customers of each store.
        customers: u32 = 12_350, Derived, "A9: 3.4 orders a month for each customer (Financial Express 3486595), at 1,400 orders a day";
    }
}

calibrated! {
    /// The catalogue and the shelves.
    pub struct CatalogueSetup in "catalogue" {
        /// SKUs in every store.
        skus: u32 = 3_000, Press, "A12: 2,000 to 4,000 (Business Standard 125080601602); 7,000 in large stores";
        /// Popularity falls as (rank + q)^-s.
        zipf_s: f64 = 1.1, Derived, "A16: fitted to the head and the tail of Instacart's 32.4 million lines";
        /// Flattens the head of the popularity curve.
        zipf_q: f64 = 20.0, Derived, "A16";
        /// What an order is worth on average.
        order_value: Paise = Paise::rupees(600), Official, "A8: 617 Blinkit Q4FY24, 697 Instamart Q2FY26 (Inc42, Financial Express)";
        /// Share of SKUs on the shelf at the start.
        availability: f64 = 0.94, Vendor, "B15: 90 to 95 %";
        /// Share of the most popular SKUs on the shelf at the start.
        head_availability: f64 = 0.98, Assumed, "B15";
        /// How many SKUs count as the most popular.
        head_skus: u32 = 200, Assumed, "B15";
        /// Days of mean demand on the shelf.
        cover_days: f64 = 2.0, Assumed, "B16: dry goods come once a day; a missed lorry is survived";
        /// Standard deviations of demand on the shelf on top.
        safety: f64 = 2.0, Assumed, "stock runs out in 2 % of cycles";
    }
}

calibrated! {
    /// Lorries from the mother hub, and what gets lost on the shelves.
    pub struct SupplySetup in "supply" {
        /// The first of the night's lorries with dry goods is at its store, time of day.
        dry_from: Millis = Millis::from_min(2 * 60), Assumed, "B16: once a day, 02:00 to 05:00";
        /// And the last.
        dry_to: Millis = Millis::from_min(5 * 60), Assumed, "B16";
        /// The first lorry with fresh goods, time of day.
        fresh_first: Millis = Millis::from_min(5 * 60), Assumed, "B16: twice a day, 05:00 and 15:00";
        /// The second.
        fresh_second: Millis = Millis::from_min(15 * 60), Assumed, "B16";
        /// From asking for an emergency top-up until it is there.
        top_up_lead: Millis = Millis::from_min(3 * 60), Assumed, "B16: 3 h";
        /// A popular SKU is asked for when less than this share of its base stock is left.
        top_up_below: f64 = 0.25, Assumed, "none published";
        /// Share of what is asked for, and the hub has, that is on the lorry.
        hub_fill: f64 = 0.95, Assumed, "B16: multiple trips a day are known (itln.in 1354155), the fill is not";
        /// How long the hub has a SKU or not.
        spell: Millis = Millis::from_min(14 * 24 * 60), Assumed, "none published; keeps availability where B15 has it";
        /// Share of fresh units on the shelf that are past their date each day.
        expired_per_day: f64 = 0.03, Assumed, "B17: not published";
        /// Share of units on the shelf that get lost unnoticed each month.
        lost_per_month: f64 = 0.002, Assumed, "B17: not published";
        /// Every shelf is counted once in so many days.
        count_days: u32 = 30, Assumed, "none published";
        /// Share of shelves whose record has units at the start that are not there.
        phantom: f64 = 0.0, Assumed, "short lines of the calibrated day are drawn as such (B14)";
    }
}

calibrated! {
    /// Orders.
    pub struct DemandSetup in "demand" {
        /// The first instant at which orders arrive.
        from: Timestamp = Timestamp(0), Assumed, "midnight";
        /// Orders arrive before this instant.
        to: Timestamp = Timestamp::from_s(86_400), Assumed, "one day";
        /// How orders spread over the hours of the day.
        profile: Profile = Profile::Weekday, Assumed, "D3";
        /// Orders an hour in the whole city, on average from `from` to `to`; none for what the
        /// stores' orders per day and the profile give. The roster does not follow it.
        orders_per_hour: Option<f64> = None, Assumed, "for what-if questions";
        /// Lines of an order on average; at least one.
        lines_mean: f64 = 4.5, Press, "A14: 5 items as a picking target (Financial Express 3654801); real baskets of groceries have 4.41";
        /// Units of a line on average; at least one.
        units_mean: f64 = 1.25, Assumed, "none published";
        /// How orders are paid.
        methods: MethodMix = MethodMix::default(), Assumed, "C7";
        /// Coefficient of variation of a store's demand from one quarter of an hour to the next,
        /// beyond what chance arrivals give.
        burst_cv: f64 = 0.2, Assumed, "calibration 2.1";
        /// Correlation of that with the quarter before.
        burst_memory: f64 = 0.7, Assumed, "a rush lasts about an hour";
        /// Chance that a customer sees that a SKU is not on the shelf and takes another.
        sees_shelf: f64 = 0.95, Assumed, "availability is cached for up to 5 min";
    }
}

calibrated! {
    /// People on duty. Both rosters follow the demand that is planned, by half hours.
    pub struct FleetSetup in "fleet" {
        /// Riders on shift at the busiest half hour, on average over the stores; none for what
        /// the demand needs.
        riders_per_store: Option<f64> = None, Derived, "calibration 2.3: a + 1.0 √a with a = orders an hour × time of a trip";
        /// Pickers on shift at the busiest half hour, on average over the stores; none for what
        /// the demand needs.
        pickers_per_store: Option<f64> = None, Derived, "calibration 2.4: b + 1.0 √b with b = orders an hour × time to pick and pack";
        /// β of the square-root rule for riders.
        rider_slack: f64 = 1.0, Derived, "calibration 2.9: utilisation 0.80 at 2 km";
        /// β of the square-root rule for pickers.
        picker_slack: f64 = 1.0, Derived, "calibration 2.4: P(wait) 0.22";
        /// The longest that somebody is on duty in a day.
        shift_limit: Millis = Millis::from_min(480), Press, "B9: 7 hours on a working day on average; B2: three shifts round the clock";
    }
}

calibrated! {
    /// Rides.
    pub struct TravelSetup in "travel" {
        /// Straight lines or roads.
        network: Network = Network::Straight, Assumed, "the faster of the two";
        /// Road over straight line; not used with roads.
        circuity: f64 = 1.35, Research, "A13; trips of 1 to 4 km in central Bengaluru have a median of 1.416";
        /// Speed from door to door, metres an hour; on roads, that of rides within catchments on
        /// average.
        speed_m_per_h: u32 = 15_000, Official, "B4: under 2 km in about 8 min (Goyal, Hindustan Times 101767327013786)";
        /// Roads that are closed, which no roster and no speed was planned with.
        closed: Vec<ClosedRoad> = Vec::new(), Assumed, "all are open";
    }
}

/// How rides are measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// Straight lines, lengthened.
    #[default]
    Straight,
    /// Made-up streets like the metro's.
    Roads,
}
