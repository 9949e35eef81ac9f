//! I8: an order that is over holds nothing, and what a failed one had is back on the shelf.
//!
//! Judged at the end: for each order that is over and still has details, and for each shelf that
//! sold units to orders which did not get them.

use domain::facts::Fact;
use domain::ids::{SkuId, StoreId};
use domain::order::Event as Order;

use super::{Invariant, Ruling};
use crate::Subject;
use crate::world::{Pick, World};

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I8";
    const LAW: &'static str = "an order that is over holds no stock, a failed one's is put back";

    fn shows(fact: &Fact) -> bool {
        use domain::stock::{Adjustment, Event as E};
        match fact {
            Fact::Stock(E::Adjusted { adjustment, .. }) => *adjustment == Adjustment::PutBack,
            Fact::Stock(event) => !matches!(event, E::Received { .. } | E::Refused { .. }),
            Fact::Order(Order::Rejected { .. } | Order::Cancelled { .. })
            | Fact::Order(Order::Undelivered { .. } | Order::Delivered { .. })
            | Fact::Picking(_) => true,
            Fact::Opening(_)
            | Fact::Store(_)
            | Fact::Pricing(_)
            | Fact::Order(_)
            | Fact::Payment(_)
            | Fact::Ledger(_)
            | Fact::Dispatch(_)
            | Fact::Delivery(_)
            | Fact::Rider(_) => false,
        }
    }

    fn end(&mut self, world: &World, rule: &mut dyn FnMut(Ruling)) {
        for (id, order) in world.orders().filter(|(_, order)| order.is_over()) {
            let live = world.live(order);
            let left = world.lines(live).find(|line| line.held > 0);
            let stage = order.stage;
            rule(match (left, live.pick) {
                (Some(line), _) => Ruling::broken(Subject::Order(id), || {
                    format!("{stage}, but holds {} units of {}", line.held, line.sku)
                }),
                (None, Pick::PuttingBack) => Ruling::broken(Subject::Order(id), || {
                    format!("{stage}, but what was picked is not back on the shelf")
                }),
                (None, _) => Ruling::Kept,
            });
        }
        rule_put_back(world, rule);
    }
}

/// What was sold to failed orders is what was put back.
fn rule_put_back(world: &World, rule: &mut dyn FnMut(Ruling)) {
    let mut early = put_back_early(world);
    early.sort_unstable();
    let mut early = early.as_slice();
    for (at, store) in world.stores.iter().enumerate() {
        for (sku, shelf) in store.shelves().iter().enumerate() {
            let (store, sku) = (StoreId::at(at), SkuId::at(sku));
            let count = early.iter().take_while(|row| (row.0, row.1) == (store, sku)).count();
            if count == 0 && shelf.returnable == 0 {
                continue;
            }
            let ahead: i64 = early[..count].iter().map(|row| row.2).sum();
            early = &early[count..];
            let left = i64::from(shelf.returnable) + ahead;
            rule(if left == 0 {
                Ruling::Kept
            } else {
                Ruling::broken(Subject::Shelf(store, sku), || {
                    format!("of units sold to failed orders {left} are not put back")
                })
            });
        }
    }
}
/// Units of orders under way that are back on the shelf before the order's end is told.
fn put_back_early(world: &World) -> Vec<(StoreId, SkuId, i64)> {
    let mut early = Vec::new();
    for (_, order) in world.orders().filter(|(_, order)| order.is_live() && !order.is_over()) {
        let live = world.live(order);
        if live.pick == Pick::Closed {
            let lines = world.lines(live).filter(|line| line.committed > 0);
            early.extend(lines.map(|line| (live.store, line.sku, i64::from(line.committed))));
        }
    }
    early
}
