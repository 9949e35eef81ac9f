//! H10: no more units are won than there are, and what is shown as free can be (I40 from the
//! outside).
//!
//! A shelf is a counter that nobody watches: each operation changes it at an unknown instant
//! between being sent and being answered, and one without an answer perhaps never. So at any time
//! the counter lies between two bounds, made of sums over sorted times: n log n for a shelf.

use std::collections::BTreeMap;

use domain::order::Stage;

use super::{Evidence, Fate, Law, Operation, Step, Touch};
use crate::outside::{CLOCKS_APART_US, Tally, seconds};

pub(super) const LAW: Law =
    ("H10", "winners are at most the units there were, and free units shown can have been", rule);

/// How old a figure may be that is shown to a customer, µs. 300 s: the life of an entry in the
/// availability cache of the design.
const STALE_US: u64 = 300_000_000;

/// One change of a shelf: up or down by some units, by some times.
#[derive(Clone, Copy)]
struct Change<'a> {
    units: i64,
    /// It did not happen before.
    from_us: u64,
    /// It has happened by then; none if it perhaps never does.
    by_us: Option<u64>,
    operation: Option<&'a Operation>,
}

#[derive(Default)]
struct Shelf<'a> {
    changes: Vec<Change<'a>>,
    reads: Vec<(&'a Operation, i64)>,
}

/// Times, and the sum of all units up to each of them.
struct Sums(Vec<(u64, i64)>);

impl Sums {
    fn new(mut changes: Vec<(u64, i64)>) -> Self {
        changes.sort_unstable();
        let mut sum = 0;
        for (_, units) in &mut changes {
            sum += *units;
            *units = sum;
        }
        Self(changes)
    }

    /// The sum of all units strictly before a time.
    fn before(&self, at_us: u64) -> i64 {
        let count = self.0.partition_point(|(time, _)| *time < at_us);
        count.checked_sub(1).map_or(0, |last| self.0[last].1)
    }
}

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    for (key, mut shelf) in shelves(evidence) {
        let moved = evidence.recorded.shelf(key);
        if moved.is_empty() {
            continue;
        }
        shelf.changes.extend(moved.iter().map(|moved| Change {
            units: moved.units,
            from_us: moved.at_us.saturating_sub(CLOCKS_APART_US),
            by_us: Some(moved.at_us.saturating_add(CLOCKS_APART_US)),
            operation: None,
        }));
        let changes = &shelf.changes;
        let certain = |sign: i64| {
            let of_sign = changes.iter().filter(|change| change.units.signum() == sign);
            Sums::new(of_sign.filter_map(|change| Some((change.by_us?, change.units))).collect())
        };
        let possible = |sign: i64| {
            let of_sign = changes.iter().filter(|change| change.units.signum() == sign);
            Sums::new(of_sign.map(|change| (change.from_us, change.units)).collect())
        };
        let bounds = Bounds {
            gone: certain(-1),
            may_go: possible(-1),
            come: certain(1),
            may_come: possible(1),
        };
        oversold(key, &shelf, &bounds, tally);
        misread(key, &shelf, &bounds, tally);
    }
}

struct Bounds {
    gone: Sums,
    may_go: Sums,
    come: Sums,
    may_come: Sums,
}

/// Rules on each instant at which units were certainly gone.
fn oversold(key: u64, shelf: &Shelf<'_>, bounds: &Bounds, tally: &mut Tally) {
    let won = shelf.changes.iter().filter(|change| change.units < 0 && change.operation.is_some());
    let mut times: Vec<u64> = won.filter_map(|change| change.by_us).collect();
    times.sort_unstable();
    times.dedup();
    let left = |at_us: u64| {
        let after = at_us.saturating_add(1);
        bounds.may_come.before(after) + bounds.gone.before(after)
    };
    let Some(first) = times.iter().copied().find(|at_us| left(*at_us) < 0) else {
        times.iter().for_each(|_| tally.rule(true, Default::default));
        return;
    };
    tally.rule(false, || {
        let (store, sku) = (key >> 32, key & 0xffff_ffff);
        let there = bounds.may_come.before(first.saturating_add(1));
        let sentence = format!(
            "store{store}.sku{sku}: {} units were won by {}, and there were {there}",
            there - left(first),
            seconds(first).trim(),
        );
        let by_then = shelf.changes.iter().filter(|one| one.by_us.is_some_and(|by| by <= first));
        let lines = by_then.map(|change| match change.operation {
            Some(operation) => (operation.sent_us, operation.to_string()),
            None => {
                let at = change.from_us;
                (at, format!("{} journal {:+} units on the shelf", seconds(at), change.units))
            }
        });
        (sentence, lines.collect())
    });
}

/// Rules on each figure of free units that was shown.
fn misread(key: u64, shelf: &Shelf<'_>, bounds: &Bounds, tally: &mut Tally) {
    for &(read, units) in &shelf.reads {
        let Some(done_us) = read.end.done_us else { continue };
        let oldest = read.sent_us.saturating_sub(STALE_US);
        let least = bounds.come.before(oldest) + bounds.may_go.before(done_us);
        let most = bounds.may_come.before(done_us) + bounds.gone.before(oldest);
        tally.rule((least.max(0)..=most).contains(&units), || {
            let (store, sku) = (key >> 32, key & 0xffff_ffff);
            let sentence = format!(
                "store{store}.sku{sku}: {units} units were shown as free, and there were between \
                 {} and {most}",
                least.max(0)
            );
            (sentence, super::lines(&[read]))
        });
    }
}

/// What operations did to shelves.
fn shelves<'a>(evidence: &Evidence<'a>) -> BTreeMap<u64, Shelf<'a>> {
    let won = won(evidence);
    let mut shelves: BTreeMap<u64, Shelf<'_>> = BTreeMap::new();
    for operation in evidence.operations.iter().copied() {
        let (fate, from_us) = (operation.end.fate, operation.sent_us);
        if fate == Fate::Failed {
            continue;
        }
        let by_us = operation.end.done_us.filter(|_| fate == Fate::Ok);
        for &Touch { key, units } in &operation.keys {
            let (units, by_us) = match operation.step {
                Step::Reserve => (-units, by_us),
                Step::Release => (units, by_us),
                // Whether an order got its units is known once it is delivered whole.
                Step::Order if fate == Fate::Ok => {
                    let Some(end) = operation.end.id.and_then(|order| won.get(&order)) else {
                        continue;
                    };
                    if end.op != operation.op {
                        continue;
                    }
                    (-units, end.by_us)
                }
                Step::Order => (-units, None),
                Step::Availability => {
                    if let Some(shown) = operation.end.units {
                        shelves.entry(key).or_default().reads.push((operation, shown));
                    }
                    continue;
                }
                Step::Quote | Step::Look | Step::Cancel | Step::Pay | Step::Stranger => {
                    continue;
                }
            };
            let change = Change { units, from_us, by_us, operation: Some(operation) };
            shelves.entry(key).or_default().changes.push(change);
        }
    }
    shelves
}

/// Which operation placed an order, and by when its units were its own; none if nobody saw that.
struct Won {
    op: u64,
    by_us: Option<u64>,
}

/// Orders by the first operation that was acknowledged for them, and whether they were delivered
/// with nothing short.
fn won(evidence: &Evidence<'_>) -> BTreeMap<u64, Won> {
    let looks = evidence.looks();
    let mut won = BTreeMap::new();
    for placed in evidence.of(Step::Order).filter(|one| one.end.fate == Fate::Ok) {
        let Some(order) = placed.end.id else { continue };
        let asked: i64 = placed.keys.iter().map(|touch| touch.units).sum();
        let whole = |look: &&&Operation| {
            look.end.word == Some(Stage::Delivered) && look.end.units == Some(asked)
        };
        let delivered = looks.get(&order).and_then(|looks| looks.iter().find(whole));
        let by_us = delivered.and_then(|look| look.end.done_us);
        won.entry(order).or_insert(Won { op: placed.op, by_us });
    }
    won
}
