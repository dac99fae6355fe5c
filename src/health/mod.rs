//! Whether a module is well: a verdict with its reasons, and events over time.

pub mod ber;
pub mod burst;
pub mod common;
mod counter;
mod course;
pub mod event;
mod faults;
pub mod fec;
pub mod figures;
#[cfg(test)]
mod fixture;
pub mod flags;
pub mod host_ber;
pub mod host_fec;
pub mod hysteresis;
pub mod levels;
pub mod lines;
mod link;
pub mod margin;
pub mod module_ber;
#[cfg(test)]
mod noise;
mod normal;
pub mod optical;
mod poisson;
pub mod port;
pub mod reason;
mod reasons;
pub mod session;
#[cfg(test)]
mod simulated;
mod suspect;
pub mod telling;
mod thermal;
mod thresholds;
pub mod trend;
pub mod verdict;
mod window;
