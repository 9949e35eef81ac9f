//! Reading a table back, a batch of rows at a time.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use xxhash_rust::xxh3::Xxh3Default;

use super::part::{CHECKSUMS_KEY, VERSION_KEY};
use super::{Schema, Values};

/// Rows decoded at once.
const BATCH_ROWS: usize = 4096;
const CHECK_BYTES: usize = 1 << 16;
const CHECKSUM_DIGITS: usize = 16;

/// A table's file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}{} cannot be read", path.display(), OfGroup(*group))]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// The row group, from zero, if it is one that is broken.
    pub group: Option<usize>,
    /// What is wrong.
    #[source]
    pub cause: ReadCause,
}

struct OfGroup(Option<usize>);

impl std::fmt::Display for OfGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |group| write!(f, ", row group {group},"))
    }
}

/// What is wrong with a table's file.
#[derive(Debug, thiserror::Error)]
pub enum ReadCause {
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It is not a well-formed Parquet file.
    #[error(transparent)]
    Parquet(#[from] ParquetError),
    /// Decoding it failed an assertion of the decoder.
    #[error("it is not a well-formed parquet file")]
    Malformed,
    /// It was not written by this program.
    #[error("it does not say which columns it has: no {VERSION_KEY} in its footer")]
    Foreign,
    /// It was written by another version of this program.
    #[error("it has columns of version {found}, and this program reads version {expected}")]
    Version {
        /// What the file says.
        found: String,
        /// What is known here.
        expected: u32,
    },
    /// It has other columns than its version should have.
    #[error("it does not have the columns of its version")]
    Columns,
    /// Its bytes are not those that were written.
    #[error("its checksum differs: the file was changed or cut after it was written")]
    Checksum,
    /// A cell holds what no row can have there.
    #[error("column {column} holds what it cannot")]
    Cell {
        /// The column's name.
        column: String,
    },
    /// A row does not make sense as a whole.
    #[error("row {row} is not a {table} row")]
    Row {
        /// Which, from zero in its row group.
        row: usize,
        /// The table.
        table: &'static str,
    },
}

/// Reads the rows of a table's file in order.
pub(crate) struct TableReader {
    schema: &'static Schema,
    path: PathBuf,
    file: File,
    parquet: SerializedFileReader<File>,
    checksums: Vec<u64>,
    next_group: usize,
    group: Option<OpenGroup>,
}

struct OpenGroup {
    index: usize,
    rows_left: usize,
    rows_read: usize,
    columns: Vec<Cursor>,
}

enum Cursor {
    Number(ColumnReaderImpl<Int64Type>),
    Text(ColumnReaderImpl<ByteArrayType>),
}

/// Decoded rows: every column's cells and where they stand.
#[derive(Default)]
pub(crate) struct Batch {
    /// The row group they are from.
    pub(crate) group: usize,
    /// The number of the first within its row group.
    pub(crate) first_row: usize,
    /// How many rows.
    pub(crate) rows: usize,
    /// The columns, in the schema's order.
    pub(crate) columns: Vec<BatchColumn>,
}

/// One column of decoded rows.
#[derive(Default)]
pub(crate) struct BatchColumn {
    /// Whether a row has a cell: one for yes. Empty for required columns.
    pub(crate) levels: Vec<i16>,
    /// The cells there are, in order.
    pub(crate) values: Vec<i64>,
    texts: Vec<ByteArray>,
}

impl TableReader {
    /// Opens a file that [`join`](super::join) made with the same schema and version.
    ///
    /// # Errors
    /// When it is not such a file.
    pub(crate) fn open(
        schema: &'static Schema,
        version: u32,
        path: &Path,
    ) -> Result<Self, ReadError> {
        Self::try_open(schema, version, path).map_err(|cause| ReadError {
            path: path.to_owned(),
            group: None,
            cause,
        })
    }

    fn try_open(schema: &'static Schema, version: u32, path: &Path) -> Result<Self, ReadCause> {
        let file = File::open(path)?;
        let parquet = guarded(|| Ok(SerializedFileReader::new(file.try_clone()?)?))?;
        let metadata = parquet.metadata().file_metadata();
        let entry = |key: &str| {
            let entries = metadata.key_value_metadata()?;
            entries.iter().find(|entry| entry.key == key)?.value.clone()
        };
        let found = entry(VERSION_KEY).ok_or(ReadCause::Foreign)?;
        if found != version.to_string() {
            return Err(ReadCause::Version { found, expected: version });
        }
        if metadata.schema_descr().root_schema() != schema.descriptor.root_schema() {
            return Err(ReadCause::Columns);
        }
        let checksums = entry(CHECKSUMS_KEY).and_then(|text| parse_checksums(&text));
        let checksums = checksums.ok_or(ReadCause::Checksum)?;
        if checksums.len() != parquet.num_row_groups() {
            return Err(ReadCause::Checksum);
        }
        let path = path.to_owned();
        Ok(Self { schema, path, file, parquet, checksums, next_group: 0, group: None })
    }

    /// Rows in the file, as its footer has it.
    pub(crate) fn rows(&self) -> u64 {
        u64::try_from(self.parquet.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Decodes the next rows into `batch`; false at the end.
    ///
    /// # Errors
    /// When the file is not as it was written, with the row group.
    pub(crate) fn read(&mut self, batch: &mut Batch) -> Result<bool, ReadError> {
        let at = self.group.as_ref().map_or(self.next_group, |group| group.index);
        self.try_read(batch).map_err(|cause| {
            self.group = None;
            self.next_group = self.checksums.len();
            self.error(at, cause)
        })
    }

    /// What to say about a row group that makes no sense.
    pub(crate) fn error(&self, group: usize, cause: ReadCause) -> ReadError {
        ReadError { path: self.path.clone(), group: Some(group), cause }
    }

    fn try_read(&mut self, batch: &mut Batch) -> Result<bool, ReadCause> {
        let mut group = match self.group.take() {
            Some(group) => group,
            None if self.next_group < self.checksums.len() => self.open_group(self.next_group)?,
            None => return Ok(false),
        };
        batch.group = group.index;
        batch.first_row = group.rows_read;
        batch.rows = group.rows_left.min(BATCH_ROWS);
        batch.columns.resize_with(group.columns.len(), BatchColumn::default);
        for (index, cursor) in group.columns.iter_mut().enumerate() {
            let column = &self.schema.columns[index];
            batch.columns[index].fill(cursor, batch.rows, &column.values).map_err(|cause| {
                cause.unwrap_or_else(|| ReadCause::Cell { column: column.name.clone() })
            })?;
        }
        group.rows_read += batch.rows;
        group.rows_left -= batch.rows;
        if group.rows_left > 0 {
            self.group = Some(group);
        } else {
            group.columns.iter_mut().try_for_each(Cursor::expect_end)?;
            self.next_group += 1;
        }
        Ok(true)
    }

    fn open_group(&self, index: usize) -> Result<OpenGroup, ReadCause> {
        let metadata = self.parquet.metadata().row_group(index);
        let bytes = bytes_of(metadata).ok_or(ReadCause::Malformed)?;
        if self.sum(bytes)? != self.checksums[index] {
            return Err(ReadCause::Checksum);
        }
        let rows_left = usize::try_from(metadata.num_rows()).map_err(|_| ReadCause::Malformed)?;
        let columns = guarded(|| {
            let group = self.parquet.get_row_group(index)?;
            let cursor = |column| {
                let reader = group.get_column_reader(column)?;
                if let ColumnReader::Int64ColumnReader(reader) = reader {
                    Ok(Cursor::Number(reader))
                } else if let ColumnReader::ByteArrayColumnReader(reader) = reader {
                    Ok(Cursor::Text(reader))
                } else {
                    Err(ReadCause::Columns)
                }
            };
            (0..self.schema.columns.len()).map(cursor).collect()
        })?;
        Ok(OpenGroup { index, rows_left, rows_read: 0, columns })
    }

    fn sum(&self, bytes: Range<u64>) -> Result<u64, ReadCause> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(bytes.start))?;
        let mut rest = file.take(bytes.end - bytes.start);
        let mut sum = Xxh3Default::new();
        let mut buffer = vec![0; CHECK_BYTES];
        loop {
            match rest.read(&mut buffer)? {
                0 => return Ok(sum.digest()),
                read => sum.update(&buffer[..read]),
            }
        }
    }
}

impl Cursor {
    /// Checks that the pages hold no more rows than the footer says.
    fn expect_end(&mut self) -> Result<(), ReadCause> {
        let mut levels = Vec::new();
        let (rows, ..) = guarded(|| match self {
            Self::Number(reader) => {
                Ok(reader.read_records(1, Some(&mut levels), None, &mut Vec::new())?)
            }
            Self::Text(reader) => {
                Ok(reader.read_records(1, Some(&mut levels), None, &mut Vec::new())?)
            }
        })?;
        if rows == 0 { Ok(()) } else { Err(ReadCause::Malformed) }
    }
}

/// Where a row group stands in its file; none if its chunks do not follow one another.
fn bytes_of(group: &RowGroupMetaData) -> Option<Range<u64>> {
    let mut bytes: Option<Range<u64>> = None;
    for column in group.columns() {
        let first = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
        let start = u64::try_from(first).ok()?;
        let end = start.checked_add(u64::try_from(column.compressed_size()).ok()?)?;
        bytes = match bytes {
            None => Some(start..end),
            Some(before) if before.end == start => Some(before.start..end),
            Some(_) => return None,
        };
    }
    bytes
}

fn parse_checksums(text: &str) -> Option<Vec<u64>> {
    let digits = text.as_bytes().chunks(CHECKSUM_DIGITS);
    digits.map(|digits| u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()).collect()
}

/// Runs a step of the Parquet decoder, which asserts where a broken file surprises it.
fn guarded<T>(step: impl FnOnce() -> Result<T, ReadCause>) -> Result<T, ReadCause> {
    catch_unwind(AssertUnwindSafe(step)).unwrap_or(Err(ReadCause::Malformed))
}

impl BatchColumn {
    /// Decodes the next `rows` of a column. The error is without cause if a cell is wrong.
    fn fill(
        &mut self,
        cursor: &mut Cursor,
        rows: usize,
        values: &Values,
    ) -> Result<(), Option<ReadCause>> {
        self.levels.clear();
        self.values.clear();
        self.texts.clear();
        let levels = Some(&mut self.levels);
        let read = guarded(|| match cursor {
            Cursor::Number(reader) => {
                Ok(reader.read_records(rows, levels, None, &mut self.values)?)
            }
            Cursor::Text(reader) => Ok(reader.read_records(rows, levels, None, &mut self.texts)?),
        });
        let (rows_read, _, _) = read.map_err(Some)?;
        if rows_read != rows {
            return Err(Some(ReadCause::Malformed));
        }
        if let Values::Text(texts) = values {
            for text in &self.texts {
                let code = texts.iter().position(|known| known.as_bytes() == text.data());
                self.values.push(i64::try_from(code.ok_or(None)?).map_err(|_| None)?);
            }
        }
        Ok(())
    }
}
