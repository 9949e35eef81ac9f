//! What does it cost to take the next event and schedule another, with n pending?
//!
//! Prints nanoseconds of CPU time an event, beside `simcore` and `nexosim`, with the ratios that
//! the project promises. `cargo bench -p dastak-benches --bench kernel_hold`.

#[expect(dead_code, reason = "each bench uses its part")]
mod kernel_peers;

use dastak_benches::contest::{Contestant, Table, contest, rounds, say};
use kernel::queue::{HeapQueue, RadixQueue};
use kernel_peers::hold::{Kernel, Nexosim, Payload, Simcore};

/// Pending events.
const SIZES: [u32; 3] = [1_000, 100_000, 1_000_000];

/// Events of one turn of the contestants whose cost is the same at any time.
const TURN: u64 = 100_000;

/// Events of one turn on the radix queue: it does its work in waves, so a turn covers two.
fn waves(pending: u32) -> u64 {
    u64::from(pending).max(150_000) * 2
}

fn contestants(pending: u32) -> Vec<Contestant<'static>> {
    let turn = waves(pending);
    let mut radix = Kernel::<RadixQueue<Payload>, _>::new(pending, 0);
    let mut simcore = Simcore::new(pending);
    let mut nexosim = Nexosim::new(pending);
    let mut heap = Kernel::<HeapQueue<Payload>, _>::new(pending, 0);
    let mut medium = Kernel::<RadixQueue<[u32; 4]>, _>::new(pending, [0; 4]);
    let mut large = Kernel::<RadixQueue<[u64; 4]>, _>::new(pending, [0; 4]);
    vec![
        Contestant::new("radix queue", move || radix.run(turn)),
        Contestant::new("simcore", move || simcore.run(TURN)),
        Contestant::new("nexosim", move || nexosim.run(TURN)),
        Contestant::new("4-ary heap", move || heap.run(TURN)),
        Contestant::new("radix queue, events of 16 B", move || medium.run(turn)),
        Contestant::new("radix queue, events of 32 B", move || large.run(turn)),
    ]
}

fn main() {
    let rounds = rounds(21);
    let costs = SIZES.map(|pending| contest(contestants(pending), rounds));
    let mut table = Table::new("HOLD, ns an event, by events pending", &SIZES);
    for (row, cost) in costs[0].iter().enumerate() {
        table.row(&cost.name, &costs.each_ref().map(|costs| costs[row].median_ns));
    }
    table.ratio("simcore / radix queue (at 100000: 6 or more)", 1, 0);
    table.ratio("nexosim / radix queue (at 100000: 10 or more)", 2, 0);
    table.print();
    let growth = costs[2][0].median_ns / costs[0][0].median_ns;
    say(&format!("radix queue, 1000000 over 1000 pending: {growth:.2} (2 or less)"));
}
