//! The public face of the judges.

mod corrupted;
mod journal;
mod merged;
mod nonsense;
mod sound;
