//! Committing units of work: one transaction, one round trip, however many they are.

use std::collections::{BTreeMap, BTreeSet};

use domain::facts::{Event, Fact, Record};
use domain::ids::{CityId, OrderId, SkuId, StoreId};
use domain::ledger::{self, Wallet};
use domain::outside::{Effect, Subject};
use domain::picking::Floor;
use domain::stock::Slot;
use domain::time::Timestamp;
use shell::mutant::{self, Mutant};
use shell::{
    Answer, Fence, Order, PortError, Rider, Rows, Source, StoreDoor, Table, Trip, Unit, Version,
};
use xxhash_rust::xxh3::xxh3_64;

use super::cells::{Cell, Name, Param, columns};
use super::serving::World;
use super::session::{Batch, Ended, Outcome};
use super::statements::Does;
use super::tables::{CHILDREN, Child, Layout, PARTS, Part, Stored};
use super::together::{Asked, Claim, Line, Share};
use super::{ANY_WORLD, Shared};

/// A unit of work, and the world it is of.
pub(super) struct Job {
    pub(super) world: World,
    pub(super) unit: Unit,
}

impl Asked for Job {
    type Answer = Ended;

    fn line(shared: &Shared) -> &Line<Self> {
        &shared.jobs
    }

    fn claims(&self) -> Vec<(Claim, Share)> {
        let Unit { key, rows, .. } = &self.unit;
        let of_row = |(key, _, is_written)| {
            (Claim::Row(key), if is_written { Share::Alone } else { Share::Among(1) })
        };
        let name = (Claim::Name(*key), Share::Alone);
        std::iter::once(name).chain(rows.guarded().map(of_row)).collect()
    }

    fn overtaken_by(answer: &Ended) -> Option<Ended> {
        (*answer == Ended::Done).then_some(Ended::LostRace)
    }

    async fn serve(shared: &Shared, jobs: &[Self]) -> Vec<Result<Ended, PortError>> {
        let mut answers = vec![Err(PortError::TimedOut); jobs.len()];
        let mut left: Vec<usize> = (0..jobs.len()).collect();
        while !left.is_empty() {
            let those: Vec<&Self> = left.iter().map(|at| &jobs[*at]).collect();
            let Commit { batch, behind } = Commit::of(&those);
            let (ended, losers) = match shared.run(batch).await {
                Ok(outcome) => {
                    let (statement, rows) = outcome.losers();
                    let of_row = |row| behind.get(&statement)?.get(row).copied();
                    let losers: BTreeSet<usize> = rows.into_iter().filter_map(of_row).collect();
                    (outcome.ended(), losers)
                }
                Err(error) => (Err(error), BTreeSet::new()),
            };
            let is_of_all = matches!(ended, Ok(Ended::Done) | Err(PortError::TimedOut));
            if is_of_all || those.len() == 1 {
                left.drain(..).for_each(|at| answers[at] = ended.clone());
            } else if losers.is_empty() {
                let alone = |job| Commit::of(&[job]).batch;
                let outcomes = shared.run_each(those.into_iter().map(alone).collect()).await;
                let ended = match outcomes {
                    Ok(outcomes) => outcomes.into_iter().map(Outcome::ended).collect(),
                    Err(error) => vec![Err(error); left.len()],
                };
                left.drain(..).zip(ended).for_each(|(at, ended)| answers[at] = ended);
            } else {
                losers.iter().for_each(|at| answers[left[*at]] = ended.clone());
                left =
                    (0..left.len()).filter(|at| !losers.contains(at)).map(|at| left[at]).collect();
            }
        }
        answers
    }
}

/// What commits units of work together.
pub(super) struct Commit {
    /// The statements.
    pub(super) batch: Batch,
    /// For statements by which single ones may lose, whose unit of work is behind each row.
    behind: BTreeMap<usize, Vec<usize>>,
}

impl Commit {
    pub(super) fn of(jobs: &[&Job]) -> Self {
        let (names, behind) = names(jobs);
        let mut commit =
            Self { batch: vec![(Does::Name, names)], behind: BTreeMap::from([(0, behind)]) };
        let batch = &mut commit.batch;
        let worlds: BTreeSet<u64> = jobs.iter().map(|job| job.world.number).collect();
        for number in worlds.into_iter().filter(|number| *number != ANY_WORLD) {
            // Whoever installs a world holds the table of names, so what is seen from now on stays.
            batch.push((Does::KeepWorld, vec![Box::new(number.cast_signed())]));
        }
        let fences: BTreeSet<_> = jobs.iter().filter_map(|job| job.unit.fence).map(fence).collect();
        for (duty, version) in fences {
            batch.push((Does::Fence, vec![Box::new(duty), Box::new(version)]));
        }
        let mut writes = Writes::default();
        writes.orders(jobs);
        writes.table::<Slot>(jobs);
        writes.table::<StoreDoor>(jobs);
        writes.table::<Floor>(jobs);
        writes.table::<Rider>(jobs);
        writes.table::<Trip>(jobs);
        writes.table::<Wallet>(jobs);
        writes.add_to(&mut commit);
        let batch = &mut commit.batch;
        tell(jobs.iter().flat_map(|job| records(job.world.city, &job.unit)), batch);
        post(jobs.iter().flat_map(|job| &job.unit.told.facts), batch);
        ask(jobs, batch);
        wind_up(jobs, batch);
        take_off(jobs, Source::Timer, Does::CrossOff, batch);
        take_off(jobs, Source::Outbox, Does::Ack, batch);
        commit
    }
}

/// The statements that put a world in as it is before anything happens.
pub(super) fn install(
    city: CityId,
    documents: &[String],
    slots: &[((StoreId, SkuId), Slot)],
    opening: &[Record],
) -> Batch {
    let mut batch: Batch = vec![
        (Does::ReplaceWorld, vec![Box::new(i64::from(city.0))]),
        (Does::Document, vec![Box::new(documents.to_vec())]),
    ];
    let rows = slots.iter().map(|(key, slot)| row::<Slot>(*key, slot)).collect();
    write(&Slot::LAYOUT, rows, Some(vec![0; slots.len()]), &mut batch);
    tell(opening.iter().copied(), &mut batch);
    batch
}

/// The word for whoever named an input.
pub(super) const fn source(source: Source) -> &'static str {
    match source {
        Source::Client => "client",
        Source::Provider => "provider",
        Source::Timer => "timer",
        Source::Outbox => "outbox",
        Source::Platform => "platform",
    }
}

/// The statements that tell a unit's facts, and do nothing else.
pub(super) fn facts(city: CityId, unit: &Unit) -> Batch {
    let mut batch = Batch::new();
    tell(records(city, unit), &mut batch);
    batch
}

fn records(city: CityId, unit: &Unit) -> impl Iterator<Item = Record> {
    unit.told.facts.iter().map(move |fact| Record { at: unit.now, city, seq: 0, fact: *fact })
}

fn fence(Fence { duty, version }: Fence) -> (&'static str, i64) {
    (duty.text(), version.cast_signed())
}

/// The inputs' names, in an order that is the same for everybody, and whose they are.
fn names(jobs: &[&Job]) -> (Vec<Param>, Vec<usize>) {
    let mut units: Vec<(&Unit, usize)> = jobs.iter().map(|job| &job.unit).zip(0..).collect();
    units.sort_unstable_by_key(|(unit, _)| unit.key);
    let answer = |(unit, _): &(&Unit, _)| {
        let kept = Answer::KEPT.iter().find(|(answer, _)| *answer == unit.answer);
        kept.expect("a unit of work that answers otherwise is not committed").1
    };
    let params: Vec<Param> = vec![
        Box::new(units.iter().map(|(unit, _)| source(unit.key.source)).collect::<Vec<_>>()),
        Box::new(units.iter().map(|(unit, _)| Name(unit.key.id)).collect::<Vec<_>>()),
        Box::new(units.iter().map(|(unit, _)| Name(unit.digest)).collect::<Vec<_>>()),
        Box::new(units.iter().map(answer).collect::<Vec<_>>()),
        Box::new(units.iter().map(|(unit, _)| unit.now.0.cast_signed()).collect::<Vec<_>>()),
    ];
    (params, units.into_iter().map(|(_, at)| at).collect())
}

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
struct Writes {
    /// Names of rows that are not there, and whether they are made.
    missing: Vec<(i64, bool)>,
    /// And whose unit of work is behind each row.
    guards: Vec<(Does, Vec<Param>, Vec<usize>)>,
    writes: Batch,
}

impl Writes {
    /// Guards every row, table by table and in the order of the keys, which is the same for
    /// everybody, so that nobody waits in a circle. Rows that are not there cannot be locked. So
    /// their names are: by whoever makes them for himself, by whoever only found that they are not
    /// there together with others.
    fn add_to(mut self, commit: &mut Commit) {
        let Commit { batch, behind } = commit;
        if !mutant::is(Mutant::DropsGuard) {
            if !self.missing.is_empty() {
                self.missing.sort_unstable();
                let (names, exclusive): (Vec<i64>, Vec<bool>) = self.missing.into_iter().unzip();
                batch.push((Does::Reserve, vec![Box::new(names), Box::new(exclusive)]));
            }
            for (does, params, jobs) in self.guards {
                behind.insert(batch.len(), jobs);
                batch.push((does, params));
            }
        }
        batch.append(&mut self.writes);
    }

    /// Guards and writes rows of one table. Where all of them are there and are to be written, that
    /// is done at once.
    fn rows<K: Copy, R>(
        &mut self,
        layout: &Layout,
        rows: &[Guarded<'_, K, R>],
        numbers: impl Fn(K) -> Vec<i64>,
        cells: impl Fn(K, &R) -> Vec<Cell>,
    ) {
        if rows.is_empty() {
            return;
        }
        let jobs = rows.iter().map(|row| row.job).collect();
        let missing = rows.iter().filter(|row| row.version == Version(0));
        let name = |row: &Guarded<'_, K, R>| {
            (lock_name(layout.table, &numbers(row.key)), row.changed.is_some())
        };
        self.missing.extend(missing.map(name));
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
        let is_written = !written.is_empty();
        let does = if is_written { Does::Guard } else { Does::GuardRead };
        let mut params = key_arrays(layout, rows.iter().map(|row| numbers(row.key)));
        params.push(Box::new(versions));
        params.push(Box::new(there as i64));
        self.guards.push((does(layout.table), params, jobs));
        write(layout, written, Some(times), &mut self.writes);
    }

    fn table<S: Stored>(&mut self, jobs: &[&Job]) {
        self.rows(&S::LAYOUT, &guarded(jobs, S::table), S::key, row::<S>);
    }

    /// Guards orders, and writes what has changed of them; all of one that is new.
    fn orders(&mut self, jobs: &[&Job]) {
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
                (is_new || differs()).then_some(cells)
            });
            write(&part.layout, rows.collect(), None, &mut self.writes);
        }
        for child in &CHILDREN {
            let mut rows = Vec::new();
            for (read, now) in written() {
                let (before, after) = ((child.count)(&read.loaded.state), (child.count)(now));
                for number in 0..after {
                    let cells = child_row(child, read.key, now, number);
                    let is_same = number < before
                        && cells == child_row(child, read.key, &read.loaded.state, number);
                    if !is_same {
                        rows.push(cells);
                    }
                }
                if after < before {
                    let (order, from) = (read.key.0.cast_signed(), after as i64);
                    let params: Vec<Param> = vec![Box::new(order), Box::new(from)];
                    self.writes.push((Does::Cut(child.layout.table), params));
                }
            }
            write(&child.layout, rows, None, &mut self.writes);
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

fn row<S: Stored>(key: S::Key, state: &S) -> Vec<Cell> {
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
fn write(layout: &Layout, rows: Vec<Vec<Cell>>, times: Option<Vec<i64>>, batch: &mut Batch) {
    if rows.is_empty() {
        return;
    }
    let mut params = columns(layout.all().map(|column| column.kind), &rows);
    if let Some(times) = times {
        params.push(Box::new(times));
    }
    batch.push((Does::Write(layout.table), params));
}

fn tell(records: impl Iterator<Item = Record>, batch: &mut Batch) {
    let (mut times, mut kinds, mut orders, mut trips, mut bytes) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for record in records {
        times.push(record.at.0.cast_signed());
        kinds.push(record.fact.kind().name);
        let (order, trip) = about(&record.fact);
        orders.push(order);
        trips.push(trip);
        let mut canonical = Vec::with_capacity(64);
        record.put(&mut canonical);
        bytes.push(canonical);
    }
    if !times.is_empty() {
        let params: Vec<Param> = vec![
            Box::new(times),
            Box::new(kinds),
            Box::new(orders),
            Box::new(trips),
            Box::new(bytes),
        ];
        batch.push((Does::Tell, params));
    }
}

/// The order and the trip that a fact names.
fn about(fact: &Fact) -> (Option<i64>, Option<i64>) {
    let mut cells = Vec::with_capacity(16);
    fact.to_cells(&mut |cell| cells.push(cell));
    let (mut order, mut trip, mut at) = (None, None, 0);
    for (field, columns) in fact.kind().fields {
        match *field {
            "order" => order = cells.get(at).copied(),
            "trip" => trip = cells.get(at).copied(),
            _ => {}
        }
        at += columns.len();
    }
    (order, trip)
}

/// One row of the books.
type Entry = (i64, i64, Option<i64>, Option<&'static str>, Option<i64>, i64);

/// Writes what facts say of the books.
fn post<'a>(facts: impl Iterator<Item = &'a Fact>, batch: &mut Batch) {
    let entries: Vec<Entry> = (1_i64..).zip(facts).filter_map(entry).collect();
    if entries.is_empty() {
        return;
    }
    let params: Vec<Param> = vec![
        Box::new(entries.iter().map(|entry| entry.0).collect::<Vec<_>>()),
        Box::new(entries.iter().map(|entry| entry.1).collect::<Vec<_>>()),
        Box::new(entries.iter().map(|entry| entry.2).collect::<Vec<_>>()),
        Box::new(entries.iter().map(|entry| entry.3).collect::<Vec<_>>()),
        Box::new(entries.iter().map(|entry| entry.4).collect::<Vec<_>>()),
        Box::new(entries.iter().map(|entry| entry.5).collect::<Vec<_>>()),
    ];
    batch.push((Does::Post, params));
}

fn entry((place, fact): (i64, &Fact)) -> Option<Entry> {
    use ledger::Event as E;
    let Fact::Ledger(event) = fact else { return None };
    let entry = match *event {
        E::Entry { posting, order, account, amount } => {
            let order = Some(order.0.cast_signed());
            (posting, order, Some(account.text()), None, amount)
        }
        E::GeneralEntry { posting, account, amount } => {
            (posting, None, Some(account.text()), None, amount)
        }
        E::WalletMoved { posting, customer, amount } => {
            (posting, None, None, Some(i64::from(customer.0)), amount)
        }
    };
    let (posting, order, account, user, amount) = entry;
    Some((place, posting.0.cast_signed(), order, account, user, amount.0))
}

/// The words for whom something is about, and its number.
fn subject(effect: &Effect) -> (&'static str, i64) {
    match effect.subject() {
        Subject::Order(order) => ("order", order.0.cast_signed()),
        Subject::Trip(trip) => ("trip", trip.0.into()),
    }
}

/// An event's kind and canonical bytes.
fn encoded<E: Event>(event: &E) -> (&'static str, Vec<u8>) {
    let mut bytes = Vec::with_capacity(32);
    event.put(&mut bytes);
    (E::KINDS[usize::from(event.variant())].name, bytes)
}

fn ask(jobs: &[&Job], batch: &mut Batch) {
    let (mut about, mut ids, mut kinds, mut bytes, mut times) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for Job { unit, .. } in jobs {
        for effect in unit.told.asked() {
            let (subject, id) = subject(effect);
            let (kind, canonical) = encoded(effect);
            about.push(subject);
            ids.push(id);
            kinds.push(kind);
            bytes.push(canonical);
            times.push(unit.now.0.cast_signed());
        }
    }
    if !ids.is_empty() {
        let params: Vec<Param> =
            vec![Box::new(about), Box::new(ids), Box::new(kinds), Box::new(bytes), Box::new(times)];
        batch.push((Does::Ask, params));
    }
}

fn wind_up(jobs: &[&Job], batch: &mut Batch) {
    if mutant::is(Mutant::ForgetsTimers) {
        return;
    }
    let (mut times, mut about, mut ids, mut kinds, mut bytes) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for effect in jobs.iter().flat_map(|job| &job.unit.told.effects) {
        let Some((input, wake_at)) = effect.timer() else { continue };
        let (subject, id) = subject(effect);
        let (kind, canonical) = encoded(&input);
        times.push(wake_at.0.cast_signed());
        about.push(subject);
        ids.push(id);
        kinds.push(kind);
        bytes.push(canonical);
    }
    if !ids.is_empty() {
        let params: Vec<Param> =
            vec![Box::new(times), Box::new(about), Box::new(ids), Box::new(kinds), Box::new(bytes)];
        batch.push((Does::Wind, params));
    }
}

/// Takes the timers or outbox rows off their list that inputs came from.
fn take_off(jobs: &[&Job], from: Source, does: Does, batch: &mut Batch) {
    let keys = jobs.iter().map(|job| job.unit.key).filter(|key| key.source == from);
    let numbers: Vec<i64> = keys.filter_map(|key| i64::try_from(key.id).ok()).collect();
    if !numbers.is_empty() {
        batch.push((does, vec![Box::new(numbers)]));
    }
}
