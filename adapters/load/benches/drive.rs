//! What does a request cost the driver, and how punctual is it, beside `oha` on the same server?
//!
//! Server and drivers are processes of their own, each driver's processor time is what the system
//! counted for its process, and they take turns. `cargo bench -p dastak-load --bench drive`.
//! `oha` is found on PATH or named by `OHA`; `cargo install oha` installs it. Without it the table
//! has our rows alone. `oha` sends on a grid of a millisecond, so we are measured on one too.

use std::env;
use std::io::{self, BufRead, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use dastak_load::echo::Echo;
use dastak_load::{Operation, Request, Setup, Shape, Step, Target, run};
use nix::sys::resource::{UsageWho, getrusage};

/// Arrivals a second.
const RATES: [u32; 2] = [2_000, 10_000];

/// What our deadlines are rounded up to: zero for what a setup chooses, and `oha`'s own grid.
const QUANTA_US: [u64; 2] = [0, 1_000];

/// What one turn was.
#[derive(Clone, Copy, Debug)]
struct Turn {
    cpu_us: f64,
    error_us_p50: u64,
    error_us_p99: u64,
    response_us_p99: u64,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => serve(),
        ["drive", address, rate, seconds, quantum_us] => drive(
            address,
            rate.parse().expect("a rate"),
            seconds.parse().expect("seconds"),
            quantum_us.parse().expect("microseconds"),
        ),
        _ => contest(arguments.iter().any(|argument| argument == "--bench")),
    }
}

/// The server: says where it is, and ends when its input does.
fn serve() {
    let echo = Echo::start(SocketAddr::from(([127, 0, 0, 1], 0)), None).expect("a port is free");
    say(&echo.address().to_string());
    let _ = io::stdin().read(&mut [0]);
}

/// Our driver: prints its turn.
fn drive(address: &str, rate: u32, seconds: u32, quantum_us: u64) {
    let target = Target::parse(&format!("http://{address}"), None).expect("loopback");
    let shape = Shape::new().hold(f64::from(rate), u64::from(seconds) * 1_000_000);
    let phases = shape.phases().expect("a shape");
    let mut setup = Setup::new(target, &["knock"], phases, shape.peak_per_s());
    if quantum_us > 0 {
        setup.quantum_us = quantum_us;
    }
    let schedule = shape.schedule(7).expect("a shape");
    let outcome = run(
        &setup,
        &schedule,
        |mut visit| async move {
            let knock = Operation::new(Step(0), Request::get("/"));
            // What became of it is in the record.
            let _ = visit.perform(&knock).await;
        },
        None,
        |_| (),
    )
    .expect("the server is there");
    let row = outcome.record.counted(Step(0));
    let tally = row.operations;
    assert_eq!((tally.sent, tally.unsent), (tally.ok, 0), "{tally:?}");
    say(&format!(
        "{} {} {} {} {} connections, {}",
        tally.sent,
        row.schedule_error_us.quantile(0.5),
        row.schedule_error_us.quantile(0.99),
        row.response_us.quantile(0.99),
        outcome.connections,
        outcome.verdict,
    ));
}

fn contest(full: bool) {
    let (rounds, seconds) = if full { (5, 5) } else { (1, 1) };
    let mut server = this("serve", &[]);
    let mut address = String::new();
    let told = server.stdout.take().expect("a pipe");
    BufReader::new(told).read_line(&mut address).expect("the server says where it is");
    let address = address.trim();
    let oha = env::var("OHA").unwrap_or_else(|_| "oha".to_owned());
    let has_oha = Command::new(&oha).arg("--version").output().is_ok();
    if !has_oha {
        say("no oha here: `cargo install oha`, then run again with it on PATH or named by OHA");
    }
    say("| a second | driver | CPU µs a request | schedule error µs p50 | p99 | response µs p99 |");
    say("|---:|---|---:|---:|---:|---:|");
    for rate in RATES {
        let mut ours = QUANTA_US.map(|_| Vec::new());
        let mut theirs = Vec::new();
        for _ in 0..rounds {
            for (turns, quantum_us) in ours.iter_mut().zip(QUANTA_US) {
                turns.push(our_turn(address, rate, seconds, quantum_us));
            }
            if has_oha {
                theirs.push(oha_turn(&oha, address, rate, seconds));
            }
        }
        let them = (!theirs.is_empty()).then(|| median(&mut theirs));
        for (turns, quantum_us) in ours.iter_mut().zip(QUANTA_US) {
            tell(rate, quantum_us, median(turns), them);
        }
        if let Some(them) = them {
            say(&format!("| {rate} | oha | {:.1} | | | {} |", them.cpu_us, them.response_us_p99));
        }
    }
    drop(server.stdin.take());
    server.wait().expect("the server ends");
}

/// Prints our row of a rate.
fn tell(rate: u32, quantum_us: u64, us: Turn, them: Option<Turn>) {
    let Turn { cpu_us, error_us_p50, error_us_p99, response_us_p99 } = us;
    let ratio = them.map_or(String::new(), |them| format!(" ({:.2} of oha)", cpu_us / them.cpu_us));
    let grid = if quantum_us > 0 { ", grid of 1 ms" } else { "" };
    say(&format!(
        "| {rate} | dastak{grid} | {cpu_us:.1}{ratio} | {error_us_p50} | \
         {error_us_p99} | {response_us_p99} |"
    ));
}

fn our_turn(address: &str, rate: u32, seconds: u32, quantum_us: u64) -> Turn {
    let numbers =
        [u64::from(rate), u64::from(seconds), quantum_us].map(|number| number.to_string());
    let child = this("drive", &[address, &numbers[0], &numbers[1], &numbers[2]]);
    let (said, cpu_us) = finish(child);
    let numbers: Vec<u64> = said.split(' ').map_while(|word| word.parse().ok()).collect();
    let [sent, error_us_p50, error_us_p99, response_us_p99, _] = numbers[..] else {
        panic!("the driver said {said:?}");
    };
    Turn { cpu_us: cpu_us / sent as f64, error_us_p50, error_us_p99, response_us_p99 }
}

/// `oha` at a fixed rate on 50 connections, its default, its times from when a request was due.
fn oha_turn(oha: &str, address: &str, rate: u32, seconds: u32) -> Turn {
    let child = Command::new(oha)
        .args(["--no-tui", "--output-format", "json", "--latency-correction"])
        .args(["-z", &format!("{seconds}s"), "-q", &rate.to_string()])
        .arg(format!("http://{address}/"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("oha runs");
    let (said, cpu_us) = finish(child);
    let report: serde_json::Value = serde_json::from_str(&said).expect("oha reports JSON");
    let codes = report["statusCodeDistribution"].as_object().expect("answers by status");
    let sent: u64 = codes.values().filter_map(serde_json::Value::as_u64).sum();
    let p99_s = report["latencyPercentiles"]["p99"].as_f64().unwrap_or(0.0);
    Turn {
        cpu_us: cpu_us / sent as f64,
        error_us_p50: 0,
        error_us_p99: 0,
        response_us_p99: u64::try_from(Duration::from_secs_f64(p99_s).as_micros())
            .unwrap_or(u64::MAX),
    }
}

/// Starts this bench again in another part.
fn this(part: &str, arguments: &[&str]) -> Child {
    Command::new(env::current_exe().expect("this program has a path"))
        .arg(part)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program runs again")
}

/// Waits for a child; gives what it said and the processor time of its life, µs.
fn finish(child: Child) -> (String, f64) {
    let before = children_cpu_us();
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "a driver failed: {}", output.status);
    let said = String::from_utf8(output.stdout).expect("it speaks text");
    (said, children_cpu_us() - before)
}

/// Processor time of all children that ended, µs.
fn children_cpu_us() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts");
    let us = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 * 1e6 + time.tv_usec() as f64;
    us(usage.user_time()) + us(usage.system_time())
}

/// The median turn by processor time.
fn median(turns: &mut [Turn]) -> Turn {
    turns.sort_by(|a, b| a.cpu_us.total_cmp(&b.cpu_us));
    turns[turns.len() / 2]
}

#[expect(clippy::print_stdout, reason = "a bench's result is what it prints")]
fn say(line: &str) {
    println!("{line}");
}
