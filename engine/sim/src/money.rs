//! Money: the payment provider's words, the customer's second tries, and the books.

use domain::facts::Sink;
use domain::ids::{CustomerId, PostingId};
use domain::ledger;
use domain::money::Paise;
use domain::outside;
use domain::payment::{self, Effect, Input, Method, Word};
use domain::time::Millis;
use domain::wiring;
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex, class};
use crate::services::Service;
use crate::world::World;

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    pub(crate) fn say_payment(&mut self, order: OrderIndex, input: Input) {
        let mut effects = std::mem::take(&mut self.buffers.payment);
        let (id, state) = (self.id(order), self.orders[order.index()].payment);
        self.hears(id.0, input);
        let rules = &self.setup.rules.payment;
        self.orders[order.index()].payment =
            payment::step(rules, id, state, input, self.now, &mut effects);
        for effect in effects.drain(..) {
            self.do_payment(order, effect);
        }
        self.buffers.payment = effects;
    }

    fn do_payment(&mut self, order: OrderIndex, effect: Effect) {
        let id = self.id(order);
        if let Some(call) = wiring::asked_by_payment(id, &effect) {
            self.call(call);
            return;
        }
        let state = &self.orders[order.index()].payment;
        if let Some(asked) = wiring::outside_payment(id, state, &effect) {
            self.asks(asked);
        }
        match effect {
            Effect::Publish(event) => {
                self.let_wallet_go(order, event);
                self.tell(event);
            }
            Effect::AskProvider { attempt, method, amount } => {
                if method == Method::Wallet {
                    self.hold_wallet(order, amount);
                }
                self.ask_provider(order, attempt, method);
            }
            Effect::AskStatus { attempt } => self.ask_status(order, attempt),
            Effect::Capture { attempt, .. } => {
                let hangs = self.hangs(order, attempt);
                self.provider_does(order, attempt, Word::Captured, hangs);
            }
            Effect::Void { attempt } => {
                self.provider_does(order, attempt, Word::Voided, Millis(0));
            }
            Effect::Refund { attempt, total, .. } => {
                self.provider_does(order, attempt, Word::Refunded { total }, Millis(0));
            }
            Effect::AskCustomer => self.ask_customer(order),
            Effect::WakeAt(timer, at) => {
                self.at(at, class::TIMERS, Event::PaymentTimer(order, timer))
            }
            // A person looks at it: outside this world.
            Effect::Review { .. } => {}
            Effect::Settled | Effect::Failed | Effect::Closed => {
                unreachable!("the wiring calls it forth")
            }
        }
    }

    /// The provider takes the attempt and will say what came of it.
    fn ask_provider(&mut self, order: OrderIndex, attempt: u8, method: Method) {
        let taken = self.call_service(order, Service::Payment);
        for (after, word) in self.provider_words(order, attempt, method).into_iter().flatten() {
            self.later(taken + after, Event::Provider(order, attempt, word));
        }
    }

    /// Holds a part of the customer's wallet; who has too little tops it up first.
    fn hold_wallet(&mut self, order: OrderIndex, amount: Paise) {
        let customer = self.customer_of(order);
        if let Some(amount) = self.books.wallet(customer).top_up(amount) {
            self.post(&ledger::Command::ToppedUp { customer, amount });
        }
        let held = self.books.hold(customer, amount);
        held.expect("a wallet that was topped up covers the payment");
    }

    /// What a wallet held is taken or let go.
    fn let_wallet_go(&mut self, order: OrderIndex, event: payment::Event) {
        if let Some(amount) = self.orders[order.index()].payment.let_go_by(&event) {
            self.books.let_go(self.customer_of(order), amount);
        }
    }

    /// A status check is answered with what the provider knows by then.
    fn ask_status(&mut self, order: OrderIndex, attempt: u8) {
        let answered = self.call_service(order, Service::Payment);
        let Some(made) = self.orders[order.index()].payment.made().get(usize::from(attempt) - 1)
        else {
            return;
        };
        if made.is_in_doubt() {
            self.later(answered, Event::Provider(order, attempt, Word::Pending));
        }
    }

    /// The provider does what it is told, once, and says so, sometimes after a long silence.
    fn provider_does(&mut self, order: OrderIndex, attempt: u8, word: Word, hangs: Millis) {
        let done = self.call_service(order, Service::Payment) + Self::provider_time(word) + hangs;
        self.later(done, Event::Provider(order, attempt, word));
    }

    fn ask_customer(&mut self, order: OrderIndex) {
        let (after, method) = self.second_try(order);
        self.later(self.now + after, Event::CustomerDecides(order, method));
    }

    pub(crate) fn customer_decides(&mut self, order: OrderIndex, method: Option<Method>) {
        let (id, again) = (self.id(order), method.is_some());
        let said = method.unwrap_or(Method::Upi);
        self.came(outside::Input::Decide { order: id, again, method: said });
        let input = method.map_or(Input::GiveUp, |method| Input::Retry { method });
        self.say_payment(order, input);
    }

    /// Money moved: the books hear it.
    pub(crate) fn account(&mut self, event: payment::Event) {
        let customer =
            event.paid_for().map_or(CustomerId(0), |order| self.customer_of(order.into()));
        self.post(&ledger::Command::Payment { event, customer });
    }

    /// Writes a posting in the books.
    fn post(&mut self, command: &ledger::Command) {
        let mut events = std::mem::take(&mut self.buffers.ledger);
        if ledger::decide(command, PostingId(self.postings), &mut events) {
            self.postings += 1;
        }
        for event in events.drain(..) {
            self.books.evolve(&event);
            self.tell(event);
        }
        self.buffers.ledger = events;
    }

    /// An order is delivered: its deposit becomes sales, fees and tax.
    pub(crate) fn sell(&mut self, order: OrderIndex) {
        let sale = self.sale_of(order);
        let id = self.id(order);
        self.post(&ledger::Command::Delivered { order: id, sale });
    }
}
