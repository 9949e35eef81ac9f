//! What passes between the business and the outside: words that come in, and what is asked of it.
//!
//! An [`Input`] is one word of a customer, a provider, a picker, a rider, a clock or whoever runs
//! the platform. What it calls forth is carried out at once, all of it, and ends in facts and in
//! [`Effect`]s: what others shall now do. Both worlds speak these words; one plays the others by
//! models, the other waits for them.

#[cfg(test)]
mod tests;

use crate::ids::{CustomerId, OrderId, PickerId, RiderId, SkuId, StoreId, TripId};
use crate::money::{Bps, Paise};
use crate::order::Canceller;
use crate::payment::{Method, Timer as PaymentTimer, Word};
use crate::place::Place;
use crate::saga::Timer as SagaTimer;
use crate::stock::Adjustment;
use crate::store::Door;
use crate::time::Timestamp;

events! {
    /// A word from outside.
    pub enum Input {
        /// A line is put into the cart that will be quoted. The first line empties the cart.
        CartLine {
            /// The quote it is for, and the order that may come of it.
            order: OrderId,
            /// Which store would fulfil it.
            store: StoreId,
            /// Which line, from zero.
            line: u16,
            /// What is wanted.
            sku: SkuId,
            /// How many.
            units: u32,
            /// What one unit sells for, tax included.
            price: Paise,
            /// Maximum retail price of one unit, tax included.
            mrp: Paise,
            /// Rate of goods and services tax.
            gst: Bps,
        } = "in_cart_line",
        /// The cart is to be quoted.
        Quote {
            /// The quote.
            order: OrderId,
            /// Whether it rains.
            raining: bool,
            /// What the customer is promised.
            promise_by: Timestamp,
        } = "in_quote",
        /// A customer accepts a quote.
        Place {
            /// The quote, from now on the order.
            order: OrderId,
            /// The arrival's own name.
            client_ref: u64,
            /// Who.
            customer: CustomerId,
            /// Where it goes.
            door: Place,
            /// How it will be paid.
            method: Method,
            /// Whether a store serves the door; if none does, the order is turned away.
            served: bool,
        } = "in_place",
        /// The quote's keeper takes up the order's wish to lock it.
        Lock {
            /// The order.
            order: OrderId,
        } = "in_lock",
        /// The shelf's keeper takes up the order's wish to hold its lines.
        Reserve {
            /// The order.
            order: OrderId,
        } = "in_reserve",
        /// Somebody wants the order to end.
        Cancel {
            /// The order.
            order: OrderId,
            /// Who.
            canceller: Canceller,
        } = "in_cancel",
        /// The customer answers after a failed attempt to pay.
        Decide {
            /// The order.
            order: OrderId,
            /// Whether they try again.
            again: bool,
            /// How, if they do.
            method: Method,
        } = "in_decide",
        /// The payment provider spoke.
        Provider {
            /// The order.
            order: OrderId,
            /// The attempt it spoke about.
            attempt: u8,
            /// What it said.
            word: Word,
        } = "in_provider",
        /// A timer of the order rang.
        SagaTimer {
            /// The order.
            order: OrderId,
            /// Which.
            timer: SagaTimer,
        } = "in_saga_timer",
        /// A timer of the payment rang.
        PaymentTimer {
            /// The order.
            order: OrderId,
            /// Which.
            timer: PaymentTimer,
        } = "in_payment_timer",
        /// The order's hold may have come to its end.
        HoldTimer {
            /// The order.
            order: OrderId,
        } = "in_hold_timer",
        /// A picker has looked for a line.
        Sought {
            /// The order.
            order: OrderId,
            /// Which line, from zero.
            line: u16,
            /// Units found.
            units: u32,
        } = "in_sought",
        /// A picker has packed the bag.
        BagPacked {
            /// The order.
            order: OrderId,
        } = "in_bag_packed",
        /// Everything picked is back on the shelf.
        PutBackDone {
            /// The order.
            order: OrderId,
        } = "in_put_back_done",
        /// Dispatch puts a trip to a rider.
        Offer {
            /// The trip.
            trip: TripId,
            /// To whom.
            rider: RiderId,
            /// The order whose door is first.
            first: OrderId,
            /// The order whose door is second; the same as `first` when there is one order.
            second: OrderId,
        } = "in_offer",
        /// The rider answers an offer.
        Answer {
            /// The trip.
            trip: TripId,
            /// Whether they take it.
            accepts: bool,
        } = "in_answer",
        /// The time to answer an offer is over.
        OfferTimer {
            /// The trip.
            trip: TripId,
        } = "in_offer_timer",
        /// The rider cannot go on.
        RiderLost {
            /// The trip.
            trip: TripId,
            /// Where the rider is.
            place: Place,
        } = "in_rider_lost",
        /// The rider reached where they were riding to.
        Reached {
            /// The trip.
            trip: TripId,
            /// When they set off.
            from: Timestamp,
            /// Where from.
            origin: Place,
            /// Where they are.
            place: Place,
            /// How far along the road, metres.
            leg_m: u32,
        } = "in_reached",
        /// The rider has an order's bag in hand.
        BagTaken {
            /// The trip.
            trip: TripId,
            /// The order.
            order: OrderId,
        } = "in_bag_taken",
        /// The rider is done at a door.
        DoorDone {
            /// The trip.
            trip: TripId,
            /// Whether somebody took the bag.
            taken: bool,
        } = "in_door_done",
        /// A rider's shift begins.
        RiderOn {
            /// Who.
            rider: RiderId,
            /// Where.
            place: Place,
        } = "in_rider_on",
        /// A rider's shift ends; who is on a trip finishes it first.
        RiderOff {
            /// Who.
            rider: RiderId,
        } = "in_rider_off",
        /// An idle rider has ridden to a place to wait there.
        Moved {
            /// Who.
            rider: RiderId,
            /// When they set off.
            from: Timestamp,
            /// Where from.
            origin: Place,
            /// Where they are now.
            place: Place,
            /// How far along the road, metres.
            leg_m: u32,
        } = "in_moved",
        /// A picker's shift begins.
        PickerOn {
            /// Who.
            picker: PickerId,
            /// Where.
            store: StoreId,
        } = "in_picker_on",
        /// A picker's shift ends; who is busy finishes first.
        PickerOff {
            /// Who.
            picker: PickerId,
            /// Where.
            store: StoreId,
        } = "in_picker_off",
        /// Somebody sets a store's door.
        SetDoor {
            /// The store.
            store: StoreId,
            /// What it does with new orders from now on.
            door_state: Door,
        } = "in_set_door",
        /// A store's backlog is looked at.
        ReviewDoor {
            /// The store.
            store: StoreId,
            /// Pick lists that wait for a picker.
            queued: u32,
            /// Pickers at work.
            picking: u32,
            /// Pickers on duty.
            pickers: u32,
            /// Orders that wait for a rider.
            unassigned: u32,
            /// Orders placed and not over.
            open_orders: u32,
            /// Riders on shift.
            riders: u32,
            /// Of those, without a trip.
            idle_riders: u32,
        } = "in_review_door",
        /// A store's surge is looked at.
        ReviewSurge {
            /// The store.
            store: StoreId,
            /// Orders placed and not over.
            open_orders: u32,
            /// Riders who are idle.
            idle_riders: u32,
        } = "in_review_surge",
        /// Units arrived at a store.
        Receive {
            /// The store.
            store: StoreId,
            /// What.
            sku: SkuId,
            /// How many.
            units: u32,
        } = "in_receive",
        /// The recorded free units of a shelf are corrected.
        Adjust {
            /// The store.
            store: StoreId,
            /// What.
            sku: SkuId,
            /// Units to add, or to take away when negative.
            delta_units: i32,
            /// Why.
            adjustment: Adjustment,
        } = "in_adjust",
    }
}

events! {
    /// What is asked of the outside.
    pub enum Effect {
        /// The quote's keeper shall lock the quote.
        LockQuote {
            /// The order.
            order: OrderId,
        } = "ask_lock_quote",
        /// The shelf's keeper shall hold the lines.
        Reserve {
            /// The order.
            order: OrderId,
        } = "ask_reserve",
        /// The provider shall get the money from the customer.
        AskProvider {
            /// The order; with the attempt it is the request's idempotency key.
            order: OrderId,
            /// The attempt.
            attempt: u8,
            /// How.
            method: Method,
            /// How much.
            amount: Paise,
        } = "ask_provider",
        /// The provider shall say how an attempt stands.
        AskStatus {
            /// The order.
            order: OrderId,
            /// The attempt.
            attempt: u8,
            /// How it is paid.
            method: Method,
        } = "ask_status",
        /// The provider shall take the money it holds; once, however often it is asked.
        Capture {
            /// The order.
            order: OrderId,
            /// The attempt.
            attempt: u8,
            /// How it is paid.
            method: Method,
            /// How much.
            amount: Paise,
        } = "ask_capture",
        /// The provider shall let go what it holds.
        Void {
            /// The order.
            order: OrderId,
            /// The attempt.
            attempt: u8,
            /// How it is paid.
            method: Method,
        } = "ask_void",
        /// The provider shall give money back; once for each total.
        Refund {
            /// The order.
            order: OrderId,
            /// The attempt.
            attempt: u8,
            /// How it was paid.
            method: Method,
            /// How much this time.
            amount: Paise,
            /// How much of the attempt has gone back after it.
            total: Paise,
        } = "ask_refund",
        /// The customer shall hear that paying failed, and answer: again, or not?
        AskCustomer {
            /// The order.
            order: OrderId,
        } = "ask_customer",
        /// A person must look at an attempt: the provider has not answered for a day.
        Review {
            /// The order.
            order: OrderId,
            /// The attempt.
            attempt: u8,
        } = "ask_review",
        /// The picker of the order shall look for a line.
        Collect {
            /// The order.
            order: OrderId,
            /// Where.
            store: StoreId,
            /// Which line, from zero.
            line: u16,
        } = "ask_collect",
        /// The picker shall pack the bag.
        Pack {
            /// The order.
            order: OrderId,
            /// Where.
            store: StoreId,
        } = "ask_pack",
        /// What was picked shall go back on the shelf.
        PutBack {
            /// The order.
            order: OrderId,
            /// Where.
            store: StoreId,
        } = "ask_put_back",
        /// The order waits for a rider: dispatch may choose it.
        JoinPool {
            /// The order.
            order: OrderId,
            /// Where it is picked up.
            store: StoreId,
        } = "ask_join_pool",
        /// The order waits no longer.
        LeavePool {
            /// The order.
            order: OrderId,
            /// Where it would have been picked up.
            store: StoreId,
        } = "ask_leave_pool",
        /// The rider shall answer an offer.
        AskRider {
            /// The trip.
            trip: TripId,
            /// Who.
            rider: RiderId,
            /// They answer by then.
            expires_at: Timestamp,
        } = "ask_rider",
        /// The rider shall ride to the store.
        RideToStore {
            /// The trip.
            trip: TripId,
            /// Who.
            rider: RiderId,
            /// Where to.
            store: StoreId,
        } = "ask_ride_to_store",
        /// A bag shall be handed to the rider.
        HandOver {
            /// The trip.
            trip: TripId,
            /// Who.
            rider: RiderId,
            /// Which order's.
            order: OrderId,
        } = "ask_hand_over",
        /// The rider shall ride to an order's door.
        RideToDoor {
            /// The trip.
            trip: TripId,
            /// Who.
            rider: RiderId,
            /// Whose door.
            order: OrderId,
        } = "ask_ride_to_door",
        /// The rider shall hand over at the door.
        Knock {
            /// The trip.
            trip: TripId,
            /// Who.
            rider: RiderId,
            /// Whose door.
            order: OrderId,
        } = "ask_knock",
        /// The rider shall ride back to the store.
        RideBack {
            /// The trip.
            trip: TripId,
            /// Who.
            rider: RiderId,
            /// Where to.
            store: StoreId,
        } = "ask_ride_back",
        /// A timer of an order: [`Input::SagaTimer`] comes back then.
        WakeSaga {
            /// The order.
            order: OrderId,
            /// Which.
            timer: SagaTimer,
            /// When.
            wake_at: Timestamp,
        } = "wake_saga",
        /// A timer of a payment: [`Input::PaymentTimer`] comes back then.
        WakePayment {
            /// The order.
            order: OrderId,
            /// Which.
            timer: PaymentTimer,
            /// When.
            wake_at: Timestamp,
        } = "wake_payment",
        /// The sweep of a hold: [`Input::HoldTimer`] comes back then.
        WakeHold {
            /// The order.
            order: OrderId,
            /// When.
            wake_at: Timestamp,
        } = "wake_hold",
        /// The end of an offer: [`Input::OfferTimer`] comes back then.
        WakeOffer {
            /// The trip.
            trip: TripId,
            /// When.
            wake_at: Timestamp,
        } = "wake_offer",
    }
}

impl Effect {
    /// For a timer: the word that comes back, and when. None for what somebody else must do.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "few effects are timers")]
    pub const fn timer(&self) -> Option<(Input, Timestamp)> {
        Some(match *self {
            Self::WakeSaga { order, timer, wake_at } => {
                (Input::SagaTimer { order, timer }, wake_at)
            }
            Self::WakePayment { order, timer, wake_at } => {
                (Input::PaymentTimer { order, timer }, wake_at)
            }
            Self::WakeHold { order, wake_at } => (Input::HoldTimer { order }, wake_at),
            Self::WakeOffer { trip, wake_at } => (Input::OfferTimer { trip }, wake_at),
            _ => return None,
        })
    }

    /// Whether it is a hint to people or to dispatch: nothing hangs on it, since whoever looks
    /// sees the same. What is no hint and no timer must be carried out.
    #[must_use]
    pub const fn is_hint(&self) -> bool {
        match self {
            Self::AskCustomer { .. }
            | Self::Review { .. }
            | Self::Collect { .. }
            | Self::Pack { .. }
            | Self::PutBack { .. }
            | Self::JoinPool { .. }
            | Self::LeavePool { .. }
            | Self::AskRider { .. }
            | Self::RideToStore { .. }
            | Self::HandOver { .. }
            | Self::RideToDoor { .. }
            | Self::Knock { .. }
            | Self::RideBack { .. } => true,
            Self::LockQuote { .. }
            | Self::Reserve { .. }
            | Self::AskProvider { .. }
            | Self::AskStatus { .. }
            | Self::Capture { .. }
            | Self::Void { .. }
            | Self::Refund { .. }
            | Self::WakeSaga { .. }
            | Self::WakePayment { .. }
            | Self::WakeHold { .. }
            | Self::WakeOffer { .. } => false,
        }
    }
}

/// Whom something is about: what is asked about one of them is asked in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An order.
    Order(OrderId),
    /// A trip.
    Trip(TripId),
}

impl Effect {
    /// Whom it is about.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        match *self {
            Self::LockQuote { order }
            | Self::Reserve { order }
            | Self::AskProvider { order, .. }
            | Self::AskStatus { order, .. }
            | Self::Capture { order, .. }
            | Self::Void { order, .. }
            | Self::Refund { order, .. }
            | Self::AskCustomer { order }
            | Self::Review { order, .. }
            | Self::Collect { order, .. }
            | Self::Pack { order, .. }
            | Self::PutBack { order, .. }
            | Self::JoinPool { order, .. }
            | Self::LeavePool { order, .. }
            | Self::WakeSaga { order, .. }
            | Self::WakePayment { order, .. }
            | Self::WakeHold { order, .. } => Subject::Order(order),
            Self::AskRider { trip, .. }
            | Self::RideToStore { trip, .. }
            | Self::HandOver { trip, .. }
            | Self::RideToDoor { trip, .. }
            | Self::Knock { trip, .. }
            | Self::RideBack { trip, .. }
            | Self::WakeOffer { trip, .. } => Subject::Trip(trip),
        }
    }
}
