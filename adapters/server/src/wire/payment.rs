//! What passes between us and the providers.

use domain::ids::OrderId;
use domain::money::Paise;
use domain::outside::{Effect, Input};
use domain::payment::{Decline, Method, Word, WordKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Decimal;

/// What the provider is asked, in the body of `POST /payment/{verb}`.
#[derive(Debug, Serialize)]
pub(crate) struct Call {
    #[serde(skip)]
    verb: &'static str,
    order_id: Decimal<u64>,
    attempt: u8,
    method: &'static str,
    /// How much is asked for, taken, or given back this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_paise: Option<i64>,
    /// For a refund: how much of the attempt has gone back after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_paise: Option<i64>,
}

impl Call {
    /// What is asked by an effect; none if it asks nothing of the provider.
    #[expect(clippy::wildcard_enum_match_arm, reason = "five effects are for the provider")]
    pub(crate) fn of(effect: &Effect) -> Option<Self> {
        let call = |verb, order: OrderId, attempt, method: Method, amount: Option<Paise>| Self {
            verb,
            order_id: Decimal(order.0),
            attempt,
            method: method.text(),
            amount_paise: amount.map(|amount| amount.0),
            total_paise: None,
        };
        Some(match *effect {
            Effect::AskProvider { order, attempt, method, amount } => {
                call("create", order, attempt, method, Some(amount))
            }
            Effect::AskStatus { order, attempt, method } => {
                call("status", order, attempt, method, None)
            }
            Effect::Capture { order, attempt, method, amount } => {
                call("capture", order, attempt, method, Some(amount))
            }
            Effect::Void { order, attempt, method } => call("void", order, attempt, method, None),
            Effect::Refund { order, attempt, method, amount, total } => {
                let call = call("refund", order, attempt, method, Some(amount));
                Self { total_paise: Some(total.0), ..call }
            }
            _ => return None,
        })
    }

    /// The last part of the path.
    pub(crate) const fn verb(&self) -> &'static str {
        self.verb
    }
}

/// What the SMS provider is asked, in the body of `POST /sms/send`.
#[derive(Serialize)]
pub(crate) struct PasswordMessage<'a> {
    pub(crate) phone: String,
    pub(crate) password: &'a str,
}

/// What the provider says about an attempt.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct WordWire {
    word: String,
    decline: Option<String>,
    total_paise: Option<i64>,
}

impl WordWire {
    /// The word.
    ///
    /// # Errors
    /// In words, when there is no such word or it says too little.
    pub(crate) fn word(&self) -> Result<Word, String> {
        let kind = WordKind::from_text(&self.word)
            .ok_or_else(|| format!("{:?} is no word of a provider", self.word))?;
        let decline = match self.decline.as_deref().map(Decline::from_text) {
            Some(None) => return Err("decline is business, technical or time_out".to_owned()),
            Some(Some(decline)) => decline,
            None => Decline::Business,
        };
        let total = match (kind, self.total_paise) {
            (WordKind::Refunded, Some(total)) if (0..=i64::from(i32::MAX)).contains(&total) => {
                Paise(total)
            }
            (WordKind::Refunded, _) => {
                return Err("refunded says total_paise, all that has gone back".to_owned());
            }
            _ => Paise::ZERO,
        };
        Ok(Word::of_parts(kind, decline, total))
    }
}

/// A webhook's body.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Webhook {
    /// The provider's number of this word: the same number is heard once.
    pub(crate) event_id: Decimal<u64>,
    order_id: Decimal<u64>,
    attempt: u8,
    #[serde(flatten)]
    word: WordWire,
}

impl Webhook {
    /// What it says.
    ///
    /// # Errors
    /// As [`WordWire::word`].
    pub(crate) fn input(&self) -> Result<Input, String> {
        let order = OrderId(self.order_id.0);
        Ok(Input::Provider { order, attempt: self.attempt, word: self.word.word()? })
    }
}
