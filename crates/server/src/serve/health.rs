//! What those who look after the server ask: whether it lives, whether runs can be started, and how
//! much it does.

use std::fmt::Write as _;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::db::Db;
use crate::http::{Refusal, Result, forget_old_keys};
use crate::run::http::Starter;

/// How long a write may take before the server counts as not ready: those who ask give up after a few
/// seconds.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// Whether the process lives.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "server",
    operation_id = "health",
    responses((status = 200, description = "It lives", body = String, content_type = "text/plain")),
)]
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// Whether runs can be started: the database takes a write.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "server",
    operation_id = "ready",
    responses((status = 200, description = "They can", body = String, content_type = "text/plain")),
)]
pub(super) async fn ready(State(starter): State<Starter>, State(db): State<Db>) -> Result<&'static str> {
    // A write that has its use: it goes the whole way to the disk, and mostly finds nothing to do.
    let written = tokio::time::timeout(READY_WITHIN, forget_old_keys(&db, starter.clock.now())).await;
    written.map_err(|_| {
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "The database takes its time.")
            .hint("Runs go on by themselves when it is back.")
    })??;
    Ok("ready\n")
}

/// How much the server does, in Prometheus' text format.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "server",
    operation_id = "metrics",
    responses((status = 200, description = "The figures", body = String, content_type = "text/plain")),
)]
pub(super) async fn metrics(State(starter): State<Starter>) -> Response {
    let stats = starter.runner.journal().stats();
    let figures: [(&str, &str, &str, u64); 6] = [
        ("callboard_runs_at_work", "gauge", "Runs that have a task here.", starter.runner.at_work() as u64),
        ("callboard_appends_total", "counter", "Appends to the journal.", stats.appends),
        ("callboard_event_bytes_total", "counter", "Bytes of events in them.", stats.bytes),
        ("callboard_commits_total", "counter", "Commits of the database.", stats.db.commits),
        ("callboard_units_total", "counter", "Units of writes in them.", stats.db.units),
        ("callboard_commit_retries_total", "counter", "Commits that were begun again.", stats.db.retries),
    ];
    let mut text = String::new();
    for (name, kind, help, value) in figures {
        // Writing to a string cannot fail.
        let _: std::fmt::Result =
            writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
