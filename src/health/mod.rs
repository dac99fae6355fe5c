//! Whether a module is well: a verdict with its reasons, and events over time.

pub mod ber;
mod counter;
pub mod event;
mod faults;
pub mod fec;
#[cfg(test)]
mod fixture;
pub mod flags;
pub mod host_ber;
pub mod host_fec;
pub mod margin;
pub mod module_ber;
#[cfg(test)]
mod noise;
mod normal;
mod optical;
mod poisson;
mod reason;
pub mod telling;
mod thermal;
mod thresholds;
pub mod verdict;
