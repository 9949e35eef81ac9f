//! Records as lines of JSON.

use std::fmt::Write;

use domain::facts::Record;

/// The record as one line of JSON, without the line's end.
///
/// Keys are the journal table's columns; kinds and choices are names, ids are decimal strings
/// (they can be longer than the 53 bits that a JSON reader may keep), everything else is a number
/// in the unit that the key ends with.
#[must_use]
pub fn record_line(record: &Record) -> String {
    let kind = record.fact.kind();
    let mut line = format!(
        r#"{{"at_us":{},"city":{},"seq":{},"kind":"{}""#,
        record.at.0, record.city.0, record.seq, kind.name
    );
    let columns = kind
        .fields
        .iter()
        .flat_map(|(field, columns)| columns.iter().map(move |column| (*field, column)));
    let mut columns = columns;
    record.fact.to_cells(&mut |cell| {
        let (field, column) = columns.next().expect("a fact has the cells of its kind");
        let suffix = column.suffix;
        let text = usize::try_from(cell).ok().and_then(|code| column.texts.get(code));
        let written = match text {
            Some(text) => write!(line, r#","{field}{suffix}":"{text}""#),
            None if suffix == "_id" => write!(line, r#","{field}{suffix}":"{cell}""#),
            None => write!(line, r#","{field}{suffix}":{cell}"#),
        };
        written.expect("a string can be written to");
    });
    line.push('}');
    line
}
