//! How agents ask: steps, keys, trying again.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::wire::read;
use crate::fate::Fate;
use crate::history::Touch;
use crate::http::{Answer, Request};
use crate::record::Step;
use crate::visit::{Operation, Seen, Visit};

/// The steps of all journeys, by [`Step`].
pub const STEPS: &[&str] = &[
    "quote", "order", "repeat", "look", "pay", "cancel", "on_duty", "ping", "offer", "ride", "bag",
    "door", "scan", "pack", "put_back", "trip", "stranger", "browse", "search", "stock", "cart",
    "look_up", "price", "session", "tasks", "track",
];

pub(super) const QUOTE: Step = Step(0);
pub(super) const ORDER: Step = Step(1);
pub(super) const REPEAT: Step = Step(2);
pub(super) const LOOK: Step = Step(3);
pub(super) const PAY: Step = Step(4);
pub(super) const CANCEL: Step = Step(5);
pub(super) const ON_DUTY: Step = Step(6);
pub(super) const PING: Step = Step(7);
pub(super) const OFFER: Step = Step(8);
pub(super) const RIDE: Step = Step(9);
pub(super) const BAG: Step = Step(10);
pub(super) const DOOR: Step = Step(11);
pub(super) const SCAN: Step = Step(12);
pub(super) const PACK: Step = Step(13);
pub(super) const PUT_BACK: Step = Step(14);
pub(super) const TRIP: Step = Step(15);
pub(super) const STRANGER: Step = Step(16);
pub(super) const BROWSE: Step = Step(17);
pub(super) const SEARCH: Step = Step(18);
pub(super) const STOCK: Step = Step(19);
pub(super) const CART: Step = Step(20);
pub(super) const LOOK_UP: Step = Step(21);
pub(super) const PRICE: Step = Step(22);
pub(super) const SESSION: Step = Step(23);
pub(super) const TASKS: Step = Step(24);
pub(super) const TRACK: Step = Step(25);

/// How often something is said until it is answered with certainty.
const TRIES: u32 = 8;
/// How long after the first try the second is; each waits twice as long as the one before, µs.
const AGAIN_US: u64 = 100_000;
/// The word for "not yet, say it again".
const TOO_EARLY: u16 = 425;

/// Reads a path, once.
pub(super) async fn get<T: DeserializeOwned>(
    visit: &mut Visit,
    step: Step,
    path: &str,
) -> Option<T> {
    let answer = visit.perform(&Operation::new(step, Request::get(path))).await.ok()?;
    (answer.status() == 200).then(|| read(answer.body())).flatten()
}

/// Posts until the answer is certain, under one key; none if it never was, or is a refusal.
pub(super) async fn post(
    visit: &mut Visit,
    step: Step,
    path: &str,
    body: &impl Serialize,
    key: Option<&str>,
) -> Option<Answer> {
    let answer = said(visit, step, path, body, key, &[], &Seen::status).await;
    answer.filter(|answer| answer.status() < 300)
}

/// As [`post`], but a refusal is an answer; `about` and `look` are what the history keeps of it.
pub(super) async fn said(
    visit: &mut Visit,
    step: Step,
    path: &str,
    body: &impl Serialize,
    key: Option<&str>,
    about: &[Touch],
    look: &dyn Fn(&Answer) -> Seen,
) -> Option<Answer> {
    let bytes = serde_json::to_vec(body).expect("what agents say can be written as JSON");
    let mut request = Request::post(path, if bytes == b"null" { b"" } else { &bytes });
    if bytes == b"null" {
        request.body = None;
    }
    request.idempotency_key = key;
    for again in 0..TRIES {
        match visit.perform(&Operation::new(step, request).about(about).look(look)).await {
            Ok(answer)
                if answer.status() != TOO_EARLY
                    && Fate::of_status(answer.status()) != Fate::Unknown =>
            {
                return Some(answer);
            }
            _ => visit.pause(AGAIN_US << again).await,
        }
    }
    None
}
