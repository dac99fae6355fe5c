//! Whether a module is well: a verdict with its reasons, and events over time.

mod faults;
#[cfg(test)]
mod fixture;
mod optical;
mod reason;
mod thermal;
mod thresholds;
pub mod verdict;
