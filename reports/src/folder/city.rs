//! The tables of a run while it goes on: each city fills its own, and in the end they are joined.

use std::fs::{self, File, OpenOptions};

use domain::facts::{Record, Sink};
use domain::ids::CityId;
use parquet::errors::ParquetError;

use super::{FolderError, JOURNAL, PartialFile, Writer};
use crate::journal::{self, JournalPart};
use crate::table::FinishedPart;

/// Which tables a run keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tables {
    /// All facts.
    pub journal: bool,
}

impl Default for Tables {
    fn default() -> Self {
        Self { journal: true }
    }
}

/// The tables of one city; takes the city's records on whatever thread simulates it.
pub struct CityTables {
    city: CityId,
    journal: Option<JournalPart>,
}

impl CityTables {
    /// Whether a table could not be written, so that going on is no use; [`Writer::join`] will
    /// say why.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.journal.as_ref().is_some_and(JournalPart::has_failed)
    }
}

impl Sink for CityTables {
    fn record(&mut self, record: &Record) {
        if let Some(journal) = &mut self.journal {
            journal.record(record);
        }
    }
}

impl Writer {
    /// Begins the tables of a city.
    ///
    /// # Errors
    /// When their files cannot be made.
    pub fn city(&self, city: CityId, tables: Tables) -> Result<CityTables, FolderError> {
        let journal = if tables.journal {
            Some(JournalPart::new(self.nameless(&format!("{JOURNAL}.{city}"))?))
        } else {
            None
        };
        Ok(CityTables { city, journal })
    }

    /// Joins the cities' tables, in the order of the cities, into the folder's.
    ///
    /// # Errors
    /// The first thing that could not be written, in the order of the cities.
    pub fn join(&mut self, mut cities: Vec<CityTables>) -> Result<(), FolderError> {
        cities.sort_by_key(|tables| tables.city);
        let journals = cities.iter_mut().filter_map(|tables| tables.journal.take());
        let journals: Vec<_> = journals.map(JournalPart::finish).collect();
        self.join_table(JOURNAL, journals, journal::join)
    }

    /// Writes a table from its parts; none if there are no parts.
    fn join_table(
        &mut self,
        name: &str,
        parts: Vec<Result<FinishedPart, ParquetError>>,
        join: impl FnOnce(Vec<FinishedPart>, &mut PartialFile) -> Result<(), ParquetError>,
    ) -> Result<(), FolderError> {
        if parts.is_empty() {
            return Ok(());
        }
        let path = self.dir().join(name);
        let failed = |cause| FolderError::table(&path, cause);
        let parts = parts.into_iter().collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let mut file = self.begin(name)?;
        join(parts, &mut file).map_err(failed)?;
        self.complete(file)
    }

    /// A file for a part of a table. It loses its name at once, so that nothing of it stays
    /// behind however the run ends.
    fn nameless(&self, name: &str) -> Result<File, FolderError> {
        let path = self.dir().join(format!("{name}.partial"));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        let file = options.open(&path).map_err(FolderError::io("make", &path))?;
        fs::remove_file(&path).map_err(FolderError::io("remove", &path))?;
        Ok(file)
    }
}
