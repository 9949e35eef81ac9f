//! The tiers, and a surge fee when riders are scarce.
//!
//! Surge is a fee and nothing else: a unit price that follows demand could rise above the
//! maximum retail price, which is against the law.

use super::fee_tiers;
use crate::pricing::{Choice, Fees, Params, Scratch, View};

pub(super) fn choose(view: &View<'_>, _params: &Params, scratch: &mut Scratch) -> Choice {
    let goods = scratch.take_city_prices(view.items);
    let surge = view.rules.surge_fee(view.surge);
    let fees = Fees { surge, ..fee_tiers::fees(view, goods) };
    Choice { fees: fees.less(view.discount), surge: view.surge }
}
