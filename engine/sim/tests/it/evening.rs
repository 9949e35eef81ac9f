//! A synthetic metro day.

use city::{City, Demand};
use domain::ids::CityId;

use crate::play::{play, setup};

#[test]
fn a_calibrated_day() {
    let metro = city::Setup::default();
    let city = City::build(&metro, CityId(0), 1).unwrap();
    let demand = Demand::generate(&metro, &city, 1);
    println!(
        "{} stores {} riders {} pickers {} arrivals",
        city.stores.len(),
        city.riders.len(),
        city.pickers.len(),
        demand.arrivals.len()
    );
    let setup = setup(1, 0, 24);
    let played = play(&setup, &city, &demand);
    println!("{:?}", played.outcome);
    let mean = played.outcome.order_to_door_us as f64 / 60e6 / played.outcome.delivered as f64;
    println!(
        "mean {mean} min, on time {}",
        played.outcome.on_time as f64 / played.outcome.delivered as f64
    );
    let mut counts = std::collections::BTreeMap::new();
    for record in &played.journal {
        *counts.entry(record.fact.kind().name).or_insert(0) += 1;
    }
    println!("{counts:#?}");
}

#[test]
fn zz_breakdown() {
    use domain::facts::Fact;
    use domain::order::Event as O;
    use domain::{delivery, picking};
    let metro = city::Setup::default();
    let city = City::build(&metro, CityId(0), 1).unwrap();
    let demand = Demand::generate(&metro, &city, 1);
    let played = play(&setup(1, 0, 24), &city, &demand);
    let n = demand.arrivals.len();
    let mut t = vec![[0u64; 9]; n];
    let mut trip_of = vec![vec![]; 80000];
    for r in &played.journal {
        let at = r.at.0;
        match r.fact {
            Fact::Order(O::Placed { order, .. }) => t[order.index()][0] = at,
            Fact::Order(O::Confirmed { order, .. }) => t[order.index()][1] = at,
            Fact::Picking(picking::Event::Started { order, .. }) => t[order.index()][2] = at,
            Fact::Picking(picking::Event::Packed { order, .. }) => t[order.index()][3] = at,
            Fact::Delivery(delivery::Event::OrderJoined { trip, order }) => {
                trip_of[trip.index()].push(order.index());
                t[order.index()][4] = at;
            }
            Fact::Delivery(delivery::Event::AtStore { trip, .. }) => {
                for &o in &trip_of[trip.index()] {
                    t[o][5] = at;
                }
            }
            Fact::Delivery(delivery::Event::PickedUp { order, .. }) => t[order.index()][6] = at,
            Fact::Order(O::Arrived { order, .. }) => t[order.index()][7] = at,
            Fact::Order(O::Delivered { order, .. }) => t[order.index()][8] = at,
            _ => {}
        }
    }
    let d: Vec<_> = t.iter().filter(|t| t[8] > 0).collect();
    let mean = |a: usize, b: usize| {
        d.iter().map(|t| t[b] as f64 - t[a] as f64).sum::<f64>() / d.len() as f64 / 1e6
    };
    println!(
        "pay {} pickwait {} pick {} offered-after-packed {} offer->store {} packed->pickedup {} atstore->pickup {} ride {} dwell {}",
        mean(0, 1),
        mean(1, 2),
        mean(2, 3),
        mean(3, 4),
        mean(4, 5),
        mean(3, 6),
        mean(5, 6),
        mean(6, 7),
        mean(7, 8)
    );
    for h in 0..24 {
        let e: Vec<_> = d.iter().filter(|t| t[0] / 3_600_000_000 == h).collect();
        let m = |a: usize, b: usize| {
            e.iter().map(|t| t[b] as f64 - t[a] as f64).sum::<f64>() / e.len() as f64 / 1e6
        };
        println!(
            "{h} n {} door {:.0} pickwait {:.0} packed->pickup {:.0} ride {:.0}",
            e.len(),
            m(0, 7),
            m(1, 2),
            m(3, 6),
            m(6, 7)
        );
    }
}
