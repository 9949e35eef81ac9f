//! How far readers of the log have come, and what customers were told by what they read.

use domain::facts::Fact;
use domain::ids::{CustomerId, OrderId};
use domain::time::Timestamp;
use shell::log::{Cursors, Note, Progress, Spot};
use shell::{Committed, Fence, PortError};

use super::cells::{Param, Reader};
use super::lists::{corrupt, limited};
use super::session::{Batch, Ended};
use super::statements::Does;
use super::wire::Row;
use super::{ANY_WORLD, Postgres};

pub(super) const STATEMENTS: &[(Does, &str)] = &[
    (
        Does::Progress,
        "SELECT next_offset, seen_seq FROM log_cursors
         WHERE reader = $1 AND topic = $2 AND partition = $3",
    ),
    // A row that is not there stands at zero.
    (
        Does::Advance,
        "WITH moved AS (
             INSERT INTO log_cursors (reader, topic, partition, next_offset, seen_seq)
             SELECT $1::text, $2::text, $3::int8, $6::int8, $7::int8
             WHERE ($4::int8 = 0 AND $5::int8 = 0) OR EXISTS (SELECT FROM log_cursors
                 WHERE reader = $1 AND topic = $2 AND partition = $3)
             ON CONFLICT (reader, topic, partition) DO UPDATE
                 SET next_offset = excluded.next_offset, seen_seq = excluded.seen_seq
                 WHERE log_cursors.next_offset = $4::int8 AND log_cursors.seen_seq = $5::int8
             RETURNING 1)
         SELECT CASE WHEN EXISTS (SELECT FROM moved) THEN 0 ELSE lost_race() END",
    ),
    (
        Does::Note,
        "INSERT INTO notifications (order_id, seq, user_id, kind, told_at_us)
         SELECT told.order_id, told.seq, orders.user_id, told.kind, told.told_at_us
         FROM unnest($1::int8[], $2::int8[], $3::text[], $4::int8[])
             AS told (order_id, seq, kind, told_at_us)
         JOIN orders USING (order_id)
         ORDER BY told.order_id, told.seq
         ON CONFLICT (order_id, seq) DO NOTHING",
    ),
    (
        Does::Notes,
        "SELECT order_id, seq, kind, told_at_us FROM notifications WHERE user_id = $1
         ORDER BY seq DESC LIMIT $2",
    ),
];

fn place(spot: Spot) -> Vec<Param> {
    vec![Box::new(spot.reader), Box::new(spot.topic), Box::new(i64::from(spot.partition))]
}

fn told(notes: &[Note]) -> Vec<Param> {
    vec![
        Box::new(notes.iter().map(|note| note.order.0.cast_signed()).collect::<Vec<_>>()),
        Box::new(notes.iter().map(|note| note.seq.cast_signed()).collect::<Vec<_>>()),
        Box::new(notes.iter().map(|note| note.kind).collect::<Vec<_>>()),
        Box::new(notes.iter().map(|note| note.at.0.cast_signed()).collect::<Vec<_>>()),
    ]
}

impl Cursors for Postgres {
    async fn progress(&self, spot: Spot) -> Result<Progress, PortError> {
        let found = self.run(vec![(Does::Progress, place(spot))]).await?.rows()?;
        let progress = |row: &Row| {
            let mut reader = Reader::new(row);
            Ok(Progress { next: reader.bits()?, seen: reader.bits()? })
        };
        let found = found.iter().flatten().next().map(progress);
        Ok(found.transpose().map_err(corrupt)?.unwrap_or_default())
    }

    async fn advance(
        &self,
        fence: Option<Fence>,
        spot: Spot,
        from: Progress,
        to: Progress,
        notes: &[Note],
    ) -> Result<Committed, PortError> {
        // What a crash takes back it takes back together: the same is read and told again.
        let mut batch: Batch = vec![(Does::Lazily, Vec::new())];
        if self.world.number != ANY_WORLD {
            batch.push((Does::KeepWorld, vec![Box::new(self.world.number.cast_signed())]));
        }
        if let Some(Fence { duty, version }) = fence {
            let params: Vec<Param> = vec![Box::new(duty.text()), Box::new(version.cast_signed())];
            batch.push((Does::Fence, params));
        }
        let mut params = place(spot);
        for number in [from.next, from.seen, to.next, to.seen] {
            params.push(Box::new(number.cast_signed()));
        }
        batch.push((Does::Advance, params));
        if !notes.is_empty() {
            batch.push((Does::Note, told(notes)));
        }
        Ok(match self.run(batch).await?.ended()? {
            Ended::Fenced => Committed::Fenced,
            // Nothing here has a name that could be heard before.
            Ended::LostRace | Ended::Repeat => Committed::Conflict,
            Ended::Done => Committed::Done,
        })
    }

    async fn notes(&self, customer: CustomerId, limit: usize) -> Result<Vec<Note>, PortError> {
        let params: Vec<Param> = vec![Box::new(i64::from(customer.0)), Box::new(limited(limit))];
        let found = self.run(vec![(Does::Notes, params)]).await?.rows()?;
        let note = |row: &Row| {
            let mut reader = Reader::new(row);
            let (order, seq) = (OrderId(reader.bits()?), reader.bits()?);
            let kind = reader.word(|name| {
                let (area, variant) = Fact::tag_of(name)?;
                Some(Fact::AREAS[usize::from(area)][usize::from(variant)].name)
            })?;
            Ok(Note { order, seq, kind, at: Timestamp(reader.bits()?) })
        };
        found.iter().flatten().map(note).collect::<Result<_, _>>().map_err(corrupt)
    }
}
