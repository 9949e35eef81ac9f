//! Real baskets of groceries: which categories were bought together.

use std::collections::BTreeMap;
use std::io::Read;

use domain::ids::SkuId;

use super::read::{File, Table, TraceError};
use super::report::TraceReport;

/// Baskets over a catalogue of categories.
pub(super) struct Baskets {
    /// How many baskets each SKU is in; the most popular first.
    pub(super) weights: Vec<f64>,
    /// `starts[b]..starts[b + 1]` are the items of basket `b`; one entry more than baskets.
    starts: Vec<u32>,
    items: Vec<SkuId>,
}

impl Baskets {
    /// How many baskets there are; at least one.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.starts.len() - 1).expect("baskets are fewer than rows")
    }

    /// What is in a basket, each SKU once.
    pub(super) fn items(&self, basket: u32) -> &[SkuId] {
        let basket = basket as usize;
        &self.items[self.starts[basket] as usize..self.starts[basket + 1] as usize]
    }

    /// Lines of a basket on average.
    pub(super) fn mean_lines(&self) -> f64 {
        self.weights.iter().sum::<f64>() / f64::from(self.count())
    }
}

/// Reads baskets from rows of who and what.
///
/// SKUs are numbered from the most frequent category down, ties by name.
pub(super) fn read(file: &mut dyn Read, report: &mut TraceReport) -> Result<Baskets, TraceError> {
    let mut table = Table::open(File::Baskets, file);
    let (person, item) = (table.column("Person")?, table.column("item")?);
    let mut people: BTreeMap<Box<str>, u32> = BTreeMap::new();
    let mut categories: BTreeMap<Box<str>, u32> = BTreeMap::new();
    let mut rows: Vec<(u32, u32)> = Vec::new();
    while let Some(row) = table.next()? {
        let basket = numbered(&mut people, row.id(person)?);
        rows.push((basket, numbered(&mut categories, row.id(item)?)));
    }
    let read_rows = rows.len();
    rows.sort_unstable();
    rows.dedup();
    report.repeated_items = count(read_rows - rows.len());
    report.baskets = count(people.len());
    report.basket_lines = count(rows.len());
    Ok(ranked(&categories, &rows))
}

/// The number of a name, the next one if it is new.
fn numbered(names: &mut BTreeMap<Box<str>, u32>, name: &str) -> u32 {
    let next = count(names.len());
    match names.get(name) {
        Some(&number) => number,
        None => *names.entry(name.into()).or_insert(next),
    }
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).expect("a table's rows are limited")
}

/// Renumbers categories by popularity and lays baskets out one after the other.
///
/// `rows` are sorted by basket, and every basket has one.
fn ranked(categories: &BTreeMap<Box<str>, u32>, rows: &[(u32, u32)]) -> Baskets {
    let mut counts = vec![0_u32; categories.len()];
    for &(_, category) in rows {
        counts[category as usize] += 1;
    }
    // The map is in order of name and the sort is stable, so ties are by name.
    let mut order: Vec<u32> = categories.values().copied().collect();
    order.sort_by_key(|&category| std::cmp::Reverse(counts[category as usize]));
    let mut sku_of = vec![SkuId(0); counts.len()];
    for (sku, &category) in order.iter().enumerate() {
        sku_of[category as usize] = SkuId::at(sku);
    }
    let mut starts = Vec::new();
    for (index, &(basket, _)) in rows.iter().enumerate() {
        if basket as usize == starts.len() {
            starts.push(count(index));
        }
    }
    starts.push(count(rows.len()));
    Baskets {
        weights: order.iter().map(|&category| f64::from(counts[category as usize])).collect(),
        starts,
        items: rows.iter().map(|&(_, category)| sku_of[category as usize]).collect(),
    }
}
