//! Levels are what Parquet's own decoder takes them for, and writes that fail are told.

use std::fs::File;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let column =
        |name: &str, optional, values| ColumnSpec { name: name.to_owned(), values, optional };
    let texts = Values::Text(vec!["red", "green", "blue"]);
    Schema::new(
        "test",
        vec![
            column("id", false, Values::Number),
            column("colour", false, texts.clone()),
            column("number", true, Values::Number),
            column("mood", true, texts),
        ],
    )
});

type Row = (i64, i64, Option<i64>, Option<i64>);

fn write(rows: &[Row], file: File) -> FinishedPart {
    let mut part = Part::new(&SCHEMA, file);
    for &(id, colour, number, mood) in rows {
        let row = part.row();
        row.put(0, id);
        row.put(1, colour);
        if let Some(number) = number {
            row.put_some(2, number);
        }
        if let Some(mood) = mood {
            row.put_some(3, mood);
        }
        part.end_row();
    }
    part.finish().unwrap()
}

fn read(path: &std::path::Path) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut reader = TableReader::open(&SCHEMA, 1, path).unwrap();
    let mut batch = Batch::default();
    while reader.read(&mut batch).unwrap() {
        let mut used = [0; 2];
        for row in 0..batch.rows {
            let mut optional = |column: usize| {
                let cells = &batch.columns[column];
                let next = &mut used[column - 2];
                (cells.levels[row] == 1).then(|| {
                    *next += 1;
                    cells.values[*next - 1]
                })
            };
            let (number, mood) = (optional(2), optional(3));
            rows.push((batch.columns[0].values[row], batch.columns[1].values[row], number, mood));
        }
    }
    rows
}

fn check(parts: &[&[Row]]) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("table.parquet");
    let parts: Vec<_> =
        parts.iter().map(|rows| (*rows, write(rows, tempfile::tempfile().unwrap()))).collect();
    let expected: Vec<Row> = parts.iter().flat_map(|(rows, _)| rows.iter().copied()).collect();
    let parts = parts.into_iter().map(|(_, part)| part).collect();
    join(&SCHEMA, 1, parts, &mut File::create(&path).unwrap()).unwrap();
    assert_eq!(read(&path), expected);
}

#[test]
fn tables_of_any_length_come_back() {
    let rows: Vec<Row> = (0..10_000)
        .map(|i| {
            (
                i * i - 5,
                i % 3,
                (i % 7 > 2 || i > 4000).then_some(-i),
                (i / 200 % 2 == 0).then_some(i % 3),
            )
        })
        .collect();
    check(&[]);
    check(&[&[]]);
    for length in [1, 7, 8, 9, 63, 64, 65, 200, 4095, 4096, 4097, 10_000] {
        check(&[&rows[..length]]);
    }
    check(&[&rows[..5000], &[], &rows[5000..]]);
}

#[test]
fn a_group_ends_where_it_is_full() {
    let rows: Vec<Row> =
        (0..=GROUP_ROWS as i64).map(|i| (i, 0, (i % 2 == 0).then_some(i), None)).collect();
    check(&[&rows, &rows[..3]]);
}

#[test]
fn extreme_numbers_come_back() {
    let extremes = [i64::MIN, i64::MAX, 0, i64::MIN, -1, i64::MAX];
    let rows: Vec<Row> = extremes.iter().map(|&n| (n, 0, Some(n), None)).collect();
    check(&[&rows]);
}

proptest! {
    /// Whatever cells are missing, the others stay where they are.
    #[test]
    fn any_table_comes_back(
        runs in prop::collection::vec((0_usize..300, any::<i64>(), any::<bool>(), any::<bool>()), 0..12),
    ) {
        let row = |(n, number, some, mood): &(usize, i64, bool, bool)| {
            vec![(*number, (n % 3) as i64, some.then_some(*number), mood.then_some((n % 3) as i64)); *n]
        };
        let rows: Vec<Row> = runs.iter().flat_map(row).collect();
        check(&[&rows]);
    }
}
