//! Means and intervals over replications, and the sentence that judges them.

use domain::money::Paise;
use domain::order::{Rejection, Stage};
use domain::pricing::Fee;
use expect_test::{Expect, expect};
use verify::{Counts, Money};

use super::*;
use crate::audit::recount_differs;
use crate::console;
use crate::manifest::Timing;

/// A replication with some thousand orders, each number moved by `luck`.
pub(crate) fn counts(luck: u32) -> Counts {
    let shift = u64::from(luck);
    let door_ms = |at: u32| 300_000 + at * 50 + 1_000 * luck;
    let mut counts = Counts {
        placed: 12_345 + 10 * shift,
        delivered: 12_000 + 9 * shift,
        rejected: 200 + shift,
        cancelled: 100,
        undelivered: 40,
        in_flight: 5,
        on_time: 11_400 + 30 * shift,
        order_to_door_ms: (0..12_000 + 9 * luck).map(door_ms).collect(),
        stockout_lines: 320 + shift,
        rider_busy_us: 700 + 10 * shift,
        rider_duty_us: 1_000,
        picker_busy_us: 41,
        picker_duty_us: 100,
        money: Money {
            goods: Paise(700_000_000 + 1_000 * i64::from(luck)),
            total: Paise(719_999_500 + 1_000 * i64::from(luck)),
            captured: Paise(721_000_000),
            refunded: Paise(1_234_500),
            ..Money::default()
        },
        facts: 600_000 + shift,
        ..Counts::default()
    };
    counts.rejections[Rejection::OutOfStock as usize] = 200 + shift;
    counts.money.fees[Fee::Delivery as usize] = Paise(20_000_000);
    counts.money.fees[Fee::Discount as usize] = Paise(-500);
    counts
}

pub(crate) fn figures(luck: u32) -> Figures {
    Figures::from(&counts(luck))
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
    let objective = |name: &str, value, unit, target: &str| Objective {
        name: name.to_owned(),
        value: Some(value),
        half_width: Some(0.002),
        unit,
        target: target.to_owned(),
        met: true,
    };
    let invariant = |id: &str, judged, status: &str| Invariant {
        id: id.to_owned(),
        judged,
        broken: 0,
        status: status.to_owned(),
        breaks: Vec::new(),
        counterexample: Vec::new(),
    };
    Judgements {
        objectives: vec![
            objective("on_time", 0.952, Unit::Share, ">= 95%"),
            objective("door_p90", 772.0, Unit::Seconds, "<= 15min"),
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
            "12,009 orders delivered, 95.2 % ± 0.4 of them on time; all 2 objectives were met; 2 invariants held."
        ],
    );
    check_verdict(
        about(),
        Judgements::default(),
        Status::Pass,
        expect!["12,009 orders delivered, 95.2 % ± 0.4 of them on time; no invariant was judged."],
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
        expect!["The objective on_time >= 95% was missed: it is 95.2 % ± 0.2."],
    );
    check_verdict(
        about(),
        missed(2),
        Status::Fail,
        expect!["2 of 2 objectives were missed, first on_time >= 95%: it is 95.2 % ± 0.2."],
    );
    let partial = About { partial: true, ..about() };
    check_verdict(
        partial,
        judgements(),
        Status::Partial,
        expect![
            "Stopped before the end: 12,009 orders delivered, 95.2 % ± 0.4 of them on time so far."
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
    let mut replications = three();
    for replication in &mut replications {
        replication.money_paise.retain(|name, _| name == "goods");
        replication.counts.retain(|name, _| name == "on_time");
    }
    let summary = Summary::new(about(), &replications, judgements());
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
            "sentence": "12,009 orders delivered, 95.2 % ± 0.4 of them on time; all 2 objectives were met; 2 invariants held."
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
            "mean": 0.951785,
            "half_width": 0.004434
          },
          "order_to_door_s": {
            "mean": 601.2,
            "p50": 601.183333,
            "p90": 841.383333,
            "p99": 895.4,
            "half_width": {
              "mean": 3.043069,
              "p50": 3.04328,
              "p90": 3.540078,
              "p99": 3.602
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
          "operations": {
            "bag_wait_s": {
              "mean": null,
              "half_width": null
            },
            "batched_share": {
              "mean": null,
              "half_width": null
            },
            "busiest_hour_share": {
              "mean": null,
              "half_width": null
            },
            "cancelled_share": {
              "mean": 0.008094,
              "half_width": 0.000016
            },
            "fees_per_order_paise": {
              "mean": 1665.376592,
              "half_width": 3.100444
            },
            "goods_per_order_paise": {
              "mean": 58289.721176,
              "half_width": 108.311556
            },
            "in_stock_share": {
              "mean": null,
              "half_width": null
            },
            "orders_per_rider_hour": {
              "mean": 43232400000.0,
              "half_width": 80486061.860711
            },
            "orders_per_store_per_day": {
              "mean": null,
              "half_width": null
            },
            "pick_pack_s": {
              "mean": null,
              "half_width": null
            },
            "rider_pay_per_hour_paise": {
              "mean": 0.0,
              "half_width": 0.0
            },
            "rider_wait_s": {
              "mean": null,
              "half_width": null
            },
            "short_line_share": {
              "mean": null,
              "half_width": null
            }
          },
          "stockout_lines": 320,
          "money_paise": {
            "goods": 700000000
          },
          "counts": {
            "on_time": 11400
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
              "goods": {
                "mean": 700001000.0,
                "half_width": 2484.137712
              }
            }
          },
          "objectives": [
            {
              "name": "on_time",
              "value": 0.952,
              "half_width": 0.002,
              "unit": "share",
              "target": ">= 95%",
              "met": true
            },
            {
              "name": "door_p90",
              "value": 772.0,
              "half_width": 0.002,
              "unit": "seconds",
              "target": "<= 15min",
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

/// Student's t for two degrees of freedom at 97.5 % is 4.303 (any table); 100, 100 and 100 have no
/// spread, and 200, 201 and 202 have the standard deviation 1.
#[test]
fn half_widths_are_students() {
    let summary = Summary::new(about(), &three(), judgements());
    let orders = &summary.over_replications.orders;
    assert_eq!(orders["cancelled"], Estimate { mean: Some(100.0), half_width: Some(0.0) });
    let rejected = orders["rejected"];
    assert_eq!(rejected.mean, Some(201.0));
    let width = rejected.half_width.unwrap();
    assert!((width - 4.303 / 3.0_f64.sqrt()).abs() < 1e-3, "{width}");
}

#[test]
fn nothing_measured_is_told_as_nothing() {
    let nothing = Figures::from(&Counts::default());
    let summary = Summary::new(about(), &[nothing], Judgements::default());
    expect![[r#"
        PASS 0 orders delivered; no invariant was judged.

         orders placed           0
         delivered               0
         rejected                0
         cancelled               0
         undelivered             0
         still in flight         0
         on time                 –
         order to door, mean     –
         order to door, p50      –
         order to door, p90      –
         order to door, p99      –
         riders busy             –
         pickers busy            –
         picking and packing     –
         rider waits for bag     –
         bag waits for rider     –
         orders per rider-hour   –
         riders earn an hour     –
         orders batched          –
         shelves in stock        –
         lines out of stock      0
         goods sold             ₹0
         fees                   ₹0
         tax within both        ₹0
         captured               ₹0
         collected in cash      ₹0
         refunded               ₹0
         paid to riders         ₹0
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
    let timing = Timing { cpu_s: 3.5, judged_cpu_s: 1.5, orders: 112_000, ..Timing::default() };
    let folder = std::path::Path::new("runs/evening-peak-7");
    let beside = console::Beside { timing: Some(&timing), folder: Some(folder), colour: false };
    expect![[r#"
        FAIL 1 of 3 invariants was broken: I2.

         orders placed                         12,355 ± 25
         delivered                             12,009 ± 22
         rejected                                  201 ± 2
         cancelled                                 100 ± 0
         undelivered                                40 ± 0
         still in flight                             5 ± 0
         on time                              95.2 % ± 0.4
         order to door, mean              10 min 1 s ± 3 s
         order to door, p50               10 min 1 s ± 3 s
         order to door, p90               14 min 1 s ± 4 s
         order to door, p99              14 min 55 s ± 4 s
         riders busy                          71.0 % ± 2.5
         pickers busy                         41.0 % ± 0.0
         picking and packing                             –
         rider waits for bag                             –
         bag waits for rider                             –
         orders per rider-hour  43232400000.0 ± 80486061.9
         riders earn an hour                       ₹0 ± ₹0
         orders batched                                  –
         shelves in stock                                –
         lines out of stock                        321 ± 2
         goods sold                       ₹7,000,010 ± ₹25
         fees                                ₹199,995 ± ₹0
         tax within both                           ₹0 ± ₹0
         captured                          ₹7,210,000 ± ₹0
         collected in cash                         ₹0 ± ₹0
         refunded                             ₹12,345 ± ₹0
         paid to riders                            ₹0 ± ₹0
         orders per CPU second                      74,667
         with tables and files                      32,000

         objective  target                value
         on_time    >= 95%         95.2 % ± 0.2  MISSED
         door_p90   <= 15min  12 min 52 s ± 0 s  met

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
    assert_eq!(recount_differs(&summary, &counts(0)), []);
    let mut recount = counts(0);
    recount.facts += 1;
    recount.delivered -= 1;
    recount.stockout_lines = 0;
    recount.money.refunded = Paise(0);
    recount.cancellations[Stage::Packed as usize] = 2;
    recount.on_time += 3;
    let told: String =
        recount_differs(&summary, &recount).iter().map(|d| format!("{d}\n")).collect();
    expect![[r#"
        facts is 600000 in the summary and 600001 recounted
        orders.delivered is 12000 in the summary and 11999 recounted
        stockout_lines is 320 in the summary and 0 recounted
        money_paise.refunded is 1234500 in the summary and 0 recounted
        counts.cancelled.packed is none in the summary and 2 recounted
        counts.on_time is 11400 in the summary and 11403 recounted
    "#]]
    .assert_eq(&told);
}
