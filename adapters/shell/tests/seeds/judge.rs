//! What must be true when a seed has ended.

use std::collections::BTreeMap;

use dastak_shell::Order;
use domain::facts::{Fact, Record, RunDigest, Sink};
use domain::ids::{OrderId, SkuId, StoreId};
use domain::money::Paise;
use domain::order::Stage;
use domain::payment::{Event as Payment, Method};
use domain::stock::{Event as Stock, Slot};
use verify::Judge;

use crate::provider::{Account, Standing};
use crate::world::{CITY, SKUS, World};

/// What a seed came to, or many.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ended {
    pub(crate) digest: String,
    seeds: u64,
    commits: u64,
    facts: u64,
    ends: BTreeMap<&'static str, u64>,
    kinds: BTreeMap<&'static str, u64>,
}

impl Ended {
    pub(crate) fn add(&mut self, other: &Self) {
        self.seeds += 1;
        self.commits += other.commits;
        self.facts += other.facts;
        for (end, count) in &other.ends {
            *self.ends.entry(end).or_default() += count;
        }
        for (kind, count) in &other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
    }

    /// Sees to it that what is rare happened all the same, so that nothing is safe only because
    /// it never came to pass.
    pub(crate) fn has_everything(&self) {
        for kind in [
            "stock_refused",
            "stock_received",
            "stock_adjusted",
            "stock_hold_expired",
            "stock_hold_extended",
            "quote_line_unavailable",
            "payment_voided",
            "payment_refunded",
            "payment_expired",
            "payment_cash_collected",
            "order_rejected",
            "order_cancelled",
            "order_undelivered",
            "order_delivered",
            "trip_rejected",
            "trip_offer_timed_out",
            "trip_dropped",
            "trip_order_left",
            "trip_order_returned",
            "pick_aborted",
            "pick_line_short",
            "ledger_wallet_moved",
            "rider_went_off",
        ] {
            assert!(self.kinds.contains_key(kind), "{kind} never happened: {:?}", self.kinds);
        }
    }
}

/// Judges what is left of a world.
///
/// # Errors
/// What is wrong, in one sentence.
pub(crate) fn judge(world: &World) -> Result<Ended, String> {
    let journal = journal(world);
    let (mut judge, mut digest) = (Judge::new(), RunDigest::new(CITY));
    let mut ended = Ended { commits: world.memory.commits(), ..Ended::default() };
    for record in &journal {
        judge.record(record);
        digest.record(record);
        ended.facts += 1;
        *ended.kinds.entry(record.fact.kind().name).or_default() += 1;
    }
    let verdict = judge.finish();
    if let Some(broken) = verdict.breaks().next() {
        let shown = verify::counterexample(journal.iter().copied(), broken);
        let lines: Vec<String> = shown.iter().map(verify::line).collect();
        return Err(format!("{broken}\n    {}", lines.join("\n    ")));
    }
    ended.digest = digest.finish().whole.to_string();
    let orders = world.memory.orders();
    for (order, row) in &orders {
        *ended.ends.entry(row.saga.stage.text()).or_default() += 1;
        is_over(*order, row)?;
    }
    nothing_is_left(world)?;
    units_are_conserved(world, &journal)?;
    bank_agrees(&world.bank.books(), &orders, &journal)?;
    Ok(ended)
}

/// The journal in order of time. What touched one row is in that order already.
fn journal(world: &World) -> Vec<Record> {
    let mut journal = world.memory.facts();
    journal.sort_by_key(|record| record.at);
    for (seq, record) in (0..).zip(&mut journal) {
        record.seq = seq;
    }
    journal
}

fn is_over(order: OrderId, row: &Order) -> Result<(), String> {
    let stage = row.saga.stage;
    // A cart that was never placed holds nothing.
    let is_over = stage.is_terminal() || stage == Stage::Draft;
    let kept = row.payment.kept();
    let due = if stage == Stage::Delivered { row.saga.payable } else { Paise::ZERO };
    if !is_over || kept != due || !row.payment.is_quiet() {
        return Err(format!("{order} is {stage}, {kept} kept, {due} due: {:?}", row.payment));
    }
    Ok(())
}

fn nothing_is_left(world: &World) -> Result<(), String> {
    let (outbox, timers) = (world.memory.outbox(), world.memory.timers());
    if !outbox.is_empty() || !timers.is_empty() {
        return Err(format!("left over: {outbox:?} {timers:?}"));
    }
    let riders = world.memory.riders();
    match riders.iter().find(|(_, row)| row.state.trip.is_some()) {
        Some((rider, row)) => Err(format!("{rider} still rides: {row:?}")),
        None => Ok(()),
    }
}

/// Units on shelves and sold are those there were, and those that facts added or took away.
fn units_are_conserved(world: &World, journal: &[Record]) -> Result<(), String> {
    let mut expected: BTreeMap<(StoreId, SkuId), i64> = BTreeMap::new();
    for sku in (0..SKUS).map(SkuId) {
        expected.insert((crate::world::STORE, sku), world.units.into());
    }
    for record in journal {
        if let Fact::Stock(Stock::Adjusted { store, sku, delta_units, .. }) = record.fact {
            *expected.entry((store, sku)).or_default() += i64::from(delta_units);
        }
        if let Fact::Stock(Stock::Received { store, sku, units }) = record.fact {
            *expected.entry((store, sku)).or_default() += i64::from(units);
        }
    }
    for (key, slot) in world.memory.slots() {
        let Slot { free_units, reserved_units, sold_units } = slot;
        let there = i64::from(free_units) + i64::from(sold_units);
        if reserved_units != 0 || expected.get(&key) != Some(&there) {
            return Err(format!("{key:?}: {slot:?}, {:?} expected", expected.get(&key)));
        }
    }
    Ok(())
}

/// The bank was asked for each attempt that was begun and no other, and its books say what ours do.
fn bank_agrees(
    books: &BTreeMap<(OrderId, u8), Account>,
    orders: &[(OrderId, Order)],
    journal: &[Record],
) -> Result<(), String> {
    let begun = journal.iter().filter_map(|record| match record.fact {
        Fact::Payment(Payment::Initiated {
            order,
            attempt,
            method: Method::Upi | Method::Card,
            ..
        }) => Some((order, attempt)),
        _ => None,
    });
    let begun: Vec<_> = begun.collect();
    if begun.len() != books.len() || begun.iter().any(|attempt| !books.contains_key(attempt)) {
        return Err(format!("the bank was asked for {:?}, begun were {begun:?}", books.keys()));
    }
    for (order, row) in orders {
        for (number, attempt) in (1..).zip(row.payment.made()) {
            let Some(account) = books.get(&(*order, number)) else { continue };
            let taken = account.standing == Standing::Captured;
            let back = Paise(i64::from(attempt.refunded_paise));
            if attempt.is_captured() != taken || account.refunded != back {
                return Err(format!("{order}.{number}: {attempt:?}, the bank says {account:?}"));
            }
        }
    }
    Ok(())
}
