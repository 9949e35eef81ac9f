//! Pick lists: the table, repeats, and that pickers are freed exactly once.

use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::order::Line;

const ORDER: OrderId = OrderId(1);
const PICKER: PickerId = PickerId(7);

fn scan(line: u16, units: u32) -> Input {
    let reduction = if units < 2 { Paise(50_00) } else { Paise::ZERO };
    Input::Scan { line, sku: SkuId(3), wanted_units: 2, units, reduction }
}

fn inputs() -> [Input; 9] {
    [
        Input::Queue { store: StoreId(1), lines: 2 },
        Input::Take { picker: PICKER },
        scan(0, 2),
        scan(1, 0),
        scan(1, 2),
        Input::BagPacked,
        Input::HandOver { rider: RiderId(1) },
        Input::Abort,
        Input::PutBackDone,
    ]
}

fn hear(state: State, input: Input) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    let next = step(ORDER, state, input, &mut effects);
    (next, effects)
}

/// Every state that the inputs can reach from a new list.
fn reachable() -> Vec<State> {
    let mut states = vec![State::default()];
    let mut at = 0;
    while at < states.len() {
        for input in inputs() {
            let next = hear(states[at], input).0;
            if !states.contains(&next) {
                states.push(next);
            }
        }
        at += 1;
    }
    states
}

#[test]
fn transition_table() {
    let mut table = String::new();
    for state in reachable() {
        for input in inputs() {
            let (next, effects) = hear(state, input);
            if next != state || !effects.is_empty() {
                let input = format!("{input:?}");
                let input = input.split(" { ").next().unwrap_or_default();
                let effects: Vec<_> = effects
                    .iter()
                    .map(|effect| {
                        let text = format!("{effect:?}").replace("Publish(", "");
                        text.split([' ', '(']).next().unwrap_or_default().to_owned()
                    })
                    .collect();
                let at =
                    |state: &State| format!("{:?} {}/{}", state.status, state.done, state.lines);
                table += &format!(
                    "{:<38}+ {input:<12}-> {:<38}{}\n",
                    at(&state),
                    at(&next),
                    effects.join(" ")
                );
            }
        }
    }
    expect![[r#"
        None 0/0                              + Queue       -> Queued 0/2                            Queued Enqueue
        None 0/0                              + Take        -> None 0/0                              Free
        None 0/0                              + Abort       -> Closed 0/0                            Aborted Closed
        Queued 0/2                            + Take        -> Collecting(PickerId(7)) 0/2           Started Collect
        Queued 0/2                            + Abort       -> Closed 0/2                            LeaveQueue Aborted Closed
        Closed 0/0                            + Take        -> Closed 0/0                            Free
        Collecting(PickerId(7)) 0/2           + Take        -> Collecting(PickerId(7)) 0/2           Free
        Collecting(PickerId(7)) 0/2           + Scan        -> Collecting(PickerId(7)) 1/2           LinePicked Collect
        Collecting(PickerId(7)) 0/2           + Abort       -> Closed 0/2                            Aborted Free Closed
        Closed 0/2                            + Take        -> Closed 0/2                            Free
        Collecting(PickerId(7)) 1/2           + Take        -> Collecting(PickerId(7)) 1/2           Free
        Collecting(PickerId(7)) 1/2           + Scan        -> Packing(PickerId(7)) 2/2              LineShort Pack
        Collecting(PickerId(7)) 1/2           + Scan        -> Packing(PickerId(7)) 2/2              LinePicked Pack
        Collecting(PickerId(7)) 1/2           + Abort       -> PuttingBack(Some(PickerId(7))) 1/2    Aborted PutBack
        Packing(PickerId(7)) 2/2              + Take        -> Packing(PickerId(7)) 2/2              Free
        Packing(PickerId(7)) 2/2              + BagPacked   -> Packed 2/2                            Packed Free
        Packing(PickerId(7)) 2/2              + Abort       -> PuttingBack(Some(PickerId(7))) 2/2    Aborted PutBack
        PuttingBack(Some(PickerId(7))) 1/2    + Take        -> PuttingBack(Some(PickerId(7))) 1/2    Free
        PuttingBack(Some(PickerId(7))) 1/2    + PutBackDone -> Closed 1/2                            Free Closed
        Packed 2/2                            + Take        -> Packed 2/2                            Free
        Packed 2/2                            + HandOver    -> HandedOver 2/2                        HandedOver
        Packed 2/2                            + Abort       -> PuttingBack(None) 2/2                 Aborted PutBack
        PuttingBack(Some(PickerId(7))) 2/2    + Take        -> PuttingBack(Some(PickerId(7))) 2/2    Free
        PuttingBack(Some(PickerId(7))) 2/2    + PutBackDone -> Closed 2/2                            Free Closed
        Closed 1/2                            + Take        -> Closed 1/2                            Free
        HandedOver 2/2                        + Take        -> HandedOver 2/2                        Free
        HandedOver 2/2                        + Abort       -> PuttingBack(None) 2/2                 Aborted PutBack
        PuttingBack(None) 2/2                 + Take        -> PuttingBack(None) 2/2                 Free
        PuttingBack(None) 2/2                 + PutBackDone -> Closed 2/2                            Closed
        Closed 2/2                            + Take        -> Closed 2/2                            Free
    "#]].assert_eq(&table);
}

#[test]
fn a_second_word_changes_nothing() {
    for state in reachable() {
        for input in inputs() {
            let (once, _) = hear(state, input);
            let (twice, effects) = hear(once, input);
            assert_eq!(twice, once, "{input:?} in {state:?}");
            let only_sends_the_picker_on = matches!(input, Input::Take { .. });
            assert!(effects.is_empty() || only_sends_the_picker_on, "{input:?} in {state:?}");
        }
    }
}

#[test]
fn the_floor_serves_the_oldest_list_first() {
    let mut floor = Floor::default();
    for order in 1..=3 {
        floor.enqueue(OrderId(order));
    }
    floor.leave(OrderId(1));
    assert_eq!(floor.next_task(), None, "nobody is there");
    floor.begin(PICKER);
    assert_eq!(floor.next_task(), Some((PICKER, OrderId(2))));
    floor.free(PICKER);
    floor.end(PICKER);
    assert_eq!((floor.next_task(), floor.waiting(), floor.on_duty()), (None, 1, 0));
}

#[test]
fn who_is_busy_finishes_before_leaving() {
    let mut floor = Floor::default();
    floor.begin(PICKER);
    floor.enqueue(OrderId(1));
    assert_eq!(floor.next_task(), Some((PICKER, OrderId(1))));
    floor.end(PICKER);
    assert_eq!((floor.on_duty(), floor.parts().leaving), (0, vec![PICKER]));
    let mut called_back = floor.clone();
    floor.free(PICKER);
    assert_eq!(floor, Floor::default(), "gone");
    called_back.begin(PICKER);
    assert_eq!((called_back.idle(), called_back.on_duty()), (0, 1), "busy still");
    called_back.free(PICKER);
    assert_eq!(called_back.idle(), 1);
    assert_eq!(Floor::of_parts(called_back.parts()), called_back);
}

/// Whatever is said twice, also by two servers that know nothing of each other.
#[test]
fn a_shift_begins_once_and_ends_once() {
    let mut floor = Floor::default();
    floor.begin(PICKER);
    let begun = floor.clone();
    floor.begin(PICKER);
    assert_eq!(floor, begun);
    floor.enqueue(OrderId(1));
    floor.next_task();
    floor.begin(PICKER);
    assert_eq!((floor.idle(), floor.on_duty()), (0, 1), "busy, not idle as well");
    floor.end(PICKER);
    let ended = floor.clone();
    floor.end(PICKER);
    assert_eq!(floor, ended);
}

#[test]
fn what_was_not_found_is_not_paid_for() {
    let held = Line { sku: SkuId(4), units: 3 };
    let check = |found_units, units, reduction| {
        let scan = Input::Scan { line: 1, sku: held.sku, wanted_units: 3, units, reduction };
        assert_eq!(sought(1, held, Paise(700), found_units), scan, "{found_units} found");
    };
    check(0, 0, Paise(2_100));
    check(2, 2, Paise(700));
    check(3, 3, Paise::ZERO);
    check(9, 3, Paise::ZERO);
}

proptest! {
    /// Whatever happens, the picker who took a list is freed exactly once, or still has it.
    #[test]
    fn the_picker_is_freed_once(script in prop::collection::vec(0_usize..9, 0..40)) {
        let (mut state, mut freed, mut taken) = (State::default(), 0, 0);
        for at in script {
            let input = inputs()[at];
            let (next, effects) = hear(state, input);
            if matches!(input, Input::Take { .. }) {
                taken += 1;
            }
            freed += effects.iter().filter(|effect| **effect == Effect::Free(PICKER)).count();
            state = next;
        }
        let busy = matches!(
            state.status,
            Status::Collecting(_) | Status::Packing(_) | Status::PuttingBack(Some(_))
        );
        prop_assert_eq!(freed + usize::from(busy), taken);
    }
}
