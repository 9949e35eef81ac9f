//! Where riders are: noted with each ping, told to the cache together.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::ids::RiderId;
use domain::place::Place;
use domain::time::Millis;
use shell::Cache;
use shell::cache::keys;

/// A place that is older says nothing. 60 s: twelve pings.
const TTL: Millis = Millis::from_s(60);
/// Riders whose places are told together.
const TOLD_AT_ONCE: usize = 500;

/// Places that riders told this replica and that it has not told the cache yet.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<BTreeMap<RiderId, Place>>);

impl Places {
    /// Notes where a rider is.
    pub(crate) fn note(&self, rider: RiderId, place: Place) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(rider, place);
    }

    /// Tells the cache. Nothing hangs on it: without an answer the next ping tells.
    pub(crate) async fn tell(&self, cache: &impl Cache) {
        let noted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for some in noted.into_iter().collect::<Vec<_>>().chunks(TOLD_AT_ONCE) {
            let entry = |(rider, place): &(_, _)| (keys::rider_place(*rider), bytes(*place));
            let entries: Vec<_> = some.iter().map(entry).collect();
            let members: Vec<_> =
                some.iter().map(|(rider, at)| (rider.0.to_string(), *at)).collect();
            let _ = cache.put_many(&entries, TTL, true).await;
            let _ = cache.locate(keys::RIDERS, &members).await;
        }
    }
}

/// Where riders were heard of last, those who were.
pub(crate) async fn of(cache: &impl Cache, riders: &[RiderId]) -> BTreeMap<RiderId, Place> {
    let wanted: Vec<_> = riders.iter().map(|rider| keys::rider_place(*rider)).collect();
    let found = cache.get_many(&wanted).await.unwrap_or_default();
    riders.iter().zip(found).filter_map(|(rider, bytes)| Some((*rider, place(&bytes?)?))).collect()
}

fn bytes(place: Place) -> Vec<u8> {
    [place.lat_e7.to_be_bytes(), place.lon_e7.to_be_bytes()].concat()
}

fn place(bytes: &[u8]) -> Option<Place> {
    let (lat, lon) = bytes.split_first_chunk()?;
    let lon: &[u8; 4] = lon.first_chunk()?;
    Some(Place { lat_e7: i32::from_be_bytes(*lat), lon_e7: i32::from_be_bytes(*lon) })
}
