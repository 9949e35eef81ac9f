//! A sale: few units of one SKU, many buyers at once at two servers over one database. As many win
//! as there are units and all others are refused for want of stock, whether buyers race for the
//! shelf's row or wait for its lock.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::Instant;

use dastak_server::Locking;
use domain::facts::Fact;
use domain::order::{Event, Rejection};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::client::Client;
use crate::order::{door, journal, judge};
use crate::races::free_units;
use crate::{LOCKING, Town, run_replicas, world};

/// Buyers at a time.
const AT_ONCE: usize = 16;
/// Sessions, and facts of the journal, that are asked for at a time.
const PAGE: usize = 10_000;
/// What is on sale.
const SKU: &str = "0";

/// What a sale came to.
#[derive(Debug, Default)]
struct Sale {
    won: usize,
    out_of_stock: usize,
    /// Times that an order was decided: once for each that was taken, and once more for each race
    /// that was lost.
    decisions: usize,
    /// Times that a buyer was told to come again, and did.
    again: usize,
}

/// Has all of them do something, so many at a time.
async fn each<T>(all: &[T], does: impl AsyncFn(&T)) {
    let next = Cell::new(0);
    let lane = async || {
        while let Some(one) = all.get(next.replace(next.get() + 1)) {
            does(one).await;
        }
    };
    join_all((0..AT_ONCE).map(|_| lane())).await;
}

/// A customer, and the quote that they have.
struct Buyer {
    client: Client,
    quote: Cell<u64>,
}

/// Buyers with a session each.
async fn buyers(town: &Town, count: usize) -> Vec<Buyer> {
    let mut buyers = Vec::new();
    while buyers.len() < count {
        let wanted = PAGE.min(count - buyers.len());
        let from = (1_000 + buyers.len()).to_string();
        let asked = json!({"agents": "customers", "from": from, "count": wanted});
        let answer = town.client.admin("POST", "/admin/sessions", asked.to_string()).await;
        buyers.extend(answer.json()["tokens"].as_array().unwrap().iter().map(|token| {
            let client = town.client.as_nobody();
            client.speak_for("/api/", token.as_str().unwrap());
            Buyer { client, quote: Cell::new(0) }
        }));
    }
    buyers
}

impl Buyer {
    async fn quotes(&self) {
        let lines = json!([{"sku_id": SKU, "units": 1}]);
        let asked = json!({"store_id": "0", "door": door(), "lines": lines});
        let quote = self.client.post_until_heard("/api/quotes", &asked).await;
        assert_eq!(quote.status, 201, "{quote:?}");
        self.quote.set(quote.json()["quote_id"].as_str().unwrap().parse().unwrap());
    }

    /// Buys, under one key until it is heard. How often the buyer was told to come again.
    async fn buys(&self) -> usize {
        let order = self.quote.get().to_string();
        let asked = json!({
            "quote_id": order, "client_ref": order, "door": door(), "method": "cash",
        });
        for again in 0.. {
            let answer = self.client.post_as(&order, "/api/orders", &asked).await;
            match answer.status {
                201 => return again,
                429 | 503 => tokio::task::yield_now().await,
                _ => panic!("{answer:?}"),
            }
        }
        unreachable!("it is heard some time")
    }

    async fn cancels(&self) {
        let path = format!("/api/orders/{}", self.quote.get());
        self.client.post_until_heard(&format!("{path}/cancel"), &Value::Null).await;
        self.client.until(&path, |order| order["is_over"] == true).await;
    }
}

/// Races that were lost at all servers.
async fn races_lost(town: &Town) -> usize {
    let mut lost = 0;
    for at in 0..town.servers.len() {
        let text = town.client.only(at).get("/metrics").await.body;
        let line = text.lines().find(|line| line.starts_with("races_lost_total ")).unwrap();
        lost += line.rsplit(' ').next().unwrap().parse::<usize>().unwrap();
    }
    lost
}

async fn sale(units: usize, count: usize) -> Sale {
    let town = Town::empty().await;
    let mut rows = world();
    rows.retain(|row| row["kind"] != "stock");
    rows.push(json!({"kind": "stock", "store": "0", "sku": SKU, "units": units}));
    rows[0]["quote_ms"] = json!(3_600_000);
    assert_eq!(town.client.put_world(&rows).await.status, 200);
    let buyers = buyers(&town, count).await;
    // Everybody has a quote before the first one buys.
    each(&buyers, Buyer::quotes).await;
    let lost = races_lost(&town).await;
    let again = Cell::new(0);
    each(&buyers, async |buyer| again.set(again.get() + buyer.buys().await)).await;
    let lost = races_lost(&town).await - lost;
    let mut sale = Sale { decisions: count + lost, again: again.get(), ..Sale::default() };
    let mut winners = BTreeSet::new();
    for record in journal(&town, PAGE).await {
        if let Fact::Order(Event::Confirmed { order, .. }) = record.fact {
            winners.insert(order.0);
        }
        let is_refused = matches!(
            record.fact,
            Fact::Order(Event::Rejected { rejection: Rejection::OutOfStock, .. })
        );
        sale.out_of_stock += usize::from(is_refused);
    }
    sale.won = winners.len();
    assert_eq!(free_units(&town, 0).await, 0);
    // A journal is judged when everything has come to its end.
    each(&buyers, async |buyer| {
        if winners.contains(&buyer.quote.get()) {
            buyer.cancels().await;
        }
    })
    .await;
    judge(&journal(&town, PAGE).await);
    assert_eq!(free_units(&town, 0).await, units as u64, "all is back on the shelf");
    town.stop().await;
    sale
}

/// Sells, shelves guarded one way and the other.
#[expect(clippy::disallowed_methods, reason = "it is told how long a sale takes")]
fn sells(units: usize, count: usize) {
    for locking in [Locking::Version, Locking::Row] {
        run_replicas(async || {
            LOCKING.set(locking);
            let began = Instant::now();
            let sale = sale(units, count).await;
            LOCKING.set(Locking::Version);
            assert_eq!((sale.won, sale.out_of_stock), (units, count - units), "{locking:?}");
            let each = |of: usize| sale.decisions as f64 / of as f64;
            eprintln!(
                "{locking:?}: {units} units, {count} buyers: {} won, {} out of stock; {} decisions, \
                 {:.2} a buyer, {:.2} for each who won; {} came again; {:.1} s",
                sale.won,
                sale.out_of_stock,
                sale.decisions,
                each(count),
                each(units),
                sale.again,
                began.elapsed().as_secs_f64(),
            );
            if locking == Locking::Row {
                assert_eq!(sale.decisions, count, "whoever waits decides once");
            }
        });
    }
}

#[test]
fn of_many_buyers_as_many_win_as_there_are_units() {
    sells(50, 1_000);
}

/// `RUN_SLOW=1 cargo test -p dastak-server --test it slow_five_hundred -- --nocapture`
#[test]
fn slow_five_hundred_of_twenty_thousand_win() {
    if std::env::var_os("RUN_SLOW").is_some() {
        sells(500, 20_000);
    }
}
