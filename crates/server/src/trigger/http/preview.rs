//! What a schedule means, before anything is saved.

use axum::Json;
use axum::extract::State;
use callboard_api::problem::Wrong;
use callboard_api::trigger::{FireMark, PreviewSchedule, SchedulePreview};
use callboard_engine::time::Time;
use callboard_schedule::Refused;

use super::super::rules::timestamp;
use crate::http::{Body, Refusal, Result};
use crate::project::Projects;

/// Fire times where the caller names no number: enough to see the rule in them.
const FIRES: u64 = 5;

/// Fire times that are told at once, as many as a list has items.
const FIRES_MAX: u64 = 1_000;

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
    let after = timestamp(after.unwrap_or_else(|| projects.clock().now()));
    let count = count.unwrap_or(FIRES).min(FIRES_MAX);
    let rules = callboard_schedule::Rules::default();
    let fires = schedule.fires_after(&rules, after).take(usize::try_from(count).unwrap_or(0));
    let (mut times, mut marks) = (Vec::new(), Vec::new());
    for fire in fires {
        let at = Time::from_millis(fire.at.as_millisecond());
        times.push(at);
        marks.extend(fire.note.map(|note| FireMark { at, note }));
    }
    Ok(Json(SchedulePreview {
        description: schedule.description(),
        cron: schedule.cron(),
        timezone: schedule.timezone().to_owned(),
        notes: schedule.notes(),
        fires: times,
        marks,
    }))
}

fn not_understood(refused: Refused) -> Refusal {
    let Refused { reason, hint } = refused;
    let wrong = Wrong { path: "schedule".to_owned(), message: reason.clone(), ..Wrong::default() };
    Refusal::unprocessable("schedule_not_understood", reason).hint(hint).errors([wrong])
}
