//! Reading a world: one JSON object a line, each of a kind.

use domain::ids::{SkuId, StoreId};
use domain::money::{Bps, Paise};
use serde::Deserialize;

use super::rules::RulesRow;
use super::{Business, CART_LIMIT, Catalogue, Plan, Site, Sku};
use crate::wire::{Decimal, WirePlace};

/// A row that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub(crate) struct BadRow {
    line: usize,
    why: String,
}

/// Ids of stores, SKUs, riders and pickers stay below this: they index arrays of those who judge.
const IDS_LIMIT: usize = 1 << 20;

/// Bytes of a SKU's name.
const NAME_BYTES: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum RowWire {
    Rules(RulesRow),
    Store {
        store: Decimal<u32>,
        place: WirePlace,
        radius_m: u32,
    },
    Sku {
        sku: Decimal<u32>,
        #[serde(default)]
        name: String,
        mrp_paise: i64,
        price_paise: i64,
        gst_bps: u32,
    },
    Stock {
        store: Decimal<u32>,
        sku: Decimal<u32>,
        units: u32,
    },
    Rider {
        rider: Decimal<u32>,
        place: WirePlace,
    },
    Picker {
        picker: Decimal<u32>,
        store: Decimal<u32>,
    },
}

/// Reads a world. Ids of each kind count from zero in the order of their rows; a row that names
/// another stands after it.
///
/// # Errors
/// [`BadRow`] for the first row that cannot be taken.
pub(crate) fn read(bytes: &[u8]) -> Result<Plan, BadRow> {
    let mut plan = Plan {
        business: Business::of_row(&RulesRow::default()).expect("the usual rules are in range"),
        catalogue: Catalogue::default(),
        shelves: Vec::new(),
        pickers: Vec::new(),
        documents: Vec::new(),
    };
    for (line, text) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        keep(&mut plan, text).map_err(|why| BadRow { line, why })?;
    }
    if plan.catalogue.sites.is_empty() {
        return Err(BadRow { line: 1, why: "a world has a store".to_owned() });
    }
    plan.shelves.sort_unstable();
    if let Some(pair) = plan.shelves.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let (store, sku) = pair[0].0;
        return Err(BadRow { line: 1, why: format!("{sku} stands twice on shelves of {store}") });
    }
    Ok(plan)
}

fn keep(plan: &mut Plan, text: &[u8]) -> Result<(), String> {
    let row = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if !matches!(row, RowWire::Stock { .. }) {
        plan.documents.push(String::from_utf8_lossy(text).into_owned());
    }
    take(plan, row)
}

fn take(plan: &mut Plan, row: RowWire) -> Result<(), String> {
    let Plan { business, catalogue, shelves, pickers, .. } = plan;
    let Catalogue { skus, names, sites, riders } = catalogue;
    let store_of = |Decimal(store): Decimal<u32>| {
        let store = StoreId(store);
        let is_known = store.index() < sites.len();
        is_known.then_some(store).ok_or_else(|| format!("{store} is not listed yet"))
    };
    match row {
        RowWire::Rules(row) => *business = Business::of_row(&row)?,
        RowWire::Store { store, place, radius_m } => {
            next("stores", store, sites.len())?;
            sites.push(Site { place: place.into(), radius_m });
        }
        RowWire::Sku { sku, name, mrp_paise, price_paise, gst_bps } => {
            next("SKUs", sku, skus.len())?;
            if !(0..=mrp_paise).contains(&price_paise) || mrp_paise > CART_LIMIT.0 {
                return Err("0 <= price_paise <= mrp_paise <= 1000000000".to_owned());
            }
            if name.len() > NAME_BYTES {
                return Err(format!("a name has at most {NAME_BYTES} bytes"));
            }
            names.push(name);
            let gst = Bps(gst_bps);
            skus.push(Sku { mrp: Paise(mrp_paise), price: Paise(price_paise), gst });
        }
        RowWire::Stock { store, sku: Decimal(sku), units } => {
            let sku = SkuId(sku);
            if sku.index() >= skus.len() || units > i32::MAX as u32 {
                return Err(format!("{sku} is not listed yet, or {units} units are too many"));
            }
            shelves.push(((store_of(store)?, sku), units));
        }
        RowWire::Rider { rider, place } => {
            next("riders", rider, riders.len())?;
            riders.push(place.into());
        }
        RowWire::Picker { picker, store } => {
            next("pickers", picker, pickers.len())?;
            pickers.push(store_of(store)?);
        }
    }
    Ok(())
}

fn next(what: &str, Decimal(id): Decimal<u32>, expected: usize) -> Result<(), String> {
    if id as usize == expected && expected < IDS_LIMIT {
        return Ok(());
    }
    Err(format!("{what} count from zero, without gaps: {expected} is next, not {id}"))
}
