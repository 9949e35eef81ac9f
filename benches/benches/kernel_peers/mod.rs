//! The same work written for the kernel, for `simcore` and for `nexosim`.

pub(crate) mod delays;
pub(crate) mod hold;
pub(crate) mod ring;
