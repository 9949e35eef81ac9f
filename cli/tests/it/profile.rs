//! A deployment that is not ours, in another language: it is driven by its profile, and a profile
//! that does not fit is explained.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::driver::port;
use super::{Said, dastak, folder, said};

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../adapters/load/examples/corner-shop");

/// The corner shop, and a folder with its profile.
struct Shop {
    dir: TempDir,
    server: Child,
    target: String,
}

impl Shop {
    fn open() -> Self {
        let dir = folder();
        for name in ["profile.toml", "users.csv", "skus.csv", "stores.csv"] {
            fs::copy(Path::new(SHOP).join(name), dir.path().join(name)).unwrap();
        }
        let mut server = Command::new("python3")
            .arg(Path::new(SHOP).join("server.py"))
            .arg(port().to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is installed");
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let target = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { dir, server, target }
    }

    fn drive(&self, more: &[&str]) -> Said {
        let mut command = dastak(self.dir.path());
        command.args(["drive", "midnight-low", "--set", "bengaluru=2", "--target", &self.target]);
        said(command.args(["--profile", "profile.toml"]).args(more))
    }

    /// What a check says once a line of the profile, or of a table, is another.
    #[track_caller]
    fn check(&self, file: &str, from: &str, to: &str, says: &[&str]) {
        let path = self.dir.path().join(file);
        let sound = fs::read_to_string(&path).unwrap();
        assert!(sound.contains(from), "{file} has {from}");
        fs::write(&path, sound.replacen(from, to, 1)).unwrap();
        let said = self.drive(&["--check"]);
        fs::write(&path, sound).unwrap();
        assert_eq!(said.code, Some(2), "{to}: {}{}", said.out, said.err);
        for words in says {
            assert!(said.err.contains(words), "{to}: no {words:?} in\n{}", said.err);
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn a_profile_that_fits_is_shown_step_by_step() {
    let shop = Shop::open();
    let said = shop.drive(&["--check"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    for words in [
        "1 session: POST /v2/login\n",
        r#"  > {"mobile":"+919800000001","pin":"123456"}"#,
        r#"  token = "+919800000001" from /session/ticket"#,
        "  > x-ticket: +919800000001\n",
        r#"{"items":[{"article":"milk-500","count":1},{"article":"bread-w","count":2}],"shop":1}"#,
        "5 cancel: DELETE /v2/orders/C2\n",
        "PASS corner shop: all 5 steps fit\n",
    ] {
        assert!(said.out.contains(words), "no {words:?} in\n{}", said.out);
    }
}

#[test]
fn a_profile_that_does_not_fit_is_explained_at_its_place() {
    let shop = Shop::open();
    // What the deployment does otherwise.
    shop.check(
        "profile.toml",
        r#"order_id = "/order/number" }"#,
        r#"order_id = "/order/id" }"#,
        &[
            r#"order does not fit: order_id: nothing stands at "/order/id"; the answer has at "/order" number"#,
            "profile.toml:44:23",
            "^^^^^^^^^^^ nothing stands there",
        ],
    );
    shop.check(
        "profile.toml",
        "pin = \"{password}\"",
        "pin = \"0\"",
        &["session does not fit: it was answered 401", r#"it says: {"error": "pin"}"#],
    );
    shop.check(
        "profile.toml",
        "NEW = \"placed\"",
        "OLD = \"placed\"",
        &[r#"look does not fit: status: "NEW" at "/order/state" is not among the words"#],
    );
    // What is wrong in the file itself.
    shop.check(
        "profile.toml",
        "{order_id}",
        "{oder_id}",
        &["{oder_id} is not known when look is asked for", "known are: client_ref, door.lat"],
    );
    shop.check("profile.toml", "status = [201]", "statuses = [201]", &["unknown field `statuses`"]);
    shop.check("profile.toml", "= \"delivered\"", "= \"eaten\"", &["\"eaten\" is no word for how"]);
    shop.check("profile.toml", "[steps.quote]", "[steps.price]", &["no part \"price\""]);
    shop.check("profile.toml", "\"customers\"", "\"riders\"", &["only customers are played"]);
    shop.check("profile.toml", "\"users.csv\"", "\"people.csv\"", &["cannot read", "people.csv"]);
    shop.check("users.csv", "+919800000002", "1,2,3", &["users.csv: CSV error: record 2"]);
}

/// A host that is not loopback is not spoken to before its owner's consent is on record.
#[test]
fn consent_is_put_on_record_word_for_word() {
    let shop = Shop::open();
    let consent = "hosts = [\"192.0.2.1\"]\nacknowledgement = \"yes\"\nmax_rate";
    shop.check("profile.toml", "max_rate", consent, &["the acknowledgement is another"]);
    let foreign = |profile: &str| {
        let path = shop.dir.path().join("profile.toml");
        let sound = fs::read_to_string(&path).unwrap();
        fs::write(&path, sound.replacen("max_rate", profile, 1)).unwrap();
        let mut command = dastak(shop.dir.path());
        command.args(["drive", "midnight-low", "--target", "http://192.0.2.1:9"]);
        said(command.args(["--profile", "profile.toml", "--check"]))
    };
    let refused = foreign("hosts = [\"192.0.2.2\"]\nmax_rate");
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("192.0.2.1 is not loopback"), "{}", refused.err);
}

/// Its customers come, and what they saw is judged by itself: the shop shows no journal.
#[test]
fn a_foreign_deployment_is_driven() {
    let shop = Shop::open();
    let driven = shop.drive(&["--rate", "8/s", "--duration", "4s", "--out", "run"]);
    // Among other tests the driver may be late, and says so.
    assert!(matches!(driven.code, Some(0 | 14)), "{}{}", driven.out, driven.err);
    let dir = shop.dir.path();
    let summary: Value =
        serde_json::from_str(&fs::read_to_string(dir.join("run/summary.json")).unwrap()).unwrap();
    let orders = &summary["orders"];
    assert!(orders["delivered"].as_u64().unwrap() >= 10, "{orders}");
    assert_eq!(orders["in_flight"], 0, "{orders}");
    for (id, fared) in
        [("H3", "held"), ("H4", "held"), ("H9", "held"), ("I1", "not observable here")]
    {
        let all = summary["invariants"].as_array().unwrap();
        let one = all.iter().find(|one| one["id"] == id).unwrap();
        assert_eq!(one["status"], fared, "{id}");
    }
    let audited = said(dastak(dir).args(["audit", "run"]));
    assert_eq!(audited.code, Some(0), "{}{}", audited.out, audited.err);
    assert!(audited.out.contains("facts of the history"), "{}", audited.out);
}
