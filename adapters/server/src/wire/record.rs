//! Records as lines of JSON, and back.

use std::fmt::Write;

use domain::facts::{Column, Event, Fact, Kind, Record};
use domain::ids::CityId;
use domain::outside::Effect;
use domain::time::Timestamp;
use serde_json::{Map, Value};

/// A line that is no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no record: {0}")]
pub struct Unreadable(String);

/// The record as one line of JSON, without the line's end.
///
/// Keys are the journal table's columns; kinds and choices are names, ids are decimal strings,
/// everything else is a number in the unit that the key ends with.
#[must_use]
pub fn line_of(record: &Record) -> String {
    let kind = record.fact.kind();
    let Record { at, city, seq, .. } = record;
    let mut line =
        format!(r#"{{"at_us":{},"city":{},"seq":{seq},"kind":"{}""#, at.0, city.0, kind.name);
    record.fact.to_cells(&mut cell_writer(&mut line, kind));
    line.push('}');
    line
}

/// What somebody is asked as one line of JSON, without the line's end; written as records are.
pub(crate) fn line_of_effect(effect: &Effect) -> String {
    let kind = &Effect::KINDS[usize::from(effect.variant())];
    let mut line = format!(r#"{{"kind":"{}""#, kind.name);
    effect.to_cells(&mut cell_writer(&mut line, kind));
    line.push('}');
    line
}

/// Writes the cells of a kind one after the other, each as a key and a value.
fn cell_writer(line: &mut String, kind: &'static Kind) -> impl FnMut(i64) {
    let mut columns = columns(kind.fields);
    move |cell| {
        let (field, column) = columns.next().expect("a fact has the cells of its kind");
        let suffix = column.suffix;
        let text = usize::try_from(cell).ok().and_then(|code| column.texts.get(code));
        let written = match text {
            Some(text) => write!(line, r#","{field}{suffix}":"{text}""#),
            None if suffix == "_id" => write!(line, r#","{field}{suffix}":"{cell}""#),
            None => write!(line, r#","{field}{suffix}":{cell}"#),
        };
        written.expect("a string can be written to");
    }
}

/// The record that a line of JSON holds.
///
/// # Errors
/// [`Unreadable`] when it is no JSON, or a key is missing or holds what it cannot.
pub fn record_of(line: &str) -> Result<Record, Unreadable> {
    let row: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| Unreadable(error.to_string()))?;
    let number = |key: &str| row.get(key).and_then(Value::as_u64).ok_or_else(|| bad(key));
    let name = row.get("kind").and_then(Value::as_str).ok_or_else(|| bad("kind"))?;
    let tag = Fact::tag_of(name).ok_or_else(|| bad("kind"))?;
    let kind = Fact::AREAS[usize::from(tag.0)][usize::from(tag.1)];
    let mut columns = columns(kind.fields);
    let mut wrong = None;
    let fact = Fact::from_cells(tag, &mut || {
        let (field, column) = columns.next()?;
        let key = format!("{field}{}", column.suffix);
        let cell = row.get(&key).and_then(|value| cell(value, column));
        if cell.is_none() {
            wrong = Some(key);
        }
        cell
    });
    let fact = fact.ok_or_else(|| bad(wrong.as_deref().unwrap_or(name)))?;
    let city = u16::try_from(number("city")?).map_err(|_| bad("city"))?;
    Ok(Record { at: Timestamp(number("at_us")?), city: CityId(city), seq: number("seq")?, fact })
}

fn bad(key: &str) -> Unreadable {
    Unreadable(format!("{key:?} is missing or wrong"))
}

fn columns(
    fields: &'static [(&'static str, &'static [Column])],
) -> impl Iterator<Item = (&'static str, &'static Column)> {
    fields.iter().flat_map(|(field, columns)| columns.iter().map(move |column| (*field, column)))
}

fn cell(value: &Value, column: &Column) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) if column.texts.is_empty() => text.parse().ok(),
        Value::String(text) => {
            let code = column.texts.iter().position(|known| known == text)?;
            i64::try_from(code).ok()
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
