//! The routes of the status page.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use maud::{DOCTYPE, html};

use super::server::Served;
use crate::report::page;

/// The routes of the status page.
pub(super) fn routes() -> Router<Arc<Served>> {
    Router::new()
        .route("/", get(overview))
        .route("/fabric", get(fabric_page))
        .route("/ports/{name}", get(port_page))
        .route("/ports/{name}/raw", get(raw_page))
}

async fn overview(State(served): State<Arc<Served>>) -> Html<String> {
    Html(page::overview(
        &served.context.fleet,
        served.context.clock.wall(),
    ))
}

async fn fabric_page(State(served): State<Arc<Served>>) -> Html<String> {
    Html(page::fabric(served.context.plan.load().as_ref().as_ref()))
}

async fn port_page(State(served): State<Arc<Served>>, Path(name): Path<String>) -> Response {
    match served.port(&name) {
        Some(slot) => Html(page::port(
            &served.context.fleet,
            &slot,
            served.context.clock.wall(),
        ))
        .into_response(),
        None => missing(&format!("No port is called {name}.")),
    }
}

async fn raw_page(State(served): State<Arc<Served>>, Path(name): Path<String>) -> Response {
    match served.port(&name) {
        Some(slot) => Html(page::raw(
            &served.context.fleet,
            &slot,
            served.context.clock.wall(),
        ))
        .into_response(),
        None => missing(&format!("No port is called {name}.")),
    }
}

/// The answer to a path at which there is no page.
pub(super) fn missing(message: &str) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "opticsd: not found" }
            }
            body {
                h1 { "Not found" }
                p { (message) }
                p { a href="/" { "All ports" } }
            }
        }
    };
    (StatusCode::NOT_FOUND, Html(markup.into_string())).into_response()
}
