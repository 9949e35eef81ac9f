//! Sparse rectangular assignment: rows to columns at least cost, exactly.
//!
//! Every row takes one of its columns or stays without at its penalty; every column is taken at
//! most once. Solved by successive shortest augmenting paths with prices on the columns
//! (Jonker and Volgenant, Computing 38, 1987, for sparse rows): a few rounds of bidding settle
//! most rows, and each of the others is settled by one Dijkstra over reduced costs, cut off
//! where leaving a row without is cheaper.
//!
//! The prices prove the answer: no row would rather have another column at its price, columns
//! nobody took are free of charge, so the sum of what the rows pay, less the prices, is a lower
//! bound that the answer meets.
//!
//! Whole numbers only, and ties go by index, so the answer is the same everywhere.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// One column that a row may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Index of the column.
    pub column: u32,
    /// What it costs, in any unit; the same unit for all cells and penalties.
    pub cost: u32,
}

/// The problem: rows of cells, a penalty for each row, and a number of columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Matrix<'a> {
    /// For each row, where its cells begin and end in `cells`. A row names a column at most once,
    /// and its cells are sorted by cost.
    pub rows: &'a [(u32, u32)],
    /// The cells of all rows.
    pub cells: &'a [Cell],
    /// For each row, what it costs to stay without.
    pub penalties: &'a [u32],
    /// Number of columns; all cells' columns are below it.
    pub columns: usize,
}

impl<'a> Matrix<'a> {
    /// The cells of a row.
    #[must_use]
    pub fn row(&self, row: usize) -> &'a [Cell] {
        let (begin, end) = self.rows[row];
        &self.cells[begin as usize..end as usize]
    }
}

/// No row, or no column.
const NONE: u32 = u32::MAX;

/// Bidding passes before the exact search. Two are usual (Jonker and Volgenant 1987).
const BIDDING_PASSES: usize = 2;

/// What a row has: a column and its cost, or none and the penalty.
#[derive(Clone, Copy, Debug)]
struct Row {
    column: u32,
    cost: u32,
}

/// A column's price and holder, and what the current search knows of it.
///
/// Prices and distances never exceed the largest penalty, so they fit 32 bits.
#[derive(Clone, Copy, Debug)]
struct Column {
    price: u32,
    row: u32,
    distance: u32,
    from_row: u32,
}

const FREE: Column = Column { price: 0, row: NONE, distance: NONE, from_row: NONE };

/// Buffers of the solver, and the last answer. Reused: once they have grown to the largest
/// problem, nothing more is allocated.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    rows: Vec<Row>,
    columns: Vec<Column>,
    /// Rows still to be settled, and those of them that bid in this pass.
    unsettled: Vec<u32>,
    bidding: Vec<u32>,
    /// Columns the search has reached, the nearest first, and those no further than it has come.
    frontier: BinaryHeap<Reverse<u64>>,
    at_hand: Vec<u32>,
    /// Columns whose distance is to be forgotten, and those whose distance is final.
    touched: Vec<u32>,
    settled: Vec<u32>,
}

/// The answer to a problem; borrowed from the buffers.
#[derive(Clone, Copy, Debug)]
pub struct Solution<'s> {
    rows: &'s [Row],
    columns: &'s [Column],
}

impl Solution<'_> {
    /// The column a row takes, if any.
    #[must_use]
    pub fn column_of(&self, row: usize) -> Option<usize> {
        let column = self.rows[row].column;
        (column != NONE).then_some(column as usize)
    }

    /// What a row costs: the cell it takes, or its penalty.
    #[must_use]
    pub fn cost_of(&self, row: usize) -> u32 {
        self.rows[row].cost
    }

    /// What a column is worth to those who compete for it; zero if nobody took it.
    #[must_use]
    pub fn price_of(&self, column: usize) -> u32 {
        self.columns[column].price
    }

    /// What one more row like this would cost all rows together: its cost and its column's price.
    #[must_use]
    pub fn worth_of(&self, row: usize) -> u64 {
        let price = self.column_of(row).map_or(0, |column| self.price_of(column));
        u64::from(self.cost_of(row)) + u64::from(price)
    }

    /// The cost of all rows, the least there is.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.rows.iter().map(|row| u64::from(row.cost)).sum()
    }
}

/// Solves a problem exactly.
///
/// # Panics
/// If a cell's column is not below the number of columns, a row has no penalty, or its cells are
/// not sorted by cost.
pub fn assign<'s>(matrix: &Matrix<'_>, scratch: &'s mut Scratch) -> Solution<'s> {
    scratch.begin(matrix);
    for _ in 0..BIDDING_PASSES {
        scratch.bid(matrix);
    }
    for next in 0..scratch.unsettled.len() {
        let row = scratch.unsettled[next];
        scratch.augment(matrix, row);
    }
    scratch.solution()
}

/// Where a search ends: at a column nobody has, or at a row that goes without.
#[derive(Clone, Copy)]
enum End {
    Column(u32),
    Row(u32),
}

impl Scratch {
    /// The last answer.
    #[must_use]
    pub fn solution(&self) -> Solution<'_> {
        Solution { rows: &self.rows, columns: &self.columns }
    }

    fn begin(&mut self, matrix: &Matrix<'_>) {
        self.columns.clear();
        self.columns.resize(matrix.columns, FREE);
        self.rows.clear();
        let without = |&penalty| Row { column: NONE, cost: penalty };
        self.rows.extend(matrix.penalties[..matrix.rows.len()].iter().map(without));
        self.unsettled.clear();
        self.unsettled.extend((0_u32..).take(matrix.rows.len()));
        for row in 0..matrix.rows.len() {
            // The searches stop at the first cell that costs too much.
            assert!(matrix.row(row).is_sorted_by_key(|cell| cell.cost), "cells sorted by cost");
        }
    }

    /// Lets every unsettled row bid for its best column up to where the second best would do.
    ///
    /// A row whose two best are equal and taken is left for the search. Who is outbid bids in
    /// the next pass.
    fn bid(&mut self, matrix: &Matrix<'_>) {
        std::mem::swap(&mut self.unsettled, &mut self.bidding);
        self.unsettled.clear();
        for next in 0..self.bidding.len() {
            let row = self.bidding[next];
            let Some((best, margin)) = self.best(matrix, row) else { continue };
            let column = &mut self.columns[best.column as usize];
            let holder = column.row;
            if holder != NONE {
                if margin == 0 {
                    self.unsettled.push(row);
                    continue;
                }
                column.price += margin;
                let penalty = matrix.penalties[holder as usize];
                self.rows[holder as usize] = Row { column: NONE, cost: penalty };
                self.unsettled.push(holder);
            }
            column.row = row;
            self.rows[row as usize] = Row { column: best.column, cost: best.cost };
        }
    }

    /// The column a row likes best at today's prices, one that nobody has among equals, and by
    /// how much it beats the second best; none if going without is as good.
    fn best(&self, matrix: &Matrix<'_>, row: u32) -> Option<(Cell, u32)> {
        let penalty = matrix.penalties[row as usize];
        let (mut best_pays, mut second_pays) = (penalty, penalty);
        let mut best: Option<(Cell, bool)> = None;
        for &cell in matrix.row(row as usize) {
            if cell.cost > second_pays {
                break;
            }
            let Column { price, row: holder, .. } = self.columns[cell.column as usize];
            let pays = cell.cost.saturating_add(price);
            let free = holder == NONE;
            let preferred = free && best.is_some_and(|(_, free)| !free);
            if pays < best_pays || (pays == best_pays && preferred) {
                (second_pays, best_pays, best) = (best_pays, pays, Some((cell, free)));
            } else if pays < second_pays {
                second_pays = pays;
            }
        }
        best.map(|(cell, _)| (cell, second_pays - best_pays))
    }

    /// Settles one row along the cheapest chain of changes, and adjusts the prices.
    fn augment(&mut self, matrix: &Matrix<'_>, start: u32) {
        self.frontier.clear();
        self.at_hand.clear();
        let mut end = End::Row(start);
        let mut limit = matrix.penalties[start as usize];
        self.relax(matrix, start, 0, 0, &mut limit, &mut end);

        let mut reached = 0;
        while let Some((distance, index)) = self.nearest(reached) {
            if distance >= limit {
                break;
            }
            let column = self.columns[index as usize];
            if distance > column.distance {
                continue;
            }
            reached = distance;
            self.settled.push(index);
            let holder = column.row;
            let pays = u64::from(self.rows[holder as usize].cost) + u64::from(column.price);
            let base = u64::from(distance);
            let without = base + u64::from(matrix.penalties[holder as usize]) - pays;
            if without < u64::from(limit) {
                limit = u32::try_from(without).expect("it is below the limit");
                end = End::Row(holder);
            }
            self.relax(matrix, holder, base, pays, &mut limit, &mut end);
        }

        for index in self.settled.drain(..) {
            let column = &mut self.columns[index as usize];
            column.price += limit - column.distance;
        }
        self.shift(matrix, start, end);
        for index in self.touched.drain(..) {
            self.columns[index as usize].distance = NONE;
        }
    }

    /// The nearest column that is reached and not settled, given how far the search has come.
    fn nearest(&mut self, reached: u32) -> Option<(u32, u32)> {
        match self.at_hand.pop() {
            Some(column) => Some((reached, column)),
            None => self.frontier.pop().map(|Reverse(key)| unpack(key)),
        }
    }

    /// Looks at every column a row could take instead of what it pays now.
    ///
    /// A column that nobody has ends the search at once when it is the nearest end so far, so
    /// only taken columns enter the frontier.
    fn relax(
        &mut self,
        matrix: &Matrix<'_>,
        row: u32,
        base: u64,
        pays: u64,
        limit: &mut u32,
        end: &mut End,
    ) {
        for cell in matrix.row(row as usize) {
            if base + u64::from(cell.cost) >= pays + u64::from(*limit) {
                break;
            }
            let column = &mut self.columns[cell.column as usize];
            let distance = base + u64::from(cell.cost) + u64::from(column.price) - pays;
            let Ok(distance) = u32::try_from(distance) else { continue };
            if distance >= *limit || distance >= column.distance {
                continue;
            }
            if column.distance == NONE {
                self.touched.push(cell.column);
            }
            (column.distance, column.from_row) = (distance, row);
            if column.row == NONE {
                *limit = distance;
                *end = End::Column(cell.column);
            } else if u64::from(distance) == base {
                self.at_hand.push(cell.column);
            } else {
                self.frontier.push(Reverse(pack(distance, cell.column)));
            }
        }
    }

    /// Hands columns on along the chain that ends there, back to the row it started from.
    fn shift(&mut self, matrix: &Matrix<'_>, start: u32, end: End) {
        let mut column = match end {
            End::Column(column) => column,
            End::Row(row) => {
                let penalty = matrix.penalties[row as usize];
                let given_up = std::mem::replace(
                    &mut self.rows[row as usize],
                    Row { column: NONE, cost: penalty },
                );
                if row == start {
                    return;
                }
                given_up.column
            }
        };
        loop {
            let from_row = self.columns[column as usize].from_row;
            let cell = matrix.row(from_row as usize).iter().find(|cell| cell.column == column);
            let from_cost = cell.expect("the row was reached by this cell").cost;
            self.columns[column as usize].row = from_row;
            let taken = Row { column, cost: from_cost };
            let given_up = std::mem::replace(&mut self.rows[from_row as usize], taken);
            if from_row == start {
                return;
            }
            column = given_up.column;
        }
    }
}

/// Orders by distance, then by column.
fn pack(distance: u32, column: u32) -> u64 {
    u64::from(distance) << 32 | u64::from(column)
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves are taken apart")]
fn unpack(key: u64) -> (u32, u32) {
    ((key >> 32) as u32, key as u32)
}
