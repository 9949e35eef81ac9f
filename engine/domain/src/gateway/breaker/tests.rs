//! The breaker: the table, and the law that nothing passes while it is open.

use expect_test::expect;
use proptest::prelude::*;

use super::*;

const RULES: Rules = Rules {
    window: Millis::from_s(10),
    least_calls: 4,
    failed_share: Bps(5_000),
    open: Millis::from_s(5),
    probes: 2,
    probe_limit: Millis::from_s(15),
};
const NOW: Timestamp = Timestamp::from_s(100);

fn hear(state: State, input: Input, now: Timestamp) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    (step(&RULES, state, input, now, &mut effects), effects)
}

/// A breaker in a phase, with outcomes counted just now.
fn breaker(phase: Phase, calls: u32, failed: u32) -> State {
    let latest = NOW.0 / 1_000_000;
    let mut buckets = [Bucket::default(); BUCKETS];
    buckets[slot(latest)] = Bucket { calls, failed };
    State { phase, epoch: 7, buckets, latest }
}

#[test]
fn transition_table() {
    let soon = Timestamp::from_s(103);
    let half = |sent, passed, until| Phase::HalfOpen { sent, passed, until };
    let states = [
        ("closed, quiet", breaker(Phase::Closed, 0, 0)),
        ("closed, 3 of 6 failed but one", breaker(Phase::Closed, 5, 2)),
        ("open", breaker(Phase::Open { until: soon }, 0, 0)),
        ("open, over", breaker(Phase::Open { until: NOW }, 0, 0)),
        ("half open, none sent", breaker(half(0, 0, soon), 0, 0)),
        ("half open, all sent", breaker(half(2, 1, soon), 0, 0)),
        ("half open, over", breaker(half(2, 1, NOW), 0, 0)),
    ];
    let ended = |epoch, failed| Input::Ended { epoch, failed };
    let inputs = [
        ("ask", Input::Ask),
        ("passed", ended(7, false)),
        ("failed", ended(7, true)),
        ("failed before", ended(6, true)),
    ];
    let mut table = String::new();
    for (from, state) in states {
        for (word, input) in inputs {
            let (next, effects) = hear(state, input, NOW);
            if next != state || !effects.is_empty() {
                table += &format!("{from} + {word} -> {:?} {effects:?}\n", next.phase);
            }
        }
    }
    expect![[r#"
        closed, quiet + ask -> Closed [Pass { epoch: 7 }]
        closed, quiet + passed -> Closed []
        closed, quiet + failed -> Closed []
        closed, 3 of 6 failed but one + ask -> Closed [Pass { epoch: 7 }]
        closed, 3 of 6 failed but one + passed -> Closed []
        closed, 3 of 6 failed but one + failed -> Open { until: Timestamp(105000000) } [Opened]
        open + ask -> Open { until: Timestamp(103000000) } [Shed { until: Timestamp(103000000) }]
        open, over + ask -> HalfOpen { sent: 1, passed: 0, until: Timestamp(115000000) } [HalfOpened, Pass { epoch: 8 }]
        half open, none sent + ask -> HalfOpen { sent: 1, passed: 0, until: Timestamp(103000000) } [Pass { epoch: 7 }]
        half open, none sent + failed -> Open { until: Timestamp(105000000) } [Opened]
        half open, all sent + ask -> HalfOpen { sent: 2, passed: 1, until: Timestamp(103000000) } [Shed { until: Timestamp(100000000) }]
        half open, all sent + passed -> Closed [Closed]
        half open, all sent + failed -> Open { until: Timestamp(105000000) } [Opened]
        half open, over + ask -> Open { until: Timestamp(105000000) } [Opened, Shed { until: Timestamp(105000000) }]
        half open, over + passed -> Closed [Closed]
        half open, over + failed -> Open { until: Timestamp(105000000) } [Opened]
    "#]].assert_eq(&table);
}

#[test]
fn old_outcomes_are_forgotten() {
    let mut state = State::default();
    for _ in 0..3 {
        state = hear(state, Input::Ended { epoch: 0, failed: true }, Timestamp::from_s(1)).0;
    }
    let check = |at_s, opens| {
        let (_, effects) =
            hear(state, Input::Ended { epoch: 0, failed: true }, Timestamp::from_s(at_s));
        assert_eq!(effects.contains(&Effect::Opened), opens, "at {at_s} s");
    };
    check(2, true);
    check(10, true);
    check(11, false);
    check(1_000, false);
}

proptest! {
    /// While it is open nothing passes; half open no more than the probes do; every question is
    /// answered once.
    #[test]
    fn nothing_passes_an_open_breaker(script in prop::collection::vec((0_u8..3, 0_u64..4_000), 0..200)) {
        let (mut state, mut now) = (State::default(), NOW);
        let mut passed_in_epoch = 0;
        for (word, after_ms) in script {
            now = Timestamp(now.0 + after_ms * 1_000);
            let before = state;
            let input = match word {
                0 => Input::Ask,
                word => Input::Ended { epoch: state.epoch, failed: word == 1 },
            };
            let (next, effects) = hear(state, input, now);
            if next.epoch != before.epoch {
                passed_in_epoch = 0;
            }
            let passes = effects.iter().filter(|e| matches!(e, Effect::Pass { .. })).count();
            let sheds = effects.iter().filter(|e| matches!(e, Effect::Shed { .. })).count();
            prop_assert_eq!(passes + sheds, usize::from(word == 0));
            passed_in_epoch += passes;
            match next.phase {
                Phase::Closed => prop_assert_eq!(sheds, 0),
                Phase::Open { .. } => prop_assert_eq!(passes, 0),
                Phase::HalfOpen { sent, .. } => {
                    prop_assert_eq!(passed_in_epoch, usize::from(sent));
                    prop_assert!(sent <= RULES.probes);
                }
            }
            if let Phase::Open { until } = before.phase && now < until {
                prop_assert_eq!(next, before, "an open breaker waits");
            }
            state = next;
        }
    }

    /// Whatever happened, a service that answers again is called again.
    #[test]
    fn it_closes_when_the_service_is_well(script in prop::collection::vec((0_u8..3, 0_u64..4_000), 0..100)) {
        let (mut state, mut now) = (State::default(), NOW);
        for (word, after_ms) in script {
            now = Timestamp(now.0 + after_ms * 1_000);
            let ended = Input::Ended { epoch: state.epoch, failed: word == 1 };
            state = hear(state, if word == 0 { Input::Ask } else { ended }, now).0;
        }
        for _ in 0..10 {
            now = now + Millis::from_s(6);
            let (next, effects) = hear(state, Input::Ask, now);
            state = next;
            for effect in effects {
                if let Effect::Pass { epoch } = effect {
                    state = hear(state, Input::Ended { epoch, failed: false }, now).0;
                }
            }
        }
        prop_assert_eq!(state.phase, Phase::Closed);
    }
}
