//! Tunable lasers: pages 04h, 12h and 62h of a CMIS module, lane by lane.

use super::cmis_applications::LaneSets;
use super::from_cmis::Source;
use super::laser::Laser;
use super::{Levels, Reading};
use crate::bus::address::Bank;
use crate::bus::sheet::Sheet;
use crate::cmis::page01::Advertisement;
use crate::cmis::page12::Setting;
use crate::cmis::{page04, page11, page12, page62};
use crate::names::Lane;
use crate::units::Hertz;

/// The lasers of all media lanes in every bank. The caller asks only where the
/// module is tunable.
pub(super) fn lasers(
    source: &Source,
    says: &Advertisement,
    sets: LaneSets,
    problems: &mut Vec<String>,
) -> Vec<Laser> {
    let capability = source.group(&page04::CAPABILITY, Bank::ZERO);
    let mut lasers = Vec::new();
    for bank in Bank::first(says.banks) {
        let sheets = BankSheets::new(source, says, bank);
        let of_bank = (0..page11::LANES).filter(|lane| sets.media >> lane & 1 == 1);
        lasers.extend(of_bank.map(|lane| sheets.laser(lane, capability)));
    }
    if let Reading::Value(capability) = capability {
        for laser in &lasers {
            problems.extend(misplaced(laser, capability));
        }
    }
    lasers
}

/// The register groups of one bank, each there or not.
struct BankSheets<'a> {
    bank: Bank,
    settings: Reading<&'a Sheet>,
    frequencies: Reading<&'a Sheet>,
    target_powers: Reading<&'a Sheet>,
    tuning: Reading<&'a Sheet>,
    flags: Reading<&'a Sheet>,
    thresholds: Reading<&'a Sheet>,
}

impl<'a> BankSheets<'a> {
    fn new(source: &Source<'a>, says: &Advertisement, bank: Bank) -> Self {
        let thresholds = if says.lane_thresholds_page() {
            source.group(&page62::THRESHOLDS, bank)
        } else {
            Reading::NOT_ADVERTISED
        };
        Self {
            bank,
            settings: source.group(&page12::SETTINGS, bank),
            frequencies: source.group(&page12::FREQUENCY, bank),
            target_powers: source.group(&page12::TARGET_POWER, bank),
            tuning: source.group(&page12::TUNING, bank),
            flags: source.group(&page12::FLAGS, bank),
            thresholds,
        }
    }

    /// The laser of a media lane, 0 to 7 in its bank.
    fn laser(&self, lane: u8, capability: Reading<&Sheet>) -> Laser {
        let setting = self.settings.map(|page| page12::setting(page, lane));
        // A module without programmable power leaves a zero, which is 0 dBm.
        let fixed_power = capability
            .value()
            .is_some_and(|page| page04::power_range(page).is_none());
        let own_thresholds = setting.value().is_some_and(|s| s.own_thresholds);
        Laser {
            lane: Lane::from_index(self.bank.number() * page11::LANES + lane),
            frequency: self
                .frequencies
                .and_then(|page| page12::frequency(page, lane).into()),
            set_frequency: setting.and_then(|setting| set_frequency(setting).into()),
            channel: setting.map(|setting| setting.channel),
            grid_code: setting.map(|setting| setting.grid_code),
            target_power: if fixed_power {
                Reading::NOT_ADVERTISED
            } else {
                self.target_powers
                    .map(|page| page12::target_power(page, lane))
            },
            tuning: self.tuning.map(|page| page12::is_tuning(page, lane)),
            locked: self.tuning.map(|page| page12::is_locked(page, lane)),
            flags: self.flags.map(|page| page12::flags(page, lane)),
            tx_power_thresholds: if own_thresholds {
                self.thresholds
                    .map(|page| Levels::from_array(page62::tx_power(page, lane)))
            } else {
                Reading::NOT_ADVERTISED
            },
        }
    }
}

/// The frequency that a setting asks for; `None` on a reserved grid.
fn set_frequency(setting: Setting) -> Option<Hertz> {
    let nominal = page04::grid_of(setting.grid_code)?.frequency(setting.channel);
    let offset = setting.fine_offset.map_or(0.0, Hertz::hertz);
    Some(Hertz::new(nominal.hertz() + offset))
}

/// Why a laser is set to where the module says it cannot be.
fn misplaced(laser: &Laser, capability: &Sheet) -> Option<String> {
    let (lane, code) = (laser.lane, laser.grid_code.value()?);
    let Some(grid) = page04::grid_of(code) else {
        return Some(format!(
            "laser of lane {lane} is set to the reserved grid code {code}"
        ));
    };
    let gigahertz = grid.spacing.hertz() / 1e9;
    let Some([lowest, highest]) = grid.channels(capability) else {
        return Some(format!(
            "laser of lane {lane} is set to the {gigahertz} GHz grid, which the module does not offer"
        ));
    };
    let channel = laser.channel.value()?;
    (!(lowest..=highest).contains(&channel)).then(|| {
        format!(
            "laser of lane {lane} is set to channel {channel}; the module offers {lowest} to {highest}"
        )
    })
}
