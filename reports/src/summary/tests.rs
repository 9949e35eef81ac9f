//! Means and intervals over replications, and the sentence that judges them.

use expect_test::{Expect, expect};

use super::*;
use crate::audit::recount_differs;
use crate::console;
use crate::manifest::Timing;

/// A replication with some thousand orders, each number moved by `luck`.
pub(crate) fn figures(luck: u64) -> Figures {
    let shift = f64::from(u32::try_from(luck).unwrap());
    Figures {
        facts: 600_000 + luck,
        orders: Orders {
            placed: 12_345 + 10 * luck,
            delivered: 12_000 + 9 * luck,
            rejected: 200 + luck,
            cancelled: 100,
            undelivered: 40,
            in_flight: 5,
        },
        on_time_share: Some(0.95 + 0.002 * shift),
        order_to_door_s: DoorTimes {
            mean: Some(560.0 + shift),
            p50: Some(540.0 + shift),
            p90: Some(770.0 + 2.0 * shift),
            p99: Some(1100.0 + 9.0 * shift),
        },
        rider_utilisation: Some(0.7 + 0.01 * shift),
        picker_utilisation: Some(0.41),
        stockout_lines: 320 + luck,
        money_paise: BTreeMap::from([
            ("captured".to_owned(), 720_000_000 + 1_000 * i64::try_from(luck).unwrap()),
            ("refunded".to_owned(), -1_234_500),
        ]),
    }
}

pub(crate) fn about() -> About {
    About {
        kind: RunKind::Run,
        scenario: "evening-peak".to_owned(),
        seed: 7,
        journal_digest: "0".repeat(32),
        demand_digest: "1".repeat(32),
        invalid: None,
        partial: false,
    }
}

pub(crate) fn judgements() -> Judgements {
    let objective = |name: &str, value, target: &str, met| Objective {
        name: name.to_owned(),
        value: Some(value),
        half_width: Some(0.002),
        target: target.to_owned(),
        met,
    };
    let invariant = |id: &str, judged, status: &str| Invariant {
        id: id.to_owned(),
        judged,
        broken: 0,
        status: status.to_owned(),
        breaks: Vec::new(),
    };
    Judgements {
        objectives: vec![
            objective("on_time_share", 0.952, ">= 0.95", true),
            objective("oversold", 0.0, "== 0", true),
        ],
        invariants: vec![
            invariant("I1", 5_000, "held"),
            invariant("I2", 70, "held"),
            invariant("I3", 0, "never exercised"),
        ],
        limits: Vec::new(),
    }
}

fn three() -> Vec<Figures> {
    (0..3).map(figures).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "so that snapshots stand in the call")]
fn check_verdict(about: About, judgements: Judgements, status: Status, expected: Expect) {
    let summary = Summary::new(about, &three(), judgements);
    assert_eq!(summary.verdict.status, status);
    expected.assert_eq(&summary.verdict.sentence);
}

#[test]
fn the_verdict_is_one_sentence() {
    let broken = |judgements: &Judgements, count| {
        let mut judgements = judgements.clone();
        judgements.invariants.iter_mut().take(count).for_each(|invariant| invariant.broken = 2);
        judgements
    };
    let missed = |count| {
        let mut judgements = judgements();
        judgements.objectives.iter_mut().take(count).for_each(|objective| objective.met = false);
        judgements
    };
    check_verdict(
        about(),
        judgements(),
        Status::Pass,
        expect![
            "12,009 orders delivered, 95.2 % ± 0.5 of them on time; all 2 objectives were met; 2 invariants held."
        ],
    );
    check_verdict(
        about(),
        Judgements::default(),
        Status::Pass,
        expect!["12,009 orders delivered, 95.2 % ± 0.5 of them on time; no invariant was judged."],
    );
    check_verdict(
        about(),
        broken(&judgements(), 1),
        Status::Fail,
        expect!["1 of 3 invariants was broken: I1."],
    );
    check_verdict(
        about(),
        broken(&missed(2), 2),
        Status::Fail,
        expect!["2 of 3 invariants were broken: I1 and I2."],
    );
    check_verdict(
        about(),
        missed(1),
        Status::Fail,
        expect!["The objective on_time_share >= 0.95 was missed: it is 0.952 ± 0.002."],
    );
    check_verdict(
        about(),
        missed(2),
        Status::Fail,
        expect!["2 of 2 objectives were missed, first on_time_share >= 0.95: it is 0.952 ± 0.002."],
    );
    let partial = About { partial: true, ..about() };
    check_verdict(
        partial,
        judgements(),
        Status::Partial,
        expect![
            "Stopped before the end: 12,009 orders delivered, 95.2 % ± 0.5 of them on time so far."
        ],
    );
    let invalid = About { invalid: Some("40 % of the load was not sent".to_owned()), ..about() };
    check_verdict(
        invalid,
        judgements(),
        Status::Invalid,
        expect!["The run proves nothing: 40 % of the load was not sent."],
    );
}

#[test]
fn the_summary_is_json_that_comes_back() {
    let summary = Summary::new(about(), &three(), judgements());
    let json = summary.to_json();
    assert_eq!(serde_json::from_str::<Summary>(&json).unwrap(), summary);
    expect![[r#"
        {
          "schema_version": 1,
          "kind": "run",
          "scenario": "evening-peak",
          "seed": 7,
          "verdict": {
            "status": "pass",
            "sentence": "12,009 orders delivered, 95.2 % ± 0.5 of them on time; all 2 objectives were met; 2 invariants held."
          },
          "journal_digest": "00000000000000000000000000000000",
          "demand_digest": "11111111111111111111111111111111",
          "facts": 600000,
          "orders": {
            "placed": 12345,
            "delivered": 12000,
            "rejected": 200,
            "cancelled": 100,
            "undelivered": 40,
            "in_flight": 5
          },
          "on_time_share": {
            "mean": 0.952,
            "half_width": 0.004968
          },
          "order_to_door_s": {
            "mean": 561.0,
            "p50": 541.0,
            "p90": 772.0,
            "p99": 1109.0,
            "half_width": {
              "mean": 2.484138,
              "p50": 2.484138,
              "p90": 4.968275,
              "p99": 22.357239
            }
          },
          "utilisation": {
            "rider": 0.71,
            "picker": 0.41,
            "half_width": {
              "rider": 0.024841,
              "picker": 0.0
            }
          },
          "stockout_lines": 320,
          "money_paise": {
            "captured": 720000000,
            "refunded": -1234500
          },
          "over_replications": {
            "replications": 3,
            "confidence": 0.95,
            "orders": {
              "cancelled": {
                "mean": 100.0,
                "half_width": 0.0
              },
              "delivered": {
                "mean": 12009.0,
                "half_width": 22.357239
              },
              "in_flight": {
                "mean": 5.0,
                "half_width": 0.0
              },
              "placed": {
                "mean": 12355.0,
                "half_width": 24.841377
              },
              "rejected": {
                "mean": 201.0,
                "half_width": 2.484138
              },
              "undelivered": {
                "mean": 40.0,
                "half_width": 0.0
              }
            },
            "stockout_lines": {
              "mean": 321.0,
              "half_width": 2.484138
            },
            "money_paise": {
              "captured": {
                "mean": 720001000.0,
                "half_width": 2484.137712
              },
              "refunded": {
                "mean": -1234500.0,
                "half_width": 0.0
              }
            }
          },
          "objectives": [
            {
              "name": "on_time_share",
              "value": 0.952,
              "half_width": 0.002,
              "target": ">= 0.95",
              "met": true
            },
            {
              "name": "oversold",
              "value": 0.0,
              "half_width": 0.002,
              "target": "== 0",
              "met": true
            }
          ],
          "invariants": [
            {
              "id": "I1",
              "judged": 5000,
              "broken": 0,
              "status": "held"
            },
            {
              "id": "I2",
              "judged": 70,
              "broken": 0,
              "status": "held"
            },
            {
              "id": "I3",
              "judged": 0,
              "broken": 0,
              "status": "never exercised"
            }
          ]
        }
    "#]].assert_eq(&json);
}

#[test]
fn one_replication_has_no_interval() {
    let summary = Summary::new(about(), &[figures(0)], judgements());
    assert_eq!(summary.on_time_share, Estimate { mean: Some(0.95), half_width: None });
    assert_eq!(summary.orders, figures(0).orders);
}

/// Student's t for two degrees of freedom at 97.5 % is 4.303 (any table); the values 0, 1, 2 have
/// the standard deviation 1.
#[test]
fn half_widths_are_students() {
    let summary = Summary::new(about(), &three(), judgements());
    let width = summary.order_to_door_s.half_width.mean.unwrap();
    assert!((width - 4.303 / 3.0_f64.sqrt()).abs() < 1e-3, "{width}");
    assert_eq!(summary.order_to_door_s.mean, Some(561.0));
}

#[test]
fn nothing_measured_is_told_as_nothing() {
    let summary = Summary::new(about(), &[Figures::default()], Judgements::default());
    expect![[r#"
        PASS 0 orders delivered; no invariant was judged.

         orders placed        0
         delivered            0
         rejected             0
         cancelled            0
         undelivered          0
         still in flight      0
         on time              –
         order to door, mean  –
         order to door, p50   –
         order to door, p90   –
         order to door, p99   –
         riders busy          –
         pickers busy         –
         lines out of stock   0
        no ±: one replication only

        0 invariants judged over 0 facts, 0 broken
    "#]]
    .assert_eq(&console::text(&summary, console::Beside::default()));
}

#[test]
fn the_console_tells_the_verdict_first_and_every_number_with_its_interval() {
    let mut judgements = judgements();
    judgements.invariants[1].broken = 3;
    judgements.invariants[1].breaks.push("at d0 18:02:11.000000 for sku7: 3 of 2 units".to_owned());
    judgements.objectives[0].met = false;
    judgements.limits.push(Limit {
        resource: "riders".to_owned(),
        needed: 61.0,
        have: 50.0,
        sentence: "riders limited the run: 61 were needed at the worst time and 50 were there"
            .to_owned(),
    });
    let summary = Summary::new(about(), &three(), judgements);
    let timing = Timing { cpu_s: 1.5, orders: 112_000, ..Timing::default() };
    let folder = std::path::Path::new("runs/evening-peak-7");
    let beside = console::Beside { timing: Some(&timing), folder: Some(folder), colour: false };
    expect![[r#"
        FAIL 1 of 3 invariants was broken: I2.

         orders placed                 12,355 ± 25
         delivered                     12,009 ± 22
         rejected                          201 ± 2
         cancelled                         100 ± 0
         undelivered                        40 ± 0
         still in flight                     5 ± 0
         on time                      95.2 % ± 0.5
         order to door, mean      9 min 21 s ± 2 s
         order to door, p50        9 min 1 s ± 2 s
         order to door, p90      12 min 52 s ± 5 s
         order to door, p99     18 min 29 s ± 22 s
         riders busy                  71.0 % ± 2.5
         pickers busy                 41.0 % ± 0.0
         lines out of stock                321 ± 2
         captured                 ₹7,200,010 ± ₹25
         refunded                    -₹12,345 ± ₹0
         orders per CPU second              74,667

         objective      target           value
         on_time_share  >= 0.95  0.952 ± 0.002  MISSED
         oversold       == 0         0 ± 0.002  met

        riders limited the run: 61 were needed at the worst time and 50 were there
        2 invariants judged over 600 K facts, 1 broken
          I2 was broken 3 times, first: at d0 18:02:11.000000 for sku7: 3 of 2 units
        run folder: runs/evening-peak-7
    "#]]
    .assert_eq(&console::text(&summary, beside));
}

#[test]
fn colour_only_repeats_the_word() {
    let summary = Summary::new(about(), &three(), judgements());
    let text = |colour| console::text(&summary, console::Beside { colour, ..Default::default() });
    assert_eq!(text(true).replace("\x1b[1;32m", "").replace("\x1b[0m", ""), text(false));
}

#[test]
fn a_recount_names_every_count_that_differs() {
    let summary = Summary::new(about(), &three(), judgements());
    assert_eq!(recount_differs(&summary, &figures(0)), []);
    let mut recount = figures(0);
    recount.facts += 1;
    recount.orders.delivered -= 1;
    recount.stockout_lines = 0;
    recount.money_paise.remove("refunded");
    recount.money_paise.insert("tips".to_owned(), 1);
    let told: String =
        recount_differs(&summary, &recount).iter().map(|d| format!("{d}\n")).collect();
    expect![[r#"
        facts is 600000 in the summary and 600001 recounted
        orders.delivered is 12000 in the summary and 11999 recounted
        stockout_lines is 320 in the summary and 0 recounted
        money_paise.refunded is -1234500 in the summary and none recounted
        money_paise.tips is none in the summary and 1 recounted
    "#]]
    .assert_eq(&told);
}
