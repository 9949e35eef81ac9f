//! Columns, and the values that stand in them.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

use super::wire::Row;

/// A parameter of a statement.
pub(super) type Param = Box<dyn ToSql + Sync + Send>;

/// What a column holds, as it goes over the wire. A column may be narrower in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number.
    Int,
    /// A word of a list.
    Text,
    /// Yes or no.
    Flag,
    /// Numbers in order.
    Ints,
}

impl Kind {
    pub(super) const fn sql(self) -> &'static str {
        match self {
            Self::Int => "int8",
            Self::Text => "text",
            Self::Flag => "bool",
            Self::Ints => "int8[]",
        }
    }

    /// As which type it is sent where there is one array for each column: arrays of arrays would be
    /// flattened.
    pub(super) const fn sent(self) -> &'static str {
        if matches!(self, Self::Ints) { Self::Text.sql() } else { self.sql() }
    }
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Int(Option<i64>),
    Text(Option<&'static str>),
    Flag(bool),
    Ints(Vec<i64>),
}

impl Cell {
    pub(super) fn int(number: impl Into<i64>) -> Self {
        Self::Int(Some(number.into()))
    }

    pub(super) fn maybe(number: Option<impl Into<i64>>) -> Self {
        Self::Int(number.map(Into::into))
    }

    /// A number of 64 bits without a sign, bit for bit: orders' ids reach into the last bit.
    pub(super) const fn bits(number: u64) -> Self {
        Self::Int(Some(number.cast_signed()))
    }

    pub(super) const fn text(word: &'static str) -> Self {
        Self::Text(Some(word))
    }

    pub(super) fn param(self) -> Param {
        match self {
            Self::Int(number) => Box::new(number),
            Self::Text(word) => Box::new(word),
            Self::Flag(flag) => Box::new(flag),
            Self::Ints(numbers) => Box::new(numbers),
        }
    }
}

/// Rows of values as one array for each column.
pub(super) fn columns(kinds: impl Iterator<Item = Kind>, rows: &[Vec<Cell>]) -> Vec<Param> {
    let column = |(at, kind)| {
        let cells = rows.iter().map(move |row: &Vec<Cell>| &row[at]);
        let param: Param = match kind {
            Kind::Int => Box::new(cells.map(as_int).collect::<Vec<_>>()),
            Kind::Text => Box::new(cells.map(as_text).collect::<Vec<_>>()),
            Kind::Flag => Box::new(cells.map(as_flag).collect::<Vec<_>>()),
            Kind::Ints => Box::new(cells.map(as_literal).collect::<Vec<_>>()),
        };
        param
    };
    kinds.enumerate().map(column).collect()
}

fn as_int(cell: &Cell) -> Option<i64> {
    if let Cell::Int(number) = cell { *number } else { panic!("{cell:?} is no number") }
}

fn as_text(cell: &Cell) -> Option<&'static str> {
    if let Cell::Text(word) = cell { *word } else { panic!("{cell:?} is no word") }
}

fn as_flag(cell: &Cell) -> bool {
    if let Cell::Flag(flag) = cell { *flag } else { panic!("{cell:?} is no flag") }
}

/// Numbers in order as PostgreSQL writes them down.
fn as_literal(cell: &Cell) -> String {
    let Cell::Ints(numbers) = cell else { panic!("{cell:?} are no numbers") };
    let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
    format!("{{{}}}", numbers.join(","))
}

/// A stored value that means nothing to this program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column} holds what no program of this version wrote")]
pub(super) struct Corrupt {
    /// Which column.
    pub(super) column: String,
}

/// Reads a row's columns one after the other.
pub(super) struct Reader<'a> {
    row: &'a Row,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(row: &'a Row) -> Self {
        Self { row, at: 0 }
    }

    /// What is wrong with the column that was read last.
    fn corrupt(&self) -> Corrupt {
        let column = self.row.columns().get(self.at.saturating_sub(1));
        Corrupt { column: column.map_or_else(String::new, |column| column.name.clone()) }
    }

    fn value<T: FromSql<'a>>(&mut self) -> Result<T, Corrupt> {
        let value = self.row.value(self.at);
        self.at += 1;
        value.ok_or_else(|| self.corrupt())
    }

    /// Passes over a column.
    pub(super) const fn skip(&mut self) {
        self.at += 1;
    }

    /// 128 bits.
    pub(super) fn name(&mut self) -> Result<u128, Corrupt> {
        self.value::<Name>().map(|name| name.0)
    }

    /// 128 bits, if there are any.
    pub(super) fn maybe_name(&mut self) -> Result<Option<u128>, Corrupt> {
        self.value::<Option<Name>>().map(|name| name.map(|name| name.0))
    }

    /// A number of the width that is wanted.
    pub(super) fn int<T: TryFrom<i64>>(&mut self) -> Result<T, Corrupt> {
        let number: i64 = self.value()?;
        T::try_from(number).map_err(|_| self.corrupt())
    }

    /// A number, if there is one.
    pub(super) fn maybe<T: TryFrom<i64>>(&mut self) -> Result<Option<T>, Corrupt> {
        let number: Option<i64> = self.value()?;
        number.map(T::try_from).transpose().map_err(|_| self.corrupt())
    }

    /// A number of 64 bits without a sign.
    pub(super) fn bits(&mut self) -> Result<u64, Corrupt> {
        Ok(self.value::<i64>()?.cast_unsigned())
    }

    pub(super) fn flag(&mut self) -> Result<bool, Corrupt> {
        self.value()
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Corrupt> {
        self.value()
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Corrupt> {
        self.value()
    }

    /// A word of a list.
    pub(super) fn word<T>(&mut self, of: impl Fn(&str) -> Option<T>) -> Result<T, Corrupt> {
        let word: &str = self.value()?;
        of(word).ok_or_else(|| self.corrupt())
    }

    /// A word of a list, if there is one.
    pub(super) fn maybe_word<T>(
        &mut self,
        of: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Corrupt> {
        let word: Option<&str> = self.value()?;
        word.map(|word| of(word).ok_or_else(|| self.corrupt())).transpose()
    }

    /// Numbers in order.
    pub(super) fn ints<T: TryFrom<i64>>(&mut self) -> Result<Vec<T>, Corrupt> {
        let numbers: Vec<i64> = self.value()?;
        let narrow: Result<Vec<T>, _> = numbers.into_iter().map(T::try_from).collect();
        narrow.map_err(|_| self.corrupt())
    }

    /// What a value must be that goes with others; an error if it is not there.
    pub(super) fn with<T>(&self, value: Option<T>) -> Result<T, Corrupt> {
        value.ok_or_else(|| self.corrupt())
    }
}

/// 128 bits, kept as the type `uuid`, which is what PostgreSQL calls 16 bytes that compare fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name(pub(super) u128);

impl ToSql for Name {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(&self.0.to_be_bytes());
        Ok(IsNull::No)
    }

    accepts!(UUID);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Name {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(u128::from_be_bytes(raw.try_into()?)))
    }

    accepts!(UUID);
}
