//! The ports over PostgreSQL and Redis, against servers of their own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for a few of many")]

mod cached;
mod columns;
mod conformance;
mod left;
mod locked;
mod logged;
#[path = "../../../shell/tests/conformance/played.rs"]
mod played;
#[path = "../../../shell/tests/conformance/racing.rs"]
mod racing;
#[path = "../../../shell/tests/conformance/replay.rs"]
mod replay;
mod suite;
mod together;

use std::sync::{Arc, Weak};
use std::time::Duration;

use ::shell;
use dastak_backends::private::{PrivateError, PrivateServer};
use dastak_backends::{Locking, Options, Postgres};
use domain::ids::CityId;
use tokio::sync::Mutex;

/// The server of the tests that run now; it ends with the last of them.
static SHARED: Mutex<Weak<PrivateServer>> = Mutex::const_new(Weak::new());

async fn shared() -> Result<Arc<PrivateServer>, PrivateError> {
    let mut shared = SHARED.lock().await;
    if let Some(server) = shared.upgrade() {
        return Ok(server);
    }
    let server = Arc::new(PrivateServer::start().await?);
    *shared = Arc::downgrade(&server);
    Ok(server)
}

/// Runs a test against a server of our own. Without PostgreSQL it is skipped, but not in CI.
fn with_server<T>(test: impl AsyncFnOnce(&PrivateServer) -> T) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match shared().await {
            Ok(server) => Some(test(&server).await),
            Err(PrivateError::Missing) if std::env::var_os("CI").is_none() => {
                eprintln!("skipped: {}", PrivateError::Missing);
                None
            }
            Err(error) => panic!("no server: {error:?}"),
        }
    })
}

/// A new database of a server, for one city.
async fn fresh(server: &PrivateServer, city: CityId) -> Postgres {
    fresh_by(server, city, Locking::Version).await
}

/// A new database of a server, for one city, in which shelves are locked or not.
async fn fresh_by(server: &PrivateServer, city: CityId, locking: Locking) -> Postgres {
    let url = server.fresh().await.unwrap();
    // Many tests share the processors: a connection may take long to be opened.
    let options = Options { wait: Duration::from_secs(20), locking, ..Options::default() };
    Postgres::connect(&url, city, options).await.unwrap()
}
