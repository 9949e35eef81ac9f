//! Connections, and one exchange on one of them.

use std::cell::{Cell, RefCell};
use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::answer::{Buffer, Buffers};
use super::framing::{Framed, Misframed, Reading};
use super::{Answer, Request};
use crate::clock::Clock;
use crate::fate::Fate;
use crate::target::Target;

/// Room that is made before a read.
const READ_BYTES: usize = 2 << 10;

/// What the client of one lane keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections open at a time.
    pub connections: usize,
    /// How long an exchange may take once it has a connection's place, connecting included.
    pub time_out: Duration,
    /// Bytes of an answer's body.
    pub body_bytes: usize,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No connection could be made; nothing was sent.
    #[error("the target accepts no connection")]
    Refused,
    /// This machine has no more ports or descriptors; nothing was sent. The driver's own fault.
    #[error("this machine has no more ports or descriptors")]
    Exhausted,
    /// Time ran out before a connection was made; nothing was sent.
    #[error("no connection in time")]
    ConnectTimedOut,
    /// Time ran out after something was sent.
    #[error("no answer in time")]
    TimedOut,
    /// The connection ended before the answer did.
    #[error("the connection ended before the answer did")]
    Closed,
    /// What came is not HTTP.
    #[error("the answer is not HTTP")]
    Malformed,
    /// More came than was allowed.
    #[error("the answer is larger than allowed")]
    TooLarge,
    /// The run ended while the request was under way.
    #[error("the run ended first")]
    CutShort,
}

impl Fault {
    /// Gives what it means for the operation: where something was sent, nobody knows.
    #[must_use]
    pub fn fate(self) -> Fate {
        match self {
            Self::Refused | Self::Exhausted | Self::ConnectTimedOut => Fate::Failed,
            Self::TimedOut | Self::Closed | Self::Malformed | Self::TooLarge | Self::CutShort => {
                Fate::Unknown
            }
        }
    }

    /// Gives the name in histories.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Exhausted => "exhausted",
            Self::ConnectTimedOut => "connect_timed_out",
            Self::TimedOut => "timed_out",
            Self::Closed => "closed",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::CutShort => "cut_short",
        }
    }
}

/// The client of one lane.
#[derive(Debug)]
pub(crate) struct Client {
    target: Target,
    limits: Limits,
    clock: Clock,
    /// Connections at rest. The last one used goes first, so that few are kept warm.
    idle: RefCell<Vec<TcpStream>>,
    places: Semaphore,
    buffers: Buffers,
    opened: Cell<u64>,
}

impl Client {
    pub(crate) fn new(target: Target, limits: Limits, clock: Clock) -> Self {
        Self {
            target,
            limits,
            clock,
            idle: RefCell::default(),
            places: Semaphore::new(limits.connections),
            buffers: Buffers::default(),
            opened: Cell::new(0),
        }
    }

    /// Counts the connections made so far.
    pub(crate) fn opened(&self) -> u64 {
        self.opened.get()
    }

    /// Sends a request and reads its answer.
    ///
    /// `sent` is called with the time once the request has a connection's place; what the server
    /// does is after that. A caller that goes away closes the connection.
    pub(crate) async fn exchange(
        &self,
        request: &Request<'_>,
        sent: impl FnOnce(u64),
    ) -> Result<Answer, Fault> {
        let mut buffer = self.buffers.take();
        request.write(self.target.authority(), self.target.base(), &mut buffer.bytes);
        let _place = self.places.acquire().await.expect("places are never closed");
        sent(self.clock.now_us());
        let began = Cell::new(false);
        let done = tokio::time::timeout(self.limits.time_out, self.talk(&mut buffer, &began)).await;
        let framed = match done {
            Ok(framed) => framed?,
            Err(_) if began.get() => return Err(Fault::TimedOut),
            Err(_) => return Err(Fault::ConnectTimedOut),
        };
        let Framed { status, head_bytes, body_bytes, .. } = framed;
        Ok(Answer { status, head_bytes, body_bytes, buffer })
    }

    /// Has one exchange; `began` is set before the first byte is sent.
    async fn talk(&self, buffer: &mut Buffer, began: &Cell<bool>) -> Result<Framed, Fault> {
        let mut stream = match self.rested() {
            Some(stream) => stream,
            None => self.connect().await.map_err(|error| refusal(&error))?,
        };
        began.set(true);
        stream.write_all(&buffer.bytes).await.map_err(|_| Fault::Closed)?;
        buffer.bytes.clear();
        let mut reading = Reading::new(self.limits.body_bytes);
        let framed = loop {
            buffer.bytes.reserve(READ_BYTES);
            let read = stream.read_buf(&mut buffer.bytes).await.map_err(|_| Fault::Closed)?;
            if read == 0 {
                break reading.closed(&buffer.bytes).ok_or(Fault::Closed)?;
            }
            let framed = reading.look(&mut buffer.bytes).map_err(|misframed| match misframed {
                Misframed::Malformed => Fault::Malformed,
                Misframed::TooLarge => Fault::TooLarge,
            })?;
            if let Some(framed) = framed {
                break framed;
            }
        };
        if framed.keeps {
            self.idle.borrow_mut().push(stream);
        }
        Ok(framed)
    }

    /// Takes a connection at rest that nothing happened to meanwhile.
    ///
    /// The runtime knows without asking the system whether something arrived: an end, or bytes
    /// that nobody asked for. Either way it is of no more use.
    fn rested(&self) -> Option<TcpStream> {
        loop {
            let stream = self.idle.borrow_mut().pop()?;
            let heard = stream.try_read(&mut [0]);
            if heard.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
                return Some(stream);
            }
        }
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.target.address()).await?;
        stream.set_nodelay(true)?;
        self.opened.set(self.opened.get() + 1);
        Ok(stream)
    }
}

/// Tells a target that refuses from a machine that has run out of something.
fn refusal(error: &io::Error) -> Fault {
    use rustix::io::Errno;
    let ours = [Errno::MFILE, Errno::NFILE, Errno::ADDRNOTAVAIL, Errno::NOBUFS, Errno::NOMEM];
    match Errno::from_io_error(error) {
        Some(number) if ours.contains(&number) => Fault::Exhausted,
        _ => Fault::Refused,
    }
}
