//! Paying: the table of what each input does, races in both orders, and the laws of money.

mod laws;
mod provider;
mod races;
mod table;

use super::*;
use crate::time::Timestamp;

const ORDER: OrderId = OrderId(1);
const AMOUNT: Paise = Paise::rupees(600);
const RIDER: RiderId = RiderId(7);

/// Plays inputs one after another, all at time zero.
fn play(state: State, inputs: &[Input]) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    let play =
        |state, &input| step(&Rules::default(), ORDER, state, input, Timestamp(0), &mut effects);
    let state = inputs.iter().fold(state, play);
    (state, effects)
}

const fn start(method: Method) -> Input {
    Input::Start { method, amount: AMOUNT }
}

const fn retry(method: Method) -> Input {
    Input::Retry { method }
}

const fn heard(attempt: u8, word: Word) -> Input {
    Input::Heard { attempt, word }
}

const fn refunded(attempt: u8, rupees: i64) -> Input {
    heard(attempt, Word::Refunded { total: Paise::rupees(rupees) })
}

const fn follow(attempt: u8, nth: u8) -> Input {
    Input::Wake { timer: Timer::Follow { attempt, nth } }
}

const WINDOW: Input = Input::Wake { timer: Timer::Window };
const HARD_WINDOW: Input = Input::Wake { timer: Timer::HardWindow };
const NO: Word = Word::Declined(Decline::Business);
const SLOW: Word = Word::Declined(Decline::TimeOut);

/// What the events among effects say is kept: captured or collected, less refunded.
fn kept(effects: &[Effect]) -> Paise {
    let mut kept = Paise::ZERO;
    for effect in effects {
        if let Effect::Publish(
            Event::Captured { amount, .. } | Event::CashCollected { amount, .. },
        ) = *effect
        {
            kept += amount;
        } else if let Effect::Publish(Event::Refunded { amount, .. }) = *effect {
            kept -= amount;
        }
    }
    kept
}
