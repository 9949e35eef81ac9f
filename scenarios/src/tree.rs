//! TOML as a tree that remembers where each key and value was written.
//!
//! Layers (a scenario, what it extends, the arguments) are merged into one tree: tables key by
//! key, everything else as a whole. A message about the merged tree can still point at the file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Problem;
use crate::source::Source;

/// Where something was written.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) source: Arc<Source>,
    pub(crate) span: Range<usize>,
}

/// A value with its origin.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) origin: Origin,
    pub(crate) value: Value,
}

/// What a value holds.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A text, a number or a truth value.
    Leaf(toml::Value),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Table(Table),
}

/// Keys with where they were written, and their values.
pub(crate) type Table = BTreeMap<String, (Origin, Node)>;

/// Keys of which a table holds at most one: a later layer's replaces an earlier layer's other.
const EITHER: &[(&str, &str, &str)] = &[("demand", "orders_per_hour", "orders_per_store_per_day")];

impl Node {
    /// Parses a whole file.
    ///
    /// # Errors
    /// What is no TOML, at its place.
    pub(crate) fn parse(source: &Arc<Source>) -> Result<Self, Problem> {
        let table = DeTable::parse(&source.text).map_err(|error| syntax(source, &error, 0))?;
        let span = table.span();
        let value = Value::Table(keys(source, table.into_inner(), 0));
        Ok(Self { origin: Origin { source: Arc::clone(source), span }, value })
    }

    /// Parses the value of an argument, which starts so many bytes into its text.
    ///
    /// A bare word that is no TOML, such as `15min`, is a text.
    ///
    /// # Errors
    /// What looks like a quoted text, list or table and is none.
    pub(crate) fn parse_value(source: &Arc<Source>, start: usize) -> Result<Self, Problem> {
        let text = &source.text[start..];
        match DeValue::parse(text) {
            Ok(value) => Ok(node(source, value, start)),
            Err(error) if text.trim_start().starts_with(['"', '\'', '[', '{']) => {
                Err(syntax(source, &error, start))
            }
            Err(_) => Ok(Self {
                origin: Origin { source: Arc::clone(source), span: start..source.text.len() },
                value: Value::Leaf(toml::Value::String(text.trim().to_owned())),
            }),
        }
    }

    /// Lays another tree over this one.
    pub(crate) fn overlay(&mut self, over: Self) {
        drop_replaced(self, &over);
        match (&mut self.value, over.value) {
            (Value::Table(under), Value::Table(over)) => {
                for (key, (origin, node)) in over {
                    match under.get_mut(&key) {
                        Some((key_origin, below)) => {
                            *key_origin = origin;
                            below.overlay(node);
                        }
                        None => {
                            under.insert(key, (origin, node));
                        }
                    }
                }
            }
            (under, over) => *under = over,
        }
        self.origin = over.origin;
    }

    /// The tree without origins.
    pub(crate) fn to_toml(&self) -> toml::Value {
        match &self.value {
            Value::Leaf(value) => value.clone(),
            Value::List(items) => toml::Value::Array(items.iter().map(Self::to_toml).collect()),
            Value::Table(table) => toml::Value::Table(
                table.iter().map(|(key, (_, node))| (key.clone(), node.to_toml())).collect(),
            ),
        }
    }

    /// Takes a key off this table.
    pub(crate) fn take(&mut self, key: &str) -> Option<Self> {
        match &mut self.value {
            Value::Table(table) => table.remove(key).map(|(_, node)| node),
            Value::Leaf(_) | Value::List(_) => None,
        }
    }

    /// The key and value at a dotted path, as far as it leads.
    ///
    /// The key's origin is the nearest one above; the node is the last that exists.
    pub(crate) fn find<'n>(&'n self, path: &[String]) -> Found<'n> {
        let mut found = Found { key: None, node: self, whole: true };
        for step in path {
            let next = match &found.node.value {
                Value::Table(table) => table.get(step).map(|(key, node)| (Some(key), node)),
                Value::List(items) => {
                    step.parse().ok().and_then(|at: usize| items.get(at)).map(|n| (found.key, n))
                }
                Value::Leaf(_) => None,
            };
            let Some((key, node)) = next else {
                found.whole = false;
                break;
            };
            found = Found { key, node, whole: true };
        }
        found
    }

    /// A tree that holds one value at a dotted path.
    pub(crate) fn at_path(self, path: &str, key: &Origin) -> Self {
        path.rsplit('.').fold(self, |node, step| Self {
            origin: node.origin.clone(),
            value: Value::Table(BTreeMap::from([(step.to_owned(), (key.clone(), node))])),
        })
    }
}

/// What stands at a path.
pub(crate) struct Found<'n> {
    /// Where the key was written; none for the root.
    pub(crate) key: Option<&'n Origin>,
    /// The value, or the last one on the way.
    pub(crate) node: &'n Node,
    /// The whole path exists.
    pub(crate) whole: bool,
}

/// Removes from the lower tree what the upper tree says in another way.
fn drop_replaced(under: &mut Node, over: &Node) {
    for (section, one, other) in EITHER {
        for (kept, dropped) in [(one, other), (other, one)] {
            let path = [(*section).to_owned(), (*kept).to_owned()];
            if !over.find(&path).whole {
                continue;
            }
            if let Value::Table(table) = &mut under.value
                && let Some((_, node)) = table.get_mut(*section)
            {
                node.take(dropped);
            }
        }
    }
}

fn keys(source: &Arc<Source>, table: DeTable<'_>, start: usize) -> Table {
    let entry = |(key, value): (Spanned<std::borrow::Cow<'_, str>>, Spanned<DeValue<'_>>)| {
        let origin = Origin { source: Arc::clone(source), span: shift(key.span(), start) };
        (key.into_inner().into_owned(), (origin, node(source, value, start)))
    };
    table.into_iter().map(entry).collect()
}

fn node(source: &Arc<Source>, value: Spanned<DeValue<'_>>, start: usize) -> Node {
    let origin = Origin { source: Arc::clone(source), span: shift(value.span(), start) };
    let leaf = |value| Value::Leaf(value);
    let value = match value.into_inner() {
        DeValue::String(text) => leaf(toml::Value::String(text.into_owned())),
        DeValue::Integer(number) => leaf(whole(number.as_str(), number.radix())),
        DeValue::Float(number) => {
            leaf(toml::Value::Float(number.as_str().parse().unwrap_or(f64::NAN)))
        }
        DeValue::Boolean(truth) => leaf(toml::Value::Boolean(truth)),
        // A time of day may be written with or without quotes.
        DeValue::Datetime(time) => {
            let written = source.text.get(origin.span.clone());
            leaf(toml::Value::String(written.map_or_else(|| time.to_string(), str::to_owned)))
        }
        DeValue::Array(items) => {
            Value::List(items.into_iter().map(|item| node(source, item, start)).collect())
        }
        DeValue::Table(table) => Value::Table(keys(source, table, start)),
    };
    Node { origin, value }
}

/// A whole number; one beyond 64 bits becomes a decimal, which every reader finds too large.
fn whole(digits: &str, radix: u32) -> toml::Value {
    match i64::from_str_radix(digits, radix) {
        Ok(number) => toml::Value::Integer(number),
        Err(_) if radix == 10 => toml::Value::Float(digits.parse().unwrap_or(f64::MAX)),
        Err(_) => toml::Value::Float(f64::MAX),
    }
}

fn shift(span: Range<usize>, start: usize) -> Range<usize> {
    span.start + start..span.end + start
}

/// A message of the TOML parser at its place.
fn syntax(source: &Arc<Source>, error: &toml::de::Error, start: usize) -> Problem {
    let span = shift(error.span().unwrap_or(0..0), start);
    let message = error.message().replace('\n', "; ");
    Problem::new("this is not TOML").at(source, span, message)
}
