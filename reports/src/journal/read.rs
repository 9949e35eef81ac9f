//! The journal read back, record by record.

use std::path::Path;

use domain::facts::{Fact, Record};
use domain::ids::CityId;
use domain::time::Timestamp;

use super::SCHEMA_VERSION;
use super::layout::{AT, CITY, FIRST_FIELD, KIND, LAYOUT, SEQ};
use crate::table::{Batch, ReadCause, ReadError, TableReader};

/// Reads a journal's records in the order they were written.
///
/// A broken file gives an error with its row group, after which there are no more records.
pub struct JournalReader {
    table: TableReader,
    batch: Batch,
    row: usize,
    /// For each column, how many of the batch's cells are used up.
    used: Vec<usize>,
    ended: bool,
}

impl JournalReader {
    /// Opens a journal.
    ///
    /// # Errors
    /// When the file is missing, not a journal, or one of another version.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        Ok(Self {
            table: TableReader::open(&LAYOUT.schema, SCHEMA_VERSION, path)?,
            batch: Batch::default(),
            row: 0,
            used: vec![0; LAYOUT.schema.columns.len()],
            ended: false,
        })
    }

    /// How many records the journal says it has.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.table.rows()
    }

    /// Whether the journal says it has no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn try_next(&mut self) -> Result<Option<Record>, ReadError> {
        if self.row == self.batch.rows {
            let leftover = self.batch.columns.iter().zip(&self.used);
            if leftover.clone().any(|(column, used)| column.values.len() != *used) {
                return Err(self.row_error());
            }
            if !self.table.read(&mut self.batch)? {
                return Ok(None);
            }
            self.row = 0;
            self.used.fill(0);
        }
        match self.take_row() {
            Some(record) => Ok(Some(record)),
            None => Err(self.row_error()),
        }
    }

    fn row_error(&self) -> ReadError {
        let row = self.batch.first_row + self.row;
        self.table.error(self.batch.group, ReadCause::Row { row, table: "journal" })
    }

    fn take_row(&mut self) -> Option<Record> {
        let at = Timestamp(u64::try_from(self.take_required(AT)).ok()?);
        let city = CityId(u16::try_from(self.take_required(CITY)).ok()?);
        let seq = u64::try_from(self.take_required(SEQ)).ok()?;
        let (tag, columns) = LAYOUT.kind(self.take_required(KIND))?;
        let mut columns = columns.iter();
        let fact = Fact::from_cells(tag, &mut || {
            let column = FIRST_FIELD + usize::from(*columns.next()?);
            let cells = &self.batch.columns[column];
            let cell = *cells.values.get(self.used[column])?;
            self.used[column] += 1;
            (cells.levels[self.row] == 1).then_some(cell)
        })?;
        self.row += 1;
        Some(Record { at, city, seq, fact })
    }

    fn take_required(&mut self, column: usize) -> i64 {
        self.used[column] += 1;
        self.batch.columns[column].values[self.row]
    }
}

impl Iterator for JournalReader {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.try_next().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}
