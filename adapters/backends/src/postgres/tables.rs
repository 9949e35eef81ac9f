//! Which state stands in which columns. The migrations make the same tables.

mod order;
mod others;

pub(super) use order::{CHILDREN, Child, PARTS, Part};

use shell::{Rows, Table};

use super::cells::{Cell, Corrupt, Kind, Reader};

/// One column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

const fn int(name: &'static str) -> Column {
    Column { name, kind: Kind::Int }
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text }
}

const fn flag(name: &'static str) -> Column {
    Column { name, kind: Kind::Flag }
}

const fn ints(name: &'static str) -> Column {
    Column { name, kind: Kind::Ints }
}

/// One table: the columns of its key, all numbers, and the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) table: &'static str,
    pub(super) key: &'static [&'static str],
    pub(super) columns: &'static [Column],
}

impl Layout {
    /// All columns, the key's first.
    pub(super) fn all(&self) -> impl Iterator<Item = Column> {
        self.key.iter().map(|name| int(name)).chain(self.columns.iter().copied())
    }
}

/// A state that stands in one row.
pub(super) trait Stored: Clone + Default + PartialEq {
    /// What names the row.
    type Key: Copy + Ord;

    /// Its table. Version and time of the last writing are columns beside those named here.
    const LAYOUT: Layout;

    /// Those of them that a unit of work has loaded.
    fn table(rows: &Rows) -> &Table<Self::Key, Self>;

    /// The key's numbers.
    fn key(key: Self::Key) -> Vec<i64>;

    /// The key of its numbers.
    fn key_of(reader: &mut Reader<'_>) -> Result<Self::Key, Corrupt>;

    /// Hands out the cells, in the order of the columns.
    fn put(&self, cells: &mut Vec<Cell>);

    /// Reads the cells.
    fn take(reader: &mut Reader<'_>) -> Result<Self, Corrupt>;
}
