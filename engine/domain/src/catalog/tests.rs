//! Prices stay under the MRP, and an address is served by the stores that reach it.

use proptest::prelude::*;

use super::*;
use crate::ids::{SkuId, StoreId};
use crate::money::{Bps, Paise};
use crate::place::Place;

fn sku(price: i64, mrp: i64, group: u32) -> Sku {
    Sku {
        mrp: Paise(mrp),
        price: Paise(price),
        gst: Bps(500),
        class: Class::Dry,
        group: Group(group),
        is_active: true,
    }
}

#[test]
fn a_price_is_between_one_paisa_and_the_mrp() {
    let price_of = |price| Catalogue::new(vec![sku(price, 100, 0)]).map(|c| c.skus()[0].price);
    assert_eq!(price_of(1), Ok(Paise(1)));
    assert_eq!(price_of(100), Ok(Paise(100)));
    for price in [0, -1, 101] {
        let refusal = Refusal::Price { sku: SkuId(0), price: Paise(price), mrp: Paise(100) };
        assert_eq!(price_of(price), Err(refusal));
    }
}

#[test]
fn the_catalogue_hears_commands() {
    let mut catalogue = Catalogue::new(vec![sku(90, 100, 0)]).unwrap();
    let mut hear = |command| {
        let mut events = Vec::new();
        let heard = catalogue.decide(command, &mut events);
        events.iter().for_each(|event| catalogue.evolve(event));
        (heard, events.len(), catalogue.skus()[0])
    };
    let set = |price| Command::SetPrice { sku: SkuId(0), price: Paise(price) };
    assert_eq!(hear(set(95)), (Ok(()), 1, sku(95, 100, 0)));
    assert_eq!(hear(set(95)), (Ok(()), 0, sku(95, 100, 0)), "it is so already");
    let above = Refusal::Price { sku: SkuId(0), price: Paise(101), mrp: Paise(100) };
    assert_eq!(hear(set(101)), (Err(above), 0, sku(95, 100, 0)));
    let off = Command::SetActive { sku: SkuId(0), is_active: false };
    let gone = Sku { is_active: false, ..sku(95, 100, 0) };
    assert_eq!(hear(off), (Ok(()), 1, gone));
    assert_eq!(hear(off), (Ok(()), 0, gone));
    let unknown = Command::SetActive { sku: SkuId(1), is_active: true };
    assert_eq!(hear(unknown).0, Err(Refusal::Unknown { sku: SkuId(1) }));
}

#[test]
fn substitutes_are_of_the_same_group_and_on_sale() {
    let mut skus = vec![sku(1, 1, 7), sku(1, 1, 5), sku(1, 1, 7), sku(1, 1, 7), sku(1, 1, 9)];
    skus[3].is_active = false;
    let catalogue = Catalogue::new(skus).unwrap();
    let check = |of: u32, expected: &[u32]| {
        let found: Vec<_> = catalogue.substitutes(SkuId(of)).map(|sku| sku.0).collect();
        assert_eq!(found, expected, "of sku{of}");
    };
    check(0, &[2]);
    check(2, &[0]);
    check(3, &[0, 2]);
    check(1, &[]);
    check(4, &[]);
    check(99, &[]);
}

/// So many metres north and east of the middle of Bengaluru.
fn place(north_m: f64, east_m: f64) -> Place {
    let lat = 12.97 + north_m / 111_195.0;
    Place::from_degrees(lat, 77.59 + east_m / 108_355.0).unwrap()
}

fn area(north_m: f64, east_m: f64, radius_m: u32) -> Area {
    Area { place: place(north_m, east_m), radius_m, pincodes: Vec::new() }
}

fn open(_: StoreId) -> Bps {
    Bps::ONE
}

fn address(north_m: f64, east_m: f64) -> Address {
    Address { place: place(north_m, east_m), pincode: None }
}

fn stores(served: &[Served]) -> Vec<u32> {
    served.iter().map(|served| served.store.0).collect()
}

#[test]
fn the_stores_that_reach_an_address_serve_it_nearest_first() {
    let city = Serviceability::new(vec![
        area(0.0, 0.0, 2_000),
        area(1_000.0, 0.0, 2_000),
        area(0.0, 5_000.0, 2_000),
    ]);
    let check = |north_m, east_m, expected: &[u32]| {
        let mut served = Vec::new();
        let heard = city.serving(address(north_m, east_m), open, &mut served);
        assert_eq!(heard.is_ok(), !expected.is_empty());
        assert_eq!(stores(&served), expected, "{north_m} {east_m}");
    };
    check(100.0, 0.0, &[0, 1]);
    check(900.0, 0.0, &[1, 0]);
    check(2_500.0, 0.0, &[1]);
    check(0.0, 4_000.0, &[2]);
    check(0.0, 2_500.0, &[]);
    check(0.0, 90_000.0, &[]);
    check(-90_000.0, 0.0, &[]);
}

#[test]
fn a_refusal_names_the_nearest_store_that_takes_orders() {
    let city = Serviceability::new(vec![area(0.0, 0.0, 2_000), area(0.0, 5_000.0, 2_000)]);
    let nearest = |reach: fn(StoreId) -> Bps| {
        let mut served = Vec::new();
        match city.serving(address(0.0, 2_400.0), reach, &mut served) {
            Err(Unserviceable::OutOfReach { nearest }) => nearest.map(|served| served.store.0),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(nearest(open), Some(0));
    assert_eq!(nearest(|store| if store.0 == 0 { Bps(0) } else { Bps::ONE }), Some(1));
    assert_eq!(nearest(|_| Bps(0)), None);
}

#[test]
fn a_throttled_store_serves_nearer_addresses_only() {
    let city = Serviceability::new(vec![area(0.0, 0.0, 2_000)]);
    let mut served = Vec::new();
    let half = |_| Bps(5_000);
    assert!(city.serving(address(900.0, 0.0), half, &mut served).is_ok());
    assert!(city.serving(address(1_100.0, 0.0), half, &mut served).is_err());
    assert!(city.serving(address(0.0, 0.0), |_| Bps(0), &mut served).is_err(), "not at all");
    assert!(city.serving(address(2_100.0, 0.0), |_| Bps(20_000), &mut served).is_err());
}

#[test]
fn pincodes_narrow_what_a_store_serves() {
    let [here, there] = [Pincode(560_001), Pincode(560_102)];
    let near = Area { pincodes: vec![here], ..area(0.0, 0.0, 2_000) };
    let mut city = Serviceability::new(vec![near, area(500.0, 0.0, 2_000)]);
    let check = |city: &Serviceability, pincode, expected: &[u32]| {
        let mut served = Vec::new();
        let to = Address { pincode, ..address(0.0, 0.0) };
        let heard = city.serving(to, open, &mut served);
        assert_eq!(stores(&served), expected, "{pincode:?}");
        heard
    };
    check(&city, Some(here), &[0, 1]).unwrap();
    check(&city, Some(there), &[1]).unwrap();
    check(&city, None, &[0, 1]).unwrap();
    city.set_blocked(there, true);
    city.set_blocked(there, true);
    let blocked = Unserviceable::Blocked { pincode: there };
    assert_eq!(check(&city, Some(there), &[]), Err(blocked));
    check(&city, Some(here), &[0, 1]).unwrap();
    city.set_blocked(there, false);
    check(&city, Some(there), &[1]).unwrap();
}

#[test]
fn a_city_without_stores_serves_nobody() {
    let city = Serviceability::new(Vec::new());
    let heard = city.serving(address(0.0, 0.0), open, &mut Vec::new());
    assert_eq!(heard, Err(Unserviceable::OutOfReach { nearest: None }));
}

proptest! {
    /// The grid finds exactly the stores that looking at every one of them finds, from the
    /// equator to far north.
    #[test]
    fn the_grid_agrees_with_looking_at_all_stores(
        middle_lat in -65.0_f64..65.0,
        areas in prop::collection::vec((-0.2_f64..0.2, -0.2_f64..0.2, 1_u32..6_000), 1..40),
        doors in prop::collection::vec((-0.25_f64..0.25, -0.25_f64..0.25), 1..40),
    ) {
        let place = |(north, east): (f64, f64)| {
            Place::from_degrees(middle_lat + north, 77.59 + east).unwrap()
        };
        let areas: Vec<_> = areas
            .into_iter()
            .map(|(north, east, radius_m)| Area {
                place: place((north, east)),
                radius_m,
                pincodes: Vec::new(),
            })
            .collect();
        let city = Serviceability::new(areas.clone());
        for door in doors {
            let to = Address { place: place(door), pincode: None };
            let mut served = Vec::new();
            let heard = city.serving(to, open, &mut served);
            let mut expected = Vec::new();
            for (index, area) in areas.iter().enumerate() {
                if to.place.straight_m(area.place) <= f64::from(area.radius_m) {
                    expected.push(u32::try_from(index).unwrap());
                }
            }
            prop_assert_eq!(heard.is_ok(), !expected.is_empty());
            prop_assert!(served.is_sorted());
            let mut found = stores(&served);
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
