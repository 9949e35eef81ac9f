//! Which of many sites is nearest to a point.

use crate::plane::Xy;

/// Sites sorted into square cells.
#[derive(Clone, Debug)]
pub(crate) struct Nearest {
    /// Sites with their numbers, cell by cell.
    sites: Vec<(Xy, u32)>,
    cell_m: f64,
    corner: Xy,
    columns: usize,
    rows: usize,
    /// `first[c]..first[c + 1]` are the positions in `sites` of cell `c`.
    first: Vec<usize>,
}

impl Nearest {
    /// Sorts sites such that what is within `cell_m` of a point is found.
    ///
    /// # Panics
    /// If there are no sites.
    pub(crate) fn new(sites: &[Xy], cell_m: f64) -> Self {
        assert!(!sites.is_empty(), "a city has a store");
        let least = |of: fn(&Xy) -> f64| sites.iter().map(of).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&Xy) -> f64| sites.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let corner = Xy { x: least(|at| at.x), y: least(|at| at.y) };
        let columns = cell(most(|at| at.x) - corner.x, cell_m) + 1;
        let rows = cell(most(|at| at.y) - corner.y, cell_m) + 1;
        let cell_of =
            |at: Xy| cell(at.y - corner.y, cell_m) * columns + cell(at.x - corner.x, cell_m);
        let mut sites: Vec<(Xy, u32)> = sites.iter().copied().zip(0_u32..).collect();
        sites.sort_by_key(|&(at, number)| (cell_of(at), number));
        let cells = 0..=rows * columns;
        let first = cells.map(|c| sites.partition_point(|&(at, _)| cell_of(at) < c)).collect();
        Self { sites, cell_m, corner, columns, rows, first }
    }

    /// The nearest site within the cell's width, and how far it is, squared; of equally near ones,
    /// the first.
    pub(crate) fn find(&self, at: Xy) -> Option<(u32, f64)> {
        let mut nearest = (f64::INFINITY, u32::MAX);
        let columns = self.near(at.x - self.corner.x, self.columns);
        for row in self.near(at.y - self.corner.y, self.rows) {
            let from = self.first[row * self.columns + columns.start];
            let to = self.first[row * self.columns + columns.end];
            for &(site, number) in self.sites.get(from..to).unwrap_or(&[]) {
                let found = (at.distance_m2(site), number);
                if found < nearest {
                    nearest = found;
                }
            }
        }
        let (m2, number) = nearest;
        (m2 <= self.cell_m * self.cell_m).then_some((number, m2))
    }

    /// The south-western corner, and how far the sites reach from it, metres.
    pub(crate) fn extent(&self) -> (Xy, Xy) {
        #[expect(clippy::cast_precision_loss, reason = "cells are few")]
        let reach = |cells: usize| cells as f64 * self.cell_m;
        (self.corner, Xy { x: reach(self.columns), y: reach(self.rows) })
    }

    /// The cells next to an offset's, its own among them.
    fn near(&self, offset_m: f64, count: usize) -> std::ops::Range<usize> {
        if offset_m < -self.cell_m {
            return 0..0;
        }
        let own = cell(offset_m.max(0.0), self.cell_m).min(count);
        own.saturating_sub(1)..(own + 2).min(count)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
#[expect(clippy::cast_sign_loss, reason = "offsets are from the lowest corner")]
pub(crate) fn cell(offset_m: f64, cell_m: f64) -> usize {
    (offset_m / cell_m) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The grid finds what a look at every site finds.
        #[test]
        fn as_by_looking_at_all(
            sites in prop::collection::vec((-9e3_f64..9e3, -9e3_f64..9e3), 1..60),
            (x, y) in (-12e3_f64..12e3, -12e3_f64..12e3),
            cell_m in 300.0_f64..5e3,
        ) {
            let sites: Vec<Xy> = sites.into_iter().map(|(x, y)| Xy { x, y }).collect();
            let at = Xy { x, y };
            let all = sites.iter().zip(0_u32..).map(|(site, number)| (at.distance_m2(*site), number));
            let best = all.min_by(|a, b| a.partial_cmp(b).unwrap()).unwrap();
            let want = (best.0 <= cell_m * cell_m).then_some((best.1, best.0));
            prop_assert_eq!(Nearest::new(&sites, cell_m).find(at), want);
        }
    }
}
