//! A quote: issued, locked by its order, used up.
//!
//! ```text
//! Blank → Issued → Locked → CONSUMED | INVALIDATED
//!            └──→ EXPIRED | INVALIDATED        any of them but CONSUMED may be quoted anew
//! ```

use super::{Choice, Event, Item, Rules};
use crate::ids::{OrderId, StoreId};
use crate::money::Paise;
use crate::time::Timestamp;

/// What is known about the quote of one order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Not quoted yet.
    #[default]
    Blank,
    /// Can be locked.
    Issued {
        /// What would be charged.
        total: Paise,
        /// Until then.
        valid_until: Timestamp,
    },
    /// The order has it.
    Locked {
        /// What is charged.
        total: Paise,
    },
    /// The order is confirmed. Terminal.
    Consumed,
    /// It was too old to lock.
    Expired,
    /// It no longer holds.
    Invalidated,
}

/// What a quote is told.
#[derive(Clone, Copy, Debug)]
pub enum Command<'a> {
    /// Quote these lines.
    Issue {
        /// Which store would fulfil it.
        store: StoreId,
        /// The lines.
        items: &'a [Item],
        /// What one unit of each costs, in the same order.
        unit_prices: &'a [Paise],
        /// The fees and the surge that a policy chose.
        choice: Choice,
        /// The rider will be at the door by then.
        promise_by: Timestamp,
    },
    /// The order takes it.
    Lock,
    /// The order is confirmed.
    Consume,
    /// It shall hold no longer.
    Invalidate,
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is nothing to quote.
    #[error("{order}: a quote has at least one line")]
    Empty {
        /// The quote.
        order: OrderId,
    },
    /// The order has the quote already, or had it.
    #[error("{order}: the quote is locked")]
    Locked {
        /// The quote.
        order: OrderId,
    },
    /// There is no quote that could be locked or used.
    #[error("{order}: there is no valid quote")]
    NotValid {
        /// The quote.
        order: OrderId,
    },
}

/// Decides a command about the quote of an order, appending what happened.
///
/// A lock that comes too late is not refused: that the quote expired is what happens, and the
/// order hears it. Asking twice for a lock, a use or an end appends nothing the second time.
///
/// # Errors
/// [`Refusal`], with nothing appended.
///
/// # Panics
/// If a unit price is negative or above the maximum retail price, or there is not one for each
/// line: the policies see to that.
pub fn decide(
    rules: &Rules,
    order: OrderId,
    state: &State,
    command: Command<'_>,
    now: Timestamp,
    events: &mut Vec<Event>,
) -> Result<(), Refusal> {
    match (command, *state) {
        (Command::Issue { .. }, State::Locked { .. } | State::Consumed) => {
            Err(Refusal::Locked { order })
        }
        (Command::Issue { items: [], .. }, _) => Err(Refusal::Empty { order }),
        (Command::Issue { store, items, unit_prices, choice, promise_by }, _) => {
            assert_eq!(items.len(), unit_prices.len(), "one price for each line");
            let goods = price_lines(order, items, unit_prices, events);
            let fees = add_fees(rules, order, choice, events);
            let (total, surge) = (goods + fees, choice.surge);
            let valid_until = now + rules.validity;
            events.push(Event::Issued { order, store, total, surge, promise_by, valid_until });
            Ok(())
        }
        (Command::Lock, State::Issued { total, valid_until }) => {
            let in_time = now <= valid_until;
            events.push(if in_time {
                Event::Locked { order, total }
            } else {
                Event::Expired { order }
            });
            Ok(())
        }
        (Command::Consume, State::Locked { .. }) => {
            events.push(Event::Consumed { order });
            Ok(())
        }
        (Command::Invalidate, State::Issued { .. } | State::Locked { .. }) => {
            events.push(Event::Invalidated { order });
            Ok(())
        }
        (Command::Lock, State::Locked { .. } | State::Consumed)
        | (Command::Consume, State::Consumed)
        | (Command::Invalidate, State::Blank | State::Expired | State::Invalidated) => Ok(()),
        (Command::Lock, State::Blank | State::Expired | State::Invalidated)
        | (
            Command::Consume,
            State::Blank | State::Issued { .. } | State::Expired | State::Invalidated,
        ) => Err(Refusal::NotValid { order }),
        (Command::Invalidate, State::Consumed) => Err(Refusal::Locked { order }),
    }
}

/// Appends the priced lines; gives what they come to.
fn price_lines(
    order: OrderId,
    items: &[Item],
    unit_prices: &[Paise],
    events: &mut Vec<Event>,
) -> Paise {
    let mut goods = Paise::ZERO;
    for (line, (item, &unit_price)) in (0_u16..).zip(items.iter().zip(unit_prices)) {
        let Item { sku, units, mrp, gst, .. } = *item;
        assert!(Paise::ZERO <= unit_price && unit_price <= mrp, "{sku}: {unit_price} of {mrp}");
        let paid = unit_price.times(units);
        let tax = paid.tax_within(gst);
        events.push(Event::LinePriced { order, line, sku, units, unit_price, tax });
        goods += paid;
    }
    goods
}

/// Appends the fees that are not zero; gives what they come to.
fn add_fees(rules: &Rules, order: OrderId, choice: Choice, events: &mut Vec<Event>) -> Paise {
    let mut total = Paise::ZERO;
    for (fee, amount) in choice.fees.each() {
        if amount != Paise::ZERO {
            let tax = amount.tax_within(rules.fee_gst);
            events.push(Event::FeeAdded { order, fee, amount, tax });
            total += amount;
        }
    }
    total
}

impl State {
    /// Applies what happened.
    ///
    /// # Panics
    /// If a quote is locked that was not issued, or used that was not locked.
    pub fn evolve(&mut self, event: &Event) {
        *self = match (*event, *self) {
            (Event::Issued { total, valid_until, .. }, _) => Self::Issued { total, valid_until },
            (Event::Locked { total, .. }, Self::Issued { .. }) => Self::Locked { total },
            (Event::Expired { .. }, Self::Issued { .. }) => Self::Expired,
            (Event::Consumed { .. }, Self::Locked { .. }) => Self::Consumed,
            (Event::Invalidated { .. }, Self::Issued { .. } | Self::Locked { .. }) => {
                Self::Invalidated
            }
            (
                Event::LineUnavailable { .. }
                | Event::LinePriced { .. }
                | Event::FeeAdded { .. }
                | Event::SurgeSet { .. },
                same,
            ) => same,
            (
                Event::Locked { .. }
                | Event::Expired { .. }
                | Event::Consumed { .. }
                | Event::Invalidated { .. },
                state,
            ) => panic!("{event:?} cannot happen to {state:?}"),
        }
    }
}
