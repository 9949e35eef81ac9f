//! For whoever runs the platform: a world is installed, the journal is read.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use domain::ids::{CustomerId, RiderId, StoreId};
use domain::user::Command;
use serde::{Deserialize, Serialize};
use shell::clock::WallClock;
use shell::{Accounts, Clock, Database, Session, Subject};
use utoipa::{IntoParams, ToSchema};

use super::WORLD;
use super::user::{FIRST_CUSTOMER, tell};
use crate::api::{Api, Doc};
use crate::app::{App, Shared};
use crate::auth::May;
use crate::backend::Backend;
use crate::extract::{Asked, At, Json, WorldBody};
use crate::problem::Problem;
use crate::token;
use crate::wire::record::line_of;
use crate::wire::user::{Agents, SessionsAsked, SessionsOpened};
use crate::wire::{Decimal, json};
use crate::world::read;

/// Facts on one page of the journal.
const PAGE_LIMIT: usize = 10_000;
/// Sessions that are opened at once.
const SESSIONS_LIMIT: u32 = 10_000;

pub(super) fn routes<B: Backend>(api: Api<B>) -> Api<B> {
    let may = May::Admin;
    api.put(
        WORLD,
        may,
        world::<B>,
        Doc::says("Installs a world, a row of JSON on each line, until there is an order.")
            .takes_text("application/x-ndjson")
            .gives::<Installed>(StatusCode::OK),
    )
    .get(
        "/admin/audit/journal",
        may,
        journal::<B>,
        Doc::says("Facts of the journal, a line each.")
            .asks::<Page>()
            .answers(StatusCode::OK, Some("application/x-ndjson")),
    )
    .post(
        "/admin/sessions",
        may,
        sessions::<B>,
        Doc::says("Opens sessions for agents who play customers, riders or stores.")
            .takes::<SessionsAsked>()
            .gives::<SessionsOpened>(StatusCode::CREATED),
    )
    .post(
        "/admin/users/{customer}/block",
        may,
        block::<B>,
        Doc::says("Lets a customer in no more; their sessions end within a minute.")
            .answers(StatusCode::NO_CONTENT, None),
    )
    .post(
        "/admin/users/{customer}/unblock",
        may,
        unblock::<B>,
        Doc::says("Lets a customer in again.").answers(StatusCode::NO_CONTENT, None),
    )
}

#[derive(Serialize, ToSchema)]
struct Installed {
    world: Decimal<u64>,
    stores: usize,
    skus: usize,
    riders: usize,
    pickers: usize,
    shelves: usize,
}

/// `PUT /admin/world`.
async fn world<B: Backend>(
    State(app): State<Shared<B>>,
    WorldBody(bytes): WorldBody,
) -> Result<Response, Problem> {
    let plan = read(&bytes).map_err(|error| Problem::bad_request(error.to_string()))?;
    app.install(&plan).await?;
    let installed = Installed {
        world: Decimal(app.world()?.number),
        stores: plan.catalogue.sites.len(),
        skus: plan.catalogue.skus.len(),
        riders: plan.catalogue.riders.len(),
        pickers: plan.pickers.len(),
        shelves: plan.shelves.len(),
    };
    Ok(json(StatusCode::OK, &installed))
}

/// Which part of the journal.
#[derive(Deserialize, IntoParams)]
struct Page {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

/// `GET /admin/audit/journal?after=N&limit=M`: facts from the `after`-th on, a line each. A page
/// with fewer lines than asked for is the last there is so far.
async fn journal<B: Backend>(
    State(app): State<Shared<B>>,
    Asked(page): Asked<Page>,
) -> Result<Response, Problem> {
    let world = app.world()?;
    let limit = page.limit.unwrap_or(PAGE_LIMIT).min(PAGE_LIMIT);
    let records = world.shell.database().journal(page.after, limit).await?;
    let mut text = String::with_capacity(records.len() * 200);
    for record in &records {
        text += &line_of(record);
        text.push('\n');
    }
    let mut response = Response::new(Body::from(text));
    let kind = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

/// `POST /admin/sessions`: how whoever plays agents gets in. Riders and stores are those of the
/// world; customers are numbers below those of customers who registered themselves.
async fn sessions<B: Backend>(
    State(app): State<Shared<B>>,
    Json(asked): Json<SessionsAsked>,
) -> Result<Response, Problem> {
    let SessionsAsked { agents, from, count } = asked;
    let world = app.world()?;
    let catalogue = &world.catalogue;
    let known = match agents {
        Agents::Customers => FIRST_CUSTOMER as usize,
        Agents::Riders => catalogue.riders.len(),
        Agents::Stores => catalogue.sites.len(),
    };
    let end = from.0.checked_add(count).filter(|end| *end as usize <= known);
    let Some(end) = end.filter(|_| (1..=SESSIONS_LIMIT).contains(&count)) else {
        let why = format!("1 to {SESSIONS_LIMIT} sessions at once, for numbers below {known}");
        return Err(Problem::bad_request(why));
    };
    let now = WallClock.now();
    let until = now + app.users.session_ttl;
    let (mut tokens, mut opened) = (Vec::new(), Vec::new());
    for number in from.0..end {
        let subject = match agents {
            Agents::Customers => Subject::Customer(CustomerId(number)),
            Agents::Riders => Subject::Rider(RiderId(number)),
            Agents::Stores => Subject::Store(StoreId(number)),
        };
        let token = token::fresh();
        let id = token::session(&token).expect("a fresh token is one");
        opened.push((id, Session { subject, until }));
        tokens.push(token);
    }
    world.shell.database().open_sessions(&opened, now).await?;
    let shown = SessionsOpened { agents, from, expires_at_us: until.0, tokens };
    Ok(json(StatusCode::CREATED, &shown))
}

/// `POST /admin/users/{customer}/block`.
async fn block<B: Backend>(
    State(app): State<Shared<B>>,
    At(customer): At<u32>,
) -> Result<StatusCode, Problem> {
    set_blocked(&app, CustomerId(customer), Command::Block).await
}

/// `POST /admin/users/{customer}/unblock`.
async fn unblock<B: Backend>(
    State(app): State<Shared<B>>,
    At(customer): At<u32>,
) -> Result<StatusCode, Problem> {
    set_blocked(&app, CustomerId(customer), Command::Unblock).await
}

async fn set_blocked<B: Backend>(
    app: &App<B>,
    customer: CustomerId,
    command: Command,
) -> Result<StatusCode, Problem> {
    let world = app.world()?;
    let closes = command == Command::Block;
    tell(app, &world, customer, command).await?;
    if closes {
        world.shell.database().close_sessions(Subject::Customer(customer)).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
