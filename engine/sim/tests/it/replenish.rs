//! Shelves are filled again, counted and cleared, day after day.

use city::setup::Setup as Metro;
use city::{City, Demand};
use domain::facts::Fact;
use domain::ids::{CityId, SkuId, StoreId};
use domain::picking::Event as Picking;
use domain::stock::{Adjustment, Event, Shelves};
use domain::time::Timestamp;
use domain::{facts::Record, pricing};

use crate::laws::small;
use crate::play::{Played, play, setup};

/// Some days of a few stores with a whole catalogue.
fn days(days: u64, change: impl FnOnce(&mut Metro)) -> (City, Played) {
    let mut metro = small(3, 0, 24 * days);
    metro.catalogue.skus = 1_000;
    metro.stores.orders_per_day = 700.0;
    change(&mut metro);
    let city = City::build(&metro, CityId(0), 6).expect("a small city can be built");
    let demand = Demand::generate(&metro, &city, 6);
    let played = play(&setup(6, 0, 24 * days), &city, &demand);
    (city, played)
}

/// The share of shelves with free units, at the opening and at the end of each day.
fn in_stock(city: &City, journal: &[Record], days: u64) -> Vec<f64> {
    let mut shelves = Shelves::new(city.skus.len(), city.stock.iter().copied());
    let share = |shelves: &Shelves| {
        let stores = (0..city.stores.len()).map(StoreId::at);
        let of = |store| (0..city.skus.len()).map(move |sku| (store, SkuId::at(sku)));
        let slots = stores.flat_map(of).map(|(store, sku)| shelves.slot(store, sku));
        let there = slots.filter(|slot| slot.free_units > 0).count();
        there as f64 / city.stock.len() as f64
    };
    let mut shares = vec![share(&shelves)];
    let mut records = journal.iter().peekable();
    for day in 1..=days {
        let end = Timestamp::from_s(day * 86_400);
        while let Some(record) = records.next_if(|record| record.at < end) {
            if let Fact::Stock(event) = record.fact {
                shelves.evolve(&event);
            }
        }
        shares.push(share(&shelves));
    }
    shares
}

fn received(journal: &[Record]) -> impl Iterator<Item = (Timestamp, SkuId, u32)> {
    journal.iter().filter_map(|record| match record.fact {
        Fact::Stock(Event::Received { sku, units, .. }) => Some((record.at, sku, units)),
        _ => None,
    })
}

fn adjusted(journal: &[Record], why: Adjustment) -> u32 {
    let units = journal.iter().filter_map(|record| match record.fact {
        Fact::Stock(Event::Adjusted { adjustment, delta_units, .. }) if adjustment == why => {
            Some(delta_units.unsigned_abs())
        }
        _ => None,
    });
    units.sum()
}

/// Availability stays within its band (calibration section 5: 90 to 97 %) for days.
#[test]
fn shelves_stay_as_full_as_they_were() {
    let (city, played) = days(4, |_| {});
    let shares = in_stock(&city, &played.journal, 4);
    println!("in stock at the end of each day: {shares:.3?}");
    assert!(shares.iter().all(|share| (0.90..=0.97).contains(share)), "{shares:.3?}");
}

#[test]
fn without_lorries_shelves_run_dry() {
    let (city, played) = days(4, |metro| metro.supply.hub_fill = 0.0);
    assert_eq!(received(&played.journal).count(), 0);
    let shares = in_stock(&city, &played.journal, 4);
    assert!(shares[4] < 0.7, "{shares:.3?}");
    let (_, usual) = days(4, |_| {});
    let missing = |played: &Played| {
        let is = |record: &&Record| {
            matches!(record.fact, Fact::Pricing(pricing::Event::LineUnavailable { .. }))
        };
        played.journal.iter().filter(is).count()
    };
    assert!(missing(&played) > 5 * missing(&usual), "{} {}", missing(&played), missing(&usual));
}

/// Dry goods come at night; fresh goods at five and at three; anything else is a top-up, three
/// hours after a full hour from the first order, and only of what is popular.
#[test]
fn lorries_come_when_they_should() {
    let (city, played) = days(2, |metro| metro.catalogue.cover_days = 0.4);
    let first = played.journal.iter().find_map(|record| match record.fact {
        Fact::Pricing(_) => Some(record.at),
        _ => None,
    });
    let first = first.expect("somebody orders");
    let (mut dry, mut fresh, mut topped_up) = (0, 0, 0);
    for (at, sku, units) in received(&played.journal) {
        assert!(units > 0);
        let of_day = at.0 / 1_000_000 % 86_400;
        let is_fresh = city.skus[sku.index()].fresh;
        if is_fresh && matches!(of_day, 18_000 | 54_000) {
            fresh += 1;
        } else if !is_fresh && (7_200..18_000).contains(&of_day) {
            dry += 1;
        } else {
            assert_eq!((at.0 - first.0) % 3_600_000_000, 0, "{at}");
            assert!(sku.0 < 200, "{sku} is not popular");
            topped_up += 1;
        }
    }
    assert!(dry > 500 && fresh > 500 && topped_up > 100, "{dry} {fresh} {topped_up}");
}

/// Three in a hundred fresh units a day are thrown away (B17).
#[test]
fn what_is_past_its_date_is_thrown_away() {
    let (city, played) = days(4, |_| {});
    let is_fresh = |shelf: &usize| city.skus[shelf % city.skus.len()].fresh;
    let units = city.stock.iter().enumerate().filter(|(shelf, _)| is_fresh(shelf));
    let full: u32 = units.map(|(_, units)| units).sum();
    let share = f64::from(adjusted(&played.journal, Adjustment::Dumped)) / f64::from(full) / 4.0;
    println!("thrown away of full shelves each day: {share:.4}");
    assert!((0.02..0.032).contains(&share), "{share}");
}

/// Phantom stock makes picks short, and counting takes it off the record.
#[test]
fn phantom_stock_is_found_by_pickers_and_by_counting() {
    let ran = |phantom: f64, count_days: u32| {
        let (_, played) = days(3, |metro| {
            metro.supply.phantom = phantom;
            metro.supply.count_days = count_days;
        });
        let is_short =
            |record: &&Record| matches!(record.fact, Fact::Picking(Picking::LineShort { .. }));
        let short = played.journal.iter().filter(is_short).count();
        (short, adjusted(&played.journal, Adjustment::CycleCount))
    };
    let (usual, few) = ran(0.0, 30);
    let (short, counted) = ran(0.3, 30);
    let (short_if_counted, counted_daily) = ran(0.3, 1);
    println!("{usual} {few}, {short} {counted}, {short_if_counted} {counted_daily}");
    assert!(short > usual + usual / 5, "{short} against {usual}");
    assert!(counted > 4 * few && counted_daily > 5 * counted, "{few} {counted} {counted_daily}");
    assert!(short_if_counted < short, "{short_if_counted} against {short}");
}
