//! Numbers as people read them.

use crate::summary::{Estimate, Objective, Unit};

/// A count with its noun: `1 order`, `12,345 orders`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(count))
}

/// A whole number with its thousands set apart: `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A large number in short: `940`, `1.2 M`.
pub(crate) fn short(number: u64) -> String {
    let in_units = figures_of(number);
    match number {
        0..10_000 => grouped(number),
        10_000..1_000_000 => format!("{:.0} K", in_units / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} M", in_units / 1e6),
        _ => format!("{:.1} G", in_units / 1e9),
    }
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn figures_of(number: u64) -> f64 {
    number as f64
}

/// A whole number from an estimate of one: `12,345`, `-3`.
#[expect(clippy::cast_possible_truncation, reason = "rounded, and saturating is fine for showing")]
pub(crate) fn whole(value: f64) -> String {
    let rounded = libm::round(value) as i64;
    let sign = if rounded < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(rounded.unsigned_abs()))
}

/// A length of time: `42 s`, `9 min 36 s`.
pub(crate) fn duration(seconds: f64) -> String {
    let (minutes, rest) = (libm::floor(libm::round(seconds) / 60.0), libm::round(seconds));
    let rest = rest - minutes * 60.0;
    if minutes > 0.0 { format!("{minutes:.0} min {rest:.0} s") } else { format!("{rest:.0} s") }
}

/// An amount of paise in whole rupees: `₹12,345`, `-₹3`.
pub(crate) fn rupees(paise: f64) -> String {
    let text = whole(paise / 100.0);
    text.strip_prefix('-').map_or_else(|| format!("₹{text}"), |amount| format!("-₹{amount}"))
}

/// Names as a list in a sentence: `a`, `a and b`, `a, b and c`.
pub(crate) fn joined(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A share in per cent: `96.2 % ± 0.4`.
pub(crate) fn share(estimate: Estimate) -> String {
    with_width(estimate, |value| format!("{:.1}", value * 100.0), " %")
}

/// An estimate with its half-width, both written by `number`, the unit after the first.
pub(crate) fn with_width(estimate: Estimate, number: impl Fn(f64) -> String, unit: &str) -> String {
    let Some(mean) = estimate.mean else { return "–".to_owned() };
    let width = estimate.half_width.map(|width| format!(" ± {}", number(width)));
    format!("{}{unit}{}", number(mean), width.unwrap_or_default())
}

/// What an objective came to, in its unit.
pub(crate) fn value(objective: &Objective) -> String {
    let value = Estimate { mean: objective.value, half_width: objective.half_width };
    match objective.unit {
        Unit::Number => with_width(value, |value| value.to_string(), ""),
        Unit::Share => share(value),
        Unit::Seconds => with_width(value, duration, ""),
    }
}
