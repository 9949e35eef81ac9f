//! What each policy charges.

use proptest::prelude::*;

use super::*;

/// The fees in whole rupees that a policy takes: delivery, handling, small cart, surge, rain,
/// discount.
fn check(policy: Policy, view: &View<'_>, rupees: [i64; 6]) {
    let choice = choose(policy, view, &Params::default(), &mut Scratch::default());
    let fees = choice.fees.each().map(|(_, amount)| amount);
    assert_eq!(fees, rupees.map(Paise::rupees), "{policy} {view:?}");
}

#[test]
fn fees_fall_with_the_value_of_the_cart() {
    let rules = Rules::default();
    for (rupees, delivery, small_cart) in
        [(1, 25, 20), (98, 25, 20), (99, 25, 0), (198, 25, 0), (199, 0, 0), (2_000, 0, 0)]
    {
        let items = [item(rupees, 1)];
        let view = view(&rules, &items);
        for policy in [Policy::FeeTiers, Policy::Demand, Policy::Inventory] {
            check(policy, &view, [delivery, 10, small_cart, 0, 0, 0]);
        }
        check(Policy::Flat, &view, [25, 0, 0, 0, 0, 0]);
    }
}

#[test]
fn members_have_free_delivery_sooner() {
    let rules = Rules::default();
    for (rupees, delivery) in [(98, 25), (99, 0)] {
        let items = [item(rupees, 1)];
        let view = View { is_member: true, ..view(&rules, &items) };
        let small_cart = if rupees < 99 { 20 } else { 0 };
        check(Policy::FeeTiers, &view, [delivery, 10, small_cart, 0, 0, 0]);
    }
}

#[test]
fn surge_and_rain_are_fees() {
    let rules = Rules::default();
    let items = [item(300, 1)];
    for (surge, fee) in
        [(10_000, 0), (12_499, 0), (12_500, 15), (15_000, 30), (19_999, 30), (20_000, 50)]
    {
        let view = View { surge: Bps(surge), is_raining: true, ..view(&rules, &items) };
        check(Policy::Demand, &view, [0, 10, 0, fee, 20, 0]);
        check(Policy::FeeTiers, &view, [0, 10, 0, 0, 20, 0]);
        check(Policy::Flat, &view, [25, 0, 0, 0, 0, 0]);
    }
}

#[test]
fn a_discount_goes_as_far_as_the_fees() {
    let rules = Rules::default();
    let items = [item(150, 1)];
    for (discount, taken) in [(0, 0), (5, -5), (35, -35), (500, -35), (-5, 0)] {
        let view = View { discount: Paise::rupees(discount), ..view(&rules, &items) };
        check(Policy::FeeTiers, &view, [25, 10, 0, 0, 0, taken]);
    }
}

#[test]
fn goods_that_must_go_are_marked_down() {
    let rules = Rules::default();
    let price_of = |item: Item| {
        let mut scratch = Scratch::default();
        let _ = choose(Policy::Inventory, &view(&rules, &[item]), &Params::default(), &mut scratch);
        scratch.unit_prices()[0].0
    };
    let normal = item(100, 2);
    assert_eq!(price_of(normal), 10_000);
    assert_eq!(price_of(Item { near_expiry_units: 2, ..normal }), 8_000);
    assert_eq!(price_of(Item { near_expiry_units: 1, ..normal }), 10_000, "not for the whole line");
    for (free_units, price) in [(15, 10_000), (16, 9_934), (30, 9_000), (1_000, 9_000)] {
        assert_eq!(price_of(Item { free_units, ..normal }), price, "{free_units} on the shelf");
    }
    assert_eq!(price_of(Item { free_units: 30, base_units: 0, ..normal }), 10_000);
    let one_paisa = Item { price: Paise(1), near_expiry_units: 2, ..normal };
    assert_eq!(price_of(one_paisa), 1, "nothing is given away");
}

#[test]
fn a_city_price_above_the_mrp_is_not_charged() {
    let rules = Rules::default();
    let items = [Item { price: Paise::rupees(30), ..item(20, 1) }];
    for &policy in Policy::ALL {
        let mut scratch = Scratch::default();
        let _ = choose(policy, &view(&rules, &items), &Params::default(), &mut scratch);
        assert_eq!(scratch.unit_prices(), [Paise::rupees(20)], "{policy}");
    }
}

fn any_item() -> impl Strategy<Value = Item> {
    let paise = 1_i64..1_000_000;
    let units = || 0_u32..200;
    (paise, 0_i64..100_000, 1_u32..30, units(), units(), units()).prop_map(
        |(price, discount, units, free_units, near_expiry_units, base_units)| Item {
            sku: SkuId(1),
            units,
            price: Paise(price),
            mrp: Paise(price + discount),
            gst: Bps(1_800),
            free_units,
            near_expiry_units,
            base_units,
        },
    )
}

proptest! {
    /// Whatever the shelf and the demand: no line above its city price and MRP, no markdown
    /// beyond the bound, no negative fee, no discount beyond the fees.
    #[test]
    fn prices_stay_within_bounds(
        items in prop::collection::vec(any_item(), 1..10),
        policy in prop::sample::select(Policy::ALL),
        surge in 10_000_u32..40_000,
        flags in any::<[bool; 2]>(),
        discount in -10_000_i64..50_000,
        max_markdown in 0_u32..12_000,
    ) {
        let rules = Rules::default();
        let view = View {
            rules: &rules,
            items: &items,
            surge: Bps(surge),
            is_raining: flags[0],
            is_member: flags[1],
            discount: Paise(discount),
        };
        let params = Params { max_markdown: Bps(max_markdown), ..Params::default() };
        let mut scratch = Scratch::default();
        let choice = choose(policy, &view, &params, &mut scratch);
        prop_assert_eq!(scratch.unit_prices().len(), items.len());
        for (item, price) in items.iter().zip(scratch.unit_prices()) {
            prop_assert!(Paise(1) <= *price && *price <= item.price && *price <= item.mrp);
            let least = item.price.0 * (10_000 - i64::from(max_markdown.min(10_000))) / 10_000;
            prop_assert!(price.0 >= least);
        }
        for (fee, amount) in choice.fees.each() {
            prop_assert_eq!(amount < Paise::ZERO, fee == Fee::Discount && amount != Paise::ZERO);
        }
        prop_assert!(choice.fees.total() >= Paise::ZERO);
        prop_assert_eq!(choice.surge, if policy.has_surge() { Bps(surge) } else { Bps::ONE });
    }
}
