//! The order's saga and its quote: from the cart to the end.

use domain::ids::OrderId;
use domain::money::Paise;
use domain::outside::{Effect, Input};
use domain::payment::Method;
use domain::pricing::{self, Item, View, quote};
use domain::store::Door;
use domain::time::Timestamp;
use domain::wiring::{self, Call};
use domain::{dispatch, eta, order, picking, saga, stock};

use super::{Act, Step, Work};
use crate::mutant::{self, Mutant};
use crate::rows::{Key, Missing, Order, OrderLine, StoreDoor};
use crate::setup::Path;
use crate::unit::Refused;

impl Work<'_> {
    /// A line is put into the cart; the customer goes on without what is not there.
    pub(super) fn cart_line(&mut self, word: Input) -> Step {
        let Input::CartLine { order, store, line, sku, units, price, mrp, gst } = word else {
            return Ok(());
        };
        let free_units = self.free_units(store, sku)?;
        let row = self.order(order)?;
        if row.saga.stage != order::Stage::Draft {
            self.refuse(Refused::Ordered);
            return Ok(());
        }
        if line == 0 {
            row.lines.clear();
        }
        row.store = store;
        if free_units < units {
            let wanted_units = units;
            self.tell(pricing::Event::LineUnavailable {
                order,
                line,
                store,
                sku,
                wanted_units,
                free_units,
            });
            return Ok(());
        }
        row.lines.push(OrderLine {
            sku,
            units,
            held_units: 0,
            picked_units: 0,
            price,
            mrp,
            unit_price: price,
            gst,
        });
        Ok(())
    }

    /// Prices the cart.
    pub(super) fn quote(
        &mut self,
        order: OrderId,
        is_raining: bool,
        promise_by: Timestamp,
    ) -> Step {
        let row = self.order(order)?;
        let (store, lines) = (row.store, row.lines.clone());
        let shelf = lines.iter().map(|line| Key::Slot((store, line.sku)));
        self.need(shelf.chain([Key::Door(store)]))?;
        let mut items = Vec::with_capacity(lines.len());
        for line in &lines {
            let OrderLine { sku, units, price, mrp, gst, .. } = *line;
            let free_units = self.free_units(store, sku)?;
            items.push(Item {
                sku,
                units,
                price,
                mrp,
                gst,
                free_units,
                near_expiry_units: 0,
                base_units: 0,
            });
        }
        let surge = self.peek_door(store)?.surge;
        let setup = self.setup;
        let view = View {
            rules: &setup.rules.pricing,
            items: &items,
            surge,
            is_raining,
            is_member: false,
            discount: Paise::ZERO,
        };
        let mut prices = pricing::Scratch::default();
        let choice = pricing::choose(setup.pricing, &view, &setup.pricing_params, &mut prices);
        let unit_prices = prices.unit_prices();
        let row = self.order(order)?;
        for (line, unit_price) in row.lines.iter_mut().zip(unit_prices) {
            line.unit_price = *unit_price;
        }
        row.fees = choice.fees;
        row.promise_by = promise_by;
        self.say_quote(
            order,
            quote::Command::Issue { store, items: &items, unit_prices, choice, promise_by },
        )
    }

    /// A customer accepts the quote. A door that shut meanwhile turns the order away.
    pub(super) fn place(&mut self, word: Input) -> Step {
        let Input::Place { order, client_ref, customer, door, method, served } = word else {
            return Ok(());
        };
        let now = self.now();
        let row = self.order(order)?;
        if mutant::is(Mutant::LosesKey) && row.saga.stage != order::Stage::Draft {
            row.quote = quote::State::Issued { total: row.saga.payable, valid_until: now };
            row.saga = saga::State::NEW;
        }
        let quote::State::Issued { total, .. } = row.quote else {
            if row.saga.stage == order::Stage::Draft {
                self.refuse(Refused::NotQuoted);
            }
            return Ok(());
        };
        (row.client_ref, row.customer, row.door) = (client_ref, customer, door);
        let (store, promise_by) = (row.store, row.promise_by);
        let lines = count(row.lines.len());
        let shelf = row.lines.iter().map(|line| Key::Slot((store, line.sku)));
        let wallet = (method == Method::Wallet).then_some(Key::Wallet(customer));
        let keys: Vec<Key> = shelf.chain(wallet).chain([Key::Door(store)]).collect();
        self.need(keys)?;
        let door_state = self.door_of(store)?.ops.door;
        self.say_saga(
            order,
            saga::Input::Place {
                client_ref,
                customer,
                store,
                door,
                lines,
                method,
                total,
                promise_by,
            },
        )?;
        if !served || matches!(door_state, Door::Paused | Door::Closed) {
            self.say_quote(order, quote::Command::Invalidate)?;
            self.say_saga(order, saga::Input::Unserved)?;
        }
        Ok(())
    }

    /// The order takes its quote, unless it is over by now.
    pub(super) fn lock(&mut self, order: OrderId) -> Step {
        if self.order(order)?.saga.stage.is_terminal() {
            return Ok(());
        }
        self.say_quote(order, quote::Command::Lock)
    }

    pub(super) fn say_saga(&mut self, order: OrderId, input: saga::Input) -> Step {
        self.hears(order.0, input);
        let (setup, now) = (self.setup, self.now());
        let mut effects = Vec::new();
        let row = self.order(order)?;
        row.saga = saga::step(&setup.rules.saga, order, row.saga, input, now, &mut effects);
        for effect in effects {
            self.do_saga(order, effect)?;
        }
        Ok(())
    }

    fn do_saga(&mut self, order: OrderId, effect: saga::Effect) -> Step {
        use saga::Effect as E;
        if mutant::is(Mutant::KeepsShortMoney) && matches!(effect, E::ReducePayment { .. }) {
            return Ok(());
        }
        if let Some(call) = wiring::asked_by_saga(order, &effect) {
            self.call(call);
            return Ok(());
        }
        match effect {
            E::Publish(event) => self.tell(event),
            E::LockQuote => self.hand_on(Act::Lock(order), Effect::LockQuote { order }),
            E::Reserve { until } => {
                self.order(order)?.hold_until = until;
                self.hand_on(Act::Reserve(order), Effect::Reserve { order });
            }
            E::ExtendHold { until } => self.extend_hold(order, until)?,
            E::SecureHold => {
                self.shelve(order, stock::Command::Secure { order })?;
                self.say_quote(order, quote::Command::Consume)?;
            }
            E::ReleaseHold => self.shelve(order, stock::Command::Release { order })?,
            E::QueuePick => {
                let Order { store, ref lines, .. } = *self.order(order)?;
                let lines = count(lines.len());
                self.call(Call::Task(order, picking::Input::Queue { store, lines }));
            }
            E::RequestRider => self.request_rider(order)?,
            E::WakeAt(timer, wake_at) => self.ask(Effect::WakeSaga { order, timer, wake_at }),
            E::Pay { .. }
            | E::ReducePayment { .. }
            | E::ClosePayment
            | E::AbortPick
            | E::WithdrawRider => unreachable!("the wiring calls it forth"),
        }
        Ok(())
    }

    /// Goes on in this commit, or asks for the next step through the outbox.
    fn hand_on(&mut self, act: Act, effect: Effect) {
        match self.setup.path {
            Path::Together => self.acts.push_back(act),
            Path::Apart => self.ask(effect),
        }
    }

    /// Asks for a rider for an order that is about to be picked.
    fn request_rider(&mut self, order: OrderId) -> Step {
        let (setup, now) = (self.setup, self.now());
        let Order { store, ref lines, .. } = *self.order(order)?;
        let own = setup.pick_mean(lines.len());
        let floor = self.floor(store)?;
        let expected = eta::expected_pick(own, floor.waiting(), floor.on_duty());
        let ready_at = now + expected;
        let row = self.order(order)?;
        (row.ready_at, row.requested_at) = (ready_at, now);
        self.call(Call::Request(order, dispatch::request::Input::Ask { store, ready_at }));
        Ok(())
    }

    /// Decides a command about an order's quote.
    fn say_quote(&mut self, order: OrderId, command: quote::Command<'_>) -> Step {
        let (setup, now) = (self.setup, self.now());
        let mut events = Vec::new();
        let row = self.order(order)?;
        let decided =
            quote::decide(&setup.rules.pricing, order, &row.quote, command, now, &mut events);
        for event in &events {
            row.quote.evolve(event);
        }
        events.into_iter().for_each(|event| self.tell(event));
        match decided {
            Err(quote::Refusal::Empty { .. }) => self.refuse(Refused::EmptyCart),
            Err(quote::Refusal::Locked { .. }) => self.refuse(Refused::Ordered),
            // The saga's own time limits see to an order whose quote does not hold.
            Err(quote::Refusal::NotValid { .. }) | Ok(()) => {}
        }
        Ok(())
    }

    /// A store's door as it stands, and must still stand when this is committed.
    pub(super) fn door_of(&mut self, store: domain::ids::StoreId) -> Result<StoreDoor, Missing> {
        match self.unit.rows.doors.get(store) {
            Some(door) => Ok(*door),
            None => self.miss(Key::Door(store)),
        }
    }

    fn peek_door(&mut self, store: domain::ids::StoreId) -> Result<StoreDoor, Missing> {
        match self.unit.rows.doors.peek(store) {
            Some(door) => Ok(*door),
            None => self.miss(Key::Door(store)),
        }
    }
}

fn count(lines: usize) -> u16 {
    u16::try_from(lines).expect("an order has fewer than 2^16 lines")
}
