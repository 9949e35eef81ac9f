//! What the kernel's queue holds: moments at which something outside the rules happens.

use city::supply::Load;
use domain::ids::{OrderId, PickerId, RiderId, StoreId, TripId};
use domain::payment;
use domain::saga;
use domain::store::Door;

use crate::services::Service;

/// A moment. Orders are named by their index within the city.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// The next customer of the demand wants to order.
    Arrival,
    /// A customer changes their mind.
    CustomerCancels(OrderIndex),
    /// A customer decides after a failed payment: tries again that way, or leaves.
    CustomerDecides(OrderIndex, Option<payment::Method>),
    /// A service answers a call.
    Served(OrderIndex, Service),
    /// A timer of the saga.
    SagaTimer(OrderIndex, saga::Timer),
    /// A hold may have to be swept.
    Sweep(OrderIndex),
    /// The payment provider speaks about an attempt.
    Provider(OrderIndex, u8, payment::Word),
    /// A timer of the payment.
    PaymentTimer(OrderIndex, payment::Timer),
    /// A picker has looked for a line.
    LineSought(OrderIndex, u16),
    /// A picker has packed a bag.
    BagPacked(OrderIndex),
    /// Everything is back on the shelf.
    PutBack(OrderIndex),
    /// A rider answers an offer.
    Answer(TripId, bool),
    /// The time to answer is over.
    OfferTimeOut(TripId),
    /// A rider cannot go on.
    RiderLost(TripId),
    /// A rider has reached where they were riding to.
    Reached(TripId),
    /// A rider has an order's bag.
    BagTaken(TripId, OrderIndex),
    /// A rider is done at a door.
    DoorDone(TripId, bool),
    /// An idle rider has reached where they wait.
    Moved(RiderId),
    /// A rider's shift begins: the rider and the number of the shift.
    ShiftBegins(RiderId, u16),
    /// A rider's shift ends.
    ShiftEnds(RiderId),
    /// A picker's shift begins: the picker and the number of the shift.
    PickerBegins(PickerId, u16),
    /// A picker's shift ends.
    PickerEnds(PickerId),
    /// Orders and riders are matched.
    Round,
    /// Surge and doors are looked at again.
    Review,
    /// Somebody sets a store's door.
    Door(StoreId, Door),
    /// A lorry with new goods is at a store.
    Lorry(StoreId, Load),
    /// A store's shelves are looked at for what is nearly gone.
    TopUpDue(StoreId),
    /// An emergency top-up is at a store.
    TopUp(StoreId),
}

/// An order's index within its city.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderIndex(pub u32);

impl OrderIndex {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl From<OrderId> for OrderIndex {
    fn from(order: OrderId) -> Self {
        Self(u32::try_from(order.index()).expect("a city has fewer than 2^32 orders"))
    }
}

/// Classes order moments that fall together: those that free something come first.
pub(crate) mod class {
    /// Things that end or free something.
    pub(crate) const ENDS: u8 = 0;
    /// Everything else.
    pub(crate) const USUAL: u8 = 1;
    /// Timers: who answers at the last moment is heard first.
    pub(crate) const TIMERS: u8 = 2;
    /// Rounds and reviews: they see everything that happened by then.
    pub(crate) const ROUNDS: u8 = 3;
}
