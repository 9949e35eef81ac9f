//! The connections of one lane: kept, bounded, and few.
//!
//! Whoever needs a connection waits for a place, first come first served. A place is either a
//! connection at rest or leave to open one, whichever comes first. Leave is given to a few at a
//! time: after a hiccup a burst of requests would otherwise open a connection each, and the work
//! of opening them would be the next hiccup, while those already open come to rest.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::clock::Clock;

/// A connection that rested longer is not used again, µs: servers close such connections when they
/// stop, and a request that is on its way then is lost. 1 s, assumed, grade E.
const REST_LIMIT_US: u64 = 1_000_000;
/// Connections being opened at a time.
const OPENING_LIMIT: usize = 8;

/// The connections of one lane.
#[derive(Debug)]
pub(super) struct Pool {
    address: SocketAddr,
    limit: usize,
    clock: Clock,
    /// Connections at rest, and since when. The last one used goes first, so that few are kept warm.
    idle: RefCell<Vec<(TcpStream, u64)>>,
    /// Connections that exist or are being opened.
    open: Cell<usize>,
    opening: Cell<usize>,
    /// Permits in `places`, those included that a waiter was given and has not taken up yet.
    given: Cell<usize>,
    places: Semaphore,
    opened: Cell<u64>,
}

/// A place: a connection, or leave to open one. Dropped, its connection is closed.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pool: &'a Pool,
    stream: Option<TcpStream>,
    opening: bool,
    rests: bool,
}

impl Pool {
    /// Makes a pool of at most `limit` connections.
    pub(super) fn new(address: SocketAddr, limit: usize, clock: Clock) -> Self {
        let pool = Self {
            address,
            limit,
            clock,
            idle: RefCell::default(),
            open: Cell::new(0),
            opening: Cell::new(0),
            given: Cell::new(0),
            places: Semaphore::new(0),
            opened: Cell::new(0),
        };
        pool.give();
        pool
    }

    /// Opens a connection to the server.
    pub(super) async fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Counts the connections made so far.
    pub(super) fn opened(&self) -> u64 {
        self.opened.get()
    }

    /// Waits for a place.
    pub(super) async fn place(&self) -> Place<'_> {
        self.places.acquire().await.expect("places are never closed").forget();
        self.given.set(self.given.get() - 1);
        let stream = self.rested();
        let opening = stream.is_none();
        if opening {
            self.open.set(self.open.get() + 1);
            self.opening.set(self.opening.get() + 1);
        }
        Place { pool: self, stream, opening, rests: false }
    }

    /// Takes a connection that has not rested for long and that nothing happened to meanwhile.
    ///
    /// The runtime knows without asking the system whether something arrived: an end, or bytes
    /// that nobody asked for. Either way the connection is of no more use.
    fn rested(&self) -> Option<TcpStream> {
        loop {
            let (stream, since_us) = self.idle.borrow_mut().pop()?;
            let is_warm = self.clock.now_us().saturating_sub(since_us) <= REST_LIMIT_US;
            let heard = stream.try_read(&mut [0]);
            if is_warm && heard.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
                return Some(stream);
            }
            self.open.set(self.open.get() - 1);
        }
    }

    /// Gives out as many places as there are.
    ///
    /// There are never more than connections at rest and connections that may yet be opened, so
    /// the limit is kept. Those that turn out to be closed are opened again by whoever finds them
    /// so, even if that is more at a time than usual.
    fn give(&self) {
        let leave =
            (self.limit - self.open.get()).min(OPENING_LIMIT.saturating_sub(self.opening.get()));
        let there = self.idle.borrow().len() + leave;
        let more = there.saturating_sub(self.given.get());
        self.given.set(self.given.get() + more);
        self.places.add_permits(more);
    }
}

impl Place<'_> {
    /// Gives the connection, opening it if there is none.
    pub(super) async fn stream(&mut self) -> io::Result<&mut TcpStream> {
        let stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = self.pool.connect().await?;
                self.pool.opened.set(self.pool.opened.get() + 1);
                self.opened();
                stream
            }
        };
        Ok(self.stream.insert(stream))
    }

    /// Puts the connection to rest for the next request.
    pub(super) fn rest(mut self) {
        self.rests = true;
    }

    fn opened(&mut self) {
        if self.opening {
            self.opening = false;
            self.pool.opening.set(self.pool.opening.get() - 1);
            self.pool.give();
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.opened();
        match self.stream.take().filter(|_| self.rests) {
            Some(stream) => self.pool.idle.borrow_mut().push((stream, self.pool.clock.now_us())),
            None => self.pool.open.set(self.pool.open.get() - 1),
        }
        self.pool.give();
    }
}
