//! OpenStreetMap's protocol-buffer format: a chain of blobs, each at most 32 MiB unpacked.
//!
//! Source: <https://wiki.openstreetmap.org/wiki/PBF_Format>.

use std::io::Read;

use domain::place::Place;
use flate2::read::ZlibDecoder;

use super::survey::{RoadTags, Survey};
use super::wire::{Defect, Deltas, Fields, Packed, Value};
use super::{BYTE_LIMIT, Import, ImportError, ImportRules};

/// The longest blob header the format allows.
const HEADER_LIMIT: u32 = 64 << 10;
/// The longest blob the format allows, packed or not.
const BLOB_LIMIT: u64 = 32 << 20;
/// The most strings in one block (assumed; writers put 8 000 things in a block).
const STRING_LIMIT: usize = 1 << 20;
/// The features of a file that this reader understands.
const FEATURES: [&[u8]; 2] = [b"OsmSchema-V0.6", b"DenseNodes"];

/// Reads a network.
pub(super) fn read(reader: impl Read, rules: &ImportRules) -> Result<Import, ImportError> {
    let mut blobs = Blobs { reader, at_byte: 0, unpacked_bytes: 0 };
    let mut survey = Survey::default();
    let mut first = true;
    while let Some(Blob { start, kind, content }) = blobs.next()? {
        match kind {
            Kind::Header => check_features(&content).map_err(|what| malformed(start, what))?,
            _ if first => return Err(malformed(start, "the file does not start with a header")),
            Kind::Block => read_block(&content, &mut survey).map_err(|f| f.at(start))?,
            Kind::Unknown => {}
        }
        first = false;
    }
    if first {
        return Err(ImportError::Truncated { at_byte: 0, what: "a file that has no header yet" });
    }
    survey.finish(rules)
}

/// What a block can fail of: its own bytes, or what they say.
enum Failure {
    Defect(Defect),
    Import(ImportError),
}

impl From<Defect> for Failure {
    fn from(defect: Defect) -> Self {
        Self::Defect(defect)
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

impl Failure {
    fn at(self, at_byte: u64) -> ImportError {
        match self {
            Self::Defect(what) => malformed(at_byte, what),
            Self::Import(error) => error,
        }
    }
}

fn malformed(at_byte: u64, what: &str) -> ImportError {
    ImportError::Malformed { at_byte, what: what.to_owned() }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Header,
    Block,
    Unknown,
}

/// One blob, unpacked.
struct Blob {
    /// Where it starts in the file.
    start: u64,
    kind: Kind,
    content: Vec<u8>,
}

/// The blobs of a file.
struct Blobs<R> {
    reader: R,
    at_byte: u64,
    /// All that was unpacked so far.
    unpacked_bytes: u64,
}

impl<R: Read> Blobs<R> {
    /// The next blob; none at the end of the file.
    fn next(&mut self) -> Result<Option<Blob>, ImportError> {
        let start = self.at_byte;
        let length = self.take(4, "a blob's length")?;
        let Ok(length) = <[u8; 4]>::try_from(length.as_slice()) else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(length);
        if length > HEADER_LIMIT {
            let what = format!("a blob header of {length} bytes; the limit is {HEADER_LIMIT}");
            return Err(ImportError::Malformed { at_byte: start, what });
        }
        let header = self.take_all(u64::from(length), "a blob header")?;
        let (kind, size) = blob_header(&header).map_err(|what| malformed(start, what))?;
        let Some(size) = u64::try_from(size).ok().filter(|&size| size <= BLOB_LIMIT) else {
            let what = format!("a blob of {size} bytes; the limit is {BLOB_LIMIT}");
            return Err(ImportError::Malformed { at_byte: start, what });
        };
        let packed = self.take_all(size, "a blob")?;
        let content = if kind == Kind::Unknown { Vec::new() } else { unpack(packed, start)? };
        self.unpacked_bytes += content.len() as u64;
        if self.unpacked_bytes > BYTE_LIMIT {
            return Err(ImportError::TooLarge { what: "bytes", limit: BYTE_LIMIT });
        }
        Ok(Some(Blob { start, kind, content }))
    }

    /// Takes exactly that many bytes.
    fn take_all(&mut self, length: u64, what: &'static str) -> Result<Vec<u8>, ImportError> {
        let bytes = self.take(length, what)?;
        if bytes.len() as u64 == length {
            return Ok(bytes);
        }
        Err(ImportError::Truncated { at_byte: self.at_byte, what })
    }

    /// Takes that many bytes, or none at the end of the file. Memory grows with what is there,
    /// not with what a length field claims.
    fn take(&mut self, length: u64, what: &'static str) -> Result<Vec<u8>, ImportError> {
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take(length).read_to_end(&mut bytes);
        self.at_byte += bytes.len() as u64;
        read.map_err(|source| ImportError::Read { at_byte: self.at_byte, source })?;
        if bytes.is_empty() || bytes.len() as u64 == length {
            return Ok(bytes);
        }
        Err(ImportError::Truncated { at_byte: self.at_byte, what })
    }
}

/// A blob's kind and packed size.
fn blob_header(bytes: &[u8]) -> Result<(Kind, i64), Defect> {
    let (mut kind, mut size) = (None, None);
    let mut fields = Fields(bytes);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => {
                kind = Some(match value.bytes()? {
                    b"OSMHeader" => Kind::Header,
                    b"OSMData" => Kind::Block,
                    _ => Kind::Unknown,
                });
            }
            3 => size = Some(value.int()?),
            _ => {}
        }
    }
    Ok((kind.ok_or("a blob without a type")?, size.ok_or("a blob without a size")?))
}

/// The content of a blob.
fn unpack(packed: Vec<u8>, start: u64) -> Result<Vec<u8>, ImportError> {
    let (mut raw, mut zlib, mut raw_size) = (None, None, None);
    let mut read_fields = || -> Result<(), Defect> {
        let mut fields = Fields(&packed);
        while let Some((field, value)) = fields.next()? {
            match field {
                1 => raw = Some(value.bytes()?),
                2 => raw_size = Some(value.int()?),
                3 => zlib = Some(value.bytes()?),
                4..=7 => return Err("a blob packed by other means than zlib"),
                _ => {}
            }
        }
        Ok(())
    };
    read_fields().map_err(|what| malformed(start, what))?;

    let content = match (raw, zlib) {
        (Some(raw), _) => raw.to_vec(),
        (None, Some(zlib)) => {
            let mut content = Vec::new();
            ZlibDecoder::new(zlib)
                .take(BLOB_LIMIT + 1)
                .read_to_end(&mut content)
                .map_err(|source| ImportError::Read { at_byte: start, source })?;
            content
        }
        (None, None) => return Err(malformed(start, "a blob without content")),
    };
    if content.len() as u64 > BLOB_LIMIT {
        let what = format!("a blob that unpacks to more than {BLOB_LIMIT} bytes");
        return Err(ImportError::Malformed { at_byte: start, what });
    }
    if raw_size.is_some_and(|size| i64::try_from(content.len()) != Ok(size)) {
        return Err(malformed(start, "a blob that does not unpack to the size it claims"));
    }
    Ok(content)
}

/// Refuses a file that needs what this reader lacks.
fn check_features(bytes: &[u8]) -> Result<(), Defect> {
    let mut fields = Fields(bytes);
    while let Some((field, value)) = fields.next()? {
        if field == 4 && !FEATURES.contains(&value.bytes()?) {
            return Err("the file requires a feature that this reader lacks");
        }
    }
    Ok(())
}

/// What the numbers in a block stand for.
struct Block<'a> {
    strings: Vec<&'a [u8]>,
    granularity: i64,
    lat_offset: i64,
    lon_offset: i64,
}

impl<'a> Block<'a> {
    /// Reads the tables of a block; they may come after what refers to them.
    fn read(bytes: &'a [u8]) -> Result<Self, Defect> {
        let mut block =
            Self { strings: Vec::new(), granularity: 100, lat_offset: 0, lon_offset: 0 };
        let mut fields = Fields(bytes);
        while let Some((field, value)) = fields.next()? {
            match field {
                1 => {
                    let mut strings = Fields(value.bytes()?);
                    while let Some((field, value)) = strings.next()? {
                        if block.strings.len() >= STRING_LIMIT {
                            return Err("more strings than a block can use");
                        }
                        if field == 1 {
                            block.strings.push(value.bytes()?);
                        }
                    }
                }
                17 => block.granularity = value.int()?,
                19 => block.lat_offset = value.int()?,
                20 => block.lon_offset = value.int()?,
                _ => {}
            }
        }
        Ok(block)
    }

    /// A string of the table; text that is not UTF-8 is no tag this reader knows.
    fn string(&self, index: u64) -> Result<&'a str, Defect> {
        let index = usize::try_from(index).map_err(|_| NO_STRING)?;
        let bytes = self.strings.get(index).ok_or(NO_STRING)?;
        Ok(std::str::from_utf8(bytes).unwrap_or_default())
    }

    /// The place of a node, from the numbers in the block.
    fn place(&self, id: i64, lat: i64, lon: i64) -> Result<Place, Failure> {
        /// A billionth of a degree is the unit of granularity and offsets.
        const NANO_PER_E7: i64 = 100;
        let e7 = |offset: i64, steps: i64| {
            let nano = self.granularity.checked_mul(steps)?.checked_add(offset)?;
            i32::try_from(nano.div_euclid(NANO_PER_E7)).ok()
        };
        let overflow = "a position that does not fit its type";
        let lat_e7 = e7(self.lat_offset, lat).ok_or(overflow)?;
        let lon_e7 = e7(self.lon_offset, lon).ok_or(overflow)?;
        let place = Place { lat_e7, lon_e7 };
        Ok(super::place_of(id, place.lat(), place.lon())?)
    }
}

const NO_STRING: Defect = "a tag that refers to no string";

/// Reads the nodes and ways of a block.
fn read_block(bytes: &[u8], survey: &mut Survey) -> Result<(), Failure> {
    let block = Block::read(bytes)?;
    let mut fields = Fields(bytes);
    while let Some((field, value)) = fields.next()? {
        if field != 2 {
            continue;
        }
        let mut group = Fields(value.bytes()?);
        while let Some((field, value)) = group.next()? {
            match field {
                1 => read_node(&block, value, survey)?,
                2 => read_dense(&block, value, survey)?,
                3 => read_way(&block, value, survey)?,
                _ => {}
            }
        }
    }
    Ok(())
}

/// Reads a node written by itself.
fn read_node(block: &Block<'_>, value: Value<'_>, survey: &mut Survey) -> Result<(), Failure> {
    let (mut id, mut lat, mut lon) = (None, None, None);
    let mut fields = Fields(value.bytes()?);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => id = Some(value.sint()?),
            8 => lat = Some(value.sint()?),
            9 => lon = Some(value.sint()?),
            _ => {}
        }
    }
    let (Some(id), Some(lat), Some(lon)) = (id, lat, lon) else {
        return Err("a node without id or position".into());
    };
    Ok(survey.node(id, block.place(id, lat, lon)?)?)
}

/// Reads nodes written side by side.
fn read_dense(block: &Block<'_>, value: Value<'_>, survey: &mut Survey) -> Result<(), Failure> {
    let [mut ids, mut lats, mut lons] = [Deltas::new(&[]); 3];
    let mut fields = Fields(value.bytes()?);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => ids = Deltas::new(value.bytes()?),
            8 => lats = Deltas::new(value.bytes()?),
            9 => lons = Deltas::new(value.bytes()?),
            _ => {}
        }
    }
    loop {
        match (ids.next()?, lats.next()?, lons.next()?) {
            (Some(id), Some(lat), Some(lon)) => survey.node(id, block.place(id, lat, lon)?)?,
            (None, None, None) => return Ok(()),
            _ => return Err("dense nodes with unequal numbers of ids and positions".into()),
        }
    }
}

/// Reads a way.
fn read_way(block: &Block<'_>, value: Value<'_>, survey: &mut Survey) -> Result<(), Failure> {
    let [mut keys, mut values] = [Packed(&[]); 2];
    let mut refs = Deltas::new(&[]);
    let mut fields = Fields(value.bytes()?);
    while let Some((field, value)) = fields.next()? {
        match field {
            2 => keys = Packed(value.bytes()?),
            3 => values = Packed(value.bytes()?),
            8 => refs = Deltas::new(value.bytes()?),
            _ => {}
        }
    }
    let mut tags = RoadTags::default();
    loop {
        match (keys.next()?, values.next()?) {
            (Some(key), Some(value)) => tags.tag(block.string(key)?, block.string(value)?),
            (None, None) => break,
            _ => return Err("a way with unequal numbers of keys and values".into()),
        }
    }
    survey.start_way();
    while let Some(node) = refs.next()? {
        survey.way_ref(node)?;
    }
    survey.end_way(tags);
    Ok(())
}
