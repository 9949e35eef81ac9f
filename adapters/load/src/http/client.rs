//! One exchange on a connection.

use std::cell::Cell;
use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::answer::{Buffer, Buffers};
use super::framing::{Framed, Misframed, Reading};
use super::pool::{Place, Pool};
use super::{Answer, Request};
use crate::alarm::Alarms;
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
    /// How long an exchange may take once it has a connection's place, connecting included, µs.
    pub time_out_us: u64,
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
    /// One for each server of the target; requests take turns.
    pools: Vec<Pool>,
    turn: Cell<usize>,
    passed_over: Cell<u64>,
    alarms: Alarms,
    buffers: Buffers,
}

impl Client {
    pub(crate) fn new(target: Target, limits: Limits, clock: Clock) -> Self {
        let each = target.addresses();
        let pools = each.map(|address| Pool::new(address, limits.connections, clock)).collect();
        let alarms = Alarms::new(clock, limits.time_out_us);
        let (turn, passed_over) = (Cell::new(0), Cell::new(0));
        let buffers = Buffers::default();
        Self { target, limits, clock, pools, turn, passed_over, alarms, buffers }
    }

    /// Gives the time-outs of exchanges, to be looked at every now and then.
    pub(crate) fn alarms(&self) -> &Alarms {
        &self.alarms
    }

    /// Gives the authority that all servers go by.
    pub(crate) fn authority(&self) -> &str {
        self.target.authority()
    }

    /// Gives the path that all requests' paths stand under.
    pub(crate) fn base(&self) -> &str {
        self.target.base()
    }

    /// Counts the connections made so far.
    pub(crate) fn opened(&self) -> u64 {
        self.pools.iter().map(Pool::opened).sum()
    }

    /// Counts how often a server refused a connection and the next one was asked at once.
    pub(crate) fn passed_over(&self) -> u64 {
        self.passed_over.get()
    }

    /// Gives the pools of the servers, the one first whose turn it is.
    fn in_turn(&self) -> impl Iterator<Item = &Pool> {
        let turn = self.turn.get();
        self.turn.set((turn + 1) % self.pools.len());
        self.pools[turn..].iter().chain(&self.pools[..turn])
    }

    /// Opens a connection apart from those of exchanges, to the server whose turn it is or to the
    /// next that takes one.
    pub(crate) async fn connect(&self) -> Result<TcpStream, Fault> {
        let mut servers = self.in_turn().peekable();
        while let Some(server) = servers.next() {
            match server.connect().await.map_err(|error| refusal(&error)) {
                Err(Fault::Refused) if servers.peek().is_some() => self.pass_over(),
                done => return done,
            }
        }
        Err(Fault::Refused)
    }

    fn pass_over(&self) {
        self.passed_over.set(self.passed_over.get() + 1);
    }

    /// Sends a request and reads its answer. A server that refuses the connection is passed over:
    /// it was sent nothing, so the next one is asked at once, as a balancer would.
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
        let mut servers = self.in_turn();
        let first = servers.next().expect("a target has one server at least");
        let mut place = first.place().await;
        sent(self.clock.now_us());
        loop {
            let began = Cell::new(false);
            let talk = self.talk(place, &mut buffer, &began);
            let framed = match (self.alarms.within(talk).await, servers.next()) {
                (Some(Err(Fault::Refused)), Some(next)) => {
                    self.pass_over();
                    place = next.place().await;
                    continue;
                }
                (Some(framed), _) => framed?,
                (None, _) if began.get() => return Err(Fault::TimedOut),
                (None, _) => return Err(Fault::ConnectTimedOut),
            };
            let Framed { status, head_bytes, body_bytes, .. } = framed;
            return Ok(Answer { status, head_bytes, body_bytes, buffer });
        }
    }

    /// Has one exchange; `began` is set before the first byte is sent.
    async fn talk(
        &self,
        mut place: Place<'_>,
        buffer: &mut Buffer,
        began: &Cell<bool>,
    ) -> Result<Framed, Fault> {
        let stream = place.stream().await.map_err(|error| refusal(&error))?;
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
            place.rest();
        }
        Ok(framed)
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
