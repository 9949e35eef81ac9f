//! The public face of the judges.

mod corrupted;
mod journal;
mod merged;
mod model;
mod nonsense;
mod outside;
mod sound;
