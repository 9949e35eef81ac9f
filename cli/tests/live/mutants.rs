//! Deployments with a bug each, driven and audited: the audit must name every one, and must not
//! raise an alarm about a deployment without.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::thread;

use backends::private::PrivateServer;
use server::MUTANTS;
use tokio::runtime::Runtime;

use crate::deployment::{
    Audited, Ports, Replicas, Server, alone, audit, dastak, drive, is_judged, is_slow_wanted,
    logged,
};

/// The first port of the first deployment here; each has [`PORTS_EACH`].
const FIRST_PORT: u16 = 18_600;
const PORTS_EACH: u16 = 4;
/// Deployments side by side: each mostly waits.
const SIDE_BY_SIDE: usize = 4;
/// How they are driven.
const DRIVE: &[&str] =
    &["--rate", "40/s", "--duration", "8s", "--time-scale", "120", "--drain", "20s", "--quiet"];
/// Bugs that show where several servers race.
const RACING: &[&str] = &["drops-guard", "publishes-early"];

/// A deployment: who has which bug, or none, where the truth is kept, and whose luck is drawn.
struct Case {
    mutant: Option<&'static str>,
    is_replicated: bool,
    seed: u32,
}

impl Case {
    fn of(mutant: &'static str) -> Self {
        Self { mutant: Some(mutant), is_replicated: RACING.contains(&mutant), seed: 3 }
    }

    const fn sound(seed: u32) -> Self {
        Self { mutant: None, is_replicated: seed.is_multiple_of(2), seed }
    }

    /// Serves it, drives it and audits that.
    fn audited(&self, nth: u16, database: &str) -> Audited {
        let first_port = FIRST_PORT + nth * PORTS_EACH;
        let env: Vec<_> = self.mutant.map(|name| ("DASTAK_MUTANT", name)).into_iter().collect();
        let seed = self.seed.to_string();
        let more = [DRIVE, &["--seed", &seed]].concat();
        if self.is_replicated {
            let replicas = Replicas::start(first_port, database.to_owned(), None, [&env, &env]);
            // A bug may end its server at an assertion: one without follows over the same rows.
            let up = |is_over: &AtomicBool| replicas.keep_up(is_over, |_| ());
            let driven = replicas.driven("faults.toml", &more, up);
            return self.judged(replicas.dir.path(), driven);
        }
        let (dir, ports) = (tempfile::tempdir().unwrap(), Ports::new(first_port, 1));
        let (at, store) = (&ports.servers[0], ["--store", "memory"]);
        let _server = Server::start(dir.path(), at, &ports.providers, &store, &env);
        self.judged(dir.path(), drive(dir.path(), &ports, "faults.toml", &more))
    }

    /// Audits a drive that ended so. What a bug brought down has left its evidence, too.
    fn judged(&self, dir: &Path, (code, said): (Option<i32>, String)) -> Audited {
        let fell =
            code == Some(20) && self.mutant.is_some() && dir.join("run/summary.json").exists();
        if is_judged(code) || fell {
            return audit(dir);
        }
        let text = format!("{said}\n{}", logged(dir));
        Audited { code, broken: Vec::new(), text }
    }

    /// What is wrong with what an audit says of it; nothing if that is as it should be.
    fn wrong(&self, audited: &Audited) -> Option<String> {
        let Audited { code, broken, text } = audited;
        let Some(mutant) = self.mutant else {
            println!("seed {}: {code:?}", self.seed);
            let is_clean = *code == Some(0) && broken.is_empty();
            return (!is_clean).then(|| format!("seed {}: a false alarm\n{text}", self.seed));
        };
        let (.., expected) = MUTANTS.iter().find(|(_, name, ..)| *name == mutant).unwrap();
        let found = broken.iter().find(|(id, ..)| expected.contains(&id.as_str()));
        let all: Vec<&str> = broken.iter().map(|(id, ..)| id.as_str()).collect();
        println!("{mutant}: {code:?} {all:?}");
        match found {
            Some((id, first, shown)) if *code == Some(11) && !shown.is_empty() => {
                println!("  {id}: {first}");
                shown.iter().for_each(|line| println!("    {line}"));
                None
            }
            _ => {
                let of_all = format!("{all:?} of {expected:?}");
                Some(format!("{mutant}: {code:?}, {of_all} is broken\n{text}"))
            }
        }
    }
}

/// Serves, drives and audits them, some side by side.
fn check(cases: &[Case]) {
    let _alone = alone();
    let runtime = Runtime::new().unwrap();
    let postgres = runtime.block_on(PrivateServer::start()).unwrap();
    let mut wrong = Vec::new();
    for some in cases.chunks(SIDE_BY_SIDE) {
        let fresh = |_: &Case| runtime.block_on(postgres.fresh()).unwrap();
        let databases: Vec<String> = some.iter().map(fresh).collect();
        let found: Vec<Audited> = thread::scope(|scope| {
            let each = (0_u16..).zip(some.iter().zip(&databases));
            let begun: Vec<_> = each
                .map(|(nth, (case, database))| scope.spawn(move || case.audited(nth, database)))
                .collect();
            begun.into_iter().map(|one| one.join().unwrap()).collect()
        });
        wrong.extend(some.iter().zip(&found).filter_map(|(case, audited)| case.wrong(audited)));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn some_bugs_are_named_and_a_sound_deployment_is_not() {
    let mutants = ["acks-early", "caches-shelves", "captures-twice"].map(Case::of);
    check(&mutants.into_iter().chain([Case::sound(1)]).collect::<Vec<_>>());
}

/// `RUN_SLOW=1 cargo test -p dastak-cli --test live slow_every_bug -- --nocapture`
#[test]
fn slow_every_bug_is_named_and_sound_deployments_never() {
    if is_slow_wanted() {
        let mutants = MUTANTS.iter().map(|(_, name, ..)| Case::of(name));
        check(&mutants.chain((1..=10).map(Case::sound)).collect::<Vec<_>>());
    }
}

/// The bug that shows least often: two servers must race, and most races end the servers.
///
/// `RUN_SLOW=1 cargo test -p dastak-cli --test live slow_rows_that -- --nocapture`
#[test]
fn slow_rows_that_are_not_guarded_are_named_whoever_comes() {
    if is_slow_wanted() {
        let of = |seed| Case { seed, ..Case::of("drops-guard") };
        check(&(1..=8).map(of).collect::<Vec<_>>());
    }
}

#[test]
fn a_bug_is_chosen_by_its_name_from_a_list() {
    let dir = tempfile::tempdir().unwrap();
    let asked = |name: &str| dastak(dir.path()).arg("serve").env("DASTAK_MUTANT", name).output();
    let listed = asked("list").unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let named: Vec<_> = listed.lines().filter_map(|line| line.split(':').next()).collect();
    let all: Vec<_> = MUTANTS.iter().map(|(_, name, ..)| *name).collect();
    assert_eq!(named, all);
    let unknown = asked("typo").unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    let said = String::from_utf8(unknown.stderr).unwrap();
    assert!(said.contains("\"typo\" is no mutant"), "{said}");
}
