//! Values as a person writes them: a number with its unit, such as `"15min"` or `"₹25"`.
//!
//! Each kind of value is a whole number of its smallest unit, so nothing is rounded behind
//! anyone's back: what cannot be held exactly is refused.

mod measure;
mod number;
mod streets;
#[cfg(test)]
mod tests;

pub use measure::{Clock, Distance, Duration, Money, Multiplier, Rate, Share, Speed};
pub use number::{Count, Decimal};
pub use streets::{Road, Streets};

/// Stands between the title, the label and the help of a message on its way through serde.
pub(crate) const PART: char = '\u{1f}';

/// Joins the three parts of a message: what is wrong, what stands at the place, what to write.
pub(crate) fn message(title: &str, label: &str, help: &str) -> String {
    format!("{title}{PART}{label}{PART}{help}")
}
