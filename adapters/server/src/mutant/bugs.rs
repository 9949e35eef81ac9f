//! What some bugs do, where a condition is not enough to say it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::ids::OrderId;
use domain::money::Paise;
use domain::outside::Effect;
use domain::payment::Word;
use shell::Order;
use shell::mutant::{Mutant, is};

/// An order as it is shown: as it is, but every third time as it was two looks ago.
pub(crate) fn shown(order: OrderId, row: Order) -> Order {
    static SEEN: Mutex<BTreeMap<OrderId, Vec<Order>>> = Mutex::new(BTreeMap::new());
    if !is(Mutant::ShowsOld) {
        return row;
    }
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let looks = seen.entry(order).or_default();
    if looks.len() == 2 {
        return looks.drain(..).next().unwrap_or(row);
    }
    looks.push(row.clone());
    row
}

/// What is asked of the payment provider instead of something, and what is heard whatever it
/// answers.
#[expect(clippy::wildcard_enum_match_arm, reason = "what is not named stays as it is")]
pub(crate) fn instead(effect: &Effect) -> Option<(Option<Effect>, Option<Word>)> {
    let rupee = Paise(100);
    match *effect {
        Effect::Capture { order, attempt, method, amount } if is(Mutant::ChargesMore) => {
            let amount = amount + rupee;
            Some((Some(Effect::Capture { order, attempt, method, amount }), None))
        }
        Effect::Void { order, attempt, method } if is(Mutant::CapturesTwice) => {
            let capture = Effect::Capture { order, attempt, method, amount: rupee };
            Some((Some(capture), Some(Word::Voided)))
        }
        Effect::Void { .. } if is(Mutant::ForgetsVoid) => Some((None, Some(Word::Voided))),
        Effect::Refund { total, .. } if is(Mutant::ForgetsRefund) => {
            Some((None, Some(Word::Refunded { total })))
        }
        _ => None,
    }
}
