//! How long things took in a live run, in full: `latency.hdr`, an `HdrHistogram` interval log.
//!
//! One line for each step, phase and time, tagged `step/phase/time`: schedule error from intended to
//! begun, service time from sent to done, response time from intended to done. Values are µs, good
//! to one part in 512. Histograms of one tag from several runs may be added up; every tool that
//! reads such logs reads these.

use std::io;
use std::time::{Duration, SystemTime};

use hdrhistogram::Histogram as Hdr;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use kernel::histogram::Histogram;

/// Digits that the log keeps: more than what is recorded has.
const DIGITS: u8 = 3;
/// What values in the log's summary column are divided by: µs are shown as ms, as others do.
const US_PER_MS: f64 = 1_000.0;

/// One kind of time of a step in a phase.
#[derive(Clone, Copy, Debug)]
pub struct Timed<'a> {
    /// The step.
    pub step: &'a str,
    /// The phase.
    pub phase: &'a str,
    /// `schedule_error`, `service` or `response`.
    pub time: &'a str,
    /// When the phase began, µs after the run's start.
    pub from_us: u64,
    /// How long it lasted, µs.
    pub lasted_us: u64,
    /// The times, µs.
    pub times_us: &'a Histogram,
}

/// Gives the log of a run that started at a time, µs since the Unix epoch.
///
/// # Errors
/// When a histogram cannot be encoded.
pub fn log<'a>(
    started_unix_us: u64,
    lines: impl Iterator<Item = Timed<'a>>,
) -> io::Result<Vec<u8>> {
    let mut log = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let started = SystemTime::UNIX_EPOCH + Duration::from_micros(started_unix_us);
    let mut writer = IntervalLogWriterBuilder::new()
        .add_comment("times in µs by step/phase/time; the column of greatest values in ms")
        .with_start_time(started)
        .with_base_time(started)
        .with_max_value_divisor(US_PER_MS)
        .begin_log_with(&mut log, &mut serializer)?;
    for Timed { step, phase, time, from_us, lasted_us, times_us } in lines {
        let mut times = Hdr::<u64>::new(DIGITS).map_err(io::Error::other)?;
        for (us, count) in times_us.buckets() {
            times.record_n(us, count).map_err(io::Error::other)?;
        }
        let (from, lasted) = (Duration::from_micros(from_us), Duration::from_micros(lasted_us));
        let tag = format!("{step}/{phase}/{time}");
        let written = writer.write_histogram(&times, from, lasted, Tag::new(&tag));
        written.map_err(io::Error::other)?;
    }
    drop(writer);
    Ok(log)
}

#[cfg(test)]
mod tests;
