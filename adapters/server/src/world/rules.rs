//! How business is done in a world: the rules of a city, with time scaled.

use domain::dispatch::{self, Params};
use domain::eta;
use domain::ids::CityId;
use domain::money::Bps;
use domain::rules::Rules;
use domain::time::Millis;
use serde::Deserialize;
use shell::Setup;

use super::Rides;

/// Road distance over straight-line distance. 1.35 (calibration A13, grade O/P).
const CIRCUITY: Bps = Bps(13_500);
/// Riding speed, metres an hour. 15 km/h (calibration B4, grade O).
const SPEED_M_PER_H: u32 = 15_000;
/// What picking and packing a cart takes on average. 130 s (calibration B1: 4.5 lines).
const PICK_MEAN: Millis = Millis::from_s(130);
/// How long after its end a hold may still stand, by the wall clock. 30 s, assumed, grade E: the
/// sweep's second and a relay that was down for a lease.
const SWEEP: Millis = Millis::from_s(30);
/// The window in which orders count, by the wall clock, unless the world says otherwise: a day.
const WINDOW: Millis = Millis::from_min(24 * 60);
/// Time may be sped up so many times: rides of minutes become seconds at 60.
const TIME_SCALE_LIMIT: u32 = 1_000;

/// The row `rules`. What it does not name is as usual.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RulesRow {
    city: u16,
    /// Divides every physical duration and every limit of the business that is not named below.
    time_scale: Option<u32>,
    dispatch: Option<String>,
    promise: Option<String>,
    offer_ms: Option<u32>,
    hold_ms: Option<u32>,
    quote_ms: Option<u32>,
    payment_window_ms: Option<u32>,
    round_ms: Option<u32>,
    pick_means_ms: Option<Vec<u32>>,
    circuity_bps: Option<u32>,
    /// As the world is, before time is sped up.
    speed_m_per_h: Option<u32>,
    /// As it is judged, after time is sped up.
    speed_cap_m_per_h: Option<u32>,
    window_ms: Option<u32>,
}

/// How business is done.
#[derive(Clone, Debug)]
pub(crate) struct Business {
    pub(crate) city: CityId,
    pub(crate) rules: Rules,
    pub(crate) dispatch: dispatch::Policy,
    pub(crate) dispatch_params: Params,
    pub(crate) promise: eta::Policy,
    pub(crate) pick_means: Vec<Millis>,
    pub(crate) rides: Rides,
    pub(crate) window: Millis,
    pub(crate) sweep: Millis,
}

impl Business {
    /// What a row says.
    ///
    /// # Errors
    /// In words, when it names a policy that does not exist or a number out of range.
    pub(crate) fn of_row(row: &RulesRow) -> Result<Self, String> {
        let scale = row.time_scale.unwrap_or(1);
        if !(1..=TIME_SCALE_LIMIT).contains(&scale) {
            return Err(format!("time_scale is from 1 to {TIME_SCALE_LIMIT}"));
        }
        let policy = row.dispatch.as_deref().map(dispatch::Policy::from_text);
        let promise = row.promise.as_deref().map(eta::Policy::from_text);
        let rides = Rides {
            circuity: row.circuity_bps.map_or(CIRCUITY, Bps),
            speed_m_per_h: row.speed_m_per_h.unwrap_or(SPEED_M_PER_H).saturating_mul(scale),
        };
        if rides.speed_m_per_h == 0 {
            return Err("speed_m_per_h is above zero".to_owned());
        }
        let means = row.pick_means_ms.clone().unwrap_or_else(|| vec![PICK_MEAN.0 / scale]);
        let mut rules = scaled_rules(scale);
        let mut dispatch_params = scaled_params(scale);
        let set = |limit: &mut Millis, named: Option<u32>| {
            named.into_iter().for_each(|ms| *limit = Millis(ms));
        };
        set(&mut rules.delivery.offer, row.offer_ms);
        set(&mut rules.saga.hold_ttl, row.hold_ms);
        set(&mut rules.pricing.validity, row.quote_ms);
        set(&mut rules.payment.window, row.payment_window_ms);
        set(&mut dispatch_params.round_interval, row.round_ms);
        let cap = row.speed_cap_m_per_h;
        rules.delivery.speed_cap_m_per_h = cap.unwrap_or(rules.delivery.speed_cap_m_per_h);
        Ok(Self {
            city: CityId(row.city),
            rules,
            dispatch: policy
                .unwrap_or(Some(dispatch::Policy::Batched))
                .ok_or("dispatch is \"nearest\" or \"batched\"")?,
            dispatch_params,
            promise: promise
                .unwrap_or(Some(eta::Policy::Fixed))
                .ok_or("promise is \"fixed\" or \"quantile\"")?,
            pick_means: means.into_iter().map(Millis).collect(),
            rides,
            window: row.window_ms.map_or(WINDOW, Millis),
            sweep: SWEEP,
        })
    }

    /// What a shell is told.
    pub(crate) fn setup(&self) -> Setup {
        Setup {
            rules: self.rules.clone(),
            pick_means: self.pick_means.clone(),
            ..Setup::new(self.city)
        }
    }
}

/// The usual rules with time sped up. What is technical stays as it is: how providers are asked,
/// and how often again.
fn scaled_rules(scale: u32) -> Rules {
    let mut rules = Rules::default();
    let eta = &mut rules.eta;
    for limit in [
        &mut rules.saga.hold_ttl,
        &mut rules.saga.give_up,
        &mut rules.payment.window,
        &mut rules.payment.hard_window,
        &mut rules.delivery.offer,
        &mut rules.pricing.validity,
        &mut rules.pricing.surge_hold,
        &mut rules.doors.hold,
        &mut rules.doors.review_interval,
        &mut rules.doors.throttled_extra,
        &mut eta.fixed,
        &mut eta.pick_mean,
        &mut eta.cycle_mean,
        &mut eta.approach,
        &mut eta.handover,
        &mut eta.step,
        &mut eta.shortest,
        &mut eta.longest,
        &mut rules.order_limit,
    ] {
        limit.0 /= scale;
    }
    let cap = &mut rules.delivery.speed_cap_m_per_h;
    *cap = cap.saturating_mul(scale);
    rules
}

fn scaled_params(scale: u32) -> Params {
    let mut params = Params::default();
    for length in [
        &mut params.round_interval,
        &mut params.pickup_limit,
        &mut params.handover,
        &mut params.dwell,
        &mut params.rider_wait_limit,
        &mut params.urgent_wait_limit,
        &mut params.urgent_slack,
        &mut params.commit_ahead,
        &mut params.rider_horizon,
        &mut params.batch_slack,
        &mut params.ready_gap_limit,
        &mut params.late_scale,
        &mut params.unserved_delay,
    ] {
        length.0 /= scale;
    }
    params
}
