//! What a schedule means, before anything is saved.

use axum::Json;
use axum::extract::State;
use callboard_api::problem::Wrong;
use callboard_api::trigger::{PreviewSchedule, SchedulePreview};
use callboard_schedule::Refused;

use super::super::explain::{FIRES, explain};
use crate::http::{Body, Refusal, Result};
use crate::project::Projects;

/// Explains a schedule: a sentence, cron lines where they hold it, its zone, and its next fire times.
#[utoipa::path(
    post,
    path = "/schedules/preview",
    tag = "triggers",
    operation_id = "previewSchedule",
    request_body = PreviewSchedule,
    responses((status = 200, description = "What it was understood as", body = SchedulePreview)),
)]
pub(crate) async fn preview_schedule(
    State(projects): State<Projects>,
    body: Body<PreviewSchedule>,
) -> Result<Json<SchedulePreview>> {
    let PreviewSchedule { schedule, timezone, after, count } = body.value;
    let schedule = callboard_schedule::read(&schedule, timezone.as_deref()).map_err(not_understood)?;
    let after = after.unwrap_or_else(|| projects.clock().now());
    Ok(Json(explain(&schedule, after, count.unwrap_or(FIRES))))
}

fn not_understood(refused: Refused) -> Refusal {
    let Refused { reason, hint } = refused;
    let wrong = Wrong { path: "schedule".to_owned(), message: reason.clone(), ..Wrong::default() };
    Refusal::unprocessable("schedule_not_understood", reason).hint(hint).errors([wrong])
}
