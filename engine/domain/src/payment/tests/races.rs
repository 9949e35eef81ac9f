//! The races of an order's money, each in both orders of its two events.

use super::*;
use crate::time::Millis;

/// Plays a way to the race, then the two in both orders, then what the provider answers; expects
/// a stage and what is kept from each order.
fn race(way: &[Input], two: [Input; 2], answers: &[Input], ends: [(Stage, Paise); 2]) {
    let [first, second] = two;
    for (order, end) in [[first, second], [second, first]].into_iter().zip(ends) {
        let (state, mut effects) = play(State::NEW, way);
        let (state, more) = play(state, &order);
        effects.extend(more);
        let (state, more) = play(state, answers);
        effects.extend(more);
        assert_eq!((state.stage, state.kept()), end, "{order:?}\n{effects:#?}");
        assert_eq!(kept(&effects), end.1, "{order:?}: the events say the same");
        let settled = effects.iter().filter(|effect| **effect == Effect::Settled).count();
        let failed = effects.iter().filter(|effect| **effect == Effect::Failed).count();
        assert!(settled + failed <= 1, "{order:?}: one verdict\n{effects:#?}");
    }
}

const CLOSED: (Stage, Paise) = (Stage::Closed, Paise::ZERO);
const KEPT: (Stage, Paise) = (Stage::Kept, AMOUNT);

#[test]
fn r3_cancel_against_capture() {
    let way = [start(Method::Upi), heard(1, Word::Authorised)];
    race(&way, [Input::End, heard(1, Word::Captured)], &[refunded(1, 600)], [CLOSED; 2]);
}

#[test]
fn r3_cancel_against_a_capture_that_fails() {
    let way = [start(Method::Upi), heard(1, Word::Authorised)];
    let two = [Input::End, heard(1, Word::CaptureFailed)];
    race(&way, two, &[heard(1, Word::Voided)], [CLOSED; 2]);
}

#[test]
fn r4_expiry_of_the_hold_against_the_money() {
    // The stock is gone, so the saga ends the order whether the money came before or after.
    let way = [start(Method::Upi), heard(1, Word::Authorised)];
    race(&way, [heard(1, Word::Captured), Input::End], &[refunded(1, 600)], [CLOSED; 2]);
    // The window against the money: in time it is kept, later it goes back.
    let way = [start(Method::Upi)];
    let two = [heard(1, Word::Captured), WINDOW];
    race(
        &way,
        two,
        &[refunded(1, 600)],
        [(Stage::Kept, Paise::ZERO), (Stage::Failed, Paise::ZERO)],
    );
    race(&way, two, &[], [KEPT, (Stage::Failed, AMOUNT)]);
}

#[test]
fn r5_failed_then_authorised_late() {
    // Open: the late authorisation pays for the order, whichever word came first.
    let two = [heard(1, SLOW), heard(1, Word::Authorised)];
    race(&[start(Method::Upi)], two, &[heard(1, Word::Captured)], [KEPT; 2]);
    // Given up: it is let go.
    let way = [start(Method::Upi), Input::GiveUp, Input::End];
    race(&way, two, &[heard(1, Word::Voided)], [CLOSED; 2]);
    // Given up, and the provider captured by itself: it goes back.
    race(&way, two, &[heard(1, Word::Captured), refunded(1, 600)], [CLOSED; 2]);
}

#[test]
fn r5_a_late_authorisation_says_so() {
    let says_late = |inputs: &[Input]| {
        let (_, effects) = play(State::NEW, inputs);
        let late = effects.iter().find_map(|effect| {
            if let Effect::Publish(Event::Authorised { late, .. }) = effect {
                Some(*late)
            } else {
                None
            }
        });
        late.expect("an authorisation")
    };
    let authorised = heard(1, Word::Authorised);
    assert!(!says_late(&[start(Method::Upi), authorised]));
    assert!(says_late(&[start(Method::Upi), heard(1, SLOW), authorised]));
    assert!(says_late(&[start(Method::Upi), Input::End, authorised]));
}

#[test]
fn r6_two_attempts_succeed() {
    let way = [start(Method::Upi), heard(1, SLOW), retry(Method::Card)];
    // Captured by the provider in either order: the first one is kept, the other goes back.
    let captured = [heard(1, Word::Captured), heard(2, Word::Captured)];
    race(&way, captured, &[refunded(1, 600), refunded(2, 600)], [(Stage::Kept, Paise::ZERO); 2]);
    for (two, other) in [(captured, 2), ([captured[1], captured[0]], 1)] {
        let (state, _) = play(State::NEW, &[&way[..], &two, &[refunded(other, 600)]].concat());
        assert_eq!((state.stage, state.kept()), KEPT);
        let (state, _) = play(state, &[Input::End, refunded(3 - other, 600)]);
        assert_eq!((state.stage, state.kept()), CLOSED);
    }
    // Authorised in either order: one is captured, the other is let go.
    for (first, second) in [(1, 2), (2, 1)] {
        let two = [heard(first, Word::Authorised), heard(second, Word::Authorised)];
        let (state, effects) = play(State::NEW, &[&way[..], &two].concat());
        assert!(effects.contains(&Effect::Capture { attempt: first, amount: AMOUNT }));
        assert!(effects.contains(&Effect::Void { attempt: second }));
        let answers = [heard(first, Word::Captured), heard(second, Word::Voided)];
        let (state, _) = play(state, &answers);
        assert_eq!((state.stage, state.kept(), state.is_quiet()), (Stage::Kept, AMOUNT, true));
    }
}

#[test]
fn r6_money_in_hand_goes_before_money_in_sight() {
    let way = [start(Method::Upi), heard(1, SLOW), retry(Method::Card)];
    let two = [heard(1, Word::Authorised), heard(2, Word::Captured)];
    let (state, effects) = play(State::NEW, &[&way[..], &two].concat());
    assert_eq!((state.stage, state.chosen), (Stage::Kept, 2));
    assert!(effects.contains(&Effect::Void { attempt: 1 }));
    // The capture of the first was quicker than its void: it goes back.
    let (state, effects) = play(state, &[heard(1, Word::Captured)]);
    assert!(effects.contains(&Effect::Refund { attempt: 1, amount: AMOUNT, total: AMOUNT }));
    assert_eq!(play(state, &[refunded(1, 600)]).0.kept(), AMOUNT);
}

#[test]
fn r7_webhook_against_poll() {
    // Both say the same, in any order and more than once.
    let words = [Word::Pending, Word::Authorised, Word::Captured];
    for (a, b) in [(0, 1), (0, 2), (1, 2), (1, 1), (2, 2)] {
        let two = [heard(1, words[a]), heard(1, words[b])];
        race(&[start(Method::Upi)], two, &[heard(1, Word::Captured)], [KEPT; 2]);
    }
}

#[test]
fn r20_a_refund_whose_answer_was_lost_is_made_once() {
    let way = [start(Method::Upi), heard(1, Word::Captured)];
    let (state, _) = play(State::NEW, &way);
    let (state, asked) = play(state, &[Input::Refund { amount: Paise::rupees(50) }]);
    let total = Paise::rupees(50);
    let refund = Effect::Refund { attempt: 1, amount: total, total };
    assert!(asked.contains(&refund));
    // More is wanted meanwhile: the same refund is asked again first, under the same total.
    let timer = Timer::Refund { attempt: 1, total, retry: 0 };
    let two = [Input::Refund { amount: Paise::rupees(80) }, Input::Wake { timer }];
    for order in [two, [two[1], two[0]]] {
        let (state, again) = play(state, &order);
        assert_eq!(again.iter().filter(|effect| **effect == refund).count(), 1);
        let (state, rest) = play(state, &[refunded(1, 50)]);
        let (amount, total) = (Paise::rupees(30), Paise::rupees(80));
        assert!(rest.contains(&Effect::Refund { attempt: 1, amount, total }));
        let (state, _) = play(state, &[refunded(1, 50), refunded(1, 80), refunded(1, 80)]);
        assert_eq!(state.kept(), Paise::rupees(520));
        assert!(state.is_quiet());
    }
}

#[test]
fn a_refund_nobody_answers_becomes_a_persons_work_after_a_day() {
    let (mut state, _) = play(State::NEW, &[start(Method::Upi), heard(1, Word::Captured)]);
    let mut effects = Vec::new();
    let rules = Rules::default();
    let end = Input::End;
    state = step(&rules, ORDER, state, end, Timestamp(0), &mut effects);
    let mut asked = 0;
    let mut now = Timestamp(0);
    loop {
        asked += effects.iter().filter(|e| matches!(e, Effect::Refund { .. })).count();
        let timer = effects.iter().find_map(|effect| {
            if let Effect::WakeAt(timer @ Timer::Refund { .. }, at) = effect {
                Some((*timer, *at))
            } else {
                None
            }
        });
        let Some((timer, at)) = timer else { break };
        now = at;
        effects.clear();
        state = step(&rules, ORDER, state, Input::Wake { timer }, now, &mut effects);
    }
    assert_eq!(effects, [Effect::Review { attempt: 1 }]);
    assert_eq!(now, Timestamp(0) + rules.refund_limit);
    assert_eq!(asked, 7);
    // A person saw to it.
    assert_eq!(play(state, &[refunded(1, 600)]).0.stage, Stage::Closed);
}

#[test]
fn a_status_is_asked_for_three_times_in_two_hours_and_then_daily() {
    let rules = Rules::default();
    let mut effects = Vec::new();
    let mut state = step(&rules, ORDER, State::NEW, start(Method::Upi), Timestamp(0), &mut effects);
    let mut asked_at_s = Vec::new();
    loop {
        let timer = effects.iter().find_map(|effect| {
            if let Effect::WakeAt(timer @ Timer::Follow { .. }, at) = effect {
                Some((*timer, *at))
            } else {
                None
            }
        });
        let Some((timer, now)) = timer else { break };
        effects.clear();
        state = step(&rules, ORDER, state, Input::Wake { timer }, now, &mut effects);
        if effects.contains(&Effect::AskStatus { attempt: 1 }) {
            asked_at_s.push(now.0 / 1_000_000);
        }
    }
    let day = 24 * 60 * 60;
    let soon = [90, 270, 630];
    let late = [630 + day, 630 + 2 * day, 630 + 3 * day];
    assert_eq!(asked_at_s, [soon, late].concat());
}

#[test]
fn a_void_is_sent_again_even_when_statuses_are_only_daily() {
    let (state, _) = play(
        State::NEW,
        &[start(Method::Upi), Input::GiveUp, Input::End, follow(1, 1), follow(1, 3), follow(1, 5)],
    );
    let (state, effects) = play(state, &[heard(1, Word::Authorised)]);
    let resend = Timestamp(0) + Rules::default().resend_gap;
    let timer = Timer::Follow { attempt: 1, nth: 9 };
    assert!(effects.contains(&Effect::WakeAt(timer, resend)), "{effects:?}");
    assert_eq!(play(state, &[follow(1, 7)]), (state, vec![]), "the daily timer is stale");
    let (_, effects) = play(state, &[Input::Wake { timer }]);
    assert!(effects.contains(&Effect::Void { attempt: 1 }));
}

#[test]
fn cash_is_due_less_what_was_short_and_goes_back_into_the_wallet() {
    let short = Input::Refund { amount: Paise::rupees(80) };
    let taken = Input::CashTaken { rider: RIDER };
    let way = [start(Method::Cash)];
    race(&way, [short, taken], &[refunded(1, 80)], [(Stage::Kept, Paise::rupees(520)); 2]);
    let (state, _) = play(State::NEW, &[start(Method::Cash), short]);
    assert_eq!(state.cash_due(), Paise::rupees(520));
    race(&way, [Input::End, taken], &[refunded(1, 600)], [CLOSED; 2]);
    let remitted = [taken, Input::CashHandedIn { rider: RIDER }];
    race(&way, remitted, &[], [KEPT; 2]);
    let (_, effects) = play(State::NEW, &[start(Method::Cash), short, taken, remitted[1]]);
    let amount = Paise::rupees(520);
    assert!(effects.contains(&Effect::Publish(Event::CashRemitted { rider: RIDER, amount })));
}

#[test]
fn an_order_that_costs_nothing_is_settled_at_once() {
    let start = Input::Start { method: Method::Upi, amount: Paise::ZERO };
    let (state, effects) = play(State::NEW, &[start, Input::End]);
    assert_eq!(effects, [Effect::Settled, Effect::Closed]);
    assert_eq!(state.kept(), Paise::ZERO);
}

#[test]
fn the_wait_for_a_refund_grows_and_ends() {
    let rules = Rules::default();
    let waits: Vec<_> = (0..9).map(|sent| rules.refund_wait(sent).map(|w| w.0 / 60_000)).collect();
    let minutes = [1, 4, 16, 64, 256, 1_024].map(Some);
    assert_eq!(waits[..6], minutes);
    assert_eq!(waits[6], Some(1_440 - 1_365));
    assert_eq!(waits[7..], [None, None]);
    assert_eq!(Rules { refund_limit: Millis(0), ..rules }.refund_wait(0), None);
}
