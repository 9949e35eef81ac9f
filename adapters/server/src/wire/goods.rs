//! SKUs, what stores have of them, and carts on the wire.

use domain::cart;
use domain::ids::{SkuId, StoreId};
use domain::order::Line;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Decimal;
use crate::world::Catalogue;

/// What stands behind `GET /api/products?`.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Searched {
    /// Words; each must begin a word of the name. Without any, everything is found.
    #[serde(default)]
    pub(crate) q: String,
    /// Only what this store has.
    #[param(value_type = Option<String>)]
    pub(crate) store: Option<Decimal<u32>>,
    /// At most so many, up to 100.
    pub(crate) limit: Option<usize>,
}

/// A SKU.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductShown {
    sku_id: Decimal<u32>,
    name: String,
    mrp_paise: i64,
    price_paise: i64,
    gst_bps: u32,
    /// Units that the store has free, if one was asked for.
    free_units: Option<u32>,
}

/// What a search found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductsShown {
    pub(crate) products: Vec<ProductShown>,
}

impl ProductShown {
    /// A SKU of the catalogue; none if there is no such.
    pub(crate) fn of(catalogue: &Catalogue, sku: SkuId, free_units: Option<u32>) -> Option<Self> {
        let of = catalogue.skus.get(sku.index())?;
        Some(Self {
            sku_id: Decimal(sku.0),
            name: catalogue.name(sku),
            mrp_paise: of.mrp.0,
            price_paise: of.price.0,
            gst_bps: of.gst.0,
            free_units,
        })
    }
}

/// What stands behind `GET /api/availability?` and its stream.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Availability {
    #[param(value_type = String)]
    pub(crate) store: Decimal<u32>,
    /// SKUs with commas between them; without any, all of them.
    pub(crate) skus: Option<String>,
}

/// What a store has free of a SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FreeUnits {
    pub(crate) sku_id: Decimal<u32>,
    pub(crate) free_units: u32,
}

/// What a store has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AvailabilityShown {
    pub(crate) store_id: Decimal<u32>,
    pub(crate) skus: Vec<FreeUnits>,
}

impl AvailabilityShown {
    pub(crate) const fn of(store: StoreId, skus: Vec<FreeUnits>) -> Self {
        Self { store_id: Decimal(store.0), skus }
    }
}

/// The body of `PUT /api/carts/mine/lines/{sku}`.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct UnitsAsked {
    /// How many in all; none takes the line out.
    pub(crate) units: u32,
}

/// A line of a cart.
#[derive(Debug, Serialize, ToSchema)]
struct LineShown {
    sku_id: Decimal<u32>,
    units: u32,
    price_paise: i64,
}

/// A cart, with today's prices; a quote says what is charged.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CartShown {
    /// `empty`, `active`, `checked_out`, `converted`, `abandoned` or `expired`.
    status: &'static str,
    quote_id: Option<Decimal<u64>>,
    lines: Vec<LineShown>,
}

impl CartShown {
    pub(crate) fn of(catalogue: &Catalogue, cart: &cart::State) -> Self {
        let line = |line: &Line| LineShown {
            sku_id: Decimal(line.sku.0),
            units: line.units,
            price_paise: catalogue.skus.get(line.sku.index()).map_or(0, |sku| sku.price.0),
        };
        Self {
            status: cart.stage.text(),
            quote_id: cart.quote.map(|order| Decimal(order.0)),
            lines: cart.lines.iter().map(line).collect(),
        }
    }
}
