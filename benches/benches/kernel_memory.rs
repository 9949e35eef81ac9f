//! How many bytes does a pending event take, and how many allocations does handling one make?
//!
//! Apart from the timing, since counting allocations slows those who make them.
//! `cargo bench -p dastak-benches --bench kernel_memory`.

#[expect(dead_code, reason = "each bench uses its part")]
mod kernel_peers;

use allocation_counter::measure;
use dastak_benches::contest::Table;
use kernel::queue::{HeapQueue, RadixQueue};
use kernel_peers::delays::prepare;
use kernel_peers::hold::{Kernel, Nexosim, Payload, Simcore};

/// Pending events.
const SIZES: [u32; 3] = [1_000, 100_000, 1_000_000];

/// Events handled before counting, and again while counting.
const EVENTS: u64 = 1_000_000;

/// Bytes a pending event, and allocations an event once running, at each size.
fn footprints<T>(
    build: impl Fn(u32) -> T,
    run: impl Fn(&mut T, u64) -> u64,
) -> ([f64; 3], [f64; 3]) {
    let figures = SIZES.map(|pending| {
        let mut built = None;
        let memory = measure(|| built = Some(build(pending)));
        let mut contestant = built.expect("it was built");
        run(&mut contestant, EVENTS);
        let mut events = 0;
        let running = measure(|| events = run(&mut contestant, EVENTS));
        let bytes = memory.bytes_current as f64 / f64::from(pending);
        (bytes, running.count_total as f64 / events as f64)
    });
    (figures.map(|(bytes, _)| bytes), figures.map(|(_, allocations)| allocations))
}

fn main() {
    prepare();
    type Radix<E> = Kernel<RadixQueue<E>, E>;
    let rows = [
        ("radix queue", footprints(|n| Radix::<Payload>::new(n, 0), Kernel::run)),
        ("simcore", footprints(Simcore::new, Simcore::run)),
        ("nexosim", footprints(Nexosim::new, Nexosim::run)),
        ("4-ary heap", footprints(|n| Kernel::<HeapQueue<Payload>, _>::new(n, 0), Kernel::run)),
        ("radix queue, events of 16 B", footprints(|n| Radix::new(n, [0_u32; 4]), Kernel::run)),
        ("radix queue, events of 32 B", footprints(|n| Radix::new(n, [0_u64; 4]), Kernel::run)),
    ];
    let mut bytes = Table::new("bytes a pending event, itself included", &SIZES);
    let mut allocations = Table::new("allocations an event", &SIZES);
    for (name, (bytes_each, allocations_each)) in rows {
        bytes.row(name, &bytes_each);
        allocations.row(name, &allocations_each);
    }
    bytes.print();
    allocations.print();
}
