//! An order's wait for a rider: the table, repeats, and that it stands in the pool while it waits.

use expect_test::expect;
use proptest::prelude::*;

use super::*;

const ORDER: OrderId = OrderId(1);
const TRIP: TripId = TripId(5);
const OTHER: TripId = TripId(6);

fn inputs() -> [Input; 11] {
    [
        Input::Ask { store: StoreId(1), ready_at: Timestamp(60_000_000) },
        Input::BagPacked,
        Input::Assigned { trip: TRIP },
        Input::Assigned { trip: OTHER },
        Input::TripLost { trip: TRIP },
        Input::TripLost { trip: OTHER },
        Input::LeftTrip { trip: TRIP },
        Input::LeftTrip { trip: OTHER },
        Input::Delivered,
        Input::Returned,
        Input::Withdraw,
    ]
}

fn hear(state: State, input: Input) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    let next = step(ORDER, state, input, &mut effects);
    (next, effects)
}

/// Every state that the inputs can reach, refusals counted up to one.
fn reachable() -> Vec<State> {
    let mut states = vec![State::default()];
    let mut at = 0;
    while at < states.len() {
        for input in inputs() {
            let next = hear(states[at], input).0;
            if next.refusals <= 1 && !states.contains(&next) {
                states.push(next);
            }
        }
        at += 1;
    }
    states
}

/// The names of the published events and of the effects, in order.
fn told(effects: &[Effect]) -> String {
    let name = |effect: &Effect| {
        let text = format!("{effect:?}").replace("Publish(", "*");
        text.split([' ', '(']).next().unwrap_or_default().to_owned()
    };
    effects.iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn transition_table() {
    let short = |state: &State| {
        let bag = if state.packed { " packed" } else { "" };
        let wish = if state.unwanted { " unwanted" } else { "" };
        format!("{:?}{bag}{wish}", state.status).replace("(TripId(5))", "")
    };
    let is_shown = |state: &State| state.refusals == 0 && state.status != Status::OnTrip(OTHER);
    let mut table = String::new();
    for state in reachable().into_iter().filter(is_shown) {
        for input in inputs() {
            let (next, effects) = hear(state, input);
            let input = format!("{input:?}");
            let is_told = next != state || !effects.is_empty();
            if is_told && !input.contains(&format!("{OTHER:?}")) {
                let input = input.split(" {").next().unwrap_or_default();
                let (was, is) = (short(&state), short(&next));
                let row = format!("{was:<23}+ {input:<10}-> {is:<23}{}", told(&effects));
                table += &format!("{}\n", row.trim_end());
            }
        }
    }
    expect![[r#"
        None                   + Ask       -> Waiting                *Requested JoinPool
        None                   + BagPacked -> None packed
        None                   + Withdraw  -> Closed unwanted        Closed
        Waiting                + BagPacked -> Waiting packed
        Waiting                + Assigned  -> OnTrip                 LeavePool
        Waiting                + Withdraw  -> Closed unwanted        LeavePool *Withdrawn Closed
        None packed            + Ask       -> Waiting packed         *Requested JoinPool
        None packed            + Withdraw  -> Closed packed unwanted Closed
        Closed unwanted        + BagPacked -> Closed packed unwanted
        Waiting packed         + Assigned  -> OnTrip packed          LeavePool TellPacked
        Waiting packed         + Withdraw  -> Closed packed unwanted LeavePool *Withdrawn Closed
        OnTrip                 + BagPacked -> OnTrip packed          TellPacked
        OnTrip                 + TripLost  -> Waiting                JoinPool
        OnTrip                 + LeftTrip  -> Closed                 *Withdrawn Closed
        OnTrip                 + Delivered -> Closed
        OnTrip                 + Returned  -> Closed                 Closed
        OnTrip                 + Withdraw  -> OnTrip unwanted        LeaveTrip
        OnTrip packed          + TripLost  -> Waiting packed         JoinPool
        OnTrip packed          + LeftTrip  -> Closed packed          *Withdrawn Closed
        OnTrip packed          + Delivered -> Closed packed
        OnTrip packed          + Returned  -> Closed packed          Closed
        OnTrip packed          + Withdraw  -> OnTrip packed unwanted LeaveTrip
        Closed                 + BagPacked -> Closed packed
        Closed                 + Withdraw  -> Closed unwanted        Closed
        OnTrip unwanted        + BagPacked -> OnTrip packed unwanted TellPacked
        OnTrip unwanted        + TripLost  -> Closed unwanted        *Withdrawn Closed
        OnTrip unwanted        + LeftTrip  -> Closed unwanted        *Withdrawn Closed
        OnTrip unwanted        + Delivered -> Closed unwanted
        OnTrip unwanted        + Returned  -> Closed unwanted        Closed
        Closed packed          + Withdraw  -> Closed packed unwanted Closed
        OnTrip packed unwanted + TripLost  -> Closed packed unwanted *Withdrawn Closed
        OnTrip packed unwanted + LeftTrip  -> Closed packed unwanted *Withdrawn Closed
        OnTrip packed unwanted + Delivered -> Closed packed unwanted
        OnTrip packed unwanted + Returned  -> Closed packed unwanted Closed
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_second_word_changes_nothing() {
    for state in reachable() {
        for input in inputs() {
            let once = hear(state, input).0;
            let (twice, effects) = hear(once, input);
            assert_eq!(twice, once, "{input:?} in {state:?}");
            assert_eq!(effects, [], "{input:?} in {state:?}");
        }
    }
}

proptest! {
    /// Whatever happens, an order stands in the pool exactly while it waits.
    #[test]
    fn the_pool_holds_who_waits(script in prop::collection::vec(0_usize..11, 0..40)) {
        let (mut state, mut pooled) = (State::default(), 0);
        for at in script {
            let (next, effects) = hear(state, inputs()[at]);
            for effect in effects {
                match effect {
                    Effect::JoinPool => pooled += 1,
                    Effect::LeavePool => pooled -= 1,
                    Effect::Publish(_) | Effect::TellPacked(_) | Effect::LeaveTrip(_)
                    | Effect::Closed => {}
                }
            }
            state = next;
            prop_assert_eq!(pooled, i32::from(state.status == Status::Waiting));
        }
    }
}
