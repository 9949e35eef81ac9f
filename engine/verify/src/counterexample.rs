//! The records that show a break, and how a record reads.

use std::collections::VecDeque;

use domain::facts::Record;
use domain::ids::OrderId;

use crate::invariants::{Evidence, evidence, shows};
use crate::verdict::Break;

/// Records of a counterexample at most: the first few and the last are kept.
pub const MAX_RECORDS: usize = 48;
/// Of those, from the beginning.
const FIRST: usize = 8;

/// Extracts from a stored journal of the break's city the few records that show a break, in order.
///
/// These are the records that bear on the invariant and mention the subject, up to the one that
/// broke it. If there are more than [`MAX_RECORDS`], the first few and the last are kept; the gap
/// shows in their numbers.
#[must_use]
pub fn counterexample(records: impl Iterator<Item = Record>, broken: &Break) -> Vec<Record> {
    let Evidence { records: most, same_area } = evidence(broken.id);
    let first_of = if most == MAX_RECORDS { FIRST } else { 0 };
    let area = broken.record.filter(|_| same_area).map(|record| record.fact.tag().0);
    let (mut first, mut last) = (Vec::new(), VecDeque::new());
    for record in records {
        let is_it = broken.record == Some(record);
        let bears = || {
            record.city == broken.city
                && area.is_none_or(|area| area == record.fact.tag().0)
                && broken.subject.is_in(&record.fact)
                && shows(broken.id, &record.fact)
        };
        if !is_it && !bears() {
            continue;
        }
        if first.len() < first_of {
            first.push(record);
        } else {
            last.push_back(record);
        }
        if last.len() > most - first_of {
            last.pop_front();
        }
        if is_it {
            break;
        }
    }
    first.extend(last);
    first
}

/// A record in words: time, city and number, kind, and every field as `name=value`.
#[must_use]
pub fn line(record: &Record) -> String {
    let kind = record.fact.kind();
    let mut cells = Vec::new();
    record.fact.to_cells(&mut |cell| cells.push(cell));
    let mut cells = cells.into_iter();
    let mut line = format!("{} {}#{} {}", record.at, record.city, record.seq, kind.name);
    for (name, columns) in kind.fields {
        for column in *columns {
            let Some(cell) = cells.next() else { return line };
            let text = usize::try_from(cell).ok().and_then(|at| column.texts.get(at));
            let value = match (text, *name) {
                (Some(text), _) => (*text).to_owned(),
                (None, "order") => OrderId(cell.cast_unsigned()).to_string(),
                (None, _) => cell.to_string(),
            };
            line += &format!(" {name}{}={value}", column.suffix);
        }
    }
    line
}
