//! Riders: on and off duty, offers, rides, bags, doors.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::delivery::{self, Phase, StopStatus};
use domain::ids::{OrderId, RiderId, TripId};
use domain::outside::Input;
use domain::rider::Duty;
use shell::{Database, Key as RowKey, Rider, Rows, Trip};

use super::customer::order_left;
use crate::api::{Api, Doc};
use crate::app::{InWorld, Shared, World};
use crate::auth::May;
use crate::backend::Backend;
use crate::extract::{At, Json, Key};
use crate::problem::Problem;
use crate::wire::rider::{Bag, Here, OffersShown, Ridden, RiderShown, Todo, wanted};
use crate::wire::{Decimal, json};

type Path = At<(u32, u32)>;

pub(super) fn routes<B: Backend>(api: Api<B>) -> Api<B> {
    let rider = |what: &str| format!("/api/riders/{{rider}}{what}");
    let shows = |what: &str| Doc::says(what).gives::<RiderShown>(StatusCode::OK);
    let api = api
        .get(&rider(""), May::Rider, show::<B>, shows("Where the rider stands, and what to do."))
        .get(
            &rider("/offers"),
            May::Rider,
            offers::<B>,
            Doc::says("The offer that waits for an answer.").gives::<OffersShown>(StatusCode::OK),
        )
        .post(&rider("/on"), May::Rider, on::<B>, shows("The shift begins.").takes::<Here>())
        .post(&rider("/off"), May::Rider, off::<B>, shows("The shift ends after the trip."))
        .post(
            &rider("/location"),
            May::Rider,
            location::<B>,
            Doc::says("Where the rider is, for whoever tracks an order.")
                .takes::<Here>()
                .answers(StatusCode::NO_CONTENT, None),
        );
    trip_routes(api)
}

fn trip_routes<B: Backend>(api: Api<B>) -> Api<B> {
    let trip = |what: &str| format!("/api/riders/{{rider}}/trips/{{trip}}/{what}");
    let shows = |what: &str| Doc::says(what).keyed(false).gives::<RiderShown>(StatusCode::OK);
    let may = May::Rider;
    api.post(&trip("accept"), may, accept::<B>, shows("Takes the offer."))
        .post(&trip("reject"), may, reject::<B>, shows("Refuses the offer."))
        .post(&trip("arrived"), may, ridden::<B>, shows("At the store or door.").takes::<Ridden>())
        .post(&trip("returned"), may, ridden::<B>, shows("Back at the store.").takes::<Ridden>())
        .post(&trip("picked-up"), may, picked_up::<B>, shows("Has a bag.").takes::<Bag>())
        .post(&trip("delivered"), may, delivered::<B>, shows("Somebody took the bag."))
        .post(&trip("failed"), may, failed::<B>, shows("Nobody took the bag."))
        .post(&trip("lost"), may, lost::<B>, shows("Cannot go on.").takes::<Here>())
}

/// `POST /api/riders/{rider}/location`.
async fn location<B: Backend>(
    State(app): State<Shared<B>>,
    At(rider): At<u32>,
    Json(Here { place }): Json<Here>,
) -> Result<StatusCode, Problem> {
    let (_, rider) = rider_in(&app, rider)?;
    app.places.note(rider, place.into());
    Ok(StatusCode::NO_CONTENT)
}

fn rider_in<B: Backend>(app: &Shared<B>, rider: u32) -> Result<(InWorld<B>, RiderId), Problem> {
    let (world, rider) = (app.world()?, RiderId(rider));
    let is_known = rider.index() < world.catalogue.riders.len();
    is_known.then_some((world, rider)).ok_or_else(|| Problem::not_found("rider"))
}

/// `GET /api/riders/{rider}`: where the rider stands, and what to do now.
async fn show<B: Backend>(
    State(app): State<Shared<B>>,
    At(rider): At<u32>,
) -> Result<Response, Problem> {
    let (world, rider) = rider_in(&app, rider)?;
    shown(&world, &Rows::default(), rider).await
}

/// `GET /api/riders/{rider}/offers`.
async fn offers<B: Backend>(
    State(app): State<Shared<B>>,
    At(rider): At<u32>,
) -> Result<Response, Problem> {
    let (world, rider) = rider_in(&app, rider)?;
    let row = rider_row(&world, &Rows::default(), rider).await?;
    let todo = todo(&world, &Rows::default(), &row).await?.filter(|todo| todo.what == "answer");
    Ok(json(StatusCode::OK, &OffersShown { offers: todo.into_iter().collect() }))
}

/// `POST /api/riders/{rider}/on`. Who is on duty already stays where they are.
async fn on<B: Backend>(
    State(app): State<Shared<B>>,
    At(rider): At<u32>,
    Json(Here { place }): Json<Here>,
) -> Result<Response, Problem> {
    let (world, rider) = rider_in(&app, rider)?;
    let mut left = world.load(&[RowKey::Rider(rider)]).await?;
    if rider_row(&world, &left, rider).await?.state.duty == Duty::Off {
        let on = Input::RiderOn { rider, place: place.into() };
        left = app.say_having_seen(left, &world, app.name("on", None), &[on]).await?;
    }
    shown(&world, &left, rider).await
}

/// `POST /api/riders/{rider}/off`. Who is on a trip finishes it first.
async fn off<B: Backend>(
    State(app): State<Shared<B>>,
    At(rider): At<u32>,
) -> Result<Response, Problem> {
    let (world, rider) = rider_in(&app, rider)?;
    let left = app.say(&world, app.name("off", None), &[Input::RiderOff { rider }]).await?;
    shown(&world, &left, rider).await
}

/// `POST .../accept`.
async fn accept<B: Backend>(
    State(app): State<Shared<B>>,
    path: Path,
    key: Key,
) -> Result<Response, Problem> {
    did(&app, path, "answer", key, |trip| Input::Answer { trip, accepts: true }).await
}

/// `POST .../reject`.
async fn reject<B: Backend>(
    State(app): State<Shared<B>>,
    path: Path,
    key: Key,
) -> Result<Response, Problem> {
    did(&app, path, "answer", key, |trip| Input::Answer { trip, accepts: false }).await
}

/// `POST .../arrived` and `.../returned`: the rider is where they were riding to.
async fn ridden<B: Backend>(
    State(app): State<Shared<B>>,
    path: Path,
    key: Key,
    Json(ridden): Json<Ridden>,
) -> Result<Response, Problem> {
    did(&app, path, "ridden", key, |trip| ridden.input(trip)).await
}

/// `POST .../picked-up`.
async fn picked_up<B: Backend>(
    State(app): State<Shared<B>>,
    path: Path,
    key: Key,
    Json(Bag { order_id }): Json<Bag>,
) -> Result<Response, Problem> {
    let order = OrderId(order_id.0);
    did(&app, path, "picked-up", key, |trip| Input::BagTaken { trip, order }).await
}

/// `POST .../delivered`.
async fn delivered<B: Backend>(
    State(app): State<Shared<B>>,
    path: Path,
    key: Key,
) -> Result<Response, Problem> {
    did(&app, path, "door", key, |trip| Input::DoorDone { trip, taken: true }).await
}

/// `POST .../failed`: nobody took the bag.
async fn failed<B: Backend>(
    State(app): State<Shared<B>>,
    path: Path,
    key: Key,
) -> Result<Response, Problem> {
    did(&app, path, "door", key, |trip| Input::DoorDone { trip, taken: false }).await
}

/// `POST .../lost`: the rider cannot go on.
async fn lost<B: Backend>(
    State(app): State<Shared<B>>,
    path: Path,
    key: Key,
    Json(Here { place }): Json<Here>,
) -> Result<Response, Problem> {
    did(&app, path, "lost", key, |trip| Input::RiderLost { trip, place: place.into() }).await
}

/// The rider did something on a trip of theirs; answers what to do next.
async fn did<B: Backend>(
    app: &Shared<B>,
    At((rider, trip)): Path,
    what: &str,
    Key(key): Key,
    word: impl FnOnce(TripId) -> Input,
) -> Result<Response, Problem> {
    let (world, rider) = rider_in(app, rider)?;
    let trip = TripId(trip);
    let seen = world.load(&[RowKey::Trip(trip)]).await?;
    let row = trip_row(&world, &seen, trip).await?;
    if row.state.phase == Phase::New || row.state.rider != rider {
        return Err(Problem::not_found("trip of this rider"));
    }
    let name = app.name(&format!("{what}\n{}", trip.0), key.as_deref());
    let left = app.say_having_seen(seen, &world, name, &[word(trip)]).await?;
    shown(&world, &left, rider).await
}

/// Where the rider stands, from rows as words left them as far as those tell.
async fn shown<D: Database>(
    world: &World<D>,
    left: &Rows,
    rider: RiderId,
) -> Result<Response, Problem> {
    let row = rider_row(world, left, rider).await?;
    let todo = todo(world, left, &row).await?;
    Ok(json(StatusCode::OK, &RiderShown::of(rider, &row, todo)))
}

async fn rider_row<D: Database>(
    world: &World<D>,
    left: &Rows,
    rider: RiderId,
) -> Result<Rider, Problem> {
    if let Some(read) = left.riders.iter().find(|read| read.key == rider) {
        return Ok(*read.state());
    }
    let rows = world.load(&[RowKey::Rider(rider)]).await?;
    Ok(rows.riders.iter().next().map(|read| *read.state()).unwrap_or_default())
}

async fn trip_row<D: Database>(
    world: &World<D>,
    left: &Rows,
    trip: TripId,
) -> Result<Trip, Problem> {
    if let Some(read) = left.trips.iter().find(|read| read.key == trip) {
        return Ok(*read.state());
    }
    let rows = world.load(&[RowKey::Trip(trip)]).await?;
    Ok(rows.trips.iter().next().map(|read| *read.state()).unwrap_or_default())
}

/// What the rider is to do now; none without a trip.
async fn todo<D: Database>(
    world: &World<D>,
    left: &Rows,
    rider: &Rider,
) -> Result<Option<Todo>, Problem> {
    let Some(trip) = rider.state.trip else { return Ok(None) };
    let row = trip_row(world, left, trip).await?;
    let delivery::State { phase, store, stops, .. } = row.state;
    let site = world.catalogue.sites[store.index()].place;
    let on_trip = stops.iter().filter(|stop| stop.status != StopStatus::Absent);
    let plain = |what| Todo {
        trip_id: Decimal(trip.0),
        what,
        store_id: Decimal(store.0),
        orders: on_trip.clone().map(|stop| Decimal(stop.order.0)).collect(),
        order_id: None,
        place: Some(site.into()),
        answer_by_us: None,
    };
    let at_door = async |what, stop: u8| {
        let order = stops[usize::from(stop)].order;
        let (order_id, place) = wanted(order, order_left(world, left, order).await?.door);
        Ok::<Todo, Problem>(Todo { order_id, place, ..plain(what) })
    };
    Ok(Some(match phase {
        Phase::New | Phase::Ended => return Ok(None),
        Phase::Offered => Todo { answer_by_us: Some(row.offered_until.0), ..plain("answer") },
        Phase::ToStore => plain("ride_to_store"),
        Phase::AtStore => match stops.iter().find(|stop| stop.status == StopStatus::Handing) {
            Some(stop) => {
                let (order_id, place) = wanted(stop.order, site);
                Todo { order_id, place, ..plain("take_bag") }
            }
            None => plain("wait"),
        },
        Phase::ToDoor(stop) => at_door("ride_to_door", stop).await?,
        Phase::AtDoor(stop) => at_door("knock", stop).await?,
        Phase::Back => plain("ride_back"),
    }))
}
