//! Connections: how they are opened, and how statements are sent together.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::str::FromStr;
use std::task::Poll;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use shell::PortError;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error, NoTls, Row};

use super::cells::Param;
use super::statements::{Does, Statements};
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

/// Opens connections to one database.
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
    type Error = Error;

    async fn create(&self) -> Result<Session, Error> {
        let client = self.open().await?;
        let statements = Statements::prepare(&client).await?;
        Ok(Session { client, statements })
    }

    async fn recycle(&self, session: &mut Session, _: &Metrics) -> RecycleResult<Error> {
        if session.client.is_closed() {
            return Err(RecycleError::message("the connection is closed"));
        }
        Ok(())
    }
}

/// One connection with its statements.
pub(super) struct Session {
    client: Client,
    statements: Statements,
}

/// What came of statements that were sent together: the rows of each, or the first failure.
pub(super) struct Outcome(Result<Vec<Vec<Row>>, Error>);

impl Outcome {
    /// The rows of each statement.
    ///
    /// # Errors
    /// [`PortError::TimedOut`] when the connection broke, and nobody knows what was done;
    /// [`PortError::Down`] when the server refused, and nothing was done.
    pub(super) fn rows(self) -> Result<Vec<Vec<Row>>, PortError> {
        self.0.map_err(|error| match error.as_db_error() {
            Some(refused) if !is_ending(refused.code()) => PortError::Down(refused.to_string()),
            _ => PortError::TimedOut,
        })
    }

    /// Whether the input was heard before.
    pub(super) fn is_repeat(&self) -> bool {
        self.code().is_some_and(|code| code.code() == "DK002")
    }

    /// Whether somebody else was quicker. Two that wait for each other are in a race as well.
    pub(super) fn is_lost_race(&self) -> bool {
        self.code().is_some_and(|code| {
            code.code() == "DK001"
                || *code == SqlState::T_R_DEADLOCK_DETECTED
                || *code == SqlState::T_R_SERIALIZATION_FAILURE
        })
    }

    /// Whether another has the duty by now.
    pub(super) fn is_fenced(&self) -> bool {
        self.code().is_some_and(|code| code.code() == "DK003")
    }

    /// Whether the world cannot be replaced, since it has an order.
    pub(super) fn has_order(&self) -> bool {
        self.code().is_some_and(|code| code.code() == "DK004")
    }

    fn code(&self) -> Option<&SqlState> {
        self.0.as_ref().err()?.code()
    }
}

/// Whether a server said so because it ends, so that it may have committed before.
fn is_ending(code: &SqlState) -> bool {
    [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN].contains(code)
}

/// What comes of one statement.
type Answered = Result<Vec<Row>, Error>;
/// A statement that was sent, and what came of it if that is known.
type Sent<'a> = (Pin<Box<dyn Future<Output = Answered> + Send + 'a>>, Option<Answered>);

impl Session {
    /// Sends statements together, in order, and awaits them all. A transaction that fails is over
    /// when this returns, because its end was sent with it.
    pub(super) async fn run(&self, batch: Batch) -> Outcome {
        let mut sent: Vec<Sent<'_>> = Vec::with_capacity(batch.len());
        for (does, params) in batch {
            sent.push((Box::pin(self.send(does, params)), None));
        }
        // A statement is sent when it is first asked how far it is.
        poll_fn(|context| {
            for (future, done) in &mut sent {
                if let Poll::Ready(result) = future.as_mut().poll(context) {
                    *done = Some(result);
                }
            }
            Poll::Ready(())
        })
        .await;
        let (mut rows, mut failure) = (Vec::with_capacity(sent.len()), None);
        for (future, done) in sent {
            let result = match done {
                Some(result) => result,
                None => future.await,
            };
            match result {
                Ok(found) => rows.push(found),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        Outcome(failure.map_or(Ok(rows), Err))
    }

    async fn send(&self, does: Does, params: Vec<Param>) -> Result<Vec<Row>, Error> {
        let params: Vec<&(dyn ToSql + Sync)> =
            params.iter().map(|param| &**param as &(dyn ToSql + Sync)).collect();
        self.client.query(self.statements.get(does), &params).await
    }
}
