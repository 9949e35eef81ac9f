//! The benches' contestants do the same work: the kernel's ring is that of `simcore`, tick for tick.

#[expect(dead_code, reason = "each bench uses its part")]
#[path = "../../benches/kernel_peers/mod.rs"]
mod kernel_peers;

mod kernel_differential;
