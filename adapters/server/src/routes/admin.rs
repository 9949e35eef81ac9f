//! For whoever runs the platform: a world is installed, the journal is read.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use shell::Database;

use crate::app::Shared;
use crate::backend::Backend;
use crate::extract::{Asked, WorldBody};
use crate::problem::Problem;
use crate::wire::record::line_of;
use crate::wire::{Decimal, json};
use crate::world::read;

/// Facts on one page of the journal.
const PAGE_LIMIT: usize = 10_000;

/// Who bears the admin's token, as an extractor: it stands before the body, so a stranger's world
/// is not read.
pub(crate) struct Admin;

impl<B: Backend> axum::extract::FromRequestParts<Shared<B>> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared<B>) -> Result<Self, Problem> {
        let Some(token) = &app.setup.admin_token else { return Ok(Self) };
        let said = parts.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let borne = said.and_then(|said| said.strip_prefix(b"Bearer ")).unwrap_or_default();
        if is_same(borne, token.as_bytes()) {
            return Ok(Self);
        }
        Err(Problem::new(StatusCode::UNAUTHORIZED, "this needs the admin's token"))
    }
}

/// Whether two texts are the same, in a time that does not tell where they differ.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let differing = one.iter().zip(other).fold(0, |bits, (a, b)| bits | (a ^ b));
    one.len() == other.len() && differing == 0
}

#[derive(Serialize)]
struct Installed {
    world: Decimal<u64>,
    stores: usize,
    skus: usize,
    riders: usize,
    pickers: usize,
    shelves: usize,
}

/// `PUT /admin/world`.
pub(crate) async fn world<B: Backend>(
    State(app): State<Shared<B>>,
    _: Admin,
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
#[derive(Deserialize)]
pub(crate) struct Page {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

/// `GET /admin/audit/journal?after=N&limit=M`: facts from the `after`-th on, a line each. A page
/// with fewer lines than asked for is the last there is so far.
pub(crate) async fn journal<B: Backend>(
    State(app): State<Shared<B>>,
    _: Admin,
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
