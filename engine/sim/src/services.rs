//! The platform's own software as queueing models: how long a call takes, and how many at once.
//!
//! Each service is a first-come-first-served station with some servers: a call starts when the
//! server that is free first is free, and takes a drawn time. That is exact for FCFS (Kiefer and
//! Wolfowitz 1955) and needs one event per call and no queue.

use domain::time::{MICROS_PER_MS, Millis, Timestamp};
use kernel::chance::Draw;

/// A service that an order passes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Locks quotes.
    Pricing,
    /// Holds stock.
    Inventory,
    /// Talks to the payment provider.
    Payment,
}

impl Service {
    const ALL: [Self; 3] = [Self::Pricing, Self::Inventory, Self::Payment];
}

/// How fast one service is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Calls it works on at once.
    pub servers: u16,
    /// Median time of one call.
    pub median: Millis,
    /// Spread of that time: sigma of its lognormal.
    pub sigma: f64,
}

/// How fast the services are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setup {
    /// Locks quotes. 8 at once, 4 ms: assumed, grade E.
    pub pricing: Speed,
    /// Holds stock. 8 at once, 8 ms: assumed, grade E.
    pub inventory: Speed,
    /// Creates payments. 16 at once, 12 ms: assumed, grade E.
    pub payment: Speed,
}

impl Default for Setup {
    fn default() -> Self {
        let speed = |servers, median_ms| Speed { servers, median: Millis(median_ms), sigma: 0.5 };
        Self { pricing: speed(8, 4), inventory: speed(8, 8), payment: speed(16, 12) }
    }
}

impl Setup {
    /// Services that take no time.
    #[must_use]
    pub fn instant() -> Self {
        let instant = Speed { servers: 1, median: Millis::ZERO, sigma: 0.0 };
        Self { pricing: instant, inventory: instant, payment: instant }
    }

    fn speed(&self, service: Service) -> Speed {
        match service {
            Service::Pricing => self.pricing,
            Service::Inventory => self.inventory,
            Service::Payment => self.payment,
        }
    }
}

/// The services of one city, at work.
#[derive(Clone, Debug)]
pub(crate) struct Services {
    setup: Setup,
    /// For each service, when each of its servers is free, in microseconds.
    free_at: Vec<Vec<u64>>,
}

impl Services {
    pub(crate) fn new(setup: Setup) -> Self {
        let servers =
            |service: &Service| vec![0; usize::from(setup.speed(*service).servers.max(1))];
        Self { setup, free_at: Service::ALL.iter().map(servers).collect() }
    }

    /// When a call made now is answered.
    pub(crate) fn call(&mut self, service: Service, now: Timestamp, draw: &mut Draw) -> Timestamp {
        let Speed { median, sigma, .. } = self.setup.speed(service);
        if median == Millis::ZERO {
            return now;
        }
        let servers = &mut self.free_at[service as usize];
        let soonest = servers.iter_mut().min().expect("a service has a server");
        let micros = draw.lognormal(f64::from(median.0) * MICROS_PER_MS as f64, sigma);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ms, positive")]
        let done = now.0.max(*soonest) + micros as u64;
        *soonest = done;
        Timestamp(done)
    }
}
