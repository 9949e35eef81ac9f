//! What does an event cost in a network of stations, its own work included?
//!
//! A closed ring of stations with ten servers and a hundred customers each; every hop is two
//! events. Prints nanoseconds of CPU time an event, beside `simcore` and `nexosim`.
//! `cargo bench -p dastak-benches --bench kernel_ring`.

#[expect(dead_code, reason = "each bench uses its part")]
mod kernel_peers;

use dastak_benches::contest::{Contestant, Table, contest, rounds};
use kernel::queue::{HeapQueue, RadixQueue};
use kernel_peers::ring::{Kernel, Nexosim, Simcore};

/// Events of one turn.
const TURN: u64 = 500_000;
const SLOW_TURN: u64 = 100_000;

fn contestants(stations: u32) -> Vec<Contestant<'static>> {
    let mut radix = Kernel::<RadixQueue<_>>::new(stations, 1, false);
    let mut simcore = Simcore::new(stations, 1);
    let mut nexosim = Nexosim::new(stations);
    let mut heap = Kernel::<HeapQueue<_>>::new(stations, 1, false);
    vec![
        Contestant::new("radix queue", move || radix.run(TURN)),
        Contestant::new("simcore", move || simcore.run(SLOW_TURN)),
        Contestant::new("nexosim", move || nexosim.run(SLOW_TURN)),
        Contestant::new("4-ary heap", move || heap.run(TURN)),
    ]
}

fn main() {
    let rounds = rounds(21);
    let sizes = [1_000, 10_000];
    let costs = sizes.map(|stations| contest(contestants(stations), rounds));
    let mut table = Table::new("ring of stations, 100 customers each, ns an event", &sizes);
    for (row, cost) in costs[0].iter().enumerate() {
        table.row(&cost.name, &costs.each_ref().map(|costs| costs[row].median_ns));
    }
    table.ratio("simcore / radix queue (4 or more)", 1, 0);
    table.ratio("nexosim / radix queue (8 or more)", 2, 0);
    table.print();
}
