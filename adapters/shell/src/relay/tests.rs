//! Relays: how many chains at once, and when what failed comes again.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use domain::ids::CityId;

use super::*;
use crate::memory::Memory;
use crate::setup::Setup;
use crate::unit::Unit;

#[derive(Default)]
struct Hand(AtomicU64);

impl Clock for &Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// A provider that takes a while to hear, and does not hear of some orders at first.
#[derive(Default)]
struct Slow {
    at_once: AtomicUsize,
    most: AtomicUsize,
    /// How often orders are not to be heard of still.
    deaf: Mutex<BTreeMap<u64, u32>>,
    asked: Mutex<Vec<u64>>,
}

impl Provider for &Slow {
    async fn ask(
        &self,
        _: OutboxId,
        order: OrderId,
        _: &Effect,
    ) -> Result<Option<Word>, PortError> {
        let at_once = self.at_once.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(at_once, Ordering::Relaxed);
        let mut looks = 0;
        poll_fn(|_| {
            looks += 1;
            if looks > 3 { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        self.at_once.fetch_sub(1, Ordering::Relaxed);
        let mut deaf = self.deaf.lock().expect("nobody panics");
        if let Some(left) = deaf.get_mut(&order.0).filter(|left| **left > 0) {
            *left -= 1;
            return Err(PortError::TimedOut);
        }
        self.asked.lock().expect("nobody panics").push(order.0);
        Ok(None)
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(done) = polled {
            return done;
        }
    }
}

/// A relay over an outbox in which so many rows are about each order.
fn over(rows: &[u64]) -> (Memory, Hand) {
    let memory = Memory::new(CityId(0));
    let mut unit = Unit::new(InputKey::numbered(Source::Platform, 1), &[]);
    let (attempt, method) = (1, Method::Upi);
    let ask = |order: &u64| Effect::AskStatus { order: OrderId(*order), attempt, method };
    let asks = rows.iter().map(ask);
    unit.told.effects.extend(asks);
    run(memory.commit(&unit)).expect("memory never fails");
    (memory, Hand::default())
}

#[test]
fn few_chains_are_followed_at_once() {
    let orders: Vec<u64> = (0..50).flat_map(|order| [order, order]).collect();
    let (memory, hand) = over(&orders[..BATCH_LIMIT]);
    let shell = Shell::new(Setup::new(CityId(0)), &memory, &hand);
    let slow = Slow::default();
    let done = run(Relay::new(&shell, &slow).run_outbox());
    assert_eq!(done, Ok(Relayed { taken: BATCH_LIMIT, done: BATCH_LIMIT }));
    assert_eq!(slow.most.load(Ordering::Relaxed), CHAINS_LIMIT);
    let mut asked = slow.asked.into_inner().expect("nobody panics");
    assert!(asked.iter().zip(&orders).any(|(asked, row)| asked != row), "side by side");
    asked.sort_unstable();
    assert_eq!(asked, orders[..BATCH_LIMIT]);
}

/// Of three orders with two rows each, one is deaf for a while: when each row is heard, ms.
#[test]
fn what_fails_comes_again_soon_and_later_each_time() {
    let (memory, hand) = over(&[1, 2, 1, 3, 2, 3]);
    let shell = Shell::new(Setup::new(CityId(0)), &memory, &hand);
    let slow = Slow { deaf: Mutex::new(BTreeMap::from([(2, 4)])), ..Slow::default() };
    let relay = Relay::new(&shell, &slow);
    let mut heard = Vec::new();
    for ms in 0..3_000 {
        hand.0.store(ms * 1_000, Ordering::Relaxed);
        run(relay.run_outbox()).expect("memory never fails");
        let asked = std::mem::take(&mut *slow.asked.lock().expect("nobody panics"));
        heard.extend(asked.into_iter().map(|order| (ms, order)));
    }
    // 100, 200, 400 and 800 ms after one another.
    assert_eq!(heard[..4].iter().map(|(ms, _)| *ms).max(), Some(0), "nobody waits for another");
    assert_eq!(heard[4..], [(1_500, 2), (1_500, 2)]);
    assert_eq!(memory.outbox(), []);
}
