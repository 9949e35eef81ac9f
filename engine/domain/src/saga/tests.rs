//! The order saga: its transition table, and that every step can be repeated and failed.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for a few effects of many")]

use std::collections::{BTreeSet, VecDeque};

use expect_test::expect;
use proptest::prelude::*;

use super::*;

const ORDER: OrderId = OrderId(1);

const PLACE: Input = Input::Place {
    client_ref: 1,
    customer: CustomerId(1),
    store: StoreId(1),
    door: Place { lat_e7: 0, lon_e7: 0 },
    lines: 2,
    method: Method::Upi,
    total: Paise::rupees(600),
    promise_by: Timestamp(900_000_000),
};

const INPUTS: [Input; 25] = [
    PLACE,
    Input::QuoteLocked,
    Input::QuoteExpired,
    Input::StockHeld,
    Input::StockRefused,
    Input::HoldExpired,
    Input::HoldReleased,
    Input::PaymentRetried,
    Input::PaymentSettled,
    Input::PaymentFailed,
    Input::PaymentClosed,
    Input::PickStarted,
    Input::LineShort { reduction: Paise::rupees(100) },
    Input::PickPacked { anything: true },
    Input::PickPacked { anything: false },
    Input::PickClosed,
    Input::PickedUp,
    Input::RiderArrived,
    Input::HandedOver,
    Input::DoorFailed,
    Input::RiderClosed,
    Input::CancelAsked { canceller: Canceller::Customer },
    Input::CancelAsked { canceller: Canceller::Store },
    Input::TimedOut { timer: Timer::GiveUp },
    Input::Unserved,
];

/// The inputs of an order that goes well.
const HAPPY: [Input; 9] = [
    PLACE,
    Input::QuoteLocked,
    Input::StockHeld,
    Input::PaymentSettled,
    Input::PickStarted,
    Input::PickPacked { anything: true },
    Input::PickedUp,
    Input::RiderArrived,
    Input::HandedOver,
];

fn hear(state: State, input: Input) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    let next = step(&Rules::default(), ORDER, state, input, Timestamp(0), &mut effects);
    (next, effects)
}

fn name(state: &State) -> String {
    let undoing =
        if state.ending.is_some() && !state.stage.is_terminal() { " (undoing)" } else { "" };
    format!("{}{undoing}", state.stage)
}

fn effect_name(effect: &Effect) -> String {
    let text = match effect {
        Effect::Publish(event) => format!("{event:?}"),
        other => format!("{other:?}"),
    };
    text.split([' ', '{', '(']).next().unwrap_or_default().to_owned()
}

#[test]
fn transition_table() {
    let mut table = BTreeSet::new();
    let mut states = vec![State::NEW];
    for input in HAPPY {
        let (next, _) = hear(*states.last().unwrap(), input);
        states.push(next);
    }
    for state in states {
        for input in INPUTS {
            let (next, effects) = hear(state, input);
            if next != state || !effects.is_empty() {
                let effects: Vec<_> = effects.iter().map(effect_name).collect();
                let said = format!("{input:?}");
                let said = said.split(" { client_ref").next().unwrap_or_default();
                table.insert(format!(
                    "{:<18}+ {said:<36} -> {:<27}{}\n",
                    name(&state),
                    name(&next),
                    effects.join(" ")
                ));
            }
        }
    }
    let table: String = table.into_iter().collect();
    expect![[r#"
        arrived           + DoorFailed                           -> arrived (undoing)          WithdrawRider
        arrived           + HandedOver                           -> delivered                  Delivered
        confirmed         + CancelAsked { canceller: Customer }  -> confirmed (undoing)        CancelAsked WithdrawRider
        confirmed         + CancelAsked { canceller: Store }     -> confirmed (undoing)        CancelAsked WithdrawRider
        confirmed         + LineShort { reduction: Paise(10000) } -> confirmed                  ReducePayment
        confirmed         + PickStarted                          -> picking                    PickingBegun
        confirmed         + TimedOut { timer: GiveUp }           -> confirmed (undoing)        CancelAsked WithdrawRider
        draft             + Place                                -> placed                     Placed LockQuote WakeAt
        out_for_delivery  + DoorFailed                           -> out_for_delivery (undoing) WithdrawRider
        out_for_delivery  + RiderArrived                         -> arrived                    Arrived
        packed            + PickedUp                             -> out_for_delivery           LeftStore
        packed            + TimedOut { timer: GiveUp }           -> packed (undoing)           CancelAsked WithdrawRider
        payment_pending   + CancelAsked { canceller: Customer }  -> payment_pending (undoing)  CancelAsked ReleaseHold
        payment_pending   + CancelAsked { canceller: Store }     -> payment_pending (undoing)  CancelAsked ReleaseHold
        payment_pending   + HoldExpired                          -> payment_pending            
        payment_pending   + PaymentFailed                        -> payment_pending (undoing)  ReleaseHold
        payment_pending   + PaymentRetried                       -> payment_pending            ExtendHold
        payment_pending   + PaymentSettled                       -> confirmed                  Confirmed SecureHold QueuePick RequestRider
        payment_pending   + TimedOut { timer: GiveUp }           -> payment_pending (undoing)  CancelAsked ReleaseHold
        picking           + CancelAsked { canceller: Customer }  -> picking (undoing)          CancelAsked WithdrawRider
        picking           + CancelAsked { canceller: Store }     -> picking (undoing)          CancelAsked WithdrawRider
        picking           + LineShort { reduction: Paise(10000) } -> picking                    ReducePayment
        picking           + PickPacked { anything: false }       -> picking (undoing)          CancelAsked WithdrawRider
        picking           + PickPacked { anything: true }        -> packed                     Packed
        picking           + TimedOut { timer: GiveUp }           -> picking (undoing)          CancelAsked WithdrawRider
        placed            + CancelAsked { canceller: Customer }  -> cancelled                  CancelAsked Cancelled
        placed            + CancelAsked { canceller: Customer }  -> placed (undoing)           CancelAsked
        placed            + CancelAsked { canceller: Store }     -> cancelled                  CancelAsked Cancelled
        placed            + CancelAsked { canceller: Store }     -> placed (undoing)           CancelAsked
        placed            + QuoteExpired                         -> placed (undoing)           
        placed            + QuoteExpired                         -> rejected                   Rejected
        placed            + QuoteLocked                          -> placed                     Reserve
        placed            + StockHeld                            -> payment_pending            Reserved PaymentPending Pay
        placed            + StockRefused                         -> rejected                   Rejected
        placed            + TimedOut { timer: GiveUp }           -> cancelled                  CancelAsked Cancelled
        placed            + TimedOut { timer: GiveUp }           -> placed (undoing)           CancelAsked
        placed            + Unserved                             -> rejected                   Rejected
    "#]].assert_eq(&table);
}

/// What a world that answers honestly says to an effect.
fn answer(effect: &Effect) -> Option<Input> {
    match effect {
        Effect::LockQuote => Some(Input::QuoteLocked),
        Effect::Reserve { .. } => Some(Input::StockHeld),
        Effect::ReleaseHold => Some(Input::HoldReleased),
        Effect::Pay { .. } => Some(Input::PaymentSettled),
        Effect::ClosePayment => Some(Input::PaymentClosed),
        Effect::QueuePick => Some(Input::PickStarted),
        Effect::AbortPick => Some(Input::PickClosed),
        Effect::WithdrawRider => Some(Input::RiderClosed),
        Effect::Publish(Event::PickingBegun { .. }) => Some(Input::PickPacked { anything: true }),
        Effect::Publish(Event::Packed { .. }) => Some(Input::PickedUp),
        Effect::Publish(Event::LeftStore { .. }) => Some(Input::RiderArrived),
        Effect::Publish(Event::Arrived { .. }) => Some(Input::HandedOver),
        Effect::Publish(_)
        | Effect::ExtendHold { .. }
        | Effect::SecureHold
        | Effect::ReducePayment { .. }
        | Effect::RequestRider
        | Effect::WakeAt(..) => None,
    }
}

/// What the same world says when that effect comes to nothing.
fn failure(effect: &Effect) -> Option<Input> {
    match effect {
        Effect::LockQuote => Some(Input::QuoteExpired),
        Effect::Reserve { .. } => Some(Input::StockRefused),
        Effect::Pay { .. } => Some(Input::PaymentFailed),
        Effect::QueuePick => Some(Input::TimedOut { timer: Timer::GiveUp }),
        Effect::Publish(Event::PickingBegun { .. }) => Some(Input::PickPacked { anything: false }),
        Effect::Publish(Event::Packed { .. }) => Some(Input::TimedOut { timer: Timer::GiveUp }),
        Effect::Publish(Event::LeftStore { .. } | Event::Arrived { .. }) => Some(Input::DoorFailed),
        _ => None,
    }
}

/// What the order has of others' things, told from the effects alone.
#[derive(Default)]
struct Kept {
    hold: bool,
    money: bool,
    pick: bool,
    rider: bool,
}

impl Kept {
    fn see(&mut self, effect: &Effect) {
        match effect {
            Effect::Reserve { .. } => self.hold = true,
            Effect::Pay { .. } => self.money = true,
            Effect::QueuePick => self.pick = true,
            Effect::RequestRider => self.rider = true,
            Effect::ReleaseHold | Effect::Publish(Event::Packed { .. }) => self.hold = false,
            Effect::ClosePayment => self.money = false,
            Effect::AbortPick => self.pick = false,
            Effect::WithdrawRider => self.rider = false,
            _ => {}
        }
    }
}

/// Plays an order against the honest world, saying each thing `times` times and letting the
/// effect with number `fails_at` fail. Returns the end and what was kept.
fn play(fails_at: Option<usize>, times: usize) -> (State, Kept, usize) {
    let (mut state, mut kept, mut seen) = (State::NEW, Kept::default(), 0);
    let mut inbox = VecDeque::from([PLACE]);
    while let Some(input) = inbox.pop_front() {
        for again in 0..times {
            let before = state;
            let (next, effects) = hear(state, input);
            if again > 0 {
                assert_eq!((next, effects.len()), (before, 0), "{input:?} again in {before:?}");
            }
            state = next;
            for effect in &effects {
                kept.see(effect);
                let fails = fails_at == Some(seen);
                seen += 1;
                let word =
                    if fails { failure(effect).or_else(|| answer(effect)) } else { answer(effect) };
                if matches!(effect, Effect::Reserve { .. }) && word == Some(Input::StockRefused) {
                    kept.hold = false;
                }
                inbox.extend(word);
            }
        }
    }
    (state, kept, seen)
}

/// Every saga, repeated and failed at every effect: it ends, and keeps nothing it should not.
#[test]
fn every_step_can_be_repeated_and_failed() {
    let (_, _, effects) = play(None, 1);
    let mut ends = BTreeSet::new();
    for fails_at in std::iter::once(None).chain((0..effects).map(Some)) {
        for times in [1, 2, 3] {
            let (state, kept, _) = play(fails_at, times);
            assert!(state.stage.is_terminal(), "failed at {fails_at:?}: stuck in {state:?}");
            ends.insert(state.stage);
            if state.stage == Stage::Delivered {
                assert!(kept.money && !kept.hold);
            } else {
                let Kept { hold, money, pick, rider } = kept;
                assert!(
                    !(hold || money || pick || rider),
                    "failed at {fails_at:?}: kept something"
                );
            }
        }
    }
    let all = [Stage::Delivered, Stage::Rejected, Stage::Cancelled, Stage::Undelivered];
    assert_eq!(ends, BTreeSet::from(all), "every end is reached");
}

/// Hearing any input twice gives the same state and no further effects, in every state.
#[test]
fn a_second_word_changes_nothing() {
    let mut states = vec![State::NEW];
    for input in HAPPY {
        states.push(hear(*states.last().unwrap(), input).0);
    }
    let undoing: Vec<_> = states
        .iter()
        .map(|state| hear(*state, Input::TimedOut { timer: Timer::GiveUp }).0)
        .collect();
    for state in states.into_iter().chain(undoing) {
        for input in INPUTS {
            // A second short line is another line, not the same one said twice.
            if matches!(input, Input::LineShort { .. }) {
                continue;
            }
            let (once, _) = hear(state, input);
            let (twice, effects) = hear(once, input);
            assert_eq!((twice, effects), (once, Vec::new()), "{input:?} in {state:?}");
        }
    }
}

fn states_at(stage: Stage) -> State {
    let mut state = State::NEW;
    for input in HAPPY {
        if state.stage == stage {
            break;
        }
        state = hear(state, input).0;
    }
    assert_eq!(state.stage, stage);
    state
}

/// Plays inputs, then whatever the honest world answers, and returns the end and all effects.
fn settle(mut state: State, inputs: &[Input]) -> (State, Vec<Effect>) {
    let (mut inbox, mut all) = (inputs.iter().copied().collect::<VecDeque<_>>(), Vec::new());
    while let Some(input) = inbox.pop_front() {
        let (next, effects) = hear(state, input);
        state = next;
        inbox.extend(effects.iter().filter_map(answer));
        all.extend(effects);
    }
    (state, all)
}

/// R2: the customer cancels as the picker starts. Either way it is cancelled once, and undone.
#[test]
fn cancel_against_pick_started() {
    let cancel = Input::CancelAsked { canceller: Canceller::Customer };
    for (inputs, reached) in [
        ([cancel, Input::PickStarted], Stage::Confirmed),
        ([Input::PickStarted, cancel], Stage::Picking),
    ] {
        let mut state = states_at(Stage::Confirmed);
        let mut effects = Vec::new();
        for input in inputs {
            let (next, more) = hear(state, input);
            state = next;
            effects.extend(more);
        }
        let words: Vec<_> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::WithdrawRider => Some(Input::RiderClosed),
                _ => None,
            })
            .collect();
        let (end, more) = settle(state, &words);
        effects.extend(more);
        assert_eq!(end.stage, Stage::Cancelled);
        assert_eq!(
            end.ending,
            Some(Ending::Cancelled { canceller: Canceller::Customer, stage: reached })
        );
        assert_eq!(effects.iter().filter(|e| **e == Effect::AbortPick).count(), 1);
        assert_eq!(effects.iter().filter(|e| **e == Effect::ClosePayment).count(), 1);
    }
}

/// R4: the hold runs out and the payment succeeds, in both orders.
#[test]
fn hold_expiry_against_payment() {
    let pending = states_at(Stage::PaymentPending);
    let (confirmed, _) = hear(pending, Input::PaymentSettled);
    let (after, effects) = hear(confirmed, Input::HoldExpired);
    assert_eq!((after.stage, effects), (Stage::Confirmed, Vec::new()), "a secured hold stays");

    let (expired, _) = hear(pending, Input::HoldExpired);
    let (paid, effects) = hear(expired, Input::PaymentSettled);
    assert!(matches!(effects[..], [Effect::Reserve { .. }]), "asks for the stock again");
    assert_eq!(hear(paid, Input::StockHeld).0.stage, Stage::Confirmed);
    let (refused, effects) = hear(paid, Input::StockRefused);
    assert_eq!(effects, [Effect::ClosePayment], "no stock: the money goes back");
    assert_eq!(hear(refused, Input::PaymentClosed).0.stage, Stage::Rejected);
}

/// R3: the customer cancels as the money is captured. Nothing of it is kept.
#[test]
fn cancel_against_capture() {
    let cancel = Input::CancelAsked { canceller: Canceller::Customer };
    for inputs in [[cancel, Input::PaymentSettled], [Input::PaymentSettled, cancel]] {
        let mut state = states_at(Stage::PaymentPending);
        let mut effects = Vec::new();
        for input in inputs {
            let (next, more) = hear(state, input);
            state = next;
            effects.extend(more);
        }
        let asked = effects.iter().rev().find_map(|effect| match effect {
            Effect::WithdrawRider => Some(Input::RiderClosed),
            Effect::ReleaseHold => Some(Input::HoldReleased),
            _ => None,
        });
        let (end, more) = settle(state, &[asked.expect("something is undone first")]);
        assert_eq!(end.stage, Stage::Cancelled);
        assert!(effects.iter().chain(&more).any(|effect| *effect == Effect::ClosePayment));
    }
}

#[test]
fn a_cash_order_is_never_payment_pending() {
    let Input::Place { client_ref, customer, store, door, lines, total, promise_by, .. } = PLACE
    else {
        unreachable!("PLACE is a Place")
    };
    let method = Method::Cash;
    let cash = Input::Place { client_ref, customer, store, door, lines, method, total, promise_by };
    let (end, effects) = settle(State::NEW, &[cash]);
    assert_eq!(end.stage, Stage::Delivered);
    assert!(!effects.iter().any(|e| matches!(e, Effect::Publish(Event::PaymentPending { .. }))));
}

proptest! {
    /// Whatever is said in whatever order, the version counts the published events, nothing is
    /// said after the end, and every undo is asked for at most once.
    #[test]
    fn any_script_keeps_the_laws(script in prop::collection::vec(0..INPUTS.len(), 0..60)) {
        let (mut state, mut all) = (State::NEW, Vec::new());
        for at in script {
            let (next, effects) = hear(state, INPUTS[at]);
            if state.stage.is_terminal() {
                prop_assert_eq!((next, effects.len()), (state, 0));
            }
            state = next;
            all.extend(effects);
        }
        let published = all.iter().filter(|e| matches!(e, Effect::Publish(_))).count();
        prop_assert_eq!(usize::from(state.version), published);
        for (_, undo) in UNDO {
            prop_assert!(all.iter().filter(|effect| **effect == undo).count() <= 1);
        }
    }
}

#[test]
fn a_hold_that_is_made_too_late_gets_its_whole_time() {
    let rules = Rules { hold_ttl: Millis::from_s(10), ..Rules::default() };
    let check = |asked_until, now, end| {
        let (asked_until, now) = (Timestamp::from_s(asked_until), Timestamp::from_s(now));
        assert_eq!(rules.hold_end(asked_until, now), Timestamp::from_s(end));
    };
    check(20, 19, 20);
    check(20, 20, 30);
    check(20, 50, 60);
}
