//! Orders as they were read or written here last.
//!
//! Most words are about orders in which nothing has changed since somebody asked: then only their
//! stamps are read. What is known is never believed without that.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::OrderId;

use crate::rows::{Order, Row, Rows};
use crate::unit::Unit;

/// Orders that are known at most. 10 000, assumed, grade E: some minutes of a thousand orders a
/// minute, in ten megabytes.
const KNOWN_LIMIT: usize = 10_000;

/// Orders that are known, whatever became of them since.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    orders: BTreeMap<OrderId, Arc<Row<Order>>>,
    /// Those orders, the one that came first first.
    since: VecDeque<OrderId>,
}

impl Known {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        // An order that is forgotten too early is read again.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, order: OrderId) -> Option<Arc<Row<Order>>> {
        self.lock().orders.get(&order).cloned()
    }

    pub(crate) fn keep(&self, order: OrderId, row: Arc<Row<Order>>) {
        let Kept { orders, since } = &mut *self.lock();
        if orders.insert(order, row).is_none() {
            since.push_back(order);
            if since.len() > KNOWN_LIMIT
                && let Some(first) = since.pop_front()
            {
                orders.remove(&first);
            }
        }
    }

    /// Keeps orders as they were loaded.
    pub(crate) fn keep_loaded(&self, rows: &Rows) {
        for read in rows.orders.iter().filter(|read| read.loaded.version.0 > 0) {
            let is_known = self.get(read.key).is_some_and(|row| row.stamp() == read.loaded.stamp());
            if !is_known {
                self.keep(read.key, Arc::new(read.loaded.clone()));
            }
        }
    }

    /// Keeps orders as a unit of work wrote them.
    pub(crate) fn keep_written(&self, unit: &Unit) {
        for read in unit.rows.orders.iter() {
            let Some(state) = read.changed() else { continue };
            let version = read.loaded.version.next();
            let row = Row { version, touched_at: unit.now, state: state.clone() };
            self.keep(read.key, Arc::new(row));
        }
    }
}
