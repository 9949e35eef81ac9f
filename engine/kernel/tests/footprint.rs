//! What the queues take: allocations in steady state, and bytes a pending event.
//!
//! A binary of its own, since counting allocations replaces the allocator.

use allocation_counter::measure;
use dastak_kernel::chance::draw;
use dastak_kernel::queue::{HeapQueue, Queue, RadixQueue};

/// An event of the size that simulations have.
type Event = [u32; 4];

/// Pending events in steady state.
const PENDING: u64 = 10_000;

/// Gives a delay of a minute in the mean.
fn delay(index: u64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "under an hour")]
    let delay = draw(1, index, 0, 0).exponential(6e7) as u64;
    delay
}

/// Handles events: each schedules another, works at once too, and moves a time limit of its own.
fn turn<Q: Queue<Event>>(queue: &mut Q, from: u64, events: u64) {
    let mut limit = None;
    for index in from..from + events {
        let (now, event) = queue.pop_until(u64::MAX).expect("some are always pending");
        if event[0] == 0 {
            queue.now_do([1; 4]);
            queue.schedule(now + delay(index), (index % 3) as u8, event);
        } else if event[0] == 1 {
            if let Some(limit) = limit.take() {
                queue.cancel(limit);
            }
            limit = Some(queue.schedule_cancellable(now + 5 * delay(index), 1, [2; 4]));
        }
    }
}

fn filled<Q: Queue<Event>>(pending: u64) -> Q {
    let mut queue = Q::default();
    for index in 0..pending {
        queue.schedule(delay(index), 0, [0; 4]);
    }
    queue
}

fn check_allocations<Q: Queue<Event>>() {
    let mut queue = filled::<Q>(PENDING);
    turn(&mut queue, 0, 400_000);
    let counted = measure(|| turn(&mut queue, 400_000, 400_000));
    assert_eq!(counted.count_total, 0);
    assert!(queue.len() as u64 >= PENDING);
}

#[test]
fn nothing_is_allocated_in_steady_state() {
    check_allocations::<RadixQueue<Event>>();
    check_allocations::<HeapQueue<Event>>();
}

/// The promise: at most 24 bytes beside the event for each that is pending, and 64 for its slot.
#[test]
fn a_pending_event_is_small() {
    for pending in [100_000, 1_000_000] {
        let queue = filled::<RadixQueue<Event>>(pending);
        let beside = queue.heap_bytes() as f64 / pending as f64 - size_of::<Event>() as f64;
        assert!(beside <= 24.0, "{pending}: {beside} bytes");

        let small = filled_small(pending);
        assert!(small <= 24.0, "{pending}: {small} bytes, the event's 4 included");
    }
}

fn filled_small(pending: u64) -> f64 {
    let mut queue = RadixQueue::<u32>::default();
    for index in 0..pending {
        queue.schedule(delay(index), 0, 0);
    }
    queue.heap_bytes() as f64 / pending as f64
}

#[test]
fn a_slot_is_small() {
    let pending = 100_000;
    let mut queue = RadixQueue::<Event>::default();
    for index in 0..pending {
        queue.schedule_cancellable(delay(index), 0, [0; 4]);
    }
    let slots = queue.heap_bytes() - filled::<RadixQueue<Event>>(pending).heap_bytes();
    assert!(slots as f64 / pending as f64 <= 64.0, "{slots} bytes in all");
}

/// What a queue says it has reserved is what it has reserved.
#[test]
fn bytes_are_counted_in_full() {
    let mut told = 0;
    let counted = measure(|| {
        let mut queue = filled::<RadixQueue<Event>>(50_000);
        queue.schedule_cancellable(1, 0, [0; 4]);
        queue.now_do([0; 4]);
        turn(&mut queue, 0, 100_000);
        told = queue.heap_bytes();
        std::mem::forget(queue);
    });
    assert_eq!(counted.bytes_current, i64::try_from(told).expect("a few megabytes"));
}
