//! Loss, impatience, many servers and priorities.

use crate::judge::{REPLICATIONS, claim, judge, replicate, slow};
use crate::network::{Network, Outcome, SECOND, Shape, Source, Station, UNLIMITED, run};
use crate::oracles::{erlang_a, erlang_b, poisson_up_to, priority_waits};
use dastak_kernel::queue::RadixQueue;

/// The limit of the full checks.
const LIMIT: f64 = 0.01;

fn single(station: Station, rates: &[f64]) -> Network {
    let source = |(class, &rate)| Source { station: 0, class, rate };
    Network {
        stations: vec![station],
        sources: rates.iter().enumerate().map(source).collect(),
        closed: 0,
    }
}

/// Runs replications of a network and reads figures off each.
fn figures(
    network: &Network,
    replications: u64,
    customers: f64,
    read: impl Fn(&Outcome) -> Vec<f64> + Sync,
) -> Vec<Vec<f64>> {
    let rate: f64 = network.sources.iter().map(|source| source.rate).sum();
    let span_s = customers / replications as f64 / rate;
    replicate(replications, |seed| {
        read(&run::<RadixQueue<_>>(network, seed, span_s / 20.0, span_s))
    })
}

/// Erlang's loss formula, which holds for any service distribution of the same mean.
fn check_loss(shape: Shape, replications: u64, customers: f64, limit: f64) {
    let (servers, a) = (10, 8.0);
    let network = single(Station { room: servers, ..Station::new(servers, shape, 1.0) }, &[a]);
    let lost = erlang_b(servers, a);
    let claims = [claim("lost", lost, limit), claim("busy servers", a * (1.0 - lost), limit)];
    let figures = figures(&network, replications, customers, |seen| {
        let tally = &seen.tallies[0][0];
        vec![tally.lost as f64 / tally.arrivals as f64, seen.there(0)]
    });
    judge(&format!("Erlang-B, 10 servers, load 8, {shape:?}"), &claims, &figures);
}

/// The picking queue of the design: 120 orders an hour, 150 s each, patience 300 s.
fn check_patience(servers: u32, replications: u64, customers: f64, limit: f64) {
    let (rate, service_s, patience_s) = (120.0 / 3_600.0, 150.0, 300.0);
    let station = Station {
        patience_s: Some(patience_s),
        ..Station::new(servers, Shape::Exponential, service_s)
    };
    let (waits, quits) = erlang_a(servers, rate, service_s, patience_s);
    let claims = [
        claim("give up", quits, limit),
        claim("share that waits", waits, limit),
        claim("queue", quits * rate * patience_s, limit),
    ];
    let figures = figures(&single(station, &[rate]), replications, customers, |seen| {
        let tally = &seen.tallies[0][0];
        let arrivals = tally.arrivals as f64;
        vec![
            tally.quit as f64 / arrivals,
            (tally.quit + tally.waited) as f64 / arrivals,
            seen.queue(0, 0),
        ]
    });
    judge(&format!("Erlang-A, {servers} servers"), &claims, &figures);
}

/// With a server for everyone the number there is Poisson, whatever the service distribution.
fn check_infinite(shape: Shape, replications: u64, customers: f64, limit: f64) {
    let a = 5.0;
    let network = single(Station::new(UNLIMITED, shape, 1.0), &[a]);
    let claims = [
        claim("there", a, limit),
        claim("at most 2 there", poisson_up_to(2, a), limit),
        claim("at most 5 there", poisson_up_to(5, a), limit),
        claim("more than 8 there", 1.0 - poisson_up_to(8, a), limit),
    ];
    let figures = figures(&network, replications, customers, |seen| {
        let share = |from: usize, to: usize| {
            let ticks: u64 = seen.occupancy[from..to].iter().sum();
            ticks as f64 / SECOND / seen.span_s()
        };
        vec![seen.there(0), share(0, 3), share(0, 6), share(9, 64)]
    });
    judge(&format!("M/G/inf, {shape:?}"), &claims, &figures);
}

/// Two classes, the lower number first, never interrupting.
fn check_priority(servers: u32, rates: [f64; 2], replications: u64, customers: f64, limit: f64) {
    let network = single(Station::new(servers, Shape::Exponential, 1.0), &rates);
    let theory = priority_waits(servers, &rates, 1.0);
    let claims = [
        claim("wait of the first class", theory[0], limit),
        claim("wait of the second class", theory[1], limit),
        claim("queue of the second class", theory[1] * rates[1], limit),
    ];
    let figures = figures(&network, replications, customers, |seen| {
        vec![seen.tallies[0][0].wait_s(), seen.tallies[0][1].wait_s(), seen.queue(0, 1)]
    });
    judge(&format!("priorities, {servers} servers, rates {rates:?}"), &claims, &figures);
}

#[test]
fn short_runs_agree_with_loss_and_patience() {
    check_loss(Shape::Exponential, 12, 120_000.0, 0.15);
    check_patience(5, 12, 120_000.0, 0.15);
    check_infinite(Shape::Lognormal(2.0), 12, 120_000.0, 0.15);
    check_priority(3, [1.0, 1.0], 12, 240_000.0, 0.2);
}

#[test]
fn slow_erlang_b_whatever_the_service() {
    if slow() {
        check_loss(Shape::Exponential, REPLICATIONS, 6e6, LIMIT);
        check_loss(Shape::Constant, REPLICATIONS, 6e6, LIMIT);
        check_loss(Shape::Hyperexponential(4.0), REPLICATIONS, 8e6, LIMIT);
    }
}

#[test]
fn slow_erlang_a() {
    if slow() {
        for (servers, customers) in [(4, 6e6), (5, 6e6), (6, 8e6), (7, 11e6)] {
            check_patience(servers, REPLICATIONS, customers, LIMIT);
        }
    }
}

#[test]
fn slow_infinite_servers_whatever_the_service() {
    if slow() {
        check_infinite(Shape::Exponential, REPLICATIONS, 11e6, LIMIT);
        check_infinite(Shape::Constant, REPLICATIONS, 9e6, LIMIT);
        check_infinite(Shape::Erlang2, REPLICATIONS, 11e6, LIMIT);
        check_infinite(Shape::Lognormal(2.0), REPLICATIONS, 26e6, LIMIT);
        check_infinite(Shape::Hyperexponential(4.0), REPLICATIONS, 36e6, LIMIT);
    }
}

#[test]
fn slow_priorities() {
    if slow() {
        check_priority(1, [0.3, 0.5], REPLICATIONS, 30e6, LIMIT);
        check_priority(5, [2.0, 2.0], REPLICATIONS, 72e6, LIMIT);
    }
}
