//! Shelves that are locked: whoever is about to change the same ones waits, and decides once.

use std::sync::Arc;
use std::time::Duration;

use dastak_backends::{Locking, Options, Postgres};
use domain::ids::{CityId, SkuId, StoreId};
use domain::outside::Input;
use shell::clock::WallClock;
use shell::{InputKey, Setup, Shell, Source};
use tokio::task::JoinSet;

use crate::with_server;

/// Who changes a shelf at the same time, more than there are connections.
const AT_ONCE: u64 = 40;
const STORE: StoreId = StoreId(0);

/// Receives units of two SKUs, in an order of its own.
fn words(nth: u64) -> [Input; 2] {
    let word = |sku| Input::Receive { store: STORE, sku: SkuId(sku), units: 1 };
    if nth.is_multiple_of(2) { [word(0), word(1)] } else { [word(1), word(0)] }
}

#[test]
fn whoever_waits_for_a_shelf_decides_once() {
    with_server(async |server| {
        let url = server.fresh().await.unwrap();
        let wait = Duration::from_secs(20);
        let options = Options { wait, locking: Locking::Row, ..Options::default() };
        let mut replicas = Vec::new();
        for _ in 0..2 {
            let database = Postgres::connect(&url, CityId(0), options).await.unwrap();
            replicas.push(Arc::new(Shell::new(Setup::new(CityId(0)), database, WallClock)));
        }
        let mut said = JoinSet::new();
        for nth in 0..AT_ONCE {
            let replica = Arc::clone(&replicas[usize::from(nth.is_multiple_of(3))]);
            let key = InputKey::numbered(Source::Platform, nth);
            said.spawn(async move { replica.hear(key, &words(nth)).await.unwrap().races_lost });
        }
        assert_eq!(said.join_all().await, vec![0; usize::try_from(AT_ONCE).unwrap()]);
    });
}
