//! Descriptor, threshold and control pages of versatile diagnostics (20h-2Fh).
//!
//! CMIS 5.0 tables 8-121 to 8-128. Samples and flags start as zero; time fills
//! them.

use crate::bus::address::Half;
use crate::sim::memory::Registers;

/// One observable of one resource.
#[derive(Debug, Clone, Copy)]
pub struct Instance {
    /// The observable type; 0 leaves the place unused.
    pub kind: u8,
    /// The lane or first lane of a data path, from 0; 15 is the whole module.
    pub resource: u8,
}

/// The resource number of the whole module.
pub const MODULE: u8 = 15;

/// One observable for each of these resources.
pub fn each(kind: u8, resources: impl IntoIterator<Item = u8>) -> Vec<Instance> {
    let instance = |resource| Instance { kind, resource };
    resources.into_iter().map(instance).collect()
}

/// The order in which threshold sets stand on a threshold page.
#[derive(Debug, Clone, Copy)]
enum Set {
    SignalToNoise,
    Transition,
    BitErrors,
    Frames,
    LaserTemperature,
    TecCurrent,
    Age,
}

fn set_of(kind: u8) -> Set {
    match kind {
        1 => Set::Age,
        2 => Set::TecCurrent,
        4 => Set::LaserTemperature,
        5 | 6 => Set::SignalToNoise,
        7 | 8 => Set::Transition,
        9..=16 => Set::BitErrors,
        _ => Set::Frames,
    }
}

/// Writes all VDM pages of bank 0 with these groups of up to 64 instances.
pub fn put_vdm(registers: &mut Registers, groups: &[Vec<Instance>]) {
    for page in 0x20..=0x2F {
        registers.page(Half::page(page));
    }
    for (group, instances) in (0_u8..4).zip(groups) {
        put_descriptors(registers, 0x20 + group, instances);
        put_thresholds(registers, 0x28 + group);
    }
    /// Half a second, in steps of 0.1 ms.
    const FINE_INTERVAL: u16 = 5000;
    let groups = u8::try_from(groups.len()).unwrap_or(4).clamp(1, 4);
    registers
        .page(Half::page(0x2F))
        .put_u8(128, groups - 1)
        .put_u16(129, FINE_INTERVAL);
}

fn put_descriptors(registers: &mut Registers, page: u8, instances: &[Instance]) {
    let mut page = registers.page(Half::page(page));
    for (place, instance) in (128..=254).step_by(2).zip(instances) {
        if instance.kind != 0 {
            page.put_u8(
                place,
                (set_of(instance.kind) as u8) << 4 | instance.resource,
            )
            .put_u8(place + 1, instance.kind);
        }
    }
}

fn put_thresholds(registers: &mut Registers, page: u8) {
    let at = |set: Set| 128 + 8 * set as u8;
    let decibels = 1.0 / 256.0;
    let mut page = registers.page(Half::page(page));
    page.put_thresholds(at(Set::SignalToNoise), [60.0, 16.0, 55.0, 18.0], decibels)
        .put_thresholds(at(Set::Transition), [99.0, 28.0, 90.0, 31.0], decibels)
        .put_signed_thresholds(
            at(Set::LaserTemperature),
            [90.0, -5.0, 85.0, 0.0],
            1.0 / 256.0,
        )
        .put_signed_thresholds(
            at(Set::TecCurrent),
            [0.95, -0.95, 0.9, -0.9],
            1.0 / 32_767.0,
        )
        .put_thresholds(at(Set::Age), [90.0, 0.0, 80.0, 0.0], 1.0);
    for (set, limits) in [
        (Set::BitErrors, [2.4e-4, 0.0, 2.4e-5, 0.0]),
        (Set::Frames, [1.0, 0.0, 0.5, 0.0]),
    ] {
        for (place, limit) in (at(set)..).step_by(2).zip(limits) {
            page.put_f16(place, limit);
        }
    }
}
