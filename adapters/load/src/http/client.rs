//! One exchange on a connection.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

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
    alarms: Alarms,
    buffers: Buffers,
}

impl Client {
    pub(crate) fn new(target: Target, limits: Limits, clock: Clock) -> Self {
        let each = target.addresses();
        let pools = each.map(|address| Pool::new(address, limits.connections)).collect();
        let alarms = Alarms::new(clock, limits.time_out_us);
        let turn = Cell::new(0);
        Self { target, limits, clock, pools, turn, alarms, buffers: Buffers::default() }
    }

    /// Gives the time-outs of exchanges, to be looked at every now and then.
    pub(crate) fn alarms(&self) -> &Alarms {
        &self.alarms
    }

    /// Gives the server whose turn it is, and the authority that all of them go by.
    pub(crate) fn server(&self) -> (SocketAddr, &str) {
        let turn = self.turn.get();
        self.turn.set((turn + 1) % self.pools.len());
        (self.pools[turn].address(), self.target.authority())
    }

    /// Gives the path that all requests' paths stand under.
    pub(crate) fn base(&self) -> &str {
        self.target.base()
    }

    /// Counts the connections made so far.
    pub(crate) fn opened(&self) -> u64 {
        self.pools.iter().map(Pool::opened).sum()
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
        let (turn, servers) = (self.turn.get(), self.pools.len());
        self.turn.set((turn + 1) % servers);
        let mut place = self.pools[turn].place().await;
        sent(self.clock.now_us());
        let mut next = turn + 1;
        loop {
            let began = Cell::new(false);
            let talk = self.talk(place, &mut buffer, &began);
            let framed = match self.alarms.within(talk).await {
                Some(Err(Fault::Refused)) if next < turn + servers => {
                    place = self.pools[next % servers].place().await;
                    next += 1;
                    continue;
                }
                Some(framed) => framed?,
                None if began.get() => return Err(Fault::TimedOut),
                None => return Err(Fault::ConnectTimedOut),
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
