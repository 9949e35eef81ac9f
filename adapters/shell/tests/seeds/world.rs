//! One small world: a store with little of everything, two replicas of the shell, and everybody
//! who talks to them.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use dastak_shell::{Answer, InputKey, Memory, Path, Relay, Setup, Shell, ShellError, Source};
use domain::facts::{Fact, Record, opening};
use domain::ids::{CityId, OrderId, PickerId, RiderId, SkuId, StoreId};
use domain::money::{Bps, Paise};
use domain::outside::Input;
use domain::place::Place;
use domain::stock::Slot;
use domain::time::{Millis, Timestamp};

use crate::core::Core;
use crate::people::Crowd;
use crate::ports::{Faulty, Off, Storm};
use crate::provider::Bank;

pub(crate) const CITY: CityId = CityId(0);
pub(crate) const STORE: StoreId = StoreId(0);
pub(crate) const SKUS: u32 = 3;
pub(crate) const RIDERS: u32 = 2;
pub(crate) const PICKERS: u32 = 2;
/// The store's door; customers live within a kilometre of it.
pub(crate) const STORE_PLACE: Place = Place { lat_e7: 190_000_000, lon_e7: 730_000_000 };
const REPLICAS: usize = 2;

type Replica = Shell<Faulty, Off>;

/// A replica, and how often it has crashed.
struct Slotted {
    shell: Arc<Replica>,
    crashes: u64,
    up_at: Timestamp,
}

pub(crate) struct World {
    pub(crate) core: Arc<Core>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) storm: Storm,
    pub(crate) bank: Bank,
    pub(crate) crowd: Arc<Crowd>,
    pub(crate) units: u32,
    pub(crate) orders: u32,
    path: Path,
    replicas: [Mutex<Slotted>; REPLICAS],
    names: Mutex<u64>,
}

/// The replica crashed while it worked on something.
#[derive(Debug)]
pub(crate) struct Crashed;

impl World {
    pub(crate) fn new(seed: u64, memory: Memory) -> Arc<Self> {
        let core = Core::new(seed);
        let storm = Storm::draw(&core);
        Self::under(core, storm, memory)
    }

    /// A world under a storm of choice.
    pub(crate) fn under(core: Arc<Core>, storm: Storm, memory: Memory) -> Arc<Self> {
        let memory = Arc::new(memory);
        let path = if core.happens(300) { Path::Apart } else { Path::Together };
        let units = 2 + core.below(4);
        let orders = 3 + core.below(4);
        let crowd = Arc::new(Crowd::default());
        let replica = || {
            let shell = replica(&core, &memory, &crowd, storm, path);
            Mutex::new(Slotted { shell, crashes: 0, up_at: Timestamp(0) })
        };
        let replicas = [replica(), replica()];
        memory.install(&shelves(units), &opening(units));
        Arc::new(Self {
            bank: Bank::default(),
            crowd,
            names: Mutex::default(),
            core,
            memory,
            storm,
            units,
            orders,
            path,
            replicas,
        })
    }

    /// Lets everybody begin.
    pub(crate) fn begin(self: &Arc<Self>) {
        for at in 0..REPLICAS {
            self.core.spawn(relay(Arc::clone(self), at));
        }
        self.core.spawn(crash(Arc::clone(self)));
        crate::people::begin(self);
    }

    /// A name that was not used before.
    pub(crate) fn name(&self, source: Source) -> InputKey {
        let mut names = self.names.lock().unwrap();
        *names += 1;
        InputKey::numbered(source, *names)
    }

    /// Says words to some replica, again and again under the same name, until they are heard.
    pub(crate) async fn say(&self, source: Source, words: &[Input]) -> Answer {
        let key = self.name(source);
        loop {
            let at = self.core.below(2) as usize;
            if let Some(heard) = self.try_say(at, key, words).await {
                if self.storm.rages(&self.core) && self.core.happens(self.storm.repeats) {
                    self.core.sleep(self.core.below(30_000)).await;
                    let again = self.try_say(1 - at, key, words).await;
                    assert!(again.is_none_or(|again| again == heard), "{words:?} heard otherwise");
                }
                return heard;
            }
            self.core.sleep(10 + self.core.below(2_000)).await;
        }
    }

    async fn try_say(&self, at: usize, key: InputKey, words: &[Input]) -> Option<Answer> {
        let shell = self.up(at)?;
        match self.at_replica(at, shell.hear(key, words)).await {
            Ok(Ok(heard)) if heard.answer != Answer::NotYet => Some(heard.answer),
            Ok(Err(ShellError::KeyReused)) => panic!("{words:?}: the key was used before"),
            Ok(Err(ShellError::Fenced)) => panic!("{words:?}: said under no duty"),
            Ok(Ok(_) | Err(ShellError::Port(_) | ShellError::Contended)) | Err(Crashed) => None,
        }
    }

    pub(crate) fn up(&self, at: usize) -> Option<Arc<Replica>> {
        let replica = self.replicas[at].lock().unwrap();
        (self.core.now() >= replica.up_at).then(|| Arc::clone(&replica.shell))
    }

    /// Works at a replica, as long as it lives.
    pub(crate) fn at_replica<F: Future>(&self, at: usize, work: F) -> AtReplica<'_, F> {
        let crashes = self.replicas[at].lock().unwrap().crashes;
        AtReplica { replica: &self.replicas[at], crashes, work: Box::pin(work) }
    }
}

fn replica(
    core: &Arc<Core>,
    memory: &Arc<Memory>,
    crowd: &Arc<Crowd>,
    storm: Storm,
    path: Path,
) -> Arc<Replica> {
    let (core, memory, crowd) = (Arc::clone(core), Arc::clone(memory), Arc::clone(crowd));
    let faulty = Faulty { core: Arc::clone(&core), memory, crowd, storm };
    let mut setup = Setup { path, ..Setup::new(CITY) };
    setup.rules.saga.hold_ttl = Millis::from_s(60);
    let clock = Off { ahead_us: u64::from(core.below(100_000)), core };
    Arc::new(Shell::new(setup, faulty, clock))
}

/// Work that is gone when its replica crashes.
pub(crate) struct AtReplica<'a, F> {
    replica: &'a Mutex<Slotted>,
    crashes: u64,
    work: Pin<Box<F>>,
}

impl<F: Future> Future for AtReplica<'_, F> {
    type Output = Result<F::Output, Crashed>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.replica.lock().unwrap().crashes != self.crashes {
            return Poll::Ready(Err(Crashed));
        }
        self.work.as_mut().poll(context).map(Ok)
    }
}

/// Crashes replicas while the storm rages, and starts them again.
async fn crash(world: Arc<World>) {
    while world.storm.rages(&world.core) {
        world.core.sleep(1_000 + world.core.below(9_000)).await;
        if !world.core.happens(world.storm.crashes * 4) {
            continue;
        }
        let at = world.core.below(2) as usize;
        let down_ms = world.core.below(20_000);
        let shell = replica(&world.core, &world.memory, &world.crowd, world.storm, world.path);
        let mut replica = world.replicas[at].lock().unwrap();
        replica.crashes += 1;
        replica.up_at = world.core.now() + Millis(down_ms);
        replica.shell = shell;
    }
}

/// Carries out what waits, and rings timers, at one replica.
async fn relay(world: Arc<World>, at: usize) {
    loop {
        let mut is_idle = false;
        if let Some(shell) = world.up(at) {
            let relay = Relay::new(&shell, world.bank.port(&world));
            let work = async { (relay.run_outbox().await, relay.run_timers().await) };
            if let Ok((Ok(asked), Ok(rung))) = world.at_replica(at, work).await {
                is_idle = asked.taken + rung.taken == 0;
            }
        }
        if !is_idle {
            world.core.sleep(20 + world.core.below(300)).await;
        } else if world.memory.outbox().is_empty() {
            let until = world.memory.next_timer();
            // A clock that is behind would look too early.
            let soonest = world.core.now() + Millis(20);
            world.core.idle(until.map(|until| until.max(soonest))).await;
        } else {
            world.core.sleep(5_000).await;
        }
    }
}

/// The lines of a cart: some of the few SKUs, few units.
pub(crate) fn cart(world: &World, order: OrderId) -> Vec<Input> {
    let first = world.core.below(SKUS);
    let count = 1 + world.core.below(SKUS);
    let line = |line: u32| Input::CartLine {
        order,
        store: STORE,
        line: u16::try_from(line).unwrap(),
        sku: SkuId((first + line) % SKUS),
        units: 1 + world.core.below(2),
        price: Paise(9_000),
        mrp: Paise(10_000),
        gst: Bps(500),
    };
    let promise_by = world.core.now() + Millis::from_min(15);
    let quote = Input::Quote { order, raining: false, promise_by };
    (0..count).map(line).chain(std::iter::once(quote)).collect()
}

fn shelves(units: u32) -> Vec<((StoreId, SkuId), Slot)> {
    let slot = Slot { free_units: units, ..Slot::default() };
    (0..SKUS).map(|sku| ((STORE, SkuId(sku)), slot)).collect()
}

fn opening(units: u32) -> Vec<Record> {
    use opening::Event as E;
    let mut facts = vec![
        E::Window { from: Timestamp(0), to: Timestamp::from_s(86_400) },
        E::Limits {
            max_batch: 2,
            // Sweeps and ends come when the storm lets them.
            sweep: Millis::from_min(60),
            order_limit: Millis::from_min(7 * 24 * 60),
            surge_floor: Bps::ONE,
            surge_cap: Bps(20_000),
            geofence_m: 150,
            speed_cap_m_per_h: 60_000,
        },
    ];
    facts.extend((0..SKUS).map(|sku| E::Sku {
        sku: SkuId(sku),
        mrp: Paise(10_000),
        gst: Bps(500),
    }));
    facts.push(E::Store { store: STORE, place: STORE_PLACE, radius_m: 3_000 });
    facts.extend((0..SKUS).map(|sku| E::Stock { store: STORE, sku: SkuId(sku), units }));
    facts.extend((0..PICKERS).map(|at| E::Picker { picker: PickerId(at), store: STORE }));
    facts.extend((0..RIDERS).map(|at| E::Rider { rider: RiderId(at), place: STORE_PLACE }));
    let record =
        |(seq, event)| Record { at: Timestamp(0), city: CITY, seq, fact: Fact::Opening(event) };
    (0_u64..).zip(facts).map(record).collect()
}
