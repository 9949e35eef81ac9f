//! Surge follows the load, in steps, and does not flap.

use proptest::prelude::*;

use super::surge::{Load, State, decide, multiplier};
use super::*;

fn hear(state: &mut State, load: Load, now: Timestamp) -> Option<Bps> {
    let mut events = Vec::new();
    decide(state, load, now, &Rules::default(), &mut events);
    events.iter().for_each(|event| state.evolve(event, now));
    (!events.is_empty()).then_some(state.surge)
}

fn load(open_orders: u32, riders: u32) -> Load {
    Load { open_orders, riders }
}

#[test]
fn the_multiplier_rises_with_the_load_in_steps() {
    let rules = Rules::default();
    let of = |open_orders, riders| multiplier(&rules, load(open_orders, riders).per_rider()).0;
    assert_eq!(of(0, 10), 10_000);
    assert_eq!(of(13, 10), 10_000, "a normal peak hour");
    assert_eq!(of(20, 10), 10_000);
    assert_eq!(of(27, 10), 10_000);
    assert_eq!(of(28, 10), 12_500);
    assert_eq!(of(35, 10), 15_000);
    assert_eq!(of(43, 10), 17_500);
    assert_eq!(of(50, 10), 20_000);
    assert_eq!(of(u32::MAX, 1), 20_000);
    assert_eq!(of(0, 0), 10_000);
    assert_eq!(of(1, 0), 10_000);
    assert_eq!(of(3, 0), 20_000, "nobody to bring it");
}

#[test]
fn it_rises_at_once_and_falls_late() {
    let mut state = State::new(STORE);
    let at = Timestamp::from_s;
    assert_eq!(hear(&mut state, load(35, 10), at(60)), Some(Bps(15_000)));
    assert_eq!(hear(&mut state, load(50, 10), at(61)), Some(Bps(20_000)));
    // Somewhat less load, then much less but too soon.
    assert_eq!(hear(&mut state, load(46, 10), at(600)), None);
    assert_eq!(hear(&mut state, load(50, 10), at(601)), None);
    assert_eq!(hear(&mut state, load(30, 10), at(61 + 179)), None);
    assert_eq!(hear(&mut state, load(30, 10), at(61 + 180)), Some(Bps(15_000)));
    assert_eq!(hear(&mut state, load(0, 10), at(241 + 180)), Some(Bps(10_000)));
    assert_eq!(hear(&mut state, load(0, 10), at(9_000)), None);
}

#[test]
fn odd_rules_are_kept_too() {
    let none = Rules { surge_full: Bps(20_000), ..Rules::default() };
    assert_eq!(multiplier(&none, Bps(19_999)), Bps(20_000), "a step at one load");
    let flat = Rules { surge_cap: Bps::ONE, ..Rules::default() };
    assert_eq!(multiplier(&flat, Bps(90_000)), Bps::ONE);
    let fine = Rules { surge_step: Bps(0), ..Rules::default() };
    assert_eq!(multiplier(&fine, Bps(35_003)), Bps(15_001));
    let odd = Rules { surge_cap: Bps(18_000), ..Rules::default() };
    assert_eq!(multiplier(&odd, Bps(50_000)), Bps(18_000), "the cap need not be a whole step");
}

proptest! {
    /// More load never asks for less, and nothing leaves floor and cap.
    #[test]
    fn the_multiplier_is_monotone_and_bounded(
        a in any::<u32>(),
        b in any::<u32>(),
        floor in 5_000_u32..20_000,
        height in 0_u32..20_000,
        from in 0_u32..60_000,
        width in 0_u32..60_000,
        step in 0_u32..10_000,
    ) {
        let rules = Rules {
            surge_floor: Bps(floor),
            surge_cap: Bps(floor + height),
            surge_from: Bps(from),
            surge_full: Bps(from + width),
            surge_step: Bps(step),
            ..Rules::default()
        };
        let (low, high) = (multiplier(&rules, Bps(a.min(b))), multiplier(&rules, Bps(a.max(b))));
        prop_assert!(low <= high);
        prop_assert!(rules.surge_floor <= low && high <= rules.surge_cap);
    }

    /// Load that moves by less than the band changes the multiplier upwards only, so at most
    /// as often as there are steps.
    #[test]
    fn small_changes_of_load_never_flap(
        base in 0_u32..300,
        moves in prop::collection::vec(0_u32..5, 1..100),
    ) {
        let mut state = State::new(STORE);
        let mut changes = Vec::new();
        for (minute, up) in (1..).zip(moves) {
            // Ten riders: one order more is a tenth of an order per rider, the band is five.
            changes.extend(hear(&mut state, load(base + up, 10), Timestamp::from_s(minute * 600)));
        }
        prop_assert!(changes.is_sorted());
        prop_assert!(changes.len() <= 4);
    }
}
