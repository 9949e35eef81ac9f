//! Bounded reading of comma-separated tables, with errors that name file, row and column.

use std::io::{self, Read};

use csv::StringRecord;
use domain::place::Place;

/// The largest table that is read, bytes (assumed: forty times a day of a large city).
pub const FILE_LIMIT_BYTES: u64 = 256 << 20;
/// The most rows a table may have (assumed: the orders of a whole country's day).
pub const ROW_LIMIT: u32 = 2_000_000;
/// The longest row, bytes (assumed: a hundred times a common one).
pub const ROW_LIMIT_BYTES: u64 = 16 << 10;
/// The longest id, bytes (assumed: holds any UUID).
pub const ID_LIMIT_BYTES: usize = 64;

/// Characters of a wrong value that an error shows.
const SHOWN_CHARS: usize = 40;

/// A table of a recorded day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// The orders.
    Orders,
    /// The couriers.
    Couriers,
    /// The stores.
    Stores,
    /// The baskets.
    Baskets,
}

impl std::fmt::Display for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Orders => "orders",
            Self::Couriers => "couriers",
            Self::Stores => "stores",
            Self::Baskets => "baskets",
        })
    }
}

/// Why a table is refused. Rows count from one, the header; they are lines of the file.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The table cannot be read: a broken disk, bytes that are not text, a limit passed.
    #[error("{file}, row {row}: cannot be read")]
    Unreadable {
        /// The table.
        file: File,
        /// The row that was being read.
        row: u64,
        /// Why.
        #[source]
        source: csv::Error,
    },
    /// A row has more or fewer fields than the header; a file that was cut off ends like this.
    #[error("{file}, row {row}: {found} fields where the header has {expected}")]
    Fields {
        /// The table.
        file: File,
        /// The row.
        row: u64,
        /// How many fields it has.
        found: u64,
        /// How many it should have.
        expected: u64,
    },
    /// A column is missing.
    #[error("{file}: no column {column}; there are {found}")]
    Column {
        /// The table.
        file: File,
        /// The column that is needed.
        column: &'static str,
        /// The columns there are.
        found: String,
    },
    /// A value cannot be understood.
    #[error("{file}, row {row}, {column}: {found:?} where {expected} was expected")]
    Value {
        /// The table.
        file: File,
        /// The row.
        row: u64,
        /// The column.
        column: &'static str,
        /// The value.
        found: String,
        /// What it should have been.
        expected: &'static str,
    },
    /// An id was given twice.
    #[error("{file}, row {row}, {column}: {id:?} is already the id of row {first}")]
    Duplicate {
        /// The table.
        file: File,
        /// The later row.
        row: u64,
        /// The column.
        column: &'static str,
        /// The id.
        id: String,
        /// The earlier row.
        first: u64,
    },
    /// There are too many rows.
    #[error("{file}: more than {limit} rows")]
    Rows {
        /// The table.
        file: File,
        /// The most that are read.
        limit: u32,
    },
    /// There is a header at most.
    #[error("{file}: no rows")]
    Empty {
        /// The table.
        file: File,
    },
}

/// A table that is read row by row.
pub(super) struct Table<R> {
    file: File,
    reader: csv::Reader<Bounded<R>>,
    record: StringRecord,
    rows: u32,
}

/// A column that was found in the header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    name: &'static str,
    index: usize,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    file: File,
    record: &'a StringRecord,
}

impl<R: Read> Table<R> {
    pub(super) fn open(file: File, read: R) -> Self {
        let reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(Bounded {
            inner: read,
            left: FILE_LIMIT_BYTES,
            row_bytes: 0,
        });
        Self { file, reader, record: StringRecord::new(), rows: 0 }
    }

    /// Finds a column that must be there.
    pub(super) fn column(&mut self, name: &'static str) -> Result<Column, TraceError> {
        let file = self.file;
        let shown =
            |headers: &StringRecord| shortened(&headers.iter().collect::<Vec<_>>().join(", "));
        self.optional(name)?.map_or_else(
            || {
                let found = self.headers().map(shown)?;
                Err(TraceError::Column { file, column: name, found })
            },
            Ok,
        )
    }

    /// Finds a column that may be there.
    pub(super) fn optional(&mut self, name: &'static str) -> Result<Option<Column>, TraceError> {
        let index = self.headers()?.iter().position(|header| header == name);
        Ok(index.map(|index| Column { name, index }))
    }

    /// The next row; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, TraceError> {
        let file = self.file;
        let more = self.reader.read_record(&mut self.record);
        let more = more.map_err(|error| refused(file, self.reader.position().line(), error))?;
        if !more {
            return if self.rows == 0 { Err(TraceError::Empty { file }) } else { Ok(None) };
        }
        if self.rows == ROW_LIMIT {
            return Err(TraceError::Rows { file, limit: ROW_LIMIT });
        }
        self.rows += 1;
        Ok(Some(Row { file, record: &self.record }))
    }

    fn headers(&mut self) -> Result<&StringRecord, TraceError> {
        let file = self.file;
        self.reader.headers().map_err(|error| refused(file, 1, error))
    }
}

impl<'a> Row<'a> {
    /// The line of the file it starts on; the header is line one.
    pub(super) fn number(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    /// The text of a field.
    pub(super) fn text(&self, column: Column) -> &'a str {
        self.record.get(column.index).unwrap_or("")
    }

    /// An id: not empty and not too long.
    pub(super) fn id(&self, column: Column) -> Result<&'a str, TraceError> {
        let id = self.text(column);
        if id.is_empty() || id.len() > ID_LIMIT_BYTES {
            return Err(self.wrong(column, "an id of 1 to 64 bytes"));
        }
        Ok(id)
    }

    /// A position.
    pub(super) fn place(&self, lat: Column, lon: Column) -> Result<Place, TraceError> {
        let degrees = |column: Column, limit: f64, expected| match self.text(column).parse::<f64>()
        {
            Ok(value) if value.abs() <= limit => Ok(value),
            _ => Err(self.wrong(column, expected)),
        };
        let lat_degrees = degrees(lat, 90.0, "a latitude from -90 to 90 degrees")?;
        let lon_degrees = degrees(lon, 180.0, "a longitude from -180 to 180 degrees")?;
        Place::from_degrees(lat_degrees, lon_degrees)
            .ok_or_else(|| self.wrong(lat, "a position on the globe"))
    }

    /// A time of day in seconds after midnight.
    pub(super) fn time_of_day_s(&self, column: Column) -> Result<u32, TraceError> {
        time_of_day_s(self.text(column))
            .ok_or_else(|| self.wrong(column, "a time of day from 0:00:00 to 23:59:59"))
    }

    /// The error that a field of this row is not what it should be.
    pub(super) fn wrong(&self, column: Column, expected: &'static str) -> TraceError {
        TraceError::Value {
            file: self.file,
            row: self.number(),
            column: column.name,
            found: shortened(self.text(column)),
            expected,
        }
    }

    /// The error that this row's id was given before.
    pub(super) fn duplicate(&self, column: Column, first: u64) -> TraceError {
        TraceError::Duplicate {
            file: self.file,
            row: self.number(),
            column: column.name,
            id: self.text(column).to_owned(),
            first,
        }
    }
}

/// Seconds after midnight of a time like `7:05:09` or `07:05:09`.
fn time_of_day_s(text: &str) -> Option<u32> {
    let mut parts = text.split(':');
    let mut part = |digits: std::ops::RangeInclusive<usize>, below: u32| {
        let part = parts.next()?;
        let plain = digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        part.parse().ok().filter(|&number: &u32| plain && number < below)
    };
    let (hours, minutes, seconds) = (part(1..=2, 24)?, part(2..=2, 60)?, part(2..=2, 60)?);
    parts.next().is_none().then_some(hours * 3_600 + minutes * 60 + seconds)
}

/// As much of a text as an error shows.
fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn refused(file: File, row: u64, error: csv::Error) -> TraceError {
    let row = error.position().map_or(row, csv::Position::line);
    if let csv::ErrorKind::UnequalLengths { expected_len: expected, len: found, .. } = *error.kind()
    {
        return TraceError::Fields { file, row, found, expected };
    }
    TraceError::Unreadable { file, row, source: error }
}

/// Passes bytes on until the table or one of its rows is too long.
struct Bounded<R> {
    inner: R,
    left: u64,
    row_bytes: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let Some(left) = self.left.checked_sub(count as u64) else {
            return Err(io::Error::other(format!("more than {FILE_LIMIT_BYTES} bytes")));
        };
        self.left = left;
        for piece in buffer[..count].split_inclusive(|&byte| byte == b'\n') {
            self.row_bytes += piece.len() as u64;
            if self.row_bytes > ROW_LIMIT_BYTES {
                return Err(io::Error::other(format!(
                    "a row of more than {ROW_LIMIT_BYTES} bytes"
                )));
            }
            if piece.ends_with(b"\n") {
                self.row_bytes = 0;
            }
        }
        Ok(count)
    }
}
