//! A first scenario to edit: every key with its meaning, its default and where that is from.

use std::fmt::Write;

use crate::names::keys;

/// Where the schema is expected beside a scenario, by the editor's first line.
pub const SCHEMA_FILE: &str = "dastak.schema.json";

/// The text of a new scenario that changes nothing yet.
#[must_use]
pub fn init_text(extends: &str) -> String {
    let mut text = format!(
        "#:schema ./{SCHEMA_FILE}\n\
         # A scenario of Dastak. Take a `# ` away to change a key; what stands there is the default.\n\
         # `dastak scenario check FILE` looks for mistakes, `dastak run FILE` runs it.\n\
         # Grades: O official, P press, R research, D derived, V vendor, E assumed here.\n\n\
         extends = \"{extends}\"\n"
    );
    for key in keys() {
        if key.path == "extends" {
            continue;
        }
        let (above, name) = key.path.rsplit_once('.').unwrap_or(("", &key.path));
        if key.section {
            let _ = write!(text, "\n# {}\n# [{}]\n", key.description, key.path);
            continue;
        }
        let indent = if above.is_empty() { "\n" } else { "" };
        let _ = write!(text, "{indent}# {name} = {}", written(key.default.as_deref()));
        let _ = writeln!(text, "  # {}", note(&key.description, &key.choices, &key.source));
    }
    text
}

/// A default as TOML: JSON's texts and numbers are TOML's too.
fn written(default: Option<&str>) -> &str {
    match default {
        None | Some("null") => "…",
        Some(default) => default,
    }
}

fn note(description: &str, choices: &[String], source: &str) -> String {
    let mut note = description.to_owned();
    if !choices.is_empty() {
        let _ = write!(note, " One of {}.", choices.join(", "));
    }
    if !source.is_empty() {
        let _ = write!(note, " [{source}]");
    }
    note
}
