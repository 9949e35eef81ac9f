//! Through the whole simulator, in degenerate scenarios that a formula describes.

use city::setup::{Profile, Setup as Metro};
use city::{City, Demand, Store, Straight, Travel};
use domain::facts::Fact;
use domain::ids::CityId;
use domain::place::Place;
use domain::time::Timestamp;
use domain::{delivery, dispatch, picking};
use kernel::chance::draw;

use crate::laws::small;
use crate::play::{play, setup};

/// Fails unless a measured value lies within a share of the theory's.
fn check(what: &str, measured: f64, theory: f64, tolerance: f64) {
    let error = measured / theory - 1.0;
    println!("{what}: measured {measured:.4}, theory {theory:.4}, off by {:+.2} %", error * 100.0);
    assert!(error.abs() <= tolerance, "{what}: {measured} against {theory}");
}

/// Stores that each are one queue: Poisson arrivals, one picker, lognormal picking times.
fn single_pickers(stores: u32, hours: u64) -> Metro {
    let mut metro = small(stores, 0, hours);
    metro.demand.profile = Profile::Flat;
    metro.demand.burst_cv = 0.0;
    metro.demand.lines_mean = 1.0;
    metro.stores.weight_sigma = 0.0;
    metro.stores.orders_per_day = 24.0 * 70.0;
    metro.fleet.pickers_per_store = Some(1.0);
    metro.fleet.riders_per_store = Some(60.0);
    metro
}

/// Pollaczek and Khinchine: the mean wait of M/G/1 is λ E[S²] / (2 (1 − ρ)).
#[test]
fn one_picker_is_a_queue_with_one_server() {
    let metro = single_pickers(60, 24);
    let city = City::build(&metro, CityId(0), 1).expect("it can be built");
    let demand = Demand::generate(&metro, &city, 1);
    let mut setup = setup(1, 0, 24);
    setup.policies.doors_by_load = false;
    let (mean_s, sigma) = (28.0, 0.6);
    let picking = &mut setup.behaviour.params.picking;
    (picking.start_s, picking.line_s, picking.pack_s) = (mean_s, 0.0, 0.0);
    (picking.sigma, picking.short_share) = (sigma, 0.0);
    setup.behaviour.params.customers.cancel_share = 0.0;

    let played = play(&setup, &city, &demand);
    let mut queued_at = vec![None; demand.arrivals.len()];
    let (mut waits_us, mut services_us, mut services2, mut count) = (0.0, 0.0, 0.0, 0.0);
    let mut started_at = vec![0; demand.arrivals.len()];
    let warm = Timestamp::from_s(3_600);
    for record in &played.journal {
        match record.fact {
            Fact::Picking(picking::Event::Queued { order, .. }) if record.at > warm => {
                queued_at[order.index()] = Some(record.at);
            }
            Fact::Picking(picking::Event::Started { order, .. }) => {
                started_at[order.index()] = record.at.0;
                if let Some(at) = queued_at[order.index()] {
                    waits_us += (record.at.0 - at.0) as f64;
                    count += 1.0;
                }
            }
            Fact::Picking(picking::Event::Packed { order, .. })
                if queued_at[order.index()].is_some() =>
            {
                let service = (record.at.0 - started_at[order.index()]) as f64;
                services_us += service;
                services2 += service * service;
            }
            _ => {}
        }
    }
    let (es, es2) =
        (mean_s * f64::exp(sigma * sigma / 2.0), mean_s * mean_s * f64::exp(2.0 * sigma * sigma));
    check("mean service, s", services_us / count / 1e6, es, 0.01);
    check("mean square of service, s²", services2 / count / 1e12, es2, 0.03);
    let per_store = count / 23.0 / 3_600.0 / 60.0;
    let load = per_store * es;
    assert!((0.6..=0.71).contains(&load), "load {load}");
    let theory = per_store * es2 / (2.0 * (1.0 - load));
    check("mean wait, s", waits_us / count / 1e6, theory, 0.03);
}

/// Larson's square-root law: the nearest of riders scattered with density g is 0.5 / √g away.
#[test]
fn the_nearest_rider_follows_the_square_root_law() {
    let side_e7 = 2_000_000;
    let scatter = |index: u32, margin: i32| {
        let mut draw = draw(9, u64::from(index), 1, 0);
        let span = u32::try_from(side_e7 - 2 * margin).expect("positive");
        let along = |n: u32| margin + i32::try_from(n).expect("fits");
        Place { lat_e7: along(draw.below(span)), lon_e7: along(draw.below(span)) }
    };
    let metro = small(1, 0, 1);
    let mut city = City::build(&metro, CityId(0), 1).expect("it can be built");
    let mut demand = Demand::generate(&metro, &city, 1);
    let trips = demand.arrivals.len().min(40);
    let stores = 400;
    let skus = city.skus.len();
    city.stock = city.stock[..skus].iter().map(|_| 1_000).cycle().take(skus * stores).collect();
    city.supply = None;
    city.stores = (0..400)
        .map(|index| Store {
            place: scatter(index, 200_000),
            node: None,
            radius_m: 40_000,
            weight: 1.0,
        })
        .collect();
    let shift = city.riders[0].shifts[0];
    let riders = 4_000;
    city.riders = (0..riders)
        .map(|index| city::Rider {
            home: None,
            place: scatter(10_000 + index, 0),
            shifts: vec![shift],
        })
        .collect();
    for rider in &mut city.riders {
        (rider.shifts[0].from, rider.shifts[0].to) = (Timestamp(0), Timestamp::from_s(86_400));
    }
    let picker = city.pickers[0].clone();
    city.pickers = (0..stores)
        .map(|index| city::Picker { store: domain::ids::StoreId::at(index), ..picker.clone() })
        .collect();
    for picker in &mut city.pickers {
        (picker.shifts[0].from, picker.shifts[0].to) = (Timestamp(0), Timestamp::from_s(86_400));
    }
    city.travel = Travel::Straight(Straight { circuity: 1.0, speed_m_per_h: 15_000 });
    // One order for each of many stores, all at once, so that none takes another's rider far away.
    demand.arrivals.truncate(trips);
    let mut distances = Vec::new();
    for batch in 0..stores / trips {
        for (index, arrival) in demand.arrivals.iter_mut().enumerate() {
            let store = batch * trips + index;
            arrival.store = Some(domain::ids::StoreId::at(store));
            arrival.door = city.stores[store].place;
        }
        let mut setup = setup(u64::try_from(batch).expect("small"), 0, 1);
        setup.policies.dispatch = dispatch::Policy::Nearest;
        setup.policies.doors_by_load = false;
        setup.policies.dispatch_params.rider_wait_limit = domain::time::Millis::from_min(30);
        let played = play(&setup, &city, &demand);
        for record in &played.journal {
            if let Fact::Delivery(delivery::Event::Offered { rider, store, .. }) = record.fact {
                let (from, to) =
                    (city.riders[rider.index()].place, city.stores[store.index()].place);
                distances.push(from.straight_m(to));
            }
        }
    }
    let side_km = f64::from(side_e7) / 1e7 * 111.195;
    let theory_m = 0.5 / (f64::from(riders) / (side_km * side_km)).sqrt() * 1e3;
    let mean_m = distances.iter().sum::<f64>() / distances.len() as f64;
    check("distance of the nearest rider, m", mean_m, theory_m, 0.06);
}
