//! Both worlds agree: the tape of a simulated run, played through the shell over PostgreSQL, gives
//! the same words, facts, effects, states and stock, although every seventh commit loses a race.

use dastak_backends::private::PrivateServer;
use dastak_backends::{Locking, Options, Postgres};
use domain::ids::CityId;
use shell::{Database, Path};

use crate::played::Played;
use crate::racing::{LOSES, Racing};
use crate::{played, replay, with_server};

/// Facts that are read at a time.
const PAGE: usize = 1_000;

#[test]
fn a_hostile_run_is_the_same_over_postgres() {
    let played = played::hostile(sim::services::Setup {
        inventory: played::slow(20),
        ..sim::services::Setup::default()
    });
    played.has_everything();
    with_server(async |server| {
        for locking in [Locking::Version, Locking::Row] {
            replays(server, &played, locking).await;
        }
    });
}

async fn replays(server: &PrivateServer, played: &Played, locking: Locking) {
    let url = server.fresh().await.unwrap();
    // Thousands of commits, one after the other, none of which must outlive the test.
    let options = Options { durable: false, locking, ..Options::default() };
    let database = Postgres::connect(&url, CityId(0), options).await.unwrap();
    database.install(&[], &played.shelves(), played.opening()).await.unwrap();
    let racing = Racing::new(&database);
    let (units, lost) = replay::replay(played, racing, Path::Apart).await;
    assert!(units >= 2_000 && lost >= units / LOSES, "{units} units, {lost} lost races");
    let mut told = Vec::new();
    loop {
        let page = database.journal(told.len() as u64, PAGE).await.unwrap();
        told.extend_from_slice(&page);
        if page.len() < PAGE {
            break;
        }
    }
    let differs = played.journal.iter().zip(&told).find(|(played, told)| played != told);
    assert_eq!(differs, None, "the journal is the run's");
    assert_eq!(told.len(), played.journal.len());
    // Read from the middle, by whoever has not read before.
    let page = database.journal(PAGE as u64, 10).await.unwrap();
    assert_eq!(page, told[PAGE..PAGE + 10]);
}
