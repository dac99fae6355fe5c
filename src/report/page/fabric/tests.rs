use std::path::Path;

use crate::health::verdict::{Judgement, Verdict};
use crate::module::Reading;
use crate::plan::Plan;
use crate::plan::finding::{Finding, Severity};
use crate::report::page::fabric;
use crate::report::sample;
use crate::units::Watts;

fn plan(more: &str) -> Plan {
    let text = format!(
        "[fabric]\nname = 'pod <7>'\nplanes = 2\n{more}\
         [[assign]]\nports = ['a', 'elsewhere']\nrole = 'scale-out'\nplane = 1\n\
         [[assign]]\nports = 'b'\nrole = 'scale-out'\nplane = 2\n"
    );
    Plan::parse(&text, Path::new("plan.toml")).unwrap()
}

/// Plane 1 has a port that is well and one on another box, plane 2 a bad one that is
/// worse than its sister and states no power.
fn page(more: &str) -> String {
    let mut module = sample::module("S1");
    module.power.max = Reading::Value(Watts::new(14.5));
    let mut well = sample::active(module);
    well.findings.clear();
    well.judgement = Judgement {
        verdict: Verdict::Ok,
        reasons: Vec::new(),
    };
    let mut module = sample::module("S2");
    module.power.max = Reading::NOT_ADVERTISED;
    module.lanes[0].rx_power = Reading::Value(Watts::new(0.0));
    let mut worse = sample::active(module);
    worse.findings = vec![Finding {
        rule: "plane-imbalance",
        severity: Severity::Warning,
        ..sample::finding()
    }];
    let fleet = sample::fleet(vec![sample::slot("a", well), sample::slot("b", worse)]);
    fabric(&fleet, Some(&plan(more)), sample::now())
}

/// The cells of a line of the table of planes, without their markup.
fn line(page: &str, name: &str) -> Vec<String> {
    let rest = page.split(&format!("<th scope=\"row\">{name}</th>")).nth(1);
    let row = rest.unwrap().split("</tr>").next().unwrap();
    let cells = row.split("<td class=\"n\">").skip(1);
    let text = |cell: &str| {
        let parts = cell
            .split('<')
            .map(|part| part.rsplit('>').next().unwrap_or_default());
        parts.collect::<Vec<_>>().join(" ").trim().to_owned()
    };
    cells.map(text).collect()
}

#[test]
fn planes_stand_beside_each_other() {
    let page = page("");
    assert!(page.contains("Planes of pod &lt;7&gt;"));
    assert_eq!(line(&page, "planned"), ["2", "1"]);
    assert_eq!(line(&page, "present"), ["1", "1"]);
    assert!(line(&page, "ok")[0].ends_with('1') && line(&page, "ok")[1] == "0");
    assert!(line(&page, "bad")[0] == "0" && line(&page, "bad")[1].contains('✕'));
    // A module that states no power is not one of no power.
    assert_eq!(line(&page, "watts at most"), ["14.5", "–"]);
    let light = line(&page, "least margin of light, dB");
    assert!(
        light[0].starts_with('+') && light[0].ends_with('a'),
        "{light:?}"
    );
    assert!(
        light[1].starts_with("dark") && light[1].ends_with('b'),
        "{light:?}"
    );
    assert_eq!(line(&page, "worse than its sisters"), ["none", "b"]);
}

#[test]
fn powers_are_told_by_role_and_together() {
    let page = page("");
    let powers = page.split("Watts by role").nth(1).unwrap();
    assert!(powers.contains(
        "</b>scale-out</th><td class=\"n\">2</td><td class=\"n\">2</td><td class=\"n\">14.5</td>"
    ));
    assert!(powers.contains("together</th><td class=\"n\">2</td>"));
    assert!(page.contains("<td class=\"n\">25 %</td>"), "the imbalance");
}

#[test]
fn the_whole_is_told_where_the_plan_says_enough() {
    assert!(page("").contains("[fabric] has no `radix`"));
    let sized = page("radix = 32\ntiers = 2\n");
    assert!(sized.contains("<svg") && sized.contains("as planned"));
    assert!(line(&sized, "1").len() >= 4 && line(&sized, "2").len() >= 4);
    let none = fabric(&sample::fleet(vec![]), None, sample::now());
    assert!(none.contains("No plan is configured"));
}
