use proptest::prelude::*;
use verify::history::{Fate, Step};
use verify::witness::{Verb, What};

use super::Live;

const HISTORY: &str = r#"{"kind":"opening","schema_version":1,"started_unix_us":1000,"target":"127.0.0.1:8080"}
{"kind":"invoke","op":1,"arrival":7,"step":"order","phase":"all","keys":[{"key":4294967297,"units":2}],"idempotency_key":"a","request":"00000000000000ff","intended_us":10,"sent_us":11}
{"kind":"ok","op":1,"done_us":20,"status":201,"answer":"000000000000000a","id":"42"}
{"kind":"invoke","op":2,"arrival":7,"step":"look","phase":"all","request":"0000000000000001","intended_us":30,"sent_us":31}
{"kind":"ok","op":2,"done_us":40,"status":200,"answer":"000000000000000b","id":"42","version":3,"units":0,"amount_paise":100,"word":"confirmed"}
{"kind":"invoke","op":3,"arrival":9,"step":"ping","phase":"all","request":"0000000000000001","intended_us":30,"sent_us":31}
{"kind":"unknown","op":3,"done_us":90,"fault":"timed_out"}
{"kind":"invoke","op":4,"arrival":8,"step":"order","phase":"all","request":"0000000000000002","intended_us":30,"sent_us":31}
{"kind":"closing","lines":7,"lost":0}
"#;
const LEDGER: &str = r#"{"at_us":1500,"kind":"asked","what":"create","order":42,"attempt":1,"moved_paise":0}
{"at_us":1600,"kind":"said","what":"authorised","order":42,"attempt":1,"moved_paise":0,"late":true}
{"at_us":1700,"kind":"asked","what":"capture","order":42,"attempt":1,"moved_paise":100}
{"at_us":1800,"kind":"asked","what":"capture","order":42,"attempt":1,"moved_paise":0}
"#;

fn parse(history: &str, ledger: &str) -> Result<Live, String> {
    Live::parse(history.as_bytes(), ledger.as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn what_was_seen_is_read_back() {
    let live = parse(HISTORY, LEDGER).unwrap();
    assert_eq!(live.started_unix_us, 1_000);
    let told: Vec<String> = live.operations.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "   0.000011 s op 1 of arrival 7: order 2 of store1.sku1 key \"a\" request \
             00000000000000ff -> ok after 9 µs status=201 id=42",
            "   0.000031 s op 2 of arrival 7: look -> ok after 9 µs status=200 version=3 units=0 \
             amount_paise=100 id=42 confirmed",
            "   0.000031 s op 4 of arrival 8: order -> unknown",
        ]
    );
    assert_eq!(
        (live.operations[2].step, live.operations[2].end.fate),
        (Step::Order, Fate::Unknown)
    );
    let figures: Vec<_> = live.figures.by_step().map(|(step, one)| (step, one.in_time)).collect();
    assert_eq!(figures, [("look", 1), ("order", 1), ("ping", 0)]);
    let told: Vec<String> = live.ledger.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "   0.000500 s provider order=42 attempt=1 asked to create amount_paise=0 -> pending",
            "   0.000600 s provider order=42 attempt=1 said late -> authorised",
            "   0.000700 s provider order=42 attempt=1 asked to capture amount_paise=100 -> captured",
            "   0.000800 s provider order=42 attempt=1 asked to capture amount_paise=0 (again) -> \
             captured",
        ]
    );
    let again = What::Asked { verb: Verb::Capture, amount_paise: 0, is_repeat: true };
    assert_eq!(live.ledger[3].what, again);
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let check = |from: &str, to: &str, says: &str| {
        let (history, ledger) = (HISTORY.replacen(from, to, 1), LEDGER.replacen(from, to, 1));
        assert!(history != HISTORY || ledger != LEDGER, "{from} is there");
        let error = parse(&history, &ledger).map(|_| ()).unwrap_err();
        assert!(error.contains(says), "{from} -> {to}: {error}");
    };
    check(r#""schema_version":1"#, r#""schema_version":2"#, "history.ndjson, line 1: version 1");
    check(r#""kind":"opening""#, r#""kind":"open""#, "history.ndjson, line 1: unknown variant");
    check(r#"{"kind":"ok","op":1"#, r#"{"kind":"ok","op":9"#, "line 3: op 9 ended and was never");
    check(r#""op":2,"arrival"#, r#""op":1,"arrival"#, "history.ndjson, line 5: op 2 ended");
    check(r#""done_us":20"#, r#""done_us":2"#, "line 3: op 1 ended before it was sent");
    check("00000000000000ff", "ff", "line 3: \"ff\" is no digest");
    check(r#""id":"42""#, r#""id":"x""#, "line 3: id \"x\" is no whole number");
    check("confirmed", "eaten", "line 5: \"eaten\" is no status of an order");
    check(r#""lines":7"#, r#""lines":8"#, "tells of 8 lines, 7 stand");
    check(r#""lost":0"#, r#""lost":5"#, "5 lines were lost");
    check(r#"{"kind":"closing","lines":7,"lost":0}"#, "", "history.ndjson, line 9");
    check("\"lost\":0}\n", "\"lost\":0}", "line 9: it breaks off");
    check("create", "crate", "ledger.ndjson, line 1: \"crate\" is nothing that a provider is");
    check("authorised", "paid", "ledger.ndjson, line 2: \"paid\" is no word");
    check(r#""order":42,"attempt":1"#, r#""attempt":1"#, "ledger.ndjson, line 1: missing field");
    let long = format!("{HISTORY}{}", " ".repeat(70_000));
    assert!(parse(&long, LEDGER).unwrap_err().contains("line 10: it has more than 65536 bytes"));
    let cut = HISTORY.rsplit_once("{\"kind\":\"closing\"").unwrap().0;
    assert!(parse(cut, LEDGER).unwrap_err().contains("it has no last line"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn any_damage_gives_evidence_or_an_error(
        from in 0_usize..1_800,
        len in 0_usize..40,
        with in prop::collection::vec(any::<u8>(), 0..12),
        of_ledger in any::<bool>(),
    ) {
        let mut bytes = if of_ledger { LEDGER } else { HISTORY }.as_bytes().to_vec();
        let from = from.min(bytes.len());
        let to = (from + len).min(bytes.len());
        bytes.splice(from..to, with);
        let whole = if of_ledger { HISTORY } else { LEDGER }.as_bytes();
        let parsed =
            if of_ledger { Live::parse(whole, &*bytes) } else { Live::parse(&*bytes, whole) };
        match parsed {
            Ok(live) => prop_assert!(live.operations.len() <= 4),
            Err(error) => prop_assert!(error.to_string().contains(".ndjson")),
        }
    }
}
