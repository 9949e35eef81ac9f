//! The tape in a file: what every process manager heard, for playing it through other drivers.
//!
//! A line that says what it is, then each entry's canonical bytes, the cities in their order.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use domain::facts::{Record, Sink};
use domain::tape::Entry;

use crate::table::{ReadCause, ReadError};

/// The first line of a tape; its number grows when the bytes of entries change.
const HEADER: &[u8] = b"dastak tape 2\n";
const BUFFER_BYTES: usize = 1 << 16;
/// No entry is longer.
const ENTRY_BYTES_LIMIT: usize = 256;

/// Takes one city's tape, to a file of its own until all are joined.
///
/// The first write that fails is kept and handed out in the end; what comes after is dropped.
pub(crate) struct TapePart {
    file: BufWriter<File>,
    bytes: Vec<u8>,
    failure: Option<io::Error>,
}

impl TapePart {
    /// An empty tape that writes to `file`, which it must be able to read back.
    pub(crate) fn new(file: File) -> Self {
        let file = BufWriter::with_capacity(BUFFER_BYTES, file);
        Self { file, bytes: Vec::with_capacity(ENTRY_BYTES_LIMIT), failure: None }
    }

    /// Whether a write has failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// The city's entries, to be read from their beginning.
    ///
    /// # Errors
    /// The first write that failed.
    pub(crate) fn finish(self) -> io::Result<File> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }
}

impl Sink for TapePart {
    fn record(&mut self, _: &Record) {}

    fn heard(&mut self, entry: &Entry) {
        if self.failure.is_none() {
            self.bytes.clear();
            entry.put(&mut self.bytes);
            self.failure = self.file.write_all(&self.bytes).err();
        }
    }
}

/// Writes the cities' tapes, given in the order of the cities, as one.
///
/// # Errors
/// When a part cannot be read or `sink` not be written.
pub(crate) fn join(parts: Vec<File>, sink: &mut impl Write) -> io::Result<()> {
    sink.write_all(HEADER)?;
    for mut part in parts {
        io::copy(&mut part, sink)?;
    }
    Ok(())
}

/// Reads a tape's entries in the order they were handled, city by city.
///
/// A tape that ends within an entry, or holds none where one should be, gives an error, after
/// which there are no more entries. A changed number within an entry is not noticed here; the
/// manifest's digest of the file notices it.
#[derive(Debug)]
pub struct TapeReader {
    path: PathBuf,
    file: BufReader<File>,
    /// What is read and not yet taken.
    bytes: Vec<u8>,
    taken: usize,
    ended: bool,
}

impl TapeReader {
    /// Opens a tape.
    ///
    /// # Errors
    /// When the file is missing, or not a tape of this version.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let opened = File::open(path).map(BufReader::new).map_err(ReadCause::Io);
        let opened = opened.and_then(|mut file| {
            let mut header = [0; HEADER.len()];
            file.read_exact(&mut header).map_err(|_| ReadCause::Foreign)?;
            if header == HEADER { Ok(file) } else { Err(ReadCause::Foreign) }
        });
        match opened {
            Ok(file) => {
                let path = path.to_owned();
                Ok(Self { path, file, bytes: Vec::new(), taken: 0, ended: false })
            }
            Err(cause) => Err(ReadError { path: path.to_owned(), group: None, cause }),
        }
    }

    fn try_next(&mut self) -> Result<Option<Entry>, ReadCause> {
        if self.bytes.len() - self.taken < ENTRY_BYTES_LIMIT {
            self.bytes.drain(..self.taken);
            self.taken = 0;
            let wanted = u64::try_from(BUFFER_BYTES).expect("a buffer's size fits 64 bits");
            self.file.by_ref().take(wanted).read_to_end(&mut self.bytes)?;
        }
        let mut rest = &self.bytes[self.taken..];
        if rest.is_empty() {
            return Ok(None);
        }
        let entry = Entry::take(&mut rest).ok_or(ReadCause::Malformed)?;
        self.taken = self.bytes.len() - rest.len();
        Ok(Some(entry))
    }
}

impl Iterator for TapeReader {
    type Item = Result<Entry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.try_next().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        let path = || self.path.clone();
        next.map(|entry| entry.map_err(|cause| ReadError { path: path(), group: None, cause }))
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::CityId;
    use domain::tape::Input;
    use domain::time::Timestamp;

    use super::*;

    /// Entries of every kind, over and over.
    fn entries(city: u16, count: usize) -> Vec<Entry> {
        let tags = (0_u8..).zip(Input::AREAS).flat_map(|(area, kinds)| {
            (0_u8..).zip(*kinds).map(move |(variant, _)| (area, variant))
        });
        let tags: Vec<_> = tags.collect();
        let entry = |(at, tag): (u64, &(u8, u8))| Entry {
            at: Timestamp(at),
            city: CityId(city),
            hearer: at * 3,
            input: Input::from_cells(*tag, &mut || Some(0)).unwrap(),
        };
        (0..).zip(tags.iter().cycle().take(count)).map(entry).collect()
    }

    fn write(path: &Path, cities: &[Vec<Entry>]) {
        let part = |entries: &Vec<Entry>| {
            let mut part = TapePart::new(tempfile::tempfile().unwrap());
            entries.iter().for_each(|entry| part.heard(entry));
            part.finish().unwrap()
        };
        let parts = cities.iter().map(part).collect();
        join(parts, &mut File::create(path).unwrap()).unwrap();
    }

    #[test]
    fn a_tape_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tape");
        for cities in [vec![], vec![entries(0, 1)], vec![entries(0, 9000), vec![], entries(2, 70)]]
        {
            write(&path, &cities);
            let read: Result<Vec<_>, _> = TapeReader::open(&path).unwrap().collect();
            assert_eq!(read.unwrap(), cities.concat());
        }
    }

    #[test]
    fn a_cut_or_foreign_tape_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tape");
        write(&path, &[entries(0, 3)]);
        let bytes = std::fs::read(&path).unwrap();
        let mut whole = 0;
        for length in 0..bytes.len() {
            std::fs::write(&path, &bytes[..length]).unwrap();
            let read = TapeReader::open(&path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            whole += usize::from(read.is_ok());
        }
        assert_eq!(whole, 3, "only where an entry ends can a tape end: before three of them");
    }
}
