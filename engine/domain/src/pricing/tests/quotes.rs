//! The life of a quote.

use expect_test::expect;
use proptest::prelude::*;

use super::quote::{Command, Refusal, State, decide};
use super::*;

const TOTAL: Paise = Paise::rupees(335);

fn choice() -> Choice {
    let fees = Fees {
        delivery: Paise::rupees(25),
        handling: Paise::rupees(10),
        discount: -Paise::rupees(20),
        ..Fees::default()
    };
    Choice { fees, surge: Bps::ONE }
}

fn hear(
    state: State,
    command: Command<'_>,
    now: Timestamp,
) -> (State, Vec<Event>, Option<Refusal>) {
    let mut events = Vec::new();
    let refused = decide(&Rules::default(), ORDER, &state, command, now, &mut events).err();
    let mut next = state;
    events.iter().for_each(|event| next.evolve(event));
    (next, events, refused)
}

fn issue<'a>(items: &'a [Item], unit_prices: &'a [Paise]) -> Command<'a> {
    let promise_by = Timestamp::from_s(900);
    Command::Issue { store: STORE, items, unit_prices, choice: choice(), promise_by }
}

#[test]
fn a_quote_says_what_is_paid_for_what_and_the_tax_within() {
    let items = [Item { gst: Bps(1_800), ..item(118, 1) }, item(50, 2), item(51, 2)];
    let unit_prices = [Paise::rupees(118), Paise::rupees(50), Paise::rupees(51)];
    let (state, events, _) = hear(State::Blank, issue(&items, &unit_prices), Timestamp(7));
    let (total, valid_until) = (TOTAL, Timestamp(7) + Rules::default().validity);
    assert_eq!(state, State::Issued { total, valid_until });
    let mut said = String::new();
    for event in events {
        said += &format!("{event:?}\n").replace(" order: OrderId(1),", "");
    }
    expect![[r#"
        LinePriced { line: 0, sku: SkuId(3), units: 1, unit_price: Paise(11800), tax: Paise(1800) }
        LinePriced { line: 1, sku: SkuId(3), units: 2, unit_price: Paise(5000), tax: Paise(476) }
        LinePriced { line: 2, sku: SkuId(3), units: 2, unit_price: Paise(5100), tax: Paise(486) }
        FeeAdded { fee: Delivery, amount: Paise(2500), tax: Paise(381) }
        FeeAdded { fee: Handling, amount: Paise(1000), tax: Paise(153) }
        FeeAdded { fee: Discount, amount: Paise(-2000), tax: Paise(-305) }
        Issued { store: StoreId(2), total: Paise(33500), surge: Bps(10000), promise_by: Timestamp(900000000), valid_until: Timestamp(600000007) }
    "#]].assert_eq(&said);
}

#[test]
fn transition_table() {
    let items = [item(335 - 15, 1)];
    let unit_prices = [items[0].price];
    let until = Timestamp(0) + Rules::default().validity;
    let states = [
        State::Blank,
        State::Issued { total: TOTAL, valid_until: until },
        State::Locked { total: TOTAL },
        State::Consumed,
        State::Expired,
        State::Invalidated,
    ];
    let late = Timestamp(until.0 + 1);
    let commands = [
        ("issue", issue(&items, &unit_prices), Timestamp(0)),
        ("issue nothing", issue(&[], &[]), Timestamp(0)),
        ("lock at the end", Command::Lock, until),
        ("lock too late", Command::Lock, late),
        ("consume", Command::Consume, late),
        ("invalidate", Command::Invalidate, late),
    ];
    let name = |state: State| {
        let said = format!("{state:?}");
        said.split(' ').next().unwrap_or_default().to_owned()
    };
    let mut table = String::new();
    for state in states {
        for (said, command, now) in commands {
            let (next, events, refused) = hear(state, command, now);
            assert!(refused.is_none() || events.is_empty(), "a refusal changes nothing");
            let end = refused.map_or(name(next), |refusal| refusal.to_string());
            table += &format!("{:<11} + {said:<15} -> {end}\n", name(state));
            if !matches!(command, Command::Issue { .. }) {
                let (again, more, _) = hear(next, command, now);
                assert_eq!((again, more), (next, vec![]), "{said} twice");
            }
        }
    }
    expect![[r#"
        Blank       + issue           -> Issued
        Blank       + issue nothing   -> order0.1: a quote has at least one line
        Blank       + lock at the end -> order0.1: there is no valid quote
        Blank       + lock too late   -> order0.1: there is no valid quote
        Blank       + consume         -> order0.1: there is no valid quote
        Blank       + invalidate      -> Blank
        Issued      + issue           -> Issued
        Issued      + issue nothing   -> order0.1: a quote has at least one line
        Issued      + lock at the end -> Locked
        Issued      + lock too late   -> Expired
        Issued      + consume         -> order0.1: there is no valid quote
        Issued      + invalidate      -> Invalidated
        Locked      + issue           -> order0.1: the quote is locked
        Locked      + issue nothing   -> order0.1: the quote is locked
        Locked      + lock at the end -> Locked
        Locked      + lock too late   -> Locked
        Locked      + consume         -> Consumed
        Locked      + invalidate      -> Invalidated
        Consumed    + issue           -> order0.1: the quote is locked
        Consumed    + issue nothing   -> order0.1: the quote is locked
        Consumed    + lock at the end -> Consumed
        Consumed    + lock too late   -> Consumed
        Consumed    + consume         -> Consumed
        Consumed    + invalidate      -> order0.1: the quote is locked
        Expired     + issue           -> Issued
        Expired     + issue nothing   -> order0.1: a quote has at least one line
        Expired     + lock at the end -> order0.1: there is no valid quote
        Expired     + lock too late   -> order0.1: there is no valid quote
        Expired     + consume         -> order0.1: there is no valid quote
        Expired     + invalidate      -> Expired
        Invalidated + issue           -> Issued
        Invalidated + issue nothing   -> order0.1: a quote has at least one line
        Invalidated + lock at the end -> order0.1: there is no valid quote
        Invalidated + lock too late   -> order0.1: there is no valid quote
        Invalidated + consume         -> order0.1: there is no valid quote
        Invalidated + invalidate      -> Invalidated
    "#]]
    .assert_eq(&table);
}

#[test]
#[should_panic(expected = "₹21.00 of ₹20.00")]
fn no_line_is_sold_above_its_mrp() {
    let items = [item(20, 1)];
    let _ = hear(State::Blank, issue(&items, &[Paise::rupees(21)]), Timestamp(0));
}

proptest! {
    /// The total is the lines and the fees, and each tax is the tax within its amount.
    #[test]
    fn parts_add_up_to_the_total(
        lines in prop::collection::vec((1_i64..100_000, 1_u32..20, 0_u32..2_800), 1..12),
        delivery in 0_i64..5_000,
        discount in 0_i64..5_000,
    ) {
        let items: Vec<_> = lines
            .iter()
            .map(|&(price, units, gst)| {
                let price = Paise(price);
                Item { price, mrp: price, gst: Bps(gst), ..item(1, units) }
            })
            .collect();
        let unit_prices: Vec<_> = items.iter().map(|item| item.price).collect();
        let fees = Fees { delivery: Paise(delivery), ..Fees::default() }.less(Paise(discount));
        let command = Command::Issue {
            store: STORE,
            items: &items,
            unit_prices: &unit_prices,
            choice: Choice { fees, surge: Bps::ONE },
            promise_by: Timestamp(0),
        };
        let (_, events, _) = hear(State::Blank, command, Timestamp(0));
        let mut parts = Paise::ZERO;
        for event in &events {
            match *event {
                Event::LinePriced { units, unit_price, tax, line, .. } => {
                    let paid = unit_price.times(units);
                    parts += paid;
                    prop_assert_eq!(tax, paid.tax_within(items[usize::from(line)].gst));
                }
                Event::FeeAdded { amount, tax, .. } => {
                    parts += amount;
                    prop_assert_ne!(amount, Paise::ZERO);
                    prop_assert_eq!(tax, amount.tax_within(Bps(1_800)));
                }
                Event::Issued { total, .. } => prop_assert_eq!(total, parts),
                Event::Locked { .. }
                | Event::Expired { .. }
                | Event::Consumed { .. }
                | Event::Invalidated { .. }
                | Event::LineUnavailable { .. }
                | Event::SurgeSet { .. } => prop_assert!(false, "{event:?}"),
            }
        }
        let is_last = matches!(events.last(), Some(Event::Issued { .. }));
        prop_assert!(is_last, "the quote is complete only then");
    }
}
