//! Agents: customers, pickers and riders of a city, played against a deployment.
//!
//! A [`Town`] is what they share, a [`Plan`] when they come, [`journey`] what each does. They live
//! as the simulator's people do: same arrivals, same draws, time sped up. Pickers and riders act
//! when their devices get a notice; what they missed they see when they look.
//!
//! ```text
//! Plan ─► journey ─┬─ customer: quote, order, look or track, pay again, cancel, receive
//!                  ├─ session:  browse, search, availability, cart, quote; leave
//!                  ├─ devices:  notice ─► picker: scan, pack, put back
//!                  │                 └──► rider: answer, ride, take the bag, knock
//!                  └─ duty, ping
//! ```

mod badges;
mod customer;
mod floor;
mod foreign;
mod manner;
mod plan;
mod rider;
mod session;
mod town;
mod track;
pub(crate) mod wire;

use std::sync::Arc;
use std::time::Duration;

pub use badges::Badges;
pub use foreign::{shops, wishes};
pub use manner::STEPS;
pub use plan::{Arrivals, ORDERS_LIMIT, Plan, PlanError, Pressure, Spike};
pub use session::SESSIONS_PER_ORDER;
pub use town::{Script, Town};

use crate::record::Step;
use crate::visit::Visit;
use manner::ON_DUTY;
use plan::Role;

/// Where a customer's order stands among the steps: its latency is what people wait for.
pub const ORDER: Step = manner::ORDER;

/// How often the one who hears devices looks whether anything is left to do.
const LOOK: Duration = Duration::from_millis(100);
/// How often somebody at every store looks for work whose notice never came, µs. 5 s, as riders
/// tell where they are.
const TASKS_US: u64 = 5_000_000;
/// How long nobody may do anything until all is over: what the deployment still does about an
/// order that has ended for its customer, it has done by then. 2 s, assumed, grade E.
const QUIET: Duration = Duration::from_secs(2);

/// What an arrival of a [`Plan`] does.
pub async fn journey(town: Arc<Town>, visit: Visit) {
    let city = &town.script.city;
    match Role::of(visit.arrival()) {
        Role::Devices => devices(&town, &visit).await,
        Role::RiderOn(rider) => {
            let mut visit = visit.bearing(town.badge(|badges| badges.rider(rider)));
            let place = city.riders[rider as usize].place;
            let body = serde_json::json!({ "place": wire::WirePlace::from(place) });
            manner::post(&mut visit, ON_DUTY, &format!("/api/riders/{rider}/on"), &body, None)
                .await;
        }
        Role::PickerOn(picker) => {
            let store = city.pickers[picker as usize].store.0;
            let mut visit = visit.bearing(town.badge(|badges| badges.store(store)));
            let path = format!("/api/stores/{store}/pickers/{picker}/on");
            manner::post(&mut visit, ON_DUTY, &path, &serde_json::Value::Null, None).await;
        }
        Role::Ping(rider) => rider::pings(&town, visit, rider, false).await,
        Role::PingAndLook(rider) => rider::pings(&town, visit, rider, true).await,
        Role::Session(number) => session::browses(&town, visit, number).await,
        Role::Customer(number) => {
            town.comes(true);
            customer::lives(&town, visit, number).await;
            town.comes(false);
        }
    }
}

/// Hears what devices get until everything is over.
async fn devices(town: &Arc<Town>, visit: &Visit) {
    let Some(mut notices) = town.listen() else { return };
    let mut quiet = Duration::ZERO;
    let mut look_us = visit.now_us() + TASKS_US;
    while quiet < QUIET {
        if visit.now_us() >= look_us {
            look_us = visit.now_us() + TASKS_US;
            floor::looks(town, visit);
        }
        match tokio::time::timeout(LOOK, notices.recv()).await {
            Ok(Some(notice)) => {
                quiet = Duration::ZERO;
                hears(town, visit, &notice);
            }
            Ok(None) => return,
            Err(_) if town.is_quiet() && visit.is_closed() => quiet += LOOK,
            Err(_) => quiet = Duration::ZERO,
        }
    }
}

fn hears(town: &Arc<Town>, visit: &Visit, notice: &wire::Notice) {
    let (trip, rider) = (notice.trip_id, notice.rider_id);
    match (notice.kind.as_str(), notice.order_id, notice.store_id) {
        ("ask_collect" | "ask_pack" | "ask_put_back", Some(order), Some(store)) => {
            let work = (order.0, notice.line.unwrap_or(0), notice.kind.clone());
            floor::works(town, visit, work, store.0);
        }
        ("ask_rider", ..) => {
            if let (Some(trip), Some(rider)) = (trip, rider) {
                rider::set_out(town, visit, trip.0, rider.0);
            }
        }
        // Riders know from the answers what comes next; what they wait for is a bag.
        ("ask_hand_over", ..) => {
            if let Some(trip) = trip {
                town.wake_trip(trip.0);
            }
        }
        _ => {}
    }
}
