//! The routes of the status page.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
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
