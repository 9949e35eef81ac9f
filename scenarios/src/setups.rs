//! Fills the plain setups that the engine's crates own from a scenario.

use city::behaviour::{self, Behaviour};
use city::setup::{
    CatalogueSetup, ClosedRoad, DemandSetup, FleetSetup, Metro, Network, Spell, StoreSetup,
    SupplySetup, TravelSetup,
};
use city::trace::TraceSetup;
use city::{MethodMix, Straight};
use domain::ids::{CityId, SkuId};
use domain::money::{Bps, Paise};
use domain::order::Stage;
use domain::rules::Rules;
use domain::time::{Millis, Timestamp};
use domain::{dispatch, eta, pricing, store};
use sim::services;

use crate::DEFAULT_ORDERS_PER_STORE_PER_DAY;
use crate::schema::{
    self, CancelUntil, Dispatch, DoorPolicy, Eta, Pricing, Profile, Scenario, ServiceSpeed, Store,
    Weather,
};
use crate::values::{Clock, Count, Distance, Duration, Money, Road, Streets};

const DAY_MIN: u64 = 24 * 60;
const MINUTE_S: u64 = 60;

/// A synthetic city to build and its demand to generate.
#[derive(Clone, Debug)]
pub struct CitySetup {
    /// The city's id.
    pub id: CityId,
    /// What it is made from.
    pub setup: city::Setup,
}

impl Scenario {
    /// The synthetic cities, in the order of their ids; none where a recorded day is played.
    #[must_use]
    pub fn city_setups(&self) -> Vec<CitySetup> {
        let cities = (0_u16..).zip(self.cities.named());
        cities
            .map(|(id, (name, stores))| CitySetup {
                id: CityId(id),
                setup: self.city_setup(name, stores),
            })
            .collect()
    }

    fn city_setup(&self, name: &str, stores: u32) -> city::Setup {
        let window = self.run_window();
        let warm_up = self.window.warm_up.0 * 1_000;
        city::Setup {
            metro: Metro::named(name)
                .unwrap_or_else(|| Metro { name: name.to_owned(), ..Metro::default() }),
            stores: self.store_setup(stores),
            catalogue: CatalogueSetup {
                skus: self.city.skus.get(),
                order_value: paise(self.demand.order_value),
                availability: self.city.availability.as_part(),
                cover_days: self.city.cover_days.get(),
                ..CatalogueSetup::default()
            },
            supply: self.supply_setup(),
            demand: DemandSetup {
                from: Timestamp(window.from.0 - warm_up),
                to: window.to,
                profile: self.profile(),
                lines_mean: self.demand.basket_lines.get(),
                methods: self.methods(),
                burst_cv: self.demand.burst.get(),
                ..DemandSetup::default()
            },
            fleet: FleetSetup {
                rider_slack: self.fleet.slack.get(),
                picker_slack: self.staff.slack.get(),
                riders_per_store: self.fleet.riders_per_store.map(|riders| f64::from(riders.get())),
                pickers_per_store: self
                    .staff
                    .pickers_per_store
                    .map(|pickers| f64::from(pickers.get())),
                ..FleetSetup::default()
            },
            travel: self.travel_setup(),
            weather: self.weather(),
            events: self.flash().into_iter().collect(),
            behaviour: self.behaviour(),
        }
    }

    /// A sale of one item, if there is one.
    fn flash(&self) -> Option<city::setup::Event> {
        let flash = &self.flash;
        let from = self.on_first_day(flash.sale_at);
        let to = from + millis(flash.within);
        let sale = city::setup::Flash {
            sku: SkuId(0),
            units: flash.units.get(),
            buyers: flash.buyers.get(),
            within: millis(flash.within),
        };
        let event = city::setup::Event::of_demand(from, to, 1.0);
        (sale.buyers > 0).then_some(city::setup::Event { flash: Some(sale), ..event })
    }

    /// A time of the day on which the window begins.
    fn on_first_day(&self, Clock(minutes): Clock) -> Timestamp {
        let day_us = DAY_MIN * MINUTE_S * 1_000_000;
        let midnight = self.run_window().from.0 / day_us * day_us;
        Timestamp(midnight + u64::from(minutes) * MINUTE_S * 1_000_000)
    }

    fn store_setup(&self, stores: u32) -> StoreSetup {
        let Distance(catchment) = self.city.catchment;
        let Distance(radius) = self.city.radius;
        StoreSetup {
            count: stores,
            orders_per_day: self.orders_per_day(),
            weight_sigma: self.city.store_spread.get(),
            catchment_m: metres(catchment),
            radius_m: metres(radius),
            ..StoreSetup::default()
        }
    }

    fn travel_setup(&self) -> TravelSetup {
        let closed = self.city.closed.iter().map(|&Road { from, to }| ClosedRoad { from, to });
        TravelSetup {
            network: match self.city.streets {
                Streets::Straight => Network::Straight,
                Streets::Generated | Streets::File(_) => Network::Roads,
            },
            circuity: self.city.circuity.as_factor(),
            speed_m_per_h: metres(self.fleet.speed.0),
            closed: closed.collect(),
        }
    }

    fn supply_setup(&self) -> SupplySetup {
        let supply = &self.supply;
        let of_day = |Clock(minutes): Clock| Millis::from_min(u32::from(minutes));
        SupplySetup {
            dry_from: of_day(supply.dry_from),
            dry_to: of_day(supply.dry_to),
            fresh_first: of_day(supply.fresh_first),
            fresh_second: of_day(supply.fresh_second),
            top_up_lead: millis(supply.top_up_lead),
            hub_fill: supply.hub_fill.as_part(),
            expired_per_day: supply.expired.as_part(),
            lost_per_month: supply.lost.as_part(),
            count_days: supply.count_days.get(),
            phantom: supply.phantom.as_part(),
            ..SupplySetup::default()
        }
    }

    /// Orders of an average store on a whole weekday.
    #[expect(clippy::cast_precision_loss, reason = "ten million orders an hour are exact")]
    fn orders_per_day(&self) -> f64 {
        let demand = &self.demand;
        if let Some(rate) = demand.orders_per_hour {
            let profile = self.profile();
            let peak = (0..24).map(|hour| profile.share(hour)).fold(0.0, f64::max);
            return rate.0 as f64 / f64::from(self.cities.stores()) / peak;
        }
        let per_day = demand.orders_per_store_per_day.map(Count::get);
        f64::from(per_day.unwrap_or(DEFAULT_ORDERS_PER_STORE_PER_DAY))
    }

    fn profile(&self) -> city::setup::Profile {
        match self.demand.profile {
            Profile::Weekday => city::setup::Profile::Weekday,
            Profile::Weekend => city::setup::Profile::Weekend,
            Profile::Flat => city::setup::Profile::Flat,
        }
    }

    fn methods(&self) -> MethodMix {
        let schema::Payments { upi, card, wallet, cash } = self.demand.payments;
        MethodMix {
            upi: upi.as_percent(),
            card: card.as_percent(),
            wallet: wallet.as_percent(),
            cash: cash.as_percent(),
        }
    }

    /// Rain for the whole run, or none.
    fn weather(&self) -> city::setup::Weather {
        let spells = match self.demand.weather {
            Weather::Dry => Vec::new(),
            Weather::Rain => vec![Spell::heavy(Timestamp(0), self.run_window().end())],
        };
        city::setup::Weather { spells }
    }

    fn behaviour(&self) -> behaviour::Params {
        let Self { fleet, staff, customers, provider, .. } = self;
        behaviour::Params {
            picking: behaviour::Picking {
                start_s: staff.pick_start.as_s(),
                line_s: staff.pick_line.as_s(),
                sigma: staff.pick_spread.get(),
                pack_s: staff.pack.as_s(),
                handover_s: fleet.handover.as_s(),
                short_share: staff.short.as_part(),
                ..behaviour::Picking::default()
            },
            riders: behaviour::Riders {
                reject_share: fleet.reject.as_part(),
                silent_share: fleet.silent.as_part(),
                drop_share: fleet.drop.as_part(),
                rain_factor: fleet.rain_factor.as_factor(),
                answer_s: fleet.answer.as_s(),
                ride_sigma: fleet.ride_spread.get(),
                dwell_s: fleet.dwell.as_s(),
                dwell_sigma: fleet.dwell_spread.get(),
                cash_wait_share: fleet.cash_wait.as_part(),
                undelivered_share: fleet.undelivered.as_part(),
                ..behaviour::Riders::default()
            },
            customers: behaviour::Customers {
                cancel_share: customers.cancel.as_part(),
                cancel_early_share: customers.cancel_early.as_part(),
                retry_share: customers.retry.as_part(),
                retry_s: customers.retry_after.as_s(),
                switch_share: customers.switch.as_part(),
                ..behaviour::Customers::default()
            },
            provider: behaviour::Provider {
                business_share: provider.business_decline.as_part(),
                technical_share: provider.technical_decline.as_part(),
                silent_share: provider.no_answer.as_part(),
                late_share: provider.late_authorised.as_part(),
                capture_hang_share: provider.capture_hangs.as_part(),
                capture_hang_s: provider.capture_hang.as_s(),
                upi_s: provider.upi.as_s(),
                card_s: provider.card.as_s(),
                delay_s: provider.delay.as_s(),
                ..behaviour::Provider::default()
            },
        }
    }

    /// How a recorded day becomes a city.
    #[must_use]
    pub fn trace_setup(&self, seed: u64) -> TraceSetup {
        TraceSetup {
            name: self.name.clone(),
            seed,
            travel: Straight {
                circuity: self.city.circuity.as_factor(),
                speed_m_per_h: metres(self.fleet.speed.0),
            },
            order_value: paise(self.demand.order_value),
            methods: self.methods(),
            ..TraceSetup::default()
        }
    }

    /// Everything about one run but the city and its demand.
    #[must_use]
    pub fn sim_setup(&self, seed: u64) -> sim::Setup {
        sim::Setup {
            seed,
            rules: self.rules(),
            policies: self.sim_policies(),
            behaviour: Behaviour::new(seed, self.behaviour()),
            weather: self.weather(),
            services: services::Setup {
                pricing: speed(&self.services.pricing),
                inventory: speed(&self.services.inventory),
                payment: speed(&self.services.payment),
            },
            window: self.run_window(),
            blocked: bps(self.outage.pincodes.0),
            closure: self.closure(),
        }
    }

    /// Stores that are closed for a while, if any are.
    fn closure(&self) -> Option<sim::Closure> {
        let outage = &self.outage;
        let from = self.on_first_day(outage.closes);
        let to = from + millis(outage.lasts);
        let stores = outage.stores.get();
        (stores > 0).then_some(sim::Closure { stores, from, to })
    }

    fn rules(&self) -> Rules {
        let Self { limits, fees, .. } = self;
        let mut rules = Rules::default();
        rules.saga.hold_ttl = millis(limits.hold);
        rules.saga.give_up = millis(limits.give_up);
        rules.saga.cancel_until = match limits.cancel_until {
            CancelUntil::Confirmed => Stage::Confirmed,
            CancelUntil::Picking => Stage::Picking,
            CancelUntil::Packed => Stage::Packed,
        };
        rules.payment.window = millis(limits.payment_window);
        rules.payment.hard_window = millis(limits.payment_hard_window);
        rules.payment.attempts = small(limits.payment_attempts.get());
        rules.payment.first_check = millis(limits.first_check);
        rules.payment.checks = small(limits.status_checks.get());
        rules.delivery.offer = millis(limits.offer);
        rules.delivery.geofence_m = metres(limits.geofence.0);
        rules.delivery.speed_cap_m_per_h = metres(limits.speed_cap.0);
        rules.rider.pay_per_order = paise(self.fleet.pay_per_order);
        let [first, free, ..] = &mut rules.pricing.delivery;
        first.fee = paise(fees.delivery);
        free.from = paise(fees.free_delivery_from);
        let free = *free;
        rules.pricing.delivery[2..].fill(free);
        rules.pricing.handling = paise(fees.handling);
        rules.pricing.small_cart = paise(fees.small_cart);
        rules.pricing.small_cart_below = paise(fees.small_cart_below);
        rules.pricing.rain = paise(fees.rain);
        rules.pricing.validity = millis(fees.quote_valid);
        rules.order_limit = millis(limits.order_limit);
        rules.doors = self.doors();
        rules.eta = self.eta();
        rules
    }

    fn doors(&self) -> store::Params {
        let doors = &self.doors;
        let mut params = store::Params::default();
        params.throttle.per_rider = bps(doors.throttle_per_rider.0);
        params.throttle.per_picker = bps(doors.throttle_per_picker.0);
        params.pause.per_rider = bps(doors.pause_per_rider.0);
        params.pause.per_picker = bps(doors.pause_per_picker.0);
        params.throttled_minimum = paise(doors.minimum);
        params.throttled_radius = bps(doors.reach.0);
        params.throttled_extra = millis(doors.extra);
        params
    }

    /// What the platform knows of its own times.
    fn eta(&self) -> eta::Params {
        let Self { policies, fleet, .. } = self;
        let picking = self.behaviour().picking;
        eta::Params {
            fixed: millis(policies.promise),
            quantile: bps(policies.promise_share.0),
            pick_mean: seconds(picking.mean_s(self.demand.basket_lines.get())),
            cycle_mean: seconds(self.mean_cycle_s()),
            handover: millis(fleet.handover),
            ..eta::Params::default()
        }
    }

    fn sim_policies(&self) -> sim::Policies {
        let Self { policies, fleet, fees, .. } = self;
        let sigma = fleet.dwell_spread.get();
        let dwell_s = fleet.dwell.as_s() * libm::exp(sigma * sigma / 2.0);
        sim::Policies {
            dispatch: match policies.dispatch {
                Dispatch::Nearest => dispatch::Policy::Nearest,
                Dispatch::Batched => dispatch::Policy::Batched,
            },
            dispatch_params: dispatch::Params {
                round_interval: millis(policies.round),
                max_batch: small(policies.max_batch.get()),
                handover: millis(fleet.handover),
                dwell: seconds(dwell_s),
                ..dispatch::Params::default()
            },
            pricing: match policies.pricing {
                Pricing::Flat => pricing::Policy::Flat,
                Pricing::FeeTiers => pricing::Policy::FeeTiers,
                Pricing::Demand => pricing::Policy::Demand,
                Pricing::Inventory => pricing::Policy::Inventory,
            },
            pricing_params: pricing::Params {
                flat_fee: paise(fees.delivery),
                ..pricing::Params::default()
            },
            store: match policies.store {
                Store::PrimaryOnly => store::Policy::PrimaryOnly,
                Store::NearestWithAllLines => store::Policy::NearestWithAllLines,
                Store::LeastEtaUnderLoad => store::Policy::LeastEtaUnderLoad,
            },
            promise: match policies.eta {
                Eta::Fixed => eta::Policy::Fixed,
                Eta::Quantile => eta::Policy::Quantile,
            },
            doors_by_load: policies.doors == DoorPolicy::ByLoad,
        }
    }

    /// How long one order keeps a rider on average: at the store, out, at the door, and back.
    /// A customer anywhere in a disc lives two thirds of its radius from the middle.
    fn mean_cycle_s(&self) -> f64 {
        let Self { city, fleet, .. } = self;
        let way_m = f64::from(metres(city.catchment.0)) * 2.0 / 3.0 * city.circuity.as_factor();
        let way_s = way_m * 3_600.0 / f64::from(metres(fleet.speed.0));
        fleet.handover.as_s() + self.behaviour().riders.mean_dwell_s() + 2.0 * way_s
    }

    /// The time covered, counted from midnight; a warm-up that begins the day before moves the
    /// whole run to the next day.
    #[must_use]
    pub fn run_window(&self) -> sim::Window {
        let window = &self.window;
        let start_ms = u64::from(window.start.0) * MINUTE_S * 1_000;
        let day_ms = if start_ms < window.warm_up.0 {
            DAY_MIN * MINUTE_S * 1_000 * window.warm_up.0.div_ceil(DAY_MIN * MINUTE_S * 1_000)
        } else {
            0
        };
        let from = Timestamp((start_ms + day_ms) * 1_000);
        sim::Window {
            from,
            to: Timestamp(from.0 + window.duration.0 * 1_000),
            drain: millis(window.drain),
        }
    }
}

fn speed(service: &ServiceSpeed) -> services::Speed {
    services::Speed {
        servers: u16::try_from(service.servers.get()).unwrap_or(u16::MAX),
        median: millis(service.latency),
        sigma: service.spread.get(),
    }
}

/// At most 30 days fit 32 bits of milliseconds.
fn millis(Duration(ms): Duration) -> Millis {
    Millis(u32::try_from(ms).unwrap_or(u32::MAX))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn seconds(seconds: f64) -> Millis {
    Millis(libm::round(seconds * 1e3) as u32)
}

/// Shares and multipliers are limited far below 32 bits of basis points.
fn bps(bps: u64) -> Bps {
    Bps(u32::try_from(bps).unwrap_or(u32::MAX))
}

/// Distances and speeds are limited far below 32 bits of metres.
fn metres(metres: u64) -> u32 {
    u32::try_from(metres).unwrap_or(u32::MAX)
}

fn paise(Money(paise): Money) -> Paise {
    Paise(i64::try_from(paise).unwrap_or(i64::MAX))
}

/// Counts of attempts and the like are limited far below 256.
fn small(count: u32) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX)
}
