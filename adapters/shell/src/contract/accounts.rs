//! Accounts, carts and sessions.

use domain::cart;
use domain::ids::{CustomerId, OrderId, RiderId, SkuId, StoreId};
use domain::order::Line;
use domain::place::Place;
use domain::time::Timestamp;
use domain::user::{self, Address, Password, Phone, Stage};

use crate::accounts::{AccountError, Accounts, Kept, Session, SessionId, Subject, tell_user};
use crate::join::{Side, together};
use crate::rows::Version;

const CUSTOMER: CustomerId = CustomerId(1 << 31);
const OTHER: CustomerId = CustomerId(7);
const NOW: Timestamp = Timestamp::from_s(5);

fn users() -> Vec<user::State> {
    let address = |number: u32| Address {
        number,
        label: format!("door {number}'; --"),
        door: Place { lat_e7: -5, lon_e7: 730_000_000 },
    };
    let user = |at: usize, stage| user::State {
        stage,
        phone: Phone(919_876_543_210 + at as u64),
        name: format!("आशा {at}"),
        password: at.is_multiple_of(2).then_some(Password {
            digest: u128::MAX - 9,
            until: Timestamp(11),
            tries: 3,
        }),
        sent_since: Timestamp(12),
        sent: 4,
        addressed: 9,
        addresses: (0..3 - u32::try_from(at).expect("few")).rev().map(address).collect(),
    };
    let stages = [Stage::New, Stage::Active, Stage::Blocked];
    stages.into_iter().enumerate().map(|(at, stage)| user(at, stage)).collect()
}

pub(super) async fn what_is_not_there_is_blank<A: Accounts>(accounts: &A) {
    let user = accounts.user(CUSTOMER).await.expect("a user is read");
    assert_eq!(user, Kept { version: Version(0), state: user::State::default() });
    let cart = accounts.cart(CUSTOMER).await.expect("a cart is read");
    assert_eq!(cart, Kept { version: Version(0), state: cart::State::new(Timestamp(0)) });
    assert_eq!(accounts.owner(Phone(12_345_678)).await, Ok(None));
    assert_eq!(accounts.session(SessionId(1)).await, Ok(None));
}

pub(super) async fn every_account_comes_back<A: Accounts>(accounts: &A) {
    for (version, state) in (0..).map(Version).zip(users()) {
        let phone = state.phone;
        let kept = Kept { version, state };
        assert_eq!(accounts.save_user(CUSTOMER, &kept).await, Ok(true));
        let next = Kept { version: version.next(), ..kept };
        assert_eq!(accounts.user(CUSTOMER).await, Ok(next));
        assert_eq!(accounts.owner(phone).await, Ok(Some(CUSTOMER)));
    }
}

pub(super) async fn every_cart_comes_back<A: Accounts>(accounts: &A) {
    for (at, &stage) in (0_u32..).zip(cart::Stage::ALL) {
        let line = |sku: u32| Line { sku: SkuId(90 - sku), units: 1 + sku };
        let state = cart::State {
            stage,
            lines: (0..at).map(line).collect(),
            touched_at: Timestamp(at.into()),
            quote: at.is_multiple_of(2).then_some(OrderId((3 << 48) | u64::from(at))),
        };
        let version = Version(at.into());
        let kept = Kept { version, state };
        assert_eq!(accounts.save_cart(CUSTOMER, &kept).await, Ok(true));
        let next = Kept { version: version.next(), ..kept };
        assert_eq!(accounts.cart(CUSTOMER).await, Ok(next));
    }
}

pub(super) async fn what_lost_a_race_is_not_written<A: Accounts>(accounts: &A) {
    let state = users().remove(0);
    let first = Kept { version: Version(0), state };
    assert_eq!(accounts.save_user(CUSTOMER, &first).await, Ok(true));
    let renamed = user::State { name: "other".to_owned(), ..first.state.clone() };
    for version in [0, 2].map(Version) {
        let lost = Kept { version, state: renamed.clone() };
        assert_eq!(accounts.save_user(CUSTOMER, &lost).await, Ok(false), "{version:?}");
    }
    let kept = accounts.user(CUSTOMER).await.expect("a user is read");
    assert_eq!(kept, Kept { version: Version(1), ..first });
    let cart = Kept { version: Version(1), state: cart::State::new(NOW) };
    assert_eq!(accounts.save_cart(CUSTOMER, &cart).await, Ok(false));
}

pub(super) async fn a_number_is_of_one_customer<A: Accounts>(accounts: &A) {
    let kept = Kept { version: Version(0), state: users().remove(0) };
    assert_eq!(accounts.save_user(CUSTOMER, &kept).await, Ok(true));
    assert_eq!(accounts.save_user(OTHER, &kept).await, Ok(false));
    assert_eq!(accounts.owner(kept.state.phone).await, Ok(Some(CUSTOMER)));
    assert_eq!(accounts.user(OTHER).await.map(|user| user.version), Ok(Version(0)));
}

pub(super) async fn sessions_stand_until_they_are_ended<A: Accounts>(accounts: &A) {
    let subjects = [
        Subject::Customer(CUSTOMER),
        Subject::Rider(RiderId(3)),
        Subject::Store(StoreId(3)),
        Subject::Customer(CUSTOMER),
    ];
    let session = |at: usize| {
        let until = Timestamp(at as u64);
        (SessionId(u128::MAX - at as u128), Session { subject: subjects[at], until })
    };
    let sessions: Vec<_> = (0..subjects.len()).map(session).collect();
    assert_eq!(accounts.open_sessions(&sessions, Timestamp(0)).await, Ok(()));
    for (id, session) in &sessions {
        assert_eq!(accounts.session(*id).await, Ok(Some(*session)));
    }
    assert_eq!(accounts.close_sessions(subjects[0]).await, Ok(()));
    for (id, session) in &sessions {
        let left = (session.subject != subjects[0]).then_some(*session);
        assert_eq!(accounts.session(*id).await, Ok(left));
    }
}

/// Many add an address to one account at the same time.
pub(super) async fn of_many_changes_none_is_lost<A: Accounts>(accounts: &A) {
    const RACERS: u32 = 6;
    let kept = Kept { version: Version(0), state: users().remove(2) };
    let state = user::State { stage: Stage::Active, addressed: 0, addresses: vec![], ..kept.state };
    let kept = Kept { state, ..kept };
    assert_eq!(accounts.save_user(CUSTOMER, &kept).await, Ok(true));
    let racer = |at: u32| async move {
        let door = Place { lat_e7: 1, lon_e7: 2 };
        let command = user::Command::AddAddress { label: at.to_string(), door };
        let rules = user::Rules::default();
        let told = tell_user(accounts, &rules, CUSTOMER, &command, NOW).await;
        assert!(told.is_ok(), "{told:?}");
    };
    together((0..RACERS).map(|at| -> Side<'_> { Box::pin(racer(at)) }).collect(), usize::MAX).await;
    let user = accounts.user(CUSTOMER).await.expect("a user is read");
    let mut labels: Vec<_> = user.state.addresses.iter().map(|a| a.label.clone()).collect();
    labels.sort();
    assert_eq!(labels, (0..RACERS).map(|at| at.to_string()).collect::<Vec<_>>());
    let unknown = user::Command::RemoveAddress { number: 99 };
    let rules = user::Rules::default();
    let refused = tell_user(accounts, &rules, CUSTOMER, &unknown, NOW).await;
    assert_eq!(refused, Err(AccountError::Refused(user::Refusal::NoSuchAddress)));
}
