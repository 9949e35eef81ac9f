//! Target profiles: how a deployment that is not ours is spoken to.
//!
//! A customer's journey has few parts: get in, ask a price, order, look, cancel. A profile says for
//! each which request it is, made from a template, and where in the answer that stands which the
//! journey goes on with. Names in braces are filled in: columns of the profile's own tables, what
//! the journey knows, and what earlier answers gave.
//!
//! ```text
//! { sku = "{sku.id}", count = "{units}" }  ─ fill ─►  {"sku":"A17","count":2}
//! {"order":{"number":17}}  ─ read "/order/number" ─►  order_id = 17
//! ```

mod read;
mod template;

use std::collections::BTreeMap;

use serde_json::Value;

pub use read::Mismatch;
pub use template::{Filled, Unknown, names, texts};

use crate::http::Method;
use crate::target::Permit;

/// What is known on a journey, by name.
pub type Known = BTreeMap<String, Value>;

/// A part of a journey, in the order in which they are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A customer gets in.
    Session,
    /// A cart is priced.
    Quote,
    /// An order is placed.
    Order,
    /// The customer looks at it.
    Look,
    /// The customer changes their mind.
    Cancel,
}

impl Part {
    /// All of them, in order, with their names in profiles.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Session, "session"),
        (Self::Quote, "quote"),
        (Self::Order, "order"),
        (Self::Look, "look"),
        (Self::Cancel, "cancel"),
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// What its answer must give, and what it may give.
    #[must_use]
    pub const fn gives(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Session => (&["token"], &[]),
            Self::Quote => (&[], &["quote_id", "total_paise"]),
            Self::Order => (&["order_id"], &["total_paise"]),
            Self::Look => (&["status"], &["order_id", "version", "total_paise"]),
            Self::Cancel => (&[], &["status", "order_id", "version"]),
        }
    }
}

/// How one part of a journey is asked for, and how its answer is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepMap {
    /// GET where nothing is said.
    pub method: Option<Method>,
    /// Path and query under the target's base, a template.
    pub path: String,
    /// Headers of this part, templates.
    pub headers: BTreeMap<String, String>,
    /// What is sent, a template.
    pub body: Option<Value>,
    /// What each line of the cart is in the body, where the body says `"{lines}"`.
    pub line: Option<Value>,
    /// The statuses of success; any from 200 to 299 where none is named.
    pub status: Vec<u16>,
    /// What is read from the answer: our name, and where it stands as a JSON pointer (RFC 6901).
    pub answer: BTreeMap<String, String>,
    /// Their words for how an order stands, and ours.
    pub words: BTreeMap<String, String>,
}

/// Tables of what a deployment has: rows of cells by the names of columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    /// Who may get in: `user.…`.
    pub users: Vec<BTreeMap<String, String>>,
    /// What there is to buy: `sku.…`.
    pub skus: Vec<BTreeMap<String, String>>,
    /// Where from: `store.…`.
    pub stores: Vec<BTreeMap<String, String>>,
    /// The one password that opens every session of theirs: `password`.
    pub one_time_password: Option<String>,
}

/// Where the hosted providers are, and are heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Where the deployment calls them; where the command line says if not said.
    pub listen: Option<std::net::SocketAddr>,
    /// The path at which the deployment hears their words.
    pub webhook: Option<String>,
}

/// How a deployment is spoken to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// What it is called.
    pub name: String,
    /// Whose consent is on record.
    pub permit: Option<Permit>,
    /// Headers of every request, templates; one that names what is not known yet is left out.
    pub headers: BTreeMap<String, String>,
    /// What there is.
    pub tables: Tables,
    /// The parts of a journey. Without any, the deployment speaks our own API.
    pub steps: BTreeMap<Part, StepMap>,
    /// The providers.
    pub provider: Option<Provider>,
}

impl Profile {
    /// What is known of a customer of the tables who wants something: their row, the store's row,
    /// the lines. Rows are taken in turn, by number.
    ///
    /// # Panics
    /// If a table has no rows.
    #[must_use]
    pub fn wants(&self, user: u64, store: u64, lines: &[(u64, u32)]) -> Known {
        let mut known = Known::new();
        row(&mut known, "user", &self.tables.users, user);
        row(&mut known, "store", &self.tables.stores, store);
        if let Some(password) = &self.tables.one_time_password {
            known.insert("password".to_owned(), Value::from(password.as_str()));
        }
        let line = |&(sku, units): &(u64, u32)| {
            let mut line = Known::new();
            row(&mut line, "sku", &self.tables.skus, sku);
            line.insert("units".to_owned(), Value::from(units));
            Value::Object(line.into_iter().collect())
        };
        known.insert("lines".to_owned(), lines.iter().map(line).collect());
        known
    }

    /// Fills the templates of a part's request.
    ///
    /// # Errors
    /// [`Unknown`] for a name that nobody knows.
    pub fn fill(&self, step: &StepMap, known: &Known) -> Result<Filled, Unknown> {
        template::fill(step, &self.headers, known)
    }
}

/// Binds the cells of a row, taken in turn.
fn row(known: &mut Known, table: &str, rows: &[BTreeMap<String, String>], number: u64) {
    let place = usize::try_from(number).expect("targets have 64 bits") % rows.len();
    for (column, cell) in &rows[place] {
        known.insert(format!("{table}.{column}"), Value::from(cell.as_str()));
    }
}

#[cfg(test)]
mod tests;
