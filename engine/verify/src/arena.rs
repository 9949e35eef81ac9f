//! What a judge lives in: rows by dense id, rows that come and go, and short lists of rows.
//!
//! All grow with what is live, not with the number of facts.

/// Rows in one chunk.
const CHUNK: usize = 1_024;
/// Rows that a journal may name: ids beyond are taken for damage, not for a reason to allocate.
const MAX_ROWS: usize = 1 << 28;

/// Rows by dense index, in chunks that appear when first written to and can go when all their
/// rows are over.
pub(crate) struct Chunks<T> {
    chunks: Vec<Option<Box<[T; CHUNK]>>>,
    over: Vec<u16>,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), over: Vec::new() }
    }
}

impl<T: Clone + Default> Chunks<T> {
    /// The row at an index, if its chunk was ever written to.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        Some(&self.chunks.get(index / CHUNK)?.as_deref()?[index % CHUNK])
    }

    /// The row at an index, made if need be; none beyond [`MAX_ROWS`].
    #[inline]
    pub(crate) fn entry(&mut self, index: usize) -> Option<&mut T> {
        let at = index / CHUNK;
        if self.chunks.get(at).is_none_or(Option::is_none) {
            self.grow(index)?;
        }
        self.chunks[at].as_deref_mut().map(|rows| &mut rows[index % CHUNK])
    }

    /// Counts a row as over; its chunk goes when all its rows are.
    pub(crate) fn retire(&mut self, index: usize) {
        let at = index / CHUNK;
        if self.get(index).is_none() {
            return;
        }
        self.over[at] += 1;
        if usize::from(self.over[at]) == CHUNK {
            self.chunks[at] = None;
            self.over[at] = 0;
        }
    }

    /// Every row of every chunk there is, by index.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.chunks.iter().enumerate().flat_map(|(at, chunk)| {
            let rows = chunk.as_deref().map_or(&[][..], |rows| &rows[..]);
            rows.iter().enumerate().map(move |(offset, row)| (at * CHUNK + offset, row))
        })
    }

    #[cold]
    fn grow(&mut self, index: usize) -> Option<()> {
        if index >= MAX_ROWS {
            return None;
        }
        let at = index / CHUNK;
        if at >= self.chunks.len() {
            self.chunks.resize_with(at + 1, || None);
            self.over.resize(at + 1, 0);
        }
        let rows = vec![T::default(); CHUNK].into_boxed_slice();
        self.chunks[at] = rows.try_into().ok();
        Some(())
    }
}

/// Marks the end of a list of slab rows, and the absence of one.
pub(crate) const NONE: u32 = u32::MAX;

/// Rows that are taken and given back, named by their place.
pub(crate) struct Slab<T> {
    rows: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// Stores a row and says where.
    ///
    /// # Panics
    /// If 2^32 − 1 rows are taken at once.
    pub(crate) fn take(&mut self, row: T) -> u32 {
        if let Some(at) = self.free.pop() {
            self.rows[at as usize] = row;
            return at;
        }
        let at = u32::try_from(self.rows.len()).ok().filter(|at| *at != NONE);
        self.rows.push(row);
        at.expect("fewer than 2^32 rows are live at once")
    }

    /// Gives a row back.
    pub(crate) fn give_back(&mut self, at: u32) {
        self.free.push(at);
    }

    /// The row at a place; none at [`NONE`].
    #[inline]
    pub(crate) fn get(&self, at: u32) -> Option<&T> {
        self.rows.get(at as usize)
    }

    /// The row at a place, to change it; none at [`NONE`].
    #[inline]
    pub(crate) fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        self.rows.get_mut(at as usize)
    }
}

/// The smallest room that a list takes, as a power of two.
const LEAST_ROOM: u32 = 2;

/// Where a list of rows lies in [`Lists`]. The room it has follows from its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct List {
    at: u32,
    len: u16,
}

impl List {
    /// The empty list.
    pub(crate) const EMPTY: Self = Self { at: 0, len: 0 };

    /// Where it lies.
    pub(crate) const fn at(self) -> u32 {
        self.at
    }

    /// The room it has, as a power of two.
    fn room(self) -> u32 {
        u32::from(self.len).next_power_of_two().trailing_zeros().max(LEAST_ROOM)
    }
}

/// Short lists of rows, each in one piece so that reading it is one walk through memory. A list
/// that outgrows its room moves to one of twice the size.
pub(crate) struct Lists<T> {
    rows: Vec<T>,
    /// Rooms given back, by size.
    free: [Vec<u32>; 17],
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), free: std::array::from_fn(|_| Vec::new()) }
    }
}

impl<T: Copy + Default> Lists<T> {
    /// The rows of a list.
    #[inline]
    pub(crate) fn get(&self, list: List) -> &[T] {
        let at = list.at as usize;
        &self.rows[at..at + usize::from(list.len)]
    }

    /// The rows of a list, to change them.
    #[inline]
    pub(crate) fn get_mut(&mut self, list: List) -> &mut [T] {
        let at = list.at as usize;
        &mut self.rows[at..at + usize::from(list.len)]
    }

    /// The list with a row more; the old one is not to be used again. A row that does not fit in
    /// the longest list, of 65 535, is dropped.
    ///
    /// # Panics
    /// If 2^32 rows are kept at once.
    #[must_use]
    pub(crate) fn push(&mut self, list: List, row: T) -> List {
        let Some(len) = list.len.checked_add(1) else { return list };
        let longer = List { at: list.at, len };
        let longer = if list.len == 0 || longer.room() > list.room() {
            let at = self.take(longer.room());
            let old = list.at as usize;
            self.rows.copy_within(old..old + usize::from(list.len), at as usize);
            self.give_back(list);
            List { at, len }
        } else {
            longer
        };
        self.rows[longer.at as usize + usize::from(list.len)] = row;
        longer
    }

    /// Gives the room of a list back.
    pub(crate) fn give_back(&mut self, list: List) {
        if list.len > 0 {
            self.free[list.room() as usize].push(list.at);
        }
    }

    fn take(&mut self, room: u32) -> u32 {
        self.free[room as usize].pop().unwrap_or_else(|| {
            let at = u32::try_from(self.rows.len()).expect("fewer than 2^32 rows are kept at once");
            self.rows.resize(self.rows.len() + (1 << room), T::default());
            at
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Lists that grow and go in any order keep to themselves.
        #[test]
        fn lists_are_what_was_pushed(words in prop::collection::vec((0_usize..6, 0_u32..1_000), 0..400)) {
            let mut lists = Lists::default();
            let mut ours = [List::EMPTY; 6];
            let mut theirs: [Vec<u32>; 6] = Default::default();
            for (which, row) in words {
                if row < 50 {
                    lists.give_back(std::mem::take(&mut ours[which]));
                    theirs[which].clear();
                } else {
                    ours[which] = lists.push(ours[which], row);
                    theirs[which].push(row);
                }
                for (ours, theirs) in ours.iter().zip(&theirs) {
                    prop_assert_eq!(lists.get(*ours), theirs.as_slice());
                }
            }
        }
    }
}
