//! What a deployment spends: CPU, commits, flushes to disk.

use std::fs;
use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls};

/// A tick of the kernel's clocks of CPU, as every Linux has it.
const TICK: Duration = Duration::from_millis(10);
/// Transactions that wrote something, and flushes of the server's log to disk.
const SPENT: &str = "
    SELECT pg_snapshot_xmax(pg_current_snapshot())::text::int8, wal_sync FROM pg_stat_wal";

/// What was spent up to a moment.
pub(crate) struct Spent {
    at: Instant,
    servers: Duration,
    database: Duration,
    commits: i64,
    flushes: i64,
}

impl Spent {
    /// What servers and their database server have spent so far; processes by their numbers.
    #[expect(clippy::disallowed_methods, reason = "what is spent is told by the second")]
    pub(crate) async fn read(url: &str, servers: &[u32], postgres: u32) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(async move { connection.await.ok() });
        let (commits, flushes) = counts(&client).await;
        let servers = servers.iter().filter_map(|number| Process::read(*number));
        let all = fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| Process::read(entry.ok()?.file_name().to_str()?.parse().ok()?));
        let database = all.filter(|process| [process.number, process.parent].contains(&postgres));
        Self {
            at: Instant::now(),
            servers: servers.map(|process| process.cpu).sum(),
            database: database.map(|process| process.cpu).sum(),
            commits,
            flushes,
        }
    }

    /// What was spent since then on so many orders, as a line to read.
    pub(crate) fn since(&self, before: &Self, orders: u64) -> String {
        let each = |spent: Duration| spent.as_micros() as f64 / orders as f64;
        let seconds = (self.at - before.at).as_secs_f64();
        format!(
            "CPU an order: servers {:.0} µs, PostgreSQL {:.0} µs; commits an order: {:.1}; \
             {:.0} flushes to disk a second; {orders} orders in {seconds:.0} s",
            each(self.servers - before.servers),
            each(self.database - before.database),
            (self.commits - before.commits) as f64 / orders as f64,
            (self.flushes - before.flushes) as f64 / seconds,
        )
    }
}

async fn counts(client: &Client) -> (i64, i64) {
    let row = client.query_one(SPENT, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

/// A process, and the CPU it and its ended children have had.
struct Process {
    number: u32,
    parent: u32,
    cpu: Duration,
}

impl Process {
    fn read(number: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
        // The name, in brackets, may have blanks.
        let fields: Vec<&str> = text.rsplit(')').next()?.split_whitespace().collect();
        let ticks: Vec<u32> =
            fields.get(11..15)?.iter().filter_map(|one| one.parse().ok()).collect();
        let cpu = TICK * ticks.iter().sum::<u32>();
        Some(Self { number, parent: fields.get(1)?.parse().ok()?, cpu })
    }
}
