//! What every database must do that readers of the log keep their progress in.

use std::future::Future;

use domain::ids::{CustomerId, OrderId};
use domain::time::{Millis, Timestamp};

use super::{commit, unit};
use crate::log::{Cursors, Note, Progress, Spot};
use crate::ports::Committed;
use crate::rows::Key;
use crate::serving::{Duty, Serving};

const SPOT: Spot = Spot { reader: "one", topic: "notifications", partition: 3 };
const START: Progress = Progress { next: 0, seen: 0 };

/// Runs every check, each on a database that `fresh` makes.
///
/// # Panics
/// When the database does not keep the contract, saying what it did instead.
pub async fn check<D: Cursors + Serving, F: Future<Output = D>>(mut fresh: impl FnMut() -> F) {
    readers_move_on_from_where_they_stand(&fresh().await).await;
    whoever_lost_the_duty_moves_nothing(&fresh().await).await;
    what_is_told_is_noted_once_and_with_the_progress(&fresh().await).await;
}

const fn at(next: u64, seen: u64) -> Progress {
    Progress { next, seen }
}

async fn progress<D: Cursors>(database: &D, spot: Spot) -> Progress {
    database.progress(spot).await.expect("progress is read")
}

async fn advance<D: Cursors>(
    database: &D,
    from: Progress,
    to: Progress,
    notes: &[Note],
) -> Committed {
    database.advance(None, SPOT, from, to, notes).await.expect("an advance is answered")
}

async fn readers_move_on_from_where_they_stand<D: Cursors>(database: &D) {
    assert_eq!(progress(database, SPOT).await, START);
    assert_eq!(advance(database, at(1, 1), at(2, 2), &[]).await, Committed::Conflict);
    assert_eq!(advance(database, START, at(5, 7), &[]).await, Committed::Done);
    assert_eq!(advance(database, START, at(5, 7), &[]).await, Committed::Conflict, "once");
    assert_eq!(advance(database, at(5, 6), at(6, 8), &[]).await, Committed::Conflict);
    assert_eq!(advance(database, at(5, 7), at(6, 8), &[]).await, Committed::Done);
    assert_eq!(progress(database, SPOT).await, at(6, 8));
    for other in [
        Spot { reader: "two", ..SPOT },
        Spot { topic: "order-events", ..SPOT },
        Spot { partition: 4, ..SPOT },
    ] {
        assert_eq!(progress(database, other).await, START, "{other:?} is another");
    }
}

async fn whoever_lost_the_duty_moves_nothing<D: Cursors + Serving>(database: &D) {
    let lease = Millis::ZERO;
    let assume = async |holder| {
        let fence = database.assume(Duty::Log, holder, lease).await;
        fence.expect("it is known who has a duty").expect("nobody has it any more")
    };
    let old = assume(1).await;
    let advance = async |fence, from, to| {
        let advanced = database.advance(Some(fence), SPOT, from, to, &[]).await;
        advanced.expect("an advance is answered")
    };
    assert_eq!(advance(old, START, at(1, 1)).await, Committed::Done);
    let new = assume(2).await;
    assert_eq!(advance(old, at(1, 1), at(2, 2)).await, Committed::Fenced);
    assert_eq!(advance(new, at(1, 1), at(2, 2)).await, Committed::Done);
}

async fn what_is_told_is_noted_once_and_with_the_progress<D: Cursors>(database: &D) {
    let orders = [(OrderId(1), CustomerId(7)), (OrderId(2), CustomerId(8))];
    let keys = orders.map(|(order, _)| Key::Order(order));
    let mut placed = unit(database, 1, 1, &keys).await;
    for (order, customer) in orders {
        placed.rows.orders.get_mut(order).expect("loaded").customer = customer;
    }
    assert_eq!(commit(database, &placed).await, Committed::Done);
    let note = |order, seq| Note {
        order: OrderId(order),
        seq,
        kind: "order_confirmed",
        at: Timestamp::from_s(seq),
    };
    let first = [note(1, 3), note(2, 4), note(1, 6)];
    assert_eq!(advance(database, at(9, 9), at(10, 10), &first).await, Committed::Conflict);
    let notes = async |customer, limit| {
        let notes = database.notes(CustomerId(customer), limit).await;
        notes.expect("notifications are read")
    };
    assert_eq!(notes(7, 9).await, [], "nothing is noted without the progress");
    assert_eq!(advance(database, START, at(7, 7), &first).await, Committed::Done);
    let again = [note(1, 6), note(1, 8)];
    assert_eq!(advance(database, at(7, 7), at(9, 9), &again).await, Committed::Done);
    assert_eq!(notes(7, 9).await, [note(1, 8), note(1, 6), note(1, 3)], "the newest first");
    assert_eq!(notes(7, 2).await, [note(1, 8), note(1, 6)]);
    assert_eq!(notes(8, 9).await, [note(2, 4)]);
}
