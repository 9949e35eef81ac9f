//! Reading an answer as a profile says.

use domain::order::Stage;
use serde_json::Value;

use super::{Known, StepMap};

/// Bytes of an answer that are shown to explain what is wrong.
const SHOWN_BYTES: usize = 300;

/// Why an answer is not what a profile says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Another status.
    #[error("it was answered {is}, and success is {wanted}; it says: {says}")]
    Status {
        /// The status of the answer.
        is: u16,
        /// What the profile calls a success.
        wanted: String,
        /// The begin of the answer.
        says: String,
    },
    /// No JSON.
    #[error("the answer is no JSON; it says: {says}")]
    NoJson {
        /// The begin of the answer.
        says: String,
    },
    /// Nothing where something should be.
    #[error("{name}: nothing stands at {pointer:?}; the answer has {has}")]
    Nothing {
        /// Our name for it.
        name: String,
        /// Where it should stand.
        pointer: String,
        /// What stands there instead: the deepest place that exists, and the names in it.
        has: String,
    },
    /// Something of another kind.
    #[error("{name}: {found} stands at {pointer:?}, which is {wanted}")]
    Kind {
        /// Our name for it.
        name: String,
        /// Where it stands.
        pointer: String,
        /// What stands there.
        found: String,
        /// What it is not.
        wanted: &'static str,
    },
    /// A word that the profile does not translate.
    #[error("status: {word:?} at {pointer:?} is not among the words of the step: {words}")]
    Word {
        /// Their word.
        word: String,
        /// Where it stands.
        pointer: String,
        /// The words of the profile.
        words: String,
    },
}

impl StepMap {
    /// Whether a status is a success.
    #[must_use]
    pub fn is_success(&self, status: u16) -> bool {
        if self.status.is_empty() {
            (200..300).contains(&status)
        } else {
            self.status.contains(&status)
        }
    }

    /// Reads an answer: what it gives, by our names.
    ///
    /// # Errors
    /// [`Mismatch`] for the first thing that is not as the profile says.
    pub fn read(&self, status: u16, body: &[u8]) -> Result<Known, Mismatch> {
        if !self.is_success(status) {
            let wanted = match &self.status[..] {
                [] => "200 to 299".to_owned(),
                all => all.iter().map(u16::to_string).collect::<Vec<_>>().join(" or "),
            };
            return Err(Mismatch::Status { is: status, wanted, says: begin(body) });
        }
        if self.answer.is_empty() {
            return Ok(Known::new());
        }
        let says = || Mismatch::NoJson { says: begin(body) };
        let answer: Value = serde_json::from_slice(body).map_err(|_| says())?;
        let read = |(name, pointer): (&String, &String)| {
            let found = answer.pointer(pointer).filter(|found| !found.is_null());
            let found = found.ok_or_else(|| Mismatch::Nothing {
                name: name.clone(),
                pointer: pointer.clone(),
                has: has(&answer, pointer),
            })?;
            Ok((name.clone(), self.understood(name, pointer, found)?))
        };
        self.answer.iter().map(read).collect()
    }

    /// What was found, as the journey understands it.
    fn understood(&self, name: &str, pointer: &str, found: &Value) -> Result<Value, Mismatch> {
        let wrong = |wanted| Mismatch::Kind {
            name: name.to_owned(),
            pointer: pointer.to_owned(),
            found: begin(found.to_string().as_bytes()),
            wanted,
        };
        match name {
            "status" => {
                let word = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
                let ours = self.words.get(&word).map(String::as_str);
                // A word that is ours already needs no translation.
                let ours = ours.or_else(|| Stage::from_text(&word).map(Stage::text));
                ours.map(Value::from).ok_or_else(|| Mismatch::Word {
                    word,
                    pointer: pointer.to_owned(),
                    words: self.words.keys().cloned().collect::<Vec<_>>().join(", "),
                })
            }
            "total_paise" | "version" => {
                let whole = found.as_i64().or_else(|| found.as_str()?.parse().ok());
                whole.map(Value::from).ok_or_else(|| wrong("no whole number"))
            }
            _ if found.is_string() || found.is_number() => Ok(found.clone()),
            _ => Err(wrong("neither a text nor a number")),
        }
    }
}

/// The deepest place on the way to a pointer that exists, and what is there.
fn has(answer: &Value, pointer: &str) -> String {
    let mut place = pointer;
    while !place.is_empty() {
        place = &place[..place.rfind('/').unwrap_or(0)];
        let Some(found) = answer.pointer(place) else { continue };
        let at = if place.is_empty() { "at its top".to_owned() } else { format!("at {place:?}") };
        return match found {
            Value::Object(names) if names.is_empty() => format!("{at} an empty object"),
            Value::Object(names) => {
                let names: Vec<&str> = names.keys().map(String::as_str).collect();
                format!("{at} {}", names.join(", "))
            }
            Value::Array(all) => format!("{at} a list of {}", all.len()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                format!("{at} {}", begin(found.to_string().as_bytes()))
            }
        };
    }
    "nothing".to_owned()
}

/// The begin of what was said, on one line.
fn begin(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(SHOWN_BYTES)]).into_owned();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.is_empty() {
        true => "nothing".to_owned(),
        false if body.len() > SHOWN_BYTES => text + "…",
        false => text,
    }
}
