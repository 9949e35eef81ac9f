//! A cart: what a customer is putting together. It holds no stock.
//!
//! ```text
//! Empty ⇄ Active ⇄ CheckedOut → CONVERTED
//!            │          └─────→ ABANDONED     idle for too long with a quote at hand
//!            └────────────────→ EXPIRED       idle for too long before there was one
//! ```
//!
//! Carts are told of in the live world alone; they are no facts of a journal, because nothing
//! that is judged depends on them before they become a quote.

#[cfg(test)]
mod tests;

use crate::ids::{OrderId, SkuId};
use crate::order::Line;
use crate::time::{Millis, Timestamp};

/// Limits of a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Lines a cart may have. 50, assumed: ten times the mean basket (calibration.md A14).
    pub max_lines: u16,
    /// Units of one SKU a cart may have. 12, assumed: so that nobody empties a shelf.
    pub max_units: u32,
    /// A cart that nobody touches for this long is over. 24 h, assumed.
    pub idle_limit: Millis,
}

impl Default for Rules {
    fn default() -> Self {
        Self { max_lines: 50, max_units: 12, idle_limit: Millis::from_min(24 * 60) }
    }
}

choices! {
    /// Where a cart stands.
    pub enum Stage {
        /// Nothing is in it.
        Empty = "empty",
        /// Something is in it.
        Active = "active",
        /// It was quoted. Changing it makes it active again; the quote no longer fits.
        CheckedOut = "checked_out",
        /// Its quote became an order. Terminal.
        Converted = "converted",
        /// Left with a quote at hand. Terminal.
        Abandoned = "abandoned",
        /// Left before there was a quote. Terminal.
        Expired = "expired",
    }
}

impl Stage {
    /// Whether the cart's life is over.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Converted | Self::Abandoned | Self::Expired)
    }
}

events! {
    /// What happened to a cart.
    pub enum Event {
        /// A line has so many units from now on; it is gone when there are none.
        LineSet {
            /// The SKU.
            sku: SkuId,
            /// How many in all.
            units: u32,
        } = "cart_line_set",
        /// It was quoted.
        CheckedOut {
            /// The quote, named by the order it may become.
            order: OrderId,
        } = "cart_checked_out",
        /// Its quote became an order.
        Converted = "cart_converted",
        /// Nobody came back to its quote.
        Abandoned = "cart_abandoned",
        /// Nobody came back to it.
        Expired = "cart_expired",
    }
}

/// What a cart is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Put units in, beside what is there.
    AddLine {
        /// What.
        sku: SkuId,
        /// How many more.
        units: u32,
    },
    /// Have so many in all; none takes the line out.
    SetUnits {
        /// What.
        sku: SkuId,
        /// How many in all.
        units: u32,
    },
    /// Have it quoted.
    Checkout {
        /// The quote, named by the order it may become.
        order: OrderId,
    },
    /// Its quote became an order.
    Convert,
    /// See whether it was left. Does nothing when it was touched since.
    Expire,
}

/// Why a cart does not do what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It would have too many lines.
    #[error("a cart has at most {max_lines} lines")]
    TooManyLines {
        /// The limit.
        max_lines: u16,
    },
    /// A line would have too many units.
    #[error("{sku}: wanted {wanted_units} units, at most {max_units} in a cart")]
    TooManyUnits {
        /// The SKU.
        sku: SkuId,
        /// How many it would have.
        wanted_units: u32,
        /// The limit.
        max_units: u32,
    },
    /// There is nothing to check out.
    #[error("the cart is empty")]
    Empty,
    /// There is no quote that could become an order.
    #[error("the cart was not checked out")]
    NotCheckedOut,
    /// Its life is over.
    #[error("the cart is {stage}")]
    Over {
        /// How it ended.
        stage: Stage,
    },
}

/// A cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Where it stands.
    pub stage: Stage,
    /// What is in it, in the order it was put there; no SKU twice, no line without units.
    pub lines: Vec<Line>,
    /// When it was last changed or checked out.
    pub touched_at: Timestamp,
    /// Its quote, once it was checked out.
    pub quote: Option<OrderId>,
}

impl State {
    /// A new cart.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self { stage: Stage::Empty, lines: Vec::new(), touched_at: now, quote: None }
    }

    /// How many units of a SKU are in it.
    #[must_use]
    pub fn units(&self, sku: SkuId) -> u32 {
        self.lines.iter().find(|line| line.sku == sku).map_or(0, |line| line.units)
    }

    /// Applies what happened at a time.
    ///
    /// # Panics
    /// If the cart's life is over.
    pub fn evolve(&mut self, event: &Event, at: Timestamp) {
        assert!(!self.stage.is_terminal(), "{event:?} cannot happen to a cart {}", self.stage);
        match *event {
            Event::LineSet { sku, units } => {
                self.set(Line { sku, units });
                self.stage = if self.lines.is_empty() { Stage::Empty } else { Stage::Active };
                (self.touched_at, self.quote) = (at, None);
            }
            Event::CheckedOut { order } => {
                self.stage = Stage::CheckedOut;
                (self.touched_at, self.quote) = (at, Some(order));
            }
            Event::Converted => self.stage = Stage::Converted,
            Event::Abandoned => self.stage = Stage::Abandoned,
            Event::Expired => self.stage = Stage::Expired,
        }
    }

    fn set(&mut self, wanted: Line) {
        let at = self.lines.iter().position(|line| line.sku == wanted.sku);
        match (at, wanted.units) {
            (Some(at), 0) => {
                self.lines.remove(at);
            }
            (Some(at), units) => self.lines[at].units = units,
            (None, 0) => {}
            (None, _) => self.lines.push(wanted),
        }
    }
}

/// Decides a command against a cart, appending what happened.
///
/// # Errors
/// [`Refusal`], with nothing appended.
pub fn decide(
    rules: &Rules,
    cart: &State,
    command: Command,
    now: Timestamp,
    events: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let stage = cart.stage;
    if stage.is_terminal() {
        let is_said_again = (command, stage) == (Command::Convert, Stage::Converted);
        let is_over_anyway = command == Command::Expire;
        return if is_said_again || is_over_anyway { Ok(()) } else { Err(Refusal::Over { stage }) };
    }
    match command {
        Command::AddLine { sku, units } => {
            let wanted_units = cart.units(sku).saturating_add(units);
            set_units(rules, cart, sku, wanted_units, events)
        }
        Command::SetUnits { sku, units } => set_units(rules, cart, sku, units, events),
        Command::Checkout { .. } if cart.lines.is_empty() => Err(Refusal::Empty),
        Command::Checkout { order } => {
            if cart.quote != Some(order) {
                events.push(Event::CheckedOut { order });
            }
            Ok(())
        }
        Command::Convert if stage == Stage::CheckedOut => {
            events.push(Event::Converted);
            Ok(())
        }
        Command::Convert => Err(Refusal::NotCheckedOut),
        Command::Expire => {
            if now >= cart.touched_at + rules.idle_limit {
                let had_a_quote = stage == Stage::CheckedOut;
                events.push(if had_a_quote { Event::Abandoned } else { Event::Expired });
            }
            Ok(())
        }
    }
}

fn set_units(
    rules: &Rules,
    cart: &State,
    sku: SkuId,
    wanted_units: u32,
    events: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let Rules { max_lines, max_units, .. } = *rules;
    if wanted_units > max_units {
        return Err(Refusal::TooManyUnits { sku, wanted_units, max_units });
    }
    let has = cart.units(sku);
    if has == 0 && wanted_units > 0 && cart.lines.len() >= usize::from(max_lines) {
        return Err(Refusal::TooManyLines { max_lines });
    }
    if wanted_units != has {
        events.push(Event::LineSet { sku, units: wanted_units });
    }
    Ok(())
}
