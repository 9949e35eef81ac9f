//! Every key of a scenario by its dotted path, taken from the schema; and the nearest to a name
//! that does not exist.

use serde_json::Value;

use crate::Problem;
use crate::schema_json;

/// A key of a scenario.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its dotted path, such as `fleet.riders_per_store`.
    pub path: String,
    /// It holds other keys.
    pub section: bool,
    /// What it is.
    pub description: String,
    /// Grade and source of its default; empty where there is nothing to source.
    pub source: String,
    /// Its default, as it would be written in TOML; none where it has none.
    pub default: Option<String>,
    /// What may be written, where that is a short list.
    pub choices: Vec<String>,
}

/// Every key, sections before their keys, in the order of the schema.
#[must_use]
pub fn keys() -> Vec<Key> {
    let mut keys = Vec::new();
    walk(&schema_json(), "", &mut keys);
    keys
}

/// Turns a dotted path or its last part into the dotted path.
///
/// # Errors
/// A problem without a place: no such key, or several.
pub(crate) fn find_path(name: &str) -> Result<String, Problem> {
    let keys = keys();
    if name == "extends" {
        return Err(Problem::new("`extends` cannot be set by an argument")
            .help("write it into a file, or name the other scenario"));
    }
    let settable = || settable(&keys);
    if settable().any(|path| path == name) {
        return Ok(name.to_owned());
    }
    let ends = |path: &&str| path.rsplit('.').next() == Some(name);
    match settable().filter(ends).collect::<Vec<_>>().as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => Err(unknown(name, &keys)),
        several => Err(Problem::new(format!("`{name}` is the name of several keys"))
            .help(format!("write one of {}", several.join(", ")))),
    }
}

fn unknown(name: &str, keys: &[Key]) -> Problem {
    let within = format!("{name}.");
    let inside: Vec<_> = keys
        .iter()
        .filter(|key| !key.section && key.path.starts_with(&within))
        .map(|key| key.path.as_str())
        .collect();
    if !inside.is_empty() {
        return Problem::new(format!("`{name}` is a section; set one of its keys"))
            .help(format!("its keys: {}", inside.join(", ")));
    }
    let problem = Problem::new(format!("there is no key `{name}`"));
    match nearest_path(name, keys) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("`dastak scenario init` shows every key"),
    }
}

/// The key whose path, or its last part, is nearest to a name.
pub(crate) fn nearest_path<'k>(name: &str, keys: &'k [Key]) -> Option<&'k str> {
    let last = |path: &'k str| path.rsplit('.').next().unwrap_or(path);
    let end = name.rsplit('.').next().unwrap_or(name);
    let beside = name.rsplit_once('.').map(|(section, _)| format!("{section}."));
    let inside = |path: &&'k str| beside.as_ref().is_none_or(|section| path.starts_with(section));
    let near = nearest(end, settable(keys).filter(inside).map(last))
        .and_then(|near| settable(keys).filter(inside).find(|path| last(path) == near));
    near.or_else(|| {
        let near = nearest(end, settable(keys).map(last))?;
        settable(keys).find(|path| last(path) == near)
    })
}

/// The keys that an argument may set.
fn settable(keys: &[Key]) -> impl Iterator<Item = &str> {
    let settable = |key: &&Key| !key.section && key.path != "extends";
    keys.iter().filter(settable).map(|key| key.path.as_str())
}

/// The nearest of some names, if it is near enough to be meant.
pub(crate) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names
        .map(|known| {
            // Whoever leaves out the end of a name means that name.
            let begun = name.len() >= 4 && known.starts_with(name);
            (if begun { 1.0 } else { strsim::jaro_winkler(name, known) }, known)
        })
        .filter(|(likeness, _)| *likeness >= LIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, known)| known)
}

/// Names this alike, by Jaro and Winkler's measure, are worth suggesting (assumed).
const LIKE: f64 = 0.85;

fn walk(schema: &Value, prefix: &str, keys: &mut Vec<Key>) {
    let Some(properties) = schema["properties"].as_object() else { return };
    for (name, property) in properties {
        if matches!(name.as_str(), "$schema") {
            continue;
        }
        let inner = section_of(property);
        let text = |field: &str| property[field].as_str().unwrap_or_default().replace('\n', " ");
        let path = format!("{prefix}{name}");
        keys.push(Key {
            path: path.clone(),
            section: inner.is_some(),
            description: text("description"),
            source: text("x-source"),
            default: schema["default"].get(name).map(Value::to_string),
            choices: choices(property),
        });
        if let Some(inner) = inner {
            walk(inner, &format!("{path}."), keys);
        }
    }
}

/// The schema of a property that holds other keys, also where it may be left out.
fn section_of(property: &Value) -> Option<&Value> {
    let direct = property["properties"].is_object().then_some(property);
    let optional = || property["anyOf"].as_array()?.iter().find(|s| s["properties"].is_object());
    direct.or_else(optional)
}

/// The constants that a property may be.
fn choices(property: &Value) -> Vec<String> {
    let constant = |schema: &Value| schema["const"].as_str().map(str::to_owned);
    property["oneOf"]
        .as_array()
        .map(|several| several.iter().filter_map(constant).collect())
        .unwrap_or_default()
}
