//! Scenarios: one page of TOML that says what to simulate, and everything that is wrong with it.
//!
//! [`resolve`] reads a scenario, what it `extends` and the `--set` arguments into one complete
//! [`schema::Scenario`]. Every key is in the schema with its unit, default and source; a key that
//! is not there is an error. A [`Problem`] points at the file, line and key to change, and says
//! what to write. The crate opens no file itself ([`Files`]).

mod check;
mod explain;
mod init;
pub mod library;
mod names;
mod objective;
mod problem;
mod resolve;
pub mod schema;
mod setups;
mod source;
mod tree;
pub mod values;

pub use check::{
    DEFAULT_ORDERS_PER_STORE_PER_DAY, MAX_NAME_BYTES, MAX_ORDERS, MAX_RIDERS, MAX_RUN,
    MAX_SHELF_PLACES,
};
pub use init::{SCHEMA_FILE, init_text};
pub use names::{Key, keys};
pub use objective::{Bound, Comparison, Target};
pub use problem::{Problem, Spot};
pub use resolve::{MAX_EXTENDS, Request, Resolved, resolve, text_of};
pub use setups::CitySetup;
pub use source::{Files, MAX_FILE_BYTES, Source, is_path};

/// The JSON schema of a scenario file, for editors and for our own messages.
#[must_use]
pub fn schema_json() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft07().with(|settings| {
        settings.inline_subschemas = true;
    });
    let mut schema =
        settings.into_generator().into_root_schema_for::<schema::Scenario>().to_value();
    // `extends` is followed before the rest is read, so it is no field of the struct.
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.insert(
            "extends".to_owned(),
            serde_json::json!({
                "type": "string",
                "description": "The scenario this one changes: a shipped name, or a path ending in .toml.",
                "examples": ["evening-peak", "./base.toml"],
            }),
        );
    }
    schema
}
