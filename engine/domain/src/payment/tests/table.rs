//! The transition table, and its sister: hearing anything twice is harmless.

use expect_test::expect;

use super::*;
use crate::facts::Event as _;

/// Representative states by the inputs that lead to them.
const STATES: &[(&str, &[Input])] = &[
    ("new", &[]),
    ("paying", &[start(Method::Upi)]),
    ("pending", &[start(Method::Upi), heard(1, Word::Pending)]),
    ("capturing", &[start(Method::Upi), heard(1, Word::Authorised)]),
    ("overtime", &[start(Method::Upi), heard(1, Word::Authorised), WINDOW]),
    ("asking", &[start(Method::Upi), heard(1, SLOW)]),
    ("second", &[start(Method::Upi), heard(1, SLOW), retry(Method::Card)]),
    (
        "last",
        &[start(Method::Upi), heard(1, NO), retry(Method::Upi), heard(2, NO), retry(Method::Card)],
    ),
    ("kept", &[start(Method::Upi), heard(1, Word::Captured)]),
    (
        "part asked back",
        &[
            start(Method::Upi),
            heard(1, Word::Captured),
            Input::Refund { amount: Paise::rupees(50) },
        ],
    ),
    ("cash due", &[start(Method::Cash)]),
    ("cash taken", &[start(Method::Cash), Input::CashTaken { rider: RIDER }]),
    ("failed", &[start(Method::Upi), Input::GiveUp]),
    ("ended, voiding", &[start(Method::Upi), heard(1, Word::Authorised), Input::End]),
    ("ended, refunding", &[start(Method::Upi), heard(1, Word::Captured), Input::End]),
    ("closed", &[start(Method::Upi), Input::End]),
];

const INPUTS: &[Input] = &[
    start(Method::Upi),
    start(Method::Cash),
    heard(1, Word::Pending),
    heard(1, Word::Authorised),
    heard(1, NO),
    heard(1, SLOW),
    heard(1, Word::Captured),
    heard(1, Word::CaptureFailed),
    heard(1, Word::Voided),
    refunded(1, 50),
    refunded(1, 600),
    heard(1, Word::RefundFailed),
    heard(2, Word::Authorised),
    heard(2, Word::Captured),
    heard(3, NO),
    retry(Method::Card),
    retry(Method::Cash),
    Input::GiveUp,
    Input::Refund { amount: Paise::rupees(80) },
    Input::End,
    Input::CashTaken { rider: RIDER },
    Input::CashHandedIn { rider: RIDER },
    WINDOW,
    HARD_WINDOW,
    follow(1, 1),
    Input::Wake { timer: Timer::Refund { attempt: 1, total: Paise::rupees(50), retry: 0 } },
    Input::Wake { timer: Timer::Refund { attempt: 1, total: AMOUNT, retry: 0 } },
];

/// A state in a few letters: its stage, each attempt's method and phase, and what is asked back.
fn short(state: State) -> String {
    let mut text = state.stage.to_string();
    for (at, attempt) in (1..).zip(state.made()) {
        let mark = if at == state.chosen { "*" } else { "" };
        text += &format!(" {}{mark}:{}", attempt.method, attempt.phase);
        if attempt.refund_asked_paise > 0 {
            text += &format!("-{}/{}", attempt.refunded_paise, attempt.refund_asked_paise);
        }
    }
    text
}

fn effect_name(effect: &Effect) -> String {
    match effect {
        Effect::Publish(event) => {
            let kind = Event::KINDS[usize::from(event.variant())].name;
            kind.trim_start_matches("payment_").to_owned()
        }
        Effect::WakeAt(timer, at) => {
            let timer = format!("{timer:?}");
            let name = timer.split(' ').next().unwrap_or_default();
            format!("{name}@{}s", at.0 / 1_000_000)
        }
        Effect::AskProvider { attempt, method, .. } => format!("AskProvider({attempt}, {method})"),
        Effect::AskStatus { attempt } => format!("AskStatus({attempt})"),
        Effect::Review { attempt } => format!("Review({attempt})"),
        Effect::Capture { attempt, .. } => format!("Capture({attempt})"),
        Effect::Void { attempt } => format!("Void({attempt})"),
        Effect::Refund { attempt, amount, total } => {
            format!("Refund({attempt}, {amount} to {total})")
        }
        Effect::AskCustomer | Effect::Settled | Effect::Failed | Effect::Closed => {
            format!("{effect:?}")
        }
    }
}

#[test]
fn transition_table() {
    let mut table = String::new();
    for (name, inputs) in STATES {
        let (state, _) = play(State::NEW, inputs);
        table += &format!("{name}: {}\n", short(state));
        for &input in INPUTS {
            let (next, effects) = play(state, &[input]);
            if next != state || !effects.is_empty() {
                let said = Input::KINDS[usize::from(input.variant())].name;
                let mut said = said.trim_start_matches("payment_").to_owned();
                if let Input::Heard { attempt, word } = input {
                    said = format!("{attempt} {word:?}");
                } else if let Input::Retry { method } | Input::Start { method, .. } = input {
                    said += &format!(" {method}");
                } else if let Input::Wake { timer } = input {
                    said = format!("{timer:?}");
                }
                let effects: Vec<_> = effects.iter().map(effect_name).collect();
                table += &format!("  {said} -> {} | {}\n", short(next), effects.join(" "));
            }
        }
    }
    expect![[r#"
        new: new
          start upi -> paying upi:asked | initiated AskProvider(1, upi) Follow@90s Window@300s
          start cash -> kept cash*:authorised | cash_due Settled
          end -> closed | Closed
        paying: paying upi:asked
          1 Pending -> paying upi:pending | pending
          1 Authorised -> paying upi*:authorised | authorised Capture(1)
          1 Declined(Business) -> asking upi:declined | declined AskCustomer
          1 Declined(TimeOut) -> asking upi:timed_out | declined AskCustomer
          1 Captured -> kept upi*:captured | authorised captured Settled
          1 CaptureFailed -> asking upi:capture_failed | authorised Void(1) AskCustomer
          1 Voided -> asking upi:voided | authorised voided AskCustomer
          1 Refunded { total: Paise(5000) } -> kept upi*:captured-5000/5000 | authorised captured refunded Settled
          1 Refunded { total: Paise(60000) } -> kept upi*:captured-60000/60000 | authorised captured refunded Settled
          give_up -> failed upi:asked | expired Failed
          refund -> paying upi:asked | 
          end -> closed upi:asked | expired Closed
          Window -> failed upi:timed_out | declined expired Failed
          Follow { attempt: 1, nth: 1 } -> paying upi:asked | AskStatus(1) Follow@180s
        pending: paying upi:pending
          1 Authorised -> paying upi*:authorised | authorised Capture(1)
          1 Declined(Business) -> asking upi:declined | declined AskCustomer
          1 Declined(TimeOut) -> asking upi:timed_out | declined AskCustomer
          1 Captured -> kept upi*:captured | authorised captured Settled
          1 CaptureFailed -> asking upi:capture_failed | authorised Void(1) AskCustomer
          1 Voided -> asking upi:voided | authorised voided AskCustomer
          1 Refunded { total: Paise(5000) } -> kept upi*:captured-5000/5000 | authorised captured refunded Settled
          1 Refunded { total: Paise(60000) } -> kept upi*:captured-60000/60000 | authorised captured refunded Settled
          give_up -> failed upi:pending | expired Failed
          refund -> paying upi:pending | 
          end -> closed upi:pending | expired Closed
          Window -> failed upi:timed_out | declined expired Failed
          Follow { attempt: 1, nth: 1 } -> paying upi:pending | AskStatus(1) Follow@180s
        capturing: paying upi*:authorised
          1 Captured -> kept upi*:captured | captured Settled
          1 CaptureFailed -> asking upi:capture_failed | Void(1) AskCustomer
          1 Voided -> asking upi:voided | voided AskCustomer
          1 Refunded { total: Paise(5000) } -> kept upi*:captured-5000/5000 | captured refunded Settled
          1 Refunded { total: Paise(60000) } -> kept upi*:captured-60000/60000 | captured refunded Settled
          refund -> paying upi*:authorised | 
          end -> ended upi:authorised | expired Void(1)
          Window -> overtime upi*:authorised | HardWindow@300s
          Follow { attempt: 1, nth: 1 } -> paying upi*:authorised | Capture(1) Follow@180s
        overtime: overtime upi*:authorised
          1 Captured -> kept upi*:captured | captured Settled
          1 CaptureFailed -> failed upi:capture_failed | Void(1) expired Failed
          1 Voided -> failed upi:voided | voided expired Failed
          1 Refunded { total: Paise(5000) } -> kept upi*:captured-5000/5000 | captured refunded Settled
          1 Refunded { total: Paise(60000) } -> kept upi*:captured-60000/60000 | captured refunded Settled
          refund -> overtime upi*:authorised | 
          end -> ended upi:authorised | expired Void(1)
          HardWindow -> failed upi:authorised | expired Void(1) Failed
          Follow { attempt: 1, nth: 1 } -> overtime upi*:authorised | Capture(1) Follow@180s
        asking: asking upi:timed_out
          1 Authorised -> paying upi*:authorised | authorised Capture(1)
          1 Declined(Business) -> asking upi:declined | 
          1 Captured -> kept upi*:captured | authorised captured Settled
          1 CaptureFailed -> asking upi:capture_failed | authorised Void(1)
          1 Voided -> asking upi:voided | authorised voided
          1 Refunded { total: Paise(5000) } -> kept upi*:captured-5000/5000 | authorised captured refunded Settled
          1 Refunded { total: Paise(60000) } -> kept upi*:captured-60000/60000 | authorised captured refunded Settled
          retry card -> paying upi:timed_out card:asked | initiated AskProvider(2, card) Follow@90s
          retry cash -> kept upi:timed_out cash*:authorised | cash_due Settled
          give_up -> failed upi:timed_out | expired Failed
          refund -> asking upi:timed_out | 
          end -> closed upi:timed_out | expired Closed
          Window -> failed upi:timed_out | expired Failed
          Follow { attempt: 1, nth: 1 } -> asking upi:timed_out | AskStatus(1) Follow@180s
        second: paying upi:timed_out card:asked
          1 Authorised -> paying upi*:authorised card:asked | authorised Capture(1)
          1 Declined(Business) -> paying upi:declined card:asked | 
          1 Captured -> kept upi*:captured card:asked | authorised captured Settled
          1 CaptureFailed -> paying upi:capture_failed card:asked | authorised Void(1)
          1 Voided -> paying upi:voided card:asked | authorised voided
          1 Refunded { total: Paise(5000) } -> kept upi*:captured-5000/5000 card:asked | authorised captured refunded Settled
          1 Refunded { total: Paise(60000) } -> kept upi*:captured-60000/60000 card:asked | authorised captured refunded Settled
          2 Authorised -> paying upi:timed_out card*:authorised | authorised Capture(2)
          2 Captured -> kept upi:timed_out card*:captured | authorised captured Settled
          give_up -> failed upi:timed_out card:asked | expired Failed
          refund -> paying upi:timed_out card:asked | 
          end -> closed upi:timed_out card:asked | expired Closed
          Window -> failed upi:timed_out card:timed_out | declined expired Failed
          Follow { attempt: 1, nth: 1 } -> paying upi:timed_out card:asked | AskStatus(1) Follow@180s
        last: paying upi:declined upi:declined card:asked
          1 Authorised -> paying upi*:authorised upi:declined card:asked | authorised Capture(1)
          1 Captured -> kept upi*:captured upi:declined card:asked | authorised captured Settled
          1 CaptureFailed -> paying upi:capture_failed upi:declined card:asked | authorised Void(1)
          1 Voided -> paying upi:voided upi:declined card:asked | authorised voided
          1 Refunded { total: Paise(5000) } -> kept upi*:captured-5000/5000 upi:declined card:asked | authorised captured refunded Settled
          1 Refunded { total: Paise(60000) } -> kept upi*:captured-60000/60000 upi:declined card:asked | authorised captured refunded Settled
          2 Authorised -> paying upi:declined upi*:authorised card:asked | authorised Capture(2)
          2 Captured -> kept upi:declined upi*:captured card:asked | authorised captured Settled
          3 Declined(Business) -> failed upi:declined upi:declined card:declined | declined expired Failed
          give_up -> failed upi:declined upi:declined card:asked | expired Failed
          refund -> paying upi:declined upi:declined card:asked | 
          end -> closed upi:declined upi:declined card:asked | expired Closed
          Window -> failed upi:declined upi:declined card:timed_out | declined expired Failed
          Follow { attempt: 1, nth: 1 } -> paying upi:declined upi:declined card:asked | 
        kept: kept upi*:captured
          1 Refunded { total: Paise(5000) } -> kept upi*:captured-5000/5000 | refunded
          1 Refunded { total: Paise(60000) } -> kept upi*:captured-60000/60000 | refunded
          refund -> kept upi*:captured-0/8000 | refund_asked Refund(1, ₹80.00 to ₹80.00) Refund@60s
          end -> ended upi:captured-0/60000 | refund_asked Refund(1, ₹600.00 to ₹600.00) Refund@60s
          Follow { attempt: 1, nth: 1 } -> kept upi*:captured | 
        part asked back: kept upi*:captured-0/5000
          1 Refunded { total: Paise(5000) } -> kept upi*:captured-5000/5000 | refunded
          1 Refunded { total: Paise(60000) } -> kept upi*:captured-60000/60000 | refunded
          refund -> kept upi*:captured-0/5000 | 
          end -> ended upi:captured-0/5000 | 
          Follow { attempt: 1, nth: 1 } -> kept upi*:captured-0/5000 | 
          Refund { attempt: 1, total: Paise(5000), retry: 0 } -> kept upi*:captured-0/5000 | Refund@240s Refund(1, ₹50.00 to ₹50.00)
        cash due: kept cash*:authorised
          refund -> kept cash*:authorised-8000/8000 | cash_due
          end -> closed cash:voided | expired Closed
          cash_taken -> kept cash*:captured | cash_collected
        cash taken: kept cash*:captured
          1 Refunded { total: Paise(5000) } -> kept cash*:captured-5000/5000 | refunded
          1 Refunded { total: Paise(60000) } -> kept cash*:captured-60000/60000 | refunded
          refund -> kept cash*:captured-0/8000 | refund_asked Refund(1, ₹80.00 to ₹80.00) Refund@60s
          end -> ended cash:captured-0/60000 | refund_asked Refund(1, ₹600.00 to ₹600.00) Refund@60s
          cash_handed_in -> kept cash*:remitted | cash_remitted
        failed: failed upi:asked
          1 Pending -> failed upi:pending | pending
          1 Authorised -> failed upi:authorised | authorised Void(1)
          1 Declined(Business) -> failed upi:declined | declined
          1 Declined(TimeOut) -> failed upi:timed_out | declined
          1 Captured -> failed upi:captured-0/60000 | authorised captured refund_asked Refund(1, ₹600.00 to ₹600.00) Refund@60s
          1 CaptureFailed -> failed upi:capture_failed | authorised Void(1)
          1 Voided -> failed upi:voided | authorised voided
          1 Refunded { total: Paise(5000) } -> failed upi:captured-5000/60000 | authorised captured refunded refund_asked Refund(1, ₹550.00 to ₹600.00) Refund@60s
          1 Refunded { total: Paise(60000) } -> failed upi:captured-60000/60000 | authorised captured refunded
          refund -> failed upi:asked | 
          end -> closed upi:asked | Closed
          Follow { attempt: 1, nth: 1 } -> failed upi:asked | AskStatus(1) Follow@180s
        ended, voiding: ended upi:authorised
          1 Captured -> ended upi:captured-0/60000 | captured refund_asked Refund(1, ₹600.00 to ₹600.00) Refund@60s
          1 CaptureFailed -> ended upi:capture_failed | Void(1)
          1 Voided -> closed upi:voided | voided Closed
          1 Refunded { total: Paise(5000) } -> ended upi:captured-5000/60000 | captured refunded refund_asked Refund(1, ₹550.00 to ₹600.00) Refund@60s
          1 Refunded { total: Paise(60000) } -> closed upi:captured-60000/60000 | captured refunded Closed
          refund -> ended upi:authorised | 
          Follow { attempt: 1, nth: 1 } -> ended upi:authorised | Void(1) Follow@180s
        ended, refunding: ended upi:captured-0/60000
          1 Refunded { total: Paise(5000) } -> ended upi:captured-5000/60000 | refunded
          1 Refunded { total: Paise(60000) } -> closed upi:captured-60000/60000 | refunded Closed
          refund -> ended upi:captured-0/60000 | 
          Follow { attempt: 1, nth: 1 } -> ended upi:captured-0/60000 | 
          Refund { attempt: 1, total: Paise(60000), retry: 0 } -> ended upi:captured-0/60000 | Refund@240s Refund(1, ₹600.00 to ₹600.00)
        closed: closed upi:asked
          1 Pending -> closed upi:pending | pending
          1 Authorised -> closed upi:authorised | authorised Void(1)
          1 Declined(Business) -> closed upi:declined | declined
          1 Declined(TimeOut) -> closed upi:timed_out | declined
          1 Captured -> closed upi:captured-0/60000 | authorised captured refund_asked Refund(1, ₹600.00 to ₹600.00) Refund@60s
          1 CaptureFailed -> closed upi:capture_failed | authorised Void(1)
          1 Voided -> closed upi:voided | authorised voided
          1 Refunded { total: Paise(5000) } -> closed upi:captured-5000/60000 | authorised captured refunded refund_asked Refund(1, ₹550.00 to ₹600.00) Refund@60s
          1 Refunded { total: Paise(60000) } -> closed upi:captured-60000/60000 | authorised captured refunded
          refund -> closed upi:asked | 
          Follow { attempt: 1, nth: 1 } -> closed upi:asked | AskStatus(1) Follow@180s
    "#]]
    .assert_eq(&table);
}

#[test]
fn hearing_anything_twice_is_harmless() {
    for (name, inputs) in STATES {
        let (state, _) = play(State::NEW, inputs);
        for &input in INPUTS {
            let (once, _) = play(state, &[input]);
            let (twice, effects) = play(once, &[input]);
            assert_eq!(twice, once, "{name} + {input:?}");
            assert_eq!(effects, [], "{name} + {input:?}");
        }
    }
}

#[test]
fn inputs_come_back_from_their_canonical_form() {
    for input in INPUTS {
        let mut bytes = Vec::new();
        input.put(&mut bytes);
        assert_eq!(Input::take(input.variant(), &mut bytes.as_slice()), Some(*input));
        let mut cells = Vec::new();
        input.to_cells(&mut |cell| cells.push(cell));
        let mut cells = cells.into_iter();
        assert_eq!(Input::from_cells(input.variant(), &mut || cells.next()), Some(*input));
    }
}

#[test]
fn the_state_stays_within_a_cache_line() {
    assert!(size_of::<State>() <= 52, "{}", size_of::<State>());
}
