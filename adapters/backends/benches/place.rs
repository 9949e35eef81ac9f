//! How many orders a second can be placed over PostgreSQL, commits on disk, and how many round
//! trips each takes. Unit: orders; an order is a cart of four lines that is quoted, and its placing.

#![expect(clippy::print_stdout, reason = "a measurement is printed")]
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dastak_backends::private::PrivateServer;
use dastak_backends::{Options, Postgres};
use domain::ids::{CityId, CustomerId, OrderId, SkuId, StoreId};
use domain::money::{Bps, Paise};
use domain::outside::Input;
use domain::payment::Method;
use domain::place::Place;
use domain::stock::Slot;
use domain::time::Timestamp;
use shell::{Answer, Clock, InputKey, Setup, Shell, Source};

/// Who place orders, each one after the other.
const CUSTOMERS: u32 = 32;
const STORES: u32 = 25;
const SKUS: u32 = 2_000;
const LINES: u16 = 4;
const FOR: Duration = Duration::from_secs(10);

/// A clock that counts: no two readings are the same.
#[derive(Default)]
struct Ticks(AtomicU64);

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        Timestamp(1_000_000 + self.0.fetch_add(1, Ordering::Relaxed))
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(measure());
}

async fn measure() {
    let server = PrivateServer::start().await.expect("a server");
    for connections in [1, 4, 8, 16] {
        let url = server.fresh().await.expect("a database");
        let wait = Duration::from_secs(10);
        let options = Options { connections, wait, ..Options::default() };
        let database = Postgres::connect(&url, CityId(0), options).await.expect("opened");
        let full = Slot { free_units: 1_000_000, ..Slot::default() };
        let shelves = (0..STORES).flat_map(|store| (0..SKUS).map(move |sku| (store, sku)));
        let slots: Vec<_> =
            shelves.map(|(store, sku)| ((StoreId(store), SkuId(sku)), full)).collect();
        database.install(&[], &slots, &[]).await.expect("installed");
        let shell = Arc::new(Shell::new(Setup::new(CityId(0)), database, Ticks::default()));
        let (trips, began) = (shell.database().round_trips(), Instant::now());
        let customers: Vec<_> = (0..CUSTOMERS)
            .map(|customer| tokio::spawn(order_on(Arc::clone(&shell), customer, began)))
            .collect();
        let (mut orders, mut lost) = (0, 0);
        for customer in customers {
            let (placed, races) = customer.await.expect("a customer");
            orders += placed;
            lost += races;
        }
        let seconds = began.elapsed().as_secs_f64();
        let trips = shell.database().round_trips() - trips;
        #[expect(clippy::cast_precision_loss, reason = "statistics")]
        let (rate, each) = (orders as f64 / seconds, trips as f64 / orders as f64);
        println!(
            "{connections} connections: {rate:.0} orders/s, {:.0} commits/s, {each:.2} round \
             trips an order, {lost} races lost",
            rate * 2.0
        );
    }
}

/// Places orders until the time is over. Gives how many, and how many races were lost.
async fn order_on(shell: Arc<Shell<Postgres, Ticks>>, customer: u32, began: Instant) -> (u64, u64) {
    let (mut orders, mut lost) = (0, 0);
    while began.elapsed() < FOR {
        let order = OrderId(u64::from(customer) << 32 | orders);
        let number = customer.wrapping_mul(7_919).wrapping_add(u32::try_from(orders).unwrap_or(0));
        let store = StoreId(number % STORES);
        let line = |line: u16| Input::CartLine {
            order,
            store,
            line,
            sku: SkuId(number.wrapping_mul(31).wrapping_add(u32::from(line) * 37) % SKUS),
            units: 1,
            price: Paise(5_000),
            mrp: Paise(6_000),
            gst: Bps(500),
        };
        let mut cart: Vec<Input> = (0..LINES).map(line).collect();
        let promise_by = Timestamp(600_000_000);
        cart.push(Input::Quote { order, raining: false, promise_by });
        let place = Input::Place {
            order,
            client_ref: orders,
            customer: CustomerId(customer),
            door: Place::default(),
            method: Method::Upi,
            served: true,
        };
        for (what, words) in [&cart[..], &[place]].into_iter().enumerate() {
            let name = [order.0.to_le_bytes(), (what as u64).to_le_bytes()].concat();
            let key = InputKey::of_bytes(Source::Client, &name);
            let heard = shell.hear(key, words).await.expect("heard");
            assert_eq!(heard.answer, Answer::Heard, "{words:?}");
            lost += u64::from(heard.races_lost);
        }
        orders += 1;
    }
    (orders, lost)
}
