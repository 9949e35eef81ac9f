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
use crate::weight::Weight;
use crate::{NodeId, Roads};

/// How many blocks one mask can name.
const BLOCKS_PER_WORD: usize = 64;
/// What a row holds where there is no way within the limit.
const NONE: u16 = u16::MAX;

/// Times and lengths of rides between stores and the nodes near them, both ways.
///
/// A time is kept to the nearest multiple of [`StoreTables::quantum_ms`] (32 ms at the limit of
/// 20 minutes), so it is within half of that of the sum of its arcs' times, and exactly that sum
/// where [`Roads::set_grain`] was told the same step. What takes longer than the limit is absent:
/// ask [`Roads::travel`] for the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreTables {
    stores: Vec<NodeId>,
    /// By store, its slot: stores near each other have slots near each other.
    slots: Vec<u32>,
    /// By slot, the store.
    stores_by_slot: Vec<StoreId>,
    limit_ms: u32,
    scale: Scale,
    outward: Table,
    homeward: Table,
}

impl StoreTables {
    /// The limit used unless a scenario says otherwise: 20 minutes.
    ///
    /// Assumed: twice the ten-minute promise, beyond which no store serves a door.
    pub const LIMIT_MS: u32 = 1_200_000;
    /// The longest limit: 3 hours.
    pub const LONGEST_LIMIT_MS: u32 = 10_800_000;

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
        let scale = Scale::new(limit_ms);
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
            let blocks = ranks.chunks(LANES).map(|block| Block::of(&mut sweep, block, scale));
            Table::new(hierarchy.nodes_by_rank(), &blocks.collect::<Vec<_>>())
        };
        let (outward, homeward) = (table(Direction::Outward), table(Direction::Homeward));
        let stores = stores.to_vec();
        Self { stores, slots, stores_by_slot, limit_ms, scale, outward, homeward }
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
        1 << self.scale.quantum_log
    }

    /// The step to which tables with a limit round times, in milliseconds.
    #[must_use]
    pub fn quantum_of(limit_ms: u32) -> u32 {
        1 << Scale::new(limit_ms.min(Self::LONGEST_LIMIT_MS)).quantum_log
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
            .map(|(slot, steps)| (self.stores_by_slot[slot], steps << self.scale.quantum_log))
    }

    #[inline]
    fn ms(&self, table: &Table, store: StoreId, node: NodeId) -> Option<u32> {
        let (row, lane) = table.find(self.slots[store.index()], node)?;
        known(table.ms[row][lane]).map(|steps| steps << self.scale.quantum_log)
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
    fn of(sweep: &mut Sweep<'_>, sources: &[u32], scale: Scale) -> Self {
        let mut block = Self { ranks: Vec::new(), ms: Vec::new(), m: Vec::new() };
        sweep.run(sources, |rank, row| {
            block.ranks.push(rank);
            block.ms.push(row.map(|lane| scale.time(lane)));
            block.m.push(row.map(|lane| scale.length(lane)));
        });
        block
    }
}

/// How entries are made from lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scale {
    limit_ms: i32,
    /// The logarithm of the quantum to base 2.
    quantum_log: u32,
}

impl Scale {
    fn new(limit_ms: u32) -> Self {
        let steps = u32::from(NONE) - 1;
        let quantum_ms = limit_ms.div_ceil(steps).next_power_of_two();
        let limit_ms = i32::try_from(limit_ms).expect("limits are at most 3 hours");
        Self { limit_ms, quantum_log: quantum_ms.ilog2() }
    }

    /// A lane's time in quanta, rounded to the nearest.
    #[inline]
    fn time(self, lane: Weight) -> u16 {
        let ms = lane.ms();
        let half = (1 << self.quantum_log) >> 1;
        let steps = (ms.min(self.limit_ms) + half) >> self.quantum_log;
        self.entry(ms, steps)
    }

    /// A lane's length in metres, rounded to the nearest.
    #[inline]
    fn length(self, lane: Weight) -> u16 {
        let length_dm = lane.length_dm();
        self.entry(lane.ms(), (length_dm.clamp(0, 10 * i32::from(NONE)) + 5) / 10)
    }

    /// A value's entry, if the ride is within the limit and the value fits.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "larger values count as none")]
    #[expect(clippy::cast_sign_loss, reason = "costs are not negative")]
    fn entry(self, ms: i32, value: i32) -> u16 {
        if ms <= self.limit_ms { value.min(i32::from(NONE)) as u16 } else { NONE }
    }
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

    /// The blocks that are near, lowest first, which is the order of their rows.
    fn bits(self) -> impl Iterator<Item = usize> {
        let left = |mask: &u64| Some(mask & mask.wrapping_sub(1));
        let masks = std::iter::successors(Some(self.mask), left).take_while(|&mask| mask != 0);
        masks.map(|mask| mask.trailing_zeros() as usize)
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
            let rows = &self.ms[span.first_row as usize..];
            span.bits().zip(rows).flat_map(move |(bit, row)| {
                let first = (word * BLOCKS_PER_WORD + bit) * LANES;
                let entries = row.iter().enumerate();
                entries.filter_map(move |(lane, &entry)| Some((first + lane, known(entry)?)))
            })
        })
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.spans) + size_of_val(&*self.ms) + size_of_val(&*self.m)
    }
}
