//! Chains of fixed-size blocks in one pool: what the buckets of a radix heap are made of.
//!
//! A pool grows by an eighth and never shrinks, and a freed block is the next one used. So memory
//! follows the most entries ever pending, nothing is allocated in steady state, and an emptied
//! block is written again while it is still in cache.

/// Entries in a block. Smaller ones waste less at the ends of chains; larger ones stream better.
pub(super) const BLOCK: u32 = 64;

/// Ends a chain of blocks.
const NO_BLOCK: u32 = u32::MAX;

/// A scheduled event: its ordering key, its slot if it can be cancelled, and itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<E> {
    pub(super) key: u64,
    pub(super) slot: u32,
    pub(super) event: E,
}

/// A first-in, first-out list of entries. Positions are indices into the pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    /// Where the first entry is, if there is one.
    head: u32,
    /// Where the next entry goes; a multiple of [`BLOCK`] says that a block is needed first.
    tail: u32,
    len: u32,
}

impl Chain {
    /// The chain without entries or blocks.
    pub(super) const EMPTY: Self = Self { head: 0, tail: 0, len: 0 };

    /// Counts the entries.
    #[inline]
    pub(super) fn len(&self) -> u32 {
        self.len
    }
}

/// The pool: all blocks of all chains of a queue, and the free ones.
#[derive(Debug)]
pub(super) struct Blocks<E> {
    entries: Vec<Entry<E>>,
    /// For each block the next one of its chain, or of the free ones.
    next: Vec<u32>,
    free: u32,
}

impl<E> Default for Blocks<E> {
    fn default() -> Self {
        Self { entries: Vec::new(), next: Vec::new(), free: NO_BLOCK }
    }
}

impl<E: Copy> Blocks<E> {
    /// Appends an entry to a chain.
    #[inline]
    pub(super) fn push(&mut self, chain: &mut Chain, entry: Entry<E>) {
        if chain.tail.is_multiple_of(BLOCK) {
            self.extend(chain, entry);
        }
        self.entries[chain.tail as usize] = entry;
        chain.tail += 1;
        chain.len += 1;
    }

    /// Looks at the first entry of a chain that has one.
    pub(super) fn first(&self, chain: &Chain) -> &Entry<E> {
        &self.entries[chain.head as usize]
    }

    /// Removes the first entry of a chain that has one.
    pub(super) fn pop(&mut self, chain: &mut Chain) -> Entry<E> {
        let entry = self.entries[chain.head as usize];
        let block = chain.head / BLOCK;
        chain.head += 1;
        chain.len -= 1;
        if chain.len == 0 {
            self.give_back(block);
            *chain = Chain::EMPTY;
        } else if chain.head.is_multiple_of(BLOCK) {
            chain.head = self.next[block as usize] * BLOCK;
            self.give_back(block);
        }
        entry
    }

    /// Moves the entries of a chain's first block to the end of a buffer; false if there are none.
    pub(super) fn pop_block(&mut self, chain: &mut Chain, buffer: &mut Vec<Entry<E>>) -> bool {
        if chain.len == 0 {
            return false;
        }
        let block = chain.head / BLOCK;
        let in_block = ((block + 1) * BLOCK - chain.head).min(chain.len);
        let from = chain.head as usize;
        buffer.extend_from_slice(&self.entries[from..from + in_block as usize]);
        chain.len -= in_block;
        if chain.len == 0 {
            *chain = Chain::EMPTY;
        } else {
            chain.head = self.next[block as usize] * BLOCK;
        }
        self.give_back(block);
        true
    }

    /// Counts the bytes reserved.
    pub(super) fn heap_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry<E>>() + self.next.capacity() * size_of::<u32>()
    }

    /// Gives a chain one more block, its first one if it has no entries.
    #[cold]
    fn extend(&mut self, chain: &mut Chain, filler: Entry<E>) {
        let block = self.take(filler);
        if chain.len == 0 {
            chain.head = block * BLOCK;
        } else {
            self.next[((chain.tail - 1) / BLOCK) as usize] = block;
        }
        chain.tail = block * BLOCK;
    }

    /// Takes a free block, or makes one.
    ///
    /// # Panics
    /// At 2³² entries.
    fn take(&mut self, filler: Entry<E>) -> u32 {
        if self.free != NO_BLOCK {
            let block = self.free;
            self.free = self.next[block as usize];
            return block;
        }
        let room = BLOCK as usize;
        let full = self.entries.len() + room;
        assert!(full < u32::MAX as usize, "more pending events than positions");
        let block = u32::try_from(self.next.len()).expect("there are fewer blocks than positions");
        if self.entries.capacity() < full {
            self.entries.reserve_exact((self.entries.len() / 8).max(room));
        }
        self.entries.resize(full, filler);
        self.next.push(NO_BLOCK);
        block
    }

    fn give_back(&mut self, block: u32) {
        self.next[block as usize] = self.free;
        self.free = block;
    }
}
