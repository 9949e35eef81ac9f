//! What comes at the same time goes together.

use std::collections::BTreeMap;
use std::sync::Arc;

use dastak_backends::{Options, Postgres};
use domain::ids::{CityId, SkuId, StoreId};
use domain::outside::Input;
use shell::clock::WallClock;
use shell::{Database, InputKey, Key, Rows, Setup, Shell, Source};
use tokio::task::JoinSet;

use crate::left::gives_up_after;
use crate::with_server;

type Shelf = (StoreId, SkuId);

fn of_its_own(nth: u32) -> Shelf {
    (StoreId(nth % 3), SkuId(nth))
}

/// So many receive one unit each; some go away before they are answered.
async fn receive(
    shell: &Arc<Shell<Postgres, WallClock>>,
    (at_once, shelf): (u32, fn(u32) -> Shelf),
    gives_up: fn(u32) -> Option<usize>,
) {
    let mut said = JoinSet::new();
    for nth in 0..at_once {
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

fn check(who: (u32, fn(u32) -> Shelf), gives_up: fn(u32) -> Option<usize>, round_trips: u64) {
    with_server(async |server| {
        let url = server.fresh().await.unwrap();
        let database = Postgres::connect(&url, CityId(0), Options::default()).await.unwrap();
        let shell = Arc::new(Shell::new(Setup::new(CityId(0)), database, WallClock));
        receive(&shell, who, gives_up).await;
        let cost = shell.database().round_trips();
        assert!(cost <= round_trips, "{who:?} took {cost} round trips");
        // Those who went away come again, and are heard once like the others.
        receive(&shell, who, |_| None).await;
        let (at_once, shelf) = who;
        let mut wanted = BTreeMap::new();
        (0..at_once).for_each(|nth| *wanted.entry(shelf(nth)).or_insert(0) += 1);
        let keys: Vec<Key> = wanted.keys().copied().map(Key::Slot).collect();
        let mut rows = Rows::default();
        shell.database().load(&keys, &mut rows).await.unwrap();
        let units: BTreeMap<Shelf, u32> =
            rows.slots.iter().map(|read| (read.key, read.state().free_units)).collect();
        assert_eq!(units, wanted);
    });
}

#[test]
fn many_cost_as_few_round_trips_as_some() {
    check((60, of_its_own), |_| None, 12);
}

/// Whoever lost knows it without asking: each costs a commit and two loads, since who comes first is
/// read for alone.
#[test]
fn those_who_change_one_row_go_one_after_the_other() {
    check((20, |_| (StoreId(0), SkuId(0))), |_| None, 66);
}

#[test]
fn who_goes_away_takes_nobody_along() {
    let gives_up = |nth| (nth % 2 == 0).then_some(1 + usize::try_from(nth % 5).unwrap());
    check((60, of_its_own), gives_up, u64::MAX);
}
