//! What clients and the provider saw: sound runs raise no alarm, and each damage is named.
//!
//! `outside.txt` holds for each damage what is broken by it, the sentence, and what shows it.
//! `UPDATE_EXPECT=1 cargo test` rewrites it; read the difference.

use std::collections::BTreeMap;
use std::fmt::Write;

use dastak_verify::history::{Fate, Figure, Figures, Operation, Step};
use dastak_verify::witness::{Entry, Verb, What};
use dastak_verify::{Check, LINES_LIMIT, Recorded, Status, history, witness};
use domain::facts::{Fact, Record};
use domain::order::{Event as Stage, Stage as At};
use domain::payment::{Event as Pay, WordKind};
use expect_test::expect_file;
use proptest::prelude::*;

use crate::model::{Run, STARTED_US, run};

/// A seed whose run has everything in it that damages look for.
const SEED: u64 = 11;
const ARRIVALS: u64 = 80;

fn judge(run: &Run) -> Vec<Check> {
    let mut recorded = Recorded::new(STARTED_US);
    run.records.iter().for_each(|record| recorded.record(record));
    let mut checks = history::judge(&run.operations, &recorded);
    checks.extend(witness::judge(&run.ledger, &recorded));
    checks
}

fn broken(checks: &[Check]) -> Vec<&'static str> {
    checks.iter().filter(|check| check.broken > 0).map(|check| check.id).collect()
}

#[test]
fn a_run_of_every_kind_holds_and_exercises_every_check() {
    for check in judge(&run(SEED, ARRIVALS)) {
        assert_eq!(check.status, Status::Held, "{check:?}");
    }
    for check in judge(&Run::default()) {
        assert_eq!(check.status, Status::NeverExercised, "{check:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn sound_runs_raise_no_alarm(seed in any::<u64>(), arrivals in 0_u64..60) {
        let checks = judge(&run(seed, arrivals));
        let alarm = checks.iter().find(|check| check.broken > 0);
        prop_assert!(alarm.is_none(), "{alarm:#?}");
    }
}

impl Run {
    fn operation(&mut self, which: impl Fn(&Operation) -> bool) -> &mut Operation {
        self.operations.iter_mut().find(|one| which(one)).expect("there is such an operation")
    }

    /// The last look at some order that was delivered, and when.
    fn delivered(&mut self) -> &mut Operation {
        self.operations
            .iter_mut()
            .rev()
            .find(|one| one.end.word == Some(At::Delivered))
            .expect("something is delivered")
    }

    fn acknowledged(&mut self) -> &mut Operation {
        self.operation(|one| one.step == Step::Order && one.end.fate == Fate::Ok)
    }

    fn entry(&mut self, verb: Verb, word: WordKind) -> usize {
        let is_it = |entry: &Entry| {
            entry.word == word
                && matches!(&entry.what, What::Asked { verb: asked, is_repeat: false, .. } if *asked == verb)
        };
        self.ledger.iter().position(is_it).expect("there is such an entry")
    }

    fn forget(&mut self, which: impl Fn(&Fact) -> bool) {
        let at = self.records.iter().position(|record| which(&record.fact));
        self.records.remove(at.expect("there is such a fact"));
    }

    /// The first two requests for one order that were both answered.
    fn repeat(&mut self) -> &mut Operation {
        let mut seen = BTreeMap::new();
        let again = self.operations.iter().position(|one| {
            one.step == Step::Order
                && one.end.fate == Fate::Ok
                && seen.insert(one.arrival, ()).is_some()
        });
        &mut self.operations[again.expect("something is asked twice")]
    }
}

fn amount(entry: &mut Entry) -> &mut i64 {
    let What::Asked { amount_paise, .. } = &mut entry.what else { panic!("asked nothing") };
    amount_paise
}

fn order_of(record: &Record) -> Option<u64> {
    let Fact::Order(Stage::Placed { order, .. }) = record.fact else { return None };
    Some(order.0)
}

/// A way to damage a run, what it is called, and the checks that must name it.
type Damage = (&'static str, &'static [&'static str], fn(&mut Run));

const DAMAGES: &[Damage] = &[
    ("a repeat gives another id", &["I13", "H1"], |run| {
        run.repeat().end.id = Some(3);
    }),
    ("a repeat gives another answer", &["I13"], |run| {
        run.repeat().end.answer = Some(3);
    }),
    ("a repeat is refused", &["I13"], |run| {
        let again = run.repeat();
        (again.end.fate, again.end.status, again.sent_us) = (Fate::Failed, Some(409), 1 << 40);
    }),
    ("another body under the same key is taken", &["I13"], |run| {
        run.repeat().request += 1;
    }),
    ("another body under the same key is called unreadable", &["I13"], |run| {
        run.operation(|one| one.step == Step::Order && one.end.status == Some(422)).end.status =
            Some(400);
    }),
    ("an acknowledged order is lost", &["H1", "H5"], |run| {
        let order = run.acknowledged().end.id;
        run.records.retain(|record| {
            !matches!(record.fact, Fact::Order(_) | Fact::Payment(_))
                || !format!("{record:?}").contains(&format!("OrderId({})", order.unwrap_or(0)))
        });
    }),
    ("an order is placed twice", &["H1"], |run| {
        let order = run.acknowledged().end.id;
        let placed = run.records.iter().position(|record| order_of(record) == order);
        let at = placed.expect("it is placed");
        run.records.insert(at, run.records[at]);
    }),
    ("an order goes to another arrival", &["H1", "H9"], |run| {
        let placed = run.records.iter_mut().find_map(|record| {
            let Fact::Order(Stage::Placed { client_ref, .. }) = &mut record.fact else {
                return None;
            };
            Some(client_ref)
        });
        *placed.expect("something is placed") = 1 << 30;
    }),
    ("a refused order is placed all the same", &["H2"], |run| {
        let refused = run.operation(|one| {
            one.step == Step::Order && one.end.status == Some(201) && one.end.id.is_some()
        });
        let arrival = refused.arrival;
        for one in run.operations.iter_mut().filter(|one| one.step == Step::Order) {
            if one.arrival == arrival {
                (one.end.fate, one.end.status, one.end.id) = (Fate::Failed, Some(409), None);
            }
        }
    }),
    ("a status goes back", &["H3"], |run| {
        let look = run.delivered();
        let mut later = look.clone();
        (later.op, later.sent_us) = (1 << 30, look.sent_us + 60_000_000);
        later.end.done_us = Some(later.sent_us + 500);
        (later.end.version, later.end.word) = (Some(1), Some(At::Placed));
        run.operations.push(later);
    }),
    ("one version has two statuses", &["H3", "H5"], |run| {
        let look = run.delivered();
        let mut later = look.clone();
        (later.op, later.sent_us) = (1 << 30, look.sent_us + 60_000_000);
        later.end.done_us = Some(later.sent_us + 500);
        later.end.word = Some(At::Cancelled);
        run.operations.push(later);
    }),
    ("an acknowledged order is not found", &["H4"], |run| {
        let look = run.delivered();
        (look.end.fate, look.end.status) = (Fate::Failed, Some(404));
    }),
    ("a version is shown that never was", &["H5"], |run| {
        run.delivered().end.version = Some(99);
    }),
    ("a version is shown before it is committed", &["H5"], |run| {
        let look = run.delivered();
        (look.sent_us, look.end.done_us) = (2_000, Some(3_000));
    }),
    ("an order costs more than was quoted", &["H6", "H7"], |run| {
        let look = run.delivered();
        look.end.amount_paise = look.end.amount_paise.map(|amount| amount + 50_000);
    }),
    ("an order costs less before it is picked", &["H6"], |run| {
        let look = run.operation(|one| one.end.word.is_some_and(|word| word < At::Picking));
        look.end.amount_paise = look.end.amount_paise.map(|amount| amount - 1);
    }),
    ("another price is quoted than is told", &["H6"], |run| {
        let quote = run.operation(|one| one.step == Step::Quote);
        quote.end.amount_paise = quote.end.amount_paise.map(|amount| amount + 1);
    }),
    ("a refund for short lines is forgotten", &["H7", "W4"], |run| {
        let is_delivered = |one: &&Operation| one.end.word == Some(At::Delivered);
        let delivered: Vec<_> = run.operations.iter().filter(is_delivered).collect();
        let delivered: Vec<_> = delivered.iter().filter_map(|one| one.end.id).collect();
        run.forget(|fact| {
            matches!(fact, Fact::Payment(Pay::Refunded { order, .. }) if delivered.contains(&order.0))
        });
    }),
    ("an order never ends", &["H8"], |run| {
        let placed = run.operations.iter().filter(|one| one.step == Step::Order);
        let ends: Vec<u64> = placed.filter_map(|one| one.end.id).collect();
        run.forget(|fact| {
            matches!(fact, Fact::Order(Stage::Cancelled { order, .. }) if ends.contains(&order.0))
        });
    }),
    ("a stranger is shown an order", &["H9"], |run| {
        let look = run.operation(|one| one.step == Step::Stranger);
        (look.end.fate, look.end.status) = (Fate::Ok, Some(200));
    }),
    ("another order is shown", &["H9"], |run| {
        let look = run.delivered();
        look.keys[0].key += 3;
    }),
    ("a customer sees the order of another", &["H9"], |run| {
        run.delivered().arrival += 1;
    }),
    ("more is sold than there was", &["H10"], |run| {
        for record in &mut run.records {
            if let Fact::Opening(domain::facts::opening::Event::Stock { units, .. }) =
                &mut record.fact
            {
                *units = 1;
            }
        }
    }),
    ("free units are shown that cannot be", &["H10"], |run| {
        run.operation(|one| one.step == Step::Availability).end.units = Some(99);
    }),
    ("the provider took what the journal does not tell of", &["W1", "W2"], |run| {
        run.forget(|fact| matches!(fact, Fact::Payment(Pay::Captured { .. })));
        let at = run.entry(Verb::Capture, WordKind::Captured);
        *amount(&mut run.ledger[at]) += 1;
    }),
    ("the provider never took what the journal tells of", &["W1"], |run| {
        let at = run.entry(Verb::Capture, WordKind::Captured);
        run.ledger.remove(at);
    }),
    ("an attempt is captured twice", &["W1", "W2"], |run| {
        let at = run.entry(Verb::Capture, WordKind::Captured);
        let mut again = run.ledger[at].clone();
        again.at_us += 10_000;
        run.ledger.insert(at + 1, again);
    }),
    ("two attempts are captured and kept", &["W3"], |run| {
        let gives_back = |order: u64| {
            run.ledger.iter().any(|one| one.order == order && one.word == WordKind::Refunded)
        };
        let is_it = |one: &Entry| one.word == WordKind::Captured && !gives_back(one.order);
        let at = run.ledger.iter().position(is_it).expect("something is kept whole");
        let mut again = run.ledger[at].clone();
        (again.at_us, again.attempt) = (again.at_us + 10_000, 9);
        run.ledger.insert(at + 1, again);
    }),
    ("a refund is given twice", &["W4"], |run| {
        let at = run.entry(Verb::Refund, WordKind::Refunded);
        let again = run.ledger[at].clone();
        run.ledger.insert(at + 1, again);
    }),
    ("a refund is a paisa short", &["W4"], |run| {
        let at = run.entry(Verb::Refund, WordKind::Refunded);
        *amount(&mut run.ledger[at]) -= 1;
    }),
    ("a void never reached the provider", &["W5", "W6"], |run| {
        let at = run.entry(Verb::Void, WordKind::Voided);
        let of = (run.ledger[at].order, run.ledger[at].attempt);
        run.ledger
            .retain(|entry| (entry.order, entry.attempt) != of || entry.word != WordKind::Voided);
    }),
    ("a late authorisation stays on hold", &["W6"], |run| {
        let at = run.entry(Verb::Create, WordKind::Pending);
        let mut held = run.ledger[at].clone();
        (held.at_us, held.attempt, held.what) = (1 << 40, 7, What::Said { is_late: true });
        held.word = WordKind::Authorised;
        run.ledger.push(held);
    }),
];

#[test]
fn each_damage_is_named_and_shown() {
    let mut text = String::new();
    let mut named: BTreeMap<&str, u32> = BTreeMap::new();
    let mut missing = Vec::new();
    for (name, must_name, damage) in DAMAGES {
        let mut damaged = run(SEED, ARRIVALS);
        damage(&mut damaged);
        let checks = judge(&damaged);
        let found = broken(&checks);
        let missed = must_name.iter().filter(|id| !found.contains(*id));
        missing.extend(missed.map(|id| format!("{name}: {id} is not broken, but {found:?}")));
        writeln!(text, "# {name}: {}", found.join(" ")).expect("a string takes text");
        for check in checks.iter().filter(|check| check.broken > 0) {
            *named.entry(check.id).or_default() += 1;
            let shown = &check.breaks[0];
            assert!(shown.lines.len() <= LINES_LIMIT, "{name}: {} is shown at length", check.id);
            assert!(!shown.lines.is_empty(), "{name}: {} is not shown", check.id);
            if must_name.first() == Some(&check.id) {
                writeln!(text, "{}", shown.sentence).expect("a string takes text");
                for line in &shown.lines {
                    writeln!(text, "    {line}").expect("a string takes text");
                }
            }
        }
        text.push('\n');
    }
    assert!(missing.is_empty(), "{missing:#?}");
    let laws = judge(&Run::default());
    let unnamed = laws.iter().find(|check| !named.contains_key(check.id));
    assert!(unnamed.is_none(), "no damage breaks {unnamed:?}");
    expect_file!["outside.txt"].assert_eq(&text);
}

#[test]
fn availability_counts_answers_in_time() {
    let mut figures = Figures::default();
    let late = Figures::DEADLINE_US + 1;
    for (done_us, fate, status) in [
        (Some(900), Fate::Ok, Some(200)),
        (Some(900), Fate::Failed, Some(404)),
        (Some(900), Fate::Failed, Some(429)),
        (Some(late), Fate::Ok, Some(200)),
        (Some(900), Fate::Unknown, Some(503)),
        (None, Fate::Unknown, None),
    ] {
        figures.count("look", (0, done_us), fate, status);
    }
    let counted: Vec<_> = figures.by_step().collect();
    assert_eq!(counted, [("look", Figure { sent: 6, in_time: 2, unknown: 2 })]);
}
