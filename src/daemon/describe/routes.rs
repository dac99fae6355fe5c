//! The table of routes: what may be asked of each, and what it answers.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use crate::daemon::archive::MOST;
use crate::report::answers::{Points, SeriesNames};
use crate::report::api::{BusDocument, PortDocument};
use crate::report::events::{CaptureDocument, EventDocument};
use crate::report::live::Told;
use crate::report::sessions::SessionDocument;
use crate::report::summary::PortSummary;

/// One route.
pub(super) struct Route {
    pub path: &'static str,
    pub operation: &'static str,
    pub summary: &'static str,
    pub parameters: Vec<Value>,
    /// Media type, form, what it is; the first is the usual one.
    pub answers: Vec<(&'static str, Value)>,
    pub says: &'static str,
    pub troubles: &'static [(&'static str, &'static str)],
    /// Of a stream: its events with the form of their data.
    pub events: Option<Value>,
}

pub(super) const JSON: &str = "application/json";
pub(super) const TEXT: &str = "text/plain";

const WRONG: (&str, &str) = (
    "400",
    "A parameter is not known, or its value cannot be read.",
);
const NO_PORT: (&str, &str) = ("404", "No port is called so.");
const STORE: [(&str, &str); 2] = [
    ("500", "The store cannot be read."),
    (
        "503",
        "Too many questions to the store at a time, or its disk does not answer.",
    ),
];

pub(super) fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

fn in_path(name: &str, schema: Value, said: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": schema, "description": said })
}

fn in_query(name: &str, schema: Value, said: &str) -> Value {
    json!({ "name": name, "in": "query", "schema": schema, "description": said })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn name() -> Value {
    in_path(
        "name",
        text(),
        "Name of the port, as configured; a `/` in it is written `%2F`.",
    )
}

fn format() -> Value {
    let schema = json!({ "type": "string", "enum": ["json", "text"], "default": "json" });
    in_query(
        "format",
        schema,
        "`text` is for people: what `opticsd show` prints.",
    )
}

fn limit() -> Value {
    let schema = json!({ "type": "integer", "minimum": 0, "maximum": MOST,
                         "default": 1000 });
    in_query(
        "limit",
        schema,
        "The newest so many at most; more than the maximum counts as it.",
    )
}

pub(super) fn routes(generator: &mut SchemaGenerator) -> Vec<Route> {
    let mut routes = of_ports(generator);
    routes.extend(of_the_store(generator));
    routes.extend(others(generator));
    routes
}

fn of_ports(generator: &mut SchemaGenerator) -> Vec<Route> {
    vec![
        Route {
            path: "/api/v1/ports",
            operation: "listPorts",
            summary: "All ports in short",
            parameters: vec![format()],
            answers: vec![(JSON, list(of::<PortSummary>(generator))), (TEXT, text())],
            says: "The ports, in configured order.",
            troubles: &[WRONG],
            events: None,
        },
        Route {
            path: "/api/v1/ports/{name}",
            operation: "getPort",
            summary: "One port in full",
            parameters: vec![name(), format()],
            answers: vec![(JSON, of::<PortDocument>(generator)), (TEXT, text())],
            says: "The port, and all that is known of its module.",
            troubles: &[WRONG, NO_PORT],
            events: None,
        },
        Route {
            path: "/api/v1/ports/{name}/dump",
            operation: "getDump",
            summary: "The registers of a port's module",
            parameters: vec![name()],
            answers: vec![(TEXT, text())],
            says: "A dump file with the registers as the last sweeps read them.",
            troubles: &[
                WRONG,
                (
                    "404",
                    "No port is called so, or no registers were read of it.",
                ),
            ],
            events: None,
        },
    ]
}

fn of_the_store(generator: &mut SchemaGenerator) -> Vec<Route> {
    let [broken, busy] = STORE;
    let troubles = vec![WRONG, broken, busy].leak();
    let kind = "Of this kind only, by its word in docs/events.md.";
    let port = || in_query("port", text(), "Of this port only.");
    vec![
        Route {
            path: "/api/v1/ports/{name}/history",
            operation: "getHistory",
            summary: "A value of a port, minute by minute",
            parameters: vec![
                name(),
                in_query(
                    "series",
                    text(),
                    "Which one; left out, the answer names those that there are.",
                ),
                in_query(
                    "range",
                    json!({ "type": "string", "default": "6h" }),
                    "How far back, such as `30m`, `6h` or `7d`.",
                ),
            ],
            answers: vec![(
                JSON,
                json!({ "oneOf": [
                of::<Points>(generator), of::<SeriesNames>(generator),
            ] }),
            )],
            says: "The points of the series, the oldest first; without `series`, the names. \
                   A port that is not known has none.",
            troubles,
            events: None,
        },
        Route {
            path: "/api/v1/ports/{name}/sessions",
            operation: "listSessions",
            summary: "How long a port's link was up, and how well",
            parameters: vec![name(), limit()],
            answers: vec![(JSON, list(of::<SessionDocument>(generator)))],
            says: "The sessions, the newest first.",
            troubles,
            events: None,
        },
        Route {
            path: "/api/v1/events",
            operation: "listEvents",
            summary: "What happened",
            parameters: vec![
                port(),
                in_query("kind", text(), kind),
                in_query(
                    "since",
                    text(),
                    "Not before this: how far back (`30m`, `6h`, `7d`), a day or time (RFC 3339), or seconds since 1970.",
                ),
                in_query("after", count(), "Later than the event with this `id`."),
                limit(),
            ],
            answers: vec![(JSON, list(of::<EventDocument>(generator)))],
            says: "The newest events that fit, in the order in which they happened.",
            troubles,
            events: None,
        },
        Route {
            path: "/api/v1/captures",
            operation: "listCaptures",
            summary: "Registers that were kept when something happened",
            parameters: vec![port(), limit()],
            answers: vec![(JSON, list(of::<CaptureDocument>(generator)))],
            says: "The captures without their registers.",
            troubles,
            events: None,
        },
        Route {
            path: "/api/v1/captures/{id}",
            operation: "getCapture",
            summary: "The registers of one capture",
            parameters: vec![in_path("id", count(), "Its number.")],
            answers: vec![(TEXT, text())],
            says: "A dump file.",
            troubles: vec![
                WRONG,
                ("404", "There is no such capture, or no longer."),
                broken,
                busy,
            ]
            .leak(),
            events: None,
        },
    ]
}

fn others(generator: &mut SchemaGenerator) -> Vec<Route> {
    vec![
        Route {
            path: "/api/v1/buses",
            operation: "listBuses",
            summary: "All root adapters",
            parameters: vec![],
            answers: vec![(JSON, list(of::<BusDocument>(generator)))],
            says: "The root adapters, and what was counted on each.",
            troubles: &[],
            events: None,
        },
        Route {
            path: "/api/v1/stream",
            operation: "followPorts",
            summary: "What changes, as it changes",
            parameters: vec![],
            answers: vec![("text/event-stream", text())],
            says: "Server-sent events, one a second at most, for an hour at most. `ports`: the \
                   ports that changed, all of them at first. `others`: the ports are others \
                   than before; all of them follow.",
            troubles: &[("503", "As many streams are open as there may be.")],
            events: Some(json!({
                "ports": of::<Told>(generator),
                "others": { "type": "object", "maxProperties": 0 },
            })),
        },
        Route {
            path: "/api/v1/openapi.json",
            operation: "getDescription",
            summary: "This description",
            parameters: vec![],
            answers: vec![(JSON, json!({ "type": "object" }))],
            says: "An OpenAPI 3.1 document.",
            troubles: &[],
            events: None,
        },
        Route {
            path: "/metrics",
            operation: "getMetrics",
            summary: "Everything as metrics, for Prometheus",
            parameters: vec![],
            answers: vec![(TEXT, text())],
            says: "The text format 0.0.4, packed by gzip for those who take it; docs/metrics.md lists the families.",
            troubles: &[("500", "The metrics cannot be rendered.")],
            events: None,
        },
        Route {
            path: "/healthz",
            operation: "getHealth",
            summary: "Whether the daemon answers",
            parameters: vec![],
            answers: vec![(TEXT, text())],
            says: "It does: `ok`.",
            troubles: &[],
            events: None,
        },
    ]
}
