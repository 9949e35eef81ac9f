//! What servers need beside units of work: the world they serve, duties, lists under way.

use domain::facts::Record;
use domain::ids::{CityId, OrderId, SkuId, StoreId};
use domain::stock::Slot;
use domain::time::Millis;
use shell::{Duty, Fence, PortError, Serving};

use super::cells::{Corrupt, Name, Param, Reader};
use super::lists::{corrupt, limited};
use super::statements::Does;
use super::wire::Row;
use super::{Postgres, commit};

/// The world that is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct World {
    /// Its number: the next one has a higher.
    pub number: u64,
    /// Its city.
    pub city: CityId,
}

/// Times that installing a world is tried: it empties every table, and whoever reads several of them
/// in another order meanwhile may wait for it while it waits for them.
const TRIES: u32 = 10;

impl Postgres {
    /// Puts a world in as it is before anything happens, in the place of the one there is: rules
    /// and catalogue as documents of JSON, what is on shelves, and the facts that open the
    /// journal. None if the world there is has an order: then it stays.
    ///
    /// # Errors
    /// [`PortError`]: then nothing is changed, or it is not known whether it is.
    pub async fn install(
        &self,
        documents: &[String],
        slots: &[((StoreId, SkuId), Slot)],
        opening: &[Record],
    ) -> Result<Option<World>, PortError> {
        let city = self.city();
        let mut outcome = self.run(commit::install(city, documents, slots, opening)).await?;
        for _ in 1..TRIES {
            if !outcome.is_lost_race() {
                break;
            }
            outcome = self.run(commit::install(city, documents, slots, opening)).await?;
        }
        if outcome.has_order() {
            return Ok(None);
        }
        let rows = outcome.rows()?;
        let row = rows.first().and_then(|rows| rows.first());
        let row = row.ok_or_else(|| PortError::Down("the world has no number".to_owned()))?;
        let number = Reader::new(row).bits().map_err(corrupt)?;
        Ok(Some(World { number, city }))
    }

    /// The world that is installed, if one is.
    ///
    /// # Errors
    /// [`PortError`].
    pub async fn world(&self) -> Result<Option<World>, PortError> {
        let found = self.run(vec![(Does::World, Vec::new())]).await?.rows()?;
        let world = |row: &Row| {
            let mut reader = Reader::new(row);
            Ok(World { number: reader.bits()?, city: CityId(reader.int()?) })
        };
        found.iter().flatten().next().map(world).transpose().map_err(corrupt)
    }

    /// The documents of the world that is installed, in the order they were given, and that
    /// world.
    ///
    /// # Errors
    /// [`PortError`].
    pub async fn documents(&self) -> Result<Option<(World, Vec<String>)>, PortError> {
        let before = self.world().await?;
        let found = self.run(vec![(Does::Documents, Vec::new())]).await?.rows()?;
        let text = |row: &Row| Reader::new(row).text().map(str::to_owned);
        let documents: Result<Vec<String>, Corrupt> = found.iter().flatten().map(text).collect();
        // Documents never change within a world, so those of one are read if it still stands.
        let is_same = self.world().await? == before;
        let whole = before.filter(|_| is_same);
        Ok(whole.zip(Some(documents.map_err(corrupt)?)))
    }
}

impl Serving for Postgres {
    async fn assume(
        &self,
        duty: Duty,
        holder: u128,
        lease: Millis,
    ) -> Result<Option<Fence>, PortError> {
        let params: Vec<Param> =
            vec![Box::new(duty.text()), Box::new(Name(holder)), Box::new(i64::from(lease.0))];
        let found = self.run(vec![(Does::Assume, params)]).await?.rows()?;
        let row = found.first().and_then(|rows| rows.first());
        let row = row.ok_or_else(|| PortError::Down("leases are not kept".to_owned()))?;
        let version = Reader::new(row).maybe().map_err(corrupt)?;
        Ok(version.map(|version| Fence { duty, version }))
    }

    async fn under_way(&self, store: StoreId, limit: usize) -> Result<Vec<OrderId>, PortError> {
        let params: Vec<Param> = vec![Box::new(i64::from(store.0)), Box::new(limited(limit))];
        let found = self.run(vec![(Does::UnderWay, params)]).await?.rows()?;
        let order = |row: &Row| Reader::new(row).bits().map(OrderId);
        found.iter().flatten().map(order).collect::<Result<_, _>>().map_err(corrupt)
    }
}
