//! A city as the rows that install it in a deployment.

use domain::ids::StoreId;
use domain::place::Place;
use serde_json::{Value, json};

use crate::agents::Town;

/// The rows of a town's world, a line of JSON each.
#[must_use]
pub fn rows(town: &Town) -> Vec<u8> {
    let city = &town.script.city;
    let mut rows = Rows(Vec::new());
    rows.add(&rules(town));
    for (id, store) in city.stores.iter().enumerate() {
        let (id, radius_m) = (id.to_string(), store.radius_m);
        rows.add(&json!({"kind": "store", "store": id, "place": place(store.place), "radius_m": radius_m}));
    }
    for (id, sku) in city.skus.iter().enumerate() {
        rows.add(&json!({
            "kind": "sku", "sku": id.to_string(), "mrp_paise": sku.mrp.0,
            "price_paise": sku.price.0, "gst_bps": sku.gst.0,
        }));
    }
    for store in 0..city.stores.len() {
        for (sku, units) in city.shelf(StoreId::at(store)).iter().enumerate() {
            let (store, sku) = (store.to_string(), sku.to_string());
            rows.add(&json!({"kind": "stock", "store": store, "sku": sku, "units": units}));
        }
    }
    for (id, rider) in city.riders.iter().enumerate() {
        rows.add(&json!({"kind": "rider", "rider": id.to_string(), "place": place(rider.place)}));
    }
    for (id, picker) in city.pickers.iter().enumerate() {
        let store = picker.store.0.to_string();
        rows.add(&json!({"kind": "picker", "picker": id.to_string(), "store": store}));
    }
    rows.0
}

struct Rows(Vec<u8>);

impl Rows {
    fn add(&mut self, row: &Value) {
        self.0.extend_from_slice(row.to_string().as_bytes());
        self.0.push(b'\n');
    }
}

fn place(Place { lat_e7, lon_e7 }: Place) -> Value {
    json!({"lat_e7": lat_e7, "lon_e7": lon_e7})
}

/// The limits of the business, those of physical time as this run lives it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
fn rules(town: &Town) -> Value {
    let rules = &town.script.rules;
    let ms = |length| town.us(length) / 1_000;
    let scale = town.script.time_scale;
    json!({
        "kind": "rules",
        "city": town.script.city.id.0,
        "time_scale": scale,
        "offer_ms": ms(rules.delivery.offer),
        "hold_ms": ms(rules.saga.hold_ttl),
        "quote_ms": ms(rules.pricing.validity),
        "payment_window_ms": ms(rules.payment.window),
        "circuity_bps": (town.straight.circuity * 1e4) as u32,
        "speed_m_per_h": town.straight.speed_m_per_h,
        "speed_cap_m_per_h": rules.delivery.speed_cap_m_per_h.saturating_mul(scale),
    })
}
