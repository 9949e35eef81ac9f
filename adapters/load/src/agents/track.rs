//! A customer who tracks their order by `WebSocket`: told whenever it changes, and where its rider is.
//!
//! To open the stream and to hear the first word of it is an operation like any other, with its
//! times; the words that follow are counted. Others look again and again; see [`super::customer`].

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use kernel::chance::draw;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::manner::TRACK;
use super::town::Town;
use super::wire::{Order, WirePlace, read};
use crate::fate::Fate;
use crate::history::Touch;
use crate::http::{Fault, Request};
use crate::run::STREAMS_LIMIT;
use crate::visit::{Operation, Seen, Visit};

/// Share of orders that are tracked. A third, assumed, grade E.
const TRACKED_SHARE: f64 = 1.0 / 3.0;
/// How long the first word may take, and the others: looked at again by then.
const FIRST_LIMIT: Duration = Duration::from_secs(5);
const NEXT_LIMIT: Duration = Duration::from_secs(600);
/// What a draw about tracking is for, apart from the purposes of a city's draws.
const TRACKS: u32 = 0x5452_434B;
/// The status of an upgrade.
const UPGRADED: u16 = 101;

/// What a word of the stream says.
#[derive(Deserialize)]
struct Tracked {
    #[serde(flatten)]
    order: Order,
    rider_place: Option<WirePlace>,
}

/// Tracks an order, if its customer is one who does.
pub(super) fn tracks(town: &Arc<Town>, visit: &Visit, number: u64, order: u64) {
    let does = draw(town.script.seed, number, TRACKS, 0).chance(TRACKED_SHARE);
    if !does || !town.opens_stream(STREAMS_LIMIT) {
        return;
    }
    let (mut visit, town) = (visit.afresh(), Arc::clone(town));
    tokio::task::spawn_local(async move {
        let end = follows(&town, &mut visit, order).await;
        town.count(if end.is_some() { "orders tracked to their end" } else { "tracks broken off" });
        town.closes_stream();
    });
}

/// Hears the stream until the order is over; none if it ended before.
async fn follows(town: &Town, visit: &mut Visit, order: u64) -> Option<()> {
    let path = format!("/api/orders/{order}/track");
    let touch = [Touch { key: order, units: 0 }];
    let operation = Operation::new(TRACK, Request::get(&path)).about(&touch);
    let line = visit.beside();
    let url = format!("ws://{}{}{path}", line.authority(), line.base());
    let opening = opened(&line, &url);
    let (mut socket, mut last) = visit.record(&operation, opening).await.ok()?;
    while !last.order.is_over {
        let message = timeout(NEXT_LIMIT, socket.next()).await.ok()??.ok()?;
        let Message::Text(text) = message else { continue };
        let next: Tracked = read(text.as_bytes())?;
        town.count("words of tracks");
        if next.order.version < last.order.version {
            town.count("tracks that went back");
        }
        if next.rider_place.is_some() {
            town.count("places of riders tracked");
        }
        last = next;
    }
    Some(())
}

type Stream = WebSocketStream<TcpStream>;

/// Opens the stream and hears its first word.
async fn opened(visit: &Visit, url: &str) -> Result<((Stream, Tracked), Seen, u16), Fault> {
    let opening = async {
        let stream = visit.connect().await?;
        // To open a stream changes nothing, so what became of it needs no telling apart.
        greeted(stream, url, visit.bearer().as_deref()).await.map_err(|_| Fault::Closed)
    };
    let opened = timeout(FIRST_LIMIT, opening).await;
    let (socket, text) = opened.unwrap_or(Err(Fault::TimedOut))?;
    let first: Tracked = read(text.as_bytes()).ok_or(Fault::Malformed)?;
    let seen = Seen {
        fate: Fate::Ok,
        id: Some(first.order.order_id.0.to_string()),
        version: Some(first.order.version),
        units: None,
        amount_paise: Some(first.order.total_paise),
        word: Some(first.order.status.clone()),
    };
    Ok(((socket, first), seen, UPGRADED))
}

/// Makes a connection a stream, and hears its first word.
async fn greeted(
    connection: TcpStream,
    url: &str,
    token: Option<&str>,
) -> Result<(Stream, Utf8Bytes), Error> {
    let mut request = url.into_client_request()?;
    if let Some(bearer) = token.and_then(|token| format!("Bearer {token}").parse().ok()) {
        request.headers_mut().insert("authorization", bearer);
    }
    let (mut socket, _) = client_async(request, connection).await?;
    loop {
        let message = socket.next().await.unwrap_or(Err(Error::ConnectionClosed))?;
        if let Message::Text(text) = message {
            return Ok((socket, text));
        }
    }
}
