//! What every database must do, as one suite of checks. Each backend runs it in its tests.
//!
//! The checks speak to a database through its port alone. Each begins with a fresh one.

mod accounts;
pub mod cache;
mod company;
pub mod cursors;
mod lists;
mod rows;
mod samples;
pub mod serving;

use std::future::Future;

use domain::facts::Fact;
use domain::ids::{SkuId, StoreId};
use domain::outside::Effect;
use domain::stock::Slot;
use domain::time::Timestamp;

use crate::accounts::Accounts;
use crate::ports::{Committed, Database};
use crate::rows::{Key, Rows, Version};
use crate::unit::{InputKey, Source, Unit};

/// Runs every check, each on a database that `fresh` makes.
///
/// # Panics
/// When the database does not keep the contract, saying what it did instead.
pub async fn check<D: Database + Accounts, F: Future<Output = D>>(mut fresh: impl FnMut() -> F) {
    rows::rows_that_are_not_there_are_blank(&fresh().await).await;
    rows::every_state_comes_back(&fresh().await).await;
    rows::a_lost_race_writes_nothing(&fresh().await).await;
    rows::what_was_only_read_is_guarded_too(&fresh().await).await;
    rows::what_was_only_looked_at_is_not_guarded(&fresh().await).await;
    rows::a_row_that_is_told_of_is_written(&fresh().await).await;
    rows::a_name_is_heard_once(&fresh().await).await;
    rows::of_many_at_once_none_is_lost(&fresh().await).await;
    company::who_loses_takes_nobody_along(&fresh().await, 12, company::LOSERS).await;
    for loser in company::LOSERS {
        company::who_loses_takes_nobody_along(&fresh().await, 3, loser..loser + 1).await;
    }
    rows::who_is_dropped_lets_go(&fresh().await).await;
    rows::rows_are_of_one_moment(&fresh().await).await;
    lists::the_journal_keeps_facts_as_they_were_told(&fresh().await).await;
    lists::the_outbox_hands_out_in_order(&fresh().await).await;
    lists::rows_of_one_subject_are_with_one_taker(&fresh().await).await;
    lists::what_failed_is_given_back(&fresh().await).await;
    lists::an_answer_takes_its_row_out_of_the_outbox(&fresh().await).await;
    lists::timers_ring_until_they_are_heard(&fresh().await).await;
    lists::numbers_are_drawn_once(&fresh().await).await;
    lists::the_pool_shows_who_waits_and_who_is_free(&fresh().await).await;
    accounts::what_is_not_there_is_blank(&fresh().await).await;
    accounts::every_account_comes_back(&fresh().await).await;
    accounts::every_cart_comes_back(&fresh().await).await;
    accounts::what_lost_a_race_is_not_written(&fresh().await).await;
    accounts::a_number_is_of_one_customer(&fresh().await).await;
    accounts::sessions_stand_until_they_are_ended(&fresh().await).await;
    accounts::of_many_changes_none_is_lost(&fresh().await).await;
}

/// The shelf that most checks are about.
const SHELF: (StoreId, SkuId) = (StoreId(1), SkuId(2));
/// Another shelf.
const OTHER: (StoreId, SkuId) = (StoreId(1), SkuId(3));

/// A unit of work with a name, at a time, that has loaded some rows.
async fn unit<D: Database>(database: &D, name: u64, at_s: u64, keys: &[Key]) -> Unit {
    let mut unit = blank(name, at_s, keys);
    unit.rows = load(database, keys).await;
    unit
}

/// A unit of work with a name, at a time, that has not loaded its rows.
fn blank(name: u64, at_s: u64, keys: &[Key]) -> Unit {
    let mut unit = Unit::new(InputKey::numbered(Source::Platform, name), &[]);
    unit.now = Timestamp::from_s(at_s);
    unit.keys = keys.to_vec();
    unit
}

async fn load<D: Database>(database: &D, keys: &[Key]) -> Rows {
    let mut rows = Rows::default();
    database.load(keys, &mut rows).await.expect("rows are loaded");
    rows
}

async fn commit<D: Database>(database: &D, unit: &Unit) -> Committed {
    database.commit(unit).await.expect("a commit is answered")
}

/// Puts units on a shelf in a unit of work.
fn put(unit: &mut Unit, shelf: (StoreId, SkuId), units: u32) {
    let slot = unit.rows.slots.get_mut(shelf).expect("the shelf is loaded");
    slot.free_units += units;
}

/// A shelf as it is kept, and its version.
async fn shelf<D: Database>(database: &D, shelf: (StoreId, SkuId)) -> (Slot, Version) {
    let rows = load(database, &[Key::Slot(shelf)]).await;
    let read = rows.slots.iter().next().expect("a row is loaded, be it blank");
    (*read.state(), read.loaded.version)
}

/// Everything that a commit writes beside rows, as it stands.
async fn lists<D: Database>(database: &D) -> (Vec<Fact>, usize, usize) {
    let journal = database.journal(0, usize::MAX).await.expect("the journal is read");
    let facts = journal.iter().map(|record| record.fact).collect();
    let end = Timestamp::from_s(1 << 30);
    let lease = domain::time::Millis::ZERO;
    let outbox = database.take(end, lease, usize::MAX).await.expect("the outbox is read");
    let timers = database.due(end, usize::MAX).await.expect("timers are read");
    (facts, outbox.len(), timers.len())
}

/// An effect of each kind, timers included, made of ones.
fn effects() -> Vec<Effect> {
    use domain::facts::Event;
    let kinds = 0..u8::try_from(Effect::KINDS.len()).expect("few kinds");
    kinds.filter_map(|variant| Effect::from_cells(variant, &mut || Some(1))).collect()
}
