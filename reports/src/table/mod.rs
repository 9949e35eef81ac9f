//! Tables of numbers and texts in Parquet: what the journal and the other tables of a run share.
//!
//! Every city of a run fills its own [`Part`] on its own thread; the parts are joined in the
//! order of the cities, so that the file's bytes do not depend on threads. Rows are kept by
//! column, encoded in blocks of [`BLOCK_ROWS`] and written in groups of at most [`GROUP_ROWS`],
//! which bounds memory.
//!
//! A missing cell costs nothing when a row is taken: a column stores the cells it has, and one
//! bit a row that says which rows have one. Those bits are Parquet's definition levels as they
//! stand.

mod encode;
mod part;
mod read;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as PhysicalType};
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor, Type, TypePtr};

pub use part::FinishedPart;
pub(crate) use part::{Part, join};
pub(crate) use read::{Batch, TableReader};
pub use read::{ReadCause, ReadError};

/// Rows in a group, at most. Readers skip and threads share whole groups.
pub(crate) const GROUP_ROWS: usize = 1 << 17;

/// Rows that are encoded at once: few enough that their cells stay in cache until then.
const BLOCK_ROWS: usize = 1 << 13;

/// A text column's code is one byte.
const TEXTS_LIMIT: usize = 256;

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// Whole numbers.
    Number,
    /// One of these texts; a cell is an index into them.
    Text(Vec<&'static str>),
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnSpec {
    /// Its name.
    pub(crate) name: String,
    /// What it holds.
    pub(crate) values: Values,
    /// Whether a row may have no cell in it.
    pub(crate) optional: bool,
}

/// The columns of a table, in order, and what Parquet calls them.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) columns: Vec<ColumnSpec>,
    parquet: TypePtr,
    descriptor: SchemaDescPtr,
}

impl Schema {
    /// A table with these columns.
    ///
    /// # Panics
    /// If two columns share a name, or a text column has more than 256 texts.
    pub(crate) fn new(table: &str, columns: Vec<ColumnSpec>) -> Self {
        for (index, column) in columns.iter().enumerate() {
            let earlier = &columns[..index];
            assert!(earlier.iter().all(|other| other.name != column.name), "{} twice", column.name);
            if let Values::Text(texts) = &column.values {
                assert!(texts.len() <= TEXTS_LIMIT, "{}: a code is one byte", column.name);
            }
        }
        let fields = columns.iter().map(|column| Arc::new(parquet_type(column))).collect();
        let parquet = Type::group_type_builder(table).with_fields(fields).build();
        let parquet = Arc::new(parquet.expect("a group of named columns is a valid schema"));
        let descriptor = Arc::new(SchemaDescriptor::new(Arc::clone(&parquet)));
        Self { columns, parquet, descriptor }
    }
}

fn parquet_type(column: &ColumnSpec) -> Type {
    let (physical, logical) = match column.values {
        Values::Number => (PhysicalType::INT64, None),
        Values::Text(_) => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let repetition = if column.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    Type::primitive_type_builder(&column.name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical)
        .build()
        .expect("a named column of a plain type is valid")
}

/// Rows of a table that are not written yet, kept by column.
#[derive(Debug)]
pub(crate) struct Rows {
    len: usize,
    columns: Vec<Cells>,
}

#[derive(Debug)]
struct Cells {
    /// The cells there are, in the order of the rows.
    values: Vec<i64>,
    /// One bit a row, lowest first, set where the row has a cell. Empty for required columns.
    present: Vec<u8>,
}

impl Rows {
    fn new(schema: &Schema) -> Self {
        let cells = |column: &ColumnSpec| Cells {
            values: Vec::new(),
            present: if column.optional { vec![0; BLOCK_ROWS / 8] } else { Vec::new() },
        };
        Self { len: 0, columns: schema.columns.iter().map(cells).collect() }
    }

    /// Puts a cell into a required column of the row that is being taken.
    pub(crate) fn put(&mut self, column: usize, value: i64) {
        self.columns[column].values.push(value);
    }

    /// Puts a cell into an optional column of the row that is being taken.
    pub(crate) fn put_some(&mut self, column: usize, value: i64) {
        let cells = &mut self.columns[column];
        cells.values.push(value);
        cells.present[self.len / 8] |= 1 << (self.len % 8);
    }

    fn clear(&mut self) {
        for cells in &mut self.columns {
            cells.values.clear();
            cells.present.fill(0);
        }
        self.len = 0;
    }
}
