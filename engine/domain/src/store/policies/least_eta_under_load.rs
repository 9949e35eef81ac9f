//! Of the stores that take orders and have everything, the one expected at the door first.
//!
//! A nearer store with a queue may be slower than its neighbour without. If none is able, the
//! nearest store's reason is given.

use super::{Nearby, NotServed, View, primary_only};
use crate::eta;
use crate::ids::StoreId;
use crate::time::Millis;

pub(super) fn choose(view: &View<'_>) -> Result<StoreId, NotServed> {
    let first = view.able().min_by_key(|near| (expected(view, near), near.ride, near.store));
    first.map_or_else(|| primary_only::choose(view), |near| Ok(near.store))
}

fn expected(view: &View<'_>, near: &Nearby) -> Millis {
    let way = eta::View { load: near.load, pick: view.pick, ride: near.ride, extra: Millis::ZERO };
    eta::expected(&way, view.eta)
}
