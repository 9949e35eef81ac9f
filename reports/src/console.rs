//! What a person sees after a run: the verdict first, then every number with its ±.

use std::fmt::Write;
use std::path::Path;

use comfy_table::{CellAlignment, Table, presets};

use crate::manifest::Timing;
use crate::summary::{Estimate, Invariant, Status, Summary};
use crate::words::{counted, duration, rupees, share, short, value, whole, with_width};

/// What stands beside a run's summary on the console.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// How long the run took.
    pub timing: Option<&'a Timing>,
    /// Where the run's folder is.
    pub folder: Option<&'a Path>,
    /// Whether the terminal wants colour.
    pub colour: bool,
}

/// The account of a run for a terminal, ending with a line's end.
#[must_use]
pub fn text(summary: &Summary, beside: Beside<'_>) -> String {
    let mut text = String::new();
    let mut line = |line: &str| {
        text += line;
        text.push('\n');
    };
    line(&format!(
        "{} {}",
        status(summary.verdict.status, beside.colour),
        summary.verdict.sentence
    ));
    line("");
    line(&headline(summary, beside.timing));
    if summary.over_replications.replications < 2 {
        line("no ±: one replication only");
    }
    if !summary.objectives.is_empty() {
        line("");
        line(&objectives(summary));
    }
    line("");
    if let Some(live) = &summary.live {
        line(&live.text());
    }
    for limit in &summary.limits {
        line(&limit.sentence);
    }
    line(&invariants(&summary.invariants, summary.facts));
    if summary.live.is_some() {
        line(by_status(&summary.invariants).trim_end());
    }
    if let Some(folder) = beside.folder {
        line(&format!("run folder: {}", folder.display()));
    }
    text
}

/// Names of invariants on a line.
const NAMES_A_LINE: usize = 18;

/// The verdict's word. Colour only repeats what the word says.
fn status(status: Status, colour: bool) -> String {
    let (word, code) = match status {
        Status::Pass => ("PASS", 32),
        Status::Fail => ("FAIL", 31),
        Status::Invalid => ("INVALID", 31),
        Status::Partial => ("PARTIAL", 33),
    };
    if colour { format!("\x1b[1;{code}m{word}\x1b[0m") } else { word.to_owned() }
}

fn headline(summary: &Summary, timing: Option<&Timing>) -> String {
    let over = &summary.over_replications;
    let mut table = plain_table();
    let mut row = |label: &str, value: String| {
        table.add_row([label.to_owned(), value]);
    };
    for (name, label) in ORDER_LABELS {
        let orders = over.orders.get(*name).copied().unwrap_or_default();
        row(label, with_width(orders, whole, ""));
    }
    row("on time", share(summary.on_time_share));
    let (door, width) = (&summary.order_to_door_s, &summary.order_to_door_s.half_width);
    let times = [
        ("order to door, mean", door.mean, width.mean),
        ("order to door, p50", door.p50, width.p50),
        ("order to door, p90", door.p90, width.p90),
        ("order to door, p99", door.p99, width.p99),
    ];
    for (label, mean, half_width) in times {
        row(label, with_width(Estimate { mean, half_width }, duration, ""));
    }
    let (used, width) = (&summary.utilisation, &summary.utilisation.half_width);
    row("riders busy", share(Estimate { mean: used.rider, half_width: width.rider }));
    row("pickers busy", share(Estimate { mean: used.picker, half_width: width.picker }));
    for (name, label, unit) in OPERATION_LABELS {
        let figure = summary.operations.get(*name).copied().unwrap_or_default();
        row(label, unit(figure));
    }
    row("lines out of stock", with_width(over.stockout_lines, whole, ""));
    for (name, label) in MONEY_LABELS {
        let paise = over.money_paise.get(*name).copied().unwrap_or_default();
        row(label, with_width(paise, rupees, ""));
    }
    // A drive simulates nothing: it has neither figure.
    let simulated =
        timing.and_then(|timing| timing.orders_per_cpu_s().zip(timing.orders_per_cpu_s_in_all()));
    if let Some((judged, in_all)) = simulated {
        row("orders per CPU second", whole(judged));
        row("with tables and files", whole(in_all));
    }
    right_align(&mut table, 1);
    table.trim_fmt()
}

const ORDER_LABELS: &[(&str, &str)] = &[
    ("placed", "orders placed"),
    ("delivered", "delivered"),
    ("rejected", "rejected"),
    ("cancelled", "cancelled"),
    ("undelivered", "undelivered"),
    ("in_flight", "still in flight"),
];

/// Operations by name, with their label and how they are told.
type Told = fn(Estimate) -> String;
const OPERATION_LABELS: &[(&str, &str, Told)] = &[
    ("pick_pack_s", "picking and packing", |s| with_width(s, duration, "")),
    ("rider_wait_s", "rider waits for bag", |s| with_width(s, duration, "")),
    ("bag_wait_s", "bag waits for rider", |s| with_width(s, duration, "")),
    ("orders_per_rider_hour", "orders per rider-hour", |n| with_width(n, tenths, "")),
    ("rider_pay_per_hour_paise", "riders earn an hour", |p| with_width(p, rupees, "")),
    ("batched_share", "orders batched", share),
    ("in_stock_share", "shelves in stock", share),
];

/// To a tenth.
fn tenths(number: f64) -> String {
    format!("{number:.1}")
}

const MONEY_LABELS: &[(&str, &str)] = &[
    ("goods", "goods sold"),
    ("fees", "fees"),
    ("tax", "tax within both"),
    ("captured", "captured"),
    ("collected", "collected in cash"),
    ("refunded", "refunded"),
    ("rider_pay", "paid to riders"),
];

fn objectives(summary: &Summary) -> String {
    let mut table = plain_table();
    table.set_header(["objective", "target", "value", ""]);
    for objective in &summary.objectives {
        let met = if objective.met { "met" } else { "MISSED" };
        table.add_row([&objective.name, &objective.target, &value(objective), met]);
    }
    right_align(&mut table, 2);
    table.trim_fmt()
}

fn invariants(invariants: &[Invariant], facts: u64) -> String {
    let judged = invariants.iter().filter(|invariant| invariant.judged > 0).count() as u64;
    let broken: Vec<_> = invariants.iter().filter(|invariant| invariant.broken > 0).collect();
    let mut line = format!(
        "{} judged over {} facts, {} broken",
        counted(judged, "invariant"),
        short(facts),
        broken.len()
    );
    for invariant in broken {
        let times = counted(invariant.broken, "time");
        write!(line, "\n  {} was broken {times}", invariant.id).expect("a string can be written");
        if let Some(first) = invariant.breaks.first() {
            write!(line, ", first: {first}").expect("a string can be written");
        }
        for shown in &invariant.counterexample {
            write!(line, "\n    {shown}").expect("a string can be written");
        }
    }
    line
}

/// Every invariant's name by how it fared, a few on a line.
fn by_status(invariants: &[Invariant]) -> String {
    let mut statuses: Vec<&str> = Vec::new();
    for invariant in invariants {
        if !statuses.contains(&invariant.status.as_str()) {
            statuses.push(&invariant.status);
        }
    }
    let mut text = String::new();
    for status in statuses {
        let fared = invariants.iter().filter(|invariant| invariant.status == status);
        let names: Vec<&str> = fared.map(|invariant| invariant.id.as_str()).collect();
        for (row, names) in names.chunks(NAMES_A_LINE).enumerate() {
            let status = if row == 0 { status } else { "" };
            writeln!(text, "  {status:<19} {}", names.join(" ")).expect("a string can be written");
        }
    }
    text
}

fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
}

fn right_align(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::{Invariant, by_status, invariants};

    #[test]
    fn every_invariant_is_listed_and_a_broken_one_shown() {
        let fared = |id: &str, judged, broken, status: &str| Invariant {
            id: id.to_owned(),
            judged,
            broken,
            status: status.to_owned(),
            breaks: Vec::new(),
            counterexample: Vec::new(),
        };
        let mut all = vec![
            fared("I1", 9, 0, "held"),
            fared("I13", 3, 2, "broken"),
            fared("I14", 0, 0, "not observable here"),
            fared("J5", 0, 0, "never exercised"),
        ];
        all.extend((1..=20).map(|number| fared(&format!("H{number}"), 1, 0, "held")));
        all[1].breaks = vec!["key \"a\": another request was carried out".to_owned()];
        all[1].counterexample = vec!["op 1: order".to_owned(), "op 2: order".to_owned()];
        expect![[r#"
            22 invariants judged over 1,200 facts, 1 broken
              I13 was broken 2 times, first: key "a": another request was carried out
                op 1: order
                op 2: order
              held                I1 H1 H2 H3 H4 H5 H6 H7 H8 H9 H10 H11 H12 H13 H14 H15 H16 H17
                                  H18 H19 H20
              broken              I13
              not observable here I14
              never exercised     J5
        "#]]
        .assert_eq(&format!("{}\n{}", invariants(&all, 1_200), by_status(&all)));
    }
}
