//! Differential: a ring of M/M/c stations gives the same counts and waits as crate `simcore`.

use crate::kernel_peers::delays::MEAN_US;
use crate::kernel_peers::ring::{Kernel, Simcore};
use kernel::queue::{HeapQueue, RadixQueue};

/// Ticks are made this much finer, so that no two events of the run fall together.
const SCALE: u64 = 100_003;

/// Checks services begun and ticks waited, of every station, after so many mean services.
fn check(stations: u32, services: f64) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time in a run")]
    let limit = (services * MEAN_US) as u64 * SCALE;
    let mut simcore = Simcore::new(stations, SCALE);
    simcore.run_until(limit);
    let expected = simcore.stations();
    assert!(expected.iter().all(|station| station.started > 0 && station.waited > 0));

    for queued_arrivals in [false, true] {
        let mut radix = Kernel::<RadixQueue<_>>::new(stations, SCALE, queued_arrivals);
        let mut heap = Kernel::<HeapQueue<_>>::new(stations, SCALE, queued_arrivals);
        assert_eq!(radix.run_until(limit), heap.run_until(limit));
        assert_eq!(radix.stations, expected);
        assert_eq!(heap.stations, expected);
    }
}

#[test]
fn the_ring_is_that_of_simcore() {
    check(3, 300.0);
    check(50, 60.0);
}
