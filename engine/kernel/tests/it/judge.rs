//! Rule A: at least 30 replications at fixed seeds; theory inside the 99.9 % interval, and the
//! interval narrower than a limit, so that a pass means something.

use dastak_kernel::stats::Moments;
use std::fmt::Write as _;
use std::thread;

/// Replications of a full check, twice the least that the rule asks for.
pub(crate) const REPLICATIONS: u64 = 60;

/// Threads that share the replications.
const THREADS: u64 = 2;

/// Confidence of the interval that theory must be in.
const CONFIDENCE: f64 = 0.999;

/// One figure: what theory says, and how wide the interval around the measured mean may be.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) name: String,
    pub(crate) theory: f64,
    /// Half-width over theory; absolute where theory is zero.
    pub(crate) limit: f64,
}

/// States a claim.
pub(crate) fn claim(name: impl Into<String>, theory: f64, limit: f64) -> Claim {
    Claim { name: name.into(), theory, limit }
}

/// Tells whether the slow tests run.
pub(crate) fn slow() -> bool {
    std::env::var("RUN_SLOW").is_ok_and(|value| value == "1")
}

/// Runs replications 1, 2, … on two threads; results are in the order of seeds.
pub(crate) fn replicate<T: Send>(count: u64, run: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let run = &run;
    let lane = |lane: u64| (lane + 1..=count).step_by(2).map(run).collect::<Vec<T>>();
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || lane(n))).collect();
        let mut lanes: Vec<_> = lanes
            .into_iter()
            .map(|lane| lane.join().expect("a replication failed").into_iter())
            .collect();
        (0..count)
            .map(|n| lanes[usize::from(n % THREADS != 0)].next().expect("lanes share all"))
            .collect()
    })
}

/// Holds the replications of each claim's figure against it.
///
/// # Panics
/// With the whole table if one fails.
pub(crate) fn judge(title: &str, claims: &[Claim], figures: &[Vec<f64>]) {
    let mut table = format!("{title}, {} replications\n", figures.len());
    let mut failures = 0;
    for (index, Claim { name, theory, limit }) in claims.iter().enumerate() {
        let moments: Moments = figures.iter().map(|figures| figures[index]).collect();
        let interval = moments.interval(CONFIDENCE);
        let scale = if *theory == 0.0 { 1.0 } else { theory.abs() };
        let width = interval.half_width / scale;
        let inside = interval.contains(*theory);
        let narrow = width <= *limit;
        failures += u32::from(!inside) + u32::from(!narrow);
        let verdict = match (inside, narrow) {
            (true, true) => "ok",
            (false, _) => "THEORY OUTSIDE",
            (true, false) => "TOO WIDE",
        };
        let _ = writeln!(
            table,
            "  {name:<28} theory {theory:<12.6} mean {:<12.6} off {:>7.3} % ± {:>6.3} % (limit {:.2} %)  {verdict}",
            interval.mean,
            (interval.mean - theory) / scale * 100.0,
            width * 100.0,
            limit * 100.0,
        );
    }
    eprint!("{table}");
    assert!(failures == 0, "{failures} failures\n{table}");
}
