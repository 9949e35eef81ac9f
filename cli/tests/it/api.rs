//! The API against its own document: whatever a generator makes of the document, and of its
//! opposite, is answered, and never with an error of the server's own.

use std::process::Command;

use super::folder;
use super::hostile::{ADMIN, Server, WORLD, status};
use super::python::programs;

/// The generator, from `PyPI`.
const GENERATOR: &str = "schemathesis==4.32.5";
/// Cases for each route.
const CASES: &str = "12";

#[test]
fn nothing_that_is_asked_breaks_the_server() {
    let Some(programs) = programs(&[GENERATOR]) else { return };
    let server = Server::start();
    let rider = r#"{"kind":"rider","rider":"0","place":{"lat_e7":0,"lon_e7":0}}"#;
    let world = format!("{WORLD}\n{rider}");
    assert_eq!(status(&server.ask("PUT", "/admin/world", ADMIN, &world)), "200");
    let session = |agents: &str| {
        let asked = format!(r#"{{"agents":"{agents}","from":"0","count":1}}"#);
        let opened = server.ask("POST", "/admin/sessions", ADMIN, &asked);
        opened.split("\"tokens\":[\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    for (tag, token) in [
        ("anyone", String::new()),
        ("provider", String::new()),
        ("customer", session("customers")),
        ("rider", session("riders")),
        ("store", session("stores")),
        ("admin", ADMIN.to_owned()),
    ] {
        // It leaves what it remembers where it runs.
        let dir = folder();
        let ran = Command::new(programs.join("schemathesis"))
            .current_dir(dir.path())
            .args(["run", &format!("{}/api/openapi.json", server.url()), "--no-color"])
            .args(["--include-tag", tag, "--header", &format!("Authorization: Bearer {token}")])
            // A stream has no end, and whoever leaves is out.
            .args(["--exclude-path", "/api/availability/stream"])
            .args(["--exclude-path", "/api/orders/{order}/track"])
            // The generator writes no NDJSON; worlds that make no sense have tests of their own.
            .args(["--exclude-path", "/admin/world"])
            .args(["--exclude-method", "DELETE"])
            .args(["--checks", "not_a_server_error", "--max-examples", CASES, "--no-shrink"])
            .args(["--phases", "examples,coverage,fuzzing", "--seed", "1", "--max-time", "12"])
            .args(["--generation-database", "none", "--warnings", "off"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success(), "{tag}: {said}{}", String::from_utf8_lossy(&ran.stderr));
        assert!(said.contains("Tested"), "{tag}: nothing was tested: {said}");
        eprintln!(
            "{tag}: {}",
            said.lines().rev().find(|line| line.contains("passed")).unwrap_or("")
        );
    }
    assert_eq!(status(&server.ask("GET", "/livez", "", "")), "200");
}
