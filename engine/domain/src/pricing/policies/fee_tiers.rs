//! What the market does: fees that fall with the value of the cart.
//!
//! A small cart costs more to bring than it earns, so delivery is free from a threshold and a
//! cart below another one pays extra; customers fill their carts up to the threshold.

use crate::money::{Bps, Paise};
use crate::pricing::{Choice, Fees, Params, Scratch, View};

pub(super) fn choose(view: &View<'_>, _params: &Params, scratch: &mut Scratch) -> Choice {
    let goods = scratch.take_city_prices(view.items);
    Choice { fees: fees(view, goods).less(view.discount), surge: Bps::ONE }
}

/// The tiers' fees for goods of a value, without surge and discount.
pub(super) fn fees(view: &View<'_>, goods: Paise) -> Fees {
    let rules = view.rules;
    let when = |applies: bool, fee: Paise| if applies { fee } else { Paise::ZERO };
    Fees {
        delivery: rules.delivery_fee(goods, view.is_member),
        handling: rules.handling,
        small_cart: when(goods < rules.small_cart_below, rules.small_cart),
        rain: when(view.is_raining, rules.rain),
        surge: Paise::ZERO,
        discount: Paise::ZERO,
    }
}
