//! Whether a module is well: a verdict with its reasons, and events over time.

pub mod ber;
pub mod burst;
mod counter;
pub mod event;
mod faults;
pub mod fec;
pub mod figures;
#[cfg(test)]
mod fixture;
pub mod flags;
pub mod host_ber;
pub mod host_fec;
pub mod lines;
pub mod margin;
pub mod module_ber;
#[cfg(test)]
mod noise;
mod normal;
mod optical;
mod poisson;
pub mod port;
mod reason;
pub mod telling;
mod thermal;
mod thresholds;
pub mod verdict;
