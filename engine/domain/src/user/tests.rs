//! The life of an account, its limits, and what guessing can do.

use expect_test::expect;
use proptest::prelude::*;

use super::*;

const PHONE: Phone = Phone(919_876_543_210);
const DOOR: Place = Place { lat_e7: 1, lon_e7: 2 };
const NOW: Timestamp = Timestamp::from_s(1_000);

fn rules() -> Rules {
    Rules { password_tries: 2, passwords_sent: 2, max_addresses: 1, ..Rules::default() }
}

fn hear(user: &mut State, command: Command, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let mut events = Vec::new();
    let heard = decide(&rules(), user, command, now, &mut events);
    assert!(heard.is_ok() || events.is_empty(), "a refusal changes nothing");
    events.iter().for_each(|event| user.evolve(event, now));
    heard.map(|()| events)
}

fn register() -> Command {
    Command::Register { phone: PHONE, name: "Asha".to_owned() }
}

fn home() -> Command {
    Command::AddAddress { label: "home".to_owned(), door: DOOR }
}

const SEND: Command = Command::SendPassword { digest: 7 };
const RIGHT: Command = Command::Prove { digest: 7 };
const WRONG: Command = Command::Prove { digest: 8 };

fn user(commands: &[Command]) -> State {
    let mut user = State::default();
    for command in commands {
        hear(&mut user, command.clone(), NOW).unwrap();
    }
    user
}

#[test]
fn transition_table() {
    let users = [
        ("none", user(&[])),
        ("new", user(&[register()])),
        ("asked", user(&[register(), SEND])),
        ("missed", user(&[register(), SEND, WRONG])),
        ("active", user(&[register(), SEND, RIGHT, home()])),
        ("blocked", user(&[register(), Command::Block])),
    ];
    let other = Command::Register { phone: PHONE, name: "Ravi".to_owned() };
    let late = Timestamp(NOW.0 + 300_000_000);
    let commands = [
        ("register", register(), NOW),
        ("register as another", other, NOW),
        ("send", SEND, NOW),
        ("right", RIGHT, NOW),
        ("right, late", RIGHT, late),
        ("wrong", WRONG, NOW),
        ("add address", home(), NOW),
        ("remove address", Command::RemoveAddress { number: 0 }, NOW),
        ("block", Command::Block, NOW),
        ("unblock", Command::Unblock, NOW),
    ];
    let mut table = String::new();
    for (is, user) in &users {
        for (said, command, now) in &commands {
            let mut next = user.clone();
            let told = match hear(&mut next, command.clone(), *now) {
                Ok(events) if events.is_empty() => continue,
                Ok(events) => format!("{:?}", events[0]),
                Err(no) => format!("no: {no}"),
            };
            let told = told.split([' ', '{']).take(if told.starts_with("no") { 99 } else { 1 });
            let told: Vec<&str> = told.collect();
            table += &format!("{is} + {said}: {} ({})\n", told.join(" "), next.stage);
        }
    }
    expect![[r#"
        none + register: Registered (new)
        none + register as another: Registered (new)
        none + send: no: there is no account (none)
        none + right: no: there is no account (none)
        none + right, late: no: there is no account (none)
        none + wrong: no: there is no account (none)
        none + add address: no: there is no account (none)
        none + remove address: no: there is no account (none)
        none + block: no: there is no account (none)
        none + unblock: no: there is no account (none)
        new + register as another: no: there is an account already (new)
        new + send: PasswordSent (new)
        new + right: no: no password can be used: ask for another (new)
        new + right, late: no: no password can be used: ask for another (new)
        new + wrong: no: no password can be used: ask for another (new)
        new + add address: AddressAdded (new)
        new + remove address: no: there is no such address (new)
        new + block: Blocked (blocked)
        asked + register as another: no: there is an account already (new)
        asked + send: PasswordSent (new)
        asked + right: Proved (active)
        asked + right, late: no: no password can be used: ask for another (new)
        asked + wrong: PasswordMissed (new)
        asked + add address: AddressAdded (new)
        asked + remove address: no: there is no such address (new)
        asked + block: Blocked (blocked)
        missed + register as another: no: there is an account already (new)
        missed + send: PasswordSent (new)
        missed + right: Proved (active)
        missed + right, late: no: no password can be used: ask for another (new)
        missed + wrong: PasswordMissed (new)
        missed + add address: AddressAdded (new)
        missed + remove address: no: there is no such address (new)
        missed + block: Blocked (blocked)
        active + register as another: no: there is an account already (active)
        active + send: PasswordSent (active)
        active + right: no: no password can be used: ask for another (active)
        active + right, late: no: no password can be used: ask for another (active)
        active + wrong: no: no password can be used: ask for another (active)
        active + add address: no: at most 1 addresses are kept (active)
        active + remove address: AddressRemoved (active)
        active + block: Blocked (blocked)
        blocked + register as another: no: there is an account already (blocked)
        blocked + send: no: the account is blocked (blocked)
        blocked + right: no: the account is blocked (blocked)
        blocked + right, late: no: the account is blocked (blocked)
        blocked + wrong: no: the account is blocked (blocked)
        blocked + add address: no: the account is blocked (blocked)
        blocked + remove address: no: the account is blocked (blocked)
        blocked + unblock: Unblocked (new)
    "#]]
    .assert_eq(&table);
}

#[test]
fn what_is_said_again_changes_nothing_twice() {
    let mut user = user(&[register(), SEND, RIGHT]);
    for command in [register(), Command::Unblock] {
        assert_eq!(hear(&mut user, command, NOW), Ok(Vec::new()));
    }
    assert_eq!(hear(&mut user, RIGHT, NOW), Err(Refusal::NoPassword), "a password is used once");
}

#[test]
fn a_number_of_an_address_is_never_used_again() {
    let mut user = user(&[register(), home(), Command::RemoveAddress { number: 0 }]);
    hear(&mut user, home(), NOW).unwrap();
    assert_eq!(user.addresses[0].number, 1);
}

#[test]
fn phone_numbers_are_digits_after_a_plus() {
    for (text, phone) in [
        ("+919876543210", Some(PHONE)),
        ("919876543210", None),
        ("+0919876543", None),
        ("+1234567", None),
        ("+1234567890123456", None),
        ("+91 9876543210", None),
        ("+٩١٩٨٧٦٥٤", None),
    ] {
        assert_eq!(Phone::from_text(text), phone, "{text}");
    }
}

#[test]
fn names_are_short_and_plain() {
    for (name, is_fine) in
        [("Robert'); DROP TABLE users;--", true), ("", false), ("a\nb", false), ("आशा", true)]
    {
        let register = Command::Register { phone: PHONE, name: name.to_owned() };
        let heard = hear(&mut State::default(), register, NOW);
        assert_eq!(heard.is_ok(), is_fine, "{name:?}");
    }
    let long = Command::Register { phone: PHONE, name: "a".repeat(101) };
    let refused = hear(&mut State::default(), long, NOW);
    assert_eq!(refused, Err(Refusal::BadText { text_bytes: 100 }));
}

proptest! {
    /// Whatever a guesser does and however fast, no window sees more guesses than passwords sent
    /// in it and in the end of the one before have tries.
    #[test]
    fn guesses_are_few(script in prop::collection::vec((any::<bool>(), 0_u64..200_000_000), 0..400)) {
        let (mut user, mut now) = (user(&[register()]), NOW);
        let (mut guesses, window) = (Vec::new(), u64::from(rules().sent_window.0) * 1_000);
        for (sends, step) in script {
            now = Timestamp(now.0 + step / 10);
            let command = if sends { SEND } else { WRONG };
            if hear(&mut user, command, now).is_ok() && !sends {
                guesses.push(now.0);
            }
        }
        for from in &guesses {
            let within = guesses.iter().filter(|at| (*from..from + window).contains(at)).count();
            prop_assert!(within <= usize::from(rules().passwords_sent * rules().password_tries) * 2);
        }
    }
}
