//! Stopping runs, and deleting those that have ended.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use callboard_api::run::{Run, StopRun};
use callboard_engine::command::Command;

use super::Starter;
use super::start::LOCAL;
use crate::http::{Body, Id, Refusal, Result};

/// Characters of a reason: a few sentences.
const REASON_CHARS_MAX: usize = 2_000;

/// Stops a run. Answered when the request is on disk; the run is stopped when nothing is in flight
/// any more.
#[utoipa::path(
    post,
    path = "/runs/{id}/stop",
    tag = "runs",
    operation_id = "stopRun",
    params(("id" = i64, Path, description = "Its number")),
    request_body = StopRun,
    responses((status = 202, description = "The run as it is now", body = Run)),
)]
pub(crate) async fn stop_run(
    State(starter): State<Starter>,
    Id(id): Id,
    body: Body<StopRun>,
) -> Result<(StatusCode, Json<Run>)> {
    let reason = body.value.reason.filter(|reason| !reason.trim().is_empty());
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_CHARS_MAX) {
        return Err(Refusal::unprocessable("reason_too_long", "The reason is too long.")
            .hint(format!("Say it in at most {REASON_CHARS_MAX} characters.")));
    }
    starter.tell(id, Command::Stop { by: LOCAL.to_owned(), reason }).await
}

/// Deletes a run that has ended, with its history. Runs that began from it stay whole.
#[utoipa::path(
    delete,
    path = "/runs/{id}",
    tag = "runs",
    operation_id = "deleteRun",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete_run(State(starter): State<Starter>, Id(id): Id) -> Result<StatusCode> {
    starter.runner.delete(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
