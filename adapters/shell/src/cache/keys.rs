//! How keys are spelt: the source design's names where it has them.

use domain::ids::{CityId, CustomerId, RiderId, SkuId, StoreId};

/// The number of the world that the cache is of.
pub const WORLD: &str = "world";
/// How many orders waited for a rider in the last dispatch round, and how many riders could go.
pub const LAST_ROUND: &str = "dispatch:last_round";
/// The set of shelves with few free units, scored by how many; its members are [`shelf`]s.
pub const LOW_STOCK: &str = "inventory:low_stock";
/// The set of places where riders were heard of last; its members are riders' numbers.
pub const RIDERS: &str = "rider:locations";

/// Free units of a SKU at a store.
#[must_use]
pub fn availability(store: StoreId, sku: SkuId) -> String {
    format!("product:availability:{}:warehouse:{}", sku.0, store.0)
}

/// A session, by a digest of its token: the token itself stands nowhere.
#[must_use]
pub fn session(digest: u128) -> String {
    format!("user:session:{digest:032x}")
}

/// A cart.
#[must_use]
pub fn cart(cart: u64) -> String {
    format!("cart:{cart}")
}

/// The token bucket of a customer.
#[must_use]
pub fn customer_rate(customer: CustomerId) -> String {
    format!("rate:user:{}", customer.0)
}

/// The token bucket of a rider.
#[must_use]
pub fn rider_rate(rider: RiderId) -> String {
    format!("rate:rider:{}", rider.0)
}

/// The token bucket of a store.
#[must_use]
pub fn store_rate(store: StoreId) -> String {
    format!("rate:warehouse:{}", store.0)
}

/// Where a rider was heard of last.
#[must_use]
pub fn rider_place(rider: RiderId) -> String {
    format!("rider:location:{}", rider.0)
}

/// The token bucket of a city.
#[must_use]
pub fn city_rate(city: CityId) -> String {
    format!("rate:city:{}", city.0)
}

/// A member of [`LOW_STOCK`].
#[must_use]
pub fn shelf(store: StoreId, sku: SkuId) -> String {
    format!("{}:{}", store.0, sku.0)
}
