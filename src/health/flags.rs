//! Latched flags that a sweep found raised, in one flat list.
//!
//! Module flags and lane flags of all three memory maps end up here, so that
//! counting and telling of them need one loop each.

use crate::module::{Levels, Reading, Snapshot};
use crate::names::Lane;

/// One latched flag that was found raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RaisedFlag {
    /// The lane, or `None` for the whole module.
    pub lane: Option<Lane>,
    /// The quantity of a threshold flag (`temperature`, `rx_power`), or the
    /// name of a signal flag (`rx_los`).
    pub name: &'static str,
    /// The level of a threshold flag; `None` for a signal flag.
    pub level: Option<&'static str>,
}

/// The flags that the snapshot's sweep found raised: those of the module
/// first, then lane by lane. Flags that are absent are not raised.
pub fn raised(snapshot: &Snapshot) -> Vec<RaisedFlag> {
    let mut found = Vec::new();
    let flags = &snapshot.flags;
    for (name, levels) in [
        ("temperature", flags.temperature),
        ("supply", flags.supply),
        ("aux1", flags.aux1),
        ("aux2", flags.aux2),
        ("aux3", flags.aux3),
        ("custom", flags.custom),
    ] {
        add_levels(&mut found, None, name, levels);
    }
    for (name, flag) in [
        ("state_changed", flags.state_changed),
        ("module_firmware_error", flags.module_firmware_error),
        ("data_path_firmware_error", flags.data_path_firmware_error),
    ] {
        add_signal(&mut found, None, name, flag);
    }
    for lane in &snapshot.lanes {
        let number = Some(lane.lane);
        add_levels(&mut found, number, "tx_power", lane.tx_power_flags);
        add_levels(&mut found, number, "tx_bias", lane.tx_bias_flags);
        add_levels(&mut found, number, "rx_power", lane.rx_power_flags);
        for (name, flag) in lane.signals.named() {
            add_signal(&mut found, number, name, flag);
        }
    }
    found
}

/// Adds the levels of one quantity that are raised.
fn add_levels(
    found: &mut Vec<RaisedFlag>,
    lane: Option<Lane>,
    name: &'static str,
    levels: Reading<Levels<bool>>,
) {
    let Reading::Value(levels) = levels else {
        return;
    };
    for (level, is_raised) in levels.named() {
        if is_raised {
            found.push(RaisedFlag {
                lane,
                name,
                level: Some(level),
            });
        }
    }
}

/// Adds one signal flag if it is raised.
fn add_signal(
    found: &mut Vec<RaisedFlag>,
    lane: Option<Lane>,
    name: &'static str,
    flag: Reading<bool>,
) {
    if flag == Reading::Value(true) {
        found.push(RaisedFlag {
            lane,
            name,
            level: None,
        });
    }
}
