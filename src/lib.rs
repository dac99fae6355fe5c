//! opticsd watches the optical modules of AI clusters.
//!
//! Bytes on a bus become typed registers, a module snapshot, a class, a check
//! against the fabric plan, health over time, and at last metrics, events and a
//! page. The folders stand in that order:
//!
//! - [`bus`]: the memory of one module, wherever it is reached.
//! - [`cmis`], [`sff`]: bytes of a page in, typed registers out; cannot fail.
//! - [`module`]: the snapshot: all that one sweep learnt of one module.
//! - [`class`]: what the module is, with the evidence.
//! - [`plan`]: whether it is what the fabric plan wants in its port.
//! - [`host`]: what the host counts for its link.
//! - [`health`]: whether it is well.
//! - [`report`]: the published view of all ports, as metrics, JSON and page.
//! - [`daemon`]: the clockwork around all of it.
//! - [`store`]: what must outlive a restart.
//! - [`sim`]: the mock hardware under it.
//! - [`config`]: what the operator wrote; [`tomlfile`]: how it is read.
//! - [`cli`]: the commands, one file each.
//! - [`names`], [`units`], [`clock`]: words that all of them share.

pub mod bus;
pub mod class;
pub mod cli;
pub mod clock;
pub mod cmis;
pub mod config;
pub mod daemon;
pub mod health;
pub mod host;
pub mod module;
pub mod names;
pub mod plan;
pub mod report;
pub mod sff;
pub mod sim;
pub mod store;
pub mod tomlfile;
pub mod units;
