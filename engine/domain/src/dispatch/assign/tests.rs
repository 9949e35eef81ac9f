//! The solver against two oracles, and against its own proof.

use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix as Dense;
use proptest::prelude::*;

use super::*;

/// A problem that owns its parts.
#[derive(Clone, Debug, Default)]
struct Problem {
    rows: Vec<(u32, u32)>,
    cells: Vec<Cell>,
    penalties: Vec<u32>,
    columns: usize,
}

impl Problem {
    fn new(columns: usize, rows: &[(u32, &[(u32, u32)])]) -> Self {
        let mut problem = Self { columns, ..Self::default() };
        for &(penalty, cells) in rows {
            let begin = u32::try_from(problem.cells.len()).unwrap();
            let mut cells: Vec<_> =
                cells.iter().map(|&(column, cost)| Cell { column, cost }).collect();
            cells.sort_by_key(|cell| cell.cost);
            problem.cells.extend(cells);
            problem.rows.push((begin, u32::try_from(problem.cells.len()).unwrap()));
            problem.penalties.push(penalty);
        }
        problem
    }

    fn matrix(&self) -> Matrix<'_> {
        Matrix {
            rows: &self.rows,
            cells: &self.cells,
            penalties: &self.penalties,
            columns: self.columns,
        }
    }
}

/// Solves and proves: the answer is feasible, and its prices show that none is cheaper.
fn solve(problem: &Problem, scratch: &mut Scratch) -> (u64, Vec<Option<usize>>) {
    let matrix = problem.matrix();
    let solution = assign(&matrix, scratch);
    let mut holder = vec![None; problem.columns];
    let mut lower_bound = 0;
    for row in 0..problem.rows.len() {
        let pays = solution.worth_of(row);
        lower_bound += pays;
        match solution.column_of(row) {
            Some(column) => {
                assert_eq!(holder[column].replace(row), None, "column {column} is taken twice");
                let cell = matrix.row(row).iter().find(|cell| cell.column as usize == column);
                assert_eq!(cell.unwrap().cost, solution.cost_of(row));
            }
            None => assert_eq!(solution.cost_of(row), problem.penalties[row]),
        }
        assert!(pays <= u64::from(problem.penalties[row]), "row {row} would rather go without");
        for cell in matrix.row(row) {
            let price = solution.price_of(cell.column as usize);
            let other = u64::from(cell.cost) + u64::from(price);
            assert!(pays <= other, "row {row} would rather have column {}", cell.column);
        }
    }
    for (column, holder) in holder.iter().enumerate() {
        let price = solution.price_of(column);
        lower_bound -= u64::from(price);
        assert!(holder.is_some() || price == 0, "column {column} is free and has a price");
    }
    assert_eq!(solution.total(), lower_bound, "cost and proof differ");
    (solution.total(), (0..problem.rows.len()).map(|row| solution.column_of(row)).collect())
}

fn check(columns: usize, rows: &[(u32, &[(u32, u32)])], want: u64, want_columns: &[Option<usize>]) {
    let (cost, columns_of) = solve(&Problem::new(columns, rows), &mut Scratch::default());
    assert_eq!((cost, columns_of.as_slice()), (want, want_columns));
}

#[test]
fn small_problems() {
    check(0, &[], 0, &[]);
    check(3, &[(7, &[])], 7, &[None]);
    check(1, &[(7, &[(0, 7)])], 7, &[None]);
    check(1, &[(7, &[(0, 6)])], 6, &[Some(0)]);
    // Greedy takes 1 + 100; the best is 2 + 3.
    check(2, &[(900, &[(0, 1), (1, 2)]), (900, &[(0, 3), (1, 100)])], 5, &[Some(1), Some(0)]);
    // One column for two rows: who loses less goes without.
    check(1, &[(10, &[(0, 1)]), (50, &[(0, 2)])], 12, &[None, Some(0)]);
    // A chain of changes of length three.
    check(
        3,
        &[(99, &[(0, 0), (1, 1)]), (99, &[(1, 0), (2, 1)]), (99, &[(0, 0)])],
        2,
        &[Some(1), Some(2), Some(0)],
    );
    // The largest costs there are.
    let most = u32::MAX;
    check(
        2,
        &[(most, &[(0, most - 1)]), (most, &[(0, most - 1)])],
        2 * u64::from(most) - 1,
        &[None, Some(0)],
    );
}

/// Tries everything.
fn brute_force(problem: &Problem, row: usize, taken: &mut Vec<bool>) -> u64 {
    if row == problem.rows.len() {
        return 0;
    }
    let mut best = u64::from(problem.penalties[row]) + brute_force(problem, row + 1, taken);
    for cell in problem.matrix().row(row) {
        let column = cell.column as usize;
        if !std::mem::replace(&mut taken[column], true) {
            best = best.min(u64::from(cell.cost) + brute_force(problem, row + 1, taken));
            taken[column] = false;
        }
    }
    best
}

/// A dense Hungarian method, with a column of its own for each row to go without.
fn hungarian(problem: &Problem) -> u64 {
    let (rows, columns) = (problem.rows.len(), problem.columns);
    if rows == 0 {
        return 0;
    }
    let never = 1_i64 << 40;
    let mut dense = Dense::new(rows, columns + rows, never);
    for row in 0..rows {
        dense[(row, columns + row)] = i64::from(problem.penalties[row]);
        for cell in problem.matrix().row(row) {
            dense[(row, cell.column as usize)] = i64::from(cell.cost);
        }
    }
    u64::try_from(kuhn_munkres_min(&dense).0).unwrap()
}

fn problems(
    rows: usize,
    columns: usize,
    cells: usize,
    most: u32,
) -> impl Strategy<Value = Problem> {
    let cell = (0..u32::try_from(columns).unwrap(), 0..most);
    let row = (0..most, prop::collection::btree_map(cell.0, cell.1, 0..=cells));
    prop::collection::vec(row, 0..=rows).prop_map(move |rows| {
        let cells: Vec<Vec<_>> =
            rows.iter().map(|(_, cells)| cells.iter().map(|(&c, &k)| (c, k)).collect()).collect();
        let rows: Vec<_> =
            rows.iter().zip(&cells).map(|(&(penalty, _), cells)| (penalty, &cells[..])).collect();
        Problem::new(columns, &rows)
    })
}

proptest! {
    /// Few values, so that ties are everywhere.
    #[test]
    fn as_good_as_trying_everything(problem in problems(6, 5, 5, 8)) {
        let (cost, _) = solve(&problem, &mut Scratch::default());
        prop_assert_eq!(cost, brute_force(&problem, 0, &mut vec![false; problem.columns]));
    }

    #[test]
    fn as_good_as_a_dense_hungarian(problem in problems(40, 30, 8, 1_000)) {
        prop_assert_eq!(solve(&problem, &mut Scratch::default()).0, hungarian(&problem));
    }

    /// Whatever was solved before, the answer is the same.
    #[test]
    fn buffers_carry_nothing_over(
        one in problems(20, 20, 5, 50),
        two in problems(20, 20, 5, 50),
    ) {
        let mut scratch = Scratch::default();
        solve(&one, &mut scratch);
        prop_assert_eq!(solve(&two, &mut scratch), solve(&two, &mut Scratch::default()));
    }
}

/// Problems of the size of a city: too large for an oracle, not for the proof.
#[test]
fn large_problems_are_proved() {
    let mut scratch = Scratch::default();
    for (rows, columns, cells) in [(1_000, 4_000, 16), (2_000, 2_000, 16), (3_000, 1_000, 6)] {
        let mut state = 1_u64;
        let mut next = |below: u32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            u32::try_from((state >> 33) % u64::from(below)).unwrap()
        };
        let lists: Vec<Vec<_>> = (0..rows)
            .map(|_| {
                let row: std::collections::BTreeMap<_, _> =
                    (0..cells).map(|_| (next(columns), next(100_000))).collect();
                row.into_iter().collect()
            })
            .collect();
        let rows: Vec<_> = lists.iter().map(|cells| (200_000, &cells[..])).collect();
        solve(&Problem::new(columns as usize, &rows), &mut scratch);
    }
}
