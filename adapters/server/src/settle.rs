//! What requests left to be told to the cache, told together: so no request waits for it.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::app::Shared;
use crate::backend::Backend;
use crate::run::Phase;

/// How often. Ten times a second: who tracks a rider sees a ping four times a second at most.
const INTERVAL: Duration = Duration::from_millis(100);

/// Tells, until the server has stopped.
pub(crate) async fn settle<B: Backend>(app: Shared<B>, mut phase: watch::Receiver<Phase>) {
    loop {
        let stopped = phase.wait_for(|phase| *phase == Phase::Flushing);
        let is_last = timeout(INTERVAL, stopped).await.is_ok();
        let cache = app.backend.cache();
        app.limits.settle(cache).await;
        app.places.tell(cache).await;
        if is_last {
            return;
        }
    }
}
