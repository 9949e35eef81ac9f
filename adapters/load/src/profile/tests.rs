use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Known, Part, Profile, StepMap, Tables, names};

fn rows(cells: &[(&str, &str)]) -> Vec<BTreeMap<String, String>> {
    let row = |(name, cell): &(&str, &str)| [((*name).to_owned(), (*cell).to_owned())].into();
    cells.iter().map(row).collect()
}

fn profile() -> Profile {
    let tables = Tables {
        users: rows(&[("phone", "+91 1"), ("phone", "+91 2")]),
        skus: rows(&[("code", "17"), ("code", "A/B")]),
        stores: rows(&[("id", "s1")]),
        one_time_password: Some("000000".to_owned()),
    };
    let headers = [("authorization".to_owned(), "Bearer {token}".to_owned())].into();
    Profile { tables, headers, ..Profile::default() }
}

fn known() -> Known {
    let mut known = profile().wants(3, 9, &[(0, 2), (1, 5)]);
    known.insert("key".to_owned(), Value::from("k-1"));
    known
}

/// A template of a body, and what it is filled to, or the name that is not known.
#[track_caller]
fn check(body: Value, line: Option<Value>, is: Result<Value, &str>) {
    let step = StepMap { path: "/".to_owned(), body: Some(body), line, ..StepMap::default() };
    let filled = profile().fill(&step, &known());
    let filled = filled.map(|filled| serde_json::from_str(&filled.body.unwrap()).unwrap());
    assert_eq!(filled.map_err(|unknown| unknown.name), is.map_err(str::to_owned));
}

#[test]
fn templates_are_filled() {
    check(json!({"who": "{user.phone}", "n": 1}), None, Ok(json!({"who": "+91 2", "n": 1})));
    check(json!("at {store.id} with {password}"), None, Ok(json!("at s1 with 000000")));
    let line = json!({"sku": "{sku.code}", "count": "{units}"});
    let both = json!([{"sku": "17", "count": 2}, {"sku": "A/B", "count": 5}]);
    check(
        json!({"cart": ["{key}", {"of": "{lines}"}]}),
        Some(line),
        Ok(json!({"cart": ["k-1", {"of": both}]})),
    );
    check(json!("{lines}"), Some(json!("{units}")), Ok(json!([2, 5])));
    check(json!("{nobody}"), None, Err("nobody"));
    check(json!("{user.phone:number}"), None, Err("user.phone:number"));
    check(json!("{lines}"), Some(json!("{sku.id}")), Err("sku.id"));
    check(json!({"password": "{password:number}"}), None, Err("password:number"));
}

#[test]
fn paths_and_headers_are_filled() {
    let mut known = known();
    known.insert("order_id".to_owned(), Value::from("a b/c"));
    let step = StepMap {
        path: "/orders/{order_id}?by={user.phone}".to_owned(),
        headers: [("x-key".to_owned(), "{key}".to_owned())].into(),
        ..StepMap::default()
    };
    let filled = profile().fill(&step, &known).unwrap();
    assert_eq!((filled.method.word(), filled.body), ("GET", None));
    assert_eq!(filled.path, "/orders/a%20b%2Fc?by=%2B91%202");
    // Nobody is in yet: what needs a token is left out, and comes with it.
    let key = ("x-key".to_owned(), "k-1".to_owned());
    assert_eq!(filled.headers, std::slice::from_ref(&key));
    known.insert("token".to_owned(), Value::from("t"));
    let token = ("authorization".to_owned(), "Bearer t".to_owned());
    assert_eq!(profile().fill(&step, &known).unwrap().headers, [token, key]);
    assert_eq!(names("a {b} c {d:number}{e").collect::<Vec<_>>(), ["b", "d"]);
}

fn look() -> StepMap {
    let answer = [("order_id", "/order/id"), ("status", "/order/state"), ("version", "/v")];
    StepMap {
        answer: answer.map(|(name, at)| (name.to_owned(), at.to_owned())).into(),
        words: [("DONE".to_owned(), "delivered".to_owned())].into(),
        ..StepMap::default()
    }
}

/// An answer, and what is read from it, or what is wrong.
#[track_caller]
fn reads(step: &StepMap, status: u16, body: &str, is: Result<Value, &str>) {
    let read = step.read(status, body.as_bytes()).map(|read| json!(read));
    assert_eq!(read.map_err(|mismatch| mismatch.to_string()), is.map_err(str::to_owned));
}

#[test]
fn answers_are_read_or_explained() {
    let step = look();
    let sound = r#"{"order":{"id":"A1","state":"DONE"},"v":"3"}"#;
    reads(&step, 200, sound, Ok(json!({"order_id": "A1", "status": "delivered", "version": 3})));
    let ours = sound.replace("DONE", "picking");
    reads(&step, 200, &ours, Ok(json!({"order_id": "A1", "status": "picking", "version": 3})));
    reads(
        &step,
        404,
        "no such\n order",
        Err("it was answered 404, and success is 200 to 299; it says: no such order"),
    );
    let only = StepMap { status: vec![201, 202], ..look() };
    reads(&only, 200, "", Err("it was answered 200, and success is 201 or 202; it says: nothing"));
    reads(&step, 200, "<html>", Err("the answer is no JSON; it says: <html>"));
    reads(
        &step,
        200,
        r#"{"order":{"number":1,"state":"DONE"},"v":3}"#,
        Err(r#"order_id: nothing stands at "/order/id"; the answer has at "/order" number, state"#),
    );
    reads(
        &step,
        200,
        r#"{"id":1}"#,
        Err(r#"order_id: nothing stands at "/order/id"; the answer has at its top id"#),
    );
    reads(
        &step,
        200,
        &sound.replace("DONE", "GONE"),
        Err(r#"status: "GONE" at "/order/state" is not among the words of the step: DONE"#),
    );
    reads(
        &step,
        200,
        &sound.replace(r#""3""#, "3.5"),
        Err(r#"version: 3.5 stands at "/v", which is no whole number"#),
    );
    reads(
        &step,
        200,
        &sound.replace(r#""A1""#, "[]"),
        Err(r#"order_id: [] stands at "/order/id", which is neither a text nor a number"#),
    );
}

#[test]
fn parts_have_their_names() {
    assert!(Part::ALL.iter().all(|(part, name)| part.name() == *name));
}
