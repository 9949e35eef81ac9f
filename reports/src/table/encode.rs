//! Groups of rows as Parquet pages.
//!
//! Parquet's own column writer takes a definition level of 16 bits for every row of every column,
//! which for a wide and sparse table costs far more than the cells do. So the levels are written
//! here, from the bits the rows are kept with; numbers are still encoded by Parquet's writer, as
//! if the column were required, and the levels put in front of what it made (pages of version 2
//! keep the two apart). Texts are one byte a cell, which is a run-length encoding of eight bits.

use std::io::Write;
use std::sync::{Arc, LazyLock};

use parquet::basic::{Compression, Encoding, Repetition, Type as PhysicalType};
use parquet::column::page::{CompressedPage, Page, PageWriteSpec, PageWriter};
use parquet::column::writer::{ColumnCloseResult, get_column_writer, get_typed_column_writer};
use parquet::data_type::Int64Type;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesPtr, WriterVersion,
};
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor, ColumnPath, Type};

use super::{Cells, ColumnSpec, Rows, Schema, Values};

/// Definition levels are looked at eight bytes at a time.
const WORD_BYTES: usize = 8;

/// Rows of one group, encoded a block at a time so that what is being encoded stays in cache.
///
/// Each column is a chunk; each block of rows is a data page of every chunk.
pub(super) struct Group {
    rows: usize,
    chunks: Vec<Chunk>,
}

/// The pages of one column so far.
#[derive(Default)]
struct Chunk {
    pages: Vec<DataPage>,
    cells: usize,
    range: Option<(i64, i64)>,
}

impl Group {
    /// A group without rows.
    pub(super) fn new(schema: &Schema) -> Self {
        let chunks = schema.columns.iter().map(|_| Chunk::default());
        Self { rows: 0, chunks: chunks.collect() }
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Encodes a block of rows.
    ///
    /// # Errors
    /// When Parquet refuses to encode them, which would be a bug.
    pub(super) fn add(&mut self, schema: &Schema, block: &Rows) -> Result<()> {
        self.rows += block.len;
        for (column, (cells, chunk)) in
            schema.columns.iter().zip(block.columns.iter().zip(&mut self.chunks))
        {
            let mut page = match &column.values {
                Values::Number => number_page(&cells.values)?,
                Values::Text(_) => text_page(&cells.values),
            };
            if column.optional {
                page.put_levels_in_front(cells, block.len);
            }
            page.rows = block.len;
            chunk.pages.push(page);
            chunk.cells += cells.values.len();
            if column.values == Values::Number {
                chunk.widen(&cells.values);
            }
        }
        Ok(())
    }

    /// Writes the chunks and begins anew; says where they are in `sink`.
    ///
    /// # Errors
    /// When `sink` cannot be written.
    pub(super) fn write<W: Write + Send>(
        &mut self,
        schema: &Schema,
        sink: &mut TrackedWrite<W>,
    ) -> Result<Vec<ColumnCloseResult>> {
        let rows = std::mem::take(&mut self.rows);
        let columns = schema.columns.iter().enumerate().zip(&mut self.chunks);
        let write = |((index, column), chunk): ((usize, &ColumnSpec), &mut Chunk)| {
            let descriptor = schema.descriptor.column(index);
            std::mem::take(chunk).write(&column.values, descriptor, rows, sink)
        };
        columns.map(write).collect()
    }
}

impl Chunk {
    fn widen(&mut self, values: &[i64]) {
        for &value in values {
            let (least, most) = self.range.unwrap_or((value, value));
            self.range = Some((least.min(value), most.max(value)));
        }
    }

    fn write<W: Write + Send>(
        self,
        values: &Values,
        descriptor: ColumnDescPtr,
        rows: usize,
        sink: &mut TrackedWrite<W>,
    ) -> Result<ColumnCloseResult> {
        let mut pages = SerializedPageWriter::new(sink);
        let (mut encodings, mut size) = (vec![Encoding::RLE], (0, 0));
        let mut add = |page: CompressedPage| {
            encodings.push(page.encoding());
            let spec = pages.write_page(page)?;
            size = (size.0 + spec.compressed_size, size.1 + spec.uncompressed_size);
            Ok::<_, ParquetError>(offset(spec.offset))
        };
        let dictionary = match values {
            Values::Text(texts) => Some(add(dictionary_page(texts))?),
            Values::Number => None,
        };
        let mut first = None;
        for page in self.pages {
            let at = add(page.into_compressed())?;
            first.get_or_insert(at);
        }
        let mut metadata = ColumnChunkMetaData::builder(descriptor)
            .set_encodings(encodings)
            .set_compression(Compression::UNCOMPRESSED)
            .set_num_values(offset(rows as u64))
            .set_total_compressed_size(offset(size.0 as u64))
            .set_total_uncompressed_size(offset(size.1 as u64))
            .set_dictionary_page_offset(dictionary)
            .set_data_page_offset(first.expect("a group has at least one block"));
        if *values == Values::Number {
            let (least, most) = self.range.unzip();
            let missing = (rows - self.cells) as u64;
            let statistics = Statistics::int64(least, most, None, Some(missing), false);
            metadata = metadata.set_statistics(statistics);
        }
        Ok(ColumnCloseResult {
            bytes_written: size.0 as u64,
            rows_written: rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        })
    }
}

fn offset(bytes: u64) -> i64 {
    i64::try_from(bytes).expect("files are shorter than 2^63 bytes")
}

/// A data page of version 2: levels, then values.
struct DataPage {
    bytes: Vec<u8>,
    rows: usize,
    levels: usize,
    missing: usize,
    encoding: Encoding,
}

impl DataPage {
    const fn new(bytes: Vec<u8>, encoding: Encoding) -> Self {
        Self { bytes, rows: 0, levels: 0, missing: 0, encoding }
    }

    fn put_levels_in_front(&mut self, cells: &Cells, rows: usize) {
        let mut bytes = Vec::with_capacity(rows / 8 + 8 + self.bytes.len());
        put_levels(&cells.present, rows, &mut bytes);
        self.levels = bytes.len();
        self.missing = rows - cells.values.len();
        bytes.extend_from_slice(&self.bytes);
        self.bytes = bytes;
    }

    fn into_compressed(self) -> CompressedPage {
        let count = |n: usize| u32::try_from(n).expect("a group's counts fit 32 bits");
        let size = self.bytes.len();
        let page = Page::DataPageV2 {
            buf: self.bytes.into(),
            num_values: count(self.rows),
            encoding: self.encoding,
            num_nulls: count(self.missing),
            num_rows: count(self.rows),
            def_levels_byte_len: count(self.levels),
            rep_levels_byte_len: 0,
            is_compressed: false,
            statistics: None,
        };
        CompressedPage::new(page, size)
    }
}

/// Appends definition levels as runs and bits mixed: words of equal levels are runs.
///
/// Format: "Run Length Encoding / Bit-Packing Hybrid" of the Parquet specification, bit width 1.
fn put_levels(present: &[u8], rows: usize, out: &mut Vec<u8>) {
    let bytes = &present[..rows.div_ceil(8)];
    let (words, _) = bytes[..rows / 8].as_chunks::<WORD_BYTES>();
    let (mut at, mut packed_from) = (0, 0);
    while at < words.len() {
        let word = words[at];
        if word == [0; WORD_BYTES] || word == [0xff; WORD_BYTES] {
            let run = words[at..].iter().take_while(|other| **other == word).count();
            put_packed(&bytes[packed_from * WORD_BYTES..at * WORD_BYTES], out);
            put_varint((run * WORD_BYTES * 8) << 1, out);
            out.push(word[0] & 1);
            at += run;
            packed_from = at;
        } else {
            at += 1;
        }
    }
    put_packed(&bytes[packed_from * WORD_BYTES..], out);
}

/// Appends groups of eight values, each group as many bytes as a value has bits.
fn put_packed(bits: &[u8], out: &mut Vec<u8>) {
    if !bits.is_empty() {
        put_varint(bits.len() << 1 | 1, out);
        out.extend_from_slice(bits);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low seven bits are meant")]
fn put_varint(mut value: usize, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn dictionary_page(texts: &[&str]) -> CompressedPage {
    let mut bytes = Vec::new();
    for text in texts {
        let length = u32::try_from(text.len()).expect("names are short");
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    let size = bytes.len();
    let page = Page::DictionaryPage {
        buf: bytes.into(),
        num_values: u32::try_from(texts.len()).expect("at most 256 texts"),
        encoding: Encoding::PLAIN,
        is_sorted: false,
    };
    CompressedPage::new(page, size)
}

/// Codes of eight bits: one bit-packed run is the codes' bytes as they are.
fn text_page(codes: &[i64]) -> DataPage {
    const CODE_BITS: u8 = 8;
    let groups = codes.len().div_ceil(8);
    let mut bytes = vec![CODE_BITS];
    if groups > 0 {
        put_varint(groups << 1 | 1, &mut bytes);
    }
    let code = |code: &i64| u8::try_from(*code).expect("a text's code is one byte");
    bytes.extend(codes.iter().map(code));
    bytes.resize(bytes.len() + groups * 8 - codes.len(), 0);
    DataPage::new(bytes, Encoding::RLE_DICTIONARY)
}

fn number_page(values: &[i64]) -> Result<DataPage> {
    if values.is_empty() {
        return Ok(DataPage::new(Vec::new(), Encoding::PLAIN));
    }
    static REQUIRED: LazyLock<ColumnDescPtr> = LazyLock::new(|| {
        let number = Type::primitive_type_builder("number", PhysicalType::INT64)
            .with_repetition(Repetition::REQUIRED)
            .build()
            .expect("a plain number is a valid column");
        let path = ColumnPath::new(vec!["number".to_owned()]);
        Arc::new(ColumnDescriptor::new(Arc::new(number), 0, 0, path))
    });
    static PROPERTIES: LazyLock<WriterPropertiesPtr> = LazyLock::new(|| {
        let properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_dictionary_enabled(false)
            .set_encoding(Encoding::DELTA_BINARY_PACKED)
            .set_compression(Compression::UNCOMPRESSED)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_data_page_size_limit(usize::MAX)
            .set_data_page_row_count_limit(usize::MAX)
            .build();
        Arc::new(properties)
    });
    let mut page = Captured(Vec::new());
    let writer = get_column_writer(REQUIRED.clone(), PROPERTIES.clone(), Box::new(&mut page));
    let mut writer = get_typed_column_writer::<Int64Type>(writer);
    writer.write_batch(values, None, None)?;
    writer.close()?;
    Ok(DataPage::new(page.0, Encoding::DELTA_BINARY_PACKED))
}

/// Keeps the bytes of the one page a column writer makes of a group.
struct Captured(Vec<u8>);

impl PageWriter for &mut Captured {
    fn write_page(&mut self, page: CompressedPage) -> Result<PageWriteSpec> {
        assert!(self.0.is_empty(), "a group's column is one page");
        self.0 = page.data().to_vec();
        Ok(PageWriteSpec::new())
    }

    fn close(&mut self) -> Result<()> {
        Ok(())
    }
}
