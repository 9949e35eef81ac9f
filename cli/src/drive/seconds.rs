//! Live numbers: a line a second.

use std::sync::Arc;

use load::agents::Town;
use load::phase::Phases;
use load::second::Second;

use crate::console;

/// Shows seconds as they pass.
pub(super) struct Seconds {
    quiet: bool,
    phases: Vec<String>,
    until_us: u64,
    town: Arc<Town>,
}

impl Seconds {
    pub(super) fn new(quiet: bool, phases: &Phases, town: &Arc<Town>) -> Self {
        let names = phases.all().iter().map(|phase| phase.name.clone()).collect();
        Self { quiet, phases: names, until_us: phases.until_us(), town: Arc::clone(town) }
    }

    /// Shows a second that has passed.
    pub(super) fn show(&mut self, second: &Second) {
        if self.quiet {
            return;
        }
        let is_over = (second.number + 1) * 1_000_000 > self.until_us;
        let phase = if is_over { "drain" } else { &self.phases[second.phase] };
        let counts = self.town.counts();
        let count = |what: &str| counts.get(what).copied().unwrap_or(0);
        let ms = |us: u64| us as f64 / 1e3;
        console::complain(&format!(
            "{:>4} s  {phase:<7} placed {:>6}  open {:>5}  delivered {:>6}  requests {:>6}  \
             unknown {:>4}  late p99 {:>6.1} ms  response p50 {:>6.1} p99 {:>7.1} ms",
            second.number + 1,
            count("orders placed"),
            self.town.customers(),
            count("orders delivered"),
            second.operations.sent,
            second.operations.unknown,
            ms(second.schedule_error_us.quantile(0.99)),
            ms(second.response_us.quantile(0.5)),
            ms(second.response_us.quantile(0.99)),
        ));
    }
}
