//! Customers, pickers, riders and dispatch: they hear what to do on a screen, and say what they did.

use std::sync::{Arc, Mutex};

use dastak_shell::{Database, Numbers, Rounds, Source, Told};
use domain::delivery::Phase;
use domain::dispatch::{Legs, Params, Policy};
use domain::ids::{OrderId, PickerId, RiderId, SkuId, TripId};
use domain::order::Canceller;
use domain::outside::{Effect, Input};
use domain::payment::Method;
use domain::place::Place;
use domain::stock::Adjustment;
use domain::time::Timestamp;

use crate::world::{CITY, PICKERS, RIDERS, SKUS, STORE, STORE_PLACE, World, cart};

/// Everybody's screens.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    /// What they see is to be done, and do not yet.
    hints: Mutex<Vec<Effect>>,
    /// Where riders are, by their number.
    riders: Mutex<Vec<Place>>,
}

impl Crowd {
    /// What was committed is seen by whoever looks, whether or not anybody was told.
    pub(crate) fn see(&self, told: &Told) {
        self.hints.lock().unwrap().extend(told.hints());
    }
}

/// Everybody looks at their screens.
async fn look(world: Arc<World>) {
    loop {
        let hints = std::mem::take(&mut *world.crowd.hints.lock().unwrap());
        for hint in hints {
            world.core.spawn(act(Arc::clone(&world), hint));
        }
        world.core.idle(None).await;
    }
}

/// Everybody comes to work, and customers begin to arrive.
pub(crate) fn begin(world: &Arc<World>) {
    *world.crowd.riders.lock().unwrap() = vec![STORE_PLACE; RIDERS as usize];
    for picker in (0..PICKERS).map(PickerId) {
        world.core.spawn(picker_works(Arc::clone(world), picker));
    }
    for rider in (0..RIDERS).map(RiderId) {
        world.core.spawn(rider_works(Arc::clone(world), rider));
    }
    for order in 0..world.orders {
        world.core.spawn(customer(Arc::clone(world), OrderId::new(CITY, order as usize)));
    }
    world.core.spawn(look(Arc::clone(world)));
    world.core.spawn(lorry(Arc::clone(world)));
    // Three of them, so that they get in each other's way.
    for at in 0..2 {
        world.core.spawn(rounds(Arc::clone(world), at));
    }
    world.core.spawn(dispatch(Arc::clone(world)));
}

async fn picker_works(world: Arc<World>, picker: PickerId) {
    world.core.sleep(world.core.below(2_000)).await;
    world.say(Source::Platform, &[Input::PickerOn { picker, store: STORE }]).await;
    if picker == PickerId(0) && world.core.happens(300) {
        world.core.sleep(world.core.below(300_000)).await;
        world.say(Source::Platform, &[Input::PickerOff { picker, store: STORE }]).await;
    }
}

/// Brings goods, and counts what is there: somebody always takes something away.
async fn lorry(world: Arc<World>) {
    let core = &world.core;
    for _ in 0..core.below(4) {
        core.sleep(core.below(120_000)).await;
        let sku = SkuId(core.below(SKUS));
        let adjustment = Adjustment::CycleCount;
        let word = if core.happens(500) {
            Input::Receive { store: STORE, sku, units: 1 + core.below(2) }
        } else {
            Input::Adjust { store: STORE, sku, delta_units: -1, adjustment }
        };
        world.say(Source::Platform, &[word]).await;
    }
}

async fn rider_works(world: Arc<World>, rider: RiderId) {
    let on = Input::RiderOn { rider, place: STORE_PLACE };
    world.say(Source::Platform, &[on]).await;
    if world.core.happens(300) {
        world.core.sleep(world.core.below(600_000)).await;
        world.say(Source::Platform, &[Input::RiderOff { rider }]).await;
        world.core.sleep(1_000 + world.core.below(600_000)).await;
        let place = world.crowd.riders.lock().unwrap()[rider.index()];
        world.say(Source::Platform, &[Input::RiderOn { rider, place }]).await;
    }
}

fn door_of(order: OrderId) -> Place {
    let index = i32::try_from(order.index()).unwrap();
    Place { lat_e7: STORE_PLACE.lat_e7 + 20_000 + 5_000 * index, ..STORE_PLACE }
}

async fn customer(world: Arc<World>, order: OrderId) {
    let core = &world.core;
    core.sleep(core.below(90_000)).await;
    world.say(Source::Client, &cart(&world, order)).await;
    core.sleep(core.below(10_000)).await;
    let method = [Method::Upi, Method::Upi, Method::Card, Method::Wallet, Method::Cash]
        [core.below(5) as usize];
    let place = Input::Place {
        order,
        client_ref: order.0,
        customer: domain::ids::CustomerId(u32::try_from(order.index() % 2).unwrap()),
        door: door_of(order),
        method,
        served: !core.happens(20),
    };
    world.say(Source::Client, &[place]).await;
    if core.happens(250) {
        core.sleep(core.below(200_000)).await;
        let canceller = Canceller::Customer;
        world.say(Source::Client, &[Input::Cancel { order, canceller }]).await;
    }
}

/// Rides at about 18 km/h, a third longer than the straight line.
struct Lanes;

impl Legs for Lanes {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a short way")]
    fn leg_ms(&self, from: Place, to: Place, _: Timestamp) -> u32 {
        (from.straight_m(to) * 1.3 * 200.0) as u32
    }
}

/// Holds rounds at a replica while somebody waits.
async fn rounds(world: Arc<World>, at: usize) {
    let core = &world.core;
    loop {
        if !world.memory.orders().iter().any(|(_, row)| row.is_waiting()) {
            core.idle(None).await;
            continue;
        }
        core.sleep(2_000 + core.below(5_000)).await;
        let Some(shell) = world.up(at) else { continue };
        let (policy, params) = (Policy::Batched, Params::default());
        let mut rounds = Rounds::new(&shell, policy, params, Lanes, vec![STORE_PLACE]);
        // Whoever crashes in a round holds the next one.
        let _held = world.at_replica(at, rounds.hold(None)).await;
    }
}

/// Puts orders that wait to riders, whoever seems free.
async fn dispatch(world: Arc<World>) {
    let core = &world.core;
    loop {
        let orders = world.memory.orders();
        let waits = orders.iter().filter(|(_, row)| row.is_waiting());
        let waiting: Vec<OrderId> = waits.map(|(order, _)| *order).collect();
        let riders = world.memory.riders();
        let idle: Vec<RiderId> =
            riders.iter().filter(|(_, row)| row.state.is_idle()).map(|(rider, _)| *rider).collect();
        if waiting.is_empty() {
            core.idle(None).await;
            continue;
        }
        core.sleep(500 + core.below(60_000)).await;
        if idle.is_empty() {
            core.sleep(20_000).await;
            continue;
        }
        let pick = |count: usize| core.below(u32::try_from(count).unwrap()) as usize;
        let first = waiting[pick(waiting.len())];
        let second = waiting[pick(waiting.len())];
        let rider = idle[pick(idle.len())];
        let number = world.memory.draw(Numbers::Trips, 1).await.unwrap();
        let trip = TripId(u32::try_from(number).unwrap());
        world.say(Source::Platform, &[Input::Offer { trip, rider, first, second }]).await;
    }
}

/// Somebody does what a screen says.
async fn act(world: Arc<World>, effect: Effect) {
    let core = &world.core;
    match effect {
        Effect::AskCustomer { order } => {
            core.sleep(1_000 + core.below(60_000)).await;
            let method = [Method::Upi, Method::Card, Method::Cash][core.below(3) as usize];
            let again = core.happens(700);
            world.say(Source::Client, &[Input::Decide { order, again, method }]).await;
        }
        Effect::Collect { order, line, .. } => {
            core.sleep(2_000 + core.below(20_000)).await;
            let units = if core.happens(150) { core.below(2) } else { 9 };
            world.say(Source::Platform, &[Input::Sought { order, line, units }]).await;
        }
        Effect::Pack { order, .. } => {
            core.sleep(5_000).await;
            world.say(Source::Platform, &[Input::BagPacked { order }]).await;
        }
        Effect::PutBack { order, .. } => {
            core.sleep(10_000).await;
            world.say(Source::Platform, &[Input::PutBackDone { order }]).await;
        }
        Effect::AskRider { trip, .. } => answer(&world, trip).await,
        Effect::RideToStore { trip, rider, .. } => {
            if core.happens(100) {
                core.sleep(core.below(30_000)).await;
                let place = world.crowd.riders.lock().unwrap()[rider.index()];
                world.say(Source::Platform, &[Input::RiderLost { trip, place }]).await;
            } else {
                ride(&world, trip, rider, STORE_PLACE).await;
            }
        }
        Effect::HandOver { trip, order, .. } => {
            core.sleep(2_000 + core.below(20_000)).await;
            world.say(Source::Platform, &[Input::BagTaken { trip, order }]).await;
        }
        Effect::RideToDoor { trip, rider, order } => {
            ride(&world, trip, rider, door_of(order)).await
        }
        Effect::Knock { trip, .. } => {
            core.sleep(5_000 + core.below(60_000)).await;
            let taken = !core.happens(100);
            world.say(Source::Platform, &[Input::DoorDone { trip, taken }]).await;
        }
        Effect::RideBack { trip, rider, .. } => ride(&world, trip, rider, STORE_PLACE).await,
        _ => {}
    }
}

async fn answer(world: &Arc<World>, trip: TripId) {
    let core = &world.core;
    let said = core.below(10);
    // Some answers come when the offer is over.
    core.sleep(1_000 + core.below(35_000)).await;
    if said < 9 {
        let accepts = said < 7;
        world.say(Source::Platform, &[Input::Answer { trip, accepts }]).await;
    }
}

/// Rides to a place at about 18 km/h and says so, unless the ride is called off meanwhile.
async fn ride(world: &Arc<World>, trip: TripId, rider: RiderId, place: Place) {
    let core = &world.core;
    core.sleep(1_000).await;
    let from = core.now();
    let origin = world.crowd.riders.lock().unwrap()[rider.index()];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a short way")]
    let leg_m = (origin.straight_m(place) * 1.3) as u32 + 1;
    core.sleep(1_000 + leg_m * 200).await;
    let is_riding = world.memory.trip(trip).is_some_and(|row| {
        matches!(row.state.phase, Phase::ToStore | Phase::ToDoor(_) | Phase::Back)
    });
    if !is_riding {
        return;
    }
    world.crowd.riders.lock().unwrap()[rider.index()] = place;
    let reached = Input::Reached { trip, from, origin, place, leg_m };
    world.say(Source::Platform, &[reached]).await;
}
