//! The Prometheus rules and Grafana dashboards that ship: that they are right by the
//! tools' own judgement, whole, and name nothing that a scrape does not have.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use serde_json::Value;
use support::has_tool;
use support::promql::{Known, RULE_FILES, Rule, file, read, shipped};

/// The alerts that ship.
fn alerts() -> Vec<Rule> {
    let alerts = shipped().into_iter().filter(|rule| !rule.alert.is_empty());
    alerts.collect()
}

/// All that recording rules make.
fn known() -> Known {
    let rules = shipped();
    Known::with_recorded(rules.iter().map(|rule| rule.record.as_str()))
}

/// The files of a folder with this ending, as paths below the project.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(file(folder)).expect("the folder can be listed");
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut paths: Vec<String> = names
        .filter(|name| name.ends_with(ending))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    paths.sort();
    paths
}

/// Runs a tool in the project's folder; it has to be content.
fn content(tool: &str, arguments: &[&str]) {
    let mut command = Command::new(tool);
    let output = command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap_or_else(|error| panic!("{tool}: {error}"));
    assert!(
        output.status.success(),
        "{tool} {arguments:?}:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn promtool_and_amtool_accept_what_ships() {
    if !has_tool("promtool") || !has_tool("amtool") {
        return;
    }
    let rules = files("config/prometheus/rules", ".yml");
    assert_eq!(rules.len(), RULE_FILES.len(), "{rules:?}");
    let mut check = vec!["check", "rules"];
    check.extend(rules.iter().map(String::as_str));
    content("promtool", &check);
    content(
        "promtool",
        &["check", "config", "config/prometheus/prometheus.yml"],
    );
    content(
        "amtool",
        &["check-config", "config/prometheus/alertmanager.yml"],
    );
}

#[test]
fn promtool_finds_each_alert_firing_and_silent_as_the_tests_say() {
    if !has_tool("promtool") {
        return;
    }
    let tests = files("config/prometheus/tests", ".yml");
    let mut test = vec!["test", "rules"];
    test.extend(tests.iter().map(String::as_str));
    content("promtool", &test);
}

#[test]
fn every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() {
    let mut fires: BTreeMap<String, (bool, bool)> = BTreeMap::new();
    for path in files("config/prometheus/tests", ".yml") {
        let text = read(&path);
        for case in text.split("- alertname: ").skip(1) {
            let name = case.lines().next().unwrap().trim();
            let seen = fires.entry(name.to_owned()).or_default();
            let is_silent = case.contains("exp_alerts: []");
            let has_labels = case.contains("exp_labels:");
            assert!(is_silent != has_labels, "{path}: {name}");
            if is_silent {
                seen.1 = true
            } else {
                seen.0 = true
            }
        }
    }
    for alert in alerts() {
        let seen = fires.remove(&alert.alert);
        assert_eq!(
            seen,
            Some((true, true)),
            "(fires, silent) of {}",
            alert.alert
        );
    }
    assert!(
        fires.is_empty(),
        "tests of alerts that are not there: {fires:?}"
    );
}

#[test]
fn every_alert_is_whole_and_has_its_section_in_the_runbook() {
    let runbook = read("docs/runbook.md");
    let sections: Vec<&str> = runbook.split("\n### ").skip(1).collect();
    let mut titles = BTreeSet::new();
    for section in &sections {
        titles.insert(section.lines().next().unwrap());
        for part in ["**Means:**", "**Confirm:**", "**Do:**"] {
            assert!(section.contains(part), "{part} of {section}");
        }
    }
    let alerts = alerts();
    let names: BTreeSet<&str> = alerts.iter().map(|alert| alert.alert.as_str()).collect();
    assert_eq!(names.len(), alerts.len(), "a name comes twice");
    assert_eq!(titles, names, "sections and alerts");
    for Rule { alert, keys, .. } in &alerts {
        let key = |name: &str| keys.get(name).map_or("", String::as_str);
        for name in ["expr", "for", "summary", "description"] {
            assert!(!key(name).trim().is_empty(), "{alert} has no {name}");
        }
        let severity = key("severity");
        let is_known = ["critical", "warning", "info"].contains(&severity);
        assert!(
            is_known || severity.contains("$labels.severity"),
            "{alert}: {severity}"
        );
        assert_eq!(
            key("runbook_url"),
            format!("docs/runbook.md#{}", alert.to_lowercase())
        );
        let (expression, description) = (key("expr"), key("description"));
        // A state has no size; whatever is compared with a limit has.
        let is_state = ["== 0", "== 1", "absent(", "_info"]
            .iter()
            .any(|s| expression.contains(s));
        assert!(
            is_state || description.contains("$value"),
            "{alert} tells no value"
        );
        let of_lane = expression.contains("opticsd_lane_") || expression.contains("link_loss_db\n");
        assert!(
            !of_lane || description.contains("$labels.lane"),
            "{alert} tells no lane"
        );
    }
}

#[test]
fn every_rule_of_the_daemon_has_an_alert() {
    let expressions: String = alerts()
        .iter()
        .filter_map(|alert| alert.keys.get("expr").cloned())
        .collect();
    // One file for each rule about the plan, one for all that watching finds.
    let mut paths = files("src/plan/rules", ".rs");
    paths.extend(files("src/plan", "watched.rs"));
    let mut count = 0;
    for path in paths {
        let text = read(&path);
        let names = text.lines().filter(|line| line.starts_with("pub const "));
        for line in names.filter(|line| line.contains(": &str = \"")) {
            let rule = line.split('"').nth(1).unwrap();
            let wanted = format!("opticsd_finding{{rule=\"{rule}\"}}");
            assert!(
                expressions.contains(&wanted),
                "no alert for {rule} of {path}"
            );
            count += 1;
        }
    }
    assert!(count >= 26, "{count} rules were found");
}

#[test]
fn the_rules_name_only_what_a_scrape_has() {
    let known = known();
    for rule in shipped() {
        let complaints = known.complaints(&rule.keys["expr"]);
        assert!(
            complaints.is_empty(),
            "{}{}: {complaints:?}",
            rule.alert,
            rule.record
        );
        // Texts ask for limits: printf `…` … | query.
        let texts = rule
            .keys
            .values()
            .flat_map(|text| text.split("printf `").skip(1));
        for selector in texts.filter_map(|text| text.split('`').next()) {
            let complaints = known.complaints(selector);
            assert!(complaints.is_empty(), "{}: {complaints:?}", rule.alert);
        }
    }
}

#[test]
fn what_does_not_exist_is_told() {
    let known = Known::with_recorded(["opticsd:lane_in_use"]);
    let told = |expression: &str| known.complaints(expression);
    assert_eq!(
        told("sum by (port) (opticsd_verdict{state=\"ok\"})"),
        [""; 0]
    );
    assert_eq!(
        told("opticsd:lane_in_use{lane=\"1\"} # opticsd_no"),
        [""; 0]
    );
    assert_eq!(
        told("opticsd_verdikt"),
        ["nothing is called opticsd_verdikt"]
    );
    assert_eq!(
        told("opticsd_verdict{lane!=\"1\"}"),
        ["opticsd_verdict has no lane"]
    );
    assert_eq!(told("max by (prot) (up)"), ["nothing has the label prot"]);
    assert_eq!(
        told("opticsd:lane_in_us"),
        ["nothing is called opticsd:lane_in_us"]
    );
}

/// Every expression of a dashboard, with the place where it stands.
fn expressions(value: &Value, place: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            let title = map.get("title").and_then(Value::as_str);
            let place = title.map_or_else(|| place.to_owned(), |title| format!("{place}/{title}"));
            for (key, value) in map {
                match (key.as_str(), value.as_str()) {
                    ("expr", Some(text)) => found.push((place.clone(), text.to_owned())),
                    _ => expressions(value, &place, found),
                }
            }
        }
        Value::Array(list) => {
            for value in list {
                expressions(value, place, found);
            }
        }
        _ => {}
    }
}

/// The dashboards that ship, by file.
fn dashboards() -> Vec<(String, Value)> {
    let paths = files("config/grafana", ".json").into_iter();
    paths
        .map(|path| {
            let text = read(&path);
            let board = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
            (path, board)
        })
        .collect()
}

#[test]
fn the_dashboards_are_of_one_kind_and_need_no_plugin() {
    const PANELS: [&str; 5] = ["row", "stat", "table", "timeseries", "state-timeline"];
    let mut uids = BTreeSet::new();
    for (path, board) in dashboards() {
        let uid = board["uid"].as_str().unwrap().to_owned();
        assert!(path.ends_with(&format!("{uid}.json")), "{path}: {uid}");
        assert!(board["schemaVersion"].as_u64() >= Some(39), "{path}");
        assert!(
            board["id"].is_null(),
            "{path}: an id is the server's to give"
        );
        let variables = board["templating"]["list"].as_array().unwrap();
        let source = variables.iter().find(|v| v["type"] == "datasource");
        assert_eq!(source.unwrap()["name"], "datasource", "{path}");
        let panels = board["panels"].as_array().unwrap();
        let ids: BTreeSet<u64> = panels.iter().map(|p| p["id"].as_u64().unwrap()).collect();
        assert_eq!(ids.len(), panels.len(), "{path}: a panel's id comes twice");
        for panel in panels {
            let kind = panel["type"].as_str().unwrap();
            assert!(PANELS.contains(&kind), "{path}: {kind}");
            for target in panel["targets"].as_array().into_iter().flatten() {
                assert_eq!(target["datasource"]["uid"], "${datasource}", "{path}");
            }
        }
        uids.insert(uid);
    }
    let wanted = ["opticsd-box", "opticsd-fleet", "opticsd-port"].map(str::to_owned);
    assert_eq!(uids, BTreeSet::from(wanted));
    // Links from one to another lead somewhere.
    for (path, board) in dashboards() {
        for link in board.to_string().split("\"/d/").skip(1) {
            let uid = link.split('?').next().unwrap();
            assert!(uids.contains(uid), "{path} leads to {uid}");
        }
    }
}

#[test]
fn the_dashboards_ask_only_what_can_be_answered() {
    let known = known();
    let mut rules = "groups:\n- name: dashboards\n  rules:\n".to_owned();
    let mut count = 0;
    for (path, board) in dashboards() {
        let mut found = Vec::new();
        expressions(&board, &path, &mut found);
        for variable in board["templating"]["list"].as_array().unwrap() {
            if let Some(query) = variable["query"]["query"].as_str() {
                let inside = query
                    .trim_start_matches("label_values(")
                    .trim_end_matches(')');
                let (series, label) = inside.rsplit_once(", ").expect("label_values of two");
                found.push((path.clone(), format!("count by ({label}) ({series})")));
            }
        }
        assert!(found.len() > 20, "{path}: {} expressions", found.len());
        for (place, expression) in found {
            let plain = expression
                .replace("$__rate_interval", "5m")
                .replace("$instance", "leaf1:10458")
                .replace("$port", "Ethernet0")
                .replace("$role", ".*");
            assert!(!plain.contains('$'), "{place}: {expression}");
            let complaints = known.complaints(&plain);
            assert!(complaints.is_empty(), "{place}: {complaints:?}");
            count += 1;
            let quoted = serde_json::to_string(&plain).unwrap();
            writeln!(rules, "  - record: panel:{count}\n    expr: {quoted}").unwrap();
        }
    }
    if !has_tool("promtool") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dashboards.yml");
    fs::write(&path, rules).unwrap();
    content("promtool", &["check", "rules", path.to_str().unwrap()]);
}
