//! Templates: texts and JSON in which names in braces are filled in.
//!
//! A text that is one name alone becomes what the name stands for, a number as a number;
//! `{name:number}` makes a number of a text. Within a longer text it is written out.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Known, StepMap};
use crate::http::Method;

/// A name in a template that nobody knows, or that stands for no number where one is wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{{{name}}} is not known: known are {}", known.join(", "))]
pub struct Unknown {
    /// The name, as it stands in the template.
    pub name: String,
    /// The names that are known.
    pub known: Vec<String>,
}

/// A request as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body, JSON.
    pub body: Option<String>,
}

/// The names in a text, in the order they stand there, without what they are made into.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| plain(name))
}

/// The texts in a template of JSON.
pub fn texts(template: &Value) -> Vec<&str> {
    match template {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Object(all) => all.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn plain(name: &str) -> &str {
    name.strip_suffix(AS_NUMBER).unwrap_or(name)
}

const AS_NUMBER: &str = ":number";

pub(super) fn fill(
    step: &StepMap,
    everywhere: &BTreeMap<String, String>,
    known: &Known,
) -> Result<Filled, Unknown> {
    let path = text(&step.path, known, escaped)?;
    let mut headers = Vec::new();
    for (name, value) in everywhere {
        if let Ok(value) = text(value, known, str::to_owned) {
            headers.push((name.clone(), value));
        }
    }
    for (name, value) in &step.headers {
        headers.push((name.clone(), text(value, known, str::to_owned)?));
    }
    let body = step.body.as_ref().map(|body| json(body, step.line.as_ref(), known)).transpose()?;
    let usual = if body.is_some() { Method::Post } else { Method::Get };
    let method = step.method.unwrap_or(usual);
    Ok(Filled { method, path, headers, body: body.map(|body| body.to_string()) })
}

/// Fills a text; what is filled in is written by `write`.
fn text(template: &str, known: &Known, write: fn(&str) -> String) -> Result<String, Unknown> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        filled += before;
        let value = value(name, known)?;
        filled += &write(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        rest = behind;
    }
    Ok(filled + rest)
}

/// Fills JSON.
fn json(template: &Value, line: Option<&Value>, known: &Known) -> Result<Value, Unknown> {
    Ok(match template {
        Value::String(text) if text == "{lines}" && line.is_some() => {
            lines(line.unwrap_or(&Value::Null), known)?
        }
        Value::String(whole) => match whole.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            Some(name) if !name.contains('{') => value(name, known)?,
            _ => Value::String(text(whole, known, str::to_owned)?),
        },
        Value::Array(all) => {
            let filled = all.iter().map(|one| json(one, line, known));
            Value::Array(filled.collect::<Result<_, _>>()?)
        }
        Value::Object(all) => {
            let filled = all.iter().map(|(key, one)| Ok((key.clone(), json(one, line, known)?)));
            Value::Object(filled.collect::<Result<Map<_, _>, _>>()?)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => template.clone(),
    })
}

/// Each line of the cart, as a template of its own.
fn lines(line: &Value, known: &Known) -> Result<Value, Unknown> {
    let lines = known.get("lines").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let filled = lines.iter().map(|of| {
        let mut known = known.clone();
        known.extend(of.as_object().cloned().unwrap_or_default());
        json(line, None, &known)
    });
    Ok(Value::Array(filled.collect::<Result<_, _>>()?))
}

/// What a name stands for.
fn value(name: &str, known: &Known) -> Result<Value, Unknown> {
    let unknown = || Unknown { name: name.to_owned(), known: known.keys().cloned().collect() };
    let value = known.get(plain(name)).ok_or_else(unknown)?;
    if plain(name) == name {
        return Ok(value.clone());
    }
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let number: serde_json::Number = text.parse().map_err(|_| unknown())?;
    Ok(Value::Number(number))
}

/// A text as it may stand in a path or a query.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => escaped += &format!("%{byte:02X}"),
        }
    }
    escaped
}
