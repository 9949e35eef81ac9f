//! Pick lists on the wire.

use domain::ids::OrderId;
use domain::picking::Status;
use serde::{Deserialize, Serialize};
use shell::Order;
use utoipa::ToSchema;

use super::Decimal;

/// The body of `scan` and `short`: what a picker found of a line.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Found {
    pub(crate) line: u16,
    pub(crate) units: u32,
}

/// The body of `receive`.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Received {
    pub(crate) sku_id: Decimal<u32>,
    pub(crate) units: u32,
}

/// The body of `count`.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Counted {
    pub(crate) sku_id: Decimal<u32>,
    /// Units on the shelf, those held for orders included.
    pub(crate) on_hand_units: u32,
}

/// A line of a pick list.
#[derive(Debug, Serialize, ToSchema)]
struct TaskLine {
    line: usize,
    sku_id: Decimal<u32>,
    units: u32,
}

/// A pick list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskShown {
    order_id: Decimal<u64>,
    /// `queued`, `collecting`, `packing`, `packed`, `handed_over`, `putting_back` or `closed`.
    status: &'static str,
    picker_id: Option<Decimal<u32>>,
    /// The line that is to be looked for now.
    next_line: Option<u16>,
    lines: Vec<TaskLine>,
}

/// The pick lists of a store.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TasksShown {
    pub(crate) tasks: Vec<TaskShown>,
}

impl TaskShown {
    /// An order's pick list; none if it has none.
    pub(crate) fn of(id: OrderId, row: &Order) -> Option<Self> {
        let (status, picker) = match row.task.status {
            Status::None => return None,
            Status::Queued => ("queued", None),
            Status::Collecting(picker) => ("collecting", Some(picker)),
            Status::Packing(picker) => ("packing", Some(picker)),
            Status::Packed => ("packed", None),
            Status::HandedOver => ("handed_over", None),
            Status::PuttingBack(picker) => ("putting_back", picker),
            Status::Closed => ("closed", None),
        };
        let is_collecting = matches!(row.task.status, Status::Collecting(_));
        let lines = row.lines.iter().enumerate();
        Some(Self {
            order_id: Decimal(id.0),
            status,
            picker_id: picker.map(|picker| Decimal(picker.0)),
            next_line: is_collecting.then_some(row.task.done),
            lines: lines
                .map(|(line, of)| TaskLine { line, sku_id: Decimal(of.sku.0), units: of.units })
                .collect(),
        })
    }
}
