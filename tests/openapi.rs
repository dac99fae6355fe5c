//! The API against its description, by validators that others wrote: Python's
//! `openapi-spec-validator` and `jsonschema`.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Command;

use serde_json::{Value, json};
use support::monitoring::Daemon;
use support::{Demo, PATIENCE, wait_for};

const SCRIPT: &str = "tests/support/openapi.py";
const DOCUMENT: &str = "docs/openapi.json";

/// One module of each family, by what builds it.
const MODULES: [&str; 10] = [
    "dsp-800g",
    "dsp-800g-dr8",
    "lpo-800g",
    "lpo-800g-enhanced",
    "lro-800g",
    "cpo-32",
    "aec-800g",
    "dac-400g",
    "qsfp28",
    "sfp28",
];

/// Whether Python has the validators; where not, says why the test is skipped.
fn has_validators() -> bool {
    let asks = ["-c", "import jsonschema, openapi_spec_validator"];
    let there = Command::new("python3").args(asks).output();
    let there = there.is_ok_and(|said| said.status.success());
    if !there {
        assert!(
            std::env::var_os("OPTICSD_REQUIRE_TOOLS").is_none(),
            "python3 has no openapi-spec-validator, and OPTICSD_REQUIRE_TOOLS is set"
        );
        eprintln!("skipped: python3 has no openapi-spec-validator (pip install it)");
    }
    there
}

/// An answer with the route that gave it.
fn ask(base: &str, route: &str, path: &str) -> Value {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(PATIENCE))
        .build();
    let mut answer = config
        .new_agent()
        .get(format!("{base}{path}"))
        .call()
        .unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap();
    let kind = kind.split(';').next().unwrap().to_owned();
    let body = if kind == "text/event-stream" {
        let lines = BufReader::new(answer.body_mut().as_reader()).lines();
        let event = lines
            .map(Result::unwrap)
            .take_while(|line| !line.is_empty());
        event.collect::<Vec<_>>().join("\n")
    } else {
        answer.body_mut().read_to_string().unwrap()
    };
    json!({ "route": route, "status": answer.status().as_u16(), "kind": kind, "body": body })
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

/// Every answer that a daemon has, those for the mistaken too.
fn answers(base: &str) -> Vec<Value> {
    let mut answers = Vec::new();
    let mut get = |route: &str, path: &str| {
        let answer = ask(base, route, path);
        answers.push(answer.clone());
        answer
    };
    let ports = body(&get("/api/v1/ports", "/api/v1/ports"));
    get("/api/v1/ports", "/api/v1/ports?format=text");
    get("/api/v1/ports", "/api/v1/ports?format=xml");
    for port in ports.as_array().unwrap() {
        let port = port["port"].as_str().unwrap();
        let one = "/api/v1/ports/{name}";
        get(one, &format!("/api/v1/ports/{port}"));
        for part in ["dump", "history", "sessions"] {
            get(
                &format!("{one}/{part}"),
                &format!("/api/v1/ports/{port}/{part}"),
            );
        }
    }
    let first = ports[0]["port"].as_str().unwrap();
    for (route, wish) in [
        ("", "?format=text"),
        ("", "?format="),
        ("/history", "?series=temperature_celsius&range=1h"),
        ("/history", "?range=long"),
        ("/history", "?serie=x"),
        ("/sessions", "?limit=0"),
        ("/sessions", "?limit=-1"),
    ] {
        let path = format!("/api/v1/ports/{first}{route}{wish}");
        get(&format!("/api/v1/ports/{{name}}{route}"), &path);
    }
    for (route, path) in [
        ("/api/v1/ports/{name}", "/api/v1/ports/none"),
        ("/api/v1/ports/{name}", "/api/v1/ports/%ff"),
        ("/api/v1/ports/{name}/dump", "/api/v1/ports/none/dump"),
        ("/api/v1/events", "/api/v1/events"),
        (
            "/api/v1/events",
            "/api/v1/events?limit=2&after=1&since=1h&kind=verdict",
        ),
        ("/api/v1/events", "/api/v1/events?since=then"),
        ("/api/v1/events", "/api/v1/events?limit=many"),
        ("/api/v1/events", "/api/v1/events?what=x"),
        ("/api/v1/captures/{id}", "/api/v1/captures/999999999"),
        ("/api/v1/captures/{id}", "/api/v1/captures/first"),
        ("/api/v1/openapi.json", "/api/v1/openapi.json"),
        ("/api/v1/buses", "/api/v1/buses"),
        ("/api/v1/stream", "/api/v1/stream"),
        ("/metrics", "/metrics"),
        ("/healthz", "/healthz"),
    ] {
        get(route, path);
    }
    let captures = body(&get("/api/v1/captures", "/api/v1/captures?limit=3"));
    for capture in captures.as_array().unwrap() {
        get(
            "/api/v1/captures/{id}",
            &format!("/api/v1/captures/{}", capture["id"]),
        );
    }
    answers
}

/// What the validators find wrong.
fn faults(answers: &[Value]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answers.json");
    fs::write(&file, serde_json::to_string(answers).unwrap()).unwrap();
    let said = Command::new("python3")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([SCRIPT, DOCUMENT])
        .arg(&file)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&said.stdout).into_owned();
    let trouble = String::from_utf8_lossy(&said.stderr);
    let fit = said.status.success() == told.is_empty();
    assert!(fit && trouble.contains("answers,"), "{told}{trouble}");
    told
}

#[test]
fn a_demo_answers_as_described() {
    if !has_validators() {
        return;
    }
    let demo = Demo::start(&["--speed", "20"]);
    demo.settled_ports();
    wait_for("something to happen", || {
        let captures: Value = serde_json::from_str(&demo.answer("/api/v1/captures").1).unwrap();
        (!captures.as_array()?.is_empty()).then_some(())
    });
    let answers = answers(&demo.url);
    let statuses = |status: u16| answers.iter().filter(|a| a["status"] == status).count();
    assert!(statuses(200) > 64 * 4 && statuses(400) >= 8 && statuses(404) >= 3);
    assert_eq!(faults(&answers), "");

    // The validators see what they are to see.
    let mut more = answers[0].clone();
    let mut ports = body(&more);
    ports[0]["surprise"] = json!(1);
    more["body"] = json!(ports.to_string());
    assert!(faults(&[more]).contains("surprise"));
    let mut other = answers[0].clone();
    let mut ports = body(&other);
    ports[0]["verdict"] = json!(1);
    other["body"] = json!(ports.to_string());
    assert!(faults(&[other]).contains("verdict"));
    let mut odd = answers[0].clone();
    odd["status"] = json!(418);
    assert!(faults(&[odd]).contains("418 with application/json is not described"));
}

#[test]
fn every_family_of_modules_is_answered_as_described() {
    if !has_validators() {
        return;
    }
    let mut config = "period = 0.2\n".to_owned();
    for module in MODULES {
        write!(config, "[[port]]\nname = '{module}'\nsim = '{module}'\n").unwrap();
    }
    let plan = "[fabric]\nname = 'bench'\n[[assign]]\nports = ['dsp-800g', 'lpo-800g']\n\
                role = 'scale-out'\n";
    let daemon = Daemon::start(&config, plan);
    let ports = wait_for("every module to be known", || {
        let ports: Value = serde_json::from_str(&daemon.get("/api/v1/ports")).unwrap();
        let all = ports.as_array()?.clone();
        all.iter()
            .all(|port| port["class"].is_string())
            .then_some(all)
    });
    let (base, route) = (format!("http://{}", daemon.address), "/api/v1/ports/{name}");
    let answers: Vec<Value> = ports
        .iter()
        .map(|port| {
            let name = port["port"].as_str().unwrap();
            ask(&base, route, &format!("/api/v1/ports/{name}"))
        })
        .collect();
    assert_eq!(faults(&answers), "");
}
