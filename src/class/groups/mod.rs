//! The groups of evidence for optical modules, one file each: what they find
//! in a snapshot, in registers and in words. What it weighs is not their affair.

mod codes;
mod extension;
mod identity;
mod optics;
mod power_bands;
mod retiming;
mod terminating;

use super::facts::Facts;
use super::score::Finding;
use super::settings::Settings;

/// Everything that any group finds, and what could not be had for it.
pub(super) fn find(facts: &Facts, settings: &Settings) -> (Vec<Finding>, Vec<String>) {
    let mut missing = facts.missing.clone();
    let mut found = codes::find(facts, settings, &mut missing);
    found.extend(retiming::find(facts));
    found.extend(terminating::find(facts));
    found.extend(power_bands::find(facts, settings, &mut missing));
    found.extend(identity::find(facts, settings));
    found.extend(extension::find(facts, settings, &mut missing));
    found.extend(optics::find(facts));
    (found, missing)
}
