//! A server that answers at once, or stalls on purpose: what a driver is measured against.
//!
//! Every request gets `200` with a small body. It runs on a thread of its own, so a stall stops
//! all of it, as a long collection of garbage or a lock held too long would.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::oneshot;

/// Bytes of a request, at most.
const REQUEST_LIMIT_BYTES: usize = 1 << 20;
/// Connections that may wait to be accepted; the system may allow fewer.
const BACKLOG: i32 = 4_096;
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nknock";
const REFUSAL: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A stop of the whole server, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall {
    /// It begins with this request, counted from 0.
    pub at_request: u64,
    /// How long it takes, ms.
    pub for_ms: u32,
}

/// A server under way. Dropped, it closes.
#[derive(Debug)]
pub struct Echo {
    address: SocketAddr,
    served: Arc<AtomicU64>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What all connections share.
#[derive(Debug)]
struct Shared {
    served: Arc<AtomicU64>,
    stall: Option<Stall>,
    stalled: AtomicBool,
}

impl Echo {
    /// Starts a server on a loopback address; port 0 takes any that is free.
    ///
    /// # Errors
    /// What the system says when it gives no port or no thread.
    pub fn start(address: SocketAddr, stall: Option<Stall>) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        // While it stalls, connections wait to be accepted. Those that find no place are tried
        // again by their sender's system after a second, which would be told as a longer stall.
        rustix::net::listen(&listener, BACKLOG)?;
        let address = listener.local_addr()?;
        let runtime =
            || Builder::new_current_thread().enable_io().build_local(LocalOptions::default());
        let (stop, stopped) = oneshot::channel();
        let served = Arc::new(AtomicU64::new(0));
        let shared = Shared { served: Arc::clone(&served), stall, stalled: AtomicBool::new(false) };
        let thread = thread::Builder::new().name("echo".to_owned()).spawn(move || {
            // A server without a runtime closes its port at once, which every client notices.
            if let Ok(runtime) = runtime() {
                runtime.block_on(async {
                    tokio::task::spawn_local(serve(listener, Arc::new(shared)));
                    // The sender sends nothing; it goes away.
                    let _ = stopped.await;
                });
            }
        })?;
        Ok(Self { address, served, stop: Some(stop), thread: Some(thread) })
    }

    /// Gives where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Counts the requests answered so far.
    #[must_use]
    pub fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server is on its standard error already.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let shared = Arc::clone(&shared);
        tokio::task::spawn_local(async move {
            // A client that goes away is no fault of the server's.
            let _ = attend(stream, &shared).await;
        });
    }
}

/// Answers one connection's requests, one after the other.
async fn attend(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut wire = Vec::with_capacity(4 << 10);
    loop {
        match request_bytes(&wire) {
            Some(bytes) => {
                wire.drain(..bytes);
                shared.serve_one();
                stream.write_all(ANSWER).await?;
            }
            None if wire.len() > REQUEST_LIMIT_BYTES => return stream.write_all(REFUSAL).await,
            None => {
                wire.reserve(2 << 10);
                if stream.read_buf(&mut wire).await? == 0 {
                    return Ok(());
                }
            }
        }
    }
}

impl Shared {
    /// Counts a request, and stalls if it is the one.
    fn serve_one(&self) {
        let number = self.served.fetch_add(1, Ordering::Relaxed);
        if let Some(stall) = self.stall.filter(|stall| number >= stall.at_request)
            && !self.stalled.swap(true, Ordering::Relaxed)
        {
            thread::sleep(Duration::from_millis(u64::from(stall.for_ms)));
        }
    }
}

/// Gives the length of the first request once all of it has arrived.
fn request_bytes(wire: &[u8]) -> Option<usize> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut fields);
    let httparse::Status::Complete(head_bytes) = request.parse(wire).ok()? else { return None };
    let length =
        request.headers.iter().find(|field| field.name.eq_ignore_ascii_case("content-length"));
    let body_bytes = length.map_or(Some(0), |length| {
        std::str::from_utf8(length.value).ok()?.trim().parse::<usize>().ok()
    })?;
    let bytes = head_bytes.checked_add(body_bytes)?;
    (wire.len() >= bytes).then_some(bytes)
}
