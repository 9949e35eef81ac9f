//! Customers: quotes, orders, cancelling, paying again.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::cart::Command;
use domain::eta;
use domain::ids::{CustomerId, OrderId, SkuId, StoreId};
use domain::money::Paise;
use domain::order::{Canceller, Line, Stage};
use domain::outside::Input;
use domain::payment::Method;
use domain::place::Place;
use domain::time::{Millis, Timestamp};
use shell::mutant::{self, Mutant};
use shell::{Accounts, Clock, Database, Key as RowKey, Numbers, Order, Rows};
use tokio::time::Instant;
use tracing::Instrument;

use crate::api::{Api, Doc};
use crate::app::{Shared, World};
use crate::at_hand::tell_cart_of;
use crate::auth::{Customer, May};
use crate::backend::Backend;
use crate::extract::{At, Json, Key};
use crate::problem::Problem;
use crate::wire::customer::{
    CartLine, OrderAsked, OrderShown, OrderTaken, PayAgain, QuoteAsked, QuoteGiven, method_of,
};
use crate::wire::{Decimal, json};
use crate::world::CART_LIMIT;

/// Lines of a cart, and units of a line.
const LINES_LIMIT: usize = 100;
const UNITS_LIMIT: u32 = 100_000;

pub(super) fn routes<B: Backend>(api: Api<B>) -> Api<B> {
    let order_path = "/api/orders/{order}";
    api.post(
        "/api/quotes",
        May::Customer,
        quote::<B>,
        Doc::says("Quotes lines, or the customer's cart.")
            .takes::<QuoteAsked>()
            .gives::<QuoteGiven>(StatusCode::CREATED),
    )
    .post(
        "/api/orders",
        May::Customer,
        order::<B>,
        Doc::says("Places an order on a quote; paying may still be under way.")
            .keyed(true)
            .takes::<OrderAsked>()
            .gives::<OrderTaken>(StatusCode::CREATED),
    )
    .get(
        order_path,
        May::Customer,
        show::<B>,
        Doc::says("One of the customer's orders.").gives::<OrderShown>(StatusCode::OK),
    )
    .post(
        &format!("{order_path}/cancel"),
        May::Customer,
        cancel::<B>,
        Doc::says("Cancels an order.").keyed(false).gives::<OrderShown>(StatusCode::OK),
    )
    .post(
        &format!("{order_path}/payment"),
        May::Customer,
        pay_again::<B>,
        Doc::says("Answers after a failed attempt to pay.")
            .keyed(false)
            .takes::<PayAgain>()
            .gives::<OrderShown>(StatusCode::OK),
    )
}

/// `POST /api/quotes`.
async fn quote<B: Backend>(
    State(app): State<Shared<B>>,
    Customer(customer): Customer,
    Json(mut asked): Json<QuoteAsked>,
) -> Result<Response, Problem> {
    let world = app.world()?;
    let is_of_cart = asked.lines.is_empty();
    if is_of_cart {
        let cart = world.shell.database().cart(customer).await?.state;
        let line = |line: &Line| CartLine { sku_id: Decimal(line.sku.0), units: line.units };
        asked.lines = cart.lines.iter().map(line).collect();
    }
    let store = StoreId(asked.store_id.0);
    if store.index() >= world.catalogue.sites.len() {
        return Err(Problem::not_found("store"));
    }
    check(&world, &asked)?;
    let number = world.shell.database().draw(Numbers::Orders, 1).await?;
    let arrival = usize::try_from(number).expect("targets have 64 bits");
    let order = OrderId::new(world.business.city, arrival);
    let promise_by = promise_by(&world, store, asked.door.into(), asked.lines.len()).await?;
    let mut words = cart(&world, order, store, &asked);
    words.push(Input::Quote { order, raining: asked.raining, promise_by });
    app.say(&world, app.name("quote", None), &words).await?;
    if is_of_cart {
        tell_cart_of(&app, &world, customer, Command::Checkout { order }).await?;
    }
    let row = order_row(&world, order).await?;
    let given = QuoteGiven::of(order, &row).ok_or_else(|| Problem::conflict("no quote"))?;
    Ok(json(StatusCode::CREATED, &given))
}

/// Whether a cart can be quoted at all.
fn check<D>(world: &World<D>, asked: &QuoteAsked) -> Result<(), Problem> {
    let lines = &asked.lines;
    if !(1..=LINES_LIMIT).contains(&lines.len()) {
        return Err(Problem::bad_request(format!("a cart has 1 to {LINES_LIMIT} lines")));
    }
    let mut total = Paise::ZERO;
    for (at, line) in lines.iter().enumerate() {
        if lines[..at].iter().any(|other| other.sku_id == line.sku_id) {
            return Err(Problem::bad_request("a cart has one line for each SKU"));
        }
        if !(1..=UNITS_LIMIT).contains(&line.units) {
            return Err(Problem::bad_request(format!("a line has 1 to {UNITS_LIMIT} units")));
        }
        let sku = world.catalogue.skus.get(SkuId(line.sku_id.0).index());
        total += sku.ok_or_else(|| Problem::not_found("SKU"))?.mrp.times(line.units);
    }
    if total > CART_LIMIT {
        return Err(Problem::bad_request(format!("a cart has at most {} paise", CART_LIMIT.0)));
    }
    Ok(())
}

fn cart<D>(world: &World<D>, order: OrderId, store: StoreId, asked: &QuoteAsked) -> Vec<Input> {
    let line = |(line, of): (u16, &CartLine)| {
        let id = SkuId(of.sku_id.0);
        let sku = world.catalogue.skus[id.index()];
        Input::CartLine {
            order,
            store,
            line,
            sku: id,
            units: of.units,
            price: sku.price,
            mrp: sku.mrp,
            gst: sku.gst,
        }
    };
    (0..).zip(&asked.lines).map(line).collect()
}

/// What a customer is promised who orders now.
async fn promise_by<D: Database>(
    world: &World<D>,
    store: StoreId,
    door: Place,
    lines: usize,
) -> Result<Timestamp, Problem> {
    let rows = world.load(&[RowKey::Floor(store)]).await?;
    let floor = rows.floors.iter().next().map(|read| read.state().clone()).unwrap_or_default();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (pickers, idle) = (floor.on_duty(), count(floor.idle()));
    let sites = world.catalogue.sites.len();
    let riders = count(world.catalogue.riders.len() / sites);
    let (unassigned, idle_riders) = world.last_round();
    let unassigned = count(unassigned / sites);
    let business = &world.business;
    let load = eta::Load {
        queued: count(floor.waiting()),
        picking: pickers.saturating_sub(idle),
        pickers,
        unassigned,
        open_orders: unassigned,
        riders,
        idle_riders: count(idle_riders / sites),
    };
    let view = eta::View {
        load,
        pick: world.shell.setup().pick_mean(lines),
        ride: business.rides.ride(world.catalogue.sites[store.index()].place, door),
        extra: Millis::ZERO,
    };
    let promise = eta::promise(business.promise, &view, &business.rules.eta);
    Ok(world.shell.clock().now() + promise)
}

/// `POST /api/orders`. The same key and body are answered with the same bytes.
async fn order<B: Backend>(
    State(app): State<Shared<B>>,
    Customer(customer): Customer,
    Key(key): Key,
    Json(asked): Json<OrderAsked>,
) -> Result<Response, Problem> {
    let (_placing, began) = (app.metrics.placing(), Instant::now());
    let key = key.ok_or_else(|| Problem::bad_request("an order needs an Idempotency-Key"))?;
    let method = method_of(&asked.method)?;
    let world = app.world()?;
    let order = OrderId(asked.quote_id.0);
    let (client_ref, door) = (asked.client_ref.0, Place::from(asked.door));
    let quoted = order_row(&world, order).await?;
    let served = world.catalogue.sites[quoted.store.index()].serves(door);
    let name = app.name(&format!("order\n{}", customer.0), Some(&key));
    let place = Input::Place { order, client_ref, customer, door, method, served };
    let items = quoted.lines.len();
    let taken = OrderTaken { order_id: Decimal(order.0), client_ref: Decimal(client_ref) };
    if mutant::is(Mutant::AcksEarly) {
        tokio::spawn(async move {
            tokio::time::sleep(mutant::LATER).await;
            drop(app.say(&world, name, &[place]).await);
        });
        return Ok(json(StatusCode::CREATED, &taken));
    }
    let span = tracing::info_span!("order-validation", user.id = customer.0, order.items = items);
    let left = app.say(&world, name, &[place]).instrument(span).await?;
    let row = order_left(&world, &left, order).await?;
    let is_theirs = (row.customer, row.client_ref) == (customer, client_ref);
    if !is_theirs && !mutant::is(Mutant::IgnoresBody) {
        return Err(Problem::conflict("the quote is somebody else's order"));
    }
    if asked.from_cart {
        tell_cart_of(&app, &world, customer, Command::Convert).await?;
    }
    app.metrics.took(began.elapsed());
    tracing::info!(order_id = order.0, user.id = customer.0, "order taken");
    Ok(json(StatusCode::CREATED, &taken))
}

/// `GET /api/orders/{order}`.
async fn show<B: Backend>(
    State(app): State<Shared<B>>,
    Customer(customer): Customer,
    At(order): At<u64>,
) -> Result<Response, Problem> {
    let order = OrderId(order);
    shown(customer, order, order_row(&*app.world()?, order).await?)
}

/// `POST /api/orders/{order}/cancel`.
async fn cancel<B: Backend>(
    State(app): State<Shared<B>>,
    Customer(customer): Customer,
    At(order): At<u64>,
    Key(key): Key,
) -> Result<Response, Problem> {
    let (world, order) = (app.world()?, OrderId(order));
    placed(&world, customer, order).await?;
    let name = app.name(&format!("cancel\n{}", order.0), key.as_deref());
    let canceller = Canceller::Customer;
    let left = app.say(&world, name, &[Input::Cancel { order, canceller }]).await?;
    shown(customer, order, order_left(&world, &left, order).await?)
}

/// `POST /api/orders/{order}/payment`.
async fn pay_again<B: Backend>(
    State(app): State<Shared<B>>,
    Customer(customer): Customer,
    At(order): At<u64>,
    Key(key): Key,
    Json(asked): Json<PayAgain>,
) -> Result<Response, Problem> {
    let (world, order, again) = (app.world()?, OrderId(order), asked.again);
    let method = match asked.method.as_deref() {
        Some(text) => method_of(text)?,
        None if again => return Err(Problem::bad_request("method says how to pay again")),
        None => Method::Upi,
    };
    placed(&world, customer, order).await?;
    let name = app.name(&format!("payment\n{}", order.0), key.as_deref());
    let left = app.say(&world, name, &[Input::Decide { order, again, method }]).await?;
    shown(customer, order, order_left(&world, &left, order).await?)
}

fn shown(customer: CustomerId, order: OrderId, row: Order) -> Result<Response, Problem> {
    let row = theirs(customer, row)?;
    #[cfg(feature = "mutants")]
    let row = crate::mutant::shown(order, row);
    Ok(json(StatusCode::OK, &OrderShown::of(order, &row)))
}

/// The row of an order that the customer placed. Somebody else's is as good as none.
pub(super) async fn placed<D: Database>(
    world: &World<D>,
    customer: CustomerId,
    order: OrderId,
) -> Result<Order, Problem> {
    theirs(customer, order_row(world, order).await?)
}

fn theirs(customer: CustomerId, row: Order) -> Result<Order, Problem> {
    let is_theirs = row.customer == customer || mutant::is(Mutant::ShowsOthers);
    (row.saga.stage != Stage::Draft && is_theirs)
        .then_some(row)
        .ok_or_else(|| Problem::not_found("order"))
}

/// The row of an order as words left it; as it stands now, if they were heard before.
pub(super) async fn order_left<D: Database>(
    world: &World<D>,
    left: &Rows,
    order: OrderId,
) -> Result<Order, Problem> {
    match left.orders.iter().find(|read| read.key == order) {
        Some(read) => Ok(read.state().clone()),
        None => order_row(world, order).await,
    }
}

/// The row of a quote or an order.
pub(crate) async fn order_row<D: Database>(
    world: &World<D>,
    order: OrderId,
) -> Result<Order, Problem> {
    let mut now = world.shell.orders(&[order]).await?;
    let row = now.remove(&order).ok_or_else(|| Problem::not_found("order"))?;
    Ok(row.state.clone())
}
