//! What every handler and background task shares.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use backends::Kafka;
use domain::ids::StoreId;
use domain::outside::Input;
use domain::time::Millis;
use domain::{cart, user};
use shell::cache::{Use, keys};
use shell::clock::WallClock;
use shell::mutant::{self, Mutant};
use shell::{
    Answer, Cache, Clock, Copies, InputKey, Key, PortError, Rows, Shell, ShellError, Source,
    TRIES_LIMIT, Unit,
};
use tokio::sync::{Notify, Semaphore};

use crate::at_hand::availability;
use crate::backend::{Backend, NewWorld, Opened};
use crate::duties::Duties;
use crate::feed::CODEC;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::places::Places;
use crate::problem::Problem;
use crate::provider::HttpProvider;
use crate::push::Pushes;
use crate::run::Setup;
use crate::watch::Watched;
use crate::world::{Business, Catalogue, Index, Plan, read};

/// Requests at once; more are turned away. 1024, assumed, grade E: beyond what two cores serve
/// within a deadline.
const REQUESTS_LIMIT: usize = 1_024;
/// How long a cache remembers of which world it is: a month. One that forgot is emptied once more.
const WORLD_TTL: Millis = Millis::from_s(30 * 24 * 3_600);

/// A world that is installed.
pub(crate) struct World<D> {
    /// Its number: the next one has a higher.
    pub(crate) number: u64,
    pub(crate) shell: Shell<D, WallClock>,
    /// The same for duties.
    pub(crate) behind: Shell<D, WallClock>,
    pub(crate) business: Business,
    pub(crate) catalogue: Catalogue,
    pub(crate) index: Index,
    /// Copies of its rows, kept at hand.
    pub(crate) copies: Copies<WallClock>,
    /// Where pickers work, by their ids.
    pub(crate) pickers: Vec<StoreId>,
    /// Orders that waited for a rider in the last round, and riders who could go.
    last_round: (AtomicUsize, AtomicUsize),
}

/// What every handler and background task shares.
pub(crate) struct App<B: Backend> {
    pub(crate) setup: Setup,
    pub(crate) backend: B,
    world: RwLock<Option<Arc<World<B::Database>>>>,
    pub(crate) provider: HttpProvider,
    pub(crate) pushes: Arc<Pushes>,
    pub(crate) metrics: Metrics,
    pub(crate) duties: Duties,
    pub(crate) limits: Limits,
    pub(crate) places: Places,
    pub(crate) watched: Watched,
    /// The broker that has the log, if one has.
    pub(crate) log: Option<Kafka>,
    /// How free units are kept at hand.
    pub(crate) availability: Use,
    /// The limits of accounts and carts.
    pub(crate) users: user::Rules,
    pub(crate) carts: cart::Rules,
    /// Requests that may still begin.
    pub(crate) slots: Semaphore,
    /// Rings when something was heard, for relays.
    pub(crate) heard: Notify,
    /// Whether the server is about to stop.
    leaving: AtomicBool,
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
            pushes: Arc::new(Pushes::new(&setup.providers)),
            slots: Semaphore::new(REQUESTS_LIMIT),
            log: setup.log.as_ref().map(|broker| Kafka::at(broker, CODEC)),
            availability: availability(setup.availability_ttl),
            setup,
            backend,
            world: RwLock::new(None),
            metrics: Metrics::default(),
            duties: Duties::new(),
            limits: Limits::default(),
            places: Places::default(),
            watched: Watched::default(),
            users: user::Rules::default(),
            carts: cart::Rules::default(),
            heard: Notify::new(),
            leaving: AtomicBool::new(false),
            nonce: RandomState::new().hash_one(0_u8),
            named: AtomicU64::new(0),
        }
    }

    /// Says that the server is about to stop: it is not ready any more, and lets go of each
    /// connection with its next answer.
    pub(crate) fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    /// Whether the server is about to stop.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
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

    /// Installs a world in the place of one that has had no order.
    ///
    /// # Errors
    /// When there was an order, or the database fails.
    pub(crate) async fn install(&self, plan: &Plan) -> Result<(), Problem> {
        let new = NewWorld {
            city: plan.business.city,
            documents: &plan.documents,
            slots: &plan.slots(),
            opening: &plan.opening(WallClock.now()),
        };
        if !self.backend.install(new).await? {
            return Err(Problem::conflict("an order exists: this world stays"));
        }
        Ok(self.look().await?)
    }

    /// Sees to it that the world that is installed is the one that is served.
    ///
    /// # Errors
    /// [`PortError`].
    pub(crate) async fn look(&self) -> Result<(), PortError> {
        let number = self.backend.number().await?;
        if number == self.installed().map(|world| world.number) {
            return Ok(());
        }
        let Some(opened) = self.backend.open().await? else { return Ok(()) };
        let opened = Arc::new(World::of(opened, Arc::clone(&self.pushes))?);
        self.forget_others(opened.number).await;
        // Before it is served: what is asked in a world shall be carried out by somebody.
        self.duties.assume(opened.behind.database()).await;
        let mut installed = self.world.write().unwrap_or_else(PoisonError::into_inner);
        if installed.as_ref().is_none_or(|world| world.number < opened.number) {
            *installed = Some(opened);
        }
        Ok(())
    }

    /// Empties a cache that is of another world. Without a cache there is nothing to forget: copies
    /// of another world's rows are not believed anyway.
    async fn forget_others(&self, world: u64) {
        let (cache, number) = (self.backend.cache(), world.to_string());
        let stands = cache.get(keys::WORLD).await.ok().flatten();
        if stands.as_deref() != Some(number.as_bytes()) {
            let _ = cache.clear().await;
            let _ = cache.put(keys::WORLD, number.as_bytes(), WORLD_TTL).await;
        }
    }

    /// What copies of rows say, those that there are, and counts them.
    pub(crate) async fn copies(
        &self,
        world: &World<B::Database>,
        of: Use,
        keys: &[String],
    ) -> Vec<Option<Vec<u8>>> {
        let found = world.copies.read(self.backend.cache(), of, keys).await;
        self.metrics.count_copies(of, &found);
        found.into_iter().map(|copy| copy.map(|copy| copy.bytes)).collect()
    }

    /// Says words to the shell. The rows as they are left; none if the words were heard before.
    ///
    /// # Errors
    /// When they are refused, or were not heard.
    pub(crate) async fn say(
        &self,
        world: &World<B::Database>,
        key: InputKey,
        words: &[Input],
    ) -> Result<Rows, Problem> {
        self.say_having_seen(Rows::default(), world, key, words).await
    }

    /// Like [`Self::say`]; rows that were seen before tell what the words touch.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub(crate) async fn say_having_seen(
        &self,
        seen: Rows,
        world: &World<B::Database>,
        key: InputKey,
        words: &[Input],
    ) -> Result<Rows, Problem> {
        let mut left = Rows::default();
        let show = |unit: &Unit| left = unit.rows.clone();
        let heard = world.shell.hear_and_show(key, words, seen, show).await;
        self.metrics.lost(match &heard {
            Ok(heard) => heard.races_lost,
            Err(ShellError::Contended) => TRIES_LIMIT,
            Err(ShellError::Port(_) | ShellError::KeyReused | ShellError::Fenced) => 0,
        });
        let heard = heard?;
        self.heard.notify_one();
        match heard.answer {
            Answer::Heard => Ok(left),
            Answer::Refused(why) => Err(why.into()),
            Answer::NotYet => Err(Problem::new(
                axum::http::StatusCode::TOO_EARLY,
                "the attempt is not made yet: say so again",
            )),
        }
    }

    /// The name of words that were sent to a path, by their speaker's key if there is one.
    pub(crate) fn name(&self, scope: &str, key: Option<&str>) -> InputKey {
        if let Some(key) = key.filter(|_| !mutant::is(Mutant::LosesKey)) {
            return InputKey::of_bytes(Source::Client, format!("{scope}\n{key}").as_bytes());
        }
        let nth = self.named.fetch_add(1, Ordering::Relaxed);
        InputKey::of_bytes(Source::Platform, format!("{}\n{nth}", self.nonce).as_bytes())
    }
}

impl<D: shell::Database> World<D> {
    /// A world as its documents describe it.
    ///
    /// # Errors
    /// [`PortError::Down`] when they are from another version of this program.
    fn of(opened: Opened<D>, pushes: Arc<Pushes>) -> Result<Self, PortError> {
        let Opened { number, documents, database, behind } = opened;
        let plan = read(documents.join("\n").as_bytes());
        let plan = plan.map_err(|error| PortError::Down(format!("the world's {error}")))?;
        let Plan { business, catalogue, pickers, .. } = plan;
        let shell = Shell::new(business.setup(), database, WallClock).telling(pushes);
        Ok(Self {
            number,
            behind: shell.beside(behind),
            shell,
            business,
            index: Index::of(&catalogue),
            copies: Copies::new(number, WallClock),
            catalogue,
            pickers,
            last_round: Default::default(),
        })
    }

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
