//! Benchmarks of the engine, beside its peers. The benches are in `benches/benches/`.
