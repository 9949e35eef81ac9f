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
    if let Some(folder) = beside.folder {
        line(&format!("run folder: {}", folder.display()));
    }
    text
}

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
    }
    line
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
