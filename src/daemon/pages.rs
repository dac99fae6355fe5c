//! The routes of the status page.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::server::Served;
use crate::report::page::{self, Filter, Sort};

/// The routes of the status page.
pub(super) fn routes() -> Router<Arc<Served>> {
    Router::new()
        .route("/", get(overview))
        .route(page::SCRIPT_ADDRESS, get(script))
        .route(page::RENEW_SCRIPT_ADDRESS, get(renew_script))
        .route("/bringup", get(bringup))
        .route("/fabric", get(fabric))
}

/// What the overview can be asked for: `?sort=margin`.
#[derive(Debug, Default, Deserialize)]
struct Order {
    sort: Option<String>,
}

async fn overview(State(served): State<Arc<Served>>, Query(order): Query<Order>) -> Response {
    match order
        .sort
        .as_deref()
        .map_or(Ok(Sort::default()), Sort::parse)
    {
        Ok(sort) => Html(page::overview(
            &served.context.fleet,
            sort,
            served.context.clock.wall(),
        ))
        .into_response(),
        Err(said) => plain(StatusCode::BAD_REQUEST, "Not understood", &said),
    }
}

/// The script of the pages that renew themselves from the stream.
async fn script() -> Response {
    as_script(page::SCRIPT)
}

/// The script of the pages that are asked for anew.
async fn renew_script() -> Response {
    as_script(page::RENEW_SCRIPT)
}

/// The answer that is a script.
pub(super) fn as_script(text: &'static str) -> Response {
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    ([(CONTENT_TYPE, kind)], text).into_response()
}

/// What the checklist can be asked for: `?role=scale-up&plane=2&show=not-ok`.
#[derive(Debug, Default, Deserialize)]
struct Wish {
    role: Option<String>,
    plane: Option<String>,
    show: Option<String>,
}

async fn bringup(State(served): State<Arc<Served>>, Query(wish): Query<Wish>) -> Response {
    let Wish { role, plane, show } = &wish;
    match Filter::parse(role.as_deref(), plane.as_deref(), show.as_deref()) {
        Ok(filter) => Html(page::bringup(
            &served.context.fleet,
            served.context.plan.load().as_ref().as_ref(),
            &filter,
            served.context.clock.wall(),
        ))
        .into_response(),
        Err(said) => plain(StatusCode::BAD_REQUEST, "Not understood", &said),
    }
}

async fn fabric(State(served): State<Arc<Served>>) -> Html<String> {
    Html(page::fabric(
        &served.context.fleet,
        served.context.plan.load().as_ref().as_ref(),
        served.context.clock.wall(),
    ))
}

/// The answer to a path at which there is no page.
pub(super) fn missing(message: &str) -> Response {
    plain(StatusCode::NOT_FOUND, "Not found", message)
}

/// A page with a message and nothing else.
pub(super) fn plain(status: StatusCode, title: &str, message: &str) -> Response {
    (status, Html(page::message(title, message))).into_response()
}
