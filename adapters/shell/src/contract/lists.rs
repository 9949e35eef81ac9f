//! What stands beside rows: journal, outbox, timers and numbers.

use domain::dispatch::request;
use domain::facts::Fact;
use domain::ids::{OrderId, RiderId, StoreId, TripId};
use domain::outside::Effect;
use domain::place::Place;
use domain::rider::{Duty, State};
use domain::time::{Millis, Timestamp};

use super::{commit, effects, unit};
use crate::ports::{Committed, Database, Free, Numbers, OutboxId, OutboxRow, Pause, Pool, Waits};
use crate::rows::{Key, Order};
use crate::unit::{InputKey, Source};

const LEASE: Millis = Millis::from_s(10);

/// Facts of every kind, in two units of work.
pub(super) async fn the_journal_keeps_facts_as_they_were_told<D: Database>(database: &D) {
    let tags = (0_u8..)
        .zip(Fact::AREAS)
        .flat_map(|(area, kinds)| (0_u8..).zip(*kinds).map(move |(variant, _)| (area, variant)));
    let facts: Vec<Fact> = tags.filter_map(|tag| Fact::from_cells(tag, &mut || Some(1))).collect();
    assert!(facts.len() > 80, "every kind of fact can be made of ones");
    let (first, second) = facts.split_at(facts.len() / 2);
    for (name, part) in [(1, first), (2, second)] {
        let mut unit = unit(database, name, name, &[]).await;
        unit.told.facts.extend_from_slice(part);
        assert_eq!(commit(database, &unit).await, Committed::Done);
    }
    let journal = database.journal(0, usize::MAX).await.expect("the journal is read");
    let told: Vec<Fact> = journal.iter().map(|record| record.fact).collect();
    assert_eq!(told, facts);
    for (at, record) in journal.iter().enumerate() {
        assert_eq!(record.seq, at as u64, "facts are numbered from zero without gaps");
        let told_at = Timestamp::from_s(if at < first.len() { 1 } else { 2 });
        assert_eq!(record.at, told_at);
    }
    let part = database.journal(3, 4).await.expect("the journal is read");
    assert_eq!(part, journal[3..7]);
}

async fn take<D: Database>(database: &D, at_s: u64, limit: usize) -> Vec<OutboxRow> {
    let now = Timestamp::from_s(at_s);
    database.take(now, LEASE, limit).await.expect("the outbox is read")
}

fn asked(rows: &[OutboxRow]) -> Vec<Effect> {
    rows.iter().map(|row| row.effect).collect()
}

/// Effects of every kind but timers and hints come out as they went in, and again when a lease is over.
pub(super) async fn the_outbox_hands_out_in_order<D: Database>(database: &D) {
    let mut unit = unit(database, 1, 1, &[]).await;
    unit.told.effects.extend(effects());
    assert_eq!(commit(database, &unit).await, Committed::Done);
    let expected: Vec<Effect> = unit.told.asked().copied().collect();
    let rows = take(database, 1, usize::MAX).await;
    assert_eq!(asked(&rows), expected);
    assert!(rows.is_sorted_by_key(|row| row.id), "older rows have lower numbers");
    assert_eq!(take(database, 10, usize::MAX).await, [], "they are with a taker");
    assert_eq!(take(database, 11, 3).await, rows[..3], "the lease is over");
    let done: Vec<OutboxId> = rows.iter().skip(3).map(|row| row.id).collect();
    for _ in 0..2 {
        database.ack(&done).await.expect("rows are acknowledged, also twice");
    }
    assert_eq!(take(database, 100, usize::MAX).await, rows[..3]);
}

/// What is asked about one order waits while something earlier about it is with a taker.
pub(super) async fn rows_of_one_subject_are_with_one_taker<D: Database>(database: &D) {
    let order = |order| Effect::Reserve { order: OrderId(order) };
    for (name, effect) in (1..).zip([order(7), order(8), order(7)]) {
        let mut unit = unit(database, name, 1, &[]).await;
        unit.told.effects.push(effect);
        assert_eq!(commit(database, &unit).await, Committed::Done);
    }
    let first = take(database, 1, 1).await;
    assert_eq!(asked(&first), [order(7)]);
    assert_eq!(asked(&take(database, 2, usize::MAX).await), [order(8)]);
    database.ack(&[first[0].id]).await.expect("a row is acknowledged");
    assert_eq!(asked(&take(database, 3, usize::MAX).await), [order(7)]);
}

/// What is given back can be taken after a pause, each time a longer one; with another it stays.
pub(super) async fn what_failed_is_given_back<D: Database>(database: &D) {
    let order = |order| Effect::Reserve { order: OrderId(order) };
    let mut asker = unit(database, 1, 1, &[]).await;
    asker.told.effects.extend([order(1), order(1), order(2)]);
    assert_eq!(commit(database, &asker).await, Committed::Done);
    let at = |ms: u64| Timestamp(ms * 1_000);
    let take = async |ms| {
        let taken = database.take(at(ms), LEASE, usize::MAX).await.expect("the outbox is read");
        asked(&taken)
    };
    let all = database.take(at(1_000), LEASE, usize::MAX).await.expect("the outbox is read");
    let ids: Vec<OutboxId> = all.iter().take(2).map(|row| row.id).collect();
    let pause = Pause { first: Millis(100), most: Millis(300) };
    let give_back = async |lent_ms: u64, now_ms| {
        let lent_until = at(lent_ms) + LEASE;
        let given = database.give_back(&ids, lent_until, at(now_ms), pause).await;
        given.expect("rows are given back");
    };
    give_back(999, 1_000).await;
    assert_eq!(take(1_500).await, [], "they are with another");
    give_back(1_000, 1_500).await;
    assert_eq!(take(1_599).await, []);
    assert_eq!(take(1_600).await, [order(1), order(1)], "those that were given back");
    // Twice as long, and then as long as it can be.
    for (lent_ms, pause_ms) in [(1_600, 200), (1_900, 300), (2_300, 300)] {
        let now_ms = lent_ms + 100;
        give_back(lent_ms, now_ms).await;
        assert_eq!(take(now_ms + pause_ms - 1).await, []);
        assert_eq!(take(now_ms + pause_ms).await, [order(1), order(1)]);
    }
    assert_eq!(take(20_000).await.len(), 3, "all leases are over");
}

pub(super) async fn an_answer_takes_its_row_out_of_the_outbox<D: Database>(database: &D) {
    let mut asker = unit(database, 1, 1, &[]).await;
    let effect = |order| Effect::Reserve { order: OrderId(order) };
    asker.told.effects.extend([effect(1), effect(2)]);
    assert_eq!(commit(database, &asker).await, Committed::Done);
    let rows = take(database, 1, usize::MAX).await;
    let mut answer = unit(database, 2, 2, &[]).await;
    answer.key = InputKey::numbered(Source::Outbox, rows[0].id.0);
    assert_eq!(commit(database, &answer).await, Committed::Done);
    assert_eq!(asked(&take(database, 100, usize::MAX).await), [effect(2)]);
}

/// Timers of every kind ring at their time, the earliest first, until a commit has their name or
/// they are crossed off.
pub(super) async fn timers_ring_until_they_are_heard<D: Database>(database: &D) {
    let mut unit_of_timers = unit(database, 1, 1, &[]).await;
    let order = OrderId(3);
    let hold = |at_s| Effect::WakeHold { order, wake_at: Timestamp::from_s(at_s) };
    unit_of_timers.told.effects.extend([hold(30), hold(20)]);
    unit_of_timers.told.effects.extend(effects());
    assert_eq!(commit(database, &unit_of_timers).await, Committed::Done);
    let mut expected: Vec<_> = unit_of_timers.told.timers().collect();
    expected.sort_by_key(|(_, wake_at)| *wake_at);
    let due = |at_s, limit| database.due(Timestamp::from_s(at_s), limit);
    let all = due(30, usize::MAX).await.expect("timers are read");
    let found: Vec<_> = all.iter().map(|row| (row.input, row.wake_at)).collect();
    assert_eq!(found, expected);
    assert_eq!(due(30, 2).await.expect("timers are read"), all[..2]);
    let before = due(29, usize::MAX).await.expect("timers are read");
    assert_eq!(before, all[..all.len() - 1], "the last is not due");
    let last = all[all.len() - 1];
    let mut rung = unit(database, 2, 30, &[]).await;
    rung.key = InputKey::numbered(Source::Timer, last.id.0);
    assert_eq!(commit(database, &rung).await, Committed::Done);
    assert_eq!(due(1_000, usize::MAX).await.expect("timers are read"), before);
    let (crossed, rest) = before.split_at(2);
    for _ in 0..2 {
        let ids = [crossed[0].id, crossed[1].id];
        database.cross_off(&ids).await.expect("timers are crossed off, also twice");
    }
    assert_eq!(due(1_000, usize::MAX).await.expect("timers are read"), rest);
}

pub(super) async fn numbers_are_drawn_once<D: Database>(database: &D) {
    let mut drawn = Vec::new();
    for count in [1, 5, 1, 64] {
        let first = database.draw(Numbers::Trips, count).await.expect("numbers are drawn");
        drawn.extend(first..first + u64::from(count));
    }
    let all = drawn.len();
    drawn.sort_unstable();
    drawn.dedup();
    assert_eq!(drawn.len(), all, "a number was drawn twice");
    for numbers in [Numbers::Orders, Numbers::Postings, Numbers::Customers] {
        let first = database.draw(numbers, 1).await.expect("numbers are drawn");
        assert_eq!(first, 0, "{numbers:?} are counted by themselves, from zero");
    }
}

pub(super) async fn the_pool_shows_who_waits_and_who_is_free<D: Database>(database: &D) {
    let orders = [OrderId(9), OrderId(4), OrderId(6), OrderId(5)];
    let riders = [RiderId(3), RiderId(1), RiderId(2)];
    let keys = orders.map(Key::Order).into_iter().chain(riders.map(Key::Rider));
    let mut unit = unit(database, 1, 1, &keys.collect::<Vec<_>>()).await;
    let mut expected = Vec::new();
    for (at, order) in (0_u8..).zip(orders) {
        let row = unit.rows.orders.get_mut(order).expect("loaded");
        row.request.status =
            if at == 3 { request::Status::Closed } else { request::Status::Waiting };
        row.request.refusals = at;
        let at_s = |what: u64| Timestamp::from_s(what + u64::from(at));
        // The second and the third began to wait at the same time.
        row.requested_at = if at == 2 { at_s(19) } else { at_s(20) };
        (row.ready_at, row.promise_by) = (at_s(30), at_s(40));
        row.store = StoreId(50 + u32::from(at));
        row.door = Place { lat_e7: 60 + i32::from(at), lon_e7: -70 };
        row.refused_by = (at > 0).then_some(RiderId(80));
        let Order { store, door, requested_at, ready_at, promise_by, refused_by, .. } = *row;
        expected.push(Waits {
            order,
            store,
            door,
            requested_at,
            ready_at,
            promise_by,
            refusals: at,
            refused_by,
        });
    }
    for (rider, (duty, trip)) in
        riders.into_iter().zip([(Duty::On, None), (Duty::On, Some(TripId(1))), (Duty::Break, None)])
    {
        let row = unit.rows.riders.get_mut(rider).expect("loaded");
        row.state = State { duty, trip };
        row.place = Place { lat_e7: 90, lon_e7: 91 };
    }
    assert_eq!(commit(database, &unit).await, Committed::Done);
    let free = Free { rider: RiderId(3), place: Place { lat_e7: 90, lon_e7: 91 } };
    let pool = database.pool(10).await.expect("the pool is read");
    expected.truncate(3);
    let waiting = expected.clone();
    assert_eq!(pool, Pool { waiting, riders: vec![free] });
    let pool = database.pool(2).await.expect("the pool is read");
    assert_eq!(pool.waiting, expected[..2], "those that have waited longest");
}
