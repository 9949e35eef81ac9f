//! Accounts, sessions and addresses on the wire.

use domain::user::Address;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Decimal, WirePlace};

/// The body of `POST /api/users`.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct UserAsked {
    /// Plus, country code, number: `+919876543210`.
    pub(crate) phone: String,
    pub(crate) name: String,
}

/// The body of `POST /api/sessions`: without a password, one is sent.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SessionAsked {
    /// Plus, country code, number: `+919876543210`.
    pub(crate) phone: String,
    /// The one-time password that was sent, six digits.
    pub(crate) password: Option<String>,
}

/// What was sent, without saying to whom.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PasswordSent {
    /// It can be used for so long, seconds.
    pub(crate) usable_s: u32,
}

/// A session that was opened.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionOpened {
    pub(crate) token: String,
    pub(crate) customer_id: Decimal<u32>,
    pub(crate) expires_at_us: u64,
}

/// The body of `POST /api/addresses`.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AddressAsked {
    pub(crate) label: String,
    pub(crate) door: WirePlace,
}

/// An address.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddressShown {
    address_id: Decimal<u32>,
    label: String,
    door: WirePlace,
}

/// The addresses of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddressesShown {
    pub(crate) addresses: Vec<AddressShown>,
}

impl AddressShown {
    pub(crate) fn of(address: &Address) -> Self {
        let Address { number, label, door } = address;
        Self { address_id: Decimal(*number), label: label.clone(), door: (*door).into() }
    }
}

/// The body of `POST /admin/sessions`: sessions for a row of agents.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SessionsAsked {
    pub(crate) agents: Agents,
    /// The first one's number.
    pub(crate) from: Decimal<u32>,
    /// How many.
    pub(crate) count: u32,
}

/// Who is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Agents {
    Customers,
    Riders,
    Stores,
}

/// Sessions of a row of agents.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionsOpened {
    pub(crate) agents: Agents,
    pub(crate) from: Decimal<u32>,
    pub(crate) expires_at_us: u64,
    /// Their tokens, in the order of their numbers.
    pub(crate) tokens: Vec<String>,
}
