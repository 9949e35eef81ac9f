//! A customer's account: a phone number that is proved by a one-time password, and addresses.
//!
//! ```text
//! None ──register──► New ──right password──► Active ⇄ Blocked
//! ```
//!
//! A password stands for some minutes and some tries, and only so many are sent in a while: that
//! bounds what guessing can do, however fast it is done. The password itself is drawn and sent by
//! others; here it is a digest. Accounts are no facts of a journal: an order names its customer.

#[cfg(test)]
mod tests;

use crate::place::Place;
use crate::time::{Millis, Timestamp};

/// Limits of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// A password can be used for this long. 5 min, assumed, grade E.
    pub password_ttl: Millis,
    /// Wrong passwords after which it cannot be used. 5, assumed, grade E.
    pub password_tries: u8,
    /// Passwords that are sent in one window. 5, assumed, grade E: with five tries each, a
    /// guesser finds one of a million passwords with a chance of 1 in 40 000 a window.
    pub passwords_sent: u8,
    /// That window. 15 min, assumed, grade E.
    pub sent_window: Millis,
    /// A session lasts this long. 24 h, assumed, grade E.
    pub session_ttl: Millis,
    /// Addresses of one customer. 20, assumed.
    pub max_addresses: u16,
    /// Bytes of a name or a label. 100, assumed.
    pub text_bytes: u16,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            password_ttl: Millis::from_min(5),
            password_tries: 5,
            passwords_sent: 5,
            sent_window: Millis::from_min(15),
            session_ttl: Millis::from_min(24 * 60),
            max_addresses: 20,
            text_bytes: 100,
        }
    }
}

choices! {
    /// Where an account stands.
    pub enum Stage {
        /// There is none.
        None = "none",
        /// The phone number is not proved yet.
        New = "new",
        /// Its owner has proved the phone number.
        Active = "active",
        /// Nobody gets in.
        Blocked = "blocked",
    }
}

/// A phone number: country code and number as digits, without a plus sign (E.164).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Phone(pub u64);

impl Phone {
    /// The number of a text such as `+919876543210`; none if it cannot be one.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let is_one = (8..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        is_one.then(|| digits.parse().ok().map(Self))?
    }
}

/// A password that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Password {
    /// Its digest.
    pub digest: u128,
    /// It can be used until then.
    pub until: Timestamp,
    /// Wrong passwords that may still be said.
    pub tries: u8,
}

/// Where a customer wants to be brought things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Its number among the customer's addresses; never used again.
    pub number: u32,
    /// What the customer calls it.
    pub label: String,
    /// The door.
    pub door: Place,
}

/// What an account is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Somebody with this number wants an account.
    Register {
        /// The number.
        phone: Phone,
        /// What they are called.
        name: String,
    },
    /// They want a password sent.
    SendPassword {
        /// The digest of the one that will be sent.
        digest: u128,
    },
    /// They say a password.
    Prove {
        /// Its digest.
        digest: u128,
    },
    /// An address is to be kept.
    AddAddress {
        /// What they call it.
        label: String,
        /// The door.
        door: Place,
    },
    /// An address is to be forgotten.
    RemoveAddress {
        /// Which.
        number: u32,
    },
    /// Whoever runs the platform lets nobody in.
    Block,
    /// They let the owner in again.
    Unblock,
}

/// What happened to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// There is one.
    Registered {
        /// The number.
        phone: Phone,
        /// What its owner is called.
        name: String,
    },
    /// A password was sent; the one before it is worth nothing any more.
    PasswordSent {
        /// The password.
        password: Password,
        /// Whether a new window of sending began with it.
        begins_window: bool,
    },
    /// A wrong password was said.
    PasswordMissed,
    /// The right password was said, and is used up.
    Proved,
    /// An address is kept.
    AddressAdded {
        /// The address.
        address: Address,
    },
    /// An address is forgotten.
    AddressRemoved {
        /// Which.
        number: u32,
    },
    /// Nobody gets in from now on.
    Blocked,
    /// The owner gets in again.
    Unblocked,
}

/// Why an account does not do what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such account.
    #[error("there is no account")]
    NotRegistered,
    /// There is one already, for another number or name.
    #[error("there is an account already")]
    Registered,
    /// Nobody gets in.
    #[error("the account is blocked")]
    Blocked,
    /// Enough passwords were sent for now.
    #[error("too many passwords were sent: ask again later")]
    TooManyPasswords,
    /// No password can be used: none was sent, its time is over, or its tries are.
    #[error("no password can be used: ask for another")]
    NoPassword,
    /// A name or label is empty or too long.
    #[error("a name or label has 1 to {text_bytes} bytes and no control characters")]
    BadText {
        /// The limit.
        text_bytes: u16,
    },
    /// There are enough addresses.
    #[error("at most {max_addresses} addresses are kept")]
    TooManyAddresses {
        /// The limit.
        max_addresses: u16,
    },
    /// There is no address with this number.
    #[error("there is no such address")]
    NoSuchAddress,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Where it stands.
    pub stage: Stage,
    /// The owner's number.
    pub phone: Phone,
    /// What the owner is called.
    pub name: String,
    /// The password that can be used, as far as time goes.
    pub password: Option<Password>,
    /// When the window of sending began.
    pub sent_since: Timestamp,
    /// Passwords sent in it.
    pub sent: u8,
    /// Addresses ever kept.
    pub addressed: u32,
    /// The addresses, by number.
    pub addresses: Vec<Address>,
}

impl Default for State {
    /// No account.
    fn default() -> Self {
        Self {
            stage: Stage::None,
            phone: Phone(0),
            name: String::new(),
            password: None,
            sent_since: Timestamp(0),
            sent: 0,
            addressed: 0,
            addresses: Vec::new(),
        }
    }
}

impl State {
    /// Applies what happened at a time.
    ///
    /// # Panics
    /// If there is no account and it was not made now.
    pub fn evolve(&mut self, event: &Event, at: Timestamp) {
        let makes = matches!(event, Event::Registered { .. });
        assert!(makes == (self.stage == Stage::None), "{event:?} when it is {}", self.stage);
        match event {
            Event::Registered { phone, name } => {
                (self.stage, self.phone, self.name) = (Stage::New, *phone, name.clone());
            }
            Event::PasswordSent { password, begins_window } => {
                self.password = Some(*password);
                if *begins_window {
                    (self.sent_since, self.sent) = (at, 0);
                }
                self.sent += 1;
            }
            Event::PasswordMissed => {
                let left = self.password.map(|last| Password { tries: last.tries - 1, ..last });
                self.password = left.filter(|password| password.tries > 0);
            }
            Event::Proved => (self.stage, self.password) = (Stage::Active, None),
            Event::AddressAdded { address } => {
                self.addressed = address.number + 1;
                self.addresses.push(address.clone());
            }
            Event::AddressRemoved { number } => {
                self.addresses.retain(|address| address.number != *number);
            }
            Event::Blocked => (self.stage, self.password) = (Stage::Blocked, None),
            // The number is to be proved again.
            Event::Unblocked => self.stage = Stage::New,
        }
    }
}

/// Decides a command against an account, appending what happened.
///
/// A wrong password is no refusal: it happened, and counts.
///
/// # Errors
/// [`Refusal`], with nothing appended.
pub fn decide(
    rules: &Rules,
    user: &State,
    command: Command,
    now: Timestamp,
    events: &mut Vec<Event>,
) -> Result<(), Refusal> {
    match (user.stage, command) {
        (Stage::None, Command::Register { phone, name }) => {
            check_text(rules, &name)?;
            events.push(Event::Registered { phone, name });
            Ok(())
        }
        (Stage::None, _) => Err(Refusal::NotRegistered),
        (_, Command::Register { phone, name }) => {
            let is_said_again = user.phone == phone && user.name == name;
            if is_said_again { Ok(()) } else { Err(Refusal::Registered) }
        }
        (Stage::Blocked, Command::Block) => Ok(()),
        (_, Command::Block) => {
            events.push(Event::Blocked);
            Ok(())
        }
        (Stage::Blocked, Command::Unblock) => {
            events.push(Event::Unblocked);
            Ok(())
        }
        (_, Command::Unblock) => Ok(()),
        (Stage::Blocked, _) => Err(Refusal::Blocked),
        (_, Command::SendPassword { digest }) => send(rules, user, digest, now, events),
        (_, Command::Prove { digest }) => prove(user, digest, now, events),
        (_, Command::AddAddress { label, door }) => add(rules, user, label, door, events),
        (_, Command::RemoveAddress { number }) => {
            let is_known = user.addresses.iter().any(|address| address.number == number);
            if !is_known {
                return Err(Refusal::NoSuchAddress);
            }
            events.push(Event::AddressRemoved { number });
            Ok(())
        }
    }
}

fn check_text(rules: &Rules, text: &str) -> Result<(), Refusal> {
    let text_bytes = rules.text_bytes;
    let is_fine =
        (1..=usize::from(text_bytes)).contains(&text.len()) && !text.chars().any(char::is_control);
    if is_fine { Ok(()) } else { Err(Refusal::BadText { text_bytes }) }
}

fn send(
    rules: &Rules,
    user: &State,
    digest: u128,
    now: Timestamp,
    events: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let begins_window = user.sent == 0 || now >= user.sent_since + rules.sent_window;
    if !begins_window && user.sent >= rules.passwords_sent {
        return Err(Refusal::TooManyPasswords);
    }
    let until = now + rules.password_ttl;
    let password = Password { digest, until, tries: rules.password_tries };
    events.push(Event::PasswordSent { password, begins_window });
    Ok(())
}

fn prove(
    user: &State,
    digest: u128,
    now: Timestamp,
    events: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let password = user.password.filter(|password| now < password.until);
    let password = password.ok_or(Refusal::NoPassword)?;
    let is_right = password.digest == digest;
    events.push(if is_right { Event::Proved } else { Event::PasswordMissed });
    Ok(())
}

fn add(
    rules: &Rules,
    user: &State,
    label: String,
    door: Place,
    events: &mut Vec<Event>,
) -> Result<(), Refusal> {
    check_text(rules, &label)?;
    let max_addresses = rules.max_addresses;
    if user.addresses.len() >= usize::from(max_addresses) {
        return Err(Refusal::TooManyAddresses { max_addresses });
    }
    let address = Address { number: user.addressed, label, door };
    events.push(Event::AddressAdded { address });
    Ok(())
}
