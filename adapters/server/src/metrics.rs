//! What the server counts of itself, as Prometheus text.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper ends of the classes of request times, milliseconds.
const CLASSES_MS: [u32; 8] = [1, 5, 10, 25, 100, 250, 1_000, 10_000];

/// Requests of one route with one outcome.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    requests: u64,
    took: Duration,
    /// Requests up to each class's end.
    within: [u64; CLASSES_MS.len()],
}

/// Counts by method, route and status.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    counted: Mutex<BTreeMap<(String, String, u16), Counted>>,
}

impl Metrics {
    /// Counts a request. The route is a pattern, so there are few.
    pub(crate) fn count(&self, method: &str, route: &str, status: u16, took: Duration) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let row = counted.entry((method.to_owned(), route.to_owned(), status)).or_default();
        row.requests += 1;
        row.took += took;
        for (class, within) in CLASSES_MS.iter().zip(&mut row.within) {
            *within += u64::from(took <= Duration::from_millis(u64::from(*class)));
        }
    }

    /// All of it as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from("# TYPE http_request_duration_seconds histogram\n");
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        for ((method, route, status), row) in &*counted {
            let labels = format!(r#"method="{method}",route="{route}",status="{status}""#);
            let name = "http_request_duration_seconds";
            for (class, within) in CLASSES_MS.iter().zip(row.within) {
                let le = f64::from(*class) / 1e3;
                line(&mut text, format_args!(r#"{name}_bucket{{{labels},le="{le}"}} {within}"#));
            }
            let requests = row.requests;
            line(&mut text, format_args!(r#"{name}_bucket{{{labels},le="+Inf"}} {requests}"#));
            line(&mut text, format_args!("{name}_sum{{{labels}}} {}", row.took.as_secs_f64()));
            line(&mut text, format_args!("{name}_count{{{labels}}} {requests}"));
        }
        text
    }
}

/// Appends a line.
pub(crate) fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string can be written to");
}
