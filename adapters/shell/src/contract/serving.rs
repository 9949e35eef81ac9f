//! What every database must do that several servers serve from.

use std::future::Future;

use domain::ids::{OrderId, PickerId, StoreId};
use domain::outside::Effect;
use domain::picking::Status;
use domain::time::{Millis, Timestamp};

use super::{commit, unit};
use crate::ports::Committed;
use crate::rows::Key;
use crate::serving::{Duty, Fence, Serving};

/// Two servers.
const ONE: u128 = 1 << 100;
const OTHER: u128 = 2;
/// A lease that no check outlasts, and one that a check waits for.
const LONG: Millis = Millis::from_min(5);
const SHORT: Millis = Millis(300);

/// Runs every check, each on a database that `fresh` makes; `wait` lets its time pass.
///
/// # Panics
/// When the database does not keep the contract, saying what it did instead.
pub async fn check<D: Serving, F: Future<Output = D>>(
    mut fresh: impl FnMut() -> F,
    wait: impl AsyncFn(Millis),
) {
    a_duty_is_with_one(&fresh().await, &wait).await;
    whoever_lost_a_duty_is_fenced_off(&fresh().await, &wait).await;
    the_outbox_is_taken_over_with_what_was_taken(&fresh().await, &wait).await;
    lists_under_way_are_a_stores(&fresh().await).await;
}

async fn assume<D: Serving>(database: &D, duty: Duty, holder: u128, ms: Millis) -> Option<Fence> {
    database.assume(duty, holder, ms).await.expect("it is known who has a duty")
}

async fn a_duty_is_with_one<D: Serving>(database: &D, wait: &impl AsyncFn(Millis)) {
    let fence = |duty, version| Some(Fence { duty, version });
    let timers = Duty::Timers;
    assert_eq!(assume(database, timers, ONE, SHORT).await, fence(timers, 1));
    assert_eq!(assume(database, timers, OTHER, LONG).await, None, "it is with another");
    assert_eq!(assume(database, timers, ONE, SHORT).await, fence(timers, 1), "it is kept");
    for (duty, _) in Duty::ALL.into_iter().filter(|(duty, _)| *duty != timers) {
        assert_eq!(assume(database, duty, OTHER, LONG).await, fence(duty, 1), "another duty");
    }
    wait(Millis(SHORT.0 * 2)).await;
    assert_eq!(assume(database, timers, OTHER, SHORT).await, fence(timers, 2), "it is over");
    assert_eq!(assume(database, timers, ONE, SHORT).await, None);
    wait(Millis(SHORT.0 * 2)).await;
    assert_eq!(assume(database, timers, OTHER, LONG).await, fence(timers, 2), "nobody was there");
}

async fn whoever_lost_a_duty_is_fenced_off<D: Serving>(database: &D, wait: &impl AsyncFn(Millis)) {
    let old = assume(database, Duty::Rounds, ONE, SHORT).await;
    let mut first = unit(database, 1, 1, &[]).await;
    first.fence = old;
    assert_eq!(commit(database, &first).await, Committed::Done);
    wait(Millis(SHORT.0 * 2)).await;
    let mut late = unit(database, 2, 1, &[]).await;
    late.fence = old;
    assert_eq!(commit(database, &late).await, Committed::Done, "nobody has taken it over");
    let new = assume(database, Duty::Rounds, OTHER, LONG).await;
    let mut stale = unit(database, 3, 1, &[Key::Floor(StoreId(1))]).await;
    stale.rows.floors.get_mut(StoreId(1)).expect("loaded").begin(PickerId(1));
    stale.fence = old;
    assert_eq!(commit(database, &stale).await, Committed::Fenced);
    assert!(matches!(commit(database, &first).await, Committed::Repeated { .. }), "heard before");
    stale.fence = new;
    assert_eq!(commit(database, &stale).await, Committed::Done, "nothing was written before");
}

async fn the_outbox_is_taken_over_with_what_was_taken<D: Serving>(
    database: &D,
    wait: &impl AsyncFn(Millis),
) {
    let mut asker = unit(database, 1, 1, &[]).await;
    asker.told.effects.push(Effect::Reserve { order: OrderId(1) });
    assert_eq!(commit(database, &asker).await, Committed::Done);
    let now = Timestamp::from_s(1);
    let take = async || database.take(now, LONG, usize::MAX).await.expect("rows are taken");
    assume(database, Duty::Outbox, ONE, SHORT).await;
    let taken = take().await;
    assume(database, Duty::Outbox, ONE, SHORT).await;
    assert_eq!((taken.len(), take().await), (1, vec![]), "they are with a taker");
    wait(Millis(SHORT.0 * 2)).await;
    assume(database, Duty::Outbox, OTHER, SHORT).await;
    assert_eq!(take().await, taken);
}

async fn lists_under_way_are_a_stores<D: Serving>(database: &D) {
    let (one, other) = (StoreId(1), StoreId(2));
    let picker = PickerId(3);
    let rows = [
        (OrderId(9), one, Status::Collecting(picker)),
        (OrderId(2), one, Status::Packing(picker)),
        (OrderId(3), other, Status::Collecting(picker)),
        (OrderId(4), one, Status::Queued),
        (OrderId(5), one, Status::PuttingBack(None)),
        (OrderId(6), one, Status::HandedOver),
    ];
    let keys: Vec<Key> = rows.iter().map(|(order, ..)| Key::Order(*order)).collect();
    let mut unit = unit(database, 1, 1, &keys).await;
    for (order, store, status) in rows {
        let row = unit.rows.orders.get_mut(order).expect("loaded");
        (row.store, row.task.status) = (store, status);
    }
    assert_eq!(commit(database, &unit).await, Committed::Done);
    let look = async |limit| database.under_way(one, limit).await.expect("lists are read");
    assert_eq!(look(9).await, [OrderId(2), OrderId(5), OrderId(9)]);
    assert_eq!(look(2).await, [OrderId(2), OrderId(5)]);
}
