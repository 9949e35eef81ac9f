//! Accounts in this process's memory. Nothing is ever forgotten but sessions that were ended.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::future::{Future, ready};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::ids::CustomerId;
use domain::time::Timestamp;
use domain::user::Phone;
use domain::{cart, user};

use super::{Accounts, Kept, Session, SessionId, Subject};
use crate::memory::Memory;
use crate::ports::PortError;
use crate::rows::Version;

#[derive(Debug, Default)]
struct Inner {
    users: BTreeMap<CustomerId, Kept<user::State>>,
    owners: BTreeMap<Phone, CustomerId>,
    carts: BTreeMap<CustomerId, Kept<cart::State>>,
    sessions: BTreeMap<SessionId, Session>,
}

/// Accounts in memory.
#[derive(Debug, Default)]
pub(crate) struct MemoryAccounts(Mutex<Inner>);

impl MemoryAccounts {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic while the lock is held is a bug, and the test that made it fails by itself.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a row if it has the version that it was read at.
fn save<R: Clone>(
    kept: &mut BTreeMap<CustomerId, Kept<R>>,
    customer: CustomerId,
    row: &Kept<R>,
) -> bool {
    let next = Kept { version: row.version.next(), state: row.state.clone() };
    match kept.entry(customer) {
        Entry::Vacant(place) if row.version == Version(0) => {
            place.insert(next);
            true
        }
        Entry::Occupied(mut place) if place.get().version == row.version => {
            place.insert(next);
            true
        }
        Entry::Vacant(_) | Entry::Occupied(_) => false,
    }
}

impl Accounts for Memory {
    fn user(
        &self,
        customer: CustomerId,
    ) -> impl Future<Output = Result<Kept<user::State>, PortError>> + Send {
        let blank = || Kept { version: Version(0), state: user::State::default() };
        ready(Ok(self.accounts.lock().users.get(&customer).cloned().unwrap_or_else(blank)))
    }

    fn owner(
        &self,
        phone: Phone,
    ) -> impl Future<Output = Result<Option<CustomerId>, PortError>> + Send {
        ready(Ok(self.accounts.lock().owners.get(&phone).copied()))
    }

    fn save_user(
        &self,
        customer: CustomerId,
        kept: &Kept<user::State>,
    ) -> impl Future<Output = Result<bool, PortError>> + Send {
        let mut inner = self.accounts.lock();
        let owner = inner.owners.get(&kept.state.phone).copied();
        let is_free = owner.is_none_or(|owner| owner == customer);
        let is_saved = is_free && save(&mut inner.users, customer, kept);
        if is_saved {
            inner.owners.insert(kept.state.phone, customer);
        }
        ready(Ok(is_saved))
    }

    fn cart(
        &self,
        customer: CustomerId,
    ) -> impl Future<Output = Result<Kept<cart::State>, PortError>> + Send {
        let blank = || Kept { version: Version(0), state: cart::State::new(Timestamp(0)) };
        ready(Ok(self.accounts.lock().carts.get(&customer).cloned().unwrap_or_else(blank)))
    }

    fn save_cart(
        &self,
        customer: CustomerId,
        kept: &Kept<cart::State>,
    ) -> impl Future<Output = Result<bool, PortError>> + Send {
        ready(Ok(save(&mut self.accounts.lock().carts, customer, kept)))
    }

    fn open_sessions(
        &self,
        sessions: &[(SessionId, Session)],
        _: Timestamp,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        self.accounts.lock().sessions.extend(sessions.iter().copied());
        ready(Ok(()))
    }

    fn session(
        &self,
        id: SessionId,
    ) -> impl Future<Output = Result<Option<Session>, PortError>> + Send {
        ready(Ok(self.accounts.lock().sessions.get(&id).copied()))
    }

    fn close_sessions(
        &self,
        subject: Subject,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        self.accounts.lock().sessions.retain(|_, session| session.subject != subject);
        ready(Ok(()))
    }
}
