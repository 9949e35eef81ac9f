//! The nearest store that takes orders and has everything.
//!
//! If none has, the nearest store's reason is given.

use super::{NotServed, View, primary_only};
use crate::ids::StoreId;

pub(super) fn choose(view: &View<'_>) -> Result<StoreId, NotServed> {
    let nearest = view.able().min_by_key(|near| (near.ride, near.store));
    nearest.map_or_else(|| primary_only::choose(view), |near| Ok(near.store))
}
