//! The cities of a scenario: made up, or of a recorded day.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Context;
use city::trace::{self, TraceFiles, TraceReport};
use city::{City, Demand};
use scenarios::library::real_day;
use scenarios::schema::{Scenario, Trace};

use crate::exit::Failure;
use crate::threads;

/// Where a city's demand comes from.
pub(crate) enum Source {
    /// It is generated.
    Synthetic(Box<city::Setup>),
    /// It was recorded.
    Recorded(Demand),
}

/// A city and where its demand comes from.
pub(crate) struct Built {
    pub(crate) city: City,
    pub(crate) demand: Source,
}

impl Built {
    /// The city's demand in a run with a seed.
    pub(crate) fn demand(&self, seed: u64) -> Cow<'_, Demand> {
        match &self.demand {
            Source::Recorded(demand) => Cow::Borrowed(demand),
            Source::Synthetic(setup) => Cow::Owned(Demand::generate(setup, &self.city, seed)),
        }
    }
}

/// All cities of a scenario, and what is worth knowing about them.
pub(crate) struct World {
    pub(crate) cities: Vec<Built>,
    pub(crate) notes: Vec<String>,
}

impl World {
    pub(super) fn build(scenario: &Scenario, threads: NonZeroUsize) -> Result<Self, Failure> {
        if let Some(trace) = &scenario.trace {
            return recorded(scenario, trace);
        }
        let seed = u64::from(scenario.seed.get());
        let built = threads::in_order(threads, scenario.city_setups(), |city| {
            let name = city.setup.metro.name.clone();
            City::build(&city.setup, city.id, seed)
                .map(|built| Built { city: built, demand: Source::Synthetic(Box::new(city.setup)) })
                .with_context(|| format!("cannot build {name}"))
        });
        let cities = built.into_iter().collect::<Result<Vec<_>, _>>().map_err(Failure::usage)?;
        Ok(Self { cities, notes: Vec::new() })
    }
}

/// The tables of a recorded day, open.
struct Tables {
    orders: Box<dyn Read>,
    couriers: Box<dyn Read>,
    stores: Option<Box<dyn Read>>,
    baskets: Box<dyn Read>,
    /// Where they are, for messages.
    place: String,
    notes: Vec<String>,
}

fn recorded(scenario: &Scenario, trace: &Trace) -> Result<World, Failure> {
    let mut tables = open(trace)?;
    let files = TraceFiles {
        orders: &mut tables.orders,
        couriers: &mut tables.couriers,
        stores: tables.stores.as_mut().map(|stores| stores as &mut dyn Read),
        baskets: &mut tables.baskets,
    };
    let setup = scenario.trace_setup(u64::from(scenario.seed.get()));
    let day = trace::import(files, &setup)
        .with_context(|| format!("cannot play the recorded day in {}", tables.place))
        .map_err(Failure::usage)?;
    let mut notes = tables.notes;
    notes.extend(notes_on(&day.report));
    let built = Built { city: day.city, demand: Source::Recorded(day.demand) };
    Ok(World { cities: vec![built], notes })
}

fn open(trace: &Trace) -> Result<Tables, Failure> {
    let baskets = trace.baskets.as_deref().map(|path| table(Path::new(path))).transpose()?;
    let own = || Box::new(real_day::BASKETS.as_bytes());
    let Some(dir) = &trace.dir else {
        return Ok(Tables {
            orders: Box::new(real_day::ORDERS.as_bytes()),
            couriers: Box::new(real_day::COURIERS.as_bytes()),
            stores: Some(Box::new(real_day::STORES.as_bytes())),
            baskets: baskets.unwrap_or_else(|| own()),
            place: "dastak itself".to_owned(),
            notes: vec![
                "no trace.dir: this is a small made-up day that ships with dastak, in the format \
                 of recorded ones"
                    .to_owned(),
            ],
        });
    };
    let dir = PathBuf::from(dir);
    let stores = dir.join("stores.csv");
    let mut notes = Vec::new();
    if baskets.is_none() {
        notes.push("no trace.baskets: orders get made-up baskets that ship with dastak".to_owned());
    }
    Ok(Tables {
        orders: table(&dir.join("orders.csv"))?,
        couriers: table(&dir.join("couriers.csv"))?,
        stores: if stores.exists() { Some(table(&stores)?) } else { None },
        baskets: baskets.unwrap_or_else(|| own()),
        place: dir.display().to_string(),
        notes,
    })
}

fn table(path: &Path) -> Result<Box<dyn Read>, Failure> {
    let file = File::open(path)
        .with_context(|| format!("cannot open {}", path.display()))
        .map_err(Failure::usage)?;
    Ok(Box::new(file))
}

/// What was found in a recorded day, in words.
fn notes_on(report: &TraceReport) -> Vec<String> {
    let TraceReport { orders, couriers, stores, baskets, basket_lines, .. } = report;
    let mut notes =
        vec![format!("the day has {orders} orders, {couriers} couriers, {stores} stores")];
    if *baskets > 0 {
        let mean = f64::from(*basket_lines) / f64::from(*baskets);
        notes.push(format!("{baskets} baskets of {mean:.2} lines on average"));
    }
    let untidy = report.untidiness().into_iter().filter(|(_, count)| *count > 0);
    notes.extend(untidy.map(|(what, count)| format!("{count} {what}")));
    notes
}
