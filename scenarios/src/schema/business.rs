//! What is ordered, and who decides what.

use crate::values::{Count, Decimal, Duration, Money, Multiplier, Rate, Share};

/// The most orders a day and store (limit of the program; a busy store has 4 000).
pub const MAX_ORDERS_PER_STORE_PER_DAY: u32 = 100_000;

section! {
    /// Who orders what and when.
    pub struct Demand {
        /// Orders of an average store on a whole day; 1 400 when neither rate is given.
        #[serde(skip_serializing_if = "Option::is_none")]
        orders_per_store_per_day: Option<Count<0, MAX_ORDERS_PER_STORE_PER_DAY>> = None, "D: Blinkit 1 470 (financialexpress 3486595), Instamart 1 012 (inc42), Bernstein 1 000 to 1 400";
        /// Instead: orders of all cities together in the busiest hour of the day.
        #[serde(skip_serializing_if = "Option::is_none")]
        orders_per_hour: Option<Rate> = None, "";
        /// How orders spread over the day.
        profile: Profile = Profile::Weekday, "E: shaped by riders' peak windows (business-standard 125092600259)";
        /// What the weather does to demand, riders and speed.
        weather: Weather = Weather::Dry, "E: an ordinary day";
        /// Lines of an average order.
        basket_lines: Decimal<30> = Decimal::new(4.5), "P: five items as a picking target (financialexpress 3654801); real baskets have 4.41";
        /// How bursty demand is: variation of a store's demand from quarter hour to quarter hour.
        burst: Decimal<2> = Decimal::new(0.2), "E";
        /// What an average order is worth.
        order_value: Money = Money::rupees(600), "O: Blinkit 617 (financialexpress), Instamart 697 (inc42)";
        /// How orders are paid; the shares make up 100 %.
        payments: Payments = Payments::default(), "";
    }
}

/// How orders spread over the day.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Two humps, the evening one higher: 8.6 % of the day between 19 and 20 h.
    Weekday,
    /// Later mornings and a higher noon: 8.0 % between 19 and 20 h.
    Weekend,
    /// The same in every hour.
    Flat,
}

/// What the weather does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Weather {
    /// Nothing.
    Dry,
    /// Heavy rain: demand 1.25 times, speed 0.7 times, riders 0.75 times, more refusals.
    Rain,
}

section! {
    /// How orders are paid.
    pub struct Payments {
        /// Unified Payments Interface.
        upi: Share = Share::bps(7_200), "E: no source found for quick commerce";
        /// Cards.
        card: Share = Share::bps(1_000), "E: no source found for quick commerce";
        /// Money kept with the platform.
        wallet: Share = Share::bps(800), "E: no source found for quick commerce";
        /// Cash at the door.
        cash: Share = Share::bps(1_000), "E: no source found; 25 % in smaller cities";
    }
}

section! {
    /// The strategies that choose.
    pub struct Policies {
        /// Which rider takes which order.
        dispatch: Dispatch = Dispatch::Batched, "P: all large firms batch since 2025 (livemint 11762933728601)";
        /// Time between two rounds of dispatch.
        round: Duration = Duration::s(10), "E";
        /// Most orders on one trip.
        max_batch: Count<1, 2> = Count::new(2), "P: two are typical in India (livemint 11762933728601)";
        /// What goods and delivery cost.
        pricing: Pricing = Pricing::FeeTiers, "P: what the large firms do";
        /// Which store takes an order.
        store: Store = Store::PrimaryOnly, "E: apps show the shelf of the nearest store";
        /// What a store does with new orders when its backlog is long; see `doors`.
        doors: DoorPolicy = DoorPolicy::ByLoad, "P: stores throttle and pause in rain and strikes (livemint 11681754288721)";
        /// How promises are made.
        eta: Eta = Eta::Fixed, "P: what the market advertises";
        /// What a fixed promise is: the rider is at the door within this time.
        promise: Duration = Duration::min(15), "P: deliveries take 10 to 15 min (Morgan Stanley in businessfast)";
        /// The share of orders that a promise by quantile is to keep.
        promise_share: Share = Share::bps(9_000), "E: within the calibrated 80 to 97 % on time";
    }
}

/// Which store takes an order.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Store {
    /// The nearest; where it takes none, the customer is offered the next.
    PrimaryOnly,
    /// The nearest that takes orders and has everything.
    NearestWithAllLines,
    /// Of those that take orders and have everything, the one that is expected first.
    LeastEtaUnderLoad,
}

/// What a store does with new orders when its backlog is long.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DoorPolicy {
    /// It takes all of them.
    AlwaysOpen,
    /// It takes fewer, then none, until the backlog is shorter.
    ByLoad,
}

/// How promises are made.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Eta {
    /// The same for everybody.
    Fixed,
    /// A time that a given share of orders keeps, by the store's load and the way.
    Quantile,
}

section! {
    /// When a store takes fewer orders or none, and what it then takes.
    pub struct Doors {
        /// Open orders for each rider on shift, beyond four, above which a store takes fewer.
        throttle_per_rider: Multiplier = Multiplier::bps(15_000), "E: three times a calibrated day's";
        /// The same, beyond six, above which it takes none.
        pause_per_rider: Multiplier = Multiplier::bps(30_000), "E: twice where it throttles";
        /// Waiting pick lists for each picker on duty, beyond four, above which a store takes fewer.
        throttle_per_picker: Multiplier = Multiplier::bps(30_000), "E";
        /// The same, beyond six, above which it takes none.
        pause_per_picker: Multiplier = Multiplier::bps(60_000), "E: twice where it throttles";
        /// Smallest cart that a throttled store takes.
        minimum: Money = Money::rupees(199), "E: where delivery becomes free; higher minimum orders in rain are known (thehindubusinessline 68760245)";
        /// Share of its radius that a throttled store serves.
        reach: Share = Share::bps(7_000), "E";
        /// What a throttled store adds to its promise.
        extra: Duration = Duration::min(5), "E";
    }
}

/// Which rider takes which order.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Dispatch {
    /// Each order in turn takes the nearest free rider.
    Nearest,
    /// Orders and pairs of orders are matched to riders exactly, just in time.
    Batched,
}

/// What goods and delivery cost.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Pricing {
    /// City prices and one flat fee.
    Flat,
    /// City prices; delivery, handling, small-cart and rain fees by tiers.
    FeeTiers,
    /// The tiers, and a surge fee when riders are scarce.
    Demand,
    /// The tiers, and markdowns on goods that must go.
    Inventory,
}

section! {
    /// Fees, tax included.
    pub struct Fees {
        /// For bringing an order below `free_delivery_from`; also the one fee of flat pricing.
        delivery: Money = Money::rupees(25), "E: between what newzbaba and medianama report";
        /// Goods of this value are brought for nothing.
        free_delivery_from: Money = Money::rupees(199), "E: between what newzbaba and medianama report";
        /// For every order.
        handling: Money = Money::rupees(10), "E: between what newzbaba and medianama report";
        /// For goods below `small_cart_below`.
        small_cart: Money = Money::rupees(20), "E: between what newzbaba and medianama report";
        /// See `small_cart`.
        small_cart_below: Money = Money::rupees(99), "E: between what newzbaba and medianama report";
        /// For every order in rain.
        rain: Money = Money::rupees(20), "E: between what newzbaba and medianama report";
        /// How long a quote can be taken.
        quote_valid: Duration = Duration::min(10), "E";
    }
}
