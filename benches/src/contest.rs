//! Contestants do the same work in turns; a table says what a unit of it costs each.
//!
//! CPU time, not wall time, since cores are shared; turns are interleaved, so that whatever else
//! the machine does falls on all alike; the figure is the median turn.

use cpu_time::ProcessTime;
use std::fmt::{Display, Write as _};

/// One contestant: a name, and one turn of work that tells how many units it did.
pub struct Contestant<'a> {
    name: String,
    turn: Box<dyn FnMut() -> u64 + 'a>,
}

impl<'a> Contestant<'a> {
    /// Enters a contestant. What a turn needs is set up before this, outside the timing.
    pub fn new(name: impl Into<String>, turn: impl FnMut() -> u64 + 'a) -> Self {
        Self { name: name.into(), turn: Box::new(turn) }
    }
}

/// What a unit of work cost one contestant.
#[derive(Clone, Debug)]
pub struct Cost {
    /// Who it was.
    pub name: String,
    /// Median nanoseconds of CPU time a unit.
    pub median_ns: f64,
}

/// Gives the number of rounds to play: `full` under `cargo bench`, one where a bench is only tried.
#[must_use]
pub fn rounds(full: usize) -> usize {
    if std::env::args().any(|argument| argument == "--bench") { full } else { 1 }
}

/// Gives each contestant `rounds` turns after two untimed ones; costs are in the order entered.
#[must_use]
pub fn contest(mut contestants: Vec<Contestant<'_>>, rounds: usize) -> Vec<Cost> {
    let mut turns = vec![Vec::with_capacity(rounds); contestants.len()];
    for contestant in &mut contestants {
        (contestant.turn)();
        (contestant.turn)();
    }
    for _ in 0..rounds {
        for (contestant, turns) in contestants.iter_mut().zip(&mut turns) {
            let start = ProcessTime::now();
            let units = (contestant.turn)();
            turns.push(start.elapsed().as_nanos() as f64 / units as f64);
        }
    }
    let cost = |(contestant, mut turns): (Contestant<'_>, Vec<f64>)| {
        turns.sort_by(f64::total_cmp);
        Cost { name: contestant.name, median_ns: turns[turns.len() / 2] }
    };
    contestants.into_iter().zip(turns).map(cost).collect()
}

/// A table for the terminal and for Markdown: one row a contestant, one column a size.
#[derive(Clone, Debug)]
pub struct Table {
    head: String,
    rows: Vec<(String, Vec<f64>)>,
}

impl Table {
    /// Begins a table.
    pub fn new(title: &str, sizes: &[impl Display]) -> Self {
        let mut head = format!("\n| {title:<45} |");
        for size in sizes {
            let _ = write!(head, " {:>9} |", size.to_string());
        }
        let _ = write!(head, "\n|---|{}", "---:|".repeat(sizes.len()));
        Self { head, rows: Vec::new() }
    }

    /// Adds a row of figures, one a size.
    pub fn row(&mut self, name: &str, figures: &[f64]) {
        self.rows.push((name.to_owned(), figures.to_vec()));
    }

    /// Adds the row of one earlier row over another.
    pub fn ratio(&mut self, name: &str, over: usize, under: usize) {
        let ratios = self.rows[over].1.iter().zip(&self.rows[under].1).map(|(a, b)| a / b);
        let ratios = ratios.collect();
        self.rows.push((name.to_owned(), ratios));
    }

    /// Prints it.
    pub fn print(&self) {
        say(&self.head);
        for (name, figures) in &self.rows {
            let mut line = format!("| {name:<45} |");
            for figure in figures {
                let _ = write!(line, " {figure:>9.2} |");
            }
            say(&line);
        }
    }
}

/// Prints a line of a bench's result.
#[expect(clippy::print_stdout, reason = "a bench's result is what it prints")]
pub fn say(line: &str) {
    println!("{line}");
}
