//! I34: Little's law holds exactly, in microseconds: the sum of the times that orders spent in a
//! stage is the integral over time of how many were in it.
//!
//! For every stage of every store, and for all stores and stages together. The times are counted
//! order by order, from when each entered its stage. The integrals are counted by level: one more
//! when a fact tells of an entry, one less when it tells of an exit. For the whole, the level is
//! made of facts alone, with no look at what is known of the order.

use domain::facts::Fact;
use domain::ids::{OrderId, StoreId};
use domain::order::{Event, Stage};
use domain::time::Timestamp;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;
use crate::world::World;

/// Orders in one place over time. Sums wrap, and their equality is kept by that.
#[derive(Clone, Copy, Default)]
struct Level {
    orders: u64,
    since: u64,
    /// The integral of the level so far, order-microseconds.
    area: u64,
    /// What those that left have spent, order-microseconds.
    sojourns: u64,
}

impl Level {
    fn step(&mut self, at: Timestamp, change: u64) {
        let passed = at.0.wrapping_sub(self.since);
        self.area = self.area.wrapping_add(self.orders.wrapping_mul(passed));
        self.orders = self.orders.wrapping_add(change);
        self.since = at.0;
    }

    fn enter(&mut self, at: Timestamp) {
        self.step(at, 1);
    }

    fn leave(&mut self, at: Timestamp) {
        self.step(at, 1_u64.wrapping_neg());
    }

    fn spend(&mut self, from: Timestamp, to: Timestamp) {
        self.sojourns = self.sojourns.wrapping_add(to.0.wrapping_sub(from.0));
    }
}

const STAGES: usize = Stage::ALL.len();

#[derive(Default)]
pub(crate) struct Law {
    stores: Vec<[Level; STAGES]>,
    whole: Level,
}

impl Invariant for Law {
    const ID: &'static str = "I34";
    const LAW: &'static str = "time spent in a stage adds up to the integral of orders in it";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Order(_))
    }

    #[inline]
    fn order(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let (at, live) = (case.record.at, case.live);
        let from = case.order.stage;
        let (order, to) = match *event {
            Event::CancelAsked { .. } => return Ruling::NotMine,
            Event::Placed { order, store, .. } => {
                self.whole.enter(at);
                self.enter(store, Stage::Placed, at);
                return entered(order, from);
            }
            Event::Reserved { order, .. } => (order, Stage::Reserved),
            Event::PaymentPending { order, .. } => (order, Stage::PaymentPending),
            Event::Confirmed { order, .. } => (order, Stage::Confirmed),
            Event::PickingBegun { order, .. } => (order, Stage::Picking),
            Event::Packed { order, .. } => (order, Stage::Packed),
            Event::LeftStore { order, .. } => (order, Stage::OutForDelivery),
            Event::Arrived { order, .. } => (order, Stage::Arrived),
            Event::Delivered { order, .. }
            | Event::Rejected { order, .. }
            | Event::Cancelled { order, .. }
            | Event::Undelivered { order, .. } => {
                self.whole.leave(at);
                self.whole.spend(live.placed_at, at);
                (order, Stage::Delivered)
            }
        };
        if let Some(levels) = self.stores.get_mut(live.store.index()) {
            levels[from as usize].leave(at);
            levels[from as usize].spend(live.entered_at, at);
        }
        if to < Stage::Delivered {
            self.enter(live.store, to, at);
        }
        left(order, from, live.entered_at, at)
    }

    fn end(&mut self, world: &World, rule: &mut dyn FnMut(Ruling)) {
        let now = world.now;
        for (_, order) in world.orders() {
            let is_open = order.stage != Stage::Draft && !order.is_over();
            let live = world.live(order);
            if let (true, Some(levels)) = (is_open, self.stores.get_mut(live.store.index())) {
                levels[order.stage as usize].spend(live.entered_at, now);
                self.whole.spend(live.placed_at, now);
            }
        }
        for (at, levels) in self.stores.iter_mut().enumerate() {
            for (stage, level) in Stage::ALL.iter().zip(levels) {
                if level.since == 0 && level.area == 0 && level.sojourns == 0 {
                    continue;
                }
                level.step(now, 0);
                rule(equal(Subject::Store(StoreId::at(at)), *level, stage.text()));
            }
        }
        if self.whole.since > 0 {
            self.whole.step(now, 0);
            rule(equal(Subject::Journal, self.whole, "all stages"));
        }
    }
}

impl Law {
    #[inline]
    fn enter(&mut self, store: StoreId, stage: Stage, at: Timestamp) {
        if store.index() >= self.stores.len() {
            self.grow(store);
        }
        if let Some(levels) = self.stores.get_mut(store.index()) {
            levels[stage as usize].enter(at);
        }
    }

    /// Makes room for a store, unless its id is beyond what can be listed.
    #[cold]
    fn grow(&mut self, store: StoreId) {
        if store.index() < crate::world::MAX_LISTED {
            self.stores.resize(store.index() + 1, [Level::default(); STAGES]);
        }
    }
}

fn entered(order: OrderId, from: Stage) -> Ruling {
    ensure!(from == Stage::Draft, Subject::Order(order), "it comes in while it is {from}");
    Ruling::Kept
}

fn left(order: OrderId, from: Stage, since: Timestamp, at: Timestamp) -> Ruling {
    let is_in = from != Stage::Draft && from < Stage::Delivered;
    let subject = Subject::Order(order);
    ensure!(is_in, subject, "it leaves a stage, but is {from}");
    ensure!(at >= since, subject, "it leaves {from} at {at}, entered at {since}");
    Ruling::Kept
}

fn equal(subject: Subject, level: Level, stage: &str) -> Ruling {
    ensure!(
        level.area == level.sojourns,
        subject,
        "{stage}: orders spent {} µs in it, its level integrates to {} order-µs",
        level.sojourns,
        level.area
    );
    Ruling::Kept
}
