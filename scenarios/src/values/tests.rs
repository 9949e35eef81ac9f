use super::*;
use proptest::prelude::*;

/// What a text is read as, in the smallest unit, or the three parts of the message.
fn read<T: std::str::FromStr<Err = String> + std::fmt::Debug>(text: &str) -> String {
    match text.parse::<T>() {
        Ok(value) => format!("{value:?}"),
        Err(message) => message.replace(PART, " | "),
    }
}

#[test]
fn values_are_read_with_their_units() {
    let check = |found: String, expected: &str| assert_eq!(found, expected);
    check(read::<Duration>("15min"), "Duration(900000)");
    check(read::<Duration>("1h30min"), "Duration(5400000)");
    check(read::<Duration>(" 1h 30 min "), "Duration(5400000)");
    check(read::<Duration>("0.25s"), "Duration(250)");
    check(read::<Distance>("2.5km"), "Distance(2500)");
    check(read::<Money>("₹25.50"), "Money(2550)");
    check(read::<Money>("Rs 25"), "Money(2500)");
    check(read::<Share>("94.25%"), "Share(9425)");
    check(read::<Multiplier>("1.35x"), "Multiplier(13500)");
    check(read::<Speed>("15km/h"), "Speed(15000)");
    check(read::<Rate>("100_000/h"), "Rate(100000)");
    check(read::<Rate>("28/s"), "Rate(100800)");
    check(read::<Rate>("120000"), "Rate(120000)");
    check(read::<Clock>("18:30"), "Clock(1110)");
    check(read::<Clock>("24:00"), "Clock(1440)");
}

#[test]
fn what_is_wrong_is_said_with_an_example() {
    let mut table = String::new();
    for text in ["15", "15kg", "-5min", "five", "", "0.1ms", "31d", "1.5.5s", "15minutes"] {
        table += &format!("{text:?}: {}\n", read::<Duration>(text));
    }
    for text in ["25", "25₹", "₹", "₹0.001", "101%"] {
        table += &format!("{text:?}: {}\n", read::<Money>(text));
    }
    table += &format!("{}\n", read::<Share>("101%"));
    table += &format!("{}\n", read::<Share>("0.95"));
    for text in ["6pm", "24:01", "18:60", "+1:00", "1830"] {
        table += &format!("{text:?}: {}\n", read::<Clock>(text));
    }
    expect_test::expect![[r#"
        "15": `15` lacks a unit | expected a length of time | write a length of time such as "15min"; units: d, h, min, s, ms
        "15kg": `15kg` is not a length of time | there is no unit `kg` | write a length of time such as "15min"; units: d, h, min, s, ms
        "-5min": a length of time cannot be negative: `-5min` | negative | write a length of time such as "15min"; units: d, h, min, s, ms
        "five": `five` is not a length of time | not a number | write a length of time such as "15min"; units: d, h, min, s, ms
        "": `` is not a length of time | not a number | write a length of time such as "15min"; units: d, h, min, s, ms
        "0.1ms": `0.1ms` is finer than a length of time can be | the finest step is 1ms | write a length of time such as "15min"; units: d, h, min, s, ms
        "31d": `31d` is too large for a length of time | at most 30d | write a length of time such as "15min"; units: d, h, min, s, ms
        "1.5.5s": `1.5.5s` is not a length of time | not a number | write a length of time such as "15min"; units: d, h, min, s, ms
        "15minutes": `15minutes` is not a length of time | there is no unit `minutes` | write a length of time such as "15min"; units: d, h, min, s, ms
        "25": `25` lacks a unit | expected an amount of money | write an amount of money such as "₹25"; units: ₹, Rs
        "25₹": `25₹` is not an amount of money | there is no unit `₹` | write an amount of money such as "₹25"; units: ₹, Rs
        "₹": `₹` is not an amount of money | not a number | write an amount of money such as "₹25"; units: ₹, Rs
        "₹0.001": `₹0.001` is finer than an amount of money can be | the finest step is ₹0.01 | write an amount of money such as "₹25"; units: ₹, Rs
        "101%": `101%` is not an amount of money | there is no unit `%` | write an amount of money such as "₹25"; units: ₹, Rs
        `101%` is too large for a share | at most 100% | write it with its unit `%`, such as "94%"
        `0.95` lacks a unit | expected a share | write it with its unit `%`, such as "94%"
        "6pm": `6pm` is not a time of day | expected hours and minutes | write a time of day such as "18:30"
        "24:01": `24:01` is not a time of day | expected hours and minutes | write a time of day such as "18:30"
        "18:60": `18:60` is not a time of day | expected hours and minutes | write a time of day such as "18:30"
        "+1:00": `+1:00` is not a time of day | expected hours and minutes | write a time of day such as "18:30"
        "1830": `1830` is not a time of day | expected hours and minutes | write a time of day such as "18:30"
    "#]].assert_eq(&table);
}

proptest! {
    /// Whatever is written is read back as the same value.
    #[test]
    fn written_values_read_back(number in 0_u64..1_000_000) {
        prop_assert_eq!(Duration(number).to_string().parse(), Ok(Duration(number)));
        prop_assert_eq!(Distance(number).to_string().parse(), Ok(Distance(number)));
        prop_assert_eq!(Money(number).to_string().parse(), Ok(Money(number)));
        prop_assert_eq!(Share(number / 100).to_string().parse(), Ok(Share(number / 100)));
        prop_assert_eq!(Multiplier(number).to_string().parse(), Ok(Multiplier(number)));
        prop_assert_eq!(Rate(number).to_string().parse(), Ok(Rate(number)));
    }

    /// No text makes the readers panic.
    #[test]
    fn any_text_is_read_or_refused(text in "[-0-9._₹%xkmhsind/: ]{0,24}|.{0,12}") {
        let _ = (read::<Duration>(&text), read::<Money>(&text), read::<Rate>(&text), read::<Clock>(&text));
    }
}
