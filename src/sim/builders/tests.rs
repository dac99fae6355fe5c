//! What each family must show, byte by byte, and that nothing in it can break.

use std::sync::Arc;
use std::time::Duration;

use embedded_hal::i2c::I2c;

use super::*;
use crate::bus::address::{Bank, Device, Half};
use crate::bus::image::Image;
use crate::bus::sheet::Sheet;
use crate::clock::ManualClock;
use crate::sim::cage::Cage;
use crate::sim::f16;
use crate::sim::wire::BusRate;

/// A module that has run for a minute, as its registers stand.
fn running(module: SimModule) -> (ManualClock, Cage) {
    let clock = ManualClock::new();
    let cage = Cage::new(Arc::new(clock.clone()));
    cage.insert(module);
    clock.advance(Duration::from_secs(60));
    let mut byte = [0];
    let mut i2c = cage.i2c(BusRate::Khz400);
    i2c.write_read(0x50, &[0], &mut byte).unwrap();
    (clock, cage)
}

fn image(name: &str) -> Image {
    let (_, cage) = running(by_name(name).unwrap());
    cage.remove().unwrap().registers().image().clone()
}

fn sheet(image: &Image, half: Half) -> Sheet {
    image.sheet(half).unwrap().clone()
}

#[test]
fn every_name_builds_and_no_other() {
    for name in NAMES {
        assert!(by_name(name).is_some(), "{name}");
    }
    assert!(by_name("dsp").is_none());
}

#[test]
fn checksums_are_right() {
    for name in NAMES {
        let image = image(name);
        let check = |half, place, first, last| {
            let sheet = sheet(&image, half);
            assert_eq!(
                sheet.u8(place),
                sheet.sum(first, last),
                "{name} {half} {place}"
            );
        };
        match *name {
            "qsfp28" => {
                check(Half::page(0), 191, 128, 190);
                check(Half::page(0), 223, 192, 222);
            }
            "sfp28" => {
                check(Half::LOWER, 63, 0, 62);
                check(Half::LOWER, 95, 64, 94);
                check(Half::lower(Device::A2), 95, 0, 94);
            }
            "dac-400g" => check(Half::page(0), 222, 128, 221),
            _ => {
                check(Half::page(0), 222, 128, 221);
                check(Half::page(1), 255, 130, 254);
                check(Half::page(2), 255, 128, 254);
            }
        }
    }
}

#[test]
fn advertisements_tell_the_classes_apart() {
    // Name; 01h:142, 157, 158, 160, 161, 162; power in 0.25 W; technology.
    for (name, advertised, power, technology) in [
        ("dsp-800g", [0x60, 0x0F, 0x06, 0x07, 0x0B, 0x1F], 62, 0x06),
        ("lpo-800g", [0x04, 0x0B, 0x02, 0x17, 0x0C, 0x34], 34, 0x04),
        ("lro-800g", [0x60, 0x0F, 0x02, 0x0F, 0x0B, 0x1C], 42, 0x04),
        ("aec-800g", [0x20, 0x0E, 0x06, 0x00, 0x09, 0x1D], 48, 0x0C),
        ("cpo-32", [0x02, 0x07, 0x02, 0x07, 0x01, 0x00], 192, 0x04),
    ] {
        let image = image(name);
        let page = sheet(&image, Half::page(1));
        let found = [142, 157, 158, 160, 161, 162].map(|at| page.u8(at));
        assert_eq!(found, advertised, "{name}");
        let identity = sheet(&image, Half::page(0));
        assert_eq!(
            (identity.u8(201), identity.u8(212)),
            (power, technology),
            "{name}"
        );
        assert_eq!(identity.u8(128), sheet(&image, Half::LOWER).u8(0), "{name}");
        let has = |page| image.sheet(Half::page(page)).is_some();
        assert_eq!(has(0x20), advertised[0] & 0x40 != 0, "{name} VDM");
        assert_eq!(has(0x13), advertised[0] & 0x20 != 0, "{name} diagnostics");
    }
}

#[test]
fn applications_are_those_of_the_class() {
    for (name, first) in [
        ("dsp-800g", [0x50, 0x1D, 0x44, 0x11]),
        ("dsp-800g-dr8", [0x52, 0x56, 0x88, 0x01]),
        ("lpo-800g", [0x23, 0x92, 0x88, 0x01]),
        ("lro-800g", [0x97, 0x56, 0x88, 0x01]),
        ("dac-400g", [0x1D, 0x01, 0x88, 0x01]),
        ("aec-800g", [0x52, 0x04, 0x88, 0x01]),
        ("cpo-32", [0x82, 0x77, 0x44, 0x11]),
    ] {
        let lower = sheet(&image(name), Half::LOWER);
        assert_eq!(lower.array(86), first, "{name}");
        assert_eq!(lower.u8(114), 0xFF, "{name}: the list ends");
    }
}

#[test]
fn monitors_are_in_their_units() {
    let image = image("lpo-800g");
    let lower = sheet(&image, Half::LOWER);
    let celsius = f64::from(lower.i16(14)) / 256.0;
    assert!((41.0..45.0).contains(&celsius), "{celsius}");
    let volts = f64::from(lower.u16(16)) * 100e-6;
    assert!((3.25..3.35).contains(&volts), "{volts}");
    let lanes = sheet(&image, Half::page(0x11));
    for lane in 0..8 {
        let milliwatts = f64::from(lanes.u16(154 + 2 * lane)) * 1e-4;
        assert!((1.0..1.5).contains(&milliwatts), "{milliwatts}");
        let milliamperes = f64::from(lanes.u16(170 + 2 * lane)) * 2e-3 * 4.0;
        assert!((240.0..280.0).contains(&milliamperes), "{milliamperes}");
    }
    let limits = sheet(&image, Half::page(2));
    assert_eq!(limits.i16(130), -5 * 256);
    assert_eq!(f64::from(limits.u16(184)) * 8e-3, 416.0);
}

#[test]
fn a_retimed_module_reports_both_sides_and_a_half_retimed_one_the_host() {
    let observables = |name| {
        let image = image(name);
        let mut found = Vec::new();
        for group in 0..4 {
            let descriptors = sheet(&image, Half::page(0x20 + group));
            let samples = sheet(&image, Half::page(0x24 + group));
            for at in (128..=254).step_by(2) {
                let kind = descriptors.u8(at + 1);
                if kind != 0 {
                    found.push((kind, samples.u16(at)));
                }
            }
        }
        found
    };
    let dsp = observables("dsp-800g");
    for kind in [1, 2, 4, 5, 6, 15, 16, 23, 24, 25, 26] {
        assert!(dsp.iter().any(|(found, _)| *found == kind), "type {kind}");
    }
    for (kind, raw) in &dsp {
        let value = f16::decode(*raw);
        match kind {
            9..=16 => assert!((1e-11..1e-6).contains(&value), "type {kind}: {value}"),
            17..=26 => assert_eq!(value, 0.0, "type {kind}"),
            5 | 6 => assert!((19 * 256..26 * 256).contains(raw), "type {kind}: {raw}"),
            _ => {}
        }
    }
    let lro = observables("lro-800g");
    assert!(!lro.is_empty());
    assert!(lro.iter().all(|(kind, _)| *kind < 5 || kind % 2 == 0));
    let cpo = image("cpo-32");
    assert_eq!(
        cpo.halves()
            .filter(|(half, _)| half.upper().is_some_and(|(page, _)| page.0 == 0x11))
            .count(),
        4
    );
    let last = Half::page(0x11).in_bank(Bank::new(3).unwrap());
    assert_ne!(sheet(&cpo, last).u16(200), 0, "lane 32 receives light");
}

#[test]
fn vdm_flags_follow_the_bit_errors() {
    let (clock, cage) = running(by_name("dsp-800g").unwrap());
    cage.adjust(|knobs, now| knobs.rx_loss_db.turn_to(3.5, now, Duration::ZERO));
    clock.advance(Duration::from_secs(1));
    let mut summary = [0];
    cage.i2c(BusRate::Khz400)
        .write_read(0x50, &[4], &mut summary)
        .unwrap();
    assert_eq!(summary[0] & 8, 8, "2Ch is pending");
    let image = cage.remove().unwrap().registers().image().clone();
    let descriptors = sheet(&image, Half::page(0x20));
    let flags = sheet(&image, Half::page(0x2C));
    for k in 0..64_u8 {
        let kind = descriptors.u8(129 + 2 * k);
        let nibble = flags.u8(128 + k / 2) >> (4 * (k % 2)) & 0x0F;
        match kind {
            15 => assert_eq!(nibble, 0b0101, "high alarm and warning of instance {k}"),
            16 => assert_eq!(nibble, 0, "the host side is well"),
            _ => {}
        }
    }
}

#[test]
fn vdm_flags_of_the_second_group_have_their_own_bytes() {
    let (clock, cage) = running(by_name("dsp-800g").unwrap());
    cage.adjust(|knobs, now| knobs.temperature.turn_to(115.0, now, Duration::ZERO));
    clock.advance(Duration::from_secs(1));
    let mut byte = [0];
    let mut i2c = cage.i2c(BusRate::Khz400);
    i2c.write_read(0x50, &[100], &mut byte).unwrap();
    let image = cage.remove().unwrap().registers().image().clone();
    let descriptors = sheet(&image, Half::page(0x21));
    let k = (0..64).find(|k| descriptors.u8(129 + 2 * k) == 2).unwrap();
    let nibble = sheet(&image, Half::page(0x2C)).u8(128 + 32 + k / 2) >> (4 * (k % 2)) & 0x0F;
    assert_eq!(nibble, 0b1010, "the cooler is at its end");
    let current = sheet(&image, Half::page(0x25)).i16(128 + 2 * k);
    assert_eq!(current, -32_767);
}

#[test]
fn the_same_serial_lives_the_same_life() {
    let life = |name: &str, serial: &str, reads: u64| {
        let (clock, cage) = running(by_name_with_serial(name, serial).unwrap());
        for _ in 0..reads {
            clock.advance(Duration::from_secs(60) / u32::try_from(reads).unwrap());
            let mut byte = [0];
            let mut i2c = cage.i2c(BusRate::Khz400);
            i2c.write_read(0x50, &[100], &mut byte).unwrap();
        }
        cage.remove().unwrap().registers().image().clone()
    };
    for name in NAMES {
        assert_eq!(life(name, "S1", 5), life(name, "S1", 5), "{name}");
    }
    let power = |image: &Image| sheet(image, Half::page(0x11)).slice(154, 48).to_vec();
    let one = power(&life("dsp-800g", "S1", 5));
    assert_ne!(one, power(&life("dsp-800g", "S2", 5)));
}

#[test]
fn every_byte_of_every_page_can_be_read() {
    for name in NAMES {
        let (clock, cage) = running(by_name(name).unwrap());
        let mut i2c = cage.i2c(BusRate::Khz400);
        let settle = || clock.advance(Duration::from_millis(10));
        for bank in 0..=4 {
            for page in 0..=255 {
                i2c.write(0x50, &[126, bank, page]).unwrap();
                settle();
                let mut upper = [0; 128];
                i2c.write_read(0x50, &[128], &mut upper).unwrap();
                let mut selected = [0; 2];
                i2c.write_read(0x50, &[126], &mut selected).unwrap();
                assert!(selected[1] == page || selected[1] == 0, "{name} {page:02x}");
            }
        }
        let mut lower = [0; 128];
        i2c.write_read(0x50, &[0], &mut lower).unwrap();
        let second = i2c.write_read(0x51, &[0], &mut lower);
        assert_eq!(second.is_ok(), *name == "sfp28", "{name}");
    }
}

#[test]
fn hostile_text_keeps_the_checksum_right() {
    for (name, half, place, sum, first) in [
        ("dsp-800g", Half::page(0), 129, 222, 128),
        ("qsfp28", Half::page(0), 148, 191, 128),
        ("sfp28", Half::LOWER, 20, 63, 0),
    ] {
        let mut module = by_name(name).unwrap();
        module.write_vendor(b"\"<b>\xFF");
        let sheet = sheet(module.registers().image(), half);
        assert_eq!(sheet.slice(place, 6), b"\"<b>\xFF ", "{name}");
        assert_eq!(sheet.u8(sum), sheet.sum(first, sum - 1), "{name}");
    }
}
