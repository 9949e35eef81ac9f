//! Both queues against stated orders, and against each other over random scripts.

use super::*;
use proptest::prelude::*;

/// One thing done to a queue; times are relative to its clock.
#[derive(Clone, Copy, Debug)]
enum Step {
    Schedule {
        after: u64,
        class: u8,
    },
    Cancellable {
        after: u64,
        class: u8,
    },
    /// Cancels the nth token of those made so far, counted round.
    Cancel {
        nth: usize,
    },
    NowDo,
    Pop {
        within: u64,
    },
    NextAt,
    /// Advances by this much, or to the next event if that is sooner.
    Advance {
        by: u64,
    },
}

/// Plays a script and writes down all that the queue shows, then drains it.
fn play<Q: Queue<u32>>(script: &[Step]) -> Vec<String> {
    let mut queue = Q::default();
    let mut seen = Vec::new();
    let mut tokens = Vec::new();
    for (name, &step) in (0..).zip(script) {
        let now = queue.now();
        let later = |after: u64| (now + after).min(LAST_TIME);
        match step {
            Step::Schedule { after, class } => queue.schedule(later(after), class, name),
            Step::Cancellable { after, class } => {
                tokens.push(queue.schedule_cancellable(later(after), class, name));
            }
            Step::Cancel { nth } => {
                if let Some(&token) = tokens.get(nth % tokens.len().max(1)) {
                    seen.push(format!("cancel {}", queue.cancel(token)));
                }
            }
            Step::NowDo => queue.now_do(name),
            Step::Pop { within } => seen.push(format!("{:?}", queue.pop_until(now + within))),
            Step::NextAt => seen.push(format!("next {:?}", queue.next_at())),
            Step::Advance { by } => {
                let to = queue.next_at().unwrap_or(LAST_TIME).min(now + by);
                queue.advance_to(to);
            }
        }
        seen.push(format!("now {} len {}", queue.now(), queue.len()));
    }
    while let Some(event) = queue.pop_until(u64::MAX) {
        seen.push(format!("{event:?}"));
    }
    seen.push(format!("end {} {}", queue.now(), queue.len()));
    seen
}

/// Delays from every scale, with plenty of ties.
fn delay() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => Just(0),
        4 => 0_u64..4,
        4 => 0_u64..200,
        3 => 0_u64..100_000,
        1 => (0_u32..59).prop_map(|bit| 1 << bit),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let class = 0..CLASSES;
    prop_oneof![
        6 => (delay(), class.clone()).prop_map(|(after, class)| Step::Schedule { after, class }),
        6 => (delay(), class).prop_map(|(after, class)| Step::Cancellable { after, class }),
        5 => any::<usize>().prop_map(|nth| Step::Cancel { nth }),
        1 => Just(Step::NowDo),
        5 => delay().prop_map(|within| Step::Pop { within }),
        2 => Just(Step::NextAt),
        1 => delay().prop_map(|by| Step::Advance { by }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is done to them, the two queues show the same.
    #[test]
    fn twins_agree(script in prop::collection::vec(step(), 0..600)) {
        prop_assert_eq!(play::<RadixQueue<u32>>(&script), play::<HeapQueue<u32>>(&script));
    }
}

/// Checks what a script shows, on both queues, leaving out the lines about clock and length.
fn check(script: &[Step], expected: &[&str]) {
    let told = |seen: Vec<String>| -> Vec<String> {
        seen.into_iter()
            .filter(|line| !line.starts_with("now") && !line.starts_with("end"))
            .collect()
    };
    assert_eq!(told(play::<RadixQueue<u32>>(script)), expected);
    assert_eq!(told(play::<HeapQueue<u32>>(script)), expected);
}

const fn at(after: u64, class: u8) -> Step {
    Step::Schedule { after, class }
}

const fn maybe(after: u64, class: u8) -> Step {
    Step::Cancellable { after, class }
}

#[test]
fn order_is_time_then_class_then_schedule() {
    check(
        &[at(5, 1), at(5, 0), at(3, 31), at(5, 1), at(5, 0)],
        &["(3, 2)", "(5, 1)", "(5, 4)", "(5, 0)", "(5, 3)"],
    );
}

#[test]
fn a_lower_class_scheduled_for_now_goes_first() {
    check(
        &[at(5, 2), at(5, 2), Step::Pop { within: 9 }, at(0, 1), at(0, 2)],
        &["Some((5, 0))", "(5, 3)", "(5, 1)", "(5, 4)"],
    );
}

#[test]
fn the_ring_goes_before_all_and_in_order() {
    check(
        &[at(0, 0), Step::NowDo, Step::NowDo, Step::NextAt],
        &["next Some(0)", "(0, 1)", "(0, 2)", "(0, 0)"],
    );
}

#[test]
fn the_last_time_is_reached() {
    check(
        &[
            at(LAST_TIME, 31),
            at(LAST_TIME - 1, 0),
            at(LAST_TIME, 31),
            at(1 << 40, 0),
            at(LAST_TIME, 0),
        ],
        &[
            "(1099511627776, 3)",
            "(576460752303423486, 1)",
            "(576460752303423487, 4)",
            "(576460752303423487, 0)",
            "(576460752303423487, 2)",
        ],
    );
}

/// The widest buckets: too wide to sort by marks, and the last one, which ends where keys do.
#[test]
fn far_times_keep_their_order() {
    let far = 1 << 55;
    check(
        &[at(far + (1 << 54), 0), at(far, 0), at(far + (1 << 53), 0)],
        &["(36028797018963968, 1)", "(45035996273704960, 2)", "(54043195528445952, 0)"],
    );
    let top = 15 << 55;
    let end = LAST_TIME - top;
    check(
        &[
            at(top, 0),
            Step::Pop { within: top },
            at(end - 100, 0),
            at(end - 50, 0),
            Step::Pop { within: end },
            at(30, 0),
        ],
        &[
            "Some((540431955284459520, 0))",
            "Some((576460752303423387, 2))",
            "(576460752303423417, 5)",
            "(576460752303423437, 3)",
        ],
    );
}

#[test]
fn nothing_due_leaves_the_clock_so_earlier_events_still_fit() {
    check(
        &[at(1_000, 0), Step::Pop { within: 999 }, at(1, 0), Step::Pop { within: 1_000 }],
        &["None", "Some((1, 2))", "(1000, 0)"],
    );
}

#[test]
fn a_cancelled_first_event_neither_shows_nor_moves_the_clock() {
    check(
        &[
            maybe(10, 0),
            at(500, 0),
            Step::Cancel { nth: 0 },
            Step::Cancel { nth: 0 },
            Step::NextAt,
            Step::Pop { within: 499 },
            at(5, 0),
        ],
        &["cancel true", "cancel false", "next Some(500)", "None", "(5, 6)", "(500, 1)"],
    );
}

#[test]
fn a_token_of_a_fired_event_cancels_nothing_though_its_slot_is_reused() {
    check(
        &[maybe(1, 0), Step::Pop { within: 1 }, maybe(1, 0), Step::Cancel { nth: 0 }],
        &["Some((1, 0))", "cancel false", "(2, 2)"],
    );
}

#[test]
fn advancing_stops_at_the_next_event() {
    check(
        &[at(70, 0), Step::Advance { by: 69 }, at(0, 0), Step::Pop { within: 0 }, Step::NextAt],
        &["Some((69, 2))", "next Some(70)", "(70, 0)"],
    );
}

/// A quarter of ghosts triggers a sweep, so cancelling most of many leaves little behind.
#[test]
fn cancelled_entries_do_not_pile_up() {
    fn pile<Q: Queue<u32>>() -> (usize, usize) {
        let mut queue = Q::default();
        for round in 0..2_000 {
            let token = queue.schedule_cancellable(1_000_000 + round, 0, 0);
            if round % 10 != 0 {
                assert!(queue.cancel(token));
            }
        }
        (queue.len(), queue.heap_bytes())
    }
    let (live, bytes) = pile::<HeapQueue<u32>>();
    assert_eq!(live, 200);
    assert!(bytes < 2_000 * 24, "{bytes} bytes");
    let (live, bytes) = pile::<RadixQueue<u32>>();
    assert_eq!(live, 200);
    assert!(bytes < 2_000 * 16, "{bytes} bytes");
}

#[test]
#[should_panic(expected = "before now")]
fn the_past_is_refused() {
    let mut queue = RadixQueue::default();
    queue.schedule(7, 0, ());
    queue.pop_until(u64::MAX);
    queue.schedule(6, 0, ());
}

#[test]
#[should_panic(expected = "past an event due")]
fn advancing_over_an_event_is_refused() {
    let mut queue = RadixQueue::default();
    queue.schedule(7, 0, ());
    queue.advance_to(8);
}
