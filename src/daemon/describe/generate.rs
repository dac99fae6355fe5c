//! Makes the description: each route with what may be asked and what is answered,
//! the forms of the answers from their types.

use schemars::generate::{Contract, SchemaSettings};
use serde_json::{Map, Value, json};

use super::routes::{JSON, Route, TEXT, of, routes};
use crate::report::answers::Trouble;

const ABOUT: &str = "\
What opticsd knows of the ports of its host. Everything can only be read: GET and HEAD are \
answered, other methods get status 405. The status page uses nothing else than this. A question \
reads what the last sweep left and causes no traffic to a module. Any may be answered with \
status 503 while too many answers wait for clients that do not take them.\n\n\
Numbers are in SI units (watts, amperes, volts, metres, seconds, hertz; temperatures in degrees \
Celsius), and names of members end in the unit. What is not known is left out; it is never zero \
or null. Version 1 may gain members, so ignore those that you do not know; it does not lose or \
change any.";

/// The document.
pub(super) fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        settings.contract = Contract::Serialize;
    });
    let mut generator = settings.into_generator();
    let trouble = of::<Trouble>(&mut generator);
    let routes = routes(&mut generator);
    let paths: Map<String, Value> = routes
        .iter()
        .map(|route| {
            (
                route.path.to_owned(),
                json!({ "get": operation(route, &trouble) }),
            )
        })
        .collect();
    let mut schemas = Value::Object(generator.take_definitions(true));
    tidy(&mut schemas);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "opticsd",
            "version": "1",
            "summary": "Optical modules: what each one is, whether it belongs there, whether it is well.",
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The daemon that serves this." }],
        "security": [{}, { "password": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "password": {
                "type": "http",
                "scheme": "basic",
                "description": "Where the web configuration names users.",
            } },
            "responses": { "NoPassword": {
                "description": "User and password are missing or wrong.",
                "headers": { "WWW-Authenticate": {
                    "description": "Asks for them.",
                    "schema": { "type": "string" },
                } },
                "content": { TEXT: { "schema": { "type": "string" } } },
            } },
        },
    })
}

fn operation(route: &Route, trouble: &Value) -> Value {
    let forms: Map<String, Value> = route
        .answers
        .iter()
        .map(|(kind, schema)| {
            let mut form = json!({ "schema": schema });
            if let Some(events) = &route.events {
                form["x-events"] = events.clone();
            }
            ((*kind).to_owned(), form)
        })
        .collect();
    let mut responses = Map::new();
    responses.insert(
        "200".to_owned(),
        json!({ "description": route.says, "content": forms }),
    );
    for (status, said) in route.troubles {
        let form = if route.path.starts_with("/api/") {
            json!({ JSON: { "schema": trouble } })
        } else {
            json!({ TEXT: { "schema": { "type": "string" } } })
        };
        let trouble = json!({ "description": said, "content": form });
        responses.insert((*status).to_owned(), trouble);
    }
    let refused = json!({ "$ref": "#/components/responses/NoPassword" });
    responses.insert("401".to_owned(), refused);
    json!({
        "operationId": route.operation,
        "summary": route.summary,
        "parameters": route.parameters,
        "responses": responses,
    })
}

/// Takes null out of what members may be, for what is not known is left out
/// instead; and the marks of links and line ends of the sources out of texts.
fn tidy(schema: &mut Value) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text
            .replace('\n', " ")
            .replace("[`", "`")
            .replace("`]", "`");
    }
    if let Some(of) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        of.retain(|one| one["type"] != "null");
        if let [one] = of.as_slice() {
            let one = one.clone();
            let object = schema.as_object_mut().expect("it has a member");
            object.remove("anyOf");
            object.extend(one.as_object().expect("a schema is an object").clone());
        }
    }
    if let Some(kinds) = schema.get_mut("type").filter(|kind| kind.is_array()) {
        let known = kinds.as_array();
        let kind = known
            .into_iter()
            .flatten()
            .find(|kind| *kind != "null")
            .cloned();
        *kinds = kind.expect("nothing is only null");
    }
    match schema {
        Value::Object(members) => members.values_mut().for_each(tidy),
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}
