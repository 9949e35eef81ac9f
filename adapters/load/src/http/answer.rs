//! What came back.

use std::cell::RefCell;
use std::rc::Rc;

/// Bytes that a request's buffer begins with: most requests and answers fit.
const BUFFER_BYTES: usize = 4 << 10;
/// A buffer that grew beyond this is given back to the system.
const KEPT_BYTES: usize = 64 << 10;
/// Buffers kept for the next requests.
const KEPT_BUFFERS: usize = 1_024;

/// Buffers to be used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffers(Rc<RefCell<Vec<Vec<u8>>>>);

impl Buffers {
    /// Takes an empty buffer. It comes back when dropped.
    pub(super) fn take(&self) -> Buffer {
        let bytes = self.0.borrow_mut().pop();
        Buffer {
            bytes: bytes.unwrap_or_else(|| Vec::with_capacity(BUFFER_BYTES)),
            home: self.clone(),
        }
    }
}

/// A buffer on loan.
#[derive(Debug)]
pub(super) struct Buffer {
    pub(super) bytes: Vec<u8>,
    home: Buffers,
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut kept = self.home.0.borrow_mut();
        if kept.len() < KEPT_BUFFERS && self.bytes.capacity() <= KEPT_BYTES {
            self.bytes.clear();
            kept.push(std::mem::take(&mut self.bytes));
        }
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) head_bytes: usize,
    pub(super) body_bytes: usize,
    pub(super) buffer: Buffer,
}

impl Answer {
    /// Gives the status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Gives the body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.buffer.bytes[self.head_bytes..self.head_bytes + self.body_bytes]
    }

    /// Gives a digest of the body. Two answers to one request, repeated, have the same.
    #[must_use]
    pub fn digest(&self) -> u64 {
        xxhash_rust::xxh3::xxh3_64(self.body())
    }

    /// Gives a header's first value, the name in any case; nothing if it is not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.buffer.bytes[..self.head_bytes].split(|&byte| byte == b'\n').skip(1);
        let mut fields = head.filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            Some((&line[..colon], &line[colon + 1..]))
        });
        let (_, value) = fields.find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))?;
        std::str::from_utf8(value.trim_ascii()).ok()
    }
}
