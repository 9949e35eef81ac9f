//! I12: the entries of every posting sum to zero.
//!
//! Postings that do not yet sum to zero wait in a list ordered by number, which is empty between
//! postings of a sound journal. What waits at the end is broken.

use domain::facts::Fact;
use domain::ids::PostingId;
use domain::ledger::Event;

use super::{Case, Invariant, Ruling};
use crate::Subject;
use crate::world::World;

#[derive(Default)]
pub(crate) struct Law {
    open: Vec<(PostingId, i64)>,
}

impl Invariant for Law {
    const ID: &'static str = "I12";
    const LAW: &'static str = "the entries of a posting sum to zero";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Ledger(_))
    }

    #[inline]
    fn ledger(&mut self, _: &Case<'_>, event: &Event) -> Ruling {
        let (Event::Entry { posting, amount, .. } | Event::GeneralEntry { posting, amount, .. }) =
            *event
        else {
            return Ruling::NotMine;
        };
        let last = self.open.last();
        let at = match last {
            Some((open, _)) if *open == posting => Ok(self.open.len() - 1),
            Some((open, _)) if *open > posting => {
                self.open.binary_search_by_key(&posting, |(open, _)| *open)
            }
            Some(_) | None => Err(self.open.len()),
        };
        match at {
            Ok(at) => {
                self.open[at].1 = self.open[at].1.wrapping_add(amount.0);
                if self.open[at].1 == 0 {
                    self.open.remove(at);
                }
            }
            Err(_) if amount.0 == 0 => {}
            Err(at) => self.open.insert(at, (posting, amount.0)),
        }
        Ruling::Kept
    }

    fn end(&mut self, _: &World, rule: &mut dyn FnMut(Ruling)) {
        for &(posting, sum) in &self.open {
            rule(Ruling::broken(Subject::Posting(posting), || {
                format!("its entries sum to {sum} paise")
            }));
        }
    }
}
