//! The driver against servers on loopback: is what it says of them true?

mod counts;
mod exchange;
mod honesty;
mod safety;
mod written;

use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use dastak_load::echo::{Echo, Stall};
use dastak_load::verdict::Budgets;
use dastak_load::{Operation, Outcome, Request, Schedule, Setup, Shape, Step, Target, Visit, run};

const S: u64 = 1_000_000;

/// The port of loopback that is free.
fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn echo(stall: Option<Stall>) -> Echo {
    Echo::start(loopback(), stall).expect("a port is free")
}

/// A setup for one step, with budgets that a busy machine keeps.
fn setup(address: SocketAddr, shape: &Shape) -> Setup {
    let target = Target::parse(&format!("http://{address}"), None).expect("loopback");
    let phases = shape.phases().expect("the shape can be followed");
    let budgets =
        Budgets { schedule_error_us_p99: 250_000, undelivered_share: 0.0, waiting_share: 1.0 };
    Setup {
        give_up_us: 10 * S,
        drain_us: 5 * S,
        budgets,
        ..Setup::new(target, &["knock"], phases, shape.peak_per_s())
    }
}

fn schedule(shape: &Shape) -> Schedule {
    shape.schedule(1).expect("the shape can be followed")
}

/// One request, whatever becomes of it.
async fn knock(mut visit: Visit) {
    let knock = Operation::new(Step(0), Request::get("/"));
    // What became of it is in the record.
    let _ = visit.perform(&knock).await;
}

/// Drives a setup along a shape, without a history.
fn drive<F>(
    setup: &Setup,
    shape: &Shape,
    journey: impl Fn(Visit) -> F + Clone + Send + 'static,
) -> Outcome
where
    F: Future<Output = ()> + 'static,
{
    run(setup, &schedule(shape), journey, None, |_| ()).expect("the target is there")
}

/// What a history is written to and read from.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn lines(&self) -> Vec<serde_json::Value> {
        let bytes = self.0.lock().expect("nobody panicked");
        let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).expect("a line is JSON")).collect()
    }
}
