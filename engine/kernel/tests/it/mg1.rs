//! M/G/1 against Pollaczek–Khinchine.

use crate::judge::{REPLICATIONS, claim, judge, replicate, slow};
use crate::network::{Network, Shape, Source, Station, run};
use crate::oracles::pollaczek_khinchine;
use dastak_kernel::queue::RadixQueue;

/// Checks wait, queue and load of one server.
fn check(shape: Shape, rho: f64, replications: u64, customers: f64, limit: f64) {
    let network = Network {
        stations: vec![Station::new(1, shape, 1.0)],
        sources: vec![Source { station: 0, class: 0, rate: rho }],
        closed: 0,
    };
    let span_s = customers / replications as f64 / rho;
    let wait_s = pollaczek_khinchine(rho, 1.0, shape.squared_cv());
    let claims = [
        claim("wait", wait_s, limit),
        claim("queue", rho * wait_s, limit),
        claim("busy servers", rho, limit),
    ];
    let figures = replicate(replications, |seed| {
        let seen = run::<RadixQueue<_>>(&network, seed, span_s / 20.0, span_s);
        vec![seen.tallies[0][0].wait_s(), seen.queue(0, 0), seen.there(0) - seen.queue(0, 0)]
    });
    judge(&format!("M/G/1 at {rho}, {shape:?}"), &claims, &figures);
}

#[test]
fn short_runs_agree_with_pollaczek_khinchine() {
    check(Shape::Constant, 0.7, 12, 120_000.0, 0.15);
    check(Shape::Hyperexponential(4.0), 0.5, 12, 240_000.0, 0.15);
}

#[test]
fn slow_pollaczek_khinchine() {
    if slow() {
        let check = |shape, rho, millions| {
            check(shape, rho, REPLICATIONS, millions * 1e6, 0.015);
        };
        check(Shape::Constant, 0.5, 6.0);
        check(Shape::Erlang2, 0.5, 6.0);
        check(Shape::Lognormal(2.0), 0.5, 55.0);
        check(Shape::Hyperexponential(4.0), 0.5, 10.0);
        check(Shape::Constant, 0.8, 8.0);
        check(Shape::Erlang2, 0.8, 8.0);
        check(Shape::Lognormal(2.0), 0.8, 60.0);
        check(Shape::Hyperexponential(4.0), 0.8, 55.0);
    }
}
