//! The nearest store or none: how a network without fallback behaves.

use super::{NotServed, View};
use crate::ids::StoreId;

pub(super) fn choose(view: &View<'_>) -> Result<StoreId, NotServed> {
    let primary = view.primary()?;
    match view.obstacle(primary) {
        None => Ok(primary.store),
        Some(because) => Err(view.refused(primary, because)),
    }
}
