//! Accounts: one-time passwords, sessions, addresses, blocking, and those who guess.

use serde_json::json;

use crate::asking::check;
use crate::client::{Answer, Client};
use crate::{Town, run, run_alone};

const PHONE: &str = "+919876543210";

async fn register(town: &Town, phone: &str) -> String {
    let asked = json!({"phone": phone, "name": "Asha"});
    let answer = town.client.post("/api/users", &asked).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    town.bank.passwords(phone).pop().unwrap()
}

async fn say(client: &Client, phone: &str, password: &str) -> Answer {
    client.post("/api/sessions", &json!({"phone": phone, "password": password})).await
}

/// A client that speaks for whoever registers with a phone, and their number.
async fn registered(town: &Town, phone: &str) -> (Client, String) {
    let password = register(town, phone).await;
    let opened = say(&town.client, phone, &password).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    let opened = opened.json();
    let client = town.client.as_nobody();
    client.speak_for("/api/", opened["token"].as_str().unwrap());
    (client, opened["customer_id"].as_str().unwrap().to_owned())
}

#[test]
fn a_customer_registers_proves_their_phone_and_keeps_addresses() {
    run(async || {
        let town = Town::new().await;
        let (asha, _) = registered(&town, PHONE).await;
        let door = json!({"lat_e7": 190_002_000, "lon_e7": 730_000_000});
        for label in ["home", "Robert'); DROP TABLE users;--"] {
            let asked = json!({"label": label, "door": door});
            assert_eq!(asha.post("/api/addresses", &asked).await.status, 201);
        }
        let kept = asha.get("/api/addresses").await.json();
        assert_eq!(kept["addresses"][1]["label"], "Robert'); DROP TABLE users;--");
        assert_eq!(asha.delete("/api/addresses/0").await.status, 200);
        check(&asha.delete("/api/addresses/0").await, 404, "no such address");
        let kept = asha.get("/api/addresses").await.json();
        assert_eq!(kept["addresses"].as_array().unwrap().len(), 1);
        let bad = json!({"label": "a\nb", "door": door});
        check(&asha.post("/api/addresses", &bad).await, 400, "control characters");
        town.stop().await;
    });
}

#[test]
fn nobody_learns_who_is_a_customer() {
    run(async || {
        let town = Town::new().await;
        register(&town, PHONE).await;
        let asked = |phone: &str| json!({"phone": phone});
        let known = town.client.post("/api/sessions", &asked(PHONE)).await;
        let unknown = town.client.post("/api/sessions", &asked("+919876543211")).await;
        assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
        assert_eq!(known.status, 202);
        assert!(!known.body.contains(&town.bank.passwords(PHONE)[0]));
        let wrong = say(&town.client, PHONE, "x").await;
        assert_eq!(wrong.body, say(&town.client, "+919876543211", "x").await.body);
        check(&wrong, 401, "wrong, used, or too old");
        town.stop().await;
    });
}

#[test]
fn a_password_is_used_once_and_the_last_one_counts() {
    run(async || {
        let town = Town::new().await;
        let first = register(&town, PHONE).await;
        let second = register(&town, PHONE).await;
        if first != second {
            assert_eq!(say(&town.client, PHONE, &first).await.status, 401);
        }
        assert_eq!(say(&town.client, PHONE, &second).await.status, 201);
        assert_eq!(say(&town.client, PHONE, &second).await.status, 401);
        town.stop().await;
    });
}

/// A thousand wrong passwords find nothing, and after them the right one is worth nothing either.
#[test]
fn a_thousand_wrong_passwords_are_refused() {
    run_alone(async || {
        let town = Town::new().await;
        let password = register(&town, PHONE).await;
        let mut limited = 0;
        for guess in 0..1_000 {
            let answer = say(&town.client, PHONE, &format!("x{guess}")).await;
            assert!([401, 429].contains(&answer.status), "{answer:?}");
            limited += u32::from(answer.status == 429);
        }
        assert!(limited > 0, "guessing is slowed down as well");
        let right = json!({"phone": PHONE, "password": password});
        assert_eq!(town.client.post_patiently("/api/sessions", &right).await.status, 401);
        let mut sent = 0;
        for _ in 0..8 {
            let asked = json!({"phone": PHONE});
            let answer = town.client.post_patiently("/api/sessions", &asked).await;
            sent += u32::from(answer.status == 202);
        }
        assert_eq!(sent, 4, "the fifth password was the last for a while");
        assert_eq!(town.bank.passwords(PHONE).len(), 5);
        town.stop().await;
    });
}

#[test]
fn who_is_blocked_is_out_and_who_leaves_is_out() {
    run(async || {
        let town = Town::new().await;
        let (asha, id) = registered(&town, PHONE).await;
        let block = |what: &str| format!("/admin/users/{id}/{what}");
        assert_eq!(town.client.admin("POST", &block("block"), String::new()).await.status, 204);
        let sent = town.bank.passwords(PHONE).len();
        assert_eq!(town.client.post("/api/sessions", &json!({"phone": PHONE})).await.status, 202);
        assert_eq!(town.bank.passwords(PHONE).len(), sent, "no password for who is blocked");
        // A session that was not looked up yet is gone at once.
        check(&asha.get("/api/addresses").await, 401, "needs a session");
        assert_eq!(town.client.admin("POST", &block("unblock"), String::new()).await.status, 204);
        let (asha, again) = registered(&town, PHONE).await;
        assert_eq!(id, again, "it is the same customer");
        assert_eq!(asha.delete("/api/sessions").await.status, 204);
        town.stop().await;
    });
}
