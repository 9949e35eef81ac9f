//! From the journal to the log.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::facts::Record;
use domain::time::Timestamp;

use super::{Cursors, Log, Progress, Spot, Topic, key_of, partition_of};
use crate::join::{Side, together};
use crate::ports::{Committed, PortError};
use crate::serving::Fence;

/// Facts that are published at once.
const BATCH_LIMIT: usize = 4_096;
/// The journal's reader.
const SPOT: Spot = Spot { reader: "publisher", topic: "journal", partition: 0 };

/// What publishing came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Facts that were to be published.
    pub facts: usize,
    /// When the first of them happened; none if there was none.
    pub oldest_at: Option<Timestamp>,
    /// Why it is not known that the log has them: then they are published again.
    pub failed: Option<PortError>,
}

/// Publishes facts of a world's journal that are not known to be in the log, in order; each
/// partition is appended to side by side. What another publishes meanwhile comes twice.
///
/// # Errors
/// [`PortError`] when the database fails. A log that fails is no error: facts wait in the journal.
pub async fn publish<L: Log, D: Cursors>(
    log: &L,
    database: &D,
    world: u64,
    fence: Fence,
) -> Result<Published, PortError> {
    let from = database.progress(SPOT).await?;
    let records = database.journal(from.next, BATCH_LIMIT).await?;
    let oldest_at = records.first().map(|record| record.at);
    let facts = records.len();
    if facts == 0 {
        return Ok(Published { facts, oldest_at, failed: None });
    }
    let failed = Mutex::new(None);
    let parts = parted(&records, log.partitions());
    let appended = parts.iter().map(|((topic, partition), records)| -> Side<'_> {
        let failed = &failed;
        Box::pin(async move {
            if let Err(error) = log.append(*topic, *partition, world, records).await {
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            }
        })
    });
    together(appended.collect(), usize::MAX).await;
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if failed.is_some() {
        return Ok(Published { facts, oldest_at, failed });
    }
    let next = from.next + facts as u64;
    let to = Progress { next, seen: next };
    let advanced = database.advance(Some(fence), SPOT, from, to, &[]).await?;
    let is_another = advanced != Committed::Done;
    let failed = is_another.then(|| PortError::Down("another publishes".to_owned()));
    Ok(Published { facts, oldest_at, failed })
}

/// Facts by the topics and partitions that they are on, in their order.
fn parted(records: &[Record], partitions: u32) -> BTreeMap<(Topic, u32), Vec<Record>> {
    let mut parts: BTreeMap<_, Vec<Record>> = BTreeMap::new();
    for record in records {
        let partition = partition_of(&key_of(&record.fact), partitions);
        for (topic, _) in Topic::ALL.into_iter().filter(|(topic, _)| topic.has(&record.fact)) {
            parts.entry((topic, partition)).or_default().push(*record);
        }
    }
    parts
}
