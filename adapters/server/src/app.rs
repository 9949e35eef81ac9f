//! What every handler and background task shares.

use std::collections::BTreeSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use domain::ids::{PickerId, StoreId};
use domain::outside::Input;
use shell::clock::WallClock;
use shell::{Answer, Clock, Heard, InputKey, Key, Rows, Shell, Source};
use tokio::sync::{Notify, Semaphore};

use crate::backend::Backend;
use crate::board::Board;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::provider::HttpProvider;
use crate::run::Setup;
use crate::world::{Business, Catalogue, Plan};

/// Requests at once; more are turned away. 1024, assumed, grade E: beyond what two cores serve
/// within a deadline.
const REQUESTS_LIMIT: usize = 1_024;

/// A world that is installed.
pub(crate) struct World<D> {
    pub(crate) shell: Shell<D, WallClock>,
    pub(crate) business: Business,
    pub(crate) catalogue: Catalogue,
    /// Where pickers work, by their ids.
    pub(crate) pickers: Vec<StoreId>,
    /// Pickers on duty: a floor does not know whom it has already. Held while a shift begins or
    /// ends, so that no shift begins twice.
    pub(crate) pickers_on: tokio::sync::Mutex<BTreeSet<PickerId>>,
    pub(crate) board: Board,
    /// Orders that waited for a rider in the last round, and riders who could go.
    last_round: (AtomicUsize, AtomicUsize),
    /// Whether an order may have been placed. Set while the installed world is locked, so that
    /// no order goes to a world that is being replaced.
    has_orders: AtomicBool,
}

/// What every handler and background task shares.
pub(crate) struct App<B: Backend> {
    pub(crate) setup: Setup,
    pub(crate) backend: B,
    world: RwLock<Option<Arc<World<B::Database>>>>,
    pub(crate) provider: HttpProvider,
    pub(crate) metrics: Metrics,
    /// Requests that may still begin.
    pub(crate) slots: Semaphore,
    /// Rings when something was heard, for relays.
    pub(crate) heard: Notify,
    /// Makes names for words that their speakers did not name.
    nonce: u64,
    named: AtomicU64,
}

/// The application as handlers get it.
pub(crate) type Shared<B> = Arc<App<B>>;
/// A world as handlers get it.
pub(crate) type InWorld<B> = Arc<World<<B as Backend>::Database>>;

impl<B: Backend> App<B> {
    pub(crate) fn new(setup: Setup, backend: B) -> Self {
        Self {
            provider: HttpProvider::new(&setup.providers),
            slots: Semaphore::new(REQUESTS_LIMIT),
            setup,
            backend,
            world: RwLock::new(None),
            metrics: Metrics::default(),
            heard: Notify::new(),
            nonce: RandomState::new().hash_one(0_u8),
            named: AtomicU64::new(0),
        }
    }

    /// The world, if one is installed.
    pub(crate) fn installed(&self) -> Option<InWorld<B>> {
        self.world.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The world.
    ///
    /// # Errors
    /// When none is installed yet.
    pub(crate) fn world(&self) -> Result<InWorld<B>, Problem> {
        self.installed().ok_or_else(|| Problem::unavailable("no world is installed yet"))
    }

    /// Keeps a world for an order that is about to be placed in it.
    ///
    /// # Errors
    /// When another world was installed meanwhile.
    pub(crate) fn keep(&self, world: &InWorld<B>) -> Result<(), Problem> {
        let installed = self.world.read().unwrap_or_else(PoisonError::into_inner);
        if !installed.as_ref().is_some_and(|installed| Arc::ptr_eq(installed, world)) {
            return Err(Problem::conflict("another world was installed: the quote is gone"));
        }
        world.has_orders.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// Installs a world in the place of one that has had no order.
    ///
    /// # Errors
    /// When there was an order, or the database fails.
    pub(crate) async fn install(&self, plan: Plan) -> Result<(), Problem> {
        let has_orders = |world: &Option<InWorld<B>>| {
            world.as_ref().is_some_and(|world| world.has_orders.load(Ordering::SeqCst))
        };
        let taken = || Problem::conflict("an order exists: this world stays");
        if has_orders(&self.world.read().unwrap_or_else(PoisonError::into_inner)) {
            return Err(taken());
        }
        let opening = plan.opening(WallClock.now());
        let database = self.backend.install(plan.business.city, &plan.slots(), &opening).await?;
        let Plan { business, catalogue, pickers, .. } = plan;
        let world = World {
            shell: Shell::new(business.setup(), database, WallClock),
            business,
            catalogue,
            pickers,
            pickers_on: tokio::sync::Mutex::default(),
            board: Board::default(),
            last_round: Default::default(),
            has_orders: AtomicBool::new(false),
        };
        let mut installed = self.world.write().unwrap_or_else(PoisonError::into_inner);
        if has_orders(&installed) {
            return Err(taken());
        }
        *installed = Some(Arc::new(world));
        Ok(())
    }

    /// Says words to the shell.
    ///
    /// # Errors
    /// When they are refused, or were not heard.
    pub(crate) async fn say(
        &self,
        world: &World<B::Database>,
        key: InputKey,
        words: &[Input],
    ) -> Result<Heard, Problem> {
        let heard = world.shell.hear(key, words).await?;
        self.heard.notify_one();
        match heard.answer {
            Answer::Heard => Ok(heard),
            Answer::Refused(why) => Err(why.into()),
            Answer::NotYet => Err(Problem::new(
                axum::http::StatusCode::TOO_EARLY,
                "the attempt is not made yet: say so again",
            )),
        }
    }

    /// The name of words that were sent to a path, by their speaker's key if there is one.
    pub(crate) fn name(&self, scope: &str, key: Option<&str>) -> InputKey {
        if let Some(key) = key {
            return InputKey::of_bytes(Source::Client, format!("{scope}\n{key}").as_bytes());
        }
        let nth = self.named.fetch_add(1, Ordering::Relaxed);
        InputKey::of_bytes(Source::Platform, format!("{}\n{nth}", self.nonce).as_bytes())
    }
}

impl<D: shell::Database> World<D> {
    /// Notes what a round saw.
    pub(crate) fn note_round(&self, waiting: usize, riders: usize) {
        self.last_round.0.store(waiting, Ordering::Relaxed);
        self.last_round.1.store(riders, Ordering::Relaxed);
    }

    /// Orders that waited for a rider in the last round, and riders who could go.
    pub(crate) fn last_round(&self) -> (usize, usize) {
        let (waiting, riders) = &self.last_round;
        (waiting.load(Ordering::Relaxed), riders.load(Ordering::Relaxed))
    }

    /// Rows as they are now.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn load(&self, keys: &[Key]) -> Result<Rows, Problem> {
        let mut rows = Rows::default();
        self.shell.database().load(keys, &mut rows).await?;
        Ok(rows)
    }
}
