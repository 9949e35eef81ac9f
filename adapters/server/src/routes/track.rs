//! Streams: an order on its way, and what a store has.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::ids::OrderId;
use futures_util::stream::{Stream, unfold};
use tokio::sync::watch::Receiver;
use tokio::time::timeout;

use super::customer::placed;
use super::goods::{skus_of, store_of};
use crate::api::{Api, Doc};
use crate::app::Shared;
use crate::auth::{Customer, May};
use crate::backend::Backend;
use crate::extract::{Asked, At};
use crate::problem::Problem;
use crate::wire::customer::Tracked;
use crate::wire::goods::{Availability, AvailabilityShown, FreeUnits};

/// A stream ends after so long; whoever still watches comes again. 2 h: no order takes longer.
const STREAM_LIMIT: Duration = Duration::from_secs(2 * 60 * 60);
/// Bytes of a message from somebody who tracks: they have nothing to say.
const MESSAGE_BYTES: usize = 1 << 10;
/// Time for a message to leave. Whoever reads slower is let go.
const SEND_LIMIT: Duration = Duration::from_secs(10);

pub(super) fn routes<B: Backend>(api: Api<B>) -> Api<B> {
    api.get(
        "/api/orders/{order}/track",
        May::Customer,
        track::<B>,
        Doc::says("The order whenever it changes, and where its rider is: WebSocket or SSE.")
            .gives::<Tracked>(StatusCode::OK)
            .answers(StatusCode::SWITCHING_PROTOCOLS, None),
    )
    .get(
        "/api/availability/stream",
        May::Anyone,
        availability::<B>,
        Doc::says("What a store has free, and whatever changes of it.")
            .asks::<Availability>()
            .answers(StatusCode::OK, Some("text/event-stream")),
    )
}

/// Events of JSON, one for each value, until there are no more or the time is over.
fn sse<V: Clone + Send + Sync + 'static>(
    first: Receiver<Option<V>>,
    next: impl FnMut(&V) -> Option<String> + Send + 'static,
    is_last: fn(&V) -> bool,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = unfold(Some((first, next)), move |state| async move {
        let (mut receiver, mut next) = state?;
        loop {
            receiver.changed().await.ok()?;
            let Some(value) = receiver.borrow_and_update().clone() else { continue };
            if let Some(text) = next(&value) {
                let rest = (!is_last(&value)).then_some((receiver, next));
                return Some((Ok(Event::default().data(text)), rest));
            }
        }
    });
    Sse::new(until(events)).keep_alive(KeepAlive::default())
}

/// A stream that ends when its time is over.
fn until<S: Stream + Send>(stream: S) -> impl Stream<Item = S::Item> + Send {
    use futures_util::StreamExt;
    stream.take_until(tokio::time::sleep(STREAM_LIMIT))
}

fn text_of(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("what is shown can be written as JSON")
}

fn is_over(tracked: &Arc<Tracked>) -> bool {
    tracked.order.is_over()
}

/// `GET /api/orders/{order}/track`.
async fn track<B: Backend>(
    State(app): State<Shared<B>>,
    Customer(customer): Customer,
    At(order): At<u64>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let (order, world) = (OrderId(order), app.world()?);
    placed(&*world, customer, order).await?;
    let receiver = app.watched.orders.watch(order)?;
    crate::watch::orders(&app, &world, &[order]).await?;
    Ok(match upgrade {
        Ok(upgrade) => {
            let held = Arc::clone(&app.watched.sockets).try_acquire_owned();
            let held = held.map_err(|_| Problem::unavailable("too many track at once"))?;
            let upgrade = upgrade.max_message_size(MESSAGE_BYTES).max_frame_size(MESSAGE_BYTES);
            upgrade.on_upgrade(async move |socket| {
                tell(socket, receiver).await;
                drop(held);
            })
        }
        Err(_) => {
            let mut receiver = receiver;
            // Whoever comes second is told what was seen already.
            receiver.mark_changed();
            sse(receiver, |tracked| Some(text_of(&**tracked)), is_over).into_response()
        }
    })
}

/// Tells whoever tracks until the order is over, they leave, or the time is over.
async fn tell(mut socket: WebSocket, mut receiver: Receiver<Option<Arc<Tracked>>>) {
    receiver.mark_changed();
    let all = async {
        loop {
            tokio::select! {
                changed = receiver.changed() => if changed.is_err() { break },
                // Pings are answered by the library; whatever else they say is not for us.
                said = socket.recv() => match said {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                    Some(Ok(_)) => continue,
                },
            }
            let Some(tracked) = receiver.borrow_and_update().clone() else { continue };
            let message = Message::Text(text_of(&*tracked).into());
            let is_sent = timeout(SEND_LIMIT, socket.send(message)).await;
            if !matches!(is_sent, Ok(Ok(()))) || is_over(&tracked) {
                break;
            }
        }
    };
    let _ = timeout(STREAM_LIMIT, all).await;
    let _ = timeout(SEND_LIMIT, socket.send(Message::Close(None))).await;
}

/// `GET /api/availability/stream`: all that is asked for first, then what has changed.
async fn availability<B: Backend>(
    State(app): State<Shared<B>>,
    Asked(asked): Asked<Availability>,
) -> Result<Response, Problem> {
    let world = app.world()?;
    let store = store_of(&world, asked.store)?;
    let skus = skus_of(&world, asked.skus.as_deref())?;
    let mut receiver = app.watched.stores.watch(store)?;
    receiver.mark_changed();
    let mut known: Vec<FreeUnits> = Vec::new();
    let next = move |seen: &Arc<Vec<FreeUnits>>| {
        let of = seen
            .iter()
            .filter(|free| skus.binary_search_by_key(&free.sku_id.0, |sku| sku.0).is_ok());
        let now: Vec<FreeUnits> = of.copied().collect();
        let is_known = |at: usize, free: &FreeUnits| known.get(at) == Some(free);
        let changed: Vec<FreeUnits> = now
            .iter()
            .enumerate()
            .filter(|(at, free)| !is_known(*at, free))
            .map(|(_, free)| *free)
            .collect();
        known = now;
        (!changed.is_empty()).then(|| text_of(&AvailabilityShown::of(store, changed)))
    };
    let stream = sse(receiver, next, |_| false);
    std::future::ready(Ok(stream.into_response())).await
}
