//! One price for everything: city prices and the same fee for every order.
//!
//! The simplest thing that can be sold, and what the others are measured against.

use crate::money::Bps;
use crate::pricing::{Choice, Fees, Params, Scratch, View};

pub(super) fn choose(view: &View<'_>, params: &Params, scratch: &mut Scratch) -> Choice {
    scratch.take_city_prices(view.items);
    let fees = Fees { delivery: params.flat_fee, ..Fees::default() }.less(view.discount);
    Choice { fees, surge: Bps::ONE }
}
