//! Stores: pickers come and go, take pick lists, look for lines, pack, put back.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::dispatch::request::Status as Wait;
use domain::ids::{OrderId, PickerId, SkuId, StoreId};
use domain::outside::Input;
use domain::picking::Status;
use domain::stock::{Adjustment, Slot};
use shell::{Key as RowKey, Order, Serving};

use super::customer::{order_left, order_row};
use crate::api::{Api, Doc};
use crate::app::{InWorld, Shared, World};
use crate::auth::May;
use crate::backend::Backend;
use crate::extract::{At, Json, Key};
use crate::problem::Problem;
use crate::wire::json;
use crate::wire::store::{Counted, Found, Received, TaskShown, TasksShown};

/// Pick lists that one answer shows.
const TASKS_LIMIT: usize = 200;
/// Units that arrive at once.
const RECEIVE_LIMIT: u32 = 1_000_000;

pub(super) fn routes<B: Backend>(api: Api<B>) -> Api<B> {
    let (may, none) = (May::Store, StatusCode::NO_CONTENT);
    let store = |what: &str| format!("/api/stores/{{store}}/{what}");
    let picker = |what: &str| format!("/api/stores/{{store}}/pickers/{{picker}}/{what}");
    let task = |what: &str| format!("/api/stores/{{store}}/tasks/{{order}}/{what}");
    let shows = |what: &str| Doc::says(what).keyed(false).gives::<TaskShown>(StatusCode::OK);
    let does = |what: &str| Doc::says(what).answers(none, None);
    let lists = Doc::says("Pick lists that wait or are under way.");
    let takes = Doc::says("The pick list that the picker works on.").answers(none, None);
    api.get(&store("tasks"), may, tasks::<B>, lists.gives::<TasksShown>(StatusCode::OK))
        .post(
            &store("receive"),
            may,
            receive::<B>,
            does("Units arrived.").keyed(true).takes::<Received>(),
        )
        .post(
            &store("count"),
            may,
            count::<B>,
            does("Units of a SKU were counted.").keyed(true).takes::<Counted>(),
        )
        .post(&picker("on"), may, on::<B>, does("A picker's shift begins."))
        .post(&picker("off"), may, off::<B>, does("A picker's shift ends."))
        .post(&picker("take"), may, take::<B>, takes.gives::<TaskShown>(StatusCode::OK))
        .post(&task("scan"), may, found::<B>, shows("Units found.").takes::<Found>())
        .post(&task("short"), may, found::<B>, shows("Fewer units found.").takes::<Found>())
        .post(&task("pack"), may, pack::<B>, shows("The bag is packed."))
        .post(&task("hand-over"), may, hand_over::<B>, shows("The bag is with the rider."))
        .post(&task("put-back"), may, put_back::<B>, shows("Everything is back on the shelf."))
}

fn store_in<B: Backend>(app: &Shared<B>, store: u32) -> Result<(InWorld<B>, StoreId), Problem> {
    let (world, store) = (app.world()?, StoreId(store));
    let is_known = store.index() < world.catalogue.sites.len();
    is_known.then_some((world, store)).ok_or_else(|| Problem::not_found("store"))
}

/// `GET /api/stores/{store}/tasks`: pick lists that wait, and those that pickers work on.
async fn tasks<B: Backend>(
    State(app): State<Shared<B>>,
    At(store): At<u32>,
) -> Result<Response, Problem> {
    let (world, store) = store_in(&app, store)?;
    let tasks = open_tasks(&world, store).await?;
    let tasks = tasks.iter().filter_map(|(order, row)| TaskShown::of(*order, row)).collect();
    Ok(json(StatusCode::OK, &TasksShown { tasks }))
}

/// The orders of a store whose pick lists are not done, those under way first.
async fn open_tasks<D: Serving>(
    world: &World<D>,
    store: StoreId,
) -> Result<Vec<(OrderId, Order)>, Problem> {
    // Lists go from waiting to under way, so that none is missed in this order.
    let rows = world.load(&[RowKey::Floor(store)]).await?;
    let mut orders = world.shell.database().under_way(store, TASKS_LIMIT).await?;
    let waiting = rows.floors.iter().flat_map(|read| read.state().parts().waiting);
    let waiting: Vec<OrderId> = waiting.filter(|order| !orders.contains(order)).collect();
    orders.extend(waiting);
    orders.truncate(TASKS_LIMIT);
    let keys: Vec<RowKey> = orders.into_iter().map(RowKey::Order).collect();
    let rows = world.load(&keys).await?;
    let mut open = Vec::new();
    for read in rows.orders.iter() {
        match read.state().task.status {
            Status::Queued
            | Status::Collecting(_)
            | Status::Packing(_)
            | Status::PuttingBack(_) => open.push((read.key, read.state().clone())),
            Status::None | Status::Packed | Status::HandedOver | Status::Closed => {}
        }
    }
    Ok(open)
}

/// `POST /api/stores/{store}/pickers/{picker}/take`: the pick list that the picker works on. The
/// floor gives lists out in the order they came, as soon as a picker is idle.
async fn take<B: Backend>(
    State(app): State<Shared<B>>,
    At((store, picker)): At<(u32, u32)>,
) -> Result<Response, Problem> {
    let (world, store) = store_in(&app, store)?;
    let picker = PickerId(picker);
    for (order, row) in open_tasks(&world, store).await? {
        let on_it = match row.task.status {
            Status::Collecting(at) | Status::Packing(at) | Status::PuttingBack(Some(at)) => {
                Some(at)
            }
            Status::None
            | Status::Queued
            | Status::Packed
            | Status::HandedOver
            | Status::PuttingBack(None)
            | Status::Closed => None,
        };
        if on_it == Some(picker) {
            return Ok(json(StatusCode::OK, &TaskShown::of(order, &row)));
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /api/stores/{store}/pickers/{picker}/on`.
async fn on<B: Backend>(
    State(app): State<Shared<B>>,
    At((store, picker)): At<(u32, u32)>,
) -> Result<StatusCode, Problem> {
    shift(&app, store, picker, true).await
}

/// `POST /api/stores/{store}/pickers/{picker}/off`.
async fn off<B: Backend>(
    State(app): State<Shared<B>>,
    At((store, picker)): At<(u32, u32)>,
) -> Result<StatusCode, Problem> {
    shift(&app, store, picker, false).await
}

/// A picker's shift begins or ends; one that has already is left alone.
async fn shift<B: Backend>(
    app: &Shared<B>,
    store: u32,
    picker: u32,
    begins: bool,
) -> Result<StatusCode, Problem> {
    let (world, store) = store_in(app, store)?;
    let picker = PickerId(picker);
    if world.pickers.get(picker.index()) != Some(&store) {
        return Err(Problem::not_found("picker"));
    }
    let on = Input::PickerOn { picker, store };
    let off = Input::PickerOff { picker, store };
    app.say(&world, app.name("shift", None), &[if begins { on } else { off }]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/stores/{store}/tasks/{order}/scan` and `short`: a picker has looked for a line.
async fn found<B: Backend>(
    State(app): State<Shared<B>>,
    At((store, order)): At<(u32, u64)>,
    Key(key): Key,
    Json(Found { line, units }): Json<Found>,
) -> Result<Response, Problem> {
    let order = OrderId(order);
    did(&app, store, order, "scan", key, Input::Sought { order, line, units }).await
}

/// `POST /api/stores/{store}/tasks/{order}/pack`: the bag is packed.
async fn pack<B: Backend>(
    State(app): State<Shared<B>>,
    At((store, order)): At<(u32, u64)>,
    Key(key): Key,
) -> Result<Response, Problem> {
    let order = OrderId(order);
    did(&app, store, order, "pack", key, Input::BagPacked { order }).await
}

/// `POST /api/stores/{store}/tasks/{order}/hand-over`: the same word as the rider's *picked up*;
/// whoever says it second is not needed.
async fn hand_over<B: Backend>(
    State(app): State<Shared<B>>,
    At((store, order)): At<(u32, u64)>,
    Key(key): Key,
) -> Result<Response, Problem> {
    let order = OrderId(order);
    let row = order_row(&*app.world()?, order).await?;
    let Wait::OnTrip(trip) = row.request.status else {
        return Err(Problem::conflict("no rider is here for this order"));
    };
    did(&app, store, order, "hand-over", key, Input::BagTaken { trip, order }).await
}

/// `POST /api/stores/{store}/tasks/{order}/put-back`: everything is back on the shelf.
async fn put_back<B: Backend>(
    State(app): State<Shared<B>>,
    At((store, order)): At<(u32, u64)>,
    Key(key): Key,
) -> Result<Response, Problem> {
    let order = OrderId(order);
    did(&app, store, order, "put-back", key, Input::PutBackDone { order }).await
}

/// Somebody did something about a pick list; answers how it stands now.
async fn did<B: Backend>(
    app: &Shared<B>,
    store: u32,
    order: OrderId,
    what: &str,
    key: Option<String>,
    word: Input,
) -> Result<Response, Problem> {
    let (world, store) = store_in(app, store)?;
    let task = |row: &Order| {
        let task = TaskShown::of(order, row).filter(|_| row.store == store);
        task.ok_or_else(|| Problem::not_found("pick list"))
    };
    task(&order_row(&world, order).await?)?;
    let name = app.name(&format!("{what}\n{}", order.0), key.as_deref());
    let left = app.say(&world, name, &[word]).await?;
    Ok(json(StatusCode::OK, &task(&order_left(&world, &left, order).await?)?))
}

/// `POST /api/stores/{store}/receive`: units arrived. The key says which delivery it was.
async fn receive<B: Backend>(
    State(app): State<Shared<B>>,
    At(store): At<u32>,
    Key(key): Key,
    Json(Received { sku_id, units }): Json<Received>,
) -> Result<StatusCode, Problem> {
    let (world, store) = store_in(&app, store)?;
    let key = key.ok_or_else(|| Problem::bad_request("a receipt needs an Idempotency-Key"))?;
    let sku = SkuId(sku_id.0);
    if sku.index() >= world.catalogue.skus.len() || !(1..=RECEIVE_LIMIT).contains(&units) {
        return Err(Problem::bad_request(format!("a known SKU and 1 to {RECEIVE_LIMIT} units")));
    }
    let name = app.name(&format!("receive\n{}", store.0), Some(&key));
    app.say(&world, name, &[Input::Receive { store, sku, units }]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/stores/{store}/count`: what is on the shelf, reserved units included. The record is
/// corrected by the difference. The key says which count it was.
async fn count<B: Backend>(
    State(app): State<Shared<B>>,
    At(store): At<u32>,
    Key(key): Key,
    Json(Counted { sku_id, on_hand_units }): Json<Counted>,
) -> Result<StatusCode, Problem> {
    let (world, store) = store_in(&app, store)?;
    let key = key.ok_or_else(|| Problem::bad_request("a count needs an Idempotency-Key"))?;
    let sku = SkuId(sku_id.0);
    if sku.index() >= world.catalogue.skus.len() || on_hand_units > RECEIVE_LIMIT {
        return Err(Problem::bad_request(format!("a known SKU and at most {RECEIVE_LIMIT} units")));
    }
    let rows = world.load(&[RowKey::Slot((store, sku))]).await?;
    let on_hand = |slot: &Slot| slot.free_units + slot.reserved_units;
    let on_record = rows.slots.iter().next().map_or(0, |read| on_hand(read.state()));
    let delta = i64::from(on_hand_units) - i64::from(on_record);
    let delta_units = i32::try_from(delta).map_err(|_| Problem::bad_request("too many units"))?;
    if delta_units != 0 {
        let name = app.name(&format!("count\n{}", store.0), Some(&key));
        let adjustment = Adjustment::CycleCount;
        app.say(&world, name, &[Input::Adjust { store, sku, delta_units, adjustment }]).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
