//! Money: the payment, the wallet, and the books.

use domain::ids::{CustomerId, OrderId};
use domain::ledger::{self, Sale, SoldLine, Wallet};
use domain::money::Paise;
use domain::payment::{self, Effect, Input, Method, Word};
use domain::wiring;

use super::{Step, Work};
use crate::mutant::{self, Mutant};
use crate::rows::{Key, Missing};
use crate::unit::Answer;

impl Work<'_> {
    /// The provider spoke. Of an attempt that is not made yet it must speak again: what it says
    /// would be lost.
    pub(super) fn provider_spoke(&mut self, order: OrderId, attempt: u8, word: Word) -> Step {
        let row = self.order(order)?;
        let (store, customer, paying) = (row.store, row.customer, row.payment);
        if attempt > paying.made {
            self.unit.answer = Answer::NotYet;
            return Ok(());
        }
        let of_wallet = paying.method_of(attempt) == Some(Method::Wallet);
        self.need(
            of_wallet.then_some(Key::Wallet(customer)).into_iter().chain([Key::Floor(store)]),
        )?;
        self.say_payment(order, Input::Heard { attempt, word })
    }

    pub(super) fn say_payment(&mut self, order: OrderId, input: Input) -> Step {
        self.hears(order.0, input);
        let (setup, now) = (self.setup, self.now());
        let mut effects = Vec::new();
        let row = self.order(order)?;
        row.payment =
            payment::step(&setup.rules.payment, order, row.payment, input, now, &mut effects);
        for effect in effects {
            self.do_payment(order, effect)?;
        }
        Ok(())
    }

    fn do_payment(&mut self, order: OrderId, effect: Effect) -> Step {
        if let Some(call) = wiring::asked_by_payment(order, &effect) {
            self.call(call);
            return Ok(());
        }
        let row = self.order(order)?;
        let (customer, paying) = (row.customer, row.payment);
        if let Some(asked) = wiring::outside_payment(order, &paying, &effect) {
            self.ask(asked);
        }
        if let Effect::Publish(event) = effect {
            if let Some(amount) = paying.let_go_by(&event) {
                self.wallet(customer)?.let_go(customer, amount);
            }
            self.tell(event);
        }
        if let Effect::AskProvider { method: Method::Wallet, amount, .. } = effect {
            self.hold_wallet(customer, amount)?;
        }
        Ok(())
    }

    /// Holds a part of the customer's wallet; who has too little tops it up first.
    fn hold_wallet(&mut self, customer: CustomerId, amount: Paise) -> Step {
        if let Some(amount) = self.wallet(customer)?.top_up(amount) {
            self.post(&ledger::Command::ToppedUp { customer, amount })?;
        }
        let held = self.wallet(customer)?.hold(customer, amount);
        held.expect("a wallet that was topped up covers the payment");
        Ok(())
    }

    /// Money moved: the books hear it.
    pub(super) fn account(&mut self, event: payment::Event) -> Step {
        let customer = match event.paid_for() {
            Some(order) => self.order(order)?.customer,
            None => CustomerId(0),
        };
        self.post(&ledger::Command::Payment { event, customer })
    }

    /// An order is delivered: its deposit becomes sales, fees and tax.
    pub(super) fn sell(&mut self, order: OrderId) -> Step {
        let fee_gst = self.setup.rules.pricing.fee_gst;
        let row = self.order(order)?;
        let sold = row
            .lines
            .iter()
            .map(|line| SoldLine { paid: line.unit_price.times(line.picked_units), gst: line.gst });
        let fees = row.fees.each().map(|(_, amount)| amount);
        let sale = Sale::new(sold, fees, fee_gst);
        if mutant::is(Mutant::BooksTwice) {
            self.post(&ledger::Command::Delivered { order, sale })?;
        }
        self.post(&ledger::Command::Delivered { order, sale })
    }

    /// Writes a posting in the books.
    fn post(&mut self, command: &ledger::Command) -> Step {
        let posting = self.unit.posting().ok_or(Missing)?;
        let mut events = Vec::new();
        if ledger::decide(command, posting, &mut events) {
            self.unit.postings_used += 1;
        }
        for event in events {
            if let ledger::Event::WalletMoved { customer, amount, .. } = event {
                self.wallet(customer)?.change(customer, amount);
            }
            self.tell(event);
        }
        Ok(())
    }

    fn wallet(&mut self, customer: CustomerId) -> Result<&mut Wallet, Missing> {
        if !self.unit.rows.wallets.has(customer) {
            return self.miss(Key::Wallet(customer));
        }
        self.unit.rows.wallets.get_mut(customer).ok_or(Missing)
    }
}
