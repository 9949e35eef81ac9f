//! What queueing theory says, each formula with its source.

/// Erlang-B: the share of Poisson arrivals lost at `servers` servers under offered load `a`.
///
/// The recursion B(c) = a B(c−1) / (c + a B(c−1)): Cooper, "Introduction to Queueing Theory",
/// 2nd ed., eq. 3.3. It holds for any service distribution.
pub(crate) fn erlang_b(servers: u32, a: f64) -> f64 {
    (1..=servers).fold(1.0, |loss, c| a * loss / (f64::from(c) + a * loss))
}

/// Erlang-C: the share of arrivals that wait in M/M/c. Cooper, eq. 4.8.
pub(crate) fn erlang_c(servers: u32, a: f64) -> f64 {
    let loss = erlang_b(servers, a);
    let c = f64::from(servers);
    c * loss / (c - a * (1.0 - loss))
}

/// M/M/c: mean wait before service, given arrival rate and mean service time.
pub(crate) fn mmc_wait(servers: u32, rate: f64, service_s: f64) -> f64 {
    erlang_c(servers, rate * service_s) / (f64::from(servers) / service_s - rate)
}

/// M/M/c: the wait that a share `q` do not exceed; those who wait do so exponentially.
pub(crate) fn mmc_wait_quantile(servers: u32, rate: f64, service_s: f64, q: f64) -> f64 {
    let waits = erlang_c(servers, rate * service_s);
    let drain = f64::from(servers) / service_s - rate;
    if waits <= 1.0 - q { 0.0 } else { (waits / (1.0 - q)).ln() / drain }
}

/// M/G/1: mean wait before service. Pollaczek 1930, Khinchine 1932; Cooper, eq. 5.41.
pub(crate) fn pollaczek_khinchine(rate: f64, service_s: f64, squared_cv: f64) -> f64 {
    let rho = rate * service_s;
    rho * service_s * (1.0 + squared_cv) / (2.0 * (1.0 - rho))
}

/// Erlang-A (M/M/c + M): the shares of arrivals that wait and that give up.
///
/// From the birth–death probabilities: deaths at min(n, c)/service + (n − c)⁺/patience. Palm 1957;
/// Garnett, Mandelbaum, Reiman, M&SOM 4(3), 2002.
pub(crate) fn erlang_a(servers: u32, rate: f64, service_s: f64, patience_s: f64) -> (f64, f64) {
    let (mut weight, mut total, mut waiting, mut queue) = (1.0, 1.0, 0.0, 0.0);
    for n in 1..servers + 5_000 {
        let served = f64::from(n.min(servers)) / service_s;
        let in_line = f64::from(n.saturating_sub(servers));
        weight *= rate / (served + in_line / patience_s);
        total += weight;
        queue += weight * in_line;
        if n >= servers {
            waiting += weight;
        }
    }
    (waiting / total, queue / total / patience_s / rate)
}

/// M/M/c with non-preemptive priorities and one service rate: mean wait of each class.
///
/// Cobham, J. ORSA 2(1), 1954; Kella & Yechiali, Naval Research Logistics 32, 1985.
pub(crate) fn priority_waits(servers: u32, rates: &[f64], service_s: f64) -> Vec<f64> {
    let capacity = f64::from(servers) / service_s;
    let all: f64 = rates.iter().sum();
    let residual = erlang_c(servers, all * service_s) / capacity;
    let mut above = 0.0;
    let wait = |rate: &f64| {
        let with = above + rate / capacity;
        let wait = residual / ((1.0 - above) * (1.0 - with));
        above = with;
        wait
    };
    rates.iter().map(wait).collect()
}

/// Jackson network: the arrival rate at each station, external and from others.
///
/// Fixed point of rate = external + Σ rate · share: Jackson, Operations Research 5(4), 1957.
pub(crate) fn traffic(external: &[f64], next: &[Vec<(f64, usize)>]) -> Vec<f64> {
    let mut rates = external.to_vec();
    for _ in 0..10_000 {
        let mut sum = external.to_vec();
        for (rate, routes) in rates.iter().zip(next) {
            for &(share, station) in routes {
                sum[station] += rate * share;
            }
        }
        rates = sum;
    }
    rates
}

/// M/M/c: mean number at a station.
pub(crate) fn mmc_there(servers: u32, rate: f64, service_s: f64) -> f64 {
    rate * (mmc_wait(servers, rate, service_s) + service_s)
}

/// Closed network of M/M/c stations visited in a cycle: throughput and mean number at each.
///
/// Exact load-dependent mean value analysis: Reiser & Lavenberg, J. ACM 27(2), 1980.
pub(crate) fn closed_cycle(stations: &[(u32, f64)], customers: u32) -> (f64, Vec<f64>) {
    // share[s][k]: probability of k at station s with one customer fewer in the network.
    let size = customers as usize + 1;
    let mut share = vec![vec![0.0; size]; stations.len()];
    for shares in &mut share {
        shares[0] = 1.0;
    }
    let (mut throughput, mut there) = (0.0, vec![0.0; stations.len()]);
    for n in 1..size {
        let speed = |servers: u32, k: usize| (k as f64).min(f64::from(servers));
        let stay = |(&(servers, service_s), shares): (&(u32, f64), &Vec<f64>)| -> f64 {
            (1..=n).map(|k| k as f64 / speed(servers, k) * service_s * shares[k - 1]).sum()
        };
        let stays: Vec<f64> = stations.iter().zip(&share).map(stay).collect();
        throughput = n as f64 / stays.iter().sum::<f64>();
        for (station, &(servers, service_s)) in stations.iter().enumerate() {
            there[station] = throughput * stays[station];
            for k in (1..=n).rev() {
                share[station][k] =
                    throughput * service_s / speed(servers, k) * share[station][k - 1];
            }
            share[station][0] = 1.0 - share[station][1..=n].iter().sum::<f64>();
        }
    }
    (throughput, there)
}

/// Poisson: probability of at most `k`.
pub(crate) fn poisson_up_to(k: u32, mean: f64) -> f64 {
    let (mut term, mut sum) = ((-mean).exp(), 0.0);
    for i in 0..=k {
        sum += term;
        term *= mean / f64::from(i + 1);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The design's table for a picking queue: arrivals an hour, mean 150 s, P(wait) and wait.
    #[test]
    fn oracles_give_the_published_picking_table() {
        let check = |per_hour: f64, servers, waits: f64, wait_s: f64| {
            let rate = per_hour / 3_600.0;
            assert!(
                (erlang_c(servers, rate * 150.0) - waits).abs() < 0.0006,
                "{per_hour} {servers}"
            );
            assert!((mmc_wait(servers, rate, 150.0) - wait_s).abs() < 0.6, "{per_hour} {servers}");
        };
        check(60.0, 3, 0.702, 211.0);
        check(60.0, 6, 0.047, 2.0);
        check(120.0, 6, 0.588, 88.0);
        check(180.0, 9, 0.509, 51.0);
        check(240.0, 11, 0.682, 102.0);
        check(240.0, 14, 0.174, 7.0);
    }

    #[test]
    fn oracles_give_the_published_loss_and_patience_tables() {
        let loss = |a: f64, servers, lost: f64| {
            assert!((erlang_b(servers, a) - lost).abs() < 0.0006, "{a} {servers}");
        };
        loss(5.0, 5, 0.285);
        loss(5.0, 12, 0.0034);
        loss(10.0, 16, 0.022);
        loss(20.0, 24, 0.066);
        let quit = |servers, share: f64| {
            let (_, found) = erlang_a(servers, 120.0 / 3_600.0, 150.0, 300.0);
            assert!((found - share).abs() < 0.0006, "{servers}: {found}");
        };
        quit(4, 0.259);
        quit(5, 0.146);
        quit(6, 0.076);
        quit(7, 0.036);
    }

    /// Special cases that other formulas give.
    #[test]
    fn oracles_agree_where_they_overlap() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9 * a.abs().max(1.0), "{a} {b}");
        close(mmc_wait(1, 0.8, 1.0), 4.0);
        close(pollaczek_khinchine(0.8, 1.0, 1.0), 4.0);
        close(priority_waits(3, &[2.0], 1.0)[0], mmc_wait(3, 2.0, 1.0));
        // Work is conserved: waits weighted by rates are those without priorities.
        let waits = priority_waits(2, &[0.5, 0.6, 0.4], 1.0);
        let mean = (0.5 * waits[0] + 0.6 * waits[1] + 0.4 * waits[2]) / 1.5;
        close(mean, mmc_wait(2, 1.5, 1.0));
        // Two equal single servers and n customers: throughput n / (n + 1).
        let (throughput, there) = closed_cycle(&[(1, 1.0), (1, 1.0)], 6);
        close(throughput, 6.0 / 7.0);
        close(there[0], 3.0);
        // As many servers as customers: no one waits.
        close(closed_cycle(&[(4, 2.0), (4, 3.0)], 4).0, 4.0 / 5.0);
        // Infinite patience is Erlang-C.
        close(erlang_a(4, 3.0, 1.0, 1e12).0, erlang_c(4, 3.0));
        close(traffic(&[1.0, 0.0], &[vec![(1.0, 1)], vec![(0.5, 0)]])[0], 2.0);
        close(poisson_up_to(1, 2.0), 3.0 * (-2.0_f64).exp());
    }
}
