//! What no bytes may break, one function for each fuzz target: nothing panics,
//! nothing hangs, and what is promised of the outcome holds.
//!
//! The fuzzer in `fuzz_targets/` and the test `tests/fuzz_smoke.rs` call the same
//! functions; [`seeds`] is what both start from.

mod cuse;
mod feed;
mod health;
mod http;
mod images;
mod kernel;
mod planner;
mod redis;
pub mod seeds;
mod sweep;
mod texts;

pub use cuse::cuse;
pub use health::health_step;
pub use http::http;
pub use images::{decode_page, read_dump};
pub use kernel::netlink;
pub use planner::read_planner;
pub use redis::redis;
pub use sweep::sweep;
pub use texts::{class_settings, config, plan, scenario, web_config};

/// What a target does with bytes.
pub type Target = fn(&[u8]);

/// Every target by its name.
#[allow(dead_code, reason = "each fuzz target calls its own function only")]
pub const TARGETS: [(&str, Target); 14] = [
    ("decode_page", decode_page),
    ("read_dump", read_dump),
    ("sweep", sweep),
    ("health_step", health_step),
    ("read_planner", read_planner),
    ("config", config),
    ("plan", plan),
    ("class_settings", class_settings),
    ("web_config", web_config),
    ("scenario", scenario),
    ("netlink", netlink),
    ("redis", redis),
    ("cuse", cuse),
    ("http", http),
];
