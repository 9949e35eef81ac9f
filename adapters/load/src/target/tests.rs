use super::{ACKNOWLEDGEMENT, Permit, Target, TargetError};

fn permit(host: &str, acknowledgement: &str) -> Permit {
    let acknowledgement = acknowledgement.to_owned();
    Permit { hosts: vec![host.to_owned()], acknowledgement, ceiling_per_s: 10.0, ceiling_us: 1_000 }
}

/// What is said of a URL: where it leads, or the kind of refusal.
fn said(url: &str, permit: Option<&Permit>) -> String {
    match Target::parse(url, permit) {
        Ok(target) => format!("{} {} {:?}", target.address(), target.authority(), target.base()),
        Err(TargetError::Url { reason, .. }) => format!("not a URL: {reason}"),
        Err(TargetError::Foreign { host }) => format!("foreign {host}"),
        Err(other) => other.to_string(),
    }
}

#[test]
fn loopback_may_be_driven_and_nothing_else() {
    let urls = [
        "http://127.0.0.1:8080",
        "http://127.0.0.1:8080/",
        "http://127.8.9.1/shop/v1/",
        "http://[::1]:81",
        "http://[::ffff:127.0.0.1]:81",
        "http://10.0.0.7:8080",
        "http://0.0.0.0:8080",
        "http://[::]:8080",
        "http://example.com",
        "http://localhost.example.com",
        "http://127.1:8080",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com/",
        "http://127.0.0.1#@example.com/",
        "http://127.0.0.1\\@example.com/",
        "https://127.0.0.1",
        "127.0.0.1:8080",
        "http://",
        "http://127.0.0.1:port",
        "http://127.0.0.1:8080/a?b",
        "http://127.0.0.1:8080/a b",
    ];
    let table: String = urls.iter().map(|url| format!("{url} -> {}\n", said(url, None))).collect();
    expect_test::expect![[r#"
        http://127.0.0.1:8080 -> 127.0.0.1:8080 127.0.0.1:8080 ""
        http://127.0.0.1:8080/ -> 127.0.0.1:8080 127.0.0.1:8080 ""
        http://127.8.9.1/shop/v1/ -> 127.8.9.1:80 127.8.9.1 "/shop/v1"
        http://[::1]:81 -> [::1]:81 [::1]:81 ""
        http://[::ffff:127.0.0.1]:81 -> [::ffff:127.0.0.1]:81 [::ffff:127.0.0.1]:81 ""
        http://10.0.0.7:8080 -> foreign 10.0.0.7
        http://0.0.0.0:8080 -> foreign 0.0.0.0
        http://[::]:8080 -> foreign ::
        http://example.com -> foreign example.com
        http://localhost.example.com -> foreign localhost.example.com
        http://127.1:8080 -> foreign 127.1
        http://127.0.0.1.example.com -> foreign 127.0.0.1.example.com
        http://127.0.0.1@example.com/ -> not a URL: has no host, a query, a user, or signs that a URL may not have
        http://127.0.0.1#@example.com/ -> not a URL: has no host, a query, a user, or signs that a URL may not have
        http://127.0.0.1\@example.com/ -> not a URL: has no host, a query, a user, or signs that a URL may not have
        https://127.0.0.1 -> not a URL: does not begin with http://
        127.0.0.1:8080 -> not a URL: does not begin with http://
        http:// -> not a URL: has no host, a query, a user, or signs that a URL may not have
        http://127.0.0.1:port -> not a URL: has a port that is no number
        http://127.0.0.1:8080/a?b -> not a URL: has no host, a query, a user, or signs that a URL may not have
        http://127.0.0.1:8080/a b -> not a URL: has no host, a query, a user, or signs that a URL may not have
    "#]].assert_eq(&table);
}

#[test]
fn a_host_is_driven_when_it_is_listed_and_acknowledged() {
    let url = "http://192.0.2.7:9";
    let check = |permit: &Permit, expected: &str| assert_eq!(said(url, Some(permit)), expected);
    check(&permit("192.0.2.7", ACKNOWLEDGEMENT), "192.0.2.7:9 192.0.2.7:9 \"\"");
    check(&permit("192.0.2.7", "yes"), "foreign 192.0.2.7");
    check(&permit("192.0.2.8", ACKNOWLEDGEMENT), "foreign 192.0.2.7");
    check(&permit("", ACKNOWLEDGEMENT), "foreign 192.0.2.7");
}

#[test]
fn ceilings_are_the_permits() {
    let permit = permit("192.0.2.7", ACKNOWLEDGEMENT);
    let target = Target::parse("http://192.0.2.7:9", Some(&permit)).expect("it is permitted");
    let check = |per_s, lasts_us, allowed| {
        assert_eq!(target.allow(per_s, lasts_us).is_ok(), allowed, "{per_s} for {lasts_us}");
    };
    check(10.0, 1_000, true);
    check(10.1, 1_000, false);
    check(10.0, 1_001, false);
    check(f64::NAN, 1, false);
}
