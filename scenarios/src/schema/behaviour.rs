//! How people and the payment provider behave.

use crate::values::{Count, Decimal, Duration, Money, Multiplier, Share, Speed};

/// The most riders or pickers a store may have (limit of the program).
pub const MAX_PEOPLE_PER_STORE: u32 = 1_000;

section! {
    /// The riders.
    pub struct Fleet {
        /// Riders of an average store on shift at the busiest hour; other hours follow demand. What the demand needs, when left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        riders_per_store: Option<Count<0, MAX_PEOPLE_PER_STORE>> = None, "D: a + β√a where orders keep a riders busy";
        /// β of that rule: how many riders there are beyond those whom orders keep busy.
        slack: Decimal<20> = Decimal::new(1.0), "D: calibration 2.9, riders busy 80 % at 2 km";
        /// Speed from door to door, all stops of traffic included.
        speed: Speed = Speed::km_per_h(15), "O: Goyal, January 2026 (hindustantimes 101767327013786)";
        /// How far one ride's time strays from the expected: sigma of its lognormal.
        ride_spread: Decimal<3> = Decimal::new(0.15), "E";
        /// What a rider is paid for each order that they deliver.
        pay_per_order: Money = Money::rupees(37), "D: the middle of 30 to 45 rupees (ndtvprofit, entrepreneurloop, January 2026)";
        /// Offers that a rider refuses.
        reject: Share = Share::bps(300), "E: not published for India";
        /// Offers that a rider does not answer.
        silent: Share = Share::bps(200), "E: not published for India";
        /// Trips given up after they were accepted.
        drop: Share = Share::bps(70), "E: not published for India";
        /// How many times as many offers are refused, ignored or dropped in rain.
        rain_factor: Multiplier = Multiplier::bps(30_000), "E";
        /// Median time to answer an offer.
        answer: Duration = Duration::s(5), "E: well within the 30 s of an offer";
        /// Mean time at the store door, from rider and bag both there until leaving.
        handover: Duration = Duration::s(60), "P: scan and verify within about a minute (maybeeureka.substack)";
        /// Median time at the customer's door.
        dwell: Duration = Duration::s(110), "E: delays are part of more than half the orders (hindustantimes 101768760270849)";
        /// How far that time strays: sigma of its lognormal.
        dwell_spread: Decimal<3> = Decimal::new(0.5), "E";
        /// Cash orders at whose door the rider waits 5 to 20 min.
        cash_wait: Share = Share::bps(200), "E: one such delivery was observed (hindustantimes 101768760270849)";
        /// Orders that cannot be handed over and come back.
        undelivered: Share = Share::bps(40), "E: not published for India";
    }
}

section! {
    /// The pickers.
    pub struct Staff {
        /// Pickers of an average store at the busiest hour; other hours follow demand. What the demand needs, when left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        pickers_per_store: Option<Count<0, MAX_PEOPLE_PER_STORE>> = None, "D: b + β√b where orders keep b pickers busy";
        /// β of that rule: how many pickers there are beyond those whom orders keep busy.
        slack: Decimal<20> = Decimal::new(1.0), "D: calibration 2.4, a wait for 22 % of orders";
        /// Time to start on a pick list.
        pick_start: Duration = Duration::s(35), "E: fitted to pick and pack times of the press";
        /// Time to pick one line.
        pick_line: Duration = Duration::s(17), "E: fitted to pick and pack times of the press";
        /// How unequal orders are to pick: sigma of the lognormal of the pace.
        pick_spread: Decimal<3> = Decimal::new(0.25), "E";
        /// Time to pack an order.
        pack: Duration = Duration::s(20), "P: Times of India 92310033";
        /// Lines of which a picker finds fewer than held.
        short: Share = Share::bps(150), "E: not published for India";
    }
}

section! {
    /// What customers do after they have ordered.
    pub struct Customers {
        /// Orders whose customer wants to cancel.
        cancel: Share = Share::bps(120), "E: not published for India";
        /// Of those, the share that wants it within seconds, before picking starts.
        cancel_early: Share = Share::bps(8_000), "E";
        /// Declined payments that are tried again.
        retry: Share = Share::bps(7_500), "D: 93 % succeed at the first attempt, 98 % in the end";
        /// Median time until a declined payment is tried again.
        retry_after: Duration = Duration::s(15), "E";
        /// Of the new attempts, the share made with another method.
        switch: Share = Share::bps(3_000), "E";
    }
}

section! {
    /// The payment provider and the banks behind it.
    pub struct Provider {
        /// Attempts that the bank declines: balance, limits, a wrong PIN.
        business_decline: Share = Share::bps(600), "P: 7 to 8 % of NPCI's remitter banks in 2020 (scribd 753779700)";
        /// Attempts that fail technically, with an answer.
        technical_decline: Share = Share::bps(60), "P: technical declines are 1 % with those that time out (scribd 753779700)";
        /// Attempts that nobody answers in time.
        no_answer: Share = Share::bps(40), "E: less than 0.5 % can become authorised late";
        /// Of those, the share that is authorised later after all.
        late_authorised: Share = Share::bps(5_000), "E: under 0.5 % of payments are (Razorpay, late authorisation)";
        /// Median time of a UPI payment: the customer opens an app and types a PIN.
        upi: Duration = Duration::s(12), "E";
        /// Median time of a card payment: the customer types a one-time password.
        card: Duration = Duration::s(20), "E";
        /// Captures after which the provider has the money and says nothing for a while.
        capture_hangs: Share = Share::bps(0), "E: no fault";
        /// How long it says nothing.
        capture_hang: Duration = Duration::min(8), "E: longer than `limits.hold`, so that goods are let go";
        /// Added to every answer; nothing when all is well.
        delay: Duration = Duration::s(0), "E: no fault";
    }
}
