//! Whether a module is well: a verdict with its reasons, and events over time.

pub mod verdict;
