//! Limits of the business, and the speed of its software.

use crate::values::{Count, Decimal, Distance, Duration, Speed};

/// The most calls a service works on at once (limit of the program).
pub const MAX_SERVERS: u32 = 10_000;

/// The most attempts to pay that an order may make: the domain's, whose state has room for no more.
#[expect(clippy::cast_possible_truncation, reason = "a few attempts")]
pub const MAX_PAYMENT_ATTEMPTS: u32 = domain::payment::MAX_ATTEMPTS as u32;

section! {
    /// Time limits and caps of the business.
    pub struct Limits {
        /// How long stock is held for an order that is not yet paid.
        hold: Duration = Duration::min(6), "E: longer than the payment window and its last check";
        /// How long a customer has to pay.
        payment_window: Duration = Duration::min(5), "E";
        /// Not even an answer that is on its way is awaited longer.
        payment_hard_window: Duration = Duration::min(10), "O: when a gateway gives up on the bank (Razorpay, payment states)";
        /// Attempts to pay that an order may make.
        payment_attempts: Count<1, MAX_PAYMENT_ATTEMPTS> = Count::new(3), "E";
        /// A provider's status is asked for no sooner than this.
        first_check: Duration = Duration::s(90), "O: NPCI, April 2025 (business-standard 125040801048)";
        /// Status checks of one attempt within two hours.
        status_checks: Count<0, 10> = Count::new(3), "O: NPCI, April 2025 (c4scourses.in)";
        /// The last stage in which a customer may cancel.
        cancel_until: CancelUntil = CancelUntil::Picking, "E: later is a matter of policy";
        /// An order without a rider for this long is cancelled by the platform.
        give_up: Duration = Duration::min(90), "E";
        /// How long a rider has to answer an offer.
        offer: Duration = Duration::s(30), "E";
        /// A hand-over counts as at the door within this distance.
        geofence: Distance = Distance::m(150), "V: Shipsy's default circle (shipsy.ai)";
        /// No ride is believed to be faster than this.
        speed_cap: Speed = Speed::km_per_h(60), "E";
        /// An order that is not over after this time counts as lost by the judge.
        order_limit: Duration = Duration::min(240), "E";
    }
}

/// The last stage in which a customer may cancel.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CancelUntil {
    /// Until a picker starts.
    Confirmed,
    /// Until it is packed.
    Picking,
    /// Until a rider has it.
    Packed,
}

section! {
    /// The platform's own software, as queues.
    pub struct Services {
        /// Locks quotes.
        pricing: ServiceSpeed = ServiceSpeed::of(8, 4), "E";
        /// Holds stock.
        inventory: ServiceSpeed = ServiceSpeed::of(8, 8), "E";
        /// Creates payments.
        payment: ServiceSpeed = ServiceSpeed::of(16, 12), "E";
    }
}

section! {
    /// How fast one service is, in every city. Calls queue while all servers are busy.
    pub struct ServiceSpeed {
        /// Calls it works on at once.
        servers: Count<1, MAX_SERVERS> = Count::new(8), "E";
        /// Median time of one call.
        latency: Duration = Duration::ms(8), "E";
        /// How far that time strays: sigma of its lognormal.
        spread: Decimal<3> = Decimal::new(0.5), "E";
    }
}

impl ServiceSpeed {
    const fn of(servers: u32, latency_ms: u64) -> Self {
        Self {
            servers: Count::new(servers),
            latency: Duration::ms(latency_ms),
            spread: Decimal::new(0.5),
        }
    }
}
