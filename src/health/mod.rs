//! Whether a module is well: a verdict with its reasons, and events over time.

pub mod event;
mod faults;
#[cfg(test)]
mod fixture;
pub mod flags;
pub mod host_fec;
mod optical;
mod reason;
pub mod telling;
mod thermal;
mod thresholds;
pub mod verdict;
