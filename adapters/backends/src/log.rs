//! The log over a broker of the Kafka API.
//!
//! Partitions are named, offsets are kept elsewhere, and there are no transactions: whoever reads
//! says from where, and what was perhaps appended is appended again. Within a partition one batch
//! is on its way at a time, so that a batch which failed cannot come after a later one.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::facts::Record;
use rskafka::BackoffConfig;
use rskafka::chrono::DateTime;
use rskafka::client::partition::{Compression, PartitionClient, UnknownTopicHandling};
use rskafka::client::{Client, ClientBuilder};
use rskafka::record::{Record as Line, RecordAndOffset};
use shell::PortError;
use shell::log::{Found, Log, Page, Topic, What, key_of};
use tokio::time::timeout;

/// Partitions of each topic. Four, assumed, grade E: twice as many as processors here. Never
/// changed for topics that exist: a key would move to another partition.
const PARTITIONS: u32 = 4;
/// How long the broker has for anything it is asked. 3 s, assumed, grade E: many times what it
/// takes, and short beside the lease of the duty under which it is asked.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);
/// Bytes of one batch that is read, at least one record.
const READ_BYTES: i32 = 1 << 20;
/// How long the broker may wait for records before it says that there are none.
const WAIT_MS: i32 = 10;
/// The header with the number of the world that a fact is of.
const WORLD: &str = "world";
/// The headers of a dead letter: where it was.
const WHERE: [&str; 3] = ["topic", "partition", "offset"];

/// How facts are written.
#[derive(Clone, Copy, Debug)]
pub struct Codec {
    /// A fact as bytes.
    pub encode: fn(&Record) -> Vec<u8>,
    /// The fact that bytes hold, if they hold one.
    pub decode: fn(&[u8]) -> Option<Record>,
}

/// A partition, by its topic's name.
type Place = (String, u32);

/// The log of a broker. It is used within a tokio runtime.
pub struct Kafka {
    broker: String,
    codec: Codec,
    connected: RwLock<Option<Arc<Client>>>,
    partitions: RwLock<BTreeMap<Place, Arc<PartitionClient>>>,
}

impl Kafka {
    /// The log of the broker at `host:port`, to which nobody connects yet.
    #[must_use]
    pub fn at(broker: &str, codec: Codec) -> Self {
        let (connected, partitions) = (RwLock::default(), RwLock::default());
        Self { broker: broker.to_owned(), codec, connected, partitions }
    }

    async fn client(&self) -> Result<Arc<Client>, PortError> {
        let connected = self.connected.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(client) = connected {
            return Ok(client);
        }
        let backoff = BackoffConfig { deadline: Some(ANSWER_LIMIT), ..BackoffConfig::default() };
        let client = ClientBuilder::new(vec![self.broker.clone()]).backoff_config(backoff);
        let client = Arc::new(client.build().await.map_err(down)?);
        *self.connected.write().unwrap_or_else(PoisonError::into_inner) = Some(client.clone());
        Ok(client)
    }

    fn known(&self, place: &Place) -> Option<Arc<PartitionClient>> {
        let known = self.partitions.read().unwrap_or_else(PoisonError::into_inner);
        known.get(place).cloned()
    }

    /// A partition of a topic, which is made if it is not there.
    async fn partition(&self, topic: &str, at: u32) -> Result<Arc<PartitionClient>, PortError> {
        let place = (topic.to_owned(), at);
        if let Some(partition) = self.known(&place) {
            return Ok(partition);
        }
        let client = self.client().await?;
        let handling = UnknownTopicHandling::Error;
        let at = int(at)?;
        let partition = match client.partition_client(topic, at, handling).await {
            Ok(partition) => partition,
            Err(_) => {
                let controller = client.controller_client().map_err(down)?;
                // Another may have made it meanwhile.
                let wait_ms = int(ANSWER_LIMIT.as_millis())?;
                let _ = controller.create_topic(topic, int(PARTITIONS)?, 1, wait_ms).await;
                client.partition_client(topic, at, handling).await.map_err(down)?
            }
        };
        let partition = Arc::new(partition);
        let mut known = self.partitions.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(place, Arc::clone(&partition));
        Ok(partition)
    }

    async fn produce(&self, topic: &str, at: u32, lines: Vec<Line>) -> Result<(), PortError> {
        let produced = async {
            let partition = self.partition(topic, at).await?;
            partition.produce(lines, Compression::NoCompression).await.map_err(down)
        };
        within(produced).await.map(drop)
    }

    /// What a line of a topic says, if it is understood and of that topic.
    fn understood(&self, topic: Topic, line: &Line) -> Option<What> {
        let record = (self.codec.decode)(line.value.as_deref()?)?;
        let world = std::str::from_utf8(line.headers.get(WORLD)?).ok()?.parse().ok()?;
        topic.has(&record.fact).then_some(What::Fact { world, record })
    }

    fn found(&self, topic: Topic, RecordAndOffset { record, offset }: RecordAndOffset) -> Found {
        let what = self.understood(topic, &record).unwrap_or_else(|| What::Malformed {
            key: record.key.unwrap_or_default(),
            value: record.value.unwrap_or_default(),
        });
        Found { offset: offset.cast_unsigned(), what }
    }
}

fn down(error: impl Display) -> PortError {
    PortError::Down(error.to_string())
}

fn int<N: TryInto<i32>>(number: N) -> Result<i32, PortError> {
    number.try_into().map_err(|_| PortError::Down("a number is too large".to_owned()))
}

/// Nobody waits longer for the broker.
async fn within<T>(asked: impl Future<Output = Result<T, PortError>>) -> Result<T, PortError> {
    timeout(ANSWER_LIMIT, asked).await.unwrap_or(Err(PortError::TimedOut))
}

impl Log for Kafka {
    fn partitions(&self) -> u32 {
        PARTITIONS
    }

    async fn append(
        &self,
        topic: Topic,
        partition: u32,
        world: u64,
        records: &[Record],
    ) -> Result<(), PortError> {
        let line = |record: &Record| Line {
            key: Some(key_of(&record.fact).into_bytes()),
            value: Some((self.codec.encode)(record)),
            headers: BTreeMap::from([(WORLD.to_owned(), world.to_string().into_bytes())]),
            timestamp: DateTime::from_timestamp_micros(record.at.0.cast_signed())
                .unwrap_or_default(),
        };
        self.produce(topic.text(), partition, records.iter().map(line).collect()).await
    }

    async fn read(
        &self,
        topic: Topic,
        partition: u32,
        from: u64,
        limit: usize,
    ) -> Result<Page, PortError> {
        let fetched = async {
            let client = self.partition(topic.text(), partition).await?;
            client.fetch_records(from.cast_signed(), 1..READ_BYTES, WAIT_MS).await.map_err(down)
        };
        let (records, _) = within(fetched).await?;
        // A batch is given whole, also where only its end was asked for.
        let wanted = records.into_iter().filter(|line| line.offset.cast_unsigned() >= from);
        let found: Vec<Found> = wanted.take(limit).map(|line| self.found(topic, line)).collect();
        let next = found.last().map_or(from, |last| last.offset + 1);
        Ok(Page { found, next })
    }

    async fn bury(&self, topic: Topic, partition: u32, found: &Found) -> Result<(), PortError> {
        let What::Malformed { key, value } = &found.what else { return Ok(()) };
        let places = [topic.text().to_owned(), partition.to_string(), found.offset.to_string()];
        let headers = WHERE.into_iter().zip(places);
        let line = Line {
            key: Some(key.clone()),
            value: Some(value.clone()),
            headers: headers.map(|(name, place)| (name.to_owned(), place.into_bytes())).collect(),
            timestamp: DateTime::default(),
        };
        self.produce(&format!("{}.dlq", topic.text()), partition, vec![line]).await
    }
}
