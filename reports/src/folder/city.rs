//! The tables of a run while it goes on: each city fills its own, and in the end they are joined.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::sync::Arc;

use domain::facts::{Record, Sink};
use domain::ids::CityId;
use domain::tape::Entry;
use parquet::errors::ParquetError;

use super::{FolderError, JOURNAL, ORDERS, PartialFile, SERIES, TAPE, TRIPS, Writer};
use crate::TABLES_VERSION;
use crate::folds::{CityFold, Folded, Outputs};
use crate::journal::{self, JournalPart};
use crate::progress::Progress;
use crate::table::{self, FinishedPart, Part};
use crate::tape::{self, TapePart};

/// Which tables a run keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tables {
    /// All facts.
    pub journal: bool,
    /// One row an order.
    pub orders: bool,
    /// One row a leg ridden.
    pub trips: bool,
    /// One row a store and minute.
    pub series: bool,
    /// What every process manager heard.
    pub tape: bool,
}

impl Tables {
    /// Every table, and no tape.
    pub const ALL: Self =
        Self { journal: true, orders: true, trips: true, series: true, tape: false };
    /// Nothing.
    pub const NONE: Self =
        Self { journal: false, orders: false, trips: false, series: false, tape: false };
}

/// The tables of one city; takes the city's records on whatever thread simulates it.
pub struct CityTables {
    city: CityId,
    journal: Option<JournalPart>,
    fold: Option<CityFold>,
    tape: Option<TapePart>,
}

impl CityTables {
    /// Whether a table could not be written, so that going on is no use; [`Writer::join`] will
    /// say why.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.journal.as_ref().is_some_and(JournalPart::has_failed)
            || self.fold.as_ref().is_some_and(CityFold::has_failed)
            || self.tape.as_ref().is_some_and(TapePart::has_failed)
    }
}

impl Sink for CityTables {
    fn record(&mut self, record: &Record) {
        self.records(std::slice::from_ref(record));
    }

    fn records(&mut self, records: &[Record]) {
        if let Some(journal) = &mut self.journal {
            journal.records(records);
        }
        if let Some(fold) = &mut self.fold {
            fold.records(records);
        }
    }

    fn heard(&mut self, entry: &Entry) {
        if let Some(tape) = &mut self.tape {
            tape.heard(entry);
        }
    }
}

/// The parts of one table, in the order of the cities.
type Parts = Vec<Result<FinishedPart, ParquetError>>;

impl Writer {
    /// Begins the tables of a city, which also tells `progress` where it is.
    ///
    /// # Errors
    /// When their files cannot be made.
    pub fn city(
        &self,
        city: CityId,
        tables: Tables,
        progress: Option<&Arc<Progress>>,
    ) -> Result<CityTables, FolderError> {
        let file = |kept: bool, name: &str| {
            kept.then(|| self.nameless(&format!("{name}.{city}"))).transpose()
        };
        let part = |kept: bool, name: &str, table: Folded| {
            let part = file(kept, name)?.map(|file| Part::new(table.schema(), file));
            Ok::<_, FolderError>(part)
        };
        let outputs = Outputs {
            orders: part(tables.orders, ORDERS, Folded::Orders)?,
            trips: part(tables.trips, TRIPS, Folded::Trips)?,
            series: part(tables.series, SERIES, Folded::Series)?,
            progress: progress.map(Arc::clone),
        };
        let folds = tables.orders || tables.trips || tables.series || progress.is_some();
        Ok(CityTables {
            city,
            journal: file(tables.journal, JOURNAL)?.map(JournalPart::new),
            fold: folds.then(|| CityFold::new(city, outputs)),
            tape: file(tables.tape, TAPE)?.map(TapePart::new),
        })
    }

    /// Joins the cities' tables, in the order of the cities, into the folder's.
    ///
    /// # Errors
    /// The first thing that could not be written, in the order of the cities.
    pub fn join(&mut self, mut cities: Vec<CityTables>) -> Result<(), FolderError> {
        cities.sort_by_key(|tables| tables.city);
        let [mut journals, mut orders, mut trips, mut series] = [const { Parts::new() }; 4];
        let mut tapes = Vec::new();
        for city in cities {
            let outputs = city.fold.map(CityFold::finish).unwrap_or_default();
            journals.extend(city.journal.map(JournalPart::finish));
            orders.extend(outputs.orders.map(Part::finish));
            trips.extend(outputs.trips.map(Part::finish));
            series.extend(outputs.series.map(Part::finish));
            tapes.extend(city.tape.map(TapePart::finish));
        }
        self.join_table(JOURNAL, journals, journal::join)?;
        let folded = [
            (ORDERS, orders, Folded::Orders),
            (TRIPS, trips, Folded::Trips),
            (SERIES, series, Folded::Series),
        ];
        for (name, parts, folded) in folded {
            self.join_table(name, parts, |parts, file| {
                table::join(folded.schema(), TABLES_VERSION, parts, file)
            })?;
        }
        self.join_tape(tapes)
    }

    fn join_tape(&mut self, parts: Vec<io::Result<File>>) -> Result<(), FolderError> {
        if parts.is_empty() {
            return Ok(());
        }
        let path = self.dir().join(TAPE);
        let mut file = self.begin(TAPE)?;
        let parts = parts.into_iter().collect::<io::Result<Vec<_>>>();
        let joined = parts.and_then(|parts| tape::join(parts, &mut file));
        joined.map_err(FolderError::io("write", &path))?;
        self.complete(file)
    }

    /// Writes a table from its parts; none if there are no parts.
    fn join_table(
        &mut self,
        name: &str,
        parts: Parts,
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
