//! Accounts, carts and sessions: what the live world keeps of people beside the business.
//!
//! A port of its own. Nothing here shares a row with an order, is a fact of the journal, or asks
//! anything of the outside, so a row is written by itself, if its version stands. A decision that
//! lost a race is taken again on the fresh row.

mod memory;

use std::future::Future;

use domain::ids::{CustomerId, RiderId, StoreId};
use domain::time::Timestamp;
use domain::user::Phone;
use domain::{cart, user};

pub(crate) use memory::MemoryAccounts;

use crate::ports::PortError;
use crate::rows::Version;
use crate::shell::TRIES_LIMIT;

/// A row with the version that it was read at; zero if it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept<R> {
    /// How often it was written.
    pub version: Version,
    /// The state.
    pub state: R,
}

/// Names a session: a digest of the token that opens it. The token itself is kept nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u128);

/// Who a session is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A customer.
    Customer(CustomerId),
    /// A rider.
    Rider(RiderId),
    /// A store: whoever works there.
    Store(StoreId),
}

/// A session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub subject: Subject,
    /// It is over then.
    pub until: Timestamp,
}

/// Where accounts, carts and sessions are.
///
/// Every method may fail with [`PortError::TimedOut`] although it was carried out.
pub trait Accounts: Send + Sync {
    /// A customer's account; no account at version zero if there is none.
    ///
    /// # Errors
    /// [`PortError`].
    fn user(
        &self,
        customer: CustomerId,
    ) -> impl Future<Output = Result<Kept<user::State>, PortError>> + Send;

    /// Whose number that is.
    ///
    /// # Errors
    /// [`PortError`].
    fn owner(
        &self,
        phone: Phone,
    ) -> impl Future<Output = Result<Option<CustomerId>, PortError>> + Send;

    /// Writes an account that was read at a version; whether it was written. It is not if it has
    /// another version by now, or its number is somebody else's.
    ///
    /// # Errors
    /// [`PortError`].
    fn save_user(
        &self,
        customer: CustomerId,
        kept: &Kept<user::State>,
    ) -> impl Future<Output = Result<bool, PortError>> + Send;

    /// A customer's cart; an empty one at version zero if there is none.
    ///
    /// # Errors
    /// [`PortError`].
    fn cart(
        &self,
        customer: CustomerId,
    ) -> impl Future<Output = Result<Kept<cart::State>, PortError>> + Send;

    /// Writes a cart that was read at a version; whether it was written. It is not if it has
    /// another version by now.
    ///
    /// # Errors
    /// [`PortError`].
    fn save_cart(
        &self,
        customer: CustomerId,
        kept: &Kept<cart::State>,
    ) -> impl Future<Output = Result<bool, PortError>> + Send;

    /// Opens sessions, all of them or none. Those that are over by `now` may be forgotten.
    ///
    /// # Errors
    /// [`PortError`].
    fn open_sessions(
        &self,
        sessions: &[(SessionId, Session)],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// A session, if there is one, be it over or not.
    ///
    /// # Errors
    /// [`PortError`].
    fn session(
        &self,
        id: SessionId,
    ) -> impl Future<Output = Result<Option<Session>, PortError>> + Send;

    /// Ends all sessions of somebody.
    ///
    /// # Errors
    /// [`PortError`].
    fn close_sessions(
        &self,
        subject: Subject,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// Why an account or a cart was not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError<R> {
    /// A port failed. Whether anything was done is not known.
    #[error("a port failed")]
    Port(#[from] PortError),
    /// Others were quicker, again and again.
    #[error("lost {TRIES_LIMIT} races in a row")]
    Contended,
    /// The rules refused.
    #[error("refused")]
    Refused(R),
}

/// Tells an account something; gives the account as it is then, and what happened.
///
/// # Errors
/// [`AccountError`].
pub async fn tell_user<A: Accounts>(
    accounts: &A,
    rules: &user::Rules,
    customer: CustomerId,
    command: &user::Command,
    now: Timestamp,
) -> Result<(user::State, Vec<user::Event>), AccountError<user::Refusal>> {
    for _ in 0..TRIES_LIMIT {
        let mut kept = accounts.user(customer).await?;
        let mut events = Vec::new();
        user::decide(rules, &kept.state, command.clone(), now, &mut events)
            .map_err(AccountError::Refused)?;
        events.iter().for_each(|event| kept.state.evolve(event, now));
        if events.is_empty() || accounts.save_user(customer, &kept).await? {
            return Ok((kept.state, events));
        }
    }
    Err(AccountError::Contended)
}

/// Tells a cart something; gives the cart as it is then. One whose life is over is followed by a
/// new one. What is `known` of it may be old: it serves to change the cart, which fails if that is
/// another by now, and to nothing else.
///
/// # Errors
/// [`AccountError`].
pub async fn tell_cart<A: Accounts>(
    accounts: &A,
    rules: &cart::Rules,
    customer: CustomerId,
    mut known: Option<Kept<cart::State>>,
    command: cart::Command,
    now: Timestamp,
) -> Result<Kept<cart::State>, AccountError<cart::Refusal>> {
    for _ in 0..TRIES_LIMIT {
        let (mut kept, is_sure) = match known.take() {
            Some(known) => (known, false),
            None => (accounts.cart(customer).await?, true),
        };
        let is_new = expire(rules, &mut kept.state, now) && command != cart::Command::Convert;
        if is_new {
            kept.state = cart::State::new(now);
        }
        let mut events = Vec::new();
        let decided = cart::decide(rules, &kept.state, command, now, &mut events);
        if !is_sure && (decided.is_err() || events.is_empty()) {
            continue;
        }
        decided.map_err(AccountError::Refused)?;
        if events.is_empty() {
            return Ok(kept);
        }
        events.iter().for_each(|event| kept.state.evolve(event, now));
        if accounts.save_cart(customer, &kept).await? {
            kept.version = kept.version.next();
            return Ok(kept);
        }
    }
    Err(AccountError::Contended)
}

/// Ends a cart that was left; whether its life is over.
fn expire(rules: &cart::Rules, state: &mut cart::State, now: Timestamp) -> bool {
    let mut events = Vec::new();
    let expired = cart::decide(rules, state, cart::Command::Expire, now, &mut events);
    expired.expect("a cart can always be looked at");
    events.iter().for_each(|event| state.evolve(event, now));
    state.stage.is_terminal()
}
