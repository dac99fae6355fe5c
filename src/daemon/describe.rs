//! The description of the API for programs: an OpenAPI document.
//!
//! It is made of the documents' own types and of the table of routes in
//! `describe/routes.rs`, by a test, which holds `docs/openapi.json` against it: what is
//! served is that file.

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;

use super::server::Served;

/// The document (OpenAPI 3.1).
const DOCUMENT: &str = include_str!("../../docs/openapi.json");

/// The route.
pub(super) fn routes() -> Router<Arc<Served>> {
    Router::new().route("/api/v1/openapi.json", get(document))
}

async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT)
}

#[cfg(test)]
mod generate;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod tests;
