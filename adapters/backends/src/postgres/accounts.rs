//! Accounts, carts and sessions over PostgreSQL.

use domain::ids::{CustomerId, OrderId, RiderId, SkuId, StoreId};
use domain::order::Line;
use domain::place::Place;
use domain::time::Timestamp;
use domain::user::{self, Address, Password, Phone};
use domain::{cart, user::Stage};
use shell::{Accounts, Kept, PortError, Session, SessionId, Subject, Version};

use super::Postgres;
use super::cells::{Corrupt, Name, Param, Reader};
use super::lists::corrupt;
use super::session::{Batch, Outcome, in_snapshot};
use super::statements::Does;
use super::wire::Row;

/// The statements, beside those of the business.
pub(super) const STATEMENTS: &[(Does, &str)] = &[
    (
        Does::User,
        "SELECT version, status, phone, name, password_digest, password_until_us,
             password_tries::int8, passwords_sent_since_us, passwords_sent::int8, addresses_made
         FROM users WHERE user_id = $1",
    ),
    (
        Does::Addresses,
        "SELECT address_number, label, door_lat_e7::int8, door_lon_e7::int8
         FROM user_addresses WHERE user_id = $1 ORDER BY place",
    ),
    (Does::Owner, "SELECT user_id FROM users WHERE phone = $1"),
    (
        Does::SaveUser,
        "WITH made AS (
             INSERT INTO users (user_id, version, phone, name, status, password_digest,
                 password_until_us, password_tries, passwords_sent_since_us, passwords_sent,
                 addresses_made)
             SELECT $1::int8, 1, $3::int8, $4::text, $5::text, $6::uuid, $7::int8, $8::int8,
                 $9::int8, $10::int8, $11::int8
             WHERE $2::int8 = 0 ON CONFLICT DO NOTHING RETURNING 1),
         changed AS (
             UPDATE users SET version = version + 1, phone = $3, name = $4, status = $5,
                 password_digest = $6, password_until_us = $7, password_tries = $8,
                 passwords_sent_since_us = $9, passwords_sent = $10, addresses_made = $11
             WHERE user_id = $1 AND version = $2 RETURNING 1)
         SELECT CASE WHEN EXISTS (SELECT FROM made) OR EXISTS (SELECT FROM changed)
                     THEN 0 ELSE lost_race() END",
    ),
    (Does::CutAddresses, "DELETE FROM user_addresses WHERE user_id = $1"),
    (
        Does::SaveAddresses,
        "INSERT INTO user_addresses (user_id, place, address_number, label, door_lat_e7, door_lon_e7)
         SELECT $1::int8, place, number, label, lat_e7, lon_e7
         FROM unnest($2::int8[], $3::text[], $4::int8[], $5::int8[])
             WITH ORDINALITY AS address (number, label, lat_e7, lon_e7, place)",
    ),
    (
        Does::Cart,
        "SELECT version, status, touched_at_us, quote_order_id FROM carts WHERE user_id = $1",
    ),
    (Does::Items, "SELECT product_id, quantity FROM cart_items WHERE user_id = $1 ORDER BY line"),
    (
        Does::SaveCart,
        "WITH made AS (
             INSERT INTO carts (user_id, version, status, touched_at_us, quote_order_id)
             SELECT $1::int8, 1, $3::text, $4::int8, $5::int8
             WHERE $2::int8 = 0 ON CONFLICT DO NOTHING RETURNING 1),
         changed AS (
             UPDATE carts SET version = version + 1, status = $3, touched_at_us = $4,
                 quote_order_id = $5
             WHERE user_id = $1 AND version = $2 RETURNING 1)
         SELECT CASE WHEN EXISTS (SELECT FROM made) OR EXISTS (SELECT FROM changed)
                     THEN 0 ELSE lost_race() END",
    ),
    (Does::CutItems, "DELETE FROM cart_items WHERE user_id = $1"),
    (
        Does::SaveItems,
        "INSERT INTO cart_items (user_id, line, product_id, quantity)
         SELECT $1::int8, line - 1, sku, units FROM unnest($2::int8[], $3::int8[])
             WITH ORDINALITY AS item (sku, units, line)",
    ),
    (
        Does::OpenSessions,
        "INSERT INTO sessions (session_id, subject, subject_id, expires_at_us)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::int8[], $4::int8[])
         ON CONFLICT DO NOTHING",
    ),
    // As many are forgotten as might be opened, so they cannot pile up.
    (
        Does::ForgetSessions,
        "DELETE FROM sessions WHERE session_id IN (
             SELECT session_id FROM sessions WHERE expires_at_us <= $1::int8
             ORDER BY expires_at_us LIMIT $2 FOR UPDATE SKIP LOCKED)",
    ),
    (
        Does::Session,
        "SELECT subject, subject_id, expires_at_us FROM sessions WHERE session_id = $1",
    ),
    (Does::CloseSessions, "DELETE FROM sessions WHERE subject = $1 AND subject_id = $2"),
];

/// The word for whose a session is, and its number.
fn words(subject: Subject) -> (&'static str, i64) {
    match subject {
        Subject::Customer(customer) => ("customer", customer.0.into()),
        Subject::Rider(rider) => ("rider", rider.0.into()),
        Subject::Store(store) => ("store", store.0.into()),
    }
}

fn id(customer: CustomerId) -> Param {
    Box::new(i64::from(customer.0))
}

/// Whether a row was written, which is not so when somebody else was quicker.
fn is_saved(outcome: Outcome) -> Result<bool, PortError> {
    if outcome.is_lost_race() {
        return Ok(false);
    }
    outcome.rows().map(|_| true)
}

fn read_user(row: &Row, addresses: &[Row]) -> Result<Kept<user::State>, Corrupt> {
    let mut reader = Reader::new(row);
    let version = Version(reader.bits()?);
    let stage = reader.word(Stage::from_text)?;
    let (phone, name) = (Phone(reader.bits()?), reader.text()?.to_owned());
    let (digest, until, tries) = (reader.maybe_name()?, reader.maybe()?, reader.maybe()?);
    let password = match (digest, until, tries) {
        (Some(digest), Some(until), Some(tries)) => {
            Some(Password { digest, until: Timestamp(until), tries })
        }
        _ => None,
    };
    let (sent_since, sent) = (Timestamp(reader.bits()?), reader.int()?);
    let addressed = reader.int()?;
    let address = |row: &Row| {
        let mut reader = Reader::new(row);
        let (number, label) = (reader.int()?, reader.text()?.to_owned());
        let door = Place { lat_e7: reader.int()?, lon_e7: reader.int()? };
        Ok(Address { number, label, door })
    };
    let addresses = addresses.iter().map(address).collect::<Result<_, Corrupt>>()?;
    let state =
        user::State { stage, phone, name, password, sent_since, sent, addressed, addresses };
    Ok(Kept { version, state })
}

fn read_cart(row: &Row, items: &[Row]) -> Result<Kept<cart::State>, Corrupt> {
    let mut reader = Reader::new(row);
    let version = Version(reader.bits()?);
    let stage = reader.word(cart::Stage::from_text)?;
    let touched_at = Timestamp(reader.bits()?);
    let quote: Option<i64> = reader.maybe()?;
    let line = |row: &Row| {
        let mut reader = Reader::new(row);
        Ok(Line { sku: SkuId(reader.int()?), units: reader.int()? })
    };
    let lines = items.iter().map(line).collect::<Result<_, Corrupt>>()?;
    let quote = quote.map(|order| OrderId(order.cast_unsigned()));
    Ok(Kept { version, state: cart::State { stage, lines, touched_at, quote } })
}

fn read_session(row: &Row) -> Result<Session, Corrupt> {
    let mut reader = Reader::new(row);
    let kind = reader.text()?;
    let number = reader.int()?;
    let subject = match kind {
        "customer" => Some(Subject::Customer(CustomerId(number))),
        "rider" => Some(Subject::Rider(RiderId(number))),
        "store" => Some(Subject::Store(StoreId(number))),
        _ => None,
    };
    Ok(Session { subject: reader.with(subject)?, until: Timestamp(reader.bits()?) })
}

fn user_params(customer: CustomerId, kept: &Kept<user::State>) -> Vec<Param> {
    let user::State { stage, phone, name, password, sent_since, sent, addressed, .. } = &kept.state;
    vec![
        id(customer),
        Box::new(kept.version.0.cast_signed()),
        Box::new(phone.0.cast_signed()),
        Box::new(name.clone()),
        Box::new(stage.text()),
        Box::new(password.map(|password| Name(password.digest))),
        Box::new(password.map(|password| password.until.0.cast_signed())),
        Box::new(password.map(|password| i64::from(password.tries))),
        Box::new(sent_since.0.cast_signed()),
        Box::new(i64::from(*sent)),
        Box::new(i64::from(*addressed)),
    ]
}

fn address_params(customer: CustomerId, addresses: &[Address]) -> Vec<Param> {
    let column = |of: fn(&Address) -> i64| addresses.iter().map(of).collect::<Vec<_>>();
    vec![
        id(customer),
        Box::new(column(|address| address.number.into())),
        Box::new(addresses.iter().map(|address| address.label.clone()).collect::<Vec<_>>()),
        Box::new(column(|address| address.door.lat_e7.into())),
        Box::new(column(|address| address.door.lon_e7.into())),
    ]
}

fn cart_batch(customer: CustomerId, kept: &Kept<cart::State>) -> Batch {
    let cart::State { stage, lines, touched_at, quote } = &kept.state;
    let params: Vec<Param> = vec![
        id(customer),
        Box::new(kept.version.0.cast_signed()),
        Box::new(stage.text()),
        Box::new(touched_at.0.cast_signed()),
        Box::new(quote.map(|order| order.0.cast_signed())),
    ];
    let column = |of: fn(&Line) -> u32| lines.iter().map(of).map(i64::from).collect::<Vec<_>>();
    let items: Vec<Param> = vec![
        id(customer),
        Box::new(column(|line| line.sku.0)),
        Box::new(column(|line| line.units)),
    ];
    vec![(Does::SaveCart, params), (Does::CutItems, vec![id(customer)]), (Does::SaveItems, items)]
}

impl Accounts for Postgres {
    async fn user(&self, customer: CustomerId) -> Result<Kept<user::State>, PortError> {
        let statements =
            vec![(Does::User, vec![id(customer)]), (Does::Addresses, vec![id(customer)])];
        let found = self.run(in_snapshot(statements)).await?.rows()?;
        match found[1].first() {
            Some(row) => read_user(row, &found[2]).map_err(corrupt),
            None => Ok(Kept { version: Version(0), state: user::State::default() }),
        }
    }

    async fn owner(&self, phone: Phone) -> Result<Option<CustomerId>, PortError> {
        let params: Vec<Param> = vec![Box::new(phone.0.cast_signed())];
        let found = self.run(vec![(Does::Owner, params)]).await?.rows()?;
        let owner = found[0].first().map(|row| Reader::new(row).int().map(CustomerId));
        owner.transpose().map_err(corrupt)
    }

    async fn save_user(
        &self,
        customer: CustomerId,
        kept: &Kept<user::State>,
    ) -> Result<bool, PortError> {
        let statements = vec![
            (Does::SaveUser, user_params(customer, kept)),
            (Does::CutAddresses, vec![id(customer)]),
            (Does::SaveAddresses, address_params(customer, &kept.state.addresses)),
        ];
        is_saved(self.run(statements).await?)
    }

    async fn cart(&self, customer: CustomerId) -> Result<Kept<cart::State>, PortError> {
        let statements = vec![(Does::Cart, vec![id(customer)]), (Does::Items, vec![id(customer)])];
        let found = self.run(in_snapshot(statements)).await?.rows()?;
        match found[1].first() {
            Some(row) => read_cart(row, &found[2]).map_err(corrupt),
            None => Ok(Kept { version: Version(0), state: cart::State::new(Timestamp(0)) }),
        }
    }

    async fn save_cart(
        &self,
        customer: CustomerId,
        kept: &Kept<cart::State>,
    ) -> Result<bool, PortError> {
        is_saved(self.run(cart_batch(customer, kept)).await?)
    }

    async fn open_sessions(
        &self,
        sessions: &[(SessionId, Session)],
        now: Timestamp,
    ) -> Result<(), PortError> {
        let subjects: Vec<_> = sessions.iter().map(|(_, session)| words(session.subject)).collect();
        let params: Vec<Param> = vec![
            Box::new(sessions.iter().map(|(id, _)| Name(id.0)).collect::<Vec<_>>()),
            Box::new(subjects.iter().map(|(word, _)| *word).collect::<Vec<_>>()),
            Box::new(subjects.iter().map(|(_, number)| *number).collect::<Vec<_>>()),
            Box::new(sessions.iter().map(|(_, s)| s.until.0.cast_signed()).collect::<Vec<_>>()),
        ];
        let limit = i64::try_from(sessions.len() + 1).unwrap_or(i64::MAX);
        let forgotten: Vec<Param> = vec![Box::new(now.0.cast_signed()), Box::new(limit)];
        let statements = vec![(Does::ForgetSessions, forgotten), (Does::OpenSessions, params)];
        self.run(statements).await?.rows().map(drop)
    }

    async fn session(&self, id: SessionId) -> Result<Option<Session>, PortError> {
        let params: Vec<Param> = vec![Box::new(Name(id.0))];
        let found = self.run(vec![(Does::Session, params)]).await?.rows()?;
        found[0].first().map(read_session).transpose().map_err(corrupt)
    }

    async fn close_sessions(&self, subject: Subject) -> Result<(), PortError> {
        let (word, number) = words(subject);
        let params: Vec<Param> = vec![Box::new(word), Box::new(number)];
        self.run(vec![(Does::CloseSessions, params)]).await?.rows().map(drop)
    }
}
