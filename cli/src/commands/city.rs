//! `dastak city`: cities of scenarios described, and real roads imported.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context;
use city::{City, Demand};
use roads::import::{Format as RoadFormat, Import, ImportRules, import};
use serde::Serialize;

use super::Which;
use crate::args::{Format, Global};
use crate::exit::{Exit, Failure};
use crate::play::{self, Built, World};
use crate::{console, threads};

/// Which cities.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "\
Examples:
  dastak city national-peak
  dastak city --osm andorra.osm.pbf --format json",
    arg_required_else_help = true
)]
pub(crate) struct Command {
    /// Imports real roads: .osm.pbf, .osm.gz, .osm or .graphml
    #[arg(long, value_name = "FILE", conflicts_with = "scenario")]
    osm: Option<PathBuf>,
    /// The scenario whose cities are described
    scenario: Option<String>,
    /// Sets a key of the scenario, such as cities.mumbai=40; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE", conflicts_with = "osm")]
    sets: Vec<String>,
}

/// Describes them.
pub(crate) fn run(command: &Command, global: &Global) -> Result<Exit, Failure> {
    match (&command.osm, &command.scenario) {
        (Some(file), _) => roads_of(file, global),
        (None, Some(scenario)) => {
            let which = Which { scenario: scenario.clone(), sets: command.sets.clone() };
            cities_of(&which, global)
        }
        (None, None) => Err(Failure::usage(anyhow::anyhow!("name a scenario, or --osm FILE"))),
    }
}

/// The largest strongly connected part of a file's roads.
#[derive(Serialize)]
struct Roads {
    file: String,
    nodes: usize,
    arcs: usize,
    /// Its share of all vertices of roads.
    largest_scc_share: f64,
    length_km: f64,
    digest: String,
    notes: Vec<String>,
}

fn roads_of(path: &Path, global: &Global) -> Result<Exit, Failure> {
    let shown = path.display();
    let format = RoadFormat::of_name(&shown.to_string()).with_context(|| {
        format!("cannot tell the format of {shown}: its name ends neither in .osm.pbf, .osm.gz, .osm nor .graphml")
    });
    let format = format.map_err(Failure::usage)?;
    let file = File::open(path).with_context(|| format!("cannot open {shown}"));
    let file = file.map_err(Failure::usage)?;
    let imported = import(file, format, &ImportRules::default())
        .with_context(|| format!("cannot import {shown}"))
        .map_err(Failure::usage)?;
    let roads = Roads::of(shown.to_string(), &imported);
    match global.format {
        Format::Json => console::print_json(&roads)?,
        Format::Text => console::print(&roads.text())?,
    }
    Ok(Exit::Ok)
}

impl Roads {
    #[expect(clippy::cast_precision_loss, reason = "nodes are fewer than 2^53")]
    fn of(file: String, imported: &Import) -> Self {
        let graph = &imported.graph;
        let all = graph.nodes() + imported.counts.nodes_outside;
        let length_dm: u64 = graph.arcs().iter().map(|arc| u64::from(arc.length_dm)).sum();
        Self {
            file,
            nodes: graph.nodes(),
            arcs: graph.arc_count(),
            largest_scc_share: graph.nodes() as f64 / all.max(1) as f64,
            length_km: length_dm as f64 / 1e4,
            digest: format!("{:032x}", graph.digest()),
            notes: imported.notes(),
        }
    }

    fn text(&self) -> String {
        let share = self.largest_scc_share * 100.0;
        let mut text = console::table([
            vec!["junctions".to_owned(), self.nodes.to_string()],
            vec!["one-way stretches".to_owned(), self.arcs.to_string()],
            vec!["length".to_owned(), format!("{:.1} km", self.length_km)],
            vec!["reachable from everywhere".to_owned(), format!("{share:.1} %")],
            vec!["digest".to_owned(), self.digest.clone()],
        ]);
        self.notes.iter().for_each(|note| text += &format!("note: {note}\n"));
        text
    }
}

/// One city of a scenario.
#[derive(Serialize)]
struct Described {
    name: String,
    stores: usize,
    skus: usize,
    riders: usize,
    pickers: usize,
    orders: usize,
    order_lines: f64,
    units_on_shelves: u64,
}

fn cities_of(which: &Which, global: &Global) -> Result<Exit, Failure> {
    let resolved = which.resolve(global, &[])?;
    let threads = threads::count(global.threads);
    let World { cities, notes } = play::build(&resolved.scenario, threads)?;
    notes.iter().for_each(|note| console::note(global, note));
    let seed = u64::from(resolved.scenario.seed.get());
    let described = threads::in_order(threads, cities, |built| describe(&built, seed));
    match global.format {
        Format::Json => console::print_json(&described)?,
        Format::Text => {
            let head = ["city", "stores", "items", "riders", "pickers", "orders", "lines an order"];
            let head = head.iter().map(|&title| title.to_owned()).collect();
            let rows = described.iter().map(Described::row);
            console::print(&console::table(std::iter::once(head).chain(rows)))?;
        }
    }
    Ok(Exit::Ok)
}

fn describe(built: &Built, seed: u64) -> Described {
    let city: &City = &built.city;
    let demand = built.demand(seed);
    let demand: &Demand = &demand;
    #[expect(clippy::cast_precision_loss, reason = "lines are fewer than 2^53")]
    let order_lines = demand.lines.len() as f64 / demand.arrivals.len().max(1) as f64;
    Described {
        name: city.name.clone(),
        stores: city.stores.len(),
        skus: city.skus.len(),
        riders: city.riders.len(),
        pickers: city.pickers.len(),
        orders: demand.arrivals.len(),
        order_lines,
        units_on_shelves: city.stock.iter().map(|units| u64::from(*units)).sum(),
    }
}

impl Described {
    fn row(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.stores.to_string(),
            self.skus.to_string(),
            self.riders.to_string(),
            self.pickers.to_string(),
            self.orders.to_string(),
            format!("{:.2}", self.order_lines),
        ]
    }
}
