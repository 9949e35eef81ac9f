//! The life of a cart, and its limits.

use expect_test::expect;
use proptest::prelude::*;

use super::*;

const MILK: SkuId = SkuId(1);
const RICE: SkuId = SkuId(2);
const ORDER: OrderId = OrderId(7);
const RULES: Rules = Rules { max_lines: 3, max_units: 5, idle_limit: Millis::from_min(60) };
const LATER: Timestamp = Timestamp::from_s(3_600);

fn hear(cart: &mut State, command: Command, now: Timestamp) -> Result<usize, Refusal> {
    let mut events = Vec::new();
    let heard = decide(&RULES, cart, command, now, &mut events);
    assert!(heard.is_ok() || events.is_empty(), "a refusal changes nothing");
    events.iter().for_each(|event| cart.evolve(event, now));
    heard.map(|()| events.len())
}

/// A new cart after some commands.
fn cart(commands: &[Command]) -> State {
    let mut cart = State::new(Timestamp(0));
    for &command in commands {
        hear(&mut cart, command, Timestamp(0)).unwrap();
    }
    cart
}

const ADD: Command = Command::AddLine { sku: MILK, units: 2 };
const CHECKOUT: Command = Command::Checkout { order: ORDER };

#[test]
fn transition_table() {
    let left = |cart: State| {
        let mut cart = cart;
        hear(&mut cart, Command::Expire, LATER).unwrap();
        cart
    };
    let carts = [
        cart(&[]),
        cart(&[ADD]),
        cart(&[ADD, CHECKOUT]),
        cart(&[ADD, CHECKOUT, Command::Convert]),
        left(cart(&[ADD, CHECKOUT])),
        left(cart(&[ADD])),
    ];
    let commands = [
        ("add", ADD, Timestamp(0)),
        ("add too many", Command::AddLine { sku: MILK, units: 6 }, Timestamp(0)),
        ("take out", Command::SetUnits { sku: MILK, units: 0 }, Timestamp(0)),
        ("check out", CHECKOUT, Timestamp(0)),
        ("convert", Command::Convert, Timestamp(0)),
        ("expire too soon", Command::Expire, Timestamp(LATER.0 - 1)),
        ("expire", Command::Expire, LATER),
    ];
    let mut table = String::new();
    for cart in carts {
        for (said, command, now) in commands {
            let mut next = cart.clone();
            match hear(&mut next, command, now) {
                Ok(0) => assert_eq!(next, cart),
                Ok(_) => table += &format!("{:<11} + {said:<12} -> {}\n", cart.stage, next.stage),
                Err(no) => table += &format!("{:<11} + {said:<12} -> no: {no}\n", cart.stage),
            }
        }
    }
    expect![[r#"
        empty       + add          -> active
        empty       + add too many -> no: sku1: wanted 6 units, at most 5 in a cart
        empty       + check out    -> no: the cart is empty
        empty       + convert      -> no: the cart was not checked out
        empty       + expire       -> expired
        active      + add          -> active
        active      + add too many -> no: sku1: wanted 8 units, at most 5 in a cart
        active      + take out     -> empty
        active      + check out    -> checked_out
        active      + convert      -> no: the cart was not checked out
        active      + expire       -> expired
        checked_out + add          -> active
        checked_out + add too many -> no: sku1: wanted 8 units, at most 5 in a cart
        checked_out + take out     -> empty
        checked_out + convert      -> converted
        checked_out + expire       -> abandoned
        converted   + add          -> no: the cart is converted
        converted   + add too many -> no: the cart is converted
        converted   + take out     -> no: the cart is converted
        converted   + check out    -> no: the cart is converted
        abandoned   + add          -> no: the cart is abandoned
        abandoned   + add too many -> no: the cart is abandoned
        abandoned   + take out     -> no: the cart is abandoned
        abandoned   + check out    -> no: the cart is abandoned
        abandoned   + convert      -> no: the cart is abandoned
        expired     + add          -> no: the cart is expired
        expired     + add too many -> no: the cart is expired
        expired     + take out     -> no: the cart is expired
        expired     + check out    -> no: the cart is expired
        expired     + convert      -> no: the cart is expired
    "#]]
    .assert_eq(&table);
}

#[test]
fn lines_of_one_sku_are_one_line() {
    let more = Command::AddLine { sku: MILK, units: 3 };
    let rice = Command::SetUnits { sku: RICE, units: 1 };
    let line = |sku, units| Line { sku, units };
    assert_eq!(cart(&[ADD, rice, more]).lines, [line(MILK, 5), line(RICE, 1)]);
    let out = Command::SetUnits { sku: MILK, units: 0 };
    assert_eq!(cart(&[ADD, rice, out]).lines, [line(RICE, 1)]);
    assert_eq!(cart(&[ADD, out]).stage, Stage::Empty);
}

#[test]
fn lines_and_units_have_limits() {
    let mut full = cart(&[1, 2, 3].map(|sku| Command::AddLine { sku: SkuId(sku), units: 5 }));
    let fourth = Command::AddLine { sku: SkuId(4), units: 1 };
    let max_lines = Refusal::TooManyLines { max_lines: 3 };
    assert_eq!(hear(&mut full, fourth, Timestamp(0)), Err(max_lines));
    let more = Command::AddLine { sku: MILK, units: u32::MAX };
    let max_units = Refusal::TooManyUnits { sku: MILK, wanted_units: u32::MAX, max_units: 5 };
    assert_eq!(hear(&mut full, more, Timestamp(0)), Err(max_units));
    let fewer = Command::SetUnits { sku: SkuId(3), units: 1 };
    assert_eq!(hear(&mut full, fewer, Timestamp(0)), Ok(1), "what is there can change");
    let nothing = Command::SetUnits { sku: SkuId(9), units: 0 };
    assert_eq!(hear(&mut full, nothing, Timestamp(0)), Ok(0));
}

#[test]
fn changing_a_cart_lets_go_of_its_quote() {
    let mut quoted = cart(&[ADD, CHECKOUT]);
    assert_eq!(quoted.quote, Some(ORDER));
    assert_eq!(hear(&mut quoted, CHECKOUT, LATER), Ok(0), "the same quote again");
    assert_eq!(hear(&mut quoted, ADD, LATER), Ok(1));
    assert_eq!((quoted.stage, quoted.quote), (Stage::Active, None));
    assert_eq!(hear(&mut quoted, Command::Expire, LATER), Ok(0), "it was touched");
}

proptest! {
    /// Whatever is put in and taken out, lines and units keep within their limits, no SKU
    /// stands twice, and the stage says whether there is anything.
    #[test]
    fn carts_keep_their_limits(
        script in prop::collection::vec((0_u8..7, 0_u32..6, 0_u32..8), 0..80),
    ) {
        let mut cart = State::new(Timestamp(0));
        for (minute, (what, sku, units)) in (0..).zip(script) {
            let sku = SkuId(sku);
            let command = match what {
                0..=2 => Command::AddLine { sku, units },
                3 | 4 => Command::SetUnits { sku, units },
                5 => Command::Checkout { order: OrderId(u64::from(units)) },
                _ => Command::Expire,
            };
            let before = cart.clone();
            if hear(&mut cart, command, Timestamp::from_s(minute * 600)).is_err() {
                prop_assert_eq!(&cart, &before);
            }
            prop_assert!(cart.lines.len() <= usize::from(RULES.max_lines));
            for (at, line) in cart.lines.iter().enumerate() {
                prop_assert!((1..=RULES.max_units).contains(&line.units));
                prop_assert!(cart.lines[..at].iter().all(|other| other.sku != line.sku));
            }
            prop_assert_eq!(cart.quote.is_some(), matches!(cart.stage, Stage::CheckedOut | Stage::Abandoned));
            if !cart.stage.is_terminal() {
                prop_assert_eq!(cart.stage == Stage::Empty, cart.lines.is_empty());
            }
        }
    }
}
