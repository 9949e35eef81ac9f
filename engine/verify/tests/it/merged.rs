//! What is found and counted in several cities adds up.

use dastak_verify::{Counts, Judge, KEPT_BREAKS, MAX_RECORDS, Recount, Status, counterexample};
use domain::facts::{Fact, Record};
use domain::ids::RiderId;
use domain::money::Paise;
use domain::payment::Event as Pay;
use domain::rider::Event as Duty;

use crate::journal::{Journal, Order};
use crate::sound::journal;

fn count(records: &[Record]) -> Counts {
    let mut recount = Recount::new();
    records.iter().for_each(|record| recount.record(record));
    recount.finish()
}

#[test]
fn counts_of_two_cities_are_sums() {
    let one = count(&journal());
    let mut both = Counts::default();
    both.merge(&one);
    assert_eq!(both, one, "nothing added to it is what it was");
    both.merge(&one);
    assert_eq!((both.placed, both.on_time, both.trips), (24, 16, 18));
    assert_eq!(both.money.total, one.money.total + one.money.total);
    assert_eq!(both.order_to_door_ms.len(), 16);
    assert!(both.order_to_door_ms.is_sorted());
    assert_eq!(both.on_time_share(), one.on_time_share());
    assert_eq!(both.order_to_door_ms_percentile(90), one.order_to_door_ms_percentile(90));
}

#[test]
fn nobody_is_on_duty_after_the_end_of_a_world_that_was_left() {
    const S: u64 = 1_000_000;
    let mut journal = Journal::open(1, 1, 1, 2);
    journal.say(600_000, Duty::WentOff { rider: RiderId(0) });
    let records = journal.records();
    let recount = || {
        let mut recount = Recount::new();
        records.iter().for_each(|record| recount.record(record));
        recount
    };
    let (day, left) = (recount().finish(), recount().finish_where_it_ends());
    assert_eq!((day.rider_duty_us, day.window_us), (87_000 * S, 86_400 * S));
    assert_eq!((left.rider_duty_us, left.window_us), (1_200 * S, 600 * S));
}

#[test]
fn what_is_kept_of_the_customers_money_is_what_they_owe() {
    let counts = count(&journal());
    let money = &counts.money;
    assert_eq!(money.captured + money.collected - money.refunded, money.total);
    assert_eq!(money.goods + money.fees.iter().copied().sum::<Paise>(), money.total);
}

#[test]
fn percentiles_are_by_nearest_rank() {
    let counts = Counts { order_to_door_ms: (1..=10).collect(), ..Counts::default() };
    for (percent, ms) in [(1, 1), (10, 1), (11, 2), (50, 5), (51, 6), (90, 9), (99, 10), (100, 10)]
    {
        assert_eq!(counts.order_to_door_ms_percentile(percent), Some(ms), "p{percent}");
    }
}

#[test]
fn nothing_counted_has_no_shares() {
    let counts = count(&[]);
    assert_eq!(counts, Counts::default());
    assert_eq!(counts.order_to_door_ms_percentile(50), None);
    assert_eq!(counts.order_to_door_ms_mean(), None);
    let shares = [counts.on_time_share(), counts.rider_utilisation(), counts.picker_utilisation()];
    assert_eq!(shares, [None; 3]);
    assert_eq!((counts.batched_share(), counts.facts_per_delivered()), (None, None));
}

#[test]
fn what_lies_outside_the_window_is_not_measured() {
    let shift = |ms: u64| {
        let mut journal = journal();
        for record in &mut journal {
            if let Fact::Opening(domain::facts::opening::Event::Window { from, to }) =
                &mut record.fact
            {
                from.0 = ms * 1_000;
                to.0 = (ms + 3_000_000) * 1_000;
            }
        }
        count(&journal)
    };
    let counts = shift(3_000_000);
    let ended = (counts.placed, counts.delivered, counts.rejected, counts.cancelled);
    assert_eq!(ended, (4, 3, 1, 0), "the window takes its beginning in and leaves its end out");
    assert_eq!((counts.delivered_ever, counts.facts), (8, 514), "the whole journal is counted");
    assert_eq!(counts.picker_duty_us, 8 * 3_000_000_000);
}

#[test]
fn breaks_are_counted_beyond_those_described() {
    let mut records = journal();
    for record in &mut records {
        if let Fact::Payment(Pay::Captured { amount, .. }) = &mut record.fact {
            amount.0 += 1;
        }
    }
    let judge = || {
        let mut judge = Judge::new();
        records.iter().for_each(|record| judge.record(record));
        judge.finish()
    };
    let mut verdict = judge();
    let captures = 10;
    let broken = |verdict: &dastak_verify::Verdict| {
        let finding = verdict.finding("I20").expect("it is judged");
        (finding.broken, finding.breaks.len())
    };
    assert_eq!(broken(&verdict), (captures, KEPT_BREAKS));
    verdict.merge(judge());
    assert_eq!(broken(&verdict), (2 * captures, 2 * KEPT_BREAKS));
    assert!(!verdict.is_clean());
    assert_eq!(verdict.invariants.len(), judge().invariants.len());
}

/// Nothing happens, so nothing is judged; and what a journal cannot show stays that way.
#[test]
fn an_empty_journal_exercises_nothing() {
    let verdict = Judge::new().finish();
    assert!(verdict.is_clean());
    for finding in &verdict.invariants {
        let idle = matches!(finding.status, Status::NeverExercised | Status::NotObservable);
        assert!(idle && finding.judged == 0, "{} is {:?}", finding.id, finding.status);
    }
}

/// A counterexample of a busy shelf keeps the listing and the last facts.
#[test]
fn long_counterexamples_lose_their_middle() {
    let mut journal = Journal::open(1, 1, 1_000, 1);
    for at in 0..100 {
        let mut order = Order::new(at, 100 + at as u64 * 1_000, &[(0, 1)]);
        journal.take(&mut order);
        journal.bring(&mut order, 0, u32::try_from(at).expect("small"), 0);
    }
    let mut records = journal.records();
    let listed = records.iter_mut().find(|record| record.fact.kind().name == "stock_listed");
    if let Some(Record { fact: Fact::Opening(opening), .. }) = listed
        && let domain::facts::opening::Event::Stock { units, .. } = opening
    {
        *units = 99;
    }
    let mut judge = Judge::new();
    records.iter().for_each(|record| judge.record(record));
    let verdict = judge.finish();
    let broken = &verdict.finding("I40").expect("it is judged").breaks[0];
    let shown = counterexample(records.iter().copied(), broken);
    assert_eq!(shown.len(), MAX_RECORDS);
    assert_eq!(shown[0].fact.kind().name, "stock_listed");
    assert_eq!(shown.last(), broken.record.as_ref());
    assert!(shown.is_sorted_by_key(|record| record.seq));
}
