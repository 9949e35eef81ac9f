//! A server among those who mean it no good: it refuses or limits them, keeps its memory, goes on
//! serving, and tells no secret in its log.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use super::{dastak, folder};

/// The admin's token.
pub(crate) const ADMIN: &str = "a-secret-of-the-admin";
/// Memory that ten thousand idle connections may take: 12 kB each, and as much again for the rest.
const IDLE_KB: u64 = 240 << 10;
/// Memory that other nonsense may take.
const NONSENSE_KB: u64 = 64 << 10;
/// Nobody waits longer.
const LIMIT: Duration = Duration::from_secs(30);

/// A server as a process of its own, and the phone that passwords are sent to.
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
    passwords: Receiver<String>,
}

impl Server {
    /// Starts one whose log nobody reads.
    pub(crate) fn start() -> Self {
        Self::start_with(tempfile::tempfile().unwrap())
    }

    /// Starts one that logs everything.
    fn start_with(log: File) -> Self {
        let phone = TcpListener::bind("127.0.0.1:0").unwrap();
        let providers = format!("http://{}", phone.local_addr().unwrap());
        let (sender, passwords) = channel();
        thread::spawn(move || {
            for stream in phone.incoming() {
                let mut stream = stream.unwrap();
                let request = head_and_body(&mut stream);
                stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
                let password = request.split("\"password\":\"").nth(1).unwrap_or_default();
                if sender.send(password.chars().take(6).collect()).is_err() {
                    return;
                }
            }
        });
        let dir = folder();
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--log", "debug"];
        let mut process = dastak(dir.path())
            .args(arguments)
            .args(["--providers", &providers])
            .env("DASTAK_ADMIN_TOKEN", ADMIN)
            .stdout(Stdio::piped())
            .stderr(Stdio::from(log))
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().parse().unwrap();
        Self { process, address, passwords }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream
    }

    /// Sends bytes on a connection of their own; the answer.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        head_and_body(&mut stream)
    }

    /// Asks something; the answer.
    pub(crate) fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> String {
        let length = body.len();
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\n");
        write!(head, "content-length: {length}\r\nauthorization: Bearer {token}\r\n").unwrap();
        self.raw(format!("{head}idempotency-key: k\r\n\r\n{body}").as_bytes())
    }

    /// Memory that the process has in use, kilobytes.
    fn memory_kb(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches("kB").trim().parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An HTTP message with the body that its head announces.
fn head_and_body(stream: &mut TcpStream) -> String {
    let (mut bytes, mut some) = (Vec::new(), [0; 4_096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lengths = head.lines().filter_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            if body.len() >= lengths.next_back().unwrap_or(0_usize) {
                return text;
            }
        }
        match stream.read(&mut some) {
            Ok(0) => return text,
            Ok(read) => bytes.extend_from_slice(&some[..read]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return text,
            Err(error) => panic!("no answer: {error}, only {text:?}"),
        }
    }
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

/// A world of one store.
pub(crate) const WORLD: &str = r#"{"kind":"store","store":"0","place":{"lat_e7":0,"lon_e7":0},"radius_m":3000}
{"kind":"sku","sku":"0","mrp_paise":100,"price_paise":90,"gst_bps":0}
{"kind":"stock","store":"0","sku":"0","units":50}"#;

fn field<'a>(answer: &'a str, name: &str) -> &'a str {
    let rest = answer.split(&format!("\"{name}\":\"")).nth(1).unwrap_or_else(|| panic!("{answer}"));
    rest.split('"').next().unwrap()
}

#[test]
fn ten_thousand_idle_connections_keep_nobody_out() {
    let server = Server::start();
    let before_kb = server.memory_kb();
    let mut idle: Vec<TcpStream> = (0..10_000).map(|_| server.connect()).collect();
    // Half of them have begun to speak.
    for stream in idle.iter_mut().step_by(2) {
        stream.write_all(b"GET /livez HTTP/1.1\r\nx: ").unwrap();
    }
    assert_eq!(status(&server.ask("GET", "/livez", "", "")), "200");
    let grown_kb = server.memory_kb().saturating_sub(before_kb);
    eprintln!("10000 idle connections: {} bytes each", grown_kb * 1_024 / 10_000);
    assert!(grown_kb < IDLE_KB, "{grown_kb} kB");
}

#[test]
fn bodies_without_measure_are_refused_and_not_kept() {
    let server = Server::start();
    assert_eq!(status(&server.ask("PUT", "/admin/world", ADMIN, WORLD)), "200");
    let agents = r#"{"agents":"customers","from":"1","count":1}"#;
    let opened = server.ask("POST", "/admin/sessions", ADMIN, agents);
    let token = opened.split("\"tokens\":[\"").nth(1).unwrap().split('"').next().unwrap();
    let before_kb = server.memory_kb();
    let head = |rest: &str| {
        format!(
            "POST /api/quotes HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{rest}\r\n\r\n"
        )
    };
    let announced = server.raw(head("content-length: 104857600").as_bytes());
    assert_eq!(status(&announced), "413", "{announced}");
    // One that does not say how long it is: 100 MB in pieces, until it is let go.
    let mut stream = server.connect();
    stream.write_all(head("transfer-encoding: chunked").as_bytes()).unwrap();
    let piece = [b"10000\r\n".as_slice(), &[b' '; 0x1_0000], b"\r\n"].concat();
    let sent = (0..1_600).take_while(|_| stream.write_all(&piece).is_ok()).count();
    assert!(sent < 1_600, "all of 100 MB was read");
    let deep = "[".repeat(60_000);
    for (body, expected) in [(deep.as_str(), "400"), ("{\"lines\":", "400"), ("\0\u{7f}", "400")] {
        assert_eq!(status(&server.ask("POST", "/api/quotes", token, body)), expected);
    }
    for (garbage, expected) in [
        ("\u{1}\u{2}\u{3} garbage\r\n\r\n".to_owned(), "400"),
        (format!("GET /livez HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(100_000)), "431"),
        (format!("GET /{} HTTP/1.1\r\n\r\n", "y".repeat(100_000)), "414"),
        (format!("GET /livez HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(200)), "431"),
    ] {
        let answer = server.raw(garbage.as_bytes());
        let refused = [expected, "400", "414", "431", "none"].contains(&status(&answer));
        assert!(refused, "{expected}: {answer}");
    }
    // Bodies that never come are waited for no longer than a body may take.
    let slow: Vec<TcpStream> = (0..200)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(head("content-length: 60000").as_bytes()).unwrap();
            stream.write_all(b"{").unwrap();
            stream
        })
        .collect();
    for mut stream in slow {
        let answer = head_and_body(&mut stream);
        assert!(["408", "429"].contains(&status(&answer)), "{answer}");
    }
    assert_eq!(status(&server.ask("GET", "/livez", "", "")), "200");
    let grown_kb = server.memory_kb().saturating_sub(before_kb);
    assert!(grown_kb < NONSENSE_KB, "{grown_kb} kB");
}

/// Everything is logged here, and still nothing of it lets anybody in.
#[test]
fn logs_tell_what_happened_and_no_secret() {
    let mut log = tempfile::NamedTempFile::new().unwrap();
    let mut server = Server::start_with(log.reopen().unwrap());
    assert_eq!(status(&server.ask("PUT", "/admin/world", ADMIN, WORLD)), "200");
    let phone = "+919876543210";
    let register = format!(r#"{{"phone":"{phone}","name":"Asha Rao"}}"#);
    assert_eq!(status(&server.ask("POST", "/api/users", "", &register)), "202");
    let password = server.passwords.recv_timeout(LIMIT).unwrap();
    let wrong = format!(r#"{{"phone":"{phone}","password":"000000x"}}"#);
    assert_eq!(status(&server.ask("POST", "/api/sessions", "", &wrong)), "401");
    let right = format!(r#"{{"phone":"{phone}","password":"{password}"}}"#);
    let opened = server.ask("POST", "/api/sessions", "", &right);
    let token = field(&opened, "token").to_owned();
    let door = r#"{"lat_e7":0,"lon_e7":0}"#;
    let lines = format!(r#"{{"store_id":"0","door":{door},"lines":[{{"sku_id":"0","units":2}}]}}"#);
    let quote = server.ask("POST", "/api/quotes", &token, &lines);
    let id = field(&quote, "quote_id");
    let order = format!(r#"{{"quote_id":"{id}","client_ref":"1","door":{door},"method":"cash"}}"#);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let length = order.len();
    let answer = server.raw(
        format!(
            "POST /api/orders HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\
             authorization: Bearer {token}\r\nidempotency-key: one\r\n\
             traceparent: 00-{trace}-b7ad6b7169203331-01\r\n\r\n{order}"
        )
        .as_bytes(),
    );
    assert_eq!(status(&answer), "201", "{answer}");
    assert!(answer.contains(trace), "the trace is said back");
    server.process.kill().unwrap();
    server.process.wait().unwrap();
    let mut text = String::new();
    log.read_to_string(&mut text).unwrap();
    for secret in [ADMIN, &token, &password, "000000x", "9876543210", "Asha"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let taken = text.lines().find(|line| line.contains("order taken")).unwrap();
    let taken: serde_json::Value = serde_json::from_str(taken).unwrap();
    assert_eq!(taken["order_id"].to_string(), id);
    assert_eq!(taken["spans"][0]["trace_id"], trace);
    assert_eq!(taken["spans"][0]["city"], 0);
    assert_eq!(taken["spans"][0]["route"], "/api/orders");
}
