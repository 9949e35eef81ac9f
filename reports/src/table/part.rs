//! Parts of a table, one a city, and how they are joined into the file.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use parquet::column::writer::ColumnCloseResult;
use parquet::errors::Result;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, TrackedWrite};
use xxhash_rust::xxh3::Xxh3Default;

use super::encode::Group;
use super::{BLOCK_ROWS, GROUP_ROWS, Rows, Schema};

/// The footer's key under which the groups' checksums stand.
pub(super) const CHECKSUMS_KEY: &str = "dastak.group_xxh3";
/// The footer's key under which the version of the table's columns stands.
pub(super) const VERSION_KEY: &str = "dastak.schema_version";

/// The rows of one city, written to a file of their own until they are joined.
///
/// The first thing that goes wrong is kept and handed out by [`Part::finish`]; rows that come
/// after it are dropped.
pub(crate) struct Part {
    schema: &'static Schema,
    block: Rows,
    group: Group,
    sink: TrackedWrite<Checked>,
    groups: Vec<WrittenGroup>,
    failure: Option<parquet::errors::ParquetError>,
}

/// One group of rows that stands in a part's file.
struct WrittenGroup {
    chunks: Vec<ColumnCloseResult>,
    checksum: u64,
}

/// A part that is complete.
pub struct FinishedPart {
    file: File,
    groups: Vec<WrittenGroup>,
}

impl Part {
    /// An empty part that writes to `file`, which it must be able to read back.
    pub(crate) fn new(schema: &'static Schema, file: File) -> Self {
        let sink = TrackedWrite::new(Checked { file, sum: Box::new(Xxh3Default::new()) });
        Self {
            schema,
            block: Rows::new(schema),
            group: Group::new(schema),
            sink,
            groups: Vec::new(),
            failure: None,
        }
    }

    /// The row that is being taken.
    pub(crate) fn row(&mut self) -> &mut Rows {
        &mut self.block
    }

    /// Takes the row as complete.
    pub(crate) fn end_row(&mut self) {
        self.block.len += 1;
        if self.block.len == BLOCK_ROWS {
            self.end_block();
        }
    }

    /// Whether something went wrong, so that going on is no use.
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// The first thing that went wrong with this part.
    pub(crate) fn finish(mut self) -> Result<FinishedPart> {
        if self.block.len > 0 {
            self.end_block();
        }
        if self.failure.is_none() && self.group.rows() > 0 {
            self.write_group()?;
        }
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        Ok(FinishedPart { file: self.sink.into_inner()?.file, groups: self.groups })
    }

    fn end_block(&mut self) {
        if self.failure.is_none() {
            self.failure = self.try_end_block().err();
        }
        self.block.clear();
    }

    fn try_end_block(&mut self) -> Result<()> {
        self.group.add(self.schema, &self.block)?;
        if self.group.rows() >= GROUP_ROWS { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> Result<()> {
        let chunks = self.group.write(self.schema, &mut self.sink)?;
        self.sink.flush()?;
        let sum = &mut self.sink.inner_mut().sum;
        let checksum = sum.digest();
        sum.reset();
        self.groups.push(WrittenGroup { chunks, checksum });
        Ok(())
    }
}

/// Writes the parts' groups, in the order of the parts, as one Parquet file.
///
/// # Errors
/// When a part cannot be read or `sink` not written.
pub(crate) fn join<W: Write + Send>(
    schema: &Schema,
    version: u32,
    parts: Vec<FinishedPart>,
    sink: &mut W,
) -> Result<()> {
    let properties = WriterProperties::builder().set_created_by("dastak".to_owned()).build();
    let mut writer =
        SerializedFileWriter::new(sink, Arc::clone(&schema.parquet), Arc::new(properties))?;
    let mut checksums = String::new();
    for part in parts {
        for group in part.groups {
            checksums += &format!("{:016x}", group.checksum);
            let mut rows = writer.next_row_group()?;
            for chunk in group.chunks {
                rows.append_column(&part.file, chunk)?;
            }
            rows.close()?;
        }
    }
    let version = KeyValue::new(VERSION_KEY.to_owned(), version.to_string());
    writer.append_key_value_metadata(version);
    writer.append_key_value_metadata(KeyValue::new(CHECKSUMS_KEY.to_owned(), checksums));
    writer.finish()?;
    Ok(())
}

/// A file that sums up what is written to it.
struct Checked {
    file: File,
    sum: Box<Xxh3Default>,
}

impl Write for Checked {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}
