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

use crate::search::{Direction, Search};
use crate::weight::Weight;
use crate::{NodeId, Roads};

/// How many stores share a row.
const LANES: usize = 16;
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
    limit_ms: u32,
    quantum_ms: u32,
    from_store_ms: Table,
    from_store_m: Table,
    to_store_ms: Table,
}

impl StoreTables {
    /// The limit used unless a scenario says otherwise: 20 minutes.
    ///
    /// Assumed: twice the ten-minute promise, beyond which no store serves a door.
    pub const LIMIT_MS: u32 = 1_200_000;

    /// Works out the tables for the roads as they are now.
    ///
    /// `stores[i]` is the node of `StoreId(i)`. Times longer than `limit_ms` are left out. After
    /// the roads change, build them again.
    ///
    /// # Panics
    /// If a store's node is not of this network.
    #[must_use]
    pub fn build(roads: &Roads, stores: &[NodeId], limit_ms: u32) -> Self {
        let steps = u32::from(NONE) - 1;
        let quantum_ms = limit_ms.div_ceil(steps).max(1);
        let time = |cost: Weight| entry((cost.ms() + quantum_ms / 2) / quantum_ms);
        let length = |cost: Weight| entry(cost.length_dm().saturating_add(5) / 10);
        let outward = costs(roads, stores, Direction::Forward, limit_ms);
        let homeward = costs(roads, stores, Direction::Backward, limit_ms);
        Self {
            stores: stores.to_vec(),
            limit_ms,
            quantum_ms,
            from_store_ms: Table::new(roads.nodes(), &outward, time),
            from_store_m: Table::new(roads.nodes(), &outward, length),
            to_store_ms: Table::new(roads.nodes(), &homeward, time),
        }
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
        let tables = [&self.from_store_ms, &self.from_store_m, &self.to_store_ms];
        tables.iter().map(|table| table.bytes()).sum::<usize>() + size_of_val(&*self.stores)
    }

    /// Riding time from a store to a node, in milliseconds; none if it is beyond the limit.
    ///
    /// # Panics
    /// If the store or the node does not exist.
    #[must_use]
    #[inline]
    pub fn from_store_ms(&self, store: StoreId, node: NodeId) -> Option<u32> {
        self.from_store_ms.get(store, node).map(|steps| steps * self.quantum_ms)
    }

    /// Riding time from a node to a store, in milliseconds; none if it is beyond the limit.
    ///
    /// # Panics
    /// If the store or the node does not exist.
    #[must_use]
    #[inline]
    pub fn to_store_ms(&self, node: NodeId, store: StoreId) -> Option<u32> {
        self.to_store_ms.get(store, node).map(|steps| steps * self.quantum_ms)
    }

    /// Length of the quickest ride from a store to a node, in metres; none if the ride is beyond
    /// the limit, or longer than 65 km.
    ///
    /// # Panics
    /// If the store or the node does not exist.
    #[must_use]
    #[inline]
    pub fn from_store_m(&self, store: StoreId, node: NodeId) -> Option<u32> {
        self.from_store_m.get(store, node)
    }

    /// The stores that reach a node within the limit, and their riding times in milliseconds,
    /// by store.
    ///
    /// # Panics
    /// If the node does not exist.
    pub fn stores_near(&self, node: NodeId) -> impl Iterator<Item = (StoreId, u32)> {
        self.from_store_ms.near(node).map(|(store, steps)| (store, steps * self.quantum_ms))
    }
}

/// A table's entry for a value; none if it is too large.
fn entry(value: u32) -> u16 {
    u16::try_from(value).unwrap_or(NONE)
}

/// One block's costs: for each node near one of its stores, a row of costs.
type BlockCosts = Vec<(NodeId, [Weight; LANES])>;

/// The costs within the limit, block by block.
fn costs(roads: &Roads, stores: &[NodeId], direction: Direction, limit_ms: u32) -> Vec<BlockCosts> {
    let search = Search::new(roads.graph(), roads.weights(), direction);
    let mut blocks = Vec::new();
    for block in stores.chunks(LANES) {
        let mut rows = vec![[Weight::CLOSED; LANES]; roads.nodes()];
        for (lane, &store) in block.iter().enumerate() {
            for (row, cost) in rows.iter_mut().zip(search.run(store, None, limit_ms).costs) {
                row[lane] = cost;
            }
        }
        let near = |row: &[Weight; LANES]| row.iter().any(|cost| cost.open().is_some());
        let nodes = (0..rows.len()).map(NodeId::at);
        blocks.push(nodes.zip(rows).filter(|(_, row)| near(row)).collect());
    }
    blocks
}

/// Which blocks are near a node, and where the node's rows start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    mask: u64,
    first_row: u32,
}

/// Rows of sixteen entries by node and block; rows without entries are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Table {
    stores: usize,
    /// How many spans a node has: one for every 64 blocks.
    words: usize,
    spans: Vec<Span>,
    rows: Vec<[u16; LANES]>,
}

impl Table {
    /// Lays out the entries made from the costs of each block.
    fn new(nodes: usize, blocks: &[BlockCosts], make: impl Fn(Weight) -> u16) -> Self {
        let words = blocks.len().div_ceil(BLOCKS_PER_WORD).max(1);
        let mut spans = vec![Span::default(); nodes * words];
        for (block, costs) in blocks.iter().enumerate() {
            for (node, _) in costs {
                spans[node.index() * words + block / BLOCKS_PER_WORD].mask |=
                    1 << (block % BLOCKS_PER_WORD);
            }
        }
        let mut count = 0;
        for span in &mut spans {
            span.first_row = count;
            count += span.mask.count_ones();
        }
        let mut rows = vec![[NONE; LANES]; count as usize];
        for (block, costs) in blocks.iter().enumerate() {
            for (node, costs) in costs {
                let span = spans[node.index() * words + block / BLOCKS_PER_WORD];
                let row = span.row(block % BLOCKS_PER_WORD);
                rows[row] = costs.map(|cost| cost.open().map_or(NONE, &make));
            }
        }
        Self { stores: blocks.len() * LANES, words, spans, rows }
    }

    #[inline]
    fn get(&self, store: StoreId, node: NodeId) -> Option<u32> {
        let block = store.index() / LANES;
        assert!(store.index() < self.stores, "a store of these tables");
        let span = self.spans[node.index() * self.words + block / BLOCKS_PER_WORD];
        let bit = block % BLOCKS_PER_WORD;
        if span.mask >> bit & 1 == 0 {
            return None;
        }
        let entry = self.rows[span.row(bit)][store.index() % LANES];
        (entry != NONE).then_some(u32::from(entry))
    }

    /// The stores that have an entry at a node, and the entries.
    fn near(&self, node: NodeId) -> impl Iterator<Item = (StoreId, u32)> {
        let spans = &self.spans[node.index() * self.words..(node.index() + 1) * self.words];
        spans.iter().enumerate().flat_map(move |(word, &span)| {
            let bits = (0..BLOCKS_PER_WORD).filter(move |bit| span.mask >> bit & 1 == 1);
            bits.flat_map(move |bit| {
                let first = (word * BLOCKS_PER_WORD + bit) * LANES;
                let row = self.rows[span.row(bit)].iter().enumerate();
                row.filter(|&(_, &entry)| entry != NONE)
                    .map(move |(lane, &entry)| (StoreId::at(first + lane), u32::from(entry)))
            })
        })
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.spans) + size_of_val(&*self.rows)
    }
}

impl Span {
    /// The row of a block whose bit is set.
    fn row(self, bit: usize) -> usize {
        let below = self.mask & ((1 << bit) - 1);
        self.first_row as usize + below.count_ones() as usize
    }
}
