use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::generate;

#[test]
fn the_document_is_what_the_types_and_routes_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let wanted = serde_json::to_string_pretty(&generate::document()).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    let is = fs::read_to_string(&path).unwrap();
    let differing = is
        .lines()
        .zip(wanted.lines())
        .find(|(is, wanted)| is != wanted);
    assert!(
        is == wanted,
        "docs/openapi.json differs, first in {differing:?} (it has, it should have); \
         UPDATE_GOLDEN=1 cargo test --lib describe rewrites it"
    );
}

/// Every path that the sources of this folder serve, but for those of the pages
/// that are shown to people.
fn served() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/daemon");
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !path.is_file() || name.ends_with("_tests.rs") {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        if name.ends_with("pages.rs") {
            assert!(!source.contains("route(\"/api"), "{name} is for pages");
            continue;
        }
        // What shows the insides is no part of the API, and changes with them.
        if name == "debug.rs" {
            assert!(
                !source.contains("route(\"/api"),
                "{name} is not for the API"
            );
            continue;
        }
        let (source, _) = source
            .split_once("#[cfg(test)]\nmod tests")
            .unwrap_or((&source, ""));
        let routes = source.split(".route(").skip(1);
        found.extend(routes.map(|rest| {
            let path = rest.trim_start().strip_prefix('"');
            let path = path.expect("a route names its path itself");
            path.split('"').next().unwrap().to_owned()
        }));
    }
    found
}

#[test]
fn every_route_is_described_and_every_description_is_of_a_route() {
    let document = generate::document();
    let described: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let served = served();
    assert!(served.len() > 10, "{served:?}");
    assert_eq!(
        served, described,
        "(served, described) src/daemon/describe/routes.rs has the table of routes"
    );
}

/// Where each object with members stands, and the members without a description.
fn undescribed(place: &str, schema: &Value, found: &mut Vec<String>) {
    if let Some(members) = schema["properties"].as_object() {
        for (name, member) in members {
            let place = format!("{place}.{name}");
            if !member["description"].is_string() {
                found.push(place.clone());
            }
            undescribed(&place, member, found);
        }
    }
    for inside in ["items", "additionalProperties"] {
        if schema[inside].is_object() {
            undescribed(&format!("{place}.{inside}"), &schema[inside], found);
        }
    }
}

#[test]
fn every_member_and_parameter_says_what_it_is() {
    let document = generate::document();
    let mut found = Vec::new();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert!(schemas.len() > 30, "{} schemas", schemas.len());
    for (name, schema) in schemas {
        undescribed(name, schema, &mut found);
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for parameter in item["get"]["parameters"].as_array().unwrap() {
            if !parameter["description"].is_string() {
                found.push(format!("{path}: {parameter}"));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}
