//! Futures side by side, without a runtime.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// A future that shares its time with others.
pub(crate) type Side<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Runs futures side by side until all are done, at most `limit` at once. Those are all looked at
/// whenever one can go on, so it is for few.
pub(crate) async fn together(sides: Vec<Side<'_>>, limit: usize) {
    let mut waiting = sides.into_iter();
    let mut under_way: Vec<Side<'_>> = Vec::new();
    poll_fn(|context| {
        under_way.retain_mut(|side| side.as_mut().poll(context).is_pending());
        while under_way.len() < limit {
            let Some(mut side) = waiting.next() else { break };
            if side.as_mut().poll(context).is_pending() {
                under_way.push(side);
            }
        }
        if under_way.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
