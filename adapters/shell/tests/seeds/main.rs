//! The shell under faults that are drawn from a seed: races, lost answers, crashes, repeats,
//! stalls. Whatever happens is safe; after the storm everything ends.
//!
//! One seed again: `DASTAK_SEED=1234 cargo test -p dastak-shell --test seeds`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for a few of many")]
#![expect(clippy::print_stdout, reason = "figures and counterexamples are read by people")]

mod core;
mod judge;
mod people;
mod ports;
mod provider;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use dastak_shell::{Bug, Memory};

use crate::core::Core;
use crate::judge::Ended;
use crate::ports::{Storm, Strike};
use crate::world::{CITY, World};

/// Steps of everybody together that one seed may take: forty times what most do.
const STEPS: u32 = 400_000;

/// Names the one seed to be played.
const ONE_SEED: &str = "DASTAK_SEED";

/// Plays a seed to its end.
///
/// # Errors
/// What is wrong with it.
fn play(seed: u64, memory: Memory) -> Result<Ended, String> {
    end(&World::new(seed, memory))
}

/// Plays a world to its end.
///
/// # Errors
/// What is wrong with it.
fn end(world: &Arc<World>) -> Result<Ended, String> {
    let played = catch_unwind(AssertUnwindSafe(|| {
        world.begin();
        world.core.run(STEPS)?;
        judge::judge(world)
    }));
    let played = played.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        Err(said
            .or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()))
            .unwrap_or_else(|| "a panic without words".to_owned()))
    });
    if played.is_err() && std::env::var_os(ONE_SEED).is_some() {
        // What a person wants to see of the one seed that fails.
        world.memory.facts().iter().for_each(|record| println!("{}", verify::line(record)));
        world.memory.outbox().iter().for_each(|row| println!("in the outbox: {row:?}"));
        world.memory.timers().iter().for_each(|row| println!("to ring: {row:?}"));
    }
    played
}

/// Plays seeds; the first that fails is named with the command that plays it again.
fn check(seeds: impl Iterator<Item = u64>) -> Ended {
    let mut all = Ended::default();
    for seed in seeds {
        match play(seed, Memory::new(CITY)) {
            Ok(ended) => all.add(&ended),
            Err(wrong) => panic!(
                "seed {seed}: {wrong}\nDASTAK_SEED={seed} cargo test -p dastak-shell --test seeds"
            ),
        }
    }
    all
}

/// The seed that is asked for, or all of them.
fn seeds(count: u64) -> std::ops::Range<u64> {
    match std::env::var(ONE_SEED) {
        Ok(seed) => {
            let seed = seed.parse().expect("DASTAK_SEED is a number");
            seed..seed + 1
        }
        Err(_) => 0..count,
    }
}

#[test]
fn every_seed_is_safe_and_ends() {
    let seeds = seeds(1_000);
    let is_whole = seeds.end - seeds.start > 1;
    let all = check(seeds);
    println!("{all:?}");
    if is_whole {
        all.has_everything();
    }
}

/// Each call of a port fails once, in a world of its own: not carried out, or without an answer.
#[test]
fn every_call_may_fail() {
    for is_done in [false, true] {
        for seed in [3, 5] {
            let struck = (1..).take_while(|&call| {
                let storm = Storm::calm_but_for(Strike { call, is_done });
                let world = World::under(Core::new(seed), storm, Memory::new(CITY));
                let ended = end(&world);
                assert!(ended.is_ok(), "seed {seed}, call {call}, {is_done}: {ended:?}");
                world.core.calls() >= call
            });
            let count = struck.count();
            println!("seed {seed}: {count} calls fail, one at a time");
            assert!(count > 200, "a world of {count} calls");
        }
    }
}

/// Many more seeds: as many as `DASTAK_SEEDS` says, or ten thousand.
#[test]
fn slow_ten_thousand_seeds_are_safe_and_end() {
    if std::env::var_os("RUN_SLOW").is_some() {
        let count = std::env::var("DASTAK_SEEDS").ok();
        let count = count.map_or(10_000, |count| count.parse().expect("DASTAK_SEEDS is a number"));
        println!("{:?}", check(0..count));
    }
}

#[test]
fn a_seed_played_twice_is_the_same() {
    for seed in seeds(20) {
        let digest = || play(seed, Memory::new(CITY)).unwrap().digest;
        assert_eq!(digest(), digest(), "seed {seed}");
    }
}

/// Databases with a bug each are found out.
#[test]
fn planted_bugs_are_found() {
    for bug in [Bug::DropsGuard, Bug::ForgetsNames, Bug::ForgetsTimers, Bug::TakesOutOfOrder] {
        let is_found = |seed: &u64| play(*seed, Memory::with_bug(CITY, bug)).is_err();
        let found = (0..10_000).find(is_found);
        println!("{bug:?} is found by seed {found:?}");
        assert!(found.is_some(), "no seed notices {bug:?}");
    }
}
