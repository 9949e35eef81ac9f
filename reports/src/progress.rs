//! Where a run is: lines of JSON that others read while it goes on.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Lines after which only every second of a city's minutes is told, then every fourth, and so on.
const LINES_BEFORE_THINNING: u64 = 50_000;

/// Where one city was at the end of a simulated minute.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProgressLine {
    /// The city.
    pub city: u16,
    /// The minute, counted from the epoch.
    pub minute: u64,
    /// The minute the window ends, so that readers know how far it is.
    pub window_to_minute: u64,
    /// Orders placed so far.
    pub placed: u64,
    /// Orders delivered so far.
    pub delivered: u64,
    /// Orders that ended in another way so far.
    pub lost: u64,
    /// Orders whose rider arrived by the promise so far.
    pub on_time: u64,
    /// Orders whose rider arrived so far.
    pub arrived: u64,
    /// Orders that are not over.
    pub open_orders: u64,
    /// Riders on duty.
    pub riders_on: u64,
    /// Riders on a trip.
    pub riders_busy: u64,
    /// Pick lists that wait for a picker.
    pub picks_waiting: u64,
}

/// Writes `progress.ndjson`; shared by the threads of a run.
///
/// Each line is handed to the operating system at once. A long run tells fewer minutes as it goes
/// on, so that the file's size grows with the logarithm of its length.
#[derive(Debug)]
pub struct Progress {
    lines: Mutex<Lines>,
}

#[derive(Debug)]
struct Lines {
    file: File,
    told: u64,
    failure: Option<io::Error>,
}

impl Progress {
    /// Begins the file.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = File::create(path)?;
        Ok(Self { lines: Mutex::new(Lines { file, told: 0, failure: None }) })
    }

    /// Tells where a city is, unless its minute is one that is left out.
    ///
    /// The first line that cannot be written is the last; [`Progress::finish`] says why.
    pub fn tell(&self, line: &ProgressLine) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let doublings = (lines.told / LINES_BEFORE_THINNING).min(16);
        if lines.failure.is_some() || !line.minute.is_multiple_of(1 << doublings) {
            return;
        }
        let mut text = serde_json::to_vec(line).expect("a line has only text keys");
        text.push(b'\n');
        match lines.file.write_all(&text) {
            Ok(()) => lines.told += 1,
            Err(failure) => lines.failure = Some(failure),
        }
    }

    /// Brings what was told to the disk.
    ///
    /// # Errors
    /// The first line that could not be written.
    pub fn finish(&self) -> io::Result<()> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.failure.take().map_or_else(|| lines.file.sync_all(), Err)
    }
}

/// Reads what a run has told so far. A last line that is still being written is left out.
///
/// # Errors
/// When the file cannot be read, or a whole line of it is not a progress line.
pub fn read(path: &Path) -> io::Result<Vec<ProgressLine>> {
    let text = std::fs::read_to_string(path)?;
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole.map(|line| serde_json::from_str(line).map_err(io::Error::from)).collect()
}
