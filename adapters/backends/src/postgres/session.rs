//! Connections: how they are opened, and how statements are sent together.

use std::str::FromStr;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use shell::PortError;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error, NoTls};

use super::cells::Param;
use super::statements::{Does, Statements};
use super::wire::{Answered, Failure, Row, Said, Wire};
use super::{Locking, OpenError, Options};

mod migrations {
    //! The migrations, in the binary.
    refinery::embed_migrations!("migrations");
}

/// Settings of every connection.
///
/// Every statement looks rows up by their keys, and is planned once for all; a plan that was made
/// while a table was nearly empty must not read the whole table ever after.
const SETTINGS: &str = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off \
    -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off \
    -c lock_timeout=4s -c idle_in_transaction_session_timeout=10s";

/// Settings of a connection that may hold locks between transactions: whoever stands still with
/// them loses them. So does whoever has nothing to do, and opens it again when there is.
const LOCKING: &str = "-c idle_session_timeout=10s";

/// The name that `migrate` locks, so that two replicas that start together make tables once.
const MIGRATING: &str = "SELECT pg_advisory_lock(hashtextextended('migrations', 0))";
const MIGRATED: &str = "SELECT pg_advisory_unlock(hashtextextended('migrations', 0))";

/// Statements that are sent together, with their parameters.
pub(super) type Batch = Vec<(Does, Vec<Param>)>;

/// Statements that see one moment. What they give stands behind what the snapshot's beginning
/// gives: nothing.
pub(super) fn in_snapshot(statements: Batch) -> Batch {
    let mut batch: Batch = vec![(Does::BeginSnapshot, Vec::new())];
    batch.extend(statements);
    batch.push((Does::EndSnapshot, Vec::new()));
    batch
}

/// Opens connections to one database.
#[derive(Clone)]
pub(super) struct Opener {
    config: Config,
}

impl Opener {
    pub(super) fn new(url: &str, options: &Options) -> Result<Self, OpenError> {
        let mut config = Config::from_str(url)?;
        let given = config.get_options().unwrap_or_default();
        let synchronous = if options.durable { "on" } else { "off" };
        let locking = if options.locking == Locking::Row { LOCKING } else { "" };
        let options = format!("{given} {SETTINGS} {locking} -c synchronous_commit={synchronous}");
        config.options(options.trim());
        config.application_name("dastak");
        Ok(Self { config })
    }

    async fn open(&self) -> Result<Client, Error> {
        let (client, connection) = self.config.connect(NoTls).await?;
        // It ends when its client is dropped. What breaks it, the client is told as well.
        tokio::spawn(async move { connection.await.ok() });
        Ok(client)
    }

    /// Brings the tables up to date.
    pub(super) async fn migrate(&self) -> Result<(), OpenError> {
        let mut client = self.open().await?;
        client.batch_execute(MIGRATING).await?;
        migrations::migrations::runner().run_async(&mut client).await?;
        client.batch_execute(MIGRATED).await?;
        Ok(())
    }
}

impl Manager for Opener {
    type Type = Session;
    type Error = Failure;

    async fn create(&self) -> Result<Session, Failure> {
        let mut wire = Wire::open(&self.config).await?;
        let statements = Statements::prepare(&mut wire).await?;
        Ok(Session { wire, statements })
    }

    async fn recycle(&self, session: &mut Session, _: &Metrics) -> RecycleResult<Failure> {
        if session.wire.is_usable() {
            return Ok(());
        }
        Err(RecycleError::message("the connection is closed, or something else was said over it"))
    }
}

/// One connection with its statements.
pub(super) struct Session {
    wire: Wire,
    statements: Statements,
}

/// How a unit of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It is committed.
    Done,
    /// Its input was heard before.
    Repeat,
    /// Somebody else was quicker.
    LostRace,
    /// Another has the duty by now.
    Fenced,
}

/// What came of statements that were sent together: the rows of each, or the first failure.
pub(super) struct Outcome(Result<Vec<Vec<Row>>, Failure>);

impl Outcome {
    /// The rows of each statement.
    ///
    /// # Errors
    /// [`PortError::TimedOut`] when the connection broke, and nobody knows what was done;
    /// [`PortError::Down`] when the server refused, and nothing was done.
    pub(super) fn rows(self) -> Result<Vec<Vec<Row>>, PortError> {
        self.0.map_err(|failure| match failure {
            Failure::Refused { ref code, .. } if !is_ending(code) => {
                PortError::Down(failure.to_string())
            }
            Failure::Refused { .. } | Failure::Broken(_) | Failure::Greeting(_) => {
                PortError::TimedOut
            }
        })
    }

    /// How a unit of work ended.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub(super) fn ended(self) -> Result<Ended, PortError> {
        if self.is_lost_race() {
            return Ok(Ended::LostRace);
        }
        match self.code().map(SqlState::code) {
            Some("DK002") => Ok(Ended::Repeat),
            Some("DK003") => Ok(Ended::Fenced),
            _ => self.rows().map(|_| Ended::Done),
        }
    }

    /// Which statement failed, and by which of its rows if it says so; both counted from zero.
    pub(super) fn lost_at(&self) -> Option<(usize, Vec<usize>)> {
        let Err(Failure::Refused { detail, before, .. }) = &self.0 else { return None };
        let place = |place: &str| place.parse::<usize>().ok()?.checked_sub(1);
        Some((*before, detail.split(',').filter_map(place).collect()))
    }

    /// Whether somebody else was quicker. Two that wait for each other are in a race as well.
    pub(super) fn is_lost_race(&self) -> bool {
        self.code().is_some_and(|code| {
            code.code() == "DK001"
                || *code == SqlState::T_R_DEADLOCK_DETECTED
                || *code == SqlState::T_R_SERIALIZATION_FAILURE
        })
    }

    /// Whether the world cannot be replaced, since it has an order.
    pub(super) fn has_order(&self) -> bool {
        self.code().is_some_and(|code| code.code() == "DK004")
    }

    fn code(&self) -> Option<&SqlState> {
        match self.0.as_ref().err()? {
            Failure::Refused { code, .. } => Some(code),
            Failure::Broken(_) | Failure::Greeting(_) => None,
        }
    }
}

/// Whether a server said so because it ends, so that it may have committed before.
fn is_ending(code: &SqlState) -> bool {
    [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN].contains(code)
}

impl Session {
    /// Sends statements together, in order, and awaits them all. They are one transaction, which is
    /// over when this returns, except where one of them ends it.
    pub(super) async fn run(&mut self, batch: Batch) -> Outcome {
        let transactions = self.say(&batch).await;
        let rows = transactions.and_then(|all| all.into_iter().collect::<Result<Vec<_>, _>>());
        Outcome(rows.map(|rows| rows.into_iter().flatten().collect()))
    }

    /// Sends several batches together, each a transaction by itself: what came of each.
    pub(super) async fn run_each(
        &mut self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Outcome>, PortError> {
        let mut all = Batch::new();
        for batch in batches {
            if !all.is_empty() {
                all.push((Does::Rest, Vec::new()));
            }
            all.extend(batch);
        }
        // Nobody knows what was done.
        let transactions = self.say(&all).await.map_err(|_| PortError::TimedOut)?;
        Ok(transactions.into_iter().map(Outcome).collect())
    }

    async fn say(&mut self, batch: &Batch) -> Result<Vec<Answered>, Failure> {
        let mut said = Vec::with_capacity(batch.len());
        for (does, params) in batch {
            let is_rest = *does == Does::Rest;
            let statement = || Said::Statement(self.statements.get(*does), params);
            said.push(if is_rest { Said::Over } else { statement() });
        }
        self.wire.say(&said).await
    }
}
