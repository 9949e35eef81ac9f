//! What is kept at hand of rows: free units, and carts. The database is asked for what is not.

use std::collections::BTreeMap;

use domain::cart::{self, Command, Stage};
use domain::ids::{CustomerId, OrderId, SkuId, StoreId};
use domain::order::Line;
use domain::time::{Millis, Timestamp};
use shell::cache::{Use, keys};
use shell::clock::WallClock;
use shell::{Clock, Database, Kept, Key as RowKey, Version, tell_cart};

use crate::app::{App, World};
use crate::backend::Backend;
use crate::problem::Problem;
use crate::wire::Decimal;
use crate::wire::goods::FreeUnits;

/// Free units. A change is seen here as soon as the log's readers have seen it, and what is kept
/// in a process within a quarter of a second more: half of what a customer might notice.
pub(crate) const fn availability(ttl: Millis) -> Use {
    Use { name: "availability", max_age: ttl, near: Millis(250) }
}

/// Carts, kept for half an hour, assumed, grade E: the next change is made without asking for the
/// row. Never in a process: another server changes the cart as well.
const CARTS: Use = Use { name: "cart", max_age: Millis::from_min(30), near: Millis::ZERO };

/// Free units of SKUs at a store as they are, in their order. A look, that nothing may hang on.
pub(crate) async fn free_units<D: Database>(
    world: &World<D>,
    store: StoreId,
    skus: &[SkuId],
) -> Result<Vec<FreeUnits>, Problem> {
    let keys: Vec<RowKey> = skus.iter().map(|sku| RowKey::Slot((store, *sku))).collect();
    let rows = world.load(&keys).await?;
    let free = |read: &shell::Read<(StoreId, SkuId), domain::stock::Slot>| FreeUnits {
        sku_id: Decimal(read.key.1.0),
        free_units: read.state().free_units,
    };
    Ok(rows.slots.iter().map(free).collect())
}

/// The same as they were not long ago: from copies, as far as there are any.
pub(crate) async fn free_units_lately<B: Backend>(
    app: &App<B>,
    world: &World<B::Database>,
    store: StoreId,
    skus: &[SkuId],
) -> Result<Vec<FreeUnits>, Problem> {
    let keys: Vec<String> = skus.iter().map(|sku| keys::availability(store, *sku)).collect();
    let copies = app.copies(world, app.availability, &keys).await;
    let known = |(sku, copy): (&SkuId, Option<Vec<u8>>)| {
        let free_units = std::str::from_utf8(&copy?).ok()?.parse().ok()?;
        Some(FreeUnits { sku_id: Decimal(sku.0), free_units })
    };
    let mut free: Vec<Option<FreeUnits>> = skus.iter().zip(copies).map(known).collect();
    let missing = skus.iter().zip(&free).filter(|(_, known)| known.is_none());
    let missing: Vec<SkuId> = missing.map(|(sku, _)| *sku).collect();
    if !missing.is_empty() {
        let as_of = WallClock.now();
        let read = free_units(world, store, &missing).await?;
        let kept = kept_units(store, &read);
        world.copies.keep(app.backend.cache(), app.availability, &kept, as_of, false).await;
        free.extend(read.into_iter().map(Some));
    }
    let by_sku: BTreeMap<u32, FreeUnits> =
        free.into_iter().flatten().map(|free| (free.sku_id.0, free)).collect();
    Ok(skus.iter().filter_map(|sku| by_sku.get(&sku.0).copied()).collect())
}

/// Free units as copies keep them: under the source design's keys, in digits.
pub(crate) fn kept_units(store: StoreId, free: &[FreeUnits]) -> Vec<(String, Vec<u8>)> {
    let kept = |free: &FreeUnits| {
        let key = keys::availability(store, SkuId(free.sku_id.0));
        (key, free.free_units.to_string().into_bytes())
    };
    free.iter().map(kept).collect()
}

/// Tells a customer's cart something; gives the cart as it is then.
pub(crate) async fn tell_cart_of<B: Backend>(
    app: &App<B>,
    world: &World<B::Database>,
    customer: CustomerId,
    command: Command,
) -> Result<cart::State, Problem> {
    let (keys, now) = ([keys::cart(u64::from(customer.0))], WallClock.now());
    let copy = app.copies(world, CARTS, &keys).await.pop().flatten();
    let known = copy.and_then(|bytes| cart_of(&bytes));
    let accounts = world.shell.database();
    let kept = tell_cart(accounts, &app.carts, customer, known, command, now).await?;
    let [key] = keys;
    let copy = [(key, text_of(&kept).into_bytes())];
    world.copies.keep(app.backend.cache(), CARTS, &copy, now, true).await;
    Ok(kept.state)
}

/// A cart as copies keep it: version, stage, quote, when it was touched, and SKUs with units.
fn text_of(Kept { version, state }: &Kept<cart::State>) -> String {
    let quote = state.quote.map_or_else(|| "-".to_owned(), |quote| quote.0.to_string());
    let lines = state.lines.iter().map(|line| format!(" {}:{}", line.sku.0, line.units));
    let lines: String = lines.collect();
    format!("{} {} {quote} {}{lines}", version.0, state.stage.text(), state.touched_at.0)
}

fn cart_of(bytes: &[u8]) -> Option<Kept<cart::State>> {
    let mut words = std::str::from_utf8(bytes).ok()?.split(' ');
    let version = Version(words.next()?.parse().ok()?);
    let stage = Stage::from_text(words.next()?)?;
    let quote = match words.next()? {
        "-" => None,
        number => Some(OrderId(number.parse().ok()?)),
    };
    let touched_at = Timestamp(words.next()?.parse().ok()?);
    let line = |word: &str| {
        let (sku, units) = word.split_once(':')?;
        Some(Line { sku: SkuId(sku.parse().ok()?), units: units.parse().ok()? })
    };
    let lines = words.map(line).collect::<Option<Vec<_>>>()?;
    Some(Kept { version, state: cart::State { stage, lines, touched_at, quote } })
}
