//! Badges: the sessions in which agents ask. Whoever runs the platform opens them before a run.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::Town;
use crate::office::{Office, OfficeError};

/// Sessions that are asked for at once.
const ROW_LIMIT: u32 = 10_000;
/// Customers who do not come are let in too where that saves a request: one costs as much as a
/// hundred sessions. Assumed, grade E.
const GAP_LIMIT: u32 = 100;

/// Sessions that were opened.
#[derive(Deserialize)]
struct Opened {
    tokens: Vec<String>,
}

/// The tokens of everybody who is played.
#[derive(Debug, Default)]
pub struct Badges {
    customers: BTreeMap<u32, Arc<str>>,
    riders: Vec<Arc<str>>,
    stores: Vec<Arc<str>>,
}

impl Badges {
    /// Has sessions opened for the riders and stores of a town, and for its first customers.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub async fn open(office: &Office, town: &Town, customers: u64) -> Result<Self, OfficeError> {
        let city = &town.script.city;
        let mut badges = Self::default();
        for row in rows(0..count(city.riders.len())) {
            badges.riders.extend(opened(office, "riders", row).await?);
        }
        for row in rows(0..count(city.stores.len())) {
            badges.stores.extend(opened(office, "stores", row).await?);
        }
        let arrivals = &town.script.demand.arrivals;
        let comes = usize::try_from(customers).unwrap_or(usize::MAX).min(arrivals.len());
        let mut numbers: Vec<u32> = arrivals[..comes].iter().map(|one| one.customer.0).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for near in numbers.chunk_by(|one, next| next - one <= GAP_LIMIT) {
            let (Some(first), Some(last)) = (near.first(), near.last()) else { continue };
            for row in rows(*first..last + 1) {
                let tokens = opened(office, "customers", row.clone()).await?;
                badges.customers.extend(row.zip(tokens));
            }
        }
        Ok(badges)
    }

    pub(super) fn customer(&self, number: u32) -> Option<Arc<str>> {
        self.customers.get(&number).cloned()
    }

    /// A customer, or whoever is let in with the next number.
    pub(super) fn somebody(&self, number: u32) -> Option<Arc<str>> {
        let from = self.customers.range(number..).next();
        from.or_else(|| self.customers.first_key_value()).map(|(_, token)| Arc::clone(token))
    }

    /// Somebody else than a customer: the next one.
    pub(super) fn stranger(&self, number: u32) -> Option<Arc<str>> {
        let next = self.customers.range(number + 1..).next();
        let other = next.or_else(|| self.customers.first_key_value());
        other.filter(|(other, _)| **other != number).map(|(_, token)| Arc::clone(token))
    }

    pub(super) fn rider(&self, number: u32) -> Option<Arc<str>> {
        self.riders.get(number as usize).cloned()
    }

    pub(super) fn store(&self, number: u32) -> Option<Arc<str>> {
        self.stores.get(number as usize).cloned()
    }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).expect("people of a city fit 32 bits")
}

/// A range as rows that are short enough to ask for.
fn rows(all: Range<u32>) -> impl Iterator<Item = Range<u32>> {
    let end = all.end;
    all.step_by(ROW_LIMIT as usize).map(move |from| from..end.min(from + ROW_LIMIT))
}

async fn opened(
    office: &Office,
    agents: &str,
    row: Range<u32>,
) -> Result<Vec<Arc<str>>, OfficeError> {
    let what = "POST /admin/sessions";
    let body = json!({"agents": agents, "from": row.start.to_string(), "count": row.len()});
    let said = office.ask("POST", "/admin/sessions", body.to_string().into_bytes()).await?;
    let opened: Option<Opened> = super::wire::read(&said);
    let tokens = opened.map(|opened| opened.tokens).filter(|tokens| tokens.len() == row.len());
    let tokens = tokens.ok_or_else(|| OfficeError::Unanswered {
        what: what.to_owned(),
        why: "the answer does not hold a token for each".to_owned(),
    })?;
    Ok(tokens.into_iter().map(Arc::from).collect())
}
