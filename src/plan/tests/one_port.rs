//! Rules that one port and its module decide.

use super::*;

/// What a rule says of a family in a port of a role with these keys.
fn says(rule: &str, role: &str, keys: &str, family: &str) -> Option<String> {
    let text = format!("[[assign]]\nports = 'e0'\nrole = '{role}'\n{keys}");
    let plan = plan(&text);
    let (snapshot, class) = module(family);
    let found = check(
        Some(assignment(&plan, "e0")),
        Presence::Active,
        Some((&snapshot, &class)),
    );
    let mut of_rule = found.iter().filter(|finding| finding.rule == rule);
    let first = of_rule.next().map(line);
    assert_eq!(of_rule.next(), None, "one finding for each rule");
    first
}

#[track_caller]
fn finds(rule: &str, role: &str, keys: &str, family: &str, text: &str) {
    assert_eq!(says(rule, role, keys, family).as_deref(), Some(text));
}

#[track_caller]
fn is_silent(rule: &str, role: &str, keys: &str, family: &str) {
    assert_eq!(says(rule, role, keys, family), None);
}

#[test]
fn form_factor() {
    finds(
        "form-factor",
        "scale-out",
        "form_factor = 'qsfp-dd'",
        "dsp-800g",
        "error form-factor: saw osfp, planned qsfp-dd; swap it for a module in qsfp-dd, or correct `form_factor` in the plan",
    );
    is_silent(
        "form-factor",
        "scale-out",
        "form_factor = 'osfp'",
        "dsp-800g",
    );
}

#[test]
fn media() {
    finds(
        "media",
        "scale-out",
        "media = 'mmf'",
        "dsp-800g",
        "error media: saw SMF, planned mmf; swap it for one that fits the fibre or cable that lies there, or correct `media` in the plan",
    );
    is_silent("media", "scale-out", "media = 'smf'", "dsp-800g");
    is_silent("media", "scale-out", "media = 'copper'", "dac-400g");
}

#[test]
fn application() {
    finds(
        "application",
        "scale-out",
        "application = '800GBASE-DR8'",
        "dsp-800g",
        "error application: saw offers 400GAUI-4-L C2M to 400G-FR4 / 400GBASE-FR4, 100GAUI-1-L C2M to 100G-FR / 100GBASE-FR1, planned 800GBASE-DR8; swap it for a module that offers 800GBASE-DR8, or correct `application` in the plan",
    );
    is_silent(
        "application",
        "scale-out",
        "application = '800gbase-dr8'",
        "dsp-800g-dr8",
    );
    is_silent(
        "application",
        "scale-out",
        "application = '400G'",
        "dsp-800g",
    );
    for name in ["400GBASE-FR4", "400G-FR4", "400GAUI-4-L"] {
        let keys = format!("application = '{name}'");
        is_silent("application", "scale-out", &keys, "dsp-800g");
    }
    let other = says(
        "application",
        "scale-out",
        "application = '100G'",
        "dsp-800g",
    )
    .unwrap();
    assert_eq!(
        other,
        "warning application: saw runs 400GAUI-4-L C2M to 400G-FR4 / 400GBASE-FR4, planned 100G; configure the port of the host for 100G: the module offers it"
    );
    // A memory map without applications says nothing against the plan.
    is_silent("application", "scale-out", "application = '800G'", "sfp28");
}

#[test]
fn lane_rate() {
    finds(
        "lane-rate",
        "scale-up",
        "",
        "lpo-800g",
        "notice lane-rate: saw host lanes of 112G (106.25 Gb/s), planned scale-up: 224G; it works at its own rate; plan the faster one for the next purchase, or name this one under `lane_rates`",
    );
    is_silent("lane-rate", "scale-up", "lane_rates = ['112G']", "lpo-800g");
    is_silent("lane-rate", "scale-up", "", "cpo-32");
    finds(
        "lane-rate",
        "scale-out",
        "",
        "dac-400g",
        "warning lane-rate: saw host lanes of 56G (53.125 Gb/s), planned scale-out: 112G or 224G; make sure that the host's lanes run at this rate; then name it under `lane_rates`",
    );
    is_silent("lane-rate", "scale-out", "", "dsp-800g");
}

#[test]
fn lane_count() {
    finds(
        "lane-count",
        "scale-out",
        "host_lanes = 4",
        "dsp-800g",
        "warning lane-count: saw 8 host lanes, planned 4 host lanes; swap it for a module of 4 lanes, or correct `host_lanes` in the plan",
    );
    is_silent("lane-count", "scale-out", "host_lanes = 8", "dsp-800g");
    is_silent("lane-count", "scale-up", "host_lanes = 32", "cpo-32");
}

#[test]
fn reach() {
    let advice = "swap it for one that reaches far enough, or correct `length_meters` or `reach_min_meters` in the plan";
    finds(
        "reach-short",
        "scale-out",
        "length_meters = 501",
        "dsp-800g-dr8",
        &format!("error reach-short: saw reaches 500 m, planned 501 m of fibre; {advice}"),
    );
    is_silent(
        "reach-short",
        "scale-out",
        "length_meters = 500",
        "dsp-800g-dr8",
    );
    is_silent(
        "reach-short",
        "scale-out",
        "length_meters = 2000",
        "dsp-800g",
    );
    finds(
        "reach-short",
        "scale-across",
        "",
        "dsp-800g",
        &format!(
            "error reach-short: saw reaches 2 km, planned scale-across: 10 km or more; {advice}"
        ),
    );
    is_silent(
        "reach-short",
        "scale-across",
        "reach_min_meters = 2000",
        "dsp-800g",
    );
    finds(
        "reach-short",
        "scale-out",
        "length_meters = 2.5",
        "dac-400g",
        &format!("error reach-short: saw a cable of 2 m, planned 2.5 m of it; {advice}"),
    );
    is_silent("reach-short", "scale-out", "length_meters = 2", "dac-400g");
    is_silent("reach-short", "scale-out", "", "dac-400g");
    finds(
        "reach-long",
        "scale-up",
        "",
        "dsp-800g",
        "notice reach-long: saw reaches 2 km, planned scale-up: up to 500 m; check that the far end can bear its light; where the link is that long, raise `reach_max_meters`",
    );
    is_silent("reach-long", "scale-up", "", "lpo-800g");
    is_silent(
        "reach-long",
        "scale-up",
        "reach_max_meters = 2000",
        "dsp-800g",
    );
}

#[test]
fn non_standard_interface() {
    // 200GAUI-2 by a vendor's code is offered, but not what the link stands on.
    is_silent("non-standard-interface", "scale-out", "", "dsp-800g-dr8");
    let (mut snapshot, class) = module("dsp-800g-dr8");
    snapshot
        .applications
        .retain(|application| application.media_code == 0xC0);
    let found = |keys: &str| {
        let plan = plan(&format!(
            "[[assign]]\nports = 'e0'\nrole = 'scale-out'\n{keys}"
        ));
        let planned = Some(assignment(&plan, "e0"));
        let found = check(planned, Presence::Active, Some((&snapshot, &class)));
        let mut of_rule = found.iter().filter(|f| f.rule == "non-standard-interface");
        of_rule.next().map(line)
    };
    assert_eq!(
        found("").unwrap(),
        "notice non-standard-interface: saw 200GAUI-2-L C2M to Vendor specific, planned scale-out: standard interfaces; make sure that the far end is of the same vendor; then set `standard_interfaces = false` for this port"
    );
    assert_eq!(found("standard_interfaces = false"), None);
}

#[test]
fn part_and_vendor() {
    let part = "part_numbers = ['ABC-*', 'SIM-800G-DR8']";
    finds(
        "part-not-allowed",
        "scale-out",
        part,
        "dsp-800g",
        "error part-not-allowed: saw dsp (OPTICSD SIM SIM-800G-2FR4), planned ABC-*, SIM-800G-DR8; swap it for one that is on the list, or add it to `part_numbers` in the plan",
    );
    is_silent("part-not-allowed", "scale-out", part, "dsp-800g-dr8");
    let vendor = says(
        "part-not-allowed",
        "scale-out",
        "vendors = 'ACME'",
        "dsp-800g",
    )
    .unwrap();
    assert!(vendor.contains("planned ACME; "), "{vendor}");
    is_silent(
        "part-not-allowed",
        "scale-out",
        "vendors = 'opticsd*'",
        "dsp-800g",
    );
}

#[test]
fn firmware() {
    finds(
        "firmware-not-allowed",
        "scale-out",
        "firmware = ['2.9', '3.*']",
        "dsp-800g",
        "warning firmware-not-allowed: saw firmware 2.10, planned 2.9, 3.*; update the module, or add its firmware to `firmware` in the plan",
    );
    is_silent(
        "firmware-not-allowed",
        "scale-out",
        "firmware = '2.1*'",
        "dsp-800g",
    );
    let untold = says(
        "firmware-not-allowed",
        "scale-out",
        "firmware = '1.0'",
        "qsfp28",
    )
    .unwrap();
    assert!(
        untold.contains("firmware that the module does not tell"),
        "{untold}"
    );
}

#[test]
fn peer_class() {
    let keys = "peer_class = 'dsp'";
    finds(
        "peer-class-mismatch",
        "scale-up",
        keys,
        "lpo-800g",
        "warning peer-class-mismatch: saw lpo (OPTICSD SIM SIM-800G-LINEAR), dsp at the far end, planned scale-up: lpo at both ends; put modules of one class at both ends; an engineered link takes `peer_rule = \"any\"` for these ports",
    );
    is_silent(
        "peer-class-mismatch",
        "scale-up",
        "peer_class = 'lpo'",
        "lpo-800g",
    );
    is_silent("peer-class-mismatch", "scale-out", keys, "lro-800g");
    is_silent(
        "peer-class-mismatch",
        "scale-up",
        "peer_class = 'dsp'\npeer_rule = 'any'",
        "lpo-800g",
    );
}

#[test]
fn ber_source() {
    let advice = "name the host's FEC counters of this port in the configuration, `fec = \"ethtool:eth0\"` or `\"sonic:Ethernet0\"`; where they are watched elsewhere, set `ber_from = \"none\"` in the plan";
    finds(
        "no-ber-source",
        "scale-up",
        "",
        "lpo-800g",
        &format!(
            "notice no-ber-source: saw lpo, which decodes nothing, planned scale-up: error counters of the host's FEC; {advice}"
        ),
    );
    is_silent("no-ber-source", "scale-up", "ber_from = 'none'", "lpo-800g");
    is_silent(
        "no-ber-source",
        "scale-up",
        "no_ber_severity = 'off'",
        "lpo-800g",
    );
    is_silent("no-ber-source", "scale-out", "", "dsp-800g");
    finds(
        "no-ber-source",
        "scale-out",
        "no_ber_severity = 'warning'",
        "lro-800g",
        &format!(
            "warning no-ber-source: saw a module that shows no error ratio, planned scale-out: error ratios from module or host; {advice}"
        ),
    );
    let host = says(
        "no-ber-source",
        "scale-out",
        "ber_from = 'host'",
        "dsp-800g",
    )
    .unwrap();
    assert!(
        host.contains("saw error ratios from the module only"),
        "{host}"
    );
}

#[test]
fn a_host_that_counts_is_a_source_of_error_ratios() {
    let plan = plan("[[assign]]\nports = 'e0'\nrole = 'scale-up'\n");
    let (snapshot, class) = module("lpo-800g");
    let lacks_source = |host_counts, host_silent: Option<&str>| {
        let watched = Watched {
            host_counts,
            host_silent: host_silent.map(str::to_owned),
            findings: Vec::new(),
        };
        let module = Some((&snapshot, &class));
        let planned = Some(assignment(&plan, "e0"));
        let found = check_watched(planned, Presence::Active, module, watched);
        found.into_iter().find(|f| f.rule == "no-ber-source")
    };
    assert!(lacks_source(false, None).is_some());
    assert_eq!(lacks_source(true, None), None);
    assert_eq!(lacks_source(true, Some("slow")), None);
    let silent = lacks_source(false, Some("Redis is gone")).unwrap();
    assert_eq!(
        silent.saw,
        "lpo, which decodes nothing, and a host that does not tell: Redis is gone"
    );
    assert!(silent.advice.contains("the source that `fec` names"));
}

#[test]
fn a_module_of_unknown_class_is_not_asked_for_its_errors() {
    let plan = plan("[[assign]]\nports = 'e0'\nrole = 'scale-up'\n");
    let (snapshot, mut class) = module("lpo-800g");
    class.class = class::Class::Unknown;
    let found = check(
        Some(assignment(&plan, "e0")),
        Presence::Active,
        Some((&snapshot, &class)),
    );
    assert!(found.iter().any(|f| f.rule == "class-not-established"));
    assert!(!found.iter().any(|f| f.rule == "no-ber-source"));
}

#[test]
fn breakout() {
    let keys = "breakout = '4x200G'";
    finds(
        "breakout-missing",
        "scale-out",
        keys,
        "dsp-800g",
        "error breakout-missing: saw splits into 2x400G, 8x100G, planned 4x200G; swap it for a module that offers 200G for each data path, or correct `breakout` in the plan",
    );
    is_silent("breakout-missing", "scale-out", keys, "dsp-800g-dr8");
    is_silent(
        "breakout-missing",
        "scale-out",
        "breakout = '2x400G'",
        "dsp-800g",
    );
    assert!(
        says(
            "breakout-missing",
            "scale-out",
            "breakout = '4x400G'",
            "dsp-800g"
        )
        .is_some()
    );
}

#[test]
fn power_by_form() {
    let keys = "watts_per_100g_by_form = { osfp = { warn = 1.0, limit = 1.5 } }";
    finds(
        "power-over-hard-limit",
        "scale-out",
        keys,
        "dsp-800g",
        "error power-over-hard-limit: saw 1.94 W per 100 Gb/s: 15.5 W at most for 800 Gb/s, planned scale-out: never above 1.5 W per 100 Gb/s; swap it, or make sure the cage can feed and cool 15.5 W and raise `watts_per_100g_limit` for this port in the plan",
    );
    is_silent("power-over-hard-limit", "scale-out", "", "dsp-800g");
}

#[test]
fn an_exception_holds_until_its_day() {
    let plan = plan(
        "[[assign]]\nports = 'e{0..1}'\nrole = 'scale-out'\nber_from = 'none'\n\
         [[exception]]\nports = 'e0'\nrule = 'class-denied'\nreason = 'on trial, ticket 12'\n\
         expires = '2027-03-01'\n",
    );
    let (snapshot, class) = module("lpo-800g");
    let on = |day: &str, port: &str| -> Vec<(String, Severity)> {
        let plan = plan.clone().as_of(Date::parse(day).unwrap());
        let found = check(
            Some(assignment(&plan, port)),
            Presence::Active,
            Some((&snapshot, &class)),
        );
        found
            .iter()
            .map(|finding| {
                (
                    format!("{}: {}", finding.rule, finding.advice),
                    finding.severity,
                )
            })
            .collect()
    };
    let held = on("2027-03-01", "e0");
    let accepted = "class-denied: accepted until 2027-03-01: on trial, ticket 12";
    assert_eq!(held, [(accepted.to_owned(), Severity::Notice)]);
    let over = on("2027-03-02", "e0");
    assert_eq!(over.len(), 2);
    assert!(over[0].0.starts_with("class-denied: swap it"), "{over:?}");
    assert_eq!(over[0].1, Severity::Error);
    assert_eq!(
        over[1],
        (
            "exception-expired: mend what it excused, or give it another `expires` in the plan"
                .to_owned(),
            Severity::Warning
        )
    );
    let other = on("2027-03-01", "e1");
    assert_eq!(other.len(), 1);
    assert_eq!(other[0].1, Severity::Error);
}
