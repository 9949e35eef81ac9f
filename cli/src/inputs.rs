//! Files that a scenario names: streets, wards and recorded days.
//!
//! Each is digested, so that a run can say what it was made from, and a replay can refuse what is
//! no longer that.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context;
use city::Wards;
use reports::folder;
use reports::manifest::{FileDigest, Manifest};
use roads::import::{Format, Import, ImportRules, import};

use crate::exit::Failure;

/// Files that were read, by path.
#[derive(Debug, Default)]
pub(crate) struct Inputs(pub(crate) BTreeMap<String, FileDigest>);

impl Inputs {
    /// Opens a file and takes down what it is.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn open(&mut self, path: &Path) -> anyhow::Result<File> {
        let digest = || folder::digest(path);
        let read = digest().and_then(|digest| Ok((digest, File::open(path)?)));
        let (digest, file) = read.with_context(|| format!("cannot open {}", shown(path)))?;
        self.0.insert(path.display().to_string(), digest);
        Ok(file)
    }
}

/// Refuses to repeat a run whose inputs are not what they were.
///
/// # Errors
/// The first input that is gone or was changed.
pub(crate) fn unchanged(manifest: &Manifest) -> Result<(), Failure> {
    for (path, then) in &manifest.inputs {
        let FileDigest { bytes, sha256 } = then;
        let was = format!("the run was made from {path} ({bytes} bytes, SHA-256 {sha256})");
        let now = folder::digest(&PathBuf::from(path))
            .with_context(|| format!("{was}, which cannot be read now"))
            .map_err(Failure::invalid)?;
        if now != *then {
            let FileDigest { bytes, sha256 } = now;
            let error = anyhow::anyhow!("{was}, which is another now: {bytes} bytes, {sha256}");
            return Err(Failure::invalid(error));
        }
    }
    Ok(())
}

/// Imports the streets of a file; its name says the format.
///
/// # Errors
/// If the format is not known, or the file cannot be read or makes no network.
pub(crate) fn streets(path: &Path, inputs: &mut Inputs) -> anyhow::Result<Import> {
    let shown = shown(path);
    let format = Format::of_name(&shown).with_context(|| {
        format!(
            "cannot tell the format of {shown}: \
             its name ends neither in .osm.pbf, .osm.gz, .osm nor .graphml"
        )
    })?;
    import(inputs.open(path)?, format, &ImportRules::default())
        .with_context(|| format!("cannot import {shown}"))
}

/// The share of a file's junctions that the import kept, because each reaches every other.
#[expect(clippy::cast_precision_loss, reason = "junctions are fewer than 2^53")]
pub(crate) fn kept_share(imported: &Import) -> f64 {
    let kept = imported.graph.nodes();
    kept as f64 / (kept + imported.counts.nodes_outside).max(1) as f64
}

/// Reads a file of wards.
///
/// # Errors
/// If it cannot be read or holds no wards.
pub(crate) fn wards(path: &Path, inputs: &mut Inputs) -> anyhow::Result<Wards> {
    Wards::read(inputs.open(path)?).with_context(|| format!("cannot read {}", shown(path)))
}

/// A path as one would write it in the current folder.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}
