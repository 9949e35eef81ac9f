//! Riding times between stores and every node near them, looked up rather than searched.
//!
//! Every delivery starts or ends at a store. Stores are taken sixteen at a time, in blocks; a
//! node has a row of sixteen times for each block of which at least one store is near it, and a
//! bit mask that says which blocks those are. A lookup reads the mask and one row.
//!
//! ```text
//!  spans[node]  ──►  first row, mask 0b0101   (blocks 0 and 2 are near)
//!  rows         ──►  [block 0: s0 s1 … s15] [block 2: s32 … s47]
//! ```

use domain::ids::StoreId;

use crate::sweep::{Direction, LANES, Sweep};
use crate::{NodeId, Roads};

/// How many blocks one mask can name.
const BLOCKS_PER_WORD: usize = 64;
/// What a row holds where there is no way within the limit.
const NONE: u16 = u16::MAX;

/// Times and lengths of rides between stores and the nodes near them, both ways.
///
/// A time is kept to the nearest multiple of [`StoreTables::quantum_ms`] (19 ms at the limit of
/// 20 minutes), so it is within half of that of the sum of its arcs' times. What takes longer
/// than the limit is absent: ask [`Roads::travel_ms`] for the exact answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreTables {
    stores: Vec<NodeId>,
    /// By store, its slot: stores near each other have slots near each other.
    slots: Vec<u32>,
    /// By slot, the store.
    stores_by_slot: Vec<StoreId>,
    limit_ms: u32,
    quantum_ms: u32,
    outward: Table,
    homeward: Table,
}

impl StoreTables {
    /// The limit used unless a scenario says otherwise: 20 minutes.
    ///
    /// Assumed: twice the ten-minute promise, beyond which no store serves a door.
    pub const LIMIT_MS: u32 = 1_200_000;
    /// The longest limit: 3 hours.
    pub const LONGEST_LIMIT_MS: u32 = Sweep::LIMIT_MS;

    /// Works out the tables for the roads as they are now.
    ///
    /// `stores[i]` is the node of `StoreId(i)`. Times longer than `limit_ms` are left out; a
    /// limit above [`StoreTables::LONGEST_LIMIT_MS`] is cut to it. After the roads change, build
    /// the tables again.
    ///
    /// # Panics
    /// If a store's node is not of this network.
    #[must_use]
    pub fn build(roads: &Roads, stores: &[NodeId], limit_ms: u32) -> Self {
        let limit_ms = limit_ms.min(Self::LONGEST_LIMIT_MS);
        let steps = u32::from(NONE) - 1;
        let quantum_ms = limit_ms.div_ceil(steps).max(1);
        let (hierarchy, metric) = roads.hierarchy();
        // The order of contraction keeps neighbours together, so stores in that order share
        // rows with stores near them, and rows elsewhere are not needed.
        let mut stores_by_slot: Vec<StoreId> = (0..stores.len()).map(StoreId::at).collect();
        stores_by_slot.sort_by_key(|store| hierarchy.rank(stores[store.index()]));
        let mut slots = vec![0; stores.len()];
        for (slot, store) in (0..).zip(&stores_by_slot) {
            slots[store.index()] = slot;
        }
        let ranks: Vec<u32> =
            stores_by_slot.iter().map(|store| hierarchy.rank(stores[store.index()])).collect();
        let table = |direction| {
            let mut sweep = Sweep::new(hierarchy, metric, direction, limit_ms);
            let blocks = ranks.chunks(LANES).map(|block| Block::of(&mut sweep, block, quantum_ms));
            Table::new(hierarchy.nodes_by_rank(), &blocks.collect::<Vec<_>>())
        };
        let (outward, homeward) = (table(Direction::Outward), table(Direction::Homeward));
        let stores = stores.to_vec();
        Self { stores, slots, stores_by_slot, limit_ms, quantum_ms, outward, homeward }
    }

    /// The nodes of the stores, by store.
    #[must_use]
    pub fn stores(&self) -> &[NodeId] {
        &self.stores
    }

    /// The longest time kept, in milliseconds.
    #[must_use]
    pub const fn limit_ms(&self) -> u32 {
        self.limit_ms
    }

    /// The step to which times are rounded, in milliseconds.
    #[must_use]
    pub const fn quantum_ms(&self) -> u32 {
        self.quantum_ms
    }

    /// The bytes of memory the tables take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.outward.bytes() + self.homeward.bytes() + self.stores.len() * size_of::<[u32; 3]>()
    }

    /// Riding time from a store to a node, in milliseconds; none if it is beyond the limit.
    ///
    /// # Panics
    /// If the store or the node does not exist.
    #[must_use]
    #[inline]
    pub fn from_store_ms(&self, store: StoreId, node: NodeId) -> Option<u32> {
        self.ms(&self.outward, store, node)
    }

    /// Riding time from a node to a store, in milliseconds; none if it is beyond the limit.
    ///
    /// # Panics
    /// If the store or the node does not exist.
    #[must_use]
    #[inline]
    pub fn to_store_ms(&self, node: NodeId, store: StoreId) -> Option<u32> {
        self.ms(&self.homeward, store, node)
    }

    /// Length of the quickest ride from a store to a node, in metres; none if the ride is beyond
    /// the limit, or longer than 65 km.
    ///
    /// # Panics
    /// If the store or the node does not exist.
    #[must_use]
    #[inline]
    pub fn from_store_m(&self, store: StoreId, node: NodeId) -> Option<u32> {
        self.m(&self.outward, store, node)
    }

    /// Length of the quickest ride from a node to a store, in metres; none if the ride is beyond
    /// the limit, or longer than 65 km.
    ///
    /// # Panics
    /// If the store or the node does not exist.
    #[must_use]
    #[inline]
    pub fn to_store_m(&self, node: NodeId, store: StoreId) -> Option<u32> {
        self.m(&self.homeward, store, node)
    }

    /// The stores that reach a node within the limit, and their riding times in milliseconds,
    /// in an order that is always the same but is neither by store nor by time.
    ///
    /// # Panics
    /// If the node does not exist.
    pub fn stores_near(&self, node: NodeId) -> impl Iterator<Item = (StoreId, u32)> {
        self.outward
            .near(node)
            .map(|(slot, steps)| (self.stores_by_slot[slot], steps * self.quantum_ms))
    }

    #[inline]
    fn ms(&self, table: &Table, store: StoreId, node: NodeId) -> Option<u32> {
        let (row, lane) = table.find(self.slots[store.index()], node)?;
        known(table.ms[row][lane]).map(|steps| steps * self.quantum_ms)
    }

    #[inline]
    fn m(&self, table: &Table, store: StoreId, node: NodeId) -> Option<u32> {
        let (row, lane) = table.find(self.slots[store.index()], node)?;
        known(table.m[row][lane])
    }
}

/// What an entry says, if anything.
#[inline]
fn known(entry: u16) -> Option<u32> {
    (entry != NONE).then_some(u32::from(entry))
}

/// The entries of one block: for each rank near one of its stores, in falling order, a row.
struct Block {
    ranks: Vec<u32>,
    /// Times in quanta.
    ms: Vec<[u16; LANES]>,
    /// Lengths in metres.
    m: Vec<[u16; LANES]>,
}

impl Block {
    fn of(sweep: &mut Sweep<'_>, sources: &[u32], quantum_ms: u32) -> Self {
        let mut near: Vec<(u32, [f64; LANES])> = Vec::new();
        sweep.run(sources, |rank, row| near.push((rank, *row)));
        let mut block = Self { ranks: Vec::new(), ms: Vec::new(), m: Vec::new() };
        for (rank, row) in near {
            let row = row.map(|lane| sweep.within(lane));
            block.ranks.push(rank);
            block.ms.push(
                row.map(|cost| entry(cost.map(|(ms, _)| (ms + quantum_ms / 2) / quantum_ms))),
            );
            block.m.push(row.map(|cost| entry(cost.map(|(_, length_dm)| (length_dm + 5) / 10))));
        }
        block
    }
}

/// The entry for a value; that of none if it is too large.
fn entry(value: Option<u32>) -> u16 {
    value.and_then(|value| u16::try_from(value).ok()).unwrap_or(NONE)
}

/// Which blocks are near a node, and where the node's rows start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    mask: u64,
    first_row: u32,
}

impl Span {
    /// The row of a block, if it is near.
    #[inline]
    fn row(self, bit: usize) -> Option<usize> {
        let below = self.mask & ((1 << bit) - 1);
        (self.mask >> bit & 1 == 1).then_some(self.first_row as usize + below.count_ones() as usize)
    }
}

/// Rows of sixteen entries by node and block; rows without entries are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Table {
    /// How many spans a node has: one for every 64 blocks.
    words: usize,
    spans: Vec<Span>,
    ms: Vec<[u16; LANES]>,
    m: Vec<[u16; LANES]>,
}

impl Table {
    /// Lays out blocks by node; `nodes` are the nodes by rank.
    fn new(nodes: &[NodeId], blocks: &[Block]) -> Self {
        let words = blocks.len().div_ceil(BLOCKS_PER_WORD).max(1);
        let mut spans = vec![Span::default(); nodes.len() * words];
        let span = |block: usize, rank: u32| {
            nodes[rank as usize].index() * words + block / BLOCKS_PER_WORD
        };
        for (b, block) in blocks.iter().enumerate() {
            for &rank in &block.ranks {
                spans[span(b, rank)].mask |= 1 << (b % BLOCKS_PER_WORD);
            }
        }
        let mut rows = 0;
        for span in &mut spans {
            span.first_row = rows;
            rows += span.mask.count_ones();
        }
        let mut ms = vec![[NONE; LANES]; rows as usize];
        let mut m = ms.clone();
        for (b, block) in blocks.iter().enumerate() {
            for (i, &rank) in block.ranks.iter().enumerate() {
                let row = spans[span(b, rank)].row(b % BLOCKS_PER_WORD);
                let row = row.expect("its bit was set above");
                ms[row] = block.ms[i];
                m[row] = block.m[i];
            }
        }
        Self { words, spans, ms, m }
    }

    /// The row and the lane of a slot at a node, if its block is near.
    #[inline]
    fn find(&self, slot: u32, node: NodeId) -> Option<(usize, usize)> {
        let slot = slot as usize;
        let block = slot / LANES;
        let span = self.spans[node.index() * self.words + block / BLOCKS_PER_WORD];
        Some((span.row(block % BLOCKS_PER_WORD)?, slot % LANES))
    }

    /// The slots that have an entry at a node, and the entries.
    fn near(&self, node: NodeId) -> impl Iterator<Item = (usize, u32)> {
        let spans = &self.spans[node.index() * self.words..(node.index() + 1) * self.words];
        spans.iter().enumerate().flat_map(move |(word, &span)| {
            let rows = (0..BLOCKS_PER_WORD).filter_map(move |bit| Some((bit, span.row(bit)?)));
            rows.flat_map(move |(bit, row)| {
                let first = (word * BLOCKS_PER_WORD + bit) * LANES;
                let entries = self.ms[row].iter().enumerate();
                entries.filter_map(move |(lane, &entry)| Some((first + lane, known(entry)?)))
            })
        })
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.spans) + size_of_val(&*self.ms) + size_of_val(&*self.m)
    }
}
