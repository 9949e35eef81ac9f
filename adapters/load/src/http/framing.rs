//! Where an answer ends: RFC 9112, sections 6 and 7.
//!
//! The reader looks at what arrived so far and says whether that is a whole answer. Chunks are
//! joined where they lie, so a body is always one piece behind its head.

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Response, Status};

/// Header fields of an answer, at most.
const FIELDS_LIMIT: usize = 64;
/// Bytes of an answer's head, at most.
const HEAD_LIMIT_BYTES: usize = 32 << 10;

/// A whole answer in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Framed {
    pub(super) status: u16,
    pub(super) head_bytes: usize,
    pub(super) body_bytes: usize,
    /// Whether the connection can carry another request.
    pub(super) keeps: bool,
}

/// Why bytes are no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misframed {
    /// They break the protocol.
    Malformed,
    /// They are more than the limit.
    TooLarge,
}

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Bytes(usize),
    Chunks { next: usize, joined: usize },
    UntilClosed,
}

/// What is known of an answer that is arriving.
#[derive(Clone, Copy, Debug)]
struct Head {
    status: u16,
    bytes: usize,
    keeps: bool,
    extent: Extent,
}

/// Reads one answer.
#[derive(Debug)]
pub(super) struct Reading {
    head: Option<Head>,
    body_limit_bytes: usize,
}

impl Reading {
    pub(super) fn new(body_limit_bytes: usize) -> Self {
        Self { head: None, body_limit_bytes }
    }

    /// Looks at all that arrived so far; gives the answer once it is whole.
    pub(super) fn look(&mut self, wire: &mut Vec<u8>) -> Result<Option<Framed>, Misframed> {
        let mut head = match self.head {
            Some(head) => head,
            None => match read_head(wire)? {
                Some(head) => head,
                None if wire.len() > HEAD_LIMIT_BYTES => return Err(Misframed::TooLarge),
                None => return Ok(None),
            },
        };
        let here = wire.len() - head.bytes;
        let body_bytes = match &mut head.extent {
            Extent::Bytes(bytes) if here >= *bytes => Some(*bytes),
            Extent::Chunks { next, joined } => join(wire, head.bytes, next, joined)?,
            Extent::Bytes(_) | Extent::UntilClosed => None,
        };
        self.head = Some(head);
        let expected = if let Extent::Bytes(bytes) = head.extent { bytes.max(here) } else { here };
        if expected > self.body_limit_bytes {
            return Err(Misframed::TooLarge);
        }
        let Some(body_bytes) = body_bytes else { return Ok(None) };
        let end = match head.extent {
            Extent::Chunks { next, .. } => next,
            Extent::Bytes(_) | Extent::UntilClosed => head.bytes + body_bytes,
        };
        // What nobody asked for makes the connection's next answer somebody else's.
        let keeps = head.keeps && end == wire.len();
        Ok(Some(Framed { status: head.status, head_bytes: head.bytes, body_bytes, keeps }))
    }

    /// Gives the answer when the server closed the connection; nothing if that cut it short.
    pub(super) fn closed(&self, wire: &[u8]) -> Option<Framed> {
        let head = self.head.filter(|head| head.extent == Extent::UntilClosed)?;
        let body_bytes = wire.len() - head.bytes;
        Some(Framed { status: head.status, head_bytes: head.bytes, body_bytes, keeps: false })
    }
}

/// Reads the head once it is whole, leaving out interim answers (1xx) before it.
fn read_head(wire: &mut Vec<u8>) -> Result<Option<Head>, Misframed> {
    loop {
        let mut fields = [const { MaybeUninit::uninit() }; FIELDS_LIMIT];
        let mut response = Response::new(&mut []);
        let parsed = ParserConfig::default().parse_response_with_uninit_headers(
            &mut response,
            wire,
            &mut fields,
        );
        let bytes = match parsed {
            Ok(Status::Complete(bytes)) => bytes,
            Ok(Status::Partial) => return Ok(None),
            Err(_) => return Err(Misframed::Malformed),
        };
        let status = response.code.unwrap_or(0);
        // Switching protocols is an answer to a request that this client does not make.
        if status == 101 {
            return Err(Misframed::Malformed);
        }
        if !(100..200).contains(&status) {
            let lasting = response.version == Some(1);
            return head(status, bytes, lasting, response.headers).map(Some);
        }
        wire.drain(..bytes);
    }
}

fn head(
    status: u16,
    bytes: usize,
    lasting: bool,
    fields: &[Header<'_>],
) -> Result<Head, Misframed> {
    let mut keeps = lasting;
    let mut length = None;
    let mut chunked = false;
    for field in fields {
        if field.name.eq_ignore_ascii_case("content-length") {
            let text = std::str::from_utf8(field.value).map_err(|_| Misframed::Malformed)?;
            let bytes = text.trim().parse::<usize>().map_err(|_| Misframed::Malformed)?;
            if length.is_some_and(|length| length != bytes) {
                return Err(Misframed::Malformed);
            }
            length = Some(bytes);
        } else if field.name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = field.value.eq_ignore_ascii_case(b"chunked");
            if !chunked {
                return Err(Misframed::Malformed);
            }
        } else if field.name.eq_ignore_ascii_case("connection") {
            keeps = field.value.eq_ignore_ascii_case(b"keep-alive")
                || (lasting && !field.value.eq_ignore_ascii_case(b"close"));
        }
    }
    let extent = match (status, chunked, length) {
        (204 | 304, _, _) => Extent::Bytes(0),
        (_, true, _) => Extent::Chunks { next: bytes, joined: 0 },
        (_, false, Some(length)) => Extent::Bytes(length),
        (_, false, None) => Extent::UntilClosed,
    };
    Ok(Head { status, bytes, keeps, extent })
}

/// Joins the chunks that arrived; gives the body's length once the last one did.
///
/// `next` is where the next chunk's size stands, `joined` how many bytes of body are in place
/// behind the head.
fn join(
    wire: &mut [u8],
    head_bytes: usize,
    next: &mut usize,
    joined: &mut usize,
) -> Result<Option<usize>, Misframed> {
    loop {
        let Ok(parsed) = httparse::parse_chunk_size(&wire[*next..]) else {
            return Err(Misframed::Malformed);
        };
        let Status::Complete((line_bytes, size)) = parsed else { return Ok(None) };
        let from = *next + line_bytes;
        let size = usize::try_from(size).map_err(|_| Misframed::TooLarge)?;
        if size == 0 {
            let Some(trailer_bytes) = trailers(&wire[from..]) else { return Ok(None) };
            *next = from + trailer_bytes;
            return Ok(Some(*joined));
        }
        let until = from.checked_add(size).ok_or(Misframed::TooLarge)?;
        match wire.get(until..until.saturating_add(2)) {
            Some(b"\r\n") => {}
            Some(_) => return Err(Misframed::Malformed),
            None => return Ok(None),
        }
        wire.copy_within(from..until, head_bytes + *joined);
        *joined += size;
        *next = until + 2;
    }
}

/// Gives the length of the trailer section once it is whole: fields, then an empty line.
fn trailers(wire: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let line_bytes = wire[from..].iter().position(|&byte| byte == b'\n')? + 1;
        let line = &wire[from..from + line_bytes];
        from += line_bytes;
        if line.trim_ascii().is_empty() {
            return Some(from);
        }
    }
}

#[cfg(test)]
mod tests;
