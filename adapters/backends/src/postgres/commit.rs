//! Committing units of work: one transaction, one round trip, however many they are.

use std::collections::{BTreeMap, BTreeSet};

use domain::facts::{Event, Fact, Record};
use domain::ids::{CityId, SkuId, StoreId};
use domain::ledger::{self, Wallet};
use domain::outside::{Effect, Subject};
use domain::picking::Floor;
use domain::stock::Slot;
use shell::mutant::{self, Mutant};
use shell::{Answer, Fence, PortError, Rider, Source, StoreDoor, Trip, Unit};

use super::cells::{Name, Param};
use super::serving::World;
use super::session::{Batch, Ended, Outcome};
use super::statements::Does;
use super::tables::Stored;
use super::together::{Asked, Claim, Line, Share};
use super::write::{FEW, Writes, row, write};
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
            let mut commit = Commit::of(&those);
            let (ended, losers) = match shared.run(std::mem::take(&mut commit.batch)).await {
                Ok(outcome) => {
                    let losers = outcome.lost_at().map(|at| commit.losers(&at));
                    (outcome.ended(), losers.unwrap_or_default())
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
        let mut commit = Self { batch: Batch::new(), behind: BTreeMap::new() };
        name(jobs, &mut commit);
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

    /// Adds a statement by which single ones may lose.
    pub(super) fn push(&mut self, does: Does, params: Vec<Param>, behind: Vec<usize>) {
        self.behind.insert(self.batch.len(), behind);
        self.batch.push((does, params));
    }

    /// The units of work by which a commit failed; none if it is not known by which.
    fn losers(&self, (statement, rows): &(usize, Vec<usize>)) -> BTreeSet<usize> {
        match self.behind.get(statement).map(Vec::as_slice) {
            Some([one]) => BTreeSet::from([*one]),
            Some(some) => rows.iter().filter_map(|row| some.get(*row).copied()).collect(),
            None => BTreeSet::new(),
        }
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

/// Notes the inputs' names, in an order that is the same for everybody.
fn name(jobs: &[&Job], commit: &mut Commit) {
    let mut units: Vec<(&Unit, usize)> = jobs.iter().map(|job| &job.unit).zip(0..).collect();
    units.sort_unstable_by_key(|(unit, _)| unit.key);
    let answer = |unit: &Unit| {
        let kept = Answer::KEPT.iter().find(|(answer, _)| *answer == unit.answer);
        kept.expect("a unit of work that answers otherwise is not committed").1
    };
    if units.len() <= FEW {
        for (unit, job) in units {
            let params: Vec<Param> = vec![
                Box::new(source(unit.key.source)),
                Box::new(Name(unit.key.id)),
                Box::new(Name(unit.digest)),
                Box::new(answer(unit)),
                Box::new(unit.now.0.cast_signed()),
            ];
            commit.push(Does::Name, params, vec![job]);
        }
        return;
    }
    let params: Vec<Param> = vec![
        Box::new(units.iter().map(|(unit, _)| source(unit.key.source)).collect::<Vec<_>>()),
        Box::new(units.iter().map(|(unit, _)| Name(unit.key.id)).collect::<Vec<_>>()),
        Box::new(units.iter().map(|(unit, _)| Name(unit.digest)).collect::<Vec<_>>()),
        Box::new(units.iter().map(|(unit, _)| answer(unit)).collect::<Vec<_>>()),
        Box::new(units.iter().map(|(unit, _)| unit.now.0.cast_signed()).collect::<Vec<_>>()),
    ];
    commit.push(Does::Names, params, units.into_iter().map(|(_, job)| job).collect());
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
