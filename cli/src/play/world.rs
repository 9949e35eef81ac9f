//! The cities of a scenario: made up, or of a recorded day.

use std::borrow::Cow;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Context;
use city::setup::Metro;
use city::trace::{self, TraceFiles, TraceReport};
use city::{City, Demand, SetupError, Travel};
use scenarios::library::real_day;
use scenarios::schema::{Scenario, Trace};
use scenarios::values::Streets;
use scenarios::{CitySetup, Resolved};

use crate::exit::Failure;
use crate::inputs::{self, Inputs};
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
    /// The files they were made from.
    pub(crate) inputs: Inputs,
    pub(crate) notes: Vec<String>,
}

impl World {
    pub(super) fn build(resolved: &Resolved, threads: NonZeroUsize) -> Result<Self, Failure> {
        let scenario = &resolved.scenario;
        if let Some(trace) = &scenario.trace {
            return recorded(scenario, trace);
        }
        let seed = u64::from(scenario.seed.get());
        let mut world = Self { cities: Vec::new(), inputs: Inputs::default(), notes: Vec::new() };
        let mut setups = scenario.city_setups();
        world.add_wards(resolved, &mut setups)?;
        if let Streets::File(file) = &scenario.city.streets {
            let only = setups.swap_remove(0);
            let built = world.on_file(resolved, Path::new(file), only, seed)?;
            world.cities.push(built);
            world.note_cut_off();
            return Ok(world);
        }
        let stores = |city: &CitySetup| u64::from(city.setup.stores.count);
        let built = threads::in_order(threads, setups, stores, |city| {
            let made = City::build(&city.setup, city.id, seed);
            made.map_err(|error| refused(resolved, error, &city.setup.metro.name))
                .map(|built| Built { city: built, demand: Source::Synthetic(Box::new(city.setup)) })
        });
        world.cities = built.into_iter().collect::<Result<Vec<_>, _>>()?;
        world.note_cut_off();
        Ok(world)
    }

    /// Says whom closed roads leave out of reach.
    fn note_cut_off(&mut self) {
        for Built { city, .. } in &self.cities {
            if let Travel::Roads(roads) = &city.travel
                && !roads.cut_off.is_empty()
            {
                let (junctions, name) = (roads.cut_off.len(), &city.name);
                let note = format!("closed roads cut off {junctions} junctions of {name}");
                self.notes.push(note + "; nobody there can order");
            }
        }
    }

    /// Says where the people of the scenario's one city live, if a file does.
    fn add_wards(&mut self, resolved: &Resolved, setups: &mut [CitySetup]) -> Result<(), Failure> {
        let (Some(file), Some(only)) = (&resolved.scenario.city.wards, setups.first_mut()) else {
            return Ok(());
        };
        let wards = inputs::wards(Path::new(file), &mut self.inputs)
            .map_err(|error| blamed(resolved, "city.wards", &error))?;
        let (count, km2, people) = (wards.count, wards.area_km2, wards.people);
        let shown = inputs::shown(Path::new(file));
        self.notes.push(format!("{count} wards in {shown}: {people:.0} people on {km2:.0} km²"));
        let metro = &mut only.setup.metro;
        if Metro::named(&metro.name).is_none() {
            metro.name = named_after(file);
        }
        *metro = std::mem::take(metro).with_wards(wards);
        Ok(())
    }

    /// The scenario's one city on the streets of a file.
    fn on_file(
        &mut self,
        resolved: &Resolved,
        file: &Path,
        only: CitySetup,
        seed: u64,
    ) -> Result<Built, Failure> {
        let imported = inputs::streets(file, &mut self.inputs)
            .map_err(|error| blamed(resolved, "city.streets", &error))?;
        let share = inputs::kept_share(&imported);
        let (shown, junctions) = (inputs::shown(file), imported.graph.nodes());
        self.notes.push(format!("streets of {shown}: {junctions} junctions"));
        self.notes.extend(imported.notes());
        let CitySetup { id, mut setup } = only;
        setup.metro.name = named_after(&shown);
        let city = City::build_on(imported.graph, share, &setup, id, seed)
            .map_err(|error| refused(resolved, error, &setup.metro.name))?;
        Ok(Built { city, demand: Source::Synthetic(Box::new(setup)) })
    }
}

/// What a place is called after its file: the file's name up to the first dot.
fn named_after(file: &str) -> String {
    let name = Path::new(file).file_name().map(|name| name.to_string_lossy().into_owned());
    let stem = name.as_deref().and_then(|name| name.split('.').next()).unwrap_or_default();
    stem.to_owned()
}

/// A file that the scenario names at a path, and that is of no use.
fn blamed(resolved: &Resolved, path: &str, error: &anyhow::Error) -> Failure {
    resolved.problem(path, format!("`{path}`: {error:#}"), "this file").into()
}

/// A city that cannot be made.
fn refused(resolved: &Resolved, error: SetupError, name: &str) -> Failure {
    let (path, label) = match error {
        SetupError::Closed { .. } | SetupError::CutOff { .. } => ("city.closed", "these roads"),
        SetupError::Nobody => ("city.wards", "these wards"),
        SetupError::Impossible { .. } | SetupError::Streets(_) => {
            let error = anyhow::Error::new(error).context(format!("cannot build {name}"));
            return Failure::usage(error);
        }
    };
    resolved.problem(path, format!("`{path}`: {error}"), label).into()
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
    let mut inputs = Inputs::default();
    let mut tables = open(trace, &mut inputs).map_err(Failure::usage)?;
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
    Ok(World { cities: vec![built], inputs, notes })
}

fn open(trace: &Trace, inputs: &mut Inputs) -> anyhow::Result<Tables> {
    let mut table =
        |path: &Path| -> anyhow::Result<Box<dyn Read>> { Ok(Box::new(inputs.open(path)?)) };
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
        place: inputs::shown(&dir),
        notes,
    })
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
