//! Connections over which somebody did not hear the answer.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use dastak_backends::{Options, Postgres};
use domain::ids::CityId;
use shell::{Database, Numbers};

use crate::with_server;

/// Polls so often and goes away.
pub(crate) async fn gives_up_after(polls: usize, work: impl Future) {
    let mut work = pin!(work);
    let mut left = polls;
    poll_fn(|context| {
        let is_over = work.as_mut().poll(context).is_ready();
        left = left.saturating_sub(1);
        if is_over || left == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Numbers are drawn in order by those who stay, whatever those ask who go away in between: nobody is
/// given an answer to what another asked.
#[test]
fn who_goes_away_leaves_no_answer_to_others() {
    with_server(async |server| {
        let url = server.fresh().await.unwrap();
        let wait = Duration::from_secs(20);
        let options = Options { wait, connections: 1, ..Options::default() };
        let database = Postgres::connect(&url, CityId(0), options).await.unwrap();
        let mut next = database.draw(Numbers::Trips, 1).await.unwrap() + 1;
        for nth in 0..60 {
            let polls = 1 + nth % 3;
            gives_up_after(polls, database.pool(nth)).await;
            assert_eq!(database.draw(Numbers::Trips, 1).await, Ok(next), "after {nth}");
            next += 1;
        }
    });
}
