//! The connection to Redis: how it is opened, shared, given up and opened again.

use std::fmt::Display;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{AsyncConnectionConfig, Client, IntoConnectionInfo, RedisError, RedisResult};
use shell::PortError;
use tokio::sync::Notify;
use tokio::time::timeout;

/// How long whoever asks waits for an answer, a connection included. 50 ms, assumed, grade E:
/// many times what Redis takes, and a twentieth of what a customer waits for an order.
pub const DEADLINE: Duration = Duration::from_millis(50);
/// How long opening a connection may take. Whoever waits for it gives up before.
const OPEN_LIMIT: Duration = Duration::from_secs(1);

/// An address that is none of Redis.
#[derive(Debug, thiserror::Error)]
#[error("it is no address of Redis, such as redis://127.0.0.1:6379/0")]
pub struct BadAddress(#[source] RedisError);

/// A connection, and how many were opened before.
#[derive(Clone)]
struct Opened {
    nth: u64,
    connection: MultiplexedConnection,
}

#[derive(Default)]
struct State {
    opened: Option<Opened>,
    count: u64,
    is_opening: bool,
    /// Why the last one could not be opened.
    why: String,
}

struct Shared {
    client: Client,
    state: Mutex<State>,
    changed: Notify,
}

/// Connections to one server, one at a time.
pub(super) struct Connections(Arc<Shared>);

impl Connections {
    pub(super) fn to(url: &str) -> Result<Self, BadAddress> {
        let info = url.into_connection_info().map_err(BadAddress)?;
        let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
        let client = Client::open(info).map_err(BadAddress)?;
        let (state, changed) = (Mutex::default(), Notify::new());
        Ok(Self(Arc::new(Shared { client, state, changed })))
    }

    /// Has something asked over a connection, within the deadline.
    pub(super) async fn carry<T, F>(
        &self,
        ask: impl FnOnce(MultiplexedConnection) -> F,
    ) -> Result<T, PortError>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let mut nth = None;
        let asked = async {
            let Opened { nth: number, connection } = self.0.opened().await?;
            nth = Some(number);
            ask(connection).await.map_err(|error| {
                if error.is_unrecoverable_error() || error.is_io_error() {
                    self.0.give_up(number);
                }
                down(error)
            })
        };
        if let Ok(answer) = timeout(DEADLINE, asked).await {
            return answer;
        }
        if let Some(nth) = nth {
            self.0.give_up(nth);
        }
        Err(PortError::TimedOut)
    }
}

fn down(error: impl Display) -> PortError {
    PortError::Down(error.to_string())
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is whole wherever a panic stops who makes it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection there is, or the next one. One opens it for all.
    async fn opened(self: &Arc<Self>) -> Result<Opened, PortError> {
        let changed = self.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        {
            let mut state = self.lock();
            if let Some(opened) = &state.opened {
                return Ok(opened.clone());
            }
            if !state.is_opening {
                state.is_opening = true;
                // It goes on when whoever asked has given up.
                tokio::spawn(Arc::clone(self).open());
            }
        }
        changed.await;
        let state = self.lock();
        state.opened.clone().ok_or_else(|| PortError::Down(state.why.clone()))
    }

    async fn open(self: Arc<Self>) {
        // Each caller has a deadline of its own.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let config = config.set_connection_timeout(Some(OPEN_LIMIT));
        let opening = self.client.get_multiplexed_async_connection_with_config(&config);
        let opened = timeout(OPEN_LIMIT, opening).await;
        let mut state = self.lock();
        state.is_opening = false;
        match opened {
            Ok(Ok(connection)) => {
                state.count += 1;
                state.opened = Some(Opened { nth: state.count, connection });
            }
            Ok(Err(error)) => state.why = error.to_string(),
            Err(_) => state.why = "it does not answer".to_owned(),
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Leaves a connection to those who use it still. The next one gets another.
    fn give_up(&self, nth: u64) {
        let mut state = self.lock();
        if state.opened.as_ref().is_some_and(|opened| opened.nth == nth) {
            state.opened = None;
        }
    }
}
