//! Networks: Jackson's product form, open and closed.

use crate::judge::{REPLICATIONS, claim, judge, replicate, slow};
use crate::network::{Network, Shape, Source, Station, run};
use crate::oracles::{closed_cycle, mmc_there, traffic};
use dastak_kernel::queue::RadixQueue;

/// The limit of the full checks.
const LIMIT: f64 = 0.005;

fn station(servers: u32, service_s: f64, next: &[(f64, usize)]) -> Station {
    Station { next: next.to_vec(), ..Station::new(servers, Shape::Exponential, service_s) }
}

/// Customers come to every station of a ring and leave it after each with probability ½.
fn ring() -> Network {
    let plan = [(1, 0.6), (2, 1.0), (1, 0.5), (3, 2.0), (1, 0.6)];
    let stations = (0..plan.len())
        .map(|n| station(plan[n].0, plan[n].1, &[(0.5, (n + 1) % plan.len())]))
        .collect();
    let source = |station| Source { station, class: 0, rate: 0.5 };
    Network { stations, sources: (0..plan.len()).map(source).collect(), closed: 0 }
}

/// Work that fails its check goes back: a server, an inspector, 30 % to do again.
fn feedback() -> Network {
    Network {
        stations: vec![station(1, 0.5, &[(1.0, 1)]), station(2, 0.8, &[(0.3, 0)])],
        sources: vec![Source { station: 0, class: 0, rate: 0.9 }],
        closed: 0,
    }
}

/// Checks the mean number at each station and the mean time in the network.
fn check_open(title: &str, network: &Network, replications: u64, customers: f64, limit: f64) {
    let mut external = vec![0.0; network.stations.len()];
    for source in &network.sources {
        external[source.station] += source.rate;
    }
    let next: Vec<_> = network.stations.iter().map(|station| station.next.clone()).collect();
    let rates = traffic(&external, &next);
    let there: Vec<f64> = network
        .stations
        .iter()
        .zip(&rates)
        .map(|(station, &rate)| mmc_there(station.servers, rate, station.service_s))
        .collect();
    let rate: f64 = external.iter().sum();
    let mut claims: Vec<_> =
        (0..).zip(&there).map(|(n, &l)| claim(format!("at station {n}"), l, limit)).collect();
    claims.push(claim("time in the network", there.iter().sum::<f64>() / rate, limit));

    let span_s = customers / replications as f64 / rate;
    let figures = replicate(replications, |seed| {
        let seen = run::<RadixQueue<_>>(network, seed, span_s / 20.0, span_s);
        let there = (0..network.stations.len()).map(|station| seen.there(station));
        there.chain([seen.sojourn_s()]).collect()
    });
    judge(title, &claims, &figures);
}

/// Checks throughput and the mean number at each station of a closed ring.
fn check_closed(customers: u32, replications: u64, span_s: f64, limit: f64) {
    let plan = [(1, 1.0), (3, 2.0), (1, 0.7), (customers, 5.0)];
    let stations = (0..plan.len())
        .map(|n| station(plan[n].0, plan[n].1, &[(1.0, (n + 1) % plan.len())]))
        .collect();
    let network = Network { stations, sources: Vec::new(), closed: customers };
    let (throughput, there) = closed_cycle(&plan, customers);
    let mut claims = vec![claim("throughput", throughput, limit)];
    claims.extend((0..).zip(&there).map(|(n, &l)| claim(format!("at station {n}"), l, limit)));
    let span_s = span_s / replications as f64;
    let figures = replicate(replications, |seed| {
        let seen = run::<RadixQueue<_>>(&network, seed, span_s / 20.0, span_s);
        let throughput = seen.tallies[0][0].started as f64 / seen.span_s();
        let there = (0..plan.len()).map(|station| seen.there(station));
        [throughput].into_iter().chain(there).collect()
    });
    judge(&format!("closed ring, {customers} customers"), &claims, &figures);
}

#[test]
fn short_runs_agree_with_the_product_form() {
    check_open("Jackson ring", &ring(), 12, 120_000.0, 0.15);
    check_open("Jackson feedback", &feedback(), 12, 120_000.0, 0.15);
    check_closed(10, 12, 60_000.0, 0.1);
}

#[test]
fn slow_jackson() {
    if slow() {
        check_open("Jackson ring", &ring(), REPLICATIONS, 55e6, LIMIT);
        check_open("Jackson feedback", &feedback(), REPLICATIONS, 17e6, LIMIT);
    }
}

#[test]
fn slow_closed_network() {
    if slow() {
        check_closed(5, REPLICATIONS, 4e6, LIMIT);
        check_closed(20, REPLICATIONS, 17e6, LIMIT);
    }
}
