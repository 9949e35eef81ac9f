//! `dastak city`: cities of scenarios described, and real roads and wards imported.

use std::path::{Path, PathBuf};

use city::describe::Description;
use city::{City, Demand, Travel};
use roads::Graph;
use serde::Serialize;

use super::Which;
use crate::args::{Format, Global};
use crate::exit::{Exit, Failure};
use crate::inputs::{self, Inputs};
use crate::play::{self, Built, World};
use crate::{console, threads};

/// Which cities.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "\
Examples:
  dastak city national-peak --set city.streets=generated
  dastak city --osm andorra.osm.pbf --format json
  dastak city --wards mumbai.geojson
  dastak city evening-peak --wards bengaluru.geojson",
    arg_required_else_help = true
)]
pub(crate) struct Command {
    /// Imports real roads: .osm.pbf, .osm.gz, .osm or .graphml
    #[arg(long, value_name = "FILE", conflicts_with = "scenario")]
    osm: Option<PathBuf>,
    /// Reads where people live from GeoJSON: the wards alone, or a scenario's city in them
    #[arg(long, value_name = "FILE", conflicts_with = "osm")]
    wards: Option<PathBuf>,
    /// The scenario whose cities are described
    scenario: Option<String>,
    /// Sets a key of the scenario, such as cities.mumbai=40; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE", conflicts_with = "osm")]
    sets: Vec<String>,
}

/// Describes them.
pub(crate) fn run(command: &Command, global: &Global) -> Result<Exit, Failure> {
    match (&command.osm, &command.wards, &command.scenario) {
        (Some(file), ..) => roads_of(file, global),
        (None, Some(file), None) => wards_of(file, global),
        (None, wards, Some(scenario)) => {
            let mut sets = command.sets.clone();
            let set = |file: &PathBuf| {
                // A TOML text, whatever is in the file's name.
                let quoted = toml_text(&file.display().to_string());
                format!("city.wards={quoted}")
            };
            sets.extend(wards.as_ref().map(set));
            cities_of(&Which { scenario: scenario.clone(), sets }, global)
        }
        (None, None, None) => {
            Err(Failure::usage(anyhow::anyhow!("name a scenario, --osm FILE or --wards FILE")))
        }
    }
}

/// A text as TOML writes it; JSON's texts are TOML's too.
fn toml_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A file of wards.
#[derive(Serialize)]
struct WardFile {
    file: String,
    wards: usize,
    area_km2: f64,
    people: f64,
}

fn wards_of(path: &Path, global: &Global) -> Result<Exit, Failure> {
    let wards = inputs::wards(path, &mut Inputs::default()).map_err(Failure::usage)?;
    let (area_km2, people) = (wards.area_km2, wards.people);
    let file = WardFile { file: path.display().to_string(), wards: wards.count, area_km2, people };
    match global.format {
        Format::Json => console::print_json(&file)?,
        Format::Text => console::print(&console::table(
            [
                ("wards", file.wards.to_string()),
                ("area", format!("{area_km2:.1} km²")),
                ("people", format!("{people:.0}")),
                ("people per km²", format!("{:.0}", people / area_km2)),
            ]
            .map(|(what, value)| vec![what.to_owned(), value]),
        ))?,
    }
    Ok(Exit::Ok)
}

/// The largest strongly connected part of a road network, in numbers.
#[derive(Serialize)]
struct Roads {
    nodes: usize,
    arcs: usize,
    /// Its share of all junctions there were.
    largest_scc_share: f64,
    length_km: f64,
    /// Streets that meet at a junction or dead end, on average; what lies between is not counted.
    streets_per_node: f64,
    dead_ends: f64,
    three_way: f64,
    four_way: f64,
    street_m_mean: f64,
    street_m_median: f64,
    edge_circuity: f64,
    digest: String,
}

/// A file of roads.
#[derive(Serialize)]
struct RoadFile {
    file: String,
    #[serde(flatten)]
    roads: Roads,
    notes: Vec<String>,
}

fn roads_of(path: &Path, global: &Global) -> Result<Exit, Failure> {
    let imported = inputs::streets(path, &mut Inputs::default()).map_err(Failure::usage)?;
    let share = inputs::kept_share(&imported);
    let file = RoadFile {
        file: path.display().to_string(),
        roads: Roads::of(&imported.graph, share),
        notes: imported.notes(),
    };
    match global.format {
        Format::Json => console::print_json(&file)?,
        Format::Text => {
            console::print(&console::table(file.roads.rows()))?;
            file.notes.iter().for_each(|note| console::note(global, note));
        }
    }
    Ok(Exit::Ok)
}

impl Roads {
    #[expect(clippy::cast_precision_loss, reason = "lengths are below 2^53 decimetres")]
    fn of(graph: &Graph, largest_scc_share: f64) -> Self {
        let length_dm: u64 = graph.arcs().iter().map(|arc| u64::from(arc.length_dm)).sum();
        let seen = Description::of(graph);
        Self {
            nodes: graph.nodes(),
            arcs: graph.arc_count(),
            largest_scc_share,
            length_km: length_dm as f64 / 1e4,
            streets_per_node: seen.streets_per_node,
            dead_ends: seen.dead_ends,
            three_way: seen.three_way,
            four_way: seen.four_way,
            street_m_mean: seen.mean_m,
            street_m_median: seen.median_m,
            edge_circuity: seen.edge_circuity,
            digest: format!("{:032x}", graph.digest()),
        }
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let ends = [self.dead_ends, self.three_way, self.four_way].map(percent).join(" / ");
        let lengths = format!("{:.1} m / {:.1} m", self.street_m_mean, self.street_m_median);
        [
            ("junctions", self.nodes.to_string()),
            ("one-way stretches", self.arcs.to_string()),
            ("length", format!("{:.1} km", self.length_km)),
            ("reachable from everywhere", percent(self.largest_scc_share)),
            ("streets at a junction", format!("{:.2}", self.streets_per_node)),
            ("dead ends / three-way / four-way", ends),
            ("street length, mean / median", lengths),
            ("length over straight line", format!("{:.3}", self.edge_circuity)),
            ("digest", self.digest.clone()),
        ]
        .into_iter()
        .map(|(what, value)| vec![what.to_owned(), value])
        .collect()
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
    /// Its streets, if it is not of straight lines.
    #[serde(flatten)]
    roads: Option<Roads>,
}

fn cities_of(which: &Which, global: &Global) -> Result<Exit, Failure> {
    let resolved = which.resolve(global, &[])?;
    let threads = threads::count(global.threads);
    let World { cities, notes, .. } = play::build(&resolved, threads)?;
    notes.iter().for_each(|note| console::note(global, note));
    let seed = u64::from(resolved.scenario.seed.get());
    let stores = |built: &Built| built.city.stores.len() as u64;
    let described = threads::in_order(threads, cities, stores, |built| describe(&built, seed));
    match global.format {
        Format::Json => console::print_json(&described)?,
        Format::Text => {
            let head = [
                "city",
                "stores",
                "items",
                "riders",
                "pickers",
                "orders",
                "lines an order",
                "junctions",
            ];
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
        roads: match &city.travel {
            Travel::Straight(_) => None,
            Travel::Roads(on) => Some(Roads::of(on.roads.graph(), on.largest_scc_share)),
        },
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
            self.roads.as_ref().map_or("none".to_owned(), |roads| roads.nodes.to_string()),
        ]
    }
}
