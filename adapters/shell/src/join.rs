//! Futures side by side, without a runtime.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// A future that shares its time with others.
pub(crate) type Side<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Runs futures side by side until all are done. All of them are looked at whenever one can go
/// on, so it is for few.
pub(crate) async fn together(mut sides: Vec<Side<'_>>) {
    poll_fn(|context| {
        sides.retain_mut(|side| side.as_mut().poll(context).is_pending());
        if sides.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
