//! The journal as a table: one row a fact, one column for each field any fact has.
//!
//! ```text
//! at_us  city  seq  kind          order_id  store_id  lines  amount_paise  …
//! 61000  0     7    order_placed  41        3         5                    …
//! ```
//!
//! Everything derives from [`Fact::AREAS`], so a new kind of fact needs nothing here. Columns of
//! fields with texts hold those texts; all others hold whole numbers. The rows of a city stand
//! together, in handling order; cities stand in their order.

mod layout;
mod read;
#[cfg(test)]
mod tests;
mod text;

use std::fs::File;
use std::io::Write;

use domain::facts::{Record, Sink};

use crate::folds::ColumnDoc;
use crate::table::{self, FinishedPart, Part};
use layout::{AT, CITY, FIRST_FIELD, KIND, LAYOUT, SEQ};

pub use read::JournalReader;
pub use text::record_line;

/// The version of the journal's columns: grows when a column is taken away or changes its meaning.
pub const SCHEMA_VERSION: u32 = 1;

/// Takes one city's records.
///
/// Keeps at most 131 072 records, then writes them to a file of its own.
pub struct JournalPart {
    part: Part,
}

impl JournalPart {
    /// An empty journal of one city that writes to `file`, which can also be read.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self { part: Part::new(&LAYOUT.schema, file) }
    }

    /// Whether a write has failed. Records taken since then are lost; [`join`] will say why.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.part.has_failed()
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// The first write that failed.
    pub fn finish(self) -> Result<FinishedPart, parquet::errors::ParquetError> {
        self.part.finish()
    }
}

impl Sink for JournalPart {
    fn record(&mut self, record: &Record) {
        let row = self.part.row();
        let (code, columns) = LAYOUT.of(record.fact.tag());
        row.put(AT, number(record.at.0));
        row.put(CITY, i64::from(record.city.0));
        row.put(SEQ, number(record.seq));
        row.put(KIND, code);
        let mut columns = columns.iter();
        record.fact.to_cells(&mut |cell| {
            let column = columns.next().expect("a fact has the cells of its kind");
            row.put_some(FIRST_FIELD + usize::from(*column), cell);
        });
        self.part.end_row();
    }
}

fn number(value: u64) -> i64 {
    i64::try_from(value).expect("a fact's numbers stay below 2^63")
}

/// Every column of the journal. A field means the same in every kind of fact that has it.
#[must_use]
pub fn columns() -> Vec<ColumnDoc> {
    LAYOUT.docs()
}

/// The journal's columns as Parquet has them.
#[cfg(test)]
pub(crate) fn schema() -> &'static crate::table::Schema {
    &LAYOUT.schema
}

/// Writes the cities' journals, given in the order of the cities, as one file.
///
/// # Errors
/// When a part cannot be read or `sink` not be written.
pub fn join<W: Write + Send>(
    parts: Vec<FinishedPart>,
    sink: &mut W,
) -> Result<(), parquet::errors::ParquetError> {
    table::join(&LAYOUT.schema, SCHEMA_VERSION, parts, sink)
}
