//! What the shipped scenarios reach: every invariant has something to judge, and what no process
//! manager ever does is printed.

#![expect(clippy::print_stdout, reason = "a test says what is judged how often")]

use std::collections::{BTreeMap, BTreeSet};

use dastak_scenarios::{Request, library, resolve};
use domain::dispatch::request;
use domain::facts::{Event as _, Record, Sink};
use domain::ids::TripId;
use domain::{delivery, payment, picking, saga, tape};
use kernel::queue::RadixQueue;
use verify::{Judge, Status, Verdict};

use super::{Shelf, played};

/// What no journal shows, and so no simulated run can have judged: each with where it is judged.
const NOT_IN_A_JOURNAL: &[(&str, &str)] = &[
    ("I13", "same key, same result: only clients of a live run repeat a request"),
    ("I14", "duplicates change nothing: property tests of each process manager compare states"),
    ("I25", "outbox: only a live run has one"),
    ("I26", "log, store and analytics: only a live run has the three"),
    ("I27", "read models: only a live run has them"),
    ("I28", "points: no facts tell of them yet"),
    ("I29", "lots: no facts tell of them yet"),
    ("I30", "notifications: no facts tell of them yet"),
    ("I31", "dead letters: only a live run has them"),
    ("I32", "breakers: only a live run has them"),
    ("I33", "rate limits: only a live run has them"),
    ("I36", "same seed, same journal: tests compare two runs"),
];

/// What makes each shipped scenario small enough to run in a test.
const CUT_DOWN: &[(&str, &[&str])] = &[
    ("evening-peak", &["bengaluru=2", "start=18:00", "duration=3h"]),
    ("flash-sku", &[]),
    ("gateway-brownout", &["bengaluru=3"]),
    ("inventory-drift", &["bengaluru=2"]),
    ("midnight-low", &["bengaluru=2"]),
    ("monsoon", &["bengaluru=2", "duration=2h"]),
    ("national-peak", SMALL_COUNTRY),
    ("real-day", &[]),
    ("seed-literal", SMALL_COUNTRY),
    ("store-outage", &[]),
];
const SMALL_COUNTRY: &[&str] =
    &["delhi=1", "bengaluru=1", "mumbai=1", "chennai=1", "hyderabad=1", "orders_per_hour=500"];

/// Hears the facts for the judge, and follows what each process manager does with each word.
struct Ears<'s> {
    judge: Judge,
    scenario: &'s sim::Setup,
    sagas: BTreeMap<u64, saga::State>,
    tasks: BTreeMap<u64, picking::State>,
    payments: BTreeMap<u64, payment::State>,
    requests: BTreeMap<u64, request::State>,
    trips: BTreeMap<u64, delivery::State>,
    taken: &'s mut BTreeSet<String>,
}

impl Sink for Ears<'_> {
    fn record(&mut self, record: &Record) {
        self.judge.record(record);
    }

    fn heard(&mut self, entry: &tape::Entry) {
        let order = domain::ids::OrderId(entry.hearer);
        let rules = &self.scenario.rules;
        match entry.input {
            tape::Input::Saga(input) => {
                let state = self.sagas.entry(entry.hearer).or_insert(saga::State::NEW);
                let (before, mut effects) = (*state, Vec::new());
                *state = saga::step(&rules.saga, order, before, input, entry.at, &mut effects);
                let undoing = before.ending.is_some() && !before.stage.is_terminal();
                if !undoing && (before != *state || !effects.is_empty()) {
                    self.taken.insert(row("saga", before.stage.text(), &format!("{input:?}")));
                }
            }
            tape::Input::Task(input) => {
                let state = self.tasks.entry(entry.hearer).or_default();
                let (before, mut effects) = (*state, Vec::new());
                *state = picking::step(order, before, input, &mut effects);
                if before != *state || !effects.is_empty() {
                    let status = format!("{:?}", before.status);
                    self.taken.insert(row("pick list", &status, &format!("{input:?}")));
                }
            }
            tape::Input::Payment(input) => {
                let state = self.payments.entry(entry.hearer).or_insert(payment::State::NEW);
                let (before, mut effects) = (*state, Vec::new());
                let rules = &rules.payment;
                *state = payment::step(rules, order, before, input, entry.at, &mut effects);
                if before != *state || !effects.is_empty() {
                    self.taken.insert(row("payment", before.stage.text(), &payment_word(input)));
                }
            }
            tape::Input::Request(input) => {
                let state = self.requests.entry(entry.hearer).or_default();
                let (before, mut effects) = (*state, Vec::new());
                *state = request::step(order, before, input, &mut effects);
                if before != *state || !effects.is_empty() {
                    let status = format!("{:?}", before.status);
                    self.taken.insert(row("request", &status, &format!("{input:?}")));
                }
            }
            tape::Input::Trip(input) => {
                let state = self.trips.entry(entry.hearer).or_default();
                let (before, mut effects) = (*state, Vec::new());
                let trip = TripId::at(usize::try_from(entry.hearer).expect("trips are few"));
                *state = delivery::step(trip, before, input, &mut effects);
                if before != *state || !effects.is_empty() {
                    let phase = format!("{:?}", before.phase);
                    self.taken.insert(row("trip", &phase, &format!("{input:?}")));
                }
            }
            tape::Input::Came(_) | tape::Input::Asked(_) => {}
        }
    }
}

/// What a payment hears, as its table names it.
fn payment_word(input: payment::Input) -> String {
    match input {
        payment::Input::Heard { word, .. } => format!("{word:?}"),
        payment::Input::Wake { timer } => format!("{timer:?}"),
        payment::Input::Start { .. }
        | payment::Input::Retry { .. }
        | payment::Input::GiveUp
        | payment::Input::Refund { .. }
        | payment::Input::End
        | payment::Input::CashTaken { .. }
        | payment::Input::CashHandedIn { .. } => {
            let name = payment::Input::KINDS[usize::from(input.variant())].name;
            name.trim_start_matches("payment_").to_owned()
        }
    }
}

/// A row of a table: who, in which state, hears what.
fn row(who: &str, state: &str, said: &str) -> String {
    let word = |text: &str| text.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
    format!("{who}: {} + {}", word(state.trim()), word(said.trim()))
}

/// The rows of the transition tables as the domain's tests have them.
fn all_rows() -> BTreeSet<String> {
    let saga = include_str!("../../../engine/domain/src/saga/tests.rs");
    let tasks = include_str!("../../../engine/domain/src/picking/tests.rs");
    let payments = include_str!("../../../engine/domain/src/payment/tests/table.rs");
    let mut rows = BTreeSet::new();
    let requests = include_str!("../../../engine/domain/src/dispatch/request/tests.rs");
    let trips = include_str!("../../../engine/domain/src/delivery/tests.rs");
    let plain = [("saga", saga), ("pick list", tasks), ("request", requests), ("trip", trips)];
    for (who, text) in plain {
        for line in table(text) {
            let Some((said, _)) = line.split_once("-> ") else { continue };
            let (state, input) = said.split_once("+ ").expect("a row has a state and an input");
            rows.insert(row(who, state, input));
        }
    }
    let mut state = "";
    for line in table(payments) {
        match line.trim().split_once(" -> ") {
            Some((said, _)) => {
                let said = said.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
                rows.insert(row("payment", state, said));
            }
            None => state = line.split_once(": ").map_or("", |(_, state)| state),
        }
    }
    rows
}

/// The lines of the transition table in a file of tests.
fn table(text: &str) -> impl Iterator<Item = &str> {
    let (_, from) = text.split_once("fn transition_table").expect("there is a table");
    let (_, table) = from.split_once("[r#\"").expect("it is a snapshot");
    let (table, _) = table.split_once("\"#]").expect("it ends");
    table.lines().filter(|line| !line.trim().is_empty())
}

#[test]
fn shipped_scenarios_have_something_to_judge_for_every_invariant() {
    let named: Vec<_> = CUT_DOWN.iter().map(|(name, _)| *name).collect();
    let shipped: Vec<_> = library::all().iter().map(|shipped| shipped.name).collect();
    assert_eq!(named, shipped);
    let mut verdict = Verdict::default();
    let mut taken = BTreeSet::new();
    for (name, sets) in CUT_DOWN {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        let request = Request { scenario: name, sets: &sets };
        let scenario = resolve(&request, &Shelf::default()).unwrap().scenario;
        let setup = scenario.sim_setup(u64::from(scenario.seed.get()));
        for (city, demand) in played::worlds(&scenario) {
            let mut ears = Ears {
                judge: Judge::new(),
                scenario: &setup,
                sagas: BTreeMap::new(),
                tasks: BTreeMap::new(),
                payments: BTreeMap::new(),
                requests: BTreeMap::new(),
                trips: BTreeMap::new(),
                taken: &mut taken,
            };
            sim::run::<RadixQueue<_>>(&setup, &city, &demand, &mut ears, |_| true);
            let found = ears.judge.finish();
            let breaks: Vec<_> = found.breaks().map(ToString::to_string).collect();
            assert!(found.is_clean(), "{name}: {breaks:?}");
            verdict.merge(found);
        }
    }
    for finding in &verdict.invariants {
        println!("{:<4} judged {:>9}  {}", finding.id, finding.judged, finding.law);
    }
    let without = |status: Status| {
        let findings = verdict.invariants.iter().filter(move |found| found.status == status);
        findings.map(|found| found.id).collect::<Vec<_>>()
    };
    assert_eq!(without(Status::NeverExercised), [""; 0], "no shipped scenario exercises them");
    let elsewhere: Vec<_> = NOT_IN_A_JOURNAL.iter().map(|(id, _)| *id).collect();
    assert_eq!(without(Status::NotObservable), elsewhere);
    tell_rows_never_taken(&taken);
}

/// Prints the rows of the tables that no shipped scenario takes; most of them only a live world
/// can take, where words are repeated, late and out of order.
fn tell_rows_never_taken(taken: &BTreeSet<String>) {
    let all = all_rows();
    let never: Vec<_> = all.difference(taken).collect();
    println!(
        "{} of {} rows of the transition tables are taken; not",
        all.len() - never.len(),
        all.len()
    );
    never.iter().for_each(|row| println!("    {row}"));
    let happy = [
        "saga: arrived + HandedOver",
        "pick list: Packed + HandOver",
        "payment: paying + Captured",
        "request: OnTrip + Delivered",
        "trip: AtDoor + DoorDone",
    ];
    assert!(happy.iter().all(|row| taken.contains(*row)), "the tables are read right: {taken:?}");
    assert!(happy.iter().all(|row| all.contains(*row)), "the tables are read right: {all:?}");
}
