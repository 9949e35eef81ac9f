//! Who works on what in stores: what the shell tells pickers, until they have done it.
//!
//! A list of hints for those who look. Whoever acts on one says a word, and the rules ignore it
//! if it does not fit any more.

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, ready};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::ids::{OrderId, StoreId};
use domain::outside::Effect;
use shell::{OutboxId, People, PortError};

/// Hints.
#[derive(Debug, Default)]
pub(crate) struct Board {
    hints: Mutex<Hints>,
}

#[derive(Debug, Default)]
struct Hints {
    /// Orders of each store on which a picker works.
    tasks: BTreeMap<StoreId, BTreeSet<OrderId>>,
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, Hints> {
        // Sets stay sets wherever a panic stops who changes them.
        self.hints.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Orders of a store on which a picker works, in the order of their ids.
    pub(crate) fn tasks(&self, store: StoreId) -> Vec<OrderId> {
        self.lock().tasks.get(&store).into_iter().flatten().copied().collect()
    }

    /// Takes an order off a store's list: no picker works on it any more.
    pub(crate) fn forget_task(&self, store: StoreId, order: OrderId) {
        if let Some(tasks) = self.lock().tasks.get_mut(&store) {
            tasks.remove(&order);
        }
    }

    fn note(&self, effect: &Effect) {
        match *effect {
            Effect::Collect { order, store, .. }
            | Effect::Pack { order, store }
            | Effect::PutBack { order, store } => {
                self.lock().tasks.entry(store).or_default().insert(order);
            }
            // Riders and customers read their own rows, rounds look at the pool. A person who
            // reviews has no screen yet.
            Effect::JoinPool { .. }
            | Effect::LeavePool { .. }
            | Effect::AskCustomer { .. }
            | Effect::Review { .. }
            | Effect::AskRider { .. }
            | Effect::RideToStore { .. }
            | Effect::HandOver { .. }
            | Effect::RideToDoor { .. }
            | Effect::Knock { .. }
            | Effect::RideBack { .. }
            // The relay hears these itself, or asks the provider.
            | Effect::LockQuote { .. }
            | Effect::Reserve { .. }
            | Effect::AskProvider { .. }
            | Effect::AskStatus { .. }
            | Effect::Capture { .. }
            | Effect::Void { .. }
            | Effect::Refund { .. }
            | Effect::WakeSaga { .. }
            | Effect::WakePayment { .. }
            | Effect::WakeHold { .. }
            | Effect::WakeOffer { .. } => {}
        }
    }
}

impl People for &Board {
    fn tell(
        &self,
        _: OutboxId,
        effect: &Effect,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        self.note(effect);
        ready(Ok(()))
    }
}
