//! Two kinds of storage that a judge lives in: rows by dense id, and rows that come and go.
//!
//! Both grow with what is live, not with the number of facts.

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
