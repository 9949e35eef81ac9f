use super::{Framed, Misframed, Reading};

/// Limit of a body in these tests.
const LIMIT_BYTES: usize = 40;

/// Reads a wire that arrives a byte at a time, up to `first` bytes at once before that. What comes
/// after an answer is left on the wire; where the wire ends, the server closes.
fn read(wire: &[u8], first: usize) -> Result<(u16, String, bool), Option<Misframed>> {
    let mut here = wire[..first].to_vec();
    let mut reading = Reading::new(LIMIT_BYTES);
    let mut rest = wire[first..].iter();
    let framed = loop {
        if let Some(framed) = reading.look(&mut here).map_err(Some)? {
            break framed;
        }
        match rest.next() {
            Some(&byte) => here.push(byte),
            None => break reading.closed(&here).ok_or(None)?,
        }
    };
    let Framed { status, head_bytes, body_bytes, keeps } = framed;
    let body = &here[head_bytes..head_bytes + body_bytes];
    Ok((status, String::from_utf8_lossy(body).into_owned(), keeps))
}

/// However an answer is cut up on its way, it reads the same.
fn check(wire: &str, expected: Result<(u16, &str, bool), Option<Misframed>>) {
    let expected = expected.map(|(status, body, keeps)| (status, body.to_owned(), keeps));
    for first in 0..=wire.len() {
        assert_eq!(read(wire.as_bytes(), first), expected, "{first} bytes first of {wire:?}");
    }
}

#[test]
fn an_answer_ends_where_its_head_says() {
    check("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nknock", Ok((200, "knock", true)));
    check("HTTP/1.1 201 Created\r\nContent-Length:0\r\n\r\n", Ok((201, "", true)));
    check("HTTP/1.1 204 No Content\r\n\r\n", Ok((204, "", true)));
    check("HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", Ok((304, "", true)));
    check("HTTP/1.1 500 \r\ncontent-length: 2\r\n\r\nno", Ok((500, "no", true)));
}

#[test]
fn chunks_are_joined() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    check(&format!("{head}3\r\nkno\r\n2;a=b\r\nck\r\n0\r\n\r\n"), Ok((200, "knock", true)));
    check(&format!("{head}0\r\ntrailer: yes\r\n\r\n"), Ok((200, "", true)));
    check(&format!("{head}3\r\nknock\r\n"), Err(Some(Misframed::Malformed)));
    check(&format!("{head}zz\r\n"), Err(Some(Misframed::Malformed)));
    check(&format!("{head}5\r\nkno"), Err(None));
}

#[test]
fn a_connection_is_kept_only_if_both_sides_know_where_it_stands() {
    let answer = |fields: &str| format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
    check(&answer("content-length: 0\r\nconnection: close\r\n"), Ok((200, "", false)));
    check(&answer("content-length: 0\r\nConnection: Keep-Alive\r\n"), Ok((200, "", true)));
    check("HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", Ok((200, "", false)));
    check(
        "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n",
        Ok((200, "", true)),
    );
    check("HTTP/1.1 200 OK\r\n\r\nuntil closed", Ok((200, "until closed", false)));
}

#[test]
fn what_comes_after_an_answer_spoils_the_connection() {
    let wire = b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n";
    assert_eq!(read(wire, wire.len()), Ok((204, String::new(), false)));
}

#[test]
fn interim_answers_are_left_out() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nknock";
    check(&format!("{interim}{answer}"), Ok((200, "knock", true)));
}

#[test]
fn what_is_no_answer_is_an_error() {
    check("SMTP ready\r\n", Err(Some(Misframed::Malformed)));
    check("HTTP/1.1 200 OK\r\ncontent-length: five\r\n\r\n", Err(Some(Misframed::Malformed)));
    check(
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        Err(Some(Misframed::Malformed)),
    );
    check("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n", Err(Some(Misframed::Malformed)));
    check("HTTP/1.1 101 Switching Protocols\r\n\r\n", Err(Some(Misframed::Malformed)));
    check("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nkno", Err(None));
    check("HTTP/1.1 200 OK\r\ncontent-le", Err(None));
    check("", Err(None));
}

#[test]
fn bodies_have_a_limit() {
    let body = "x".repeat(LIMIT_BYTES + 1);
    let more = Err(Some(Misframed::TooLarge));
    check("HTTP/1.1 200 OK\r\ncontent-length: 41\r\n\r\n", more);
    check(&format!("HTTP/1.1 200 OK\r\n\r\n{body}"), more);
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    check(&format!("{chunked}30\r\n{body}"), more);
}
