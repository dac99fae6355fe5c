//! The tables against the reference tables that they were taken from, row by
//! row, where those are at hand.

use super::*;

/// A reference table as rows of named fields, or `None` where it is absent.
fn reference(name: &str) -> Option<Vec<Vec<(String, String)>>> {
    let path = format!("{}/../shared/reference/{name}", env!("CARGO_MANIFEST_DIR"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {path} is not there");
        return None;
    };
    let mut lines = text.lines().map(fields);
    let heads = lines.next().unwrap();
    Some(
        lines
            .map(|row| heads.iter().cloned().zip(row).collect())
            .collect(),
    )
}

/// The fields of one line of comma-separated text, quotes taken off.
fn fields(line: &str) -> Vec<String> {
    let (mut out, mut quoted) = (vec![String::new()], false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                out.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            c => out.last_mut().unwrap().push(c),
        }
    }
    out
}

fn get<'a>(row: &'a [(String, String)], field: &str) -> &'a str {
    &row.iter().find(|(name, _)| name == field).unwrap().1
}

/// The codes that a field such as `0xC0-0xFE` speaks of.
fn codes_of(field: &str) -> std::ops::RangeInclusive<u8> {
    let hex = |text: &str| u8::from_str_radix(text.trim_start_matches("0x"), 16).unwrap();
    match field.split_once('-') {
        Some((first, last)) => hex(first)..=hex(last),
        None => hex(field)..=hex(field),
    }
}

fn kind_named(word: &str) -> Kind {
    match word {
        "c2m" => Kind::ChipToModule,
        "cr" => Kind::Copper,
        "linear" => Kind::Linear,
        "half-retimed" => Kind::HalfRetimed,
        "dd" => Kind::DirectDetect,
        "coherent" => Kind::Coherent,
        "active-cable" => Kind::ActiveCable,
        "cu-linear" => Kind::PassiveCopper,
        "base-t" => Kind::BaseT,
        "loopback" => Kind::Loopback,
        "vendor" => Kind::Vendor,
        "none" | "reserved" | "escape" | "end" | "conflict" => Kind::None,
        "legacy" | "fc" | "ib" | "cpri" | "otn" | "pcie" | "pon" => Kind::Other,
        other => panic!("no kind for {other}"),
    }
}

fn same(row: &[(String, String)], ours: &Interface) {
    let number = |field| get(row, field).parse::<f64>().ok();
    assert_eq!(ours.name, get(row, "name"));
    assert_eq!(ours.total_gbps, number("total_gbps"), "{}", ours.name);
    assert_eq!(ours.lanes, get(row, "lanes").parse().ok(), "{}", ours.name);
    assert_eq!(ours.lane_gbps, number("lane_gbps"), "{}", ours.name);
    assert_eq!(ours.lane_gbd, number("lane_gbd"), "{}", ours.name);
    assert_eq!(ours.modulation, get(row, "modulation"), "{}", ours.name);
    let linear = match get(row, "linear") {
        "none" => Linearity::None,
        "rx" => Linearity::Rx,
        "both" => Linearity::Both,
        other => panic!("no linearity {other}"),
    };
    assert_eq!(ours.linear, linear, "{}", ours.name);
    assert_eq!(ours.standard, get(row, "standard_body"), "{}", ours.name);
    assert_eq!(ours.kind, kind_named(get(row, "kind")), "{}", ours.name);
}

#[test]
fn host_rows_are_those_of_the_reference() {
    let Some(rows) = reference("sff8024-host-interfaces.csv") else {
        return;
    };
    let (mut named, mut seen) = (0, std::collections::BTreeSet::new());
    for row in &rows {
        let codes = codes_of(get(row, "code"));
        if codes.start() == codes.end() {
            named += 1;
            seen.insert(*codes.start());
            let ours = host_interface(*codes.start()).unwrap();
            assert_eq!(ours.code, *codes.start());
            same(row, ours);
        } else {
            for code in codes {
                assert_eq!(kind_of_host(code), kind_named(get(row, "kind")));
            }
        }
    }
    assert_eq!(named, host::HOST.len());
    for code in (0..=255).filter(|code| !seen.contains(code)) {
        assert_eq!(host_interface(code), None);
    }
}

#[test]
fn media_rows_are_those_of_the_reference() {
    let Some(rows) = reference("sff8024-media-interfaces.csv") else {
        return;
    };
    let mut named = 0;
    for row in &rows {
        let media_type = match get(row, "media_type") {
            "MMF" => 1,
            "SMF" => 2,
            "passive copper" => 3,
            "active cable" => 4,
            "BASE-T" => 5,
            other => panic!("no media type {other}"),
        };
        let codes = codes_of(get(row, "code"));
        if codes.start() == codes.end() {
            named += 1;
            let ours = media_interface(media_type, *codes.start()).unwrap();
            assert_eq!(ours.code, *codes.start());
            let reach = get(row, "reach_m").parse().ok().map(Meters::new);
            assert_eq!(ours.reach, reach, "{}", ours.name);
            same(row, ours);
        } else {
            for code in codes {
                assert_eq!(kind_of_media(media_type, code), Kind::Vendor);
            }
        }
    }
    let ours = mmf::MMF.len()
        + smf::SMF.len()
        + cable::PASSIVE_COPPER.len()
        + cable::ACTIVE_CABLE.len()
        + cable::BASE_T.len();
    assert_eq!(named, ours);
}

#[test]
fn names_are_those_of_the_reference() {
    type Naming = fn(u8) -> Option<&'static str>;
    let tables: [(&str, Naming); 3] = [
        ("sff8024-identifiers.csv", identifier_name),
        ("sff8024-connectors.csv", connector_name),
        ("sff8024-media-technology.csv", media_technology_name),
    ];
    for (file, name) in tables {
        let Some(rows) = reference(file) else { return };
        let mut named = std::collections::BTreeMap::new();
        for row in &rows {
            let codes = codes_of(get(row, "code"));
            if codes.start() == codes.end() {
                named.insert(*codes.start(), get(row, "name"));
            }
        }
        for code in 0..=255 {
            assert_eq!(name(code), named.get(&code).copied(), "{file} {code:#04x}");
        }
    }
}

#[test]
fn tables_rise_so_that_they_can_be_searched() {
    let tables: [&[Interface]; 6] = [
        &host::HOST,
        &mmf::MMF,
        &smf::SMF,
        &cable::PASSIVE_COPPER,
        &cable::ACTIVE_CABLE,
        &cable::BASE_T,
    ];
    for table in tables {
        assert!(table.is_sorted_by(|a, b| a.code < b.code));
    }
}

#[test]
fn vendor_ranges_have_a_kind_without_a_row() {
    assert_eq!(host_interface(0xC7), None);
    assert_eq!(kind_of_host(0xC7), Kind::Vendor);
    assert_eq!(kind_of_host(0xFF), Kind::None);
    assert_eq!(kind_of_host(0x6F), Kind::None);
    assert_eq!(kind_of_host(0x20), Kind::Linear);
    assert_eq!(kind_of_media(2, 0xFF), Kind::Vendor);
    assert_eq!(kind_of_media(3, 0xC0), Kind::Loopback);
    assert_eq!(kind_of_media(0x40, 0x01), Kind::Vendor);
    assert_eq!(kind_of_media(0, 0xC0), Kind::None);
    assert_eq!(media_interface(6, 0x01), None);
}

#[test]
fn one_code_means_different_things_in_different_tables() {
    assert_eq!(media_interface(1, 0x02).unwrap().name, "10GBASE-SR");
    assert_eq!(media_interface(2, 0x02).unwrap().name, "10GBASE-EW");
    assert_eq!(media_interface(5, 0x02).unwrap().name, "2.5GBASE-T");
}

#[test]
fn every_cmis_form_has_a_word() {
    assert_eq!(form_factor(0x19), Some("osfp"));
    assert_eq!(form_factor(0x18), Some("qsfp-dd"));
    assert_eq!(form_factor(0x11), Some("qsfp28"));
    assert_eq!(form_factor(0x80), Some("cpo"));
    assert_eq!(form_factor(0x00), None);
    for code in 0x18..=0x26 {
        assert_eq!(form_factor(code).is_some(), code != 0x1D, "{code:#04x}");
    }
}

#[test]
fn reserved_compliance_codes_have_no_name() {
    assert_eq!(extended_compliance_name(0x06), Some("100G CWDM4"));
    assert_eq!(extended_compliance_name(0x0A), None);
    assert_eq!(extended_compliance_name(0xFF), None);
    assert_eq!(media_type_name(0x06), None);
    assert_eq!(media_type_name(0x40), Some("Vendor specific"));
}
