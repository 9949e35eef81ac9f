//! Prices and fees, the life of a quote, and surge.

mod policies;
mod quotes;
mod surging;

use super::*;

const ORDER: OrderId = OrderId(1);
const STORE: StoreId = StoreId(2);

/// An item of so many rupees a unit, sold at its MRP, with a full shelf.
fn item(rupees: i64, units: u32) -> Item {
    Item {
        sku: SkuId(3),
        units,
        price: Paise::rupees(rupees),
        mrp: Paise::rupees(rupees),
        gst: Bps(500),
        free_units: 10,
        near_expiry_units: 0,
        base_units: 10,
    }
}

fn view<'a>(rules: &'a Rules, items: &'a [Item]) -> View<'a> {
    View {
        rules,
        items,
        surge: Bps::ONE,
        is_raining: false,
        is_member: false,
        discount: Paise::ZERO,
    }
}
