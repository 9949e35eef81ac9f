//! Accounts: registering, one-time passwords, sessions, addresses.
//!
//! Whoever asks for an account or a password is answered the same, whether the number is known or
//! not: nobody learns who is a customer. A password leaves by the SMS provider alone.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::CustomerId;
use domain::user::{Command, Event, Phone, Refusal, State as User};
use shell::clock::WallClock;
use shell::{AccountError, Accounts, Clock, Database, Numbers, Session, Subject, tell_user};

use crate::api::{Api, Doc};
use crate::app::{App, Shared, World};
use crate::auth::{Customer, May};
use crate::backend::Backend;
use crate::extract::{At, Json};
use crate::problem::Problem;
use crate::token;
use crate::wire::user::{
    AddressAsked, AddressShown, AddressesShown, PasswordSent, SessionAsked, SessionOpened,
    UserAsked,
};
use crate::wire::{Decimal, json};

/// Customers who made an account themselves count from here; those below are played by agents.
pub(crate) const FIRST_CUSTOMER: u32 = 1 << 31;

pub(super) fn routes<B: Backend>(api: Api<B>) -> Api<B> {
    let address = "/api/addresses/{address}";
    api.post(
        "/api/users",
        May::Anyone,
        register::<B>,
        Doc::says("Makes an account, and sends a one-time password to its phone.")
            .takes::<UserAsked>()
            .gives::<PasswordSent>(StatusCode::ACCEPTED),
    )
    .post(
        "/api/sessions",
        May::Anyone,
        session::<B>,
        Doc::says("Sends a one-time password; with one, opens a session.")
            .takes::<SessionAsked>()
            .gives::<SessionOpened>(StatusCode::CREATED)
            .gives::<PasswordSent>(StatusCode::ACCEPTED),
    )
    .delete(
        "/api/sessions",
        May::Customer,
        close::<B>,
        Doc::says("Ends all sessions of the customer, everywhere within a minute.")
            .answers(StatusCode::NO_CONTENT, None),
    )
    .get(
        "/api/addresses",
        May::Customer,
        addresses::<B>,
        Doc::says("The customer's addresses.").gives::<AddressesShown>(StatusCode::OK),
    )
    .post(
        "/api/addresses",
        May::Customer,
        add_address::<B>,
        Doc::says("Keeps an address.")
            .takes::<AddressAsked>()
            .gives::<AddressesShown>(StatusCode::CREATED),
    )
    .delete(
        address,
        May::Customer,
        remove_address::<B>,
        Doc::says("Forgets an address.").gives::<AddressesShown>(StatusCode::OK),
    )
}

/// How the rules' refusals are told.
impl From<AccountError<Refusal>> for Problem {
    fn from(error: AccountError<Refusal>) -> Self {
        match error {
            AccountError::Port(error) => error.into(),
            AccountError::Contended => Self::unavailable(error.to_string()),
            AccountError::Refused(why) => {
                let status = match why {
                    Refusal::BadText { .. } => StatusCode::BAD_REQUEST,
                    Refusal::NotRegistered | Refusal::NoSuchAddress => StatusCode::NOT_FOUND,
                    Refusal::TooManyPasswords => StatusCode::TOO_MANY_REQUESTS,
                    Refusal::Blocked => StatusCode::FORBIDDEN,
                    Refusal::NoPassword => StatusCode::UNAUTHORIZED,
                    Refusal::Registered | Refusal::TooManyAddresses { .. } => StatusCode::CONFLICT,
                };
                Self::new(status, why.to_string())
            }
        }
    }
}

fn phone_of(text: &str) -> Result<Phone, Problem> {
    let why = "phone is a plus and 8 to 15 digits, such as +919876543210";
    Phone::from_text(text).ok_or_else(|| Problem::bad_request(why))
}

/// Tells an account something.
pub(crate) async fn tell<B: Backend>(
    app: &App<B>,
    world: &World<B::Database>,
    customer: CustomerId,
    command: Command,
) -> Result<(User, Vec<Event>), Problem> {
    let accounts = world.shell.database();
    Ok(tell_user(accounts, &app.users, customer, &command, WallClock.now()).await?)
}

/// `POST /api/users`.
async fn register<B: Backend>(
    State(app): State<Shared<B>>,
    Json(asked): Json<UserAsked>,
) -> Result<Response, Problem> {
    let (phone, name) = (phone_of(&asked.phone)?, asked.name);
    let world = app.world()?;
    app.limits.doorstep()?;
    let database = world.shell.database();
    let customer = match database.owner(phone).await? {
        Some(customer) => customer,
        None => {
            let number = database.draw(Numbers::Customers, 1).await?;
            let number = u32::try_from(number).ok().and_then(|n| FIRST_CUSTOMER.checked_add(n));
            let number = number.ok_or_else(|| Problem::unavailable("no more customers"))?;
            let register = Command::Register { phone, name };
            match tell(&app, &world, CustomerId(number), register).await {
                Ok(_) => CustomerId(number),
                // Somebody else was quicker with the same number: it is theirs.
                Err(problem) => database.owner(phone).await?.ok_or(problem)?,
            }
        }
    };
    send_password(&app, &world, customer, phone).await
}

/// `POST /api/sessions`.
async fn session<B: Backend>(
    State(app): State<Shared<B>>,
    Json(asked): Json<SessionAsked>,
) -> Result<Response, Problem> {
    let phone = phone_of(&asked.phone)?;
    let world = app.world()?;
    app.limits.doorstep()?;
    let owner = world.shell.database().owner(phone).await?;
    match (asked.password, owner) {
        (None, Some(customer)) => send_password(&app, &world, customer, phone).await,
        (None, None) => Ok(was_sent(&app)),
        (Some(_), None) => Err(wrong()),
        (Some(password), Some(customer)) => prove(&app, &world, customer, &password).await,
    }
}

fn wrong() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "the password is wrong, used, or too old")
}

fn was_sent<B: Backend>(app: &App<B>) -> Response {
    let usable_s = app.users.password_ttl.0 / 1_000;
    json(StatusCode::ACCEPTED, &PasswordSent { usable_s })
}

async fn send_password<B: Backend>(
    app: &App<B>,
    world: &World<B::Database>,
    customer: CustomerId,
    phone: Phone,
) -> Result<Response, Problem> {
    let password = token::password();
    let digest = token::password_digest(customer, &password);
    match tell(app, world, customer, Command::SendPassword { digest }).await {
        // Who is blocked is told nothing that a stranger would not be.
        Err(problem) if problem.is(StatusCode::FORBIDDEN) => {}
        told => {
            told?;
            app.provider.send_password(phone, &password).await?;
        }
    }
    Ok(was_sent(app))
}

async fn prove<B: Backend>(
    app: &App<B>,
    world: &World<B::Database>,
    customer: CustomerId,
    password: &str,
) -> Result<Response, Problem> {
    let digest = token::password_digest(customer, password);
    let told = tell(app, world, customer, Command::Prove { digest }).await;
    match told {
        Ok((_, events)) if events.contains(&Event::Proved) => {}
        Err(problem) if problem.is(StatusCode::SERVICE_UNAVAILABLE) => return Err(problem),
        Ok(_) | Err(_) => return Err(wrong()),
    }
    let (token, now) = (token::fresh(), WallClock.now());
    let until = now + app.users.session_ttl;
    let id = token::session(&token).expect("a fresh token is one");
    let session = Session { subject: Subject::Customer(customer), until };
    world.shell.database().open_sessions(&[(id, session)], now).await?;
    let (customer_id, expires_at_us) = (Decimal(customer.0), until.0);
    Ok(json(StatusCode::CREATED, &SessionOpened { token, customer_id, expires_at_us }))
}

/// `DELETE /api/sessions`.
async fn close<B: Backend>(
    State(app): State<Shared<B>>,
    Customer(customer): Customer,
) -> Result<StatusCode, Problem> {
    app.world()?.shell.database().close_sessions(Subject::Customer(customer)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(status: StatusCode, user: &User) -> Response {
    let addresses = user.addresses.iter().map(AddressShown::of).collect();
    json(status, &AddressesShown { addresses })
}

/// `GET /api/addresses`.
async fn addresses<B: Backend>(
    State(app): State<Shared<B>>,
    Customer(customer): Customer,
) -> Result<Response, Problem> {
    let kept = app.world()?.shell.database().user(customer).await?;
    Ok(shown(StatusCode::OK, &kept.state))
}

/// `POST /api/addresses`.
async fn add_address<B: Backend>(
    State(app): State<Shared<B>>,
    Customer(customer): Customer,
    Json(AddressAsked { label, door }): Json<AddressAsked>,
) -> Result<Response, Problem> {
    let world = app.world()?;
    let add = Command::AddAddress { label, door: door.into() };
    let (user, _) = tell(&app, &world, customer, add).await?;
    Ok(shown(StatusCode::CREATED, &user))
}

/// `DELETE /api/addresses/{address}`.
async fn remove_address<B: Backend>(
    State(app): State<Shared<B>>,
    Customer(customer): Customer,
    At(number): At<u32>,
) -> Result<Response, Problem> {
    let world = app.world()?;
    let (user, _) = tell(&app, &world, customer, Command::RemoveAddress { number }).await?;
    Ok(shown(StatusCode::OK, &user))
}
