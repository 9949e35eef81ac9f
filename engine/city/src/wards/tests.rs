use std::path::PathBuf;

use domain::ids::CityId;
use domain::time::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::setup::{Metro, Setup, StoreSetup};
use crate::{Arrival, City, Demand};

/// Two squares of 0.02° side by side on the equator, the western with four times the people.
const TWO: &str = r#"{"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"NAME":"west","POPULATION":4000},
  "geometry":{"type":"Polygon","coordinates":[[[0,0],[0.02,0],[0.02,0.02],[0,0.02],[0,0]]]}},
 {"type":"Feature","properties":{"NAME":"east","population":1000},
  "geometry":{"type":"MultiPolygon","coordinates":[[[[0.02,0],[0.04,0],[0.04,0.02],[0.02,0.02],[0.02,0]]]]}}]}"#;

fn at(wards: &Wards, lat: f64, lon: f64) -> f64 {
    wards.people_per_km2(Place::from_degrees(lat, lon).unwrap())
}

#[test]
fn people_are_where_the_wards_say() {
    let wards = Wards::read(TWO.as_bytes()).unwrap();
    assert_eq!((wards.count, wards.middle().lat_e7, wards.middle().lon_e7), (2, 100_000, 200_000));
    assert!((wards.area_km2 - 2.0 * 4.946).abs() < 0.01, "{}", wards.area_km2);
    assert!((wards.people - 5_000.0).abs() < 1e-6);
    assert!((at(&wards, 0.01, 0.01) - 4_000.0 / 4.946).abs() < 1.0);
    assert!((at(&wards, 0.01, 0.03) - 1_000.0 / 4.946).abs() < 1.0);
    for (lat, lon) in [(0.03, 0.01), (-0.01, 0.01), (0.01, -0.01), (0.01, 0.05)] {
        assert!(at(&wards, lat, lon) < f64::EPSILON, "{lat} {lon}");
    }
}

#[test]
fn wards_that_do_not_say_are_like_the_others() {
    let unsaid = TWO.replace(r#","population":1000"#, "");
    let wards = Wards::read(unsaid.as_bytes()).unwrap();
    assert!((at(&wards, 0.01, 0.03) / at(&wards, 0.01, 0.01) - 1.0).abs() < 1e-9);
    let none = unsaid.replace(r#","POPULATION":4000"#, "");
    let wards = Wards::read(none.as_bytes()).unwrap();
    assert!((at(&wards, 0.01, 0.03) - 1.0).abs() < 1e-9);
}

#[test]
fn what_is_no_city_is_refused() {
    let check = |text: String, want: &str| {
        assert_eq!(Wards::read(text.as_bytes()).unwrap_err().to_string(), want);
    };
    check(TWO.replace("1000", "-5"), "ward 2 has -5 as its population, not a number of people");
    check(
        TWO.replace("1000", "\"many\""),
        "ward 2 has \"many\" as its population, not a number of people",
    );
    check(
        TWO.replace("[0.04,0.02]", "[0.04,93]"),
        "ward 2 has a corner at 0.04, 93: no longitude and latitude in degrees",
    );
    check(
        TWO.replace("[0.04,0.02]", "[4,2]"),
        "the wards reach over 444713 m, more than one city's 250000 m",
    );
    check(
        r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}]}"#.to_owned(),
        "ward 1 is Point, not a polygon",
    );
    check(r#"{"type":"FeatureCollection","features":[]}"#.to_owned(), "there are no wards");
    check(TWO[..300].to_owned(), "the wards are no GeoJSON");
    check("nonsense".to_owned(), "the wards are no GeoJSON");
    check(
        r#"{"type":"Point","coordinates":[1,2]}"#.to_owned(),
        "the wards are not a collection of features",
    );
    let boxed = TWO.replace(r#""features""#, r#""bbox":[0,0,1,1],"features""#);
    assert!(Wards::read(boxed.as_bytes()).is_ok(), "a bounding box is no ward");
}

proptest! {
    /// Whatever is cut off or changed, reading ends in wards or in a refusal.
    #[test]
    fn a_spoilt_file_is_read_or_refused(cut in 0..TWO.len(), at in 0..TWO.len(), with in any::<u8>()) {
        let mut text = TWO.as_bytes()[..cut].to_vec();
        if let Some(byte) = text.get_mut(at) {
            *byte = with;
        }
        let _ = Wards::read(text.as_slice());
    }
}

/// Wards of a real city; none where the shared data is not here.
fn real(file: &str) -> Option<Wards> {
    let root = std::env::var_os("DASTAK_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join("wards").join(file);
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("skipped: {} is not here (set DASTAK_DATA)", path.display());
        return None;
    };
    Some(Wards::read(file).unwrap())
}

#[test]
fn real_wards_are_read() {
    let check = |file: &str, count: usize, area_km2: f64, people: Option<f64>| {
        let Some(wards) = real(file) else { return };
        assert_eq!(wards.count, count);
        assert!((wards.area_km2 / area_km2 - 1.0).abs() < 0.05, "{}", wards.area_km2);
        let people = people.unwrap_or(wards.area_km2);
        assert!((wards.people / people - 1.0).abs() < 0.01, "{}", wards.people);
    };
    // The corporations' areas (Mumbai's: Development Plan 2034); Mumbai's census of 2011 counted
    // 12.4 million.
    check("bengaluru-wards.geojson", 243, 714.0, None);
    check("mumbai-wards.geojson", 24, 458.3, None);
    check("mumbai-electoral-wards-2017-population.geojson", 227, 458.3, Some(12_442_373.0));
}

/// Ten stores serve a quarter of Mumbai's ground and more of its people, and orders come from where
/// people live.
#[test]
fn stores_stand_where_most_of_mumbai_lives() {
    let Some(wards) = real("mumbai-electoral-wards-2017-population.geojson") else { return };
    let mut setup = Setup {
        metro: Metro::named("mumbai").unwrap().with_wards(wards.clone()),
        stores: StoreSetup { count: 10, weight_sigma: 0.0, ..StoreSetup::default() },
        ..Setup::default()
    };
    setup.demand.to = Timestamp::from_s(12 * 3_600);
    let city = City::build(&setup, CityId(0), 1).unwrap();
    let mut served = (0.0, 0.0);
    // By store: the people for whom it is the nearest, in cells of 250 m.
    let mut near = vec![0.0; city.stores.len()];
    let (south_west, cell_km2) = (wards.corner, CELL_M * CELL_M / 1e6);
    let plane = Plane::new(wards.middle());
    for (cell, density) in wards.density.iter().enumerate() {
        let middle = |along: usize| (along as f64 + 0.5) * CELL_M;
        let (row, column) = (cell / wards.columns, cell % wards.columns);
        let at = Xy { x: south_west.x + middle(column), y: south_west.y + middle(row) };
        let place = plane.place(at);
        let away = city.stores.iter().map(|store| store.place.straight_m(place));
        let (store, away_m) = (0_usize..).zip(away).min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        if away_m <= f64::from(setup.stores.catchment_m) && *density > 0.0 {
            served = (served.0 + cell_km2, served.1 + density * cell_km2);
            near[store] += density * cell_km2;
        }
    }
    let (ground, people) = (served.0 / wards.area_km2, served.1 / wards.people);
    assert!(people > 1.45 * ground, "{people:.3} of the people on {ground:.3} of the ground");
    let demand = Demand::generate(&setup, &city, 1);
    for (store, near) in near.iter().enumerate() {
        let of_store =
            |arrival: &&Arrival| (arrival.customer.0 / setup.stores.customers) as usize == store;
        let orders = demand.arrivals.iter().filter(of_store).count() as f64;
        let ratio = orders / demand.arrivals.len() as f64 / (near / served.1);
        assert!((0.7..1.4).contains(&ratio), "store {store}: {ratio:.3}");
    }
}
