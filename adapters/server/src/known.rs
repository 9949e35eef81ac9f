//! Orders as this server read them last. Customers look again and again at orders in which nothing
//! has changed: then only their versions are read.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::OrderId;
use shell::{Database, Key, Order, PortError, Row, Rows};

/// Orders that are known at most. 10 000, assumed, grade E: some minutes of a thousand orders a
/// minute, in ten megabytes.
const KNOWN_LIMIT: usize = 10_000;

/// An order, as it stands.
pub(crate) type Current = Arc<Row<Order>>;

/// Orders that are known, whatever became of them since.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    orders: BTreeMap<OrderId, Current>,
    /// Those orders, the one that came first first.
    since: VecDeque<OrderId>,
}

impl Known {
    /// Orders as they stand now, those that are there.
    ///
    /// # Errors
    /// [`PortError`] when the database fails.
    pub(crate) async fn now<D: Database>(
        &self,
        database: &D,
        orders: &[OrderId],
    ) -> Result<BTreeMap<OrderId, Current>, PortError> {
        let versions = database.versions(orders).await?;
        let mut now = BTreeMap::new();
        {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for (order, version) in orders.iter().zip(versions) {
                let known = kept.orders.get(order).filter(|row| row.version == version);
                now.extend(known.map(|row| (*order, Arc::clone(row))));
            }
        }
        let others = orders.iter().filter(|order| !now.contains_key(order));
        let keys: Vec<Key> = others.map(|order| Key::Order(*order)).collect();
        if keys.is_empty() {
            return Ok(now);
        }
        let mut rows = Rows::default();
        database.load(&keys, &mut rows).await?;
        for read in rows.orders.iter().filter(|read| read.loaded.version.0 > 0) {
            let row = Arc::new(read.loaded.clone());
            self.keep(read.key, &row);
            now.insert(read.key, row);
        }
        Ok(now)
    }

    fn keep(&self, order: OrderId, row: &Current) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Kept { orders, since } = &mut *kept;
        if orders.insert(order, Arc::clone(row)).is_none() {
            since.push_back(order);
            if since.len() > KNOWN_LIMIT
                && let Some(first) = since.pop_front()
            {
                orders.remove(&first);
            }
        }
    }
}
