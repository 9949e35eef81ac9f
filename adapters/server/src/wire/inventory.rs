//! Holds on the wire.

use domain::ids::OrderId;
use domain::stock::Hold;
use serde::{Deserialize, Serialize};
use shell::{Order, OrderLine};
use utoipa::ToSchema;

use super::Decimal;

/// The body of `POST /api/inventory/reserve` and `release`.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct HoldAsked {
    pub(crate) order_id: Decimal<u64>,
}

/// A line that is held.
#[derive(Debug, Serialize, ToSchema)]
struct HeldLine {
    sku_id: Decimal<u32>,
    held_units: u32,
}

/// What an order holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldShown {
    order_id: Decimal<u64>,
    /// `never`, `held`, `secured` or `over`.
    status: &'static str,
    expires_at_us: Option<u64>,
    lines: Vec<HeldLine>,
}

impl HoldShown {
    pub(crate) fn of(id: OrderId, row: &Order) -> Self {
        let (status, until) = match row.hold {
            Hold::Never => ("never", None),
            Hold::Until(until) => ("held", Some(until.0)),
            Hold::Secured => ("secured", None),
            Hold::Over => ("over", None),
        };
        let line = |line: &OrderLine| HeldLine {
            sku_id: Decimal(line.sku.0),
            held_units: line.held_units,
        };
        let lines = row.lines.iter().map(line).collect();
        Self { order_id: Decimal(id.0), status, expires_at_us: until, lines }
    }
}

/// A shelf with few free units.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LowShelf {
    store_id: Decimal<u32>,
    sku_id: Decimal<u32>,
    free_units: i64,
}

impl LowShelf {
    /// Of a member of the set of such shelves, and its score.
    pub(crate) fn of((shelf, free_units): &(String, i64)) -> Option<Self> {
        let (store, sku) = shelf.split_once(':')?;
        let (store_id, sku_id) = (Decimal(store.parse().ok()?), Decimal(sku.parse().ok()?));
        Some(Self { store_id, sku_id, free_units: *free_units })
    }
}

/// Shelves with few free units, the emptiest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LowStock {
    pub(crate) shelves: Vec<LowShelf>,
}

/// Riders who were heard of near a store, the nearest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RidersNear {
    pub(crate) rider_ids: Vec<String>,
}
