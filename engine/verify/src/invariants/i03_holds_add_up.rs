//! I3: what shelves keep reserved is what orders hold.
//!
//! Judged for an order when its hold is told to be whole or over, and for every shelf at the end:
//! the reserved units counted by shelf are the held units counted by order.

use domain::facts::Fact;
use domain::ids::{SkuId, StoreId};
use domain::stock::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;
use crate::world::World;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I3";
    const LAW: &'static str = "reserved units are the sum of the units that orders hold";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Stock(_) | Fact::Pricing(domain::pricing::Event::LinePriced { .. }))
    }

    #[inline]
    fn stock(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        if let Event::Held { order, store, .. } = *event {
            let missing = case.world.lines(case.live).find(|line| line.held != line.units);
            if let Some(line) = missing {
                let (sku, held, units) = (line.sku, line.held, line.units);
                return Ruling::broken(Subject::Order(order), || {
                    format!("the hold is whole, but {held} of {units} units of {sku} are held")
                });
            }
            let home = case.live.store;
            ensure!(store == home, Subject::Order(order), "held at {store}, ordered at {home}");
            return Ruling::Kept;
        }
        let (Event::Released { order, .. } | Event::Expired { order, .. }) = *event else {
            return Ruling::NotMine;
        };
        if let Some(line) = case.world.lines(case.live).find(|line| line.held > 0) {
            let (sku, held) = (line.sku, line.held);
            return Ruling::broken(Subject::Order(order), || {
                format!("the hold is over, but {held} units of {sku} are still held")
            });
        }
        Ruling::Kept
    }

    fn end(&mut self, world: &World, rule: &mut dyn FnMut(Ruling)) {
        let mut held: Vec<(StoreId, SkuId, i64)> = Vec::new();
        for (_, order) in world.orders().filter(|(_, order)| order.is_live()) {
            let live = world.live(order);
            let lines = world.lines(live).filter(|line| line.held > 0);
            held.extend(lines.map(|line| (live.store, line.sku, i64::from(line.held))));
        }
        held.sort_unstable();
        let mut held = held.as_slice();
        for (at, store) in world.stores.iter().enumerate() {
            for (sku, shelf) in store.shelves().iter().enumerate() {
                let (store, sku) = (StoreId::at(at), SkuId::at(sku));
                let count = held.iter().take_while(|row| (row.0, row.1) == (store, sku)).count();
                if count == 0 && shelf.reserved == 0 {
                    continue;
                }
                let by_orders: i64 = held[..count].iter().map(|row| row.2).sum();
                held = &held[count..];
                let reserved = i64::from(shelf.reserved);
                rule(if by_orders == reserved {
                    Ruling::Kept
                } else {
                    Ruling::broken(Subject::Shelf(store, sku), || {
                        format!("{reserved} units are reserved, orders hold {by_orders}")
                    })
                });
            }
        }
    }
}
