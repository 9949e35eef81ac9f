//! A payment provider for the laws: it remembers what it did, does everything once, and its
//! words, the requests to it and our timers all get lost, doubled and mixed up.

use super::*;

/// What the provider knows of one attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Account {
    pub(super) asked: bool,
    pub(super) authorised: bool,
    pub(super) captured: bool,
    pub(super) voided: bool,
    pub(super) refunded: Paise,
}

/// The order, its provider, and everything on its way between them.
pub(super) struct World {
    pub(super) rules: Rules,
    pub(super) state: State,
    pub(super) accounts: [Account; MAX_ATTEMPTS],
    /// All effects so far.
    pub(super) said: Vec<Effect>,
    /// Requests on their way to the provider.
    requests: Vec<Effect>,
    /// Words on their way to us. The provider delivers each at least once.
    mail: Vec<Input>,
    timers: Vec<Timer>,
    asking: bool,
}

impl World {
    pub(super) fn new(method: Method) -> Self {
        let mut world = Self {
            rules: Rules::default(),
            state: State::NEW,
            accounts: [Account::default(); MAX_ATTEMPTS],
            said: Vec::new(),
            requests: Vec::new(),
            mail: Vec::new(),
            timers: Vec::new(),
            asking: false,
        };
        world.hear(start(method));
        world
    }

    /// Takes a step, files its effects, and checks that taking it again would do nothing.
    pub(super) fn hear(&mut self, input: Input) {
        let mut effects = Vec::new();
        self.state = step(&self.rules, ORDER, self.state, input, Timestamp(0), &mut effects);
        let (again, more) = play(self.state, &[input]);
        assert_eq!((again, more), (self.state, vec![]), "hearing {input:?} twice");
        for effect in effects {
            self.said.push(effect);
            match effect {
                Effect::AskProvider { .. }
                | Effect::AskStatus { .. }
                | Effect::Capture { .. }
                | Effect::Void { .. }
                | Effect::Refund { .. } => self.requests.push(effect),
                Effect::WakeAt(timer, _) => self.timers.push(timer),
                Effect::AskCustomer => self.asking = true,
                Effect::Review { attempt } => self.review(attempt),
                Effect::Publish(_) | Effect::Settled | Effect::Failed | Effect::Closed => {}
            }
        }
        self.check();
    }

    /// What holds at every moment.
    fn check(&self) {
        assert!(self.state.refunded() <= self.state.captured());
        assert_eq!(kept(&self.said), self.state.kept(), "the events say what the state says");
        let kept = self.state.made().iter().filter(|attempt| {
            attempt.is_captured() && attempt.refund_asked_paise < self.state.amount_paise
        });
        assert!(kept.count() <= 1, "two are kept: {:?}", self.state);
        for told in [Effect::Settled, Effect::Failed, Effect::Closed] {
            assert!(self.said.iter().filter(|effect| **effect == told).count() <= 1, "{told:?}");
        }
        let one_verdict =
            !(self.said.contains(&Effect::Settled) && self.said.contains(&Effect::Failed));
        assert!(one_verdict);
    }

    fn account(&mut self, attempt: u8) -> &mut Account {
        &mut self.accounts[usize::from(attempt) - 1]
    }

    fn say(&mut self, attempt: u8, word: Word) {
        self.mail.push(heard(attempt, word));
    }

    /// A person looks at an attempt and does what was asked for.
    fn review(&mut self, attempt: u8) {
        let known = self.state.attempts[usize::from(attempt) - 1];
        let total = Paise(i64::from(known.refund_asked_paise));
        if known.is_captured() {
            self.answer(Effect::Refund { attempt, amount: Paise::ZERO, total });
        } else {
            self.answer(Effect::Void { attempt });
        }
    }

    /// The provider does what it is asked and says how things stand.
    fn answer(&mut self, request: Effect) {
        match request {
            Effect::AskProvider { attempt, .. } => {
                self.account(attempt).asked = true;
                self.say(attempt, Word::Pending);
            }
            Effect::AskStatus { attempt } => self.tell_status(attempt),
            Effect::Capture { attempt, .. } => {
                let account = self.account(attempt);
                assert!(account.authorised, "a capture follows an authorisation");
                account.captured |= !account.voided;
                let captured = account.captured;
                self.say(attempt, if captured { Word::Captured } else { Word::CaptureFailed });
            }
            Effect::Void { attempt } => {
                let account = self.account(attempt);
                account.voided |= !account.captured;
                let voided = account.voided;
                self.say(attempt, if voided { Word::Voided } else { Word::Captured });
            }
            Effect::Refund { attempt, total, .. } => {
                if self.state.attempts[usize::from(attempt) - 1].method == Method::Cash {
                    // The wallet answers.
                    return self.say(attempt, Word::Refunded { total });
                }
                let account = self.account(attempt);
                assert!(account.captured && total <= AMOUNT, "a refund follows a capture");
                account.refunded = account.refunded.max(total);
                let total = account.refunded;
                self.say(attempt, Word::Refunded { total });
            }
            Effect::Publish(_)
            | Effect::AskCustomer
            | Effect::WakeAt(..)
            | Effect::Settled
            | Effect::Failed
            | Effect::Closed
            | Effect::Review { .. } => unreachable!("not a request"),
        }
    }

    fn tell_status(&mut self, attempt: u8) {
        let word = match *self.account(attempt) {
            Account { refunded, .. } if refunded > Paise::ZERO => {
                Word::Refunded { total: refunded }
            }
            Account { captured: true, .. } => Word::Captured,
            Account { voided: true, .. } => Word::Voided,
            Account { authorised: true, .. } => Word::Authorised,
            Account { asked: true, .. } => Word::Pending,
            Account { .. } => SLOW,
        };
        self.say(attempt, word);
    }

    /// The customer or their bank decides about an attempt that the provider has.
    fn decide(&mut self, attempt: u8, verdict: u8) {
        let account = self.account(attempt);
        if !account.asked || account.authorised {
            return;
        }
        match verdict % 5 {
            0 => self.say(attempt, NO),
            1 => self.say(attempt, SLOW),
            2 => {
                // Some providers capture by themselves.
                (account.authorised, account.captured) = (true, true);
                self.say(attempt, Word::Captured);
            }
            _ => {
                account.authorised = true;
                self.say(attempt, Word::Authorised);
            }
        }
    }

    /// Lets one thing happen; `pick` says which of those of its kind.
    pub(super) fn happen(&mut self, what: u8, pick: u8) {
        let of = |len: usize| usize::from(pick) % len.max(1);
        match what {
            0..=3 if !self.requests.is_empty() => {
                let request = self.requests.swap_remove(of(self.requests.len()));
                let is_lost = what == 0;
                if !is_lost {
                    self.answer(request);
                }
            }
            4..=7 if !self.mail.is_empty() => {
                let at = of(self.mail.len());
                let is_doubled = what == 4;
                let word = if is_doubled { self.mail[at] } else { self.mail.swap_remove(at) };
                self.hear(word);
            }
            8..=10 => self.decide(1 + pick % 3, pick / 3),
            11 if !self.timers.is_empty() => {
                let timer = self.timers.swap_remove(of(self.timers.len()));
                self.hear(Input::Wake { timer });
            }
            12 | 13 if self.asking => {
                self.asking = false;
                let method = Method::ALL[of(Method::ALL.len())];
                self.hear(if pick < 25 { Input::GiveUp } else { Input::Retry { method } });
            }
            14 => self.hear(Input::Refund { amount: Paise::rupees(i64::from(pick)) }),
            15 => self.hear(Input::CashTaken { rider: RIDER }),
            16 => self.hear(Input::CashHandedIn { rider: RIDER }),
            17 if pick < 30 => self.hear(Input::End),
            _ => {}
        }
    }

    /// Lets everything that is on its way arrive, and all timers go off, until it is quiet.
    pub(super) fn settle(&mut self) {
        for _ in 0..1_000 {
            if let Some(request) = self.requests.pop() {
                self.answer(request);
            } else if let Some(word) = self.mail.pop() {
                self.hear(word);
            } else if let Some(timer) = self.timers.pop() {
                self.hear(Input::Wake { timer });
            } else {
                return;
            }
        }
        panic!("never quiet: {:?}", self.state);
    }
}
