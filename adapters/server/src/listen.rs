//! Connections: how many, how long each may say nothing, and how they end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;

use crate::run::Phase;

/// Connections at once; who comes then waits in the system's queue. 16 384: ten thousand riders
/// and those who watch, at some 12 kB each.
const CONNECTIONS_LIMIT: usize = 16_384;
/// A connection that has sent no whole head for so long is closed, be it idle or slow. 60 s,
/// assumed, grade E: twelve pings.
const HEAD_LIMIT: Duration = Duration::from_secs(60);
/// Bytes of a head, and headers in it.
const HEAD_BYTES: usize = 16 << 10;
const HEADERS_LIMIT: usize = 64;
/// How long the last connections that were taken may take to be read from, before those that rest
/// are closed.
const LAST_LIMIT: Duration = Duration::from_millis(100);
/// A pause after no connection could be taken, for want of files as a rule.
const AFTER_FAILURE: Duration = Duration::from_millis(50);

/// Takes connections until the server finishes, then waits for those that are busy.
pub(crate) async fn listen(
    listener: TcpListener,
    router: Router,
    mut phase: watch::Receiver<Phase>,
) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(CONNECTIONS_LIMIT));
    let graceful = GracefulShutdown::new();
    let mut http = auto::Builder::new(TokioExecutor::new()).http1_only();
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS_LIMIT);
    let attend = |(stream, held): (TcpStream, Held)| {
        let service = TowerToHyperService::new(router.clone());
        let connection = http.serve_connection_with_upgrades(TokioIo::new(stream), service);
        let connection = graceful.watch(connection.into_owned());
        tokio::spawn(async move {
            // Whatever breaks a connection is its client's to see.
            let _ = connection.await;
            drop(held);
        });
    };
    loop {
        tokio::select! {
            accepted = accept(&listener, &room) => attend(accepted?),
            // The sender outlives the server, so this ends when the phase changes.
            _ = phase.wait_for(|phase| *phase != Phase::Serving) => break,
        }
    }
    // Who was let in by the system and not by us yet may have sent something.
    let listener = listener.into_std()?;
    while let Ok(held) = Arc::clone(&room).try_acquire_owned()
        && let Ok((stream, _)) = listener.accept()
    {
        stream.set_nonblocking(true)?;
        attend((greeted(TcpStream::from_std(stream)?), held));
    }
    drop(listener);
    sleep(LAST_LIMIT).await;
    graceful.shutdown().await;
    Ok(())
}

type Held = tokio::sync::OwnedSemaphorePermit;

/// A connection whose answers are sent at once: they are whole.
fn greeted(stream: TcpStream) -> TcpStream {
    let _ = stream.set_nodelay(true);
    stream
}

async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> io::Result<(TcpStream, Held)> {
    let held = Arc::clone(room).acquire_owned().await.map_err(io::Error::other)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return Ok((greeted(stream), held)),
            Err(_) => sleep(AFTER_FAILURE).await,
        }
    }
}
