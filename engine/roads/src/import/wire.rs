//! The protocol-buffer wire format, as much as map files need.
//!
//! Written here rather than taken from a crate because map files are not trusted: nothing is
//! allocated on the word of a length field, and sums of deltas are checked.
//! Source: <https://protobuf.dev/programming-guides/encoding/>.

/// What is wrong with a message; the caller knows where it is.
pub(super) type Defect = &'static str;

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A whole number.
    Varint(u64),
    /// A string, a message, or packed numbers.
    Bytes(&'a [u8]),
    /// Four or eight bytes, which map files do not use.
    Fixed,
}

impl<'a> Value<'a> {
    /// The bytes of a string, a message or packed numbers.
    pub(super) fn bytes(self) -> Result<&'a [u8], Defect> {
        match self {
            Value::Bytes(bytes) => Ok(bytes),
            Value::Varint(_) | Value::Fixed => Err("a number where bytes belong"),
        }
    }

    /// A whole number, negative ones in two's complement.
    #[expect(clippy::cast_possible_wrap, reason = "that is how the format writes negatives")]
    pub(super) fn int(self) -> Result<i64, Defect> {
        match self {
            Value::Varint(n) => Ok(n as i64),
            Value::Bytes(_) | Value::Fixed => Err("bytes where a number belongs"),
        }
    }

    /// A whole number, negative ones in zigzag.
    pub(super) fn sint(self) -> Result<i64, Defect> {
        match self {
            Value::Varint(n) => Ok(unzigzag(n)),
            Value::Bytes(_) | Value::Fixed => Err("bytes where a number belongs"),
        }
    }
}

/// The fields of a message, in the order written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    /// The next field's number and value; none at the end of the message.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, Defect> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = varint(&mut self.0)?;
        let value = match key & 7 {
            0 => Value::Varint(varint(&mut self.0)?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = varint(&mut self.0)?;
                let length = usize::try_from(length).map_err(|_| PAST_END)?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return Err("a field of unknown wire type"),
        };
        Ok(Some((key >> 3, value)))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Defect> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(PAST_END)?;
        self.0 = rest;
        Ok(taken)
    }
}

/// Packed numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packed<'a>(pub(super) &'a [u8]);

impl Packed<'_> {
    /// The next number; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<u64>, Defect> {
        if self.0.is_empty() { Ok(None) } else { varint(&mut self.0).map(Some) }
    }
}

/// Packed differences, each from the number before, in zigzag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deltas<'a> {
    packed: Packed<'a>,
    sum: i64,
}

impl<'a> Deltas<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { packed: Packed(bytes), sum: 0 }
    }

    /// The next number; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<i64>, Defect> {
        let Some(delta) = self.packed.next()? else {
            return Ok(None);
        };
        self.sum = self.sum.checked_add(unzigzag(delta)).ok_or("a sum of differences overflows")?;
        Ok(Some(self.sum))
    }
}

const PAST_END: Defect = "a field that reaches past its message's end";

/// Takes a number of up to ten bytes off the front.
fn varint(bytes: &mut &[u8]) -> Result<u64, Defect> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or("a number cut short")?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            break;
        }
        number |= bits << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err("a number of more than 64 bits")
}

/// Undoes zigzag: 0, 1, 2, 3 stand for 0, -1, 1, -2.
#[expect(clippy::cast_possible_wrap, reason = "both halves are below 2^63")]
fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}
