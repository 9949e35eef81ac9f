//! Turns what serde says about the merged tree into a problem at its place.

use serde_path_to_error::{Path, Segment};

use crate::Problem;
use crate::names::{Key, keys, nearest, nearest_path};
use crate::tree::Node;
use crate::values::PART;

/// The problem behind a message about a path of the tree.
pub(crate) fn explain(tree: &Node, path: &Path, message: &str) -> Problem {
    let steps: Vec<String> = path.iter().filter_map(step).collect();
    let dotted = steps.join(".");
    let found = tree.find(&steps);
    let problem = if let Some(rest) = message.strip_prefix("unknown field ") {
        let name = quoted(rest).next().unwrap_or_default();
        return unknown_key(tree, &steps, name);
    } else if let Some(rest) = message.strip_prefix("unknown variant ") {
        unknown_choice(&dotted, rest)
    } else {
        let mut parts = message.split(PART);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(title), Some(label), Some(help)) => {
                (Problem::new(format!("`{dotted}`: {title}")).help(help), label.to_owned())
            }
            _ => (Problem::new(format!("`{dotted}` cannot hold this")), kind(&dotted, message)),
        }
    };
    let origin = &found.node.origin;
    problem.0.at(&origin.source, origin.span.clone(), problem.1)
}

fn step(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Map { key } => Some(key.clone()),
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Enum { variant } => Some(variant.clone()),
        Segment::Unknown => None,
    }
}

/// The names between back quotes, in their order.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn unknown_key(tree: &Node, steps: &[String], name: &str) -> Problem {
    let mut steps = steps.to_vec();
    if steps.last().map(String::as_str) != Some(name) {
        steps.push(name.to_owned());
    }
    let dotted = steps.join(".");
    let section = steps[..steps.len() - 1].join(".");
    let place = if section.is_empty() { "a scenario".to_owned() } else { format!("[{section}]") };
    let keys = keys();
    let depth = steps.len();
    let beside = |key: &&Key| {
        key.path.split('.').count() == depth
            && key.path.rsplit_once('.').map_or("", |(above, _)| above) == section
    };
    let siblings: Vec<&str> = keys
        .iter()
        .filter(beside)
        .map(|key| key.path.rsplit('.').next().unwrap_or(&key.path))
        .collect();
    let problem = Problem::new(format!("unknown key `{dotted}`"));
    let problem = match nearest(name, siblings.iter().copied()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => match nearest_path(name, &keys) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help(format!("keys of {place}: {}", siblings.join(", "))),
        },
    };
    let found = tree.find(&steps);
    let origin = found.key.filter(|_| found.whole).unwrap_or(&found.node.origin);
    problem.at(&origin.source, origin.span.clone(), format!("not a key of {place}"))
}

fn unknown_choice(dotted: &str, rest: &str) -> (Problem, String) {
    let mut names = quoted(rest);
    let name = names.next().unwrap_or_default().to_owned();
    let known: Vec<&str> = names.collect();
    let problem = Problem::new(format!("`{dotted}` cannot be `{name}`"));
    let problem = match nearest(&name, known.iter().copied()) {
        Some(near) => problem.help(format!("did you mean \"{near}\"?")),
        None => problem,
    };
    (problem, expected(known.into_iter()))
}

/// What kind of value was expected, in the words of someone who does not know Rust.
fn kind(dotted: &str, message: &str) -> String {
    if let Some(key) = keys().into_iter().find(|key| key.path == dotted)
        && !key.choices.is_empty()
    {
        return expected(key.choices.iter().map(String::as_str));
    }
    let wanted = message.split("expected ").nth(1).unwrap_or(message);
    match wanted {
        "a string" => "expected a text".to_owned(),
        wanted if wanted.starts_with("struct ") => "expected a table".to_owned(),
        wanted => format!("expected {wanted}"),
    }
}

fn expected<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let listed: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
    format!("expected {}", listed.join(" or "))
}
