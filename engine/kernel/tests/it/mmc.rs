//! M/M/c against Erlang-C.

use crate::judge::{REPLICATIONS, claim, judge, replicate, slow};
use crate::network::{Network, Outcome, SECOND, Shape, Source, Station, run};
use crate::oracles::{erlang_c, mmc_wait, mmc_wait_quantile};
use dastak_kernel::queue::{HeapQueue, RadixQueue};

/// A load on some servers, and how many customers make the intervals narrow enough.
struct Cell {
    servers: u32,
    rho: f64,
    customers: f64,
    limit: f64,
}

impl Cell {
    fn rate(&self) -> f64 {
        self.rho * f64::from(self.servers)
    }

    fn network(&self) -> Network {
        Network {
            stations: vec![Station::new(self.servers, Shape::Exponential, 1.0)],
            sources: vec![Source { station: 0, class: 0, rate: self.rate() }],
            closed: 0,
        }
    }

    /// Seconds of one replication after its warm-up.
    fn span_s(&self, replications: u64) -> f64 {
        self.customers / replications as f64 / self.rate()
    }
}

/// Checks wait, queue, share that waits, 95th percentile of the wait, and load.
fn check(cell: &Cell, replications: u64) {
    let &Cell { servers, rho, limit, .. } = cell;
    let (network, rate, span_s) = (cell.network(), cell.rate(), cell.span_s(replications));
    let wait_s = mmc_wait(servers, rate, 1.0);
    let claims = [
        claim("wait", wait_s, limit),
        claim("queue", rate * wait_s, limit),
        claim("share that waits", erlang_c(servers, rate), limit),
        claim("95th percentile of wait", mmc_wait_quantile(servers, rate, 1.0, 0.95), limit),
        claim("busy servers", rate, limit),
    ];
    let figures = replicate(replications, |seed| {
        let seen = run::<RadixQueue<_>>(&network, seed, span_s / 20.0, span_s);
        let tally = &seen.tallies[0][0];
        vec![
            tally.wait_s(),
            seen.queue(0, 0),
            tally.waited as f64 / tally.started as f64,
            tally.waits.quantile(0.95) as f64 / SECOND,
            seen.there(0) - seen.queue(0, 0),
        ]
    });
    judge(&format!("M/M/{servers} at {rho}"), &claims, &figures);
}

/// Checks a load under which so few wait that no run is long enough to see how long they do.
///
/// The load and the share that waits are seen in a plain run. How long those wait who do is seen
/// in runs whose servers are never idle: each time one would be, the state is that of an arrival
/// taking the last free server, which is how a time of waiting begins.
fn check_rare(cell: &Cell, share_limit: f64) {
    let &Cell { servers, rho, limit, .. } = cell;
    let (rate, span_s) = (cell.rate(), cell.span_s(REPLICATIONS));
    let drain = f64::from(servers) - rate;
    let waits = erlang_c(servers, rate);
    // What happens once in 10¹² customers does not happen.
    let waits = if waits < 1e-12 { 0.0 } else { waits };
    let mut never_idle = cell.network();
    never_idle.stations[0].never_idle = true;
    never_idle.closed = servers;
    let claims = [
        claim("busy servers", rate, limit),
        claim("share that waits", waits, share_limit),
        claim("wait of those who wait", 1.0 / drain, limit),
        claim("their 95th percentile", 20.0_f64.ln() / drain, limit),
        claim("waits in a row", rho / (1.0 - rho), limit),
    ];
    let figures = replicate(REPLICATIONS, |seed| {
        let plain = run::<RadixQueue<_>>(&cell.network(), seed, 20.0, span_s);
        let tally = &plain.tallies[0][0];
        let busy = run::<RadixQueue<_>>(&never_idle, seed, 20.0, 200_000.0 / rate);
        let waits = &busy.tallies[0][0];
        let share = waits.waited as f64 / waits.started as f64;
        vec![
            plain.there(0) - plain.queue(0, 0),
            tally.waited as f64 / tally.started as f64,
            waits.wait_s() / share,
            waits.waits.quantile(1.0 - 0.05 * share) as f64 / SECOND,
            waits.waited as f64 / waits.extra as f64,
        ]
    });
    judge(&format!("M/M/{servers} at {rho}, where few wait"), &claims, &figures);
}

#[test]
fn short_runs_agree_with_erlang_c() {
    check(&Cell { servers: 1, rho: 0.7, customers: 240_000.0, limit: 0.2 }, 12);
    check(&Cell { servers: 5, rho: 0.7, customers: 240_000.0, limit: 0.2 }, 12);
    check(&Cell { servers: 20, rho: 0.9, customers: 600_000.0, limit: 0.4 }, 12);
}

/// The same network on either queue gives the same counts, waits and levels.
#[test]
fn both_queues_give_the_same_run() {
    let network = Cell { servers: 3, rho: 0.8, customers: 0.0, limit: 0.0 }.network();
    let told = |seen: Outcome| format!("{seen:?}");
    let radix = told(run::<RadixQueue<_>>(&network, 5, 100.0, 3_000.0));
    assert_eq!(radix, told(run::<HeapQueue<_>>(&network, 5, 100.0, 3_000.0)));
}

/// Runs the cells of one load: servers, millions of customers; the limit is that of the load.
fn check_load(rho: f64, limit: f64, cells: &[(u32, f64)]) {
    if slow() {
        for &(servers, millions) in cells {
            check(&Cell { servers, rho, customers: millions * 1e6, limit }, REPLICATIONS);
        }
    }
}

#[test]
fn slow_erlang_c_at_light_load() {
    check_load(0.3, 0.01, &[(1, 10.0), (2, 18.0), (5, 130.0)]);
}

#[test]
fn slow_erlang_c_at_medium_load() {
    check_load(0.7, 0.01, &[(1, 14.0), (2, 15.0), (5, 22.0), (20, 280.0)]);
}

#[test]
fn slow_erlang_c_at_heavy_load() {
    check_load(0.9, 0.01, &[(1, 170.0), (2, 140.0), (5, 150.0), (20, 230.0), (100, 750.0)]);
}

#[test]
fn slow_erlang_c_near_saturation() {
    check_load(0.95, 0.025, &[(1, 95.0), (2, 95.0), (5, 95.0), (20, 100.0), (100, 120.0)]);
}

#[test]
fn slow_erlang_c_where_few_wait() {
    if slow() {
        let cell = |servers, rho, customers| Cell { servers, rho, customers, limit: 0.01 };
        check_rare(&cell(20, 0.3, 60e6), 0.5);
        check_rare(&cell(100, 0.3, 3e6), 0.0);
        check_rare(&cell(100, 0.7, 60e6), 0.15);
    }
}
