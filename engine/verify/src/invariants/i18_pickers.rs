//! I18: a picker has one pick list, of their own store, and looks for each line once.
//!
//! What is picked is what was ordered; what is short is less. A bag is packed when every line of
//! the order was looked for.

use domain::facts::{Fact, opening};
use domain::ids::{OrderId, PickerId};
use domain::picking::Event;
use domain::pricing::Event as Pricing;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I18";
    const LAW: &'static str =
        "a picker has one list; a line is looked for once, for what was ordered";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Opening(opening::Event::Picker { .. })
                | Fact::Pricing(Pricing::LinePriced { .. })
                | Fact::Picking(_)
        )
    }

    #[inline]
    fn picking(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        if let Event::Started { order, picker } = *event {
            started(case, order, picker)
        } else if let Event::LinePicked { order, line, units, .. } = *event {
            sought(case, order, line, units, units, true)
        } else if let Event::LineShort { order, line, wanted_units, units, .. } = *event {
            sought(case, order, line, wanted_units, units, false)
        } else if let Event::Packed { order, picker, .. } = *event {
            packed(case, order, picker)
        } else {
            Ruling::NotMine
        }
    }
}

fn started(case: &Case<'_>, order: OrderId, picker: PickerId) -> Ruling {
    let Some(row) = case.world.pickers.get(picker.index()) else { return Ruling::NotMine };
    let subject = Subject::Picker(picker);
    if let Some(other) = row.order {
        return Ruling::broken(subject, || format!("begins {order} while on {other}"));
    }
    let (home, store) = (row.store, case.live.store);
    ensure!(home == store, subject, "of {home} begins {order} of {store}");
    Ruling::Kept
}

/// A line was looked for: `wanted` units, `found` of them.
fn sought(
    case: &Case<'_>,
    order: OrderId,
    line: u16,
    wanted: u32,
    found: u32,
    in_full: bool,
) -> Ruling {
    let subject = Subject::Order(order);
    let Some(row) = case.world.lines(case.live).find(|row| row.number == line) else {
        return Ruling::broken(subject, || format!("line {line} was not ordered"));
    };
    let units = row.units;
    ensure!(!row.sought, subject, "line {line} is looked for again");
    ensure!(wanted == units, subject, "line {line}: {wanted} units looked for, {units} ordered");
    ensure!(in_full || found < wanted, subject, "line {line}: short, with {found} of {wanted}");
    Ruling::Kept
}

fn packed(case: &Case<'_>, order: OrderId, picker: PickerId) -> Ruling {
    let row = case.world.pickers.get(picker.index());
    let is_theirs = row.is_none_or(|row| row.order == Some(order));
    ensure!(is_theirs, Subject::Picker(picker), "packs {order}, which is not their list");
    let left = case.world.lines(case.live).filter(|line| !line.sought).count();
    ensure!(left == 0, Subject::Order(order), "packed with {left} lines not looked for");
    Ruling::Kept
}
