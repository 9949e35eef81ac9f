//! The schema is complete: every key says what it is, and every assumed number says so.

use dastak_scenarios::{init_text, keys, schema_json};

use super::resolve_text;

#[test]
fn every_key_is_described_and_every_number_sourced() {
    for key in keys() {
        assert!(key.description.ends_with('.'), "{}: {:?}", key.path, key.description);
        let default = key.default.as_deref().unwrap_or("null");
        let unset = matches!(default, "null" | "\"\"");
        let counted = key.path.starts_with("cities.");
        if key.section || unset || counted {
            continue;
        }
        let graded = key.source.split(':').next().is_some_and(|grade| "OPRDVE".contains(grade));
        assert!(graded && !key.source.is_empty(), "{} needs a grade: {:?}", key.path, key.source);
    }
}

#[test]
fn unknown_keys_are_errors_in_the_schema_too() {
    fn closed(path: &str, schema: &serde_json::Value) {
        if let Some(properties) = schema["properties"].as_object() {
            assert_eq!(schema["additionalProperties"], false, "{path}");
            properties.iter().for_each(|(name, inner)| closed(&format!("{path}.{name}"), inner));
        }
    }
    closed("", &schema_json());
}

#[test]
fn a_new_scenario_is_right_and_names_every_key() {
    let text = init_text("evening-peak");
    resolve_text(&text, &[]).unwrap();
    for key in keys() {
        let name = key.path.rsplit('.').next().unwrap();
        assert!(
            text.contains(&format!("{name} = ")) || text.contains(&format!("[{}]", key.path)),
            "{}",
            key.path
        );
    }
}

/// Taking away the comment signs of a new scenario changes nothing: what stands there is the default.
#[test]
fn what_a_new_scenario_shows_are_the_defaults() {
    let text = init_text("evening-peak");
    let shown: String = text
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.starts_with('[') || line.contains(" = "))
        .filter(|line| !line.contains("= …") && !line.contains("`dastak") && *line != "[trace]")
        .map(|line| format!("{line}\n"))
        .collect();
    let found =
        resolve_text(&shown, &["bengaluru=20"]).unwrap_or_else(|problem| panic!("{problem}"));
    let plain = resolve_text("", &["bengaluru=20"]).unwrap();
    assert_eq!(found.scenario, plain.scenario);
}
