//! Who arrives when: seeded Poisson arrivals at a rate that changes over time.
//!
//! Arrivals are thinned from candidates, as the simulator's demand is. Candidates come in layers:
//! each layer is a steady Poisson stream, made of independent blocks of ten milliseconds, and
//! stands for a band of rates; a candidate has a height within the band and arrives if the rate at
//! its instant is above it. A candidate is keyed by its block, layer and number alone, so raising
//! the rate, by whatever shape, only ever adds arrivals, and each keeps its own number and luck.

use kernel::chance::draw;

use crate::phase::{PHASES_LIMIT, Phase, Phases};

/// Microseconds of one block. Blocks are made one at a time while the run goes on, so they are
/// short: no arrival waits for a long list to be drawn. It decides what every seed means.
const BLOCK_US: u64 = 10_000;
/// Candidates a second in one layer. It decides what every seed means.
const LAYER_PER_S: f64 = 1_000.0;
/// What an arrival's draw is for, apart from the purposes of a city's draws.
const ARRIVAL: u32 = 0x4C4F_4144;
/// Bits of an arrival's own number: block, layer, candidate.
const LAYER_BITS: u32 = 14;
const CANDIDATE_BITS: u32 = 10;

/// Arrivals a second that a shape may ask for: as many layers as there are numbers for.
pub const RATE_LIMIT_PER_S: f64 = LAYER_PER_S * (1 << LAYER_BITS) as f64;
/// Microseconds that a shape may last: a week.
pub const LASTS_LIMIT_US: u64 = 7 * 24 * 3_600 * 1_000_000;

/// Somebody who arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Its place in the list of all arrivals of the run, from 0.
    pub index: u64,
    /// A number of its own that it keeps when others are added: what its luck is drawn by.
    pub own: u64,
    /// When it is intended, µs after the run's start.
    pub at_us: u64,
}

/// A rate over time: straight pieces, one after the other, each of them a phase.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    pieces: Vec<Piece>,
}

/// A piece over which the rate goes straight from one value to another.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    name: &'static str,
    counted: bool,
    from_us: u64,
    until_us: u64,
    from_per_s: f64,
    to_per_s: f64,
}

/// A shape that no schedule can follow.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ShapeError {
    /// A rate that is negative, not a number, or over the limit.
    #[error("a rate of {per_s} a second is not between 0 and {RATE_LIMIT_PER_S}")]
    Rate {
        /// The rate asked for.
        per_s: f64,
    },
    /// Nothing to do, or too long.
    #[error("a run of {lasts_us} µs is not between 1 and {LASTS_LIMIT_US}")]
    Lasts {
        /// Length of the whole shape.
        lasts_us: u64,
    },
    /// Too many pieces.
    #[error("{pieces} phases, at most {PHASES_LIMIT}")]
    Pieces {
        /// How many.
        pieces: usize,
    },
}

impl Shape {
    /// Begins a shape of no length.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a steady piece that is not counted.
    #[must_use]
    pub fn warm_up(self, per_s: f64, lasts_us: u64) -> Self {
        self.piece("warm-up", false, per_s, per_s, lasts_us)
    }

    /// Adds a piece whose rate goes straight from one value to another.
    #[must_use]
    pub fn ramp(self, from_per_s: f64, to_per_s: f64, lasts_us: u64) -> Self {
        self.piece("ramp", true, from_per_s, to_per_s, lasts_us)
    }

    /// Adds a steady piece.
    #[must_use]
    pub fn hold(self, per_s: f64, lasts_us: u64) -> Self {
        self.piece("hold", true, per_s, per_s, lasts_us)
    }

    /// Adds a short steady piece at a high rate.
    #[must_use]
    pub fn spike(self, per_s: f64, lasts_us: u64) -> Self {
        self.piece("spike", true, per_s, per_s, lasts_us)
    }

    /// Adds a long steady piece.
    #[must_use]
    pub fn soak(self, per_s: f64, lasts_us: u64) -> Self {
        self.piece("soak", true, per_s, per_s, lasts_us)
    }

    fn piece(
        mut self,
        name: &'static str,
        counted: bool,
        from_per_s: f64,
        to_per_s: f64,
        lasts_us: u64,
    ) -> Self {
        let from_us = self.lasts_us();
        let until_us = from_us.saturating_add(lasts_us);
        self.pieces.push(Piece { name, counted, from_us, until_us, from_per_s, to_per_s });
        self
    }

    /// Gives the length of the whole, µs.
    #[must_use]
    pub fn lasts_us(&self) -> u64 {
        self.pieces.last().map_or(0, |piece| piece.until_us)
    }

    /// Gives the highest rate of the whole, a second.
    #[must_use]
    pub fn peak_per_s(&self) -> f64 {
        self.pieces.iter().map(|piece| piece.from_per_s.max(piece.to_per_s)).fold(0.0, f64::max)
    }

    /// Gives the number of arrivals expected.
    #[must_use]
    pub fn expected(&self) -> f64 {
        let mean = |piece: &Piece| f64::midpoint(piece.from_per_s, piece.to_per_s);
        let lasts_s = |piece: &Piece| (piece.until_us - piece.from_us) as f64 / 1e6;
        self.pieces.iter().map(|piece| mean(piece) * lasts_s(piece)).sum()
    }

    /// Gives the phases: the pieces that last.
    ///
    /// # Errors
    /// [`ShapeError`] when the shape cannot be followed.
    pub fn phases(&self) -> Result<Phases, ShapeError> {
        self.check()?;
        let phase = |piece: &Piece| Phase {
            name: piece.name.to_owned(),
            until_us: piece.until_us,
            counted: piece.counted,
        };
        Ok(Phases::new(self.pieces.iter().map(phase).collect()))
    }

    /// Gives the arrivals of a seed.
    ///
    /// # Errors
    /// [`ShapeError`] when the shape cannot be followed.
    pub fn schedule(&self, seed: u64) -> Result<Schedule, ShapeError> {
        self.check()?;
        Ok(Schedule { shape: self.clone(), seed, block: 0, drawn: Vec::new(), next: 0, index: 0 })
    }

    fn check(&self) -> Result<(), ShapeError> {
        if self.pieces.len() > PHASES_LIMIT {
            return Err(ShapeError::Pieces { pieces: self.pieces.len() });
        }
        let lasts_us = self.lasts_us();
        if !(1..=LASTS_LIMIT_US).contains(&lasts_us) {
            return Err(ShapeError::Lasts { lasts_us });
        }
        let rates = self.pieces.iter().flat_map(|piece| [piece.from_per_s, piece.to_per_s]);
        for per_s in rates {
            if !(0.0..=RATE_LIMIT_PER_S).contains(&per_s) {
                return Err(ShapeError::Rate { per_s });
            }
        }
        Ok(())
    }

    /// The highest rate within a block.
    fn most_per_s(&self, from_us: u64, until_us: u64) -> f64 {
        let met = |piece: &&Piece| piece.from_us < until_us && from_us < piece.until_us;
        let most = |piece: &Piece| {
            let first = piece.rate_per_s(from_us.max(piece.from_us));
            first.max(piece.rate_per_s(until_us.min(piece.until_us)))
        };
        self.pieces.iter().filter(met).map(most).fold(0.0, f64::max)
    }

    /// The rate at an instant; zero after the end.
    fn rate_per_s(&self, at_us: u64) -> f64 {
        let piece = self.pieces.partition_point(|piece| piece.until_us <= at_us);
        self.pieces.get(piece).map_or(0.0, |piece| piece.rate_per_s(at_us))
    }
}

impl Piece {
    fn rate_per_s(&self, at_us: u64) -> f64 {
        let share = (at_us - self.from_us) as f64 / (self.until_us - self.from_us).max(1) as f64;
        self.from_per_s + (self.to_per_s - self.from_per_s) * share
    }
}

/// The arrivals of one shape and seed, in order of time. It draws ten milliseconds ahead.
#[derive(Clone, Debug)]
pub struct Schedule {
    shape: Shape,
    seed: u64,
    block: u64,
    drawn: Vec<(u64, u64)>,
    next: usize,
    index: u64,
}

impl Iterator for Schedule {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        while self.next == self.drawn.len() {
            if self.block * BLOCK_US >= self.shape.lasts_us() {
                return None;
            }
            self.draw_block();
        }
        let (at_us, own) = self.drawn[self.next];
        self.next += 1;
        self.index += 1;
        Some(Arrival { index: self.index - 1, own, at_us })
    }
}

impl Schedule {
    /// Draws the arrivals of the next block.
    fn draw_block(&mut self) {
        self.drawn.clear();
        self.next = 0;
        let from_us = self.block * BLOCK_US;
        let most = self.shape.most_per_s(from_us, from_us + BLOCK_US);
        let mut layer = 0;
        while f64::from(layer) * LAYER_PER_S < most {
            self.draw_layer(layer, from_us);
            layer += 1;
        }
        self.drawn.sort_unstable();
        self.block += 1;
    }

    /// Appends those candidates of one layer of the block that arrive.
    #[expect(clippy::cast_possible_truncation, reason = "less than a block")]
    #[expect(clippy::cast_sign_loss, reason = "times are not negative")]
    fn draw_layer(&mut self, layer: u32, from_us: u64) {
        let mut at_s = 0.0;
        for number in 0..1_u64 << CANDIDATE_BITS {
            let own = (self.block << LAYER_BITS | u64::from(layer)) << CANDIDATE_BITS | number;
            let mut draw = draw(self.seed, own, ARRIVAL, 0);
            at_s += draw.exponential(1.0 / LAYER_PER_S);
            let offset_us = (at_s * 1e6) as u64;
            if offset_us >= BLOCK_US {
                return;
            }
            let height = (f64::from(layer) + draw.unit()) * LAYER_PER_S;
            let at_us = from_us + offset_us;
            if height < self.shape.rate_per_s(at_us) {
                self.drawn.push((at_us, own));
            }
        }
    }
}

#[cfg(test)]
mod tests;
