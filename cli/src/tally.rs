//! Counts a city's facts minute by minute for those who watch a run.

use domain::facts::{Fact, Record};
use domain::ids::OrderId;
use domain::time::{MICROS_PER_S, Timestamp};
use domain::{delivery, order, picking, rider};
use reports::progress::{Progress, ProgressLine};

const MINUTE_US: u64 = 60 * MICROS_PER_S;

/// Where a city is, told at the end of every simulated minute.
pub(crate) struct Tally<'p> {
    progress: &'p Progress,
    line: ProgressLine,
    /// When each order's rider is promised, by arrival.
    promises: Vec<Timestamp>,
}

impl<'p> Tally<'p> {
    /// Begins for a city whose window ends at an instant.
    pub(crate) fn new(progress: &'p Progress, city: u16, window_to: Timestamp) -> Self {
        let window_to_minute = window_to.0 / MINUTE_US;
        let line = ProgressLine { city, window_to_minute, ..ProgressLine::default() };
        Self { progress, line, promises: Vec::new() }
    }

    /// Takes the next record.
    #[expect(clippy::wildcard_enum_match_arm, reason = "most facts change nothing that is shown")]
    pub(crate) fn record(&mut self, record: &Record) {
        let minute = record.at.0 / MINUTE_US;
        if minute > self.line.minute {
            self.progress.tell(&self.line);
            self.line.minute = minute;
        }
        match &record.fact {
            Fact::Order(event) => self.order(event, record.at),
            Fact::Rider(rider::Event::CameOn { .. }) => self.line.riders_on += 1,
            Fact::Rider(rider::Event::WentOff { .. }) => less(&mut self.line.riders_on),
            Fact::Delivery(delivery::Event::Accepted { .. }) => self.line.riders_busy += 1,
            Fact::Delivery(delivery::Event::Ended { .. } | delivery::Event::Dropped { .. }) => {
                less(&mut self.line.riders_busy);
            }
            Fact::Picking(picking::Event::Queued { .. }) => self.line.picks_waiting += 1,
            Fact::Picking(picking::Event::Started { .. }) => less(&mut self.line.picks_waiting),
            _ => {}
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "most stages change nothing that is shown")]
    fn order(&mut self, event: &order::Event, at: Timestamp) {
        use order::Event as E;
        let line = &mut self.line;
        match event {
            E::Placed { order, promise_by, .. } => {
                line.placed += 1;
                line.open_orders += 1;
                let index = order.index();
                if self.promises.len() <= index {
                    self.promises.resize(index + 1, Timestamp::default());
                }
                self.promises[index] = *promise_by;
            }
            E::Arrived { order, .. } => {
                line.arrived += 1;
                line.on_time += u64::from(at <= promise(&self.promises, *order));
            }
            E::Delivered { .. } => {
                line.delivered += 1;
                less(&mut line.open_orders);
            }
            E::Rejected { .. } | E::Cancelled { .. } | E::Undelivered { .. } => {
                line.lost += 1;
                less(&mut line.open_orders);
            }
            _ => {}
        }
    }

    /// Tells the last minute.
    pub(crate) fn finish(self) {
        self.progress.tell(&self.line);
    }
}

fn promise(promises: &[Timestamp], order: OrderId) -> Timestamp {
    promises.get(order.index()).copied().unwrap_or_default()
}

fn less(count: &mut u64) {
    *count = count.saturating_sub(1);
}
