//! Both worlds agree: the tape of a simulated run, played through the shell, gives the same words,
//! facts, effects, states and stock, although every seventh commit loses a race.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for a few of many")]

mod played;
mod racing;
mod replay;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use dastak_shell::{self as shell, Memory, Path};
use domain::ids::CityId;
use racing::{LOSES, Racing};

/// Runs what never waits.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("memory never waits"),
    }
}

/// Plays a run, replays it, and compares; gives how many units of work and lost races there were.
fn check(played: &played::Played, path: Path) -> (u64, u64) {
    let memory = Memory::new(CityId(0));
    memory.install(&played.shelves(), played.opening());
    at_once(replay::replay(played, Racing::new(&memory), path))
}

#[test]
fn a_hostile_run_is_the_same_in_both_worlds() {
    let played = played::hostile(sim::services::Setup {
        // Slow, so that customers run for the same last units.
        inventory: played::slow(20),
        ..sim::services::Setup::default()
    });
    played.has_everything();
    let (units, lost) = check(&played, Path::Apart);
    assert!(units >= 2_000 && lost >= units / LOSES, "{units} units, {lost} lost races");
}

/// Services that take no time leave nothing between the steps, so one commit can carry them.
#[test]
fn one_commit_carries_what_instant_services_do() {
    let played = played::hostile(sim::services::Setup::instant());
    let (units, _) = check(&played, Path::Together);
    assert!(units >= 2_000, "{units} units");
}
