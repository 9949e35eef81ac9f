//! A bucket lets through what it says, and never more.

use expect_test::expect;
use proptest::prelude::*;

use super::*;

const RULES: Rules = Rules { burst: 3, rate_per_s: 2 };

/// Asks at these milliseconds; says what came of each.
fn asked(at_ms: &[u64]) -> String {
    let mut state = State::default();
    let mut told = String::new();
    for &ms in at_ms {
        match take(&RULES, state, Timestamp(ms * 1_000)) {
            Taken::Yes(next) => {
                state = next;
                told += &format!("{ms}: yes\n");
            }
            Taken::NotBefore(at) => told += &format!("{ms}: not before {}\n", at.0 / 1_000),
        }
    }
    told
}

#[test]
fn a_burst_passes_and_then_the_rate() {
    expect![[r#"
        10000: yes
        10000: yes
        10000: yes
        10000: not before 10500
        10499: not before 10500
        10500: yes
        10500: not before 11000
        20000: yes
        20000: yes
        20000: yes
        20000: not before 20500
        19000: not before 20500
    "#]]
    .assert_eq(&asked(&[
        10_000, 10_000, 10_000, 10_000, 10_499, 10_500, 10_500, 20_000, 20_000, 20_000, 20_000,
        19_000,
    ]));
}

proptest! {
    /// I33, for every stretch of time between two that were let through.
    #[test]
    fn no_stretch_lets_through_more_than_burst_and_rate(
        burst in 1_u32..20,
        rate_per_s in 1_u32..3_000_000,
        steps in prop::collection::vec(0_u64..2_000_000, 1..200),
    ) {
        let rules = Rules { burst, rate_per_s };
        let (mut state, mut now, mut passed) = (State::default(), 0_u64, Vec::new());
        for step in steps {
            now += step;
            if let Taken::Yes(next) = take(&rules, state, Timestamp(now)) {
                state = next;
                passed.push(now);
            }
        }
        for (first, from) in passed.iter().enumerate() {
            for (last, to) in passed.iter().enumerate().skip(first) {
                let accepted = (last - first + 1) as u128;
                let flowed = u128::from(rate_per_s) * u128::from(to - from) / 1_000_000;
                prop_assert!(accepted <= u128::from(burst) + flowed);
            }
        }
    }

    /// Who waits for as long as is said is let through.
    #[test]
    fn who_waits_is_let_through(
        burst in 1_u32..20,
        rate_per_s in 1_u32..2_000,
        asked in 1_usize..60,
        now in 0_u64..1 << 50,
    ) {
        let rules = Rules { burst, rate_per_s };
        let (mut state, mut now) = (State::default(), Timestamp(now));
        for _ in 0..asked {
            match take(&rules, state, now) {
                Taken::Yes(next) => state = next,
                Taken::NotBefore(at) => {
                    prop_assert!(at > now);
                    now = at;
                    prop_assert!(matches!(take(&rules, state, now), Taken::Yes(_)));
                }
            }
        }
    }
}
