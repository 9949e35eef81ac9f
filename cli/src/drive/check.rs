//! `dastak drive --check`: one journey, step by step, and the first thing that does not fit.

use anyhow::Context;
use load::Target;
use load::agents::{Town, wishes};
use load::office::Office;
use load::profile::{Filled, Known, Mismatch, Part};
use scenarios::Problem;
use serde_json::Value;

use super::profile::Read;
use crate::console;
use crate::exit::{Exit, Failure};

/// Characters of a body that are shown.
const SHOWN: usize = 600;
/// Lines and units of the one cart.
const CART: [(u64, u32); 2] = [(0, 1), (1, 2)];

/// Plays one journey of a profile against a target.
pub(super) fn journey(read: &Read, target: &Target, town: &Town) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start a runtime")?;
    let office = Office::new(target, None);
    let profile = &read.profile;
    let mut known = profile.wants(0, 0, &CART[..CART.len().min(profile.tables.skus.len())]);
    for (name, value) in wishes(town, 0) {
        known.insert(name.to_owned(), value);
    }
    for (number, (part, step)) in (1..).zip(&profile.steps) {
        let filled = profile.fill(step, &known).map_err(|unknown| {
            let key = if step.line.is_some() { "line" } else { "body" };
            Failure::usage(read.problem(*part, key, unknown.to_string(), "cannot be filled"))
        })?;
        let Filled { method, path, headers, body } = filled;
        let method = method.word();
        let mut text = format!("{number} {}: {method} {path}\n", part.name());
        headers.iter().for_each(|(name, value)| text += &format!("  > {name}: {value}\n"));
        body.iter().for_each(|body| text += &format!("  > {}\n", shown(body.as_bytes())));
        console::print(&text)?;
        let mut headers = headers;
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let bytes = body.unwrap_or_default().into_bytes();
        let said = runtime.block_on(office.exchange(method, &path, &headers, bytes));
        let said = said.map_err(|error| Failure { exit: Exit::TargetDown, error: error.into() })?;
        let status = said.status.as_u16();
        console::print(&format!("  < {status} {}\n", shown(&said.body)))?;
        let given = step.read(status, &said.body);
        let given = given.map_err(|mismatch| Failure::usage(explained(read, *part, &mismatch)))?;
        for (name, value) in &given {
            let from = step.answer.get(name).map_or("", String::as_str);
            console::print(&format!("  {name} = {value} from {from}\n"))?;
        }
        learn(&mut known, given);
    }
    let parts = profile.steps.len();
    console::print(&format!("PASS {}: all {parts} steps fit\n", profile.name))?;
    Ok(Exit::Ok)
}

fn learn(known: &mut Known, given: Known) {
    known.extend(given.into_iter().filter(|(_, value)| *value != Value::Null));
}

/// A mismatch at the place of the profile that it is about.
fn explained(read: &Read, part: Part, mismatch: &Mismatch) -> Problem {
    let (key, label) = match mismatch {
        Mismatch::Status { .. } => ("status".to_owned(), "no success"),
        Mismatch::NoJson { .. } => ("answer".to_owned(), "nothing can be read"),
        Mismatch::Nothing { name, .. } => (format!("answer.{name}"), "nothing stands there"),
        Mismatch::Kind { name, .. } => (format!("answer.{name}"), "something else stands there"),
        Mismatch::Word { .. } => ("answer.status".to_owned(), "a word without a translation"),
    };
    let help = match mismatch {
        Mismatch::Status { .. } => "compare the request above with what the deployment expects",
        Mismatch::Word { .. } => "give the word a line under the step's words",
        Mismatch::NoJson { .. } | Mismatch::Nothing { .. } | Mismatch::Kind { .. } => {
            "compare the answer above with where the profile looks"
        }
    };
    let title = format!("{} does not fit: {mismatch}", part.name());
    read.problem(part, &key, title, label).help(help)
}

/// A body on one line, its begin if it is long.
fn shown(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
