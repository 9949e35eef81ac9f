//! What the client makes of servers that misbehave.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use dastak_load::record::Operations;
use dastak_load::{Fate, Fault, Operation, Request, Setup, Shape, Step, Target};

use crate::{S, drive, loopback, setup};

/// A server that answers the n-th read of a connection with given bytes; without bytes it closes.
pub(crate) fn serve(answer: impl Fn(&[u8]) -> Vec<u8> + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind(loopback()).expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || attend(stream, &answer));
        }
    });
    address
}

fn attend(mut stream: TcpStream, answer: &dyn Fn(&[u8]) -> Vec<u8>) {
    let mut wire = [0; 4_096];
    while let Ok(read @ 1..) = stream.read(&mut wire) {
        let bytes = answer(&wire[..read]);
        if bytes.is_empty() || stream.write_all(&bytes).is_err() {
            return;
        }
    }
}

/// Sends requests to a server that answers so, and says what became of all of them: the count of
/// ok, failed and unknown, and how many connections it took.
fn check(
    answer: impl Fn(&[u8]) -> Vec<u8> + Clone + Send + 'static,
    expected: [u64; 3],
    connections: std::ops::RangeInclusive<u64>,
) {
    let address = serve(answer);
    let shape = Shape::new().hold(100.0, S / 5);
    let setup = Setup { time_out_ms: 200, body_limit_bytes: 100, ..setup(address, &shape) };
    let outcome = drive(&setup, &shape, |mut visit| async move {
        if visit.arrival().index < 5 {
            let _ = visit.perform(&Operation::new(Step(0), Request::get("/"))).await;
        }
    });
    let Operations { ok, failed, unknown, sent, .. } = outcome.record.whole().operations;
    assert_eq!([ok, failed, unknown], expected);
    assert_eq!(sent, 5);
    assert!(connections.contains(&outcome.connections), "{} connections", outcome.connections);
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

#[test]
fn answers_tell_what_became_of_a_request() {
    check(|_| OK.to_vec(), [5, 0, 0], 1..=5);
    check(|_| b"HTTP/1.1 409 Conflict\r\ncontent-length: 0\r\n\r\n".to_vec(), [0, 5, 0], 1..=5);
    check(|_| b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n".to_vec(), [0, 0, 5], 1..=5);
}

/// Who is turned away for load, or by a server's error, was not answered as the API promises; who is
/// refused for a reason was.
#[test]
fn available_is_what_answers_what_was_asked() {
    let is_answer = |status: &u16| Fate::is_answer(*status);
    assert!([101, 200, 302, 401, 404, 409, 422].iter().all(is_answer));
    assert!(![408, 429, 500, 503].iter().any(is_answer));
    let busy: &[u8] = b"HTTP/1.1 429 Later\r\ncontent-length: 0\r\n\r\n";
    let address =
        serve(move |wire| if wire.starts_with(b"GET /busy") { busy } else { OK }.to_vec());
    let shape = Shape::new().hold(100.0, S / 5);
    let outcome = drive(&setup(address, &shape), &shape, |mut visit| async move {
        let path = if visit.arrival().index.is_multiple_of(4) { "/busy" } else { "/" };
        let _ = visit.perform(&Operation::new(Step(0), Request::get(path))).await;
    });
    let all = outcome.record.whole().operations;
    assert!(all.failed > 0 && all.ok > all.failed, "{all:?}");
    assert_eq!((all.unknown, all.answered), (0, all.ok), "{all:?}");
    assert!((all.availability() - all.ok as f64 / all.sent as f64).abs() < 1e-9, "{all:?}");
}

/// Nothing was sent to a server that refuses the connection, so the next one is asked at once.
#[test]
fn a_server_that_takes_no_connection_is_passed_over() {
    // Bound, so that nobody else has the port, and not listening.
    let held = tokio::net::TcpSocket::new_v4().expect("the system gives sockets");
    held.bind(loopback()).expect("a port is free");
    let nobody = held.local_addr().expect("it has an address");
    let shape = Shape::new().hold(100.0, S / 5);
    let mut setup = setup(serve(|_| OK.to_vec()), &shape);
    let replica = Target::parse(&format!("http://{nobody}"), None).expect("loopback");
    setup.target = setup.target.with_replica(&replica);
    let outcome = drive(&setup, &shape, |mut visit| async move {
        let _ = visit.perform(&Operation::new(Step(0), Request::get("/"))).await;
        assert!(visit.connect().await.is_ok(), "one of them takes a connection");
    });
    let all = outcome.record.whole().operations;
    assert_eq!((all.sent, all.availability()), (all.ok, 1.0), "{all:?}");
    // Requests and connections take turns together, and half of the turns are the other one's.
    assert_eq!(outcome.passed_over, all.sent);
}

#[test]
fn a_connection_that_is_of_no_more_use_is_not_used_again() {
    let closing = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    check(|_| closing.to_vec(), [5, 0, 0], 5..=5);
    check(|_| [OK, OK].concat(), [5, 0, 0], 5..=5);
}

/// Something was sent and no answer came: it may have happened.
#[test]
fn no_answer_is_unknown() {
    check(|_| Vec::new(), [0, 0, 5], 5..=5);
    check(|_| b"220 mail.example ESMTP\r\n".to_vec(), [0, 0, 5], 5..=5);
    check(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n".to_vec(), [0, 0, 5], 5..=5);
    check(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi".to_vec(), [0, 0, 5], 5..=5);
    assert_eq!(Fault::TimedOut.fate(), Fate::Unknown);
    assert_eq!(Fault::Refused.fate(), Fate::Failed);
}

/// The server sees what was asked for, under the target's base path, and the caller what was
/// answered.
#[test]
fn requests_go_over_the_wire_whole() {
    let address = serve(|wire| {
        let body = String::from_utf8_lossy(wire).replace("\r\n", "|");
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\nETag: \"7\"\r\ncontent-length: {length}\r\n\r\n{body}").into()
    });
    let shape = Shape::new().hold(50.0, S / 10);
    let mut setup = setup(address, &shape);
    let url = format!("http://{address}/v1/");
    setup.target = dastak_load::Target::parse(&url, None).expect("loopback");
    let outcome = drive(&setup, &shape, move |mut visit| async move {
        let headers = [("authorization", "Bearer x")];
        let order = Request::post("/orders?a=b", b"{\"n\":1}").with(&headers).keyed("k-1");
        let answer = visit.perform(&Operation::new(Step(0), order)).await.expect("an answer");
        assert_eq!(answer.header("etag"), Some("\"7\""));
        assert_eq!(answer.header("nothing"), None);
        let expected = format!(
            "POST /v1/orders?a=b HTTP/1.1|host: {address}|authorization: Bearer x|\
             idempotency-key: k-1|content-type: application/json|content-length: 7||{{\"n\":1}}"
        );
        assert_eq!(String::from_utf8_lossy(answer.body()), expected);
    });
    assert!(outcome.record.whole().operations.ok > 0);
}
