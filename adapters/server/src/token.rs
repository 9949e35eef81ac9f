//! Secrets: tokens of sessions, one-time passwords, signatures of webhooks.

use domain::ids::CustomerId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use shell::SessionId;

/// Hexadecimal digits of a token: 32 bytes of chance.
const TOKEN_DIGITS: usize = 64;
/// One-time passwords are below this: six digits.
const PASSWORDS: u32 = 1_000_000;

/// A new token.
///
/// # Panics
/// When the system has no source of chance.
pub(crate) fn fresh() -> String {
    let mut bytes = [0; TOKEN_DIGITS / 2];
    getrandom::fill(&mut bytes).expect("the system draws chance");
    hex(&bytes)
}

/// A new one-time password.
///
/// # Panics
/// When the system has no source of chance.
pub(crate) fn password() -> String {
    // What lies beyond the last whole million is drawn again, so that all are as likely.
    let even = u32::MAX - u32::MAX % PASSWORDS;
    loop {
        let drawn = getrandom::u32().expect("the system draws chance");
        if drawn < even {
            return format!("{:06}", drawn % PASSWORDS);
        }
    }
}

/// The session that a token opens; none if it can be no token.
pub(crate) fn session(token: &str) -> Option<SessionId> {
    let is_one = token.len() == TOKEN_DIGITS && token.bytes().all(|b| b.is_ascii_hexdigit());
    is_one.then(|| SessionId(digest(&[b"session", token.as_bytes()])))
}

/// What is kept of a customer's one-time password.
pub(crate) fn password_digest(customer: CustomerId, password: &str) -> u128 {
    digest(&[b"password", &customer.0.to_be_bytes(), password.as_bytes()])
}

/// The first half of the digest of some parts; each part's length is digested too.
fn digest(parts: &[&[u8]]) -> u128 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let whole: [u8; 32] = hash.finalize().into();
    let (half, _) = whole.split_first_chunk().expect("a digest has 32 bytes");
    u128::from_be_bytes(*half)
}

/// Whether a signature, `sha256=` and hexadecimal digits, is the one of a body under a secret.
pub(crate) fn is_signed(secret: &str, body: &[u8], signature: &[u8]) -> bool {
    let mut mac = mac(secret);
    mac.update(body);
    let digits = signature.strip_prefix(b"sha256=").and_then(unhex);
    digits.is_some_and(|bytes| mac.verify_slice(&bytes).is_ok())
}

/// The signature of a body under a secret.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = mac(secret);
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

fn mac(secret: &str) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret.as_bytes()).expect("a key may have any length")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(digits).ok().filter(|text| text.len() == TOKEN_DIGITS)?;
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(byte).collect()
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    let differing = one.iter().zip(other).fold(0, |bits, (a, b)| bits | (a ^ b));
    one.len() == other.len() && differing == 0
}
