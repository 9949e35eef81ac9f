//! One group of rows as Parquet pages: each column is one chunk with one data page.
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
use parquet::errors::Result;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesPtr, WriterVersion,
};
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor, ColumnPath, Type};

use super::{Cells, Rows, Schema, Values};

/// Bytes of equal levels from which on a run is written instead of the bits.
const RUN_BYTES: usize = 8;

/// Writes the rows as one group's column chunks; says where they are in `sink`.
///
/// # Errors
/// When `sink` cannot be written.
pub(super) fn write_group<W: Write + Send>(
    schema: &Schema,
    rows: &Rows,
    sink: &mut TrackedWrite<W>,
) -> Result<Vec<ColumnCloseResult>> {
    let mut chunks = Vec::with_capacity(schema.columns.len());
    for (index, (column, cells)) in schema.columns.iter().zip(&rows.columns).enumerate() {
        let mut levels = Vec::new();
        if column.optional {
            put_levels(&cells.present, rows.len, &mut levels);
        }
        let (dictionary, mut page) = match &column.values {
            Values::Number => (None, number_page(&cells.values)?),
            Values::Text(texts) => (Some(dictionary_page(texts)), text_page(&cells.values)),
        };
        page.put_levels_in_front(levels, rows.len - cells.values.len());
        let statistics = match column.values {
            Values::Number => Some(statistics(cells, rows.len)),
            Values::Text(_) => None,
        };
        let chunk = Chunk { dictionary, page, statistics };
        chunks.push(chunk.write(schema.descriptor.column(index), rows.len, sink)?);
    }
    Ok(chunks)
}

/// The pages of one column, before they have a place in a file.
struct Chunk {
    dictionary: Option<CompressedPage>,
    page: DataPage,
    statistics: Option<Statistics>,
}

impl Chunk {
    fn write<W: Write + Send>(
        self,
        descriptor: ColumnDescPtr,
        rows: usize,
        sink: &mut TrackedWrite<W>,
    ) -> Result<ColumnCloseResult> {
        let mut pages = SerializedPageWriter::new(sink);
        let mut encodings = vec![Encoding::RLE, self.page.encoding];
        let mut size = (0, 0);
        let mut add = |spec: &PageWriteSpec| {
            size = (size.0 + spec.compressed_size, size.1 + spec.uncompressed_size);
            offset(spec.offset)
        };
        let dictionary = match self.dictionary {
            Some(page) => {
                encodings.push(Encoding::PLAIN);
                Some(add(&pages.write_page(page)?))
            }
            None => None,
        };
        let page = add(&pages.write_page(self.page.into_compressed(rows))?);
        let mut metadata = ColumnChunkMetaData::builder(descriptor)
            .set_encodings(encodings)
            .set_compression(Compression::UNCOMPRESSED)
            .set_num_values(offset(rows as u64))
            .set_total_compressed_size(offset(size.0 as u64))
            .set_total_uncompressed_size(offset(size.1 as u64))
            .set_dictionary_page_offset(dictionary)
            .set_data_page_offset(page);
        if let Some(statistics) = self.statistics {
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
    levels: usize,
    missing: usize,
    encoding: Encoding,
}

impl DataPage {
    fn put_levels_in_front(&mut self, mut levels: Vec<u8>, missing: usize) {
        self.levels = levels.len();
        self.missing = missing;
        levels.append(&mut self.bytes);
        self.bytes = levels;
    }

    fn into_compressed(self, rows: usize) -> CompressedPage {
        let count = |n: usize| u32::try_from(n).expect("a group's counts fit 32 bits");
        let size = self.bytes.len();
        let page = Page::DataPageV2 {
            buf: self.bytes.into(),
            num_values: count(rows),
            encoding: self.encoding,
            num_nulls: count(self.missing),
            num_rows: count(rows),
            def_levels_byte_len: count(self.levels),
            rep_levels_byte_len: 0,
            is_compressed: false,
            statistics: None,
        };
        CompressedPage::new(page, size)
    }
}

/// Appends definition levels as runs and bits mixed.
///
/// Format: "Run Length Encoding / Bit-Packing Hybrid" of the Parquet specification, bit width 1.
fn put_levels(present: &[u8], rows: usize, out: &mut Vec<u8>) {
    let bytes = &present[..rows.div_ceil(8)];
    let (mut at, mut packed_from) = (0, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        let run = bytes[at..].iter().take_while(|other| **other == byte).count();
        let whole = byte == 0 || (byte == 0xff && (at + run) * 8 <= rows);
        if whole && run >= RUN_BYTES {
            put_packed(&bytes[packed_from..at], out);
            let levels = (run * 8).min(rows - at * 8);
            put_varint(levels << 1, out);
            out.push(byte & 1);
            packed_from = at + run;
        }
        at += run;
    }
    put_packed(&bytes[packed_from..], out);
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
    DataPage { bytes, levels: 0, missing: 0, encoding: Encoding::RLE_DICTIONARY }
}

fn number_page(values: &[i64]) -> Result<DataPage> {
    if values.is_empty() {
        return Ok(DataPage {
            bytes: Vec::new(),
            levels: 0,
            missing: 0,
            encoding: Encoding::PLAIN,
        });
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
    Ok(DataPage { bytes: page.0, levels: 0, missing: 0, encoding: Encoding::DELTA_BINARY_PACKED })
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

fn statistics(cells: &Cells, rows: usize) -> Statistics {
    let (least, most) = (cells.values.iter().min(), cells.values.iter().max());
    let missing = (rows - cells.values.len()) as u64;
    Statistics::int64(least.copied(), most.copied(), None, Some(missing), false)
}
