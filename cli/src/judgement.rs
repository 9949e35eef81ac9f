//! What a run's facts come to: judged, counted, and of a live run held against what others saw.
//!
//! `drive` judges at its end and `audit` whenever asked, both here.

use domain::facts::{CityDigest, Record, RunDigest, Sink as _};
use domain::ids::CityId;
use reports::live::Live;
use verify::history::Figures;
use verify::{Check, Counts, Judge, Recount, Status, Verdict, counterexample, line};

use crate::exit::Failure;

/// What the facts of a run come to.
#[derive(Default)]
pub(crate) struct Judgement {
    pub(crate) digests: Vec<CityDigest>,
    pub(crate) verdict: Verdict,
    pub(crate) counts: Counts,
    /// How what others saw of a live run fared.
    pub(crate) checks: Vec<Check>,
    /// How often the requests of a live run were answered in time.
    pub(crate) figures: Figures,
}

/// How one law fared, whoever judged it.
pub(crate) struct Ruling {
    pub(crate) id: &'static str,
    pub(crate) law: &'static str,
    pub(crate) status: Status,
    pub(crate) judged: u64,
    pub(crate) broken: u64,
    /// The first times it was broken, in words.
    pub(crate) breaks: Vec<String>,
    /// The few records or requests that show the first.
    pub(crate) counterexample: Vec<String>,
}

/// Judges and counts a journal, city by city; a live run's also against what others saw.
pub(crate) fn of_journal<E: Into<anyhow::Error>>(
    records: impl Iterator<Item = Result<Record, E>>,
    live: Option<&Live>,
) -> Result<Judgement, Failure> {
    let mut judgement = Judgement::default();
    let mut recorded = live.map(Live::recorded);
    let mut city: Option<Listener> = None;
    for record in records {
        let record = record.map_err(Failure::invalid)?;
        if let Some(recorded) = &mut recorded {
            recorded.record(&record);
        }
        if city.as_ref().is_some_and(|city| city.of != record.city)
            && let Some(done) = city.take()
        {
            done.finish(live.is_some(), &mut judgement);
        }
        city.get_or_insert_with(|| Listener::new(record.city)).record(&record);
    }
    if let Some(done) = city {
        done.finish(live.is_some(), &mut judgement);
    }
    if let Some((live, recorded)) = live.zip(recorded) {
        judgement.checks = live.judge(&recorded);
        judgement.figures = live.figures.clone();
    }
    Ok(judgement)
}

/// Judges what clients saw of a deployment that shows no journal: nothing else can be seen of it.
pub(crate) fn of_history(live: &Live) -> Judgement {
    let mut verdict = Judge::new().finish();
    for finding in &mut verdict.invariants {
        finding.status = Status::NotObservable;
        finding.judged = 0;
    }
    let (checks, figures) = (live.judge_alone(), live.figures.clone());
    Judgement { verdict, checks, figures, ..Judgement::default() }
}

/// Takes one city's records.
struct Listener {
    of: CityId,
    digest: RunDigest,
    judge: Judge,
    recount: Recount,
}

impl Listener {
    fn new(of: CityId) -> Self {
        let (digest, judge, recount) = (RunDigest::new(of), Judge::new(), Recount::new());
        Self { of, digest, judge, recount }
    }

    fn record(&mut self, record: &Record) {
        self.digest.record(record);
        self.judge.record(record);
        self.recount.record(record);
    }

    fn finish(self, is_live: bool, judgement: &mut Judgement) {
        let Self { digest, judge, recount, .. } = self;
        judgement.digests.push(digest.finish());
        judgement.verdict.merge(judge.finish());
        let counts = if is_live { recount.finish_where_it_ends() } else { recount.finish() };
        judgement.counts.merge(&counts);
    }
}

/// What only a run that was not cut can be held to: that everything in it came to its end.
const NEEDS_THE_END: &[&str] = &["J5", "H8"];

/// Leaves out of a verdict what a run that was stopped cannot be held to.
pub(crate) fn forgive_stopping(verdict: &mut Verdict, checks: &mut [Check]) {
    for finding in &mut verdict.invariants {
        if NEEDS_THE_END.contains(&finding.id) {
            finding.status = Status::NotObservable;
            (finding.judged, finding.broken) = (0, 0);
            finding.breaks.clear();
        }
    }
    for check in checks.iter_mut().filter(|check| NEEDS_THE_END.contains(&check.id)) {
        check.status = Status::NotObservable;
        (check.judged, check.broken) = (0, 0);
        check.breaks.clear();
    }
}

/// Every law with how it fared, the journal's first. What others saw stands in the place of what a
/// journal does not show. Counterexamples are looked for in the records, where there are any.
pub(crate) fn rulings<R: Iterator<Item = Record>>(
    verdict: &Verdict,
    checks: &[Check],
    records: impl Fn() -> R,
) -> Vec<Ruling> {
    let is_elsewhere = |id: &str| checks.iter().any(|check| check.id == id);
    let of_journal = verdict.invariants.iter().filter(|finding| !is_elsewhere(finding.id));
    let of_journal = of_journal.map(|finding| {
        let first = finding.breaks.first();
        Ruling {
            id: finding.id,
            law: finding.law,
            status: finding.status,
            judged: finding.judged,
            broken: finding.broken,
            breaks: finding.breaks.iter().map(ToString::to_string).collect(),
            counterexample: first
                .map(|first| counterexample(records(), first).iter().map(line).collect())
                .unwrap_or_default(),
        }
    });
    let of_others = checks.iter().map(|check| Ruling {
        id: check.id,
        law: check.law,
        status: check.status,
        judged: check.judged,
        broken: check.broken,
        breaks: check.breaks.iter().map(|shown| shown.sentence.clone()).collect(),
        counterexample: check.breaks.first().map(|shown| shown.lines.clone()).unwrap_or_default(),
    });
    of_journal.chain(of_others).collect()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use domain::facts::{Fact, Record};
    use domain::ids::{CityId, OrderId};
    use domain::order::Event;
    use domain::time::Timestamp;
    use reports::live::Live;

    use super::{Status, forgive_stopping, of_journal, rulings};

    fn record(seq: u64, event: Event) -> Record {
        let at = Timestamp::from_s(seq);
        Record { at, city: CityId(0), seq, fact: Fact::Order(event) }
    }

    /// An order that is delivered twice: what breaks is shown with the records that show it, and
    /// laws that others watch stand in the place of what a journal does not show.
    #[test]
    fn a_broken_law_comes_with_its_counterexample() {
        let order = OrderId(7);
        let records = [
            record(0, Event::Delivered { order, version: 1 }),
            record(1, Event::Delivered { order, version: 2 }),
        ];
        let read = || records.iter().copied();
        let live = Live::default();
        let mut found = of_journal(read().map(Ok::<_, Infallible>), Some(&live)).unwrap();
        assert_eq!(found.digests.len(), 1);
        let all = rulings(&found.verdict, &found.checks, read);
        let of = |id: &str| all.iter().filter(|ruling| ruling.id == id).collect::<Vec<_>>();
        let [edges] = of("I15")[..] else { panic!("I15 is judged once") };
        assert_eq!(edges.status, Status::Broken);
        assert!(edges.counterexample.iter().any(|line| line.contains("order_delivered")));
        let [repeats] = of("I13")[..] else { panic!("I13 is told once, by who can see it") };
        assert_eq!(repeats.status, Status::NeverExercised);
        assert_eq!(of("J5")[0].status.text(), found.verdict.finding("J5").unwrap().status.text());
        forgive_stopping(&mut found.verdict, &mut found.checks);
        let forgiven = rulings(&found.verdict, &found.checks, read);
        let forgiven = forgiven.iter().filter(|ruling| ["J5", "H8"].contains(&ruling.id));
        assert!(forgiven.clone().all(|ruling| ruling.status == Status::NotObservable));
        assert_eq!(forgiven.count(), 2);
    }
}
