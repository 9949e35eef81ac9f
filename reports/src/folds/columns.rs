//! Columns with what they mean: the one list that files, documentation and tests derive from.

use domain::time::Timestamp;

use crate::table::{ColumnSpec, Part, Schema, Values};

/// What a column of a table is and means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDoc {
    /// The table, such as `orders`.
    pub table: &'static str,
    /// The column.
    pub name: String,
    /// `int64`, or `text` where it is one of a few names.
    pub kind: &'static str,
    /// The unit of its numbers.
    pub unit: &'static str,
    /// Whether a row may have nothing in it.
    pub optional: bool,
    /// What it means.
    pub meaning: String,
}

/// A column of a table whose rows are made from `R`.
pub(super) struct Column<R> {
    name: &'static str,
    texts: &'static [&'static str],
    unit: &'static str,
    optional: bool,
    meaning: &'static str,
    cell: fn(&R) -> Option<i64>,
}

impl<R> Column<R> {
    /// A column of numbers of a unit.
    pub(super) const fn number(
        name: &'static str,
        unit: &'static str,
        meaning: &'static str,
        cell: fn(&R) -> Option<i64>,
    ) -> Self {
        Self { name, texts: &[], unit, optional: false, meaning, cell }
    }

    /// A column of instants.
    pub(super) const fn time(
        name: &'static str,
        meaning: &'static str,
        cell: fn(&R) -> Option<i64>,
    ) -> Self {
        Self::number(name, "µs since the epoch", meaning, cell)
    }

    /// A column of names, each with its number in `texts`.
    pub(super) const fn text(
        name: &'static str,
        texts: &'static [&'static str],
        meaning: &'static str,
        cell: fn(&R) -> Option<i64>,
    ) -> Self {
        Self { name, texts, unit: "", optional: false, meaning, cell }
    }

    /// The same column, in which a row may have nothing.
    pub(super) const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    fn doc(&self, table: &'static str) -> ColumnDoc {
        ColumnDoc {
            table,
            name: self.name.to_owned(),
            kind: if self.texts.is_empty() { "int64" } else { "text" },
            unit: self.unit,
            optional: self.optional,
            meaning: self.meaning.to_owned(),
        }
    }

    fn spec(&self) -> ColumnSpec {
        ColumnSpec {
            name: self.name.to_owned(),
            values: match self.texts {
                [] => Values::Number,
                texts => Values::Text(texts.to_vec()),
            },
            optional: self.optional,
        }
    }
}

pub(super) fn docs<R>(
    table: &'static str,
    columns: &'static [Column<R>],
) -> impl Iterator<Item = ColumnDoc> {
    columns.iter().map(move |column| column.doc(table))
}

pub(super) fn schema<R>(table: &'static str, columns: &[Column<R>]) -> Schema {
    Schema::new(table, columns.iter().map(Column::spec).collect())
}

/// Puts a row into a part of its table.
pub(super) fn put<R>(columns: &[Column<R>], row: &R, part: &mut Part) {
    let rows = part.row();
    for (index, column) in columns.iter().enumerate() {
        match (column.cell)(row) {
            Some(cell) if column.optional => rows.put_some(index, cell),
            Some(cell) => rows.put(index, cell),
            None => assert!(column.optional, "{} is in every row", column.name),
        }
    }
    part.end_row();
}

/// An instant's cell.
pub(super) fn us(at: Option<Timestamp>) -> Option<i64> {
    number(at?.0)
}

/// A number's cell.
#[expect(clippy::unnecessary_wraps, reason = "cells are optional")]
pub(super) fn number(value: u64) -> Option<i64> {
    Some(i64::try_from(value).expect("a fact's numbers stay below 2^63"))
}

/// A yes or a no as its place among [`NO_YES`].
pub(super) fn yes(value: bool) -> Option<i64> {
    Some(i64::from(value))
}

/// The names of a yes and a no.
pub(super) const NO_YES: &[&str] = &["no", "yes"];
