//! What comes at the same time goes together.

use std::sync::Arc;

use dastak_backends::{Options, Postgres};
use domain::ids::{CityId, SkuId, StoreId};
use domain::outside::Input;
use shell::clock::WallClock;
use shell::{Database, InputKey, Key, Rows, Setup, Shell, Source};
use tokio::task::JoinSet;

use crate::left::gives_up_after;
use crate::with_server;

/// Who comes at the same time.
const AT_ONCE: u32 = 60;
/// Round trips that this may cost: some to load and some to commit, for those who come first alone
/// and for the others together.
const ROUND_TRIPS: u64 = 12;

fn shelf(nth: u32) -> (StoreId, SkuId) {
    (StoreId(nth % 3), SkuId(nth))
}

/// Everybody receives one unit on a shelf of their own; some go away before they are answered.
async fn receive(shell: &Arc<Shell<Postgres, WallClock>>, gives_up: fn(u32) -> Option<usize>) {
    let mut said = JoinSet::new();
    for nth in 0..AT_ONCE {
        let shell = Arc::clone(shell);
        said.spawn(async move {
            let (store, sku) = shelf(nth);
            let key = InputKey::numbered(Source::Platform, nth.into());
            let words = [Input::Receive { store, sku, units: 1 }];
            match gives_up(nth) {
                Some(polls) => gives_up_after(polls, shell.hear(key, &words)).await,
                None => drop(shell.hear(key, &words).await.unwrap()),
            }
        });
    }
    said.join_all().await;
}

fn check(gives_up: fn(u32) -> Option<usize>, round_trips: u64) {
    with_server(async |server| {
        let url = server.fresh().await.unwrap();
        let database = Postgres::connect(&url, CityId(0), Options::default()).await.unwrap();
        let shell = Arc::new(Shell::new(Setup::new(CityId(0)), database, WallClock));
        receive(&shell, gives_up).await;
        let cost = shell.database().round_trips();
        assert!(cost <= round_trips, "{AT_ONCE} units of work took {cost} round trips");
        // Those who went away come again, and are heard once like the others.
        receive(&shell, |_| None).await;
        let mut rows = Rows::default();
        let keys: Vec<Key> = (0..AT_ONCE).map(|nth| Key::Slot(shelf(nth))).collect();
        shell.database().load(&keys, &mut rows).await.unwrap();
        let units: Vec<u32> = rows.slots.iter().map(|read| read.state().free_units).collect();
        assert_eq!(units, vec![1; keys.len()]);
    });
}

#[test]
fn many_cost_as_few_round_trips_as_some() {
    check(|_| None, ROUND_TRIPS);
}

#[test]
fn who_goes_away_takes_nobody_along() {
    check(|nth| (nth % 2 == 0).then_some(1 + usize::try_from(nth % 5).unwrap()), u64::MAX);
}
