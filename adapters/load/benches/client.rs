//! What does an exchange cost our client, beside hyper's, and what does a connection keep?
//!
//! Closed loop: each of fifty connections sends its next request when it has its answer, on one
//! thread. Processor time is that thread's. The server is in the same process on a thread of its
//! own. `cargo bench -p dastak-load --bench client`.

use std::cell::Cell;
use std::fs;
use std::net::SocketAddr;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use dastak_load::clock::{Clock, ThreadTime};
use dastak_load::echo::{Echo, Stall};
use dastak_load::phase::Phases;
use dastak_load::{Arrival, Operation, Request, Setup, Step, Target, Visit, run};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, LocalOptions};

/// Connections of the closed loop.
const CONNECTIONS: u64 = 50;
/// Connections of the question what one keeps.
const MANY: u64 = 4_000;
const S: u64 = 1_000_000;

fn main() {
    let full = std::env::args().any(|argument| argument == "--bench");
    let (rounds, lasts_us) = if full { (5, 2 * S) } else { (1, S / 10) };
    let echo = server(None);
    let mut ours = Vec::new();
    let mut hypers = Vec::new();
    for _ in 0..rounds {
        ours.push(our_turn(echo.address(), lasts_us));
        let address = echo.address();
        let turn = thread::spawn(move || hyper_turn(address, lasts_us));
        hypers.push(turn.join().expect("hyper's turn ends"));
    }
    let (us, hyper) = (median(&mut ours), median(&mut hypers));
    say("| closed loop, 50 connections | CPU µs an exchange |\n|---|---:|");
    say(&format!("| dastak, all recorded | {us:.2} |"));
    say(&format!("| hyper, nothing recorded | {hyper:.2} |"));
    say(&format!("| dastak / hyper | {:.2} |", us / hyper));
    say(&format!(
        "a connection at rest, both sides: {} bytes (12 000 or less)",
        bytes_a_connection()
    ));
}

fn server(stall: Option<Stall>) -> Echo {
    Echo::start(SocketAddr::from(([127, 0, 0, 1], 0)), stall).expect("a port is free")
}

/// So many arrivals, all at the start.
fn crowd(count: u64) -> Vec<Arrival> {
    (0..count).map(|index| Arrival { index, own: index, at_us: 0 }).collect()
}

fn setup(address: SocketAddr, lasts_us: u64) -> Setup {
    let target = Target::parse(&format!("http://{address}"), None).expect("loopback");
    Setup::new(target, &["knock"], Phases::hold(lasts_us), 1.0)
}

/// Everybody arrives at once and knocks again and again.
fn our_turn(address: SocketAddr, lasts_us: u64) -> f64 {
    let again = move |mut visit: Visit| async move {
        while visit.now_us() < lasts_us {
            let knock = Operation::new(Step(0), Request::get("/"));
            visit.perform(&knock).await.expect("the server answers");
        }
    };
    let outcome = run(&setup(address, lasts_us), &crowd(CONNECTIONS), again, None, |_| ())
        .expect("the server is there");
    outcome.cpu_us_per_request()
}

/// The same with hyper's client, one connection each, and no record of anything.
fn hyper_turn(address: SocketAddr, lasts_us: u64) -> f64 {
    let before = ThreadTime::now();
    let clock = Clock::start_in(0);
    let exchanges = Rc::new(Cell::new(0_u64));
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
    runtime.expect("the system gives a reactor").block_on(async {
        let tasks: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let exchanges = Rc::clone(&exchanges);
                tokio::task::spawn_local(async move {
                    let stream = TcpStream::connect(address).await.expect("it accepts");
                    stream.set_nodelay(true).expect("it is a socket");
                    let (mut sender, connection) =
                        http1::handshake(TokioIo::new(stream)).await.expect("it shakes hands");
                    tokio::task::spawn_local(connection);
                    while clock.now_us() < lasts_us {
                        let request = hyper::Request::get("/")
                            .header("host", "127.0.0.1")
                            .body(Empty::<Bytes>::new())
                            .expect("it is a request");
                        let wait = sender.send_request(request);
                        let answer = tokio::time::timeout(Duration::from_secs(10), wait).await;
                        let answer = answer.expect("in time").expect("the server answers");
                        let body = answer.into_body().collect().await.expect("it has a body");
                        assert_eq!(body.to_bytes().as_ref(), b"knock");
                        exchanges.set(exchanges.get() + 1);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no task panicked");
        }
    });
    ThreadTime::now().since(before).cpu_us as f64 / exchanges.get() as f64
}

/// Opens many connections at once to a server that stands still, lets all be answered, and weighs
/// the process with all at rest. The server's side is in it too, and the buffers that all those
/// requests needed and that are kept: a bound from above.
fn bytes_a_connection() -> u64 {
    let echo = server(Some(Stall { at_request: 0, for_ms: 1_500 }));
    let setup = Setup { time_out_ms: 20_000, ..setup(echo.address(), 6 * S) };
    let before = resident_bytes();
    let (told, tell) = std::sync::mpsc::channel();
    let journey = move |mut visit: Visit| {
        let told = told.clone();
        async move {
            let knock = Operation::new(Step(0), Request::get("/"));
            visit.perform(&knock).await.expect("the server answers");
            if visit.arrival().index == 0 {
                visit.pause_until(5 * S).await;
                told.send(resident_bytes()).expect("the bench listens");
            }
        }
    };
    let outcome = run(&setup, &crowd(MANY), journey, None, |_| ()).expect("the server is there");
    let after = tell.recv().expect("the first arrival told");
    say(&format!("{} connections", outcome.connections));
    after.saturating_sub(before) / outcome.connections
}

/// What of this process is in memory.
fn resident_bytes() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").expect("the system tells");
    let pages = pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.expect("a number of pages") * rustix::param::page_size() as u64
}

fn median(turns: &mut [f64]) -> f64 {
    turns.sort_by(f64::total_cmp);
    turns[turns.len() / 2]
}

#[expect(clippy::print_stdout, reason = "a bench's result is what it prints")]
fn say(line: &str) {
    println!("{line}");
}
