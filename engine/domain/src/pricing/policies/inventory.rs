//! The tiers, and markdowns on goods that must go: near their date, or too many on the shelf.
//!
//! A unit that is dumped earns nothing, so a part of its price is given up to sell it in time.

use super::fee_tiers;
use crate::money::{Bps, Paise};
use crate::pricing::{Choice, Item, Params, Scratch, View};

pub(super) fn choose(view: &View<'_>, params: &Params, scratch: &mut Scratch) -> Choice {
    let goods = scratch.price_each(view.items, |item| marked_down(item, params));
    Choice { fees: fee_tiers::fees(view, goods).less(view.discount), surge: Bps::ONE }
}

/// The city price less the markdown, rounded to the paisa in the customer's favour, at least one.
fn marked_down(item: &Item, params: &Params) -> Paise {
    let markdown = markdown(item, params).min(params.max_markdown).min(Bps::ONE);
    let kept = i128::from(item.price.0) * i128::from(Bps::ONE.0 - markdown.0);
    let kept = i64::try_from(kept / i128::from(Bps::ONE.0)).expect("a part fits where all does");
    Paise(kept.max(1)).min(item.price)
}

fn markdown(item: &Item, params: &Params) -> Bps {
    if item.near_expiry_units >= item.units && item.near_expiry_units > 0 {
        return params.near_expiry_markdown;
    }
    let base = u64::from(item.base_units);
    let (from, full) = (u64::from(params.overstock_from.0), u64::from(params.overstock_full.0));
    if base == 0 || full <= from {
        return Bps(0);
    }
    let stock = u64::from(item.free_units) * u64::from(Bps::ONE.0) / base;
    let over = stock.clamp(from, full) - from;
    let share = u64::from(params.overstock_markdown.0) * over / (full - from);
    Bps(u32::try_from(share).expect("a part of a markdown fits where all does"))
}
