//! Whom the driver may send to: loopback, or a host whose owner's consent is on record.
//!
//! A target can only be made here, so holding one is the proof that it may be driven. A host that
//! is not loopback is refused before its name is looked up: nothing leaves the machine on the way
//! to a refusal. Addresses are looked up once, so a name cannot change its mind later.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::thread;
use std::time::Duration;

/// What a profile says, word for word, to drive hosts that are not loopback.
pub const ACKNOWLEDGEMENT: &str = "I am allowed to send load to these hosts";

/// Arrivals a second at most on loopback: far above what one machine can send.
const LOOPBACK_PER_S: f64 = 1_000_000.0;
/// Microseconds a run may last on loopback: a day.
const LOOPBACK_LASTS_US: u64 = 24 * 3_600 * 1_000_000;
/// How long a server that is just starting is waited for.
const CONNECT_WITHIN_MS: u32 = 3_000;
/// Between two tries to connect.
const RETRY_MS: u32 = 100;

/// Consent to drive hosts other than loopback, as a target profile gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Permit {
    /// Host names or addresses, each exactly as it stands in the URL.
    pub hosts: Vec<String>,
    /// [`ACKNOWLEDGEMENT`], word for word.
    pub acknowledgement: String,
    /// Arrivals a second at most.
    pub ceiling_per_s: f64,
    /// Microseconds that a run may last.
    pub ceiling_us: u64,
}

/// A server that may be driven.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    address: SocketAddr,
    replicas: Vec<SocketAddr>,
    authority: String,
    base: String,
    ceiling_per_s: f64,
    ceiling_us: u64,
}

/// Why a target is not driven. All but [`TargetError::Down`] are the caller's mistakes.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The URL is not one of a server that this driver can talk to.
    #[error("{url}: {reason}")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not loopback, and nobody said that it may be driven.
    #[error(
        "{host} is not loopback: a target profile must list it under hosts, with \
         acknowledgement = \"{ACKNOWLEDGEMENT}\""
    )]
    Foreign {
        /// The host of the URL.
        host: String,
    },
    /// More load than the target's permit allows.
    #[error(
        "{per_s} a second for {} s, allowed {ceiling_per_s} a second for {} s",
        *.lasts_us as f64 / 1e6, *.ceiling_us as f64 / 1e6
    )]
    Ceiling {
        /// Highest rate asked for.
        per_s: f64,
        /// Length asked for.
        lasts_us: u64,
        /// Highest rate allowed.
        ceiling_per_s: f64,
        /// Length allowed.
        ceiling_us: u64,
    },
    /// Nobody answers.
    #[error("{address} does not accept connections")]
    Down {
        /// Where nobody answers.
        address: String,
        /// The last try's error.
        #[source]
        source: io::Error,
    },
}

impl Target {
    /// Reads a URL such as `http://127.0.0.1:8080/base`.
    ///
    /// Without a port it is 80. `https` is refused: the driver speaks no TLS.
    ///
    /// # Errors
    /// [`TargetError`]: not a URL, or a host that may not be driven.
    pub fn parse(url: &str, permit: Option<&Permit>) -> Result<Self, TargetError> {
        let wrong = |reason| TargetError::Url { url: url.to_owned(), reason };
        let rest = url.strip_prefix("http://").ok_or(wrong("does not begin with http://"))?;
        let (authority, base) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"@\\?#\"<>`{}".contains(&byte);
        if authority.is_empty() || !url.bytes().all(plain) {
            return Err(wrong("has no host, a query, a user, or signs that a URL may not have"));
        }
        let (host, port) = split_port(authority).ok_or(wrong("has a port that is no number"))?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let (ceiling_per_s, ceiling_us) = if is_loopback(bare) {
            (LOOPBACK_PER_S, LOOPBACK_LASTS_US)
        } else {
            let foreign = || TargetError::Foreign { host: bare.to_owned() };
            let permit = permit.filter(|permit| permit.covers(bare)).ok_or_else(foreign)?;
            (permit.ceiling_per_s, permit.ceiling_us)
        };
        let unknown = |source| TargetError::Down { address: authority.to_owned(), source };
        let found = (bare, port).to_socket_addrs().map_err(unknown)?.next();
        let address = found.ok_or_else(|| unknown(io::ErrorKind::NotFound.into()))?;
        if bare == "localhost" && !address.ip().is_loopback() {
            return Err(TargetError::Foreign { host: format!("localhost ({address})") });
        }
        let base = base.trim_end_matches('/').to_owned();
        let (authority, replicas) = (authority.to_owned(), Vec::new());
        Ok(Self { address, replicas, authority, base, ceiling_per_s, ceiling_us })
    }

    /// The same deployment with one more server: requests alternate among them all. What the first
    /// one's URL says beside the address holds for all.
    #[must_use]
    pub fn with_replica(mut self, replica: &Self) -> Self {
        self.replicas.push(replica.address);
        self.ceiling_per_s = self.ceiling_per_s.min(replica.ceiling_per_s);
        self.ceiling_us = self.ceiling_us.min(replica.ceiling_us);
        self
    }

    /// Refuses more load than is allowed.
    ///
    /// # Errors
    /// [`TargetError::Ceiling`].
    pub fn allow(&self, per_s: f64, lasts_us: u64) -> Result<(), TargetError> {
        if per_s <= self.ceiling_per_s && lasts_us <= self.ceiling_us {
            return Ok(());
        }
        let (ceiling_per_s, ceiling_us) = (self.ceiling_per_s, self.ceiling_us);
        Err(TargetError::Ceiling { per_s, lasts_us, ceiling_per_s, ceiling_us })
    }

    /// Connects to the first server once, waiting up to three seconds for one that is starting.
    ///
    /// # Errors
    /// [`TargetError::Down`] after three seconds.
    pub fn check(&self) -> Result<(), TargetError> {
        let mut left_ms = CONNECT_WITHIN_MS;
        loop {
            let within = Duration::from_millis(u64::from(left_ms));
            let source = match TcpStream::connect_timeout(&self.address, within) {
                Ok(_) => return Ok(()),
                Err(source) => source,
            };
            // A try that timed out has used the time up; one that was refused took none.
            if source.kind() == io::ErrorKind::TimedOut || left_ms <= RETRY_MS {
                return Err(TargetError::Down { address: self.address.to_string(), source });
            }
            thread::sleep(Duration::from_millis(u64::from(RETRY_MS)));
            left_ms -= RETRY_MS;
        }
    }

    /// Gives the address connected to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives the addresses of all its servers, the first one's first.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        std::iter::once(self.address).chain(self.replicas.iter().copied())
    }

    /// Gives the host and port as the URL has them: what a `Host` header says.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Gives the path that all requests' paths stand under, without a slash at its end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }
}

impl Permit {
    fn covers(&self, host: &str) -> bool {
        self.acknowledgement == ACKNOWLEDGEMENT && self.hosts.iter().any(|listed| listed == host)
    }
}

/// Splits `host:port`, `host`, `[v6]:port`; the port is 80 where there is none.
fn split_port(authority: &str) -> Option<(&str, u16)> {
    let colon = authority.rfind(':').filter(|&colon| !authority[colon..].contains(']'));
    match colon {
        None => Some((authority, 80)),
        Some(colon) => Some((&authority[..colon], authority[colon + 1..].parse().ok()?)),
    }
}

/// Tells whether a host is this machine speaking to itself. Of names, only `localhost` is.
fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => {
            address == Ipv6Addr::LOCALHOST
                || address.to_ipv4_mapped().is_some_and(|mapped| mapped.is_loopback())
        }
        Ok(IpAddr::V4(address)) => address.is_loopback(),
        Err(_) => host == "localhost",
    }
}

#[cfg(test)]
mod tests;
