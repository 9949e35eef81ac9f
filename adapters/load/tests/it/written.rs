//! The history says of every operation what its sender saw.

use std::collections::BTreeMap;
use std::io::{self, Write};

use dastak_load::echo::Stall;
use dastak_load::history::Touch;
use dastak_load::verdict::Reason;
use dastak_load::{Answer, Operation, Request, Seen, Setup, Shape, Step, Verdict, Visit, run};
use serde_json::Value;

use crate::{Paper, S, echo, knock, schedule, setup};

async fn order(mut visit: Visit) {
    let key = format!("k{}", visit.arrival().index);
    let keys = [Touch { key: 17, units: 2 }];
    let look = |answer: &Answer| Seen {
        id: Some("4711".to_owned()),
        amount_paise: Some(9_900),
        ..Seen::status(answer)
    };
    let request = Request::post("/orders", b"{}").keyed(&key);
    let operation = Operation::new(Step(0), request).about(&keys).look(&look);
    // What became of it is in the history.
    let _ = visit.perform(&operation).await;
}

#[test]
fn every_operation_has_two_lines() {
    let server = echo(None);
    let shape = Shape::new().hold(400.0, S / 4);
    let setup = Setup { lanes: 2, ..setup(server.address(), &shape) };
    let paper = Paper::default();
    let history: Box<dyn Write + Send> = Box::new(paper.clone());
    let outcome =
        run(&setup, &schedule(&shape), order, Some(history), |_| ()).expect("it is there");
    let sent = outcome.record.whole().operations.sent;
    let lines = paper.lines();
    let (opening, closing) = (&lines[0], &lines[lines.len() - 1]);
    assert_eq!((&opening["kind"], &opening["schema_version"]), (&"opening".into(), &1.into()));
    assert_eq!(closing["kind"], "closing");
    assert_eq!((&closing["lines"], &closing["lost"]), (&(2 * sent).into(), &0.into()));
    let mut ops: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
    for line in &lines[1..lines.len() - 1] {
        ops.entry(line["op"].as_u64().expect("a number")).or_default().push(line);
    }
    assert_eq!(ops.len() as u64, sent);
    for lines in ops.values() {
        let [invoke, ok] = lines[..] else { panic!("{lines:?}") };
        assert_eq!((&invoke["kind"], &ok["kind"]), (&"invoke".into(), &"ok".into()));
        let time = |line: &Value, name: &str| line[name].as_u64().expect("a time");
        let sent_us = time(invoke, "sent_us");
        assert!(time(invoke, "intended_us") <= sent_us && sent_us <= time(ok, "done_us"));
    }
}

#[test]
fn lines_have_these_columns() {
    let server = echo(Some(Stall { at_request: 1, for_ms: 400 }));
    let shape = Shape::new().hold(20.0, S / 4);
    let setup = Setup { time_out_ms: 150, ..setup(server.address(), &shape) };
    let paper = Paper::default();
    let history: Box<dyn Write + Send> = Box::new(paper.clone());
    run(&setup, &schedule(&shape), order, Some(history), |_| ()).expect("it is there");
    let mut seen = String::new();
    for line in paper.lines() {
        // Sorted by name, whatever order the parser keeps.
        let mut line: BTreeMap<String, Value> = serde_json::from_value(line).expect("an object");
        // What differs from run to run is left out; that it is there is not.
        for (name, value) in &mut line {
            if name.ends_with("_us") || name == "target" {
                *value = "…".into();
            }
        }
        let op = line.get("op");
        let first_or_fault = op.is_none() || op == Some(&0.into()) || line["kind"] == "unknown";
        if first_or_fault && seen.lines().count() < 4 {
            seen += &(serde_json::to_string(&line).expect("it is JSON") + "\n");
        }
    }
    expect_test::expect![[r#"
        {"kind":"opening","schema_version":1,"started_unix_us":"…","target":"…"}
        {"arrival":0,"idempotency_key":"k0","intended_us":"…","keys":[{"key":17,"units":2}],"kind":"invoke","op":0,"phase":"hold","request":"3eea7b092ae1cbd2","sent_us":"…","step":"knock"}
        {"amount_paise":9900,"answer":"6e04d9ae0427e64e","done_us":"…","id":"4711","kind":"ok","op":0,"status":200}
        {"done_us":"…","fault":"timed_out","kind":"unknown","op":1}
    "#]].assert_eq(&seen);
}

/// A disk that is full.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_run_without_its_evidence_is_invalid() {
    let server = echo(None);
    let shape = Shape::new().hold(200.0, S / 4);
    let setup = setup(server.address(), &shape);
    let outcome =
        run(&setup, &schedule(&shape), knock, Some(Box::new(Full)), |_| ()).expect("it is there");
    let sent = outcome.record.whole().operations.sent;
    assert_eq!(outcome.verdict, Verdict::Invalid(vec![Reason::EvidenceLost { lines: 2 * sent }]));
}
