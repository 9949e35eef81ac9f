//! Shelves that are locked for a unit of work, from before its rows are loaded until it is
//! committed.
//!
//! A lock is on the row's key, not on the row. So it is there for rows that are not, rows are
//! loaded in a snapshot that is younger than it, and a transaction gets its number, by which facts
//! are ordered, after whoever had the lock before. A lock may be lost with its connection: versions
//! are compared all the same.

use std::sync::Arc;

use deadpool::managed::Object;
use domain::stock::Slot;
use shell::{PortError, Unit};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::commit::{Commit, Job};
use super::lists::corrupt;
use super::load::Wanted;
use super::session::{Batch, Ended, Opener, Session};
use super::statements::Does;
use super::tables::Stored;
use super::write::lock_name;
use super::{OpenError, Options, Postgres};

/// How units of work that are about to change the same shelves keep out of each other's way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locking {
    /// They do not until they commit: whoever finds another version of a row then decides again.
    #[default]
    Version,
    /// They lock the shelves' rows before they load them, in the order of their keys: the others
    /// wait, and each decides once.
    Row,
}

/// Connections that are left to those who lock nothing. Who has locks may need a number drawn,
/// for which there must be another connection.
const LEFT: usize = 2;

/// Whether a database locks shelves, and for how many units of work at a time.
pub(super) fn places(options: &Options) -> Result<Option<Arc<Semaphore>>, OpenError> {
    if options.locking == Locking::Version {
        return Ok(None);
    }
    let places = options.connections.checked_sub(LEFT).filter(|places| *places > 0);
    let too_few = || OpenError::Pool(format!("to lock rows takes more than {LEFT} connections"));
    Ok(Some(Arc::new(Semaphore::new(places.ok_or_else(too_few)?))))
}

/// A connection that has shelves locked. When it is dropped it is closed, and so lets go.
pub(super) struct Locked {
    session: Option<Object<Opener>>,
    names: Vec<i64>,
    _place: OwnedSemaphorePermit,
}

impl Locked {
    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("it has its connection until it has let go")
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            drop(Object::take(session));
        }
    }
}

impl Postgres {
    /// Locks the shelves that a unit of work may change and loads its rows, in one round trip.
    pub(super) async fn load_locked(
        &self,
        unit: &mut Unit,
        places: &Arc<Semaphore>,
    ) -> Result<(), PortError> {
        let name = |shelf| lock_name(Slot::LAYOUT.table, &Slot::key(shelf));
        let mut names: Vec<i64> = unit.shelves().map(name).collect();
        names.sort_unstable();
        let mut locked = match unit.held.take() {
            Some(locked) => locked,
            None => self.with_place(places).await?,
        };
        let mut batch = Batch::new();
        if locked.names != names {
            // Whoever needs more lets go first: so nobody waits in a circle.
            batch.push((Does::Unlock, Vec::new()));
            batch.push((Does::Lock, vec![Box::new(names.clone())]));
            batch.push((Does::Rest, Vec::new()));
            locked.names = names;
        }
        let before = batch.iter().filter(|(does, _)| *does != Does::Rest).count();
        let wanted = Wanted::of(&unit.keys, &[]);
        batch.extend(wanted.batch());
        let rows = self.shared.run_on(locked.session(), batch).await?.rows()?;
        let found = wanted.read(&rows[before..]).map_err(corrupt)?;
        found.put(&unit.keys, &[], &mut unit.rows);
        unit.held.hold(locked);
        Ok(())
    }

    /// Commits a unit of work over the connection that has its shelves locked, which lets go then.
    pub(super) async fn commit_locked(
        &self,
        unit: &Unit,
        mut locked: Locked,
    ) -> Result<Ended, PortError> {
        let job = Job { world: self.world, unit: unit.clone() };
        let Commit { mut batch, .. } = Commit::of(&[&job]);
        batch.push((Does::Rest, Vec::new()));
        batch.push((Does::Unlock, Vec::new()));
        let outcome = self.shared.run_on(locked.session(), batch).await?;
        // It has let go, so it may go back to the others.
        locked.session = None;
        outcome.ended()
    }

    async fn with_place(&self, places: &Arc<Semaphore>) -> Result<Locked, PortError> {
        let place = timeout(self.shared.options.wait, Arc::clone(places).acquire_owned()).await;
        let place = place.ok().and_then(Result::ok);
        let place = place.ok_or_else(|| PortError::Down("no free connection".to_owned()))?;
        let session = Some(self.shared.session().await?);
        Ok(Locked { session, names: Vec::new(), _place: place })
    }
}
