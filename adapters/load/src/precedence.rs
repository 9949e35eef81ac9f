//! Who goes first where a driver shares a machine with what it drives.

/// How much more urgent the driver is than what has the usual urgency. 10 of 20 steps: it gets nine
/// times the time of who competes with it (setpriority(2)), and needs a fraction of it.
const STEPS: i32 = 10;

/// Asks the system to run this thread, and those it starts from now on, before others: a driver that
/// waits for those it measures measures itself. Where only root may ask that, others are refused and
/// compete like everybody; a run whose driver lost says so.
pub fn go_first() {
    // Nothing follows from a refusal: the verdict looks at what came of it.
    let _ = rustix::process::nice(-STEPS);
}
