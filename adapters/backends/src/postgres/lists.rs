//! What stands beside rows: outbox, timers, numbers, names and the journal.

use std::sync::PoisonError;

use domain::facts::{Event, Record};
use domain::ids::{OrderId, RiderId, StoreId};
use domain::outside::{Effect, Input};
use domain::place::Place;
use domain::time::{Millis, Timestamp};
use shell::{
    Answer, Committed, Free, InputKey, Numbers, OutboxId, OutboxRow, Pause, Pool, PortError, Stamp,
    TimerId, TimerRow, Waits,
};

use super::Postgres;
use super::cells::{Corrupt, Name, Param, Reader};
use super::commit::source;
use super::load::Wanted;
use super::session::{Batch, in_snapshot};
use super::statements::Does;
use super::wire::Row;

/// Where a page of the journal ended: how many facts stand before, and the last one's place.
#[derive(Clone, Debug)]
pub(super) struct Page {
    after: u64,
    transaction: String,
    place: i64,
}

/// Ends of pages that are remembered: a few for each of the few who read on.
const PAGES_LIMIT: usize = 16;

/// A database that holds what no program of this version wrote cannot be used.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(super) fn corrupt(corrupt: Corrupt) -> PortError {
    PortError::Down(corrupt.to_string())
}

/// A limit as PostgreSQL counts.
pub(super) fn limited(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// An event of a kind's name and canonical bytes.
fn decoded<E: Event>(reader: &mut Reader<'_>) -> Result<E, Corrupt> {
    let variant = reader.word(|name| {
        let at = E::KINDS.iter().position(|kind| kind.name == name)?;
        u8::try_from(at).ok()
    })?;
    let mut bytes = reader.bytes()?;
    reader.with(E::take(variant, &mut bytes))
}

/// Statements in a transaction that need not be on disk when it is answered.
fn lazily(statements: Batch) -> Batch {
    let mut batch: Batch = vec![(Does::Lazily, Vec::new())];
    batch.extend(statements);
    batch
}

impl Postgres {
    /// What was answered to an input that was heard before.
    pub(super) async fn answered(&self, key: InputKey) -> Result<Committed, PortError> {
        let params: Vec<Param> = vec![Box::new(source(key.source)), Box::new(Name(key.id))];
        let found = self.run(vec![(Does::Answered, params)]).await?.rows()?;
        let row = found.first().and_then(|rows| rows.first());
        let row = row.ok_or_else(|| PortError::Down("an input's name is gone".to_owned()))?;
        let mut reader = Reader::new(row);
        let digest = reader.name().map_err(corrupt)?;
        let answer = reader.word(|text| {
            let kept = Answer::KEPT.iter().find(|(_, kept)| *kept == text);
            kept.map(|(answer, _)| *answer)
        });
        Ok(Committed::Repeated { digest, answer: answer.map_err(corrupt)? })
    }

    pub(super) async fn stamps_of(&self, orders: &[OrderId]) -> Result<Vec<Stamp>, PortError> {
        let found = self.shared.together(Wanted::stamps(orders)).await?;
        let stamp = |order| found.stamps.get(order).copied().unwrap_or_default();
        Ok(orders.iter().map(stamp).collect())
    }

    pub(super) async fn lend(
        &self,
        now: Timestamp,
        lease: Millis,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, PortError> {
        let until = (now + lease).0.cast_signed();
        let params: Vec<Param> =
            vec![Box::new(now.0.cast_signed()), Box::new(until), Box::new(limited(limit))];
        let batch = lazily(vec![(Does::LockOutbox, Vec::new()), (Does::Lend, params)]);
        let found = self.run(batch).await?.rows()?;
        let row = |row: &Row| {
            let mut reader = Reader::new(row);
            let id = OutboxId(reader.bits()?);
            Ok(OutboxRow { id, effect: decoded::<Effect>(&mut reader)? })
        };
        found.iter().skip(2).flatten().map(row).collect::<Result<_, _>>().map_err(corrupt)
    }

    pub(super) async fn hand_back(
        &self,
        rows: &[OutboxId],
        lent_until: Timestamp,
        now: Timestamp,
        pause: Pause,
    ) -> Result<(), PortError> {
        let ids: Vec<i64> = rows.iter().map(|id| id.0.cast_signed()).collect();
        let micros = |length: Millis| length.as_micros().cast_signed();
        let params: Vec<Param> = vec![
            Box::new(ids),
            Box::new(lent_until.0.cast_signed()),
            Box::new(now.0.cast_signed()),
            Box::new(micros(pause.first)),
            Box::new(micros(pause.most)),
        ];
        self.run(lazily(vec![(Does::GiveBack, params)])).await?.rows().map(drop)
    }

    pub(super) async fn take_out(&self, done: &[OutboxId]) -> Result<(), PortError> {
        let ids: Vec<i64> = done.iter().map(|id| id.0.cast_signed()).collect();
        self.run(lazily(vec![(Does::Ack, vec![Box::new(ids)])])).await?.rows().map(drop)
    }

    pub(super) async fn ringing(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<TimerRow>, PortError> {
        let params: Vec<Param> = vec![Box::new(now.0.cast_signed()), Box::new(limited(limit))];
        let found = self.run(vec![(Does::Due, params)]).await?.rows()?;
        let row = |row: &Row| {
            let mut reader = Reader::new(row);
            let (id, wake_at) = (TimerId(reader.bits()?), Timestamp(reader.bits()?));
            Ok(TimerRow { id, wake_at, input: decoded::<Input>(&mut reader)? })
        };
        found.iter().flatten().map(row).collect::<Result<_, _>>().map_err(corrupt)
    }

    pub(super) async fn silence(&self, timers: &[TimerId]) -> Result<(), PortError> {
        let ids: Vec<i64> = timers.iter().map(|id| id.0.cast_signed()).collect();
        self.run(lazily(vec![(Does::CrossOff, vec![Box::new(ids)])])).await?.rows().map(drop)
    }

    pub(super) async fn next_numbers(
        &self,
        numbers: Numbers,
        count: u32,
    ) -> Result<u64, PortError> {
        let name = match numbers {
            Numbers::Orders => "orders",
            Numbers::Trips => "trips",
            Numbers::Postings => "postings",
            Numbers::Customers => "customers",
        };
        let params: Vec<Param> = vec![Box::new(name), Box::new(i64::from(count))];
        let found = self.run(lazily(vec![(Does::Draw, params)])).await?.rows()?;
        let row = found.get(1).and_then(|rows| rows.first());
        let row = row.ok_or_else(|| PortError::Down(format!("{name} are not counted")))?;
        Reader::new(row).bits().map_err(corrupt)
    }

    pub(super) async fn who_waits(&self, orders: usize) -> Result<Pool, PortError> {
        let waiting = (Does::Waiting, vec![Box::new(limited(orders)) as Param]);
        let batch = in_snapshot(vec![waiting, (Does::Free, Vec::new())]);
        let found = self.run(batch).await?.rows()?;
        let waiting = found.iter().skip(1).take(1).flatten().map(waits);
        let waiting = waiting.collect::<Result<_, _>>().map_err(corrupt)?;
        let riders = found.get(2).and_then(|rows| rows.first()).map(free).transpose();
        Ok(Pool { waiting, riders: riders.map_err(corrupt)?.unwrap_or_default() })
    }

    /// A page of the journal. Facts of transactions that might yet be followed by an earlier one
    /// are left for later, so that a fact's number never changes. Whoever reads on where they
    /// ended is not kept waiting for what was read already.
    pub(super) async fn page(&self, after: u64, limit: usize) -> Result<Vec<Record>, PortError> {
        let horizon = self.run(vec![(Does::Horizon, Vec::new())]).await?.rows()?;
        let row = horizon.first().and_then(|rows| rows.first());
        let row = row.ok_or_else(|| PortError::Down("no horizon".to_owned()))?;
        let horizon = Reader::new(row).text().map_err(corrupt)?.to_owned();
        let from = self.ended_at(after);
        let skipped = if from.is_some() { 0 } else { after };
        let (transaction, place) =
            from.map_or_else(|| ("0".to_owned(), 0), |page| (page.transaction, page.place));
        let params: Vec<Param> = vec![
            Box::new(horizon),
            Box::new(transaction),
            Box::new(place),
            Box::new(skipped.cast_signed()),
            Box::new(limited(limit)),
        ];
        let found = self.run(vec![(Does::Journal, params)]).await?.rows()?;
        let rows: Vec<&Row> = found.iter().flatten().collect();
        let record = |(seq, row): (u64, &&Row)| {
            let mut reader = Reader::new(row);
            let mut bytes = reader.bytes()?;
            Ok(Record { seq, ..reader.with(Record::take(&mut bytes))? })
        };
        let records: Vec<Record> =
            (after..).zip(&rows).map(record).collect::<Result<_, _>>().map_err(corrupt)?;
        if let Some(last) = rows.last() {
            let mut reader = Reader::new(last);
            reader.skip();
            let transaction = reader.text().map_err(corrupt)?.to_owned();
            let place = reader.int().map_err(corrupt)?;
            self.remember(Page { after: after + records.len() as u64, transaction, place });
        }
        Ok(records)
    }

    /// The page that ended there, if it is remembered.
    fn ended_at(&self, after: u64) -> Option<Page> {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let at = pages.iter().position(|page| page.after == after)?;
        let page = pages.remove(at);
        pages.push(page.clone());
        Some(page)
    }

    fn remember(&self, page: Page) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.retain(|known| known.after != page.after);
        if pages.len() >= PAGES_LIMIT {
            pages.remove(0);
        }
        pages.push(page);
    }
}

fn place(reader: &mut Reader<'_>) -> Result<Place, Corrupt> {
    Ok(Place { lat_e7: reader.int()?, lon_e7: reader.int()? })
}

fn waits(row: &Row) -> Result<Waits, Corrupt> {
    let mut reader = Reader::new(row);
    Ok(Waits {
        order: OrderId(reader.bits()?),
        store: StoreId(reader.int()?),
        door: place(&mut reader)?,
        requested_at: Timestamp(reader.bits()?),
        ready_at: Timestamp(reader.bits()?),
        promise_by: Timestamp(reader.bits()?),
        refusals: reader.int()?,
        refused_by: reader.maybe()?.map(RiderId),
    })
}

/// Riders who stand in one row, an array for each column: they are many, and read often.
fn free(row: &Row) -> Result<Vec<Free>, Corrupt> {
    let mut reader = Reader::new(row);
    let (ids, lats, lons): (Vec<u32>, Vec<i32>, Vec<i32>) =
        (reader.ints()?, reader.ints()?, reader.ints()?);
    let places = lats.into_iter().zip(lons).map(|(lat_e7, lon_e7)| Place { lat_e7, lon_e7 });
    let free = |(id, place)| Free { rider: RiderId(id), place };
    Ok(ids.into_iter().zip(places).map(free).collect())
}
