//! Which request is meant, across those who pass it on: trace ids as W3C's *Trace Context* has them.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries it.
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Hexadecimal digits of a trace's id, and of a span's.
const TRACE_DIGITS: usize = 32;
const SPAN_DIGITS: usize = 16;

/// The id of the trace that a request is of: its caller's, or a new one.
pub(crate) fn id_of(headers: &HeaderMap) -> String {
    let told = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
    told.and_then(id).map_or_else(|| drawn(TRACE_DIGITS), str::to_owned)
}

/// The trace's id in the text of a header; none if it is not as it must be.
fn id(told: &str) -> Option<&str> {
    let mut parts = told.split('-');
    let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    let flags = parts.next()?;
    let is_id = |text: &str, digits: usize| {
        let is_hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        text.len() == digits && is_hex && text.bytes().any(|b| b != b'0')
    };
    let is_known = version == "00" && flags.len() == 2 && parts.next().is_none();
    (is_known && is_id(trace, TRACE_DIGITS) && is_id(span, SPAN_DIGITS)).then_some(trace)
}

/// What is said back, so that a caller can name the request.
pub(crate) fn header(trace: &str) -> HeaderValue {
    let text = format!("00-{trace}-{}-00", drawn(SPAN_DIGITS));
    HeaderValue::try_from(text).expect("digits and dashes are a header")
}

/// Hexadecimal digits of chance: no secret, so without chance there are zeros and a one.
fn drawn(digits: usize) -> String {
    let mut bytes = [0; TRACE_DIGITS / 2];
    if getrandom::fill(&mut bytes).is_err() {
        bytes[0] = 1;
    }
    let digit = |half| char::from_digit(u32::from(half), 16).expect("half a byte is a digit");
    let digits = bytes[..digits / 2].iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_the_callers_if_it_is_one() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        for (told, id) in [
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Some(trace)),
            ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", None),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", None),
            ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", None),
            ("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", None),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", None),
            ("\"; DROP", None),
        ] {
            assert_eq!(super::id(told), id, "{told}");
        }
        let other = id_of(&HeaderMap::new());
        assert!(other.len() == TRACE_DIGITS && other != id_of(&HeaderMap::new()));
        let back = header(trace);
        assert_eq!(super::id(back.to_str().unwrap()), Some(trace));
    }
}
