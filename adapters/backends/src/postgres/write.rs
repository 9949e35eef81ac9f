//! Writing rows, and keeping them from others until that is done.
//!
//! Few rows of a table are written one by one, many all at once: a statement over arrays costs
//! PostgreSQL as much as four over values, and a row in it a third of one of those.

use domain::ids::OrderId;
use domain::time::Timestamp;
use shell::mutant::{self, Mutant};
use shell::{Order, Rows, Table, Version};
use xxhash_rust::xxh3::xxh3_64;

use super::cells::{Cell, Param, columns};
use super::commit::{Commit, Job};
use super::session::Batch;
use super::statements::Does;
use super::tables::{CHILDREN, Child, Layout, PARTS, Part, Stored};

/// Rows of a table that are written one by one at most.
pub(super) const FEW: usize = 4;

/// A row of a table that units of work hang on.
struct Guarded<'a, K, R> {
    key: K,
    version: Version,
    /// As it is to be, if it is to be written.
    changed: Option<&'a R>,
    now: Timestamp,
    /// Which unit of work.
    job: usize,
}

/// The rows of one table that units of work hang on, in the order of their keys.
fn guarded<'a, K: Copy + Ord + 'a, R: Clone + PartialEq + 'a>(
    jobs: &[&'a Job],
    table: impl Fn(&'a Rows) -> &'a Table<K, R>,
) -> Vec<Guarded<'a, K, R>> {
    let mut rows = Vec::new();
    for (job, Job { unit, .. }) in jobs.iter().enumerate() {
        let reads = table(&unit.rows).iter().filter(|read| read.is_guarded());
        rows.extend(reads.map(|read| Guarded {
            key: read.key,
            version: read.loaded.version,
            changed: read.changed(),
            now: unit.now,
            job,
        }));
    }
    rows.sort_unstable_by_key(|row| row.key);
    rows
}

/// What keeps rows from others, and what writes them.
#[derive(Default)]
pub(super) struct Writes {
    /// Names of rows that are not there, and whether they are made.
    missing: Vec<(i64, bool)>,
    /// What may fail, and whose unit of work is behind each row.
    guards: Vec<(Does, Vec<Param>, Vec<usize>)>,
    writes: Batch,
}

impl Writes {
    /// Guards every row, table by table and in the order of the keys, which is the same for
    /// everybody, so that nobody waits in a circle. Rows that are not there cannot be locked. So
    /// their names are: by whoever makes them for himself, by whoever only found that they are not
    /// there together with others.
    pub(super) fn add_to(mut self, commit: &mut Commit) {
        if !mutant::is(Mutant::DropsGuard) {
            if !self.missing.is_empty() {
                self.missing.sort_unstable();
                let (names, exclusive): (Vec<i64>, Vec<bool>) = self.missing.into_iter().unzip();
                let params: Vec<Param> = vec![Box::new(names), Box::new(exclusive)];
                commit.batch.push((Does::Reserve, params));
            }
            self.guards
                .into_iter()
                .for_each(|(does, params, jobs)| commit.push(does, params, jobs));
        }
        commit.batch.append(&mut self.writes);
    }

    /// Guards and writes rows of one table.
    fn rows<K: Copy, R>(
        &mut self,
        layout: &Layout,
        rows: &[Guarded<'_, K, R>],
        numbers: impl Fn(K) -> Vec<i64>,
        cells: impl Fn(K, &R) -> Vec<Cell>,
    ) {
        let missing = rows.iter().filter(|row| row.version == Version(0));
        let name = |row: &Guarded<'_, K, R>| {
            (lock_name(layout.table, &numbers(row.key)), row.changed.is_some())
        };
        self.missing.extend(missing.map(name));
        if rows.len() <= FEW && !mutant::is(Mutant::DropsGuard) {
            self.one_by_one(layout, rows, numbers, cells);
        } else {
            self.all_at_once(layout, rows, numbers, cells);
        }
    }

    fn one_by_one<K: Copy, R>(
        &mut self,
        layout: &Layout,
        rows: &[Guarded<'_, K, R>],
        numbers: impl Fn(K) -> Vec<i64>,
        cells: impl Fn(K, &R) -> Vec<Cell>,
    ) {
        for Guarded { key, version, changed, now, job } in rows {
            let is_there = version.0 > 0;
            let version: Param = Box::new(version.0.cast_signed());
            let now: Param = Box::new(now.0.cast_signed());
            let written = changed.map(|changed| cells(*key, changed).into_iter().map(Cell::param));
            let (does, params): (Does, Vec<Param>) = match written {
                Some(cells) if is_there => {
                    (Does::Update(layout.table), cells.chain([now, version]).collect())
                }
                Some(cells) => (Does::Insert(layout.table), cells.chain([now]).collect()),
                None => {
                    let numbers =
                        numbers(*key).into_iter().map(|number| -> Param { Box::new(number) });
                    (Does::Check(layout.table), numbers.chain([version]).collect())
                }
            };
            self.guards.push((does, params, vec![*job]));
        }
    }

    /// Where all are there and are to be written, both is done at once.
    fn all_at_once<K: Copy, R>(
        &mut self,
        layout: &Layout,
        rows: &[Guarded<'_, K, R>],
        numbers: impl Fn(K) -> Vec<i64>,
        cells: impl Fn(K, &R) -> Vec<Cell>,
    ) {
        let jobs = rows.iter().map(|row| row.job).collect();
        let versions: Vec<i64> = rows.iter().map(|row| row.version.0.cast_signed()).collect();
        let there = versions.iter().filter(|version| **version > 0).count();
        let (mut written, mut times) = (Vec::new(), Vec::new());
        for row in rows {
            if let Some(changed) = row.changed {
                written.push(cells(row.key, changed));
                times.push(row.now.0.cast_signed());
            }
        }
        if there == rows.len() && written.len() == there && !mutant::is(Mutant::DropsGuard) {
            let mut params = columns(layout.all().map(|column| column.kind), &written);
            params.push(Box::new(times));
            params.push(Box::new(versions));
            self.guards.push((Does::Rewrite(layout.table), params, jobs));
            return;
        }
        let does = if written.is_empty() { Does::GuardRead } else { Does::Guard };
        let mut params = key_arrays(layout, rows.iter().map(|row| numbers(row.key)));
        params.push(Box::new(versions));
        params.push(Box::new(there as i64));
        self.guards.push((does(layout.table), params, jobs));
        write(layout, written, Some(times), &mut self.writes);
    }

    pub(super) fn table<S: Stored>(&mut self, jobs: &[&Job]) {
        self.rows(&S::LAYOUT, &guarded(jobs, S::table), S::key, row::<S>);
    }

    /// Guards orders, and writes what has changed of them; all of one that is new.
    pub(super) fn orders(&mut self, jobs: &[&Job]) {
        let [first, others @ ..] = &PARTS;
        let numbers = |order: OrderId| vec![order.0.cast_signed()];
        let cells = |order, state: &Order| part_row(first, order, state);
        self.rows(&first.layout, &guarded(jobs, |rows| &rows.orders), numbers, cells);
        let written = || {
            let reads = jobs.iter().flat_map(|job| job.unit.rows.orders.iter());
            reads.filter_map(|read| Some((read, read.changed()?)))
        };
        for part in others {
            let rows = written().filter_map(|(read, now)| {
                let cells = part_row(part, read.key, now);
                let is_new = read.loaded.version == Version(0);
                let differs = || cells != part_row(part, read.key, &read.loaded.state);
                (is_new || differs()).then_some((is_new, cells))
            });
            self.below(&part.layout, rows.collect());
        }
        for child in &CHILDREN {
            let mut rows = Vec::new();
            for (read, now) in written() {
                let (before, after) = ((child.count)(&read.loaded.state), (child.count)(now));
                for number in 0..after {
                    let cells = child_row(child, read.key, now, number);
                    let is_new = number >= before;
                    let is_same =
                        !is_new && cells == child_row(child, read.key, &read.loaded.state, number);
                    if !is_same {
                        rows.push((is_new, cells));
                    }
                }
                if after < before {
                    let (order, from) = (read.key.0.cast_signed(), after as i64);
                    let params: Vec<Param> = vec![Box::new(order), Box::new(from)];
                    self.writes.push((Does::Cut(child.layout.table), params));
                }
            }
            self.below(&child.layout, rows);
        }
    }

    /// Writes rows that have no versions of their own, and are new or not.
    fn below(&mut self, layout: &Layout, rows: Vec<(bool, Vec<Cell>)>) {
        if rows.len() > FEW || mutant::is(Mutant::DropsGuard) {
            let rows = rows.into_iter().map(|(_, cells)| cells).collect();
            write(layout, rows, None, &mut self.writes);
            return;
        }
        for (is_new, cells) in rows {
            let does = if is_new { Does::Insert } else { Does::Update };
            self.writes.push((does(layout.table), cells.into_iter().map(Cell::param).collect()));
        }
    }
}

/// The number under which a row that is not there is locked. Two rows that share one by chance
/// wait for each other once.
pub(super) fn lock_name(table: &str, key: &[i64]) -> i64 {
    let mut bytes = table.as_bytes().to_vec();
    key.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
    xxh3_64(&bytes).cast_signed()
}

/// Keys as one array for each of their columns.
pub(super) fn key_arrays(layout: &Layout, keys: impl Iterator<Item = Vec<i64>>) -> Vec<Param> {
    let mut columns = vec![Vec::new(); layout.key.len()];
    for key in keys {
        columns.iter_mut().zip(key).for_each(|(column, number)| column.push(number));
    }
    columns.into_iter().map(|column| -> Param { Box::new(column) }).collect()
}

pub(super) fn row<S: Stored>(key: S::Key, state: &S) -> Vec<Cell> {
    let mut cells: Vec<Cell> = S::key(key).into_iter().map(Cell::int).collect();
    state.put(&mut cells);
    cells
}

fn part_row(part: &Part, order: OrderId, state: &Order) -> Vec<Cell> {
    let mut cells = vec![Cell::bits(order.0)];
    (part.put)(state, &mut cells);
    cells
}

fn child_row(child: &Child, order: OrderId, state: &Order, number: usize) -> Vec<Cell> {
    let mut cells = vec![Cell::bits(order.0), Cell::int(number as i64)];
    (child.put)(state, number, &mut cells);
    cells
}

/// Writes rows of one table; with their times if they have versions of their own.
pub(super) fn write(
    layout: &Layout,
    rows: Vec<Vec<Cell>>,
    times: Option<Vec<i64>>,
    batch: &mut Batch,
) {
    if rows.is_empty() {
        return;
    }
    let mut params = columns(layout.all().map(|column| column.kind), &rows);
    if let Some(times) = times {
        params.push(Box::new(times));
    }
    batch.push((Does::Write(layout.table), params));
}
