//! XML read piece by piece, within limits.

use std::io::{BufRead, ErrorKind, Read};

use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Error, Reader};

use super::ImportError;

/// The longest tag or text (assumed; the longest outline in OSMnx files is about 100 KiB).
const PIECE_LIMIT: u64 = 4 << 20;
/// The deepest nesting (assumed; map files nest four deep).
const DEPTH_LIMIT: usize = 16;

/// A document, from which pieces are taken.
pub(super) struct Document<R: BufRead> {
    reader: Reader<Metered<R>>,
    buffer: Vec<u8>,
    depth: usize,
    /// The name the root element must have, until it was seen.
    root: Option<&'static str>,
}

/// What comes next in a document.
pub(super) enum Piece<'a> {
    /// An element starts, or is there without content.
    Start(Tag<'a>),
    /// An element ends.
    End(BytesEnd<'a>),
    /// Text as written; references in it are left out, for none belong in what is read here.
    Text(BytesText<'a>),
    /// A comment or the like.
    Other,
    /// The document ends.
    Eof,
}

/// The start of an element.
pub(super) struct Tag<'a> {
    start: BytesStart<'a>,
    /// Whether it has no content, so that no end follows.
    pub(super) empty: bool,
}

impl Tag<'_> {
    /// The element's name.
    pub(super) fn name(&self) -> &str {
        self.start.local_name().into_inner()
    }

    /// Hands each attribute's name and value, as written, to `each`.
    pub(super) fn attributes(&self, mut each: impl FnMut(&str, &str)) -> Result<(), String> {
        for attribute in self.start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| error.to_string())?;
            each(attribute.key.into_inner(), &attribute.value);
        }
        Ok(())
    }
}

impl<R: BufRead> Document<R> {
    /// A document whose root element has that name.
    pub(super) fn new(reader: R, root: &'static str) -> Self {
        let reader = Reader::from_reader(Metered { reader, allowed: PIECE_LIMIT });
        Self { reader, buffer: Vec::new(), depth: 0, root: Some(root) }
    }

    /// How many bytes of the document were read.
    pub(super) fn at_byte(&self) -> u64 {
        self.reader.buffer_position()
    }

    /// The next piece.
    pub(super) fn next(&mut self) -> Result<Piece<'_>, ImportError> {
        let at_byte = self.at_byte();
        self.buffer.clear();
        self.reader.get_mut().allowed = PIECE_LIMIT;
        let event = self
            .reader
            .read_event_into(&mut self.buffer)
            .map_err(|error| failure(error, at_byte))?;
        let (piece, root_due) = match event {
            Event::Start(start) => {
                self.depth += 1;
                (Piece::Start(Tag { start, empty: false }), self.root.take())
            }
            Event::Empty(start) => (Piece::Start(Tag { start, empty: true }), self.root.take()),
            Event::End(end) => {
                self.depth = self.depth.saturating_sub(1);
                (Piece::End(end), None)
            }
            Event::Text(text) => (Piece::Text(text), None),
            Event::Eof => (Piece::Eof, None),
            Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => (Piece::Other, None),
        };
        let defect = match &piece {
            Piece::Start(tag) if root_due.is_some_and(|root| root != tag.name()) => {
                format!("the root element is `{}`, not what this format has", shown(tag.name()))
            }
            Piece::Start(_) if self.depth > DEPTH_LIMIT => {
                format!("elements are nested more than {DEPTH_LIMIT} deep")
            }
            Piece::Text(text) if self.root.is_some() && !text.trim().is_empty() => {
                "text before the first element".to_owned()
            }
            Piece::Eof if self.root.is_some() => {
                return Err(ImportError::Truncated {
                    at_byte,
                    what: "a document with no element yet",
                });
            }
            Piece::Eof if self.depth > 0 => {
                return Err(ImportError::Truncated { at_byte, what: "an element" });
            }
            Piece::Start(_) | Piece::End(_) | Piece::Text(_) | Piece::Other | Piece::Eof => {
                return Ok(piece);
            }
        };
        Err(ImportError::Malformed { at_byte, what: defect })
    }
}

/// A name from a file, short enough for a message.
pub(super) fn shown(name: &str) -> String {
    const SHOWN_LIMIT: usize = 40;
    name.chars().take(SHOWN_LIMIT).collect()
}

/// What a failure of the parser means for the import.
fn failure(error: Error, at_byte: u64) -> ImportError {
    match error {
        Error::Io(source) if source.kind() == ErrorKind::UnexpectedEof => {
            ImportError::Truncated { at_byte, what: "compressed text" }
        }
        Error::Io(source) => {
            let source = std::io::Error::new(source.kind(), source.to_string());
            ImportError::Read { at_byte, source }
        }
        Error::Syntax(error) => ImportError::Malformed { at_byte, what: error.to_string() },
        Error::IllFormed(_)
        | Error::InvalidAttr(_)
        | Error::Encoding(_)
        | Error::Escape(_)
        | Error::Namespace(_) => ImportError::Malformed { at_byte, what: error.to_string() },
    }
}

/// A reader that stops when one piece takes more than it is allowed.
struct Metered<R> {
    reader: R,
    allowed: u64,
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.allowed == 0 {
            let what = format!("a tag or text of more than {PIECE_LIMIT} bytes");
            return Err(std::io::Error::new(ErrorKind::InvalidData, what));
        }
        self.reader.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.allowed = self.allowed.saturating_sub(count as u64);
        self.reader.consume(count);
    }
}
