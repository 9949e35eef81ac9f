//! The journal gives every record back, whatever threads wrote it, and never believes a broken file.

use std::fs;
use std::path::Path;

use domain::facts::{Column, Digest, Fact, RunDigest};
use domain::ids::CityId;
use domain::time::Timestamp;
use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::fixture::city_of_deliveries;

fn part(records: &[Record]) -> FinishedPart {
    let mut part = JournalPart::new(tempfile::tempfile().unwrap());
    records.iter().for_each(|record| part.record(record));
    part.finish().unwrap()
}

fn write(path: &Path, cities: &[Vec<Record>]) {
    let parts = cities.iter().map(|records| part(records)).collect();
    join(parts, &mut File::create(path).unwrap()).unwrap();
}

fn read(path: &Path) -> Result<Vec<Record>, crate::ReadError> {
    JournalReader::open(path)?.collect()
}

fn digest(records: &[Record]) -> Digest {
    let mut digest = RunDigest::new(CityId(0));
    records.iter().for_each(|record| digest.record(record));
    digest.finish().whole
}

/// A fact of a kind with cells as near to `wanted` as its fields allow.
fn fact(tag: (u8, u8), columns: &[Column], wanted: &[i64]) -> Fact {
    let widths = [63, 32, 31, 16, 8, 7, 1, 0];
    let narrowed = widths.iter().find_map(|width| {
        let mut cells = columns.iter().zip(wanted.iter().cycle());
        Fact::from_cells(tag, &mut || {
            let (column, wanted) = cells.next()?;
            let limit = if column.texts.is_empty() {
                1_i64 << width.min(&62)
            } else {
                column.texts.len() as i64
            };
            Some(wanted.rem_euclid(limit))
        })
    });
    narrowed.expect("zero is a value of every field")
}

fn any_record() -> impl Strategy<Value = Record> {
    let kinds: usize = Fact::AREAS.iter().map(|kinds| kinds.len()).sum();
    let cells = prop::collection::vec(any::<i64>(), 1..8);
    (0..kinds, cells, 0..1_u64 << 62, any::<u16>()).prop_map(|(index, cells, at, city)| {
        let tags = (0_u8..).zip(Fact::AREAS).flat_map(|(area, kinds)| {
            (0_u8..).zip(*kinds).map(move |(variant, kind)| ((area, variant), kind))
        });
        let (tag, kind) = tags.clone().nth(index).unwrap();
        let columns: Vec<Column> =
            kind.fields.iter().flat_map(|(_, columns)| columns.iter().copied()).collect();
        let fact = fact(tag, &columns, &cells);
        Record { at: Timestamp(at), city: CityId(city), seq: at / 3, fact }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Any records come back as they were.
    #[test]
    fn records_of_every_kind_come_back(
        records in prop::collection::vec(any_record(), 0..300),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.parquet");
        write(&path, std::slice::from_ref(&records));
        prop_assert_eq!(read(&path).unwrap(), records);
    }
}

#[test]
fn cities_stand_in_order_whatever_thread_wrote_them() {
    let dir = tempfile::tempdir().unwrap();
    let cities: Vec<_> = (0..3).map(|city| city_of_deliveries(CityId(city), 100)).collect();
    let (one, many) = (dir.path().join("one"), dir.path().join("many"));
    write(&one, &cities);
    let parts = std::thread::scope(|threads| {
        let threads: Vec<_> =
            cities.iter().map(|records| threads.spawn(move || part(records))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    join(parts, &mut File::create(&many).unwrap()).unwrap();
    assert_eq!(fs::read(&one).unwrap(), fs::read(&many).unwrap());
    assert_eq!(read(&one).unwrap(), cities.concat());
}

/// Reads a journal with one byte changed: it is refused, or all its records are as they were.
fn check_flip(path: &Path, bytes: &mut [u8], at: usize, flip: u8, expected: Digest) {
    bytes[at] ^= flip;
    fs::write(path, &*bytes).unwrap();
    bytes[at] ^= flip;
    if let Ok(records) = read(path) {
        assert_eq!(digest(&records), expected, "byte {at} flipped by {flip:#x} went unnoticed");
    }
}

fn small_journal(path: &Path) -> (Vec<u8>, Digest) {
    let mut records = city_of_deliveries(CityId(0), 2);
    let cities = [records.clone(), records.split_off(70)];
    write(path, &cities);
    (fs::read(path).unwrap(), digest(&cities.concat()))
}

#[test]
fn a_changed_byte_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.parquet");
    let (mut bytes, expected) = small_journal(&path);
    for at in (0..bytes.len()).step_by(41) {
        check_flip(&path, &mut bytes, at, 1 << (at % 8), expected);
    }
}

#[test]
fn slow_any_changed_byte_is_noticed() {
    if std::env::var_os("RUN_SLOW").is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.parquet");
    let (mut bytes, expected) = small_journal(&path);
    for at in 0..bytes.len() {
        for flip in [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff] {
            check_flip(&path, &mut bytes, at, flip, expected);
        }
    }
}

#[test]
fn a_cut_journal_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.parquet");
    let (bytes, _) = small_journal(&path);
    for length in (0..bytes.len()).step_by(97) {
        fs::write(&path, &bytes[..length]).unwrap();
        read(&path).unwrap_err();
    }
}

#[test]
fn an_error_names_the_file_and_the_row_group() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.parquet");
    let (mut bytes, _) = small_journal(&path);
    let middle = bytes.len() / 3;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let error = read(&path).unwrap_err();
    let told = error.to_string().replace(dir.path().to_str().unwrap(), "");
    expect!["/journal.parquet, row group 0, cannot be read"].assert_eq(&told);
    expect!["its checksum differs: the file was changed or cut after it was written"]
        .assert_eq(&error.cause.to_string());
}

#[test]
fn a_record_is_one_line_of_json() {
    let records = city_of_deliveries(CityId(1), 1);
    let mut lines = String::new();
    for kind in ["rider_came_on", "payment_authorised", "leg_ridden"] {
        let record = records.iter().find(|record| record.fact.kind().name == kind).unwrap();
        let line = record_line(record);
        let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(parsed["kind"], kind);
        lines += &line;
        lines += "\n";
    }
    expect![[r#"
        {"at_us":0,"city":1,"seq":4,"kind":"rider_came_on","rider_id":"0","place_lat_e7":0,"place_lon_e7":0}
        {"at_us":9768542,"city":1,"seq":93,"kind":"payment_authorised","order_id":"281474976710656","attempt":1,"amount_paise":65661,"late":"no"}
        {"at_us":190450291,"city":1,"seq":110,"kind":"leg_ridden","trip_id":"0","rider_id":"1055","from_us":108122028,"origin_lat_e7":129947055,"origin_lon_e7":775112574,"place_lat_e7":129841379,"place_lon_e7":775030645,"leg_m":1155}
    "#]]
    .assert_eq(&lines);
}
