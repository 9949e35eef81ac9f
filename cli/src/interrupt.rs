//! Ctrl-C, and files that may not grow.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::console;
use crate::exit::Exit;

/// Whether somebody wants the run to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for Ctrl-C and for requests to end. The first one stops the run, which still
    /// writes what it has; the second one ends the program.
    ///
    /// # Errors
    /// If the system does not let us listen.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let interrupt = Self::default();
        let asked = Arc::clone(&interrupt.0);
        ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::SeqCst) {
                std::process::exit(i32::from(Exit::Interrupted.code()));
            }
            console::complain("stopping: writing what there is (once more to end at once)");
        })
        .context("cannot listen for Ctrl-C")?;
        survive_file_limits()?;
        Ok(interrupt)
    }

    /// Whether to stop.
    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Lets a write beyond the limit of file sizes fail like any other instead of ending the program.
#[cfg(unix)]
fn survive_file_limits() -> anyhow::Result<()> {
    let ignored = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, ignored)
        .context("cannot prepare for limits of file sizes")?;
    Ok(())
}

#[cfg(not(unix))]
fn survive_file_limits() -> anyhow::Result<()> {
    Ok(())
}
