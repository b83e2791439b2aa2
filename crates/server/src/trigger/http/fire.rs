//! Fire Now: a run of a trigger at once, by hand. It does not move the schedule, and it goes by the runs that
//! are still going as the trigger does, unless the call chooses otherwise.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use callboard_api::trigger::{FireTrigger, Fired, FiredOverlap, Trigger};
use callboard_engine::definition::Limits;
use callboard_engine::event::{Source, SourceKind};
use callboard_engine::project::{Overlap, TriggerKind};
use serde_json::Value;

use super::super::rules::overlap_name;
use super::super::store;
use super::Triggers;
use crate::db::Db;
use crate::http::{Body, Id, Idempotency, Refusal, Result};
use crate::project::part;
use crate::run::http::{Ask, LOCAL, triggered};

/// How long runs that are stopped for a new one may take to end: a stop takes under a second, and hooks that
/// always run a little more.
const STOP_IN: Duration = Duration::from_secs(10);

/// Starts a run of a trigger at once, with its input or another. The schedule is not moved by it. Where a
/// run of the trigger is still going, its policy decides, or the one that is named here: `allow` starts
/// beside it, `stop_previous` stops it first, `skip` and `queue` refuse with 409 `overlap`, since nobody
/// waits who fires now.
#[utoipa::path(
    post,
    path = "/triggers/{id}/fire",
    tag = "triggers",
    operation_id = "fireTrigger",
    params(
        ("id" = i64, Path, description = "The trigger's number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request"),
    ),
    request_body = FireTrigger,
    responses((status = 201, description = "The run was started", body = Fired)),
)]
pub(crate) async fn fire(
    State(triggers): State<Triggers>,
    Id(id): Id,
    headers: HeaderMap,
    once: Idempotency,
    body: Body<FireTrigger>,
) -> Result<Response> {
    let starter = &triggers.starter;
    let trigger: Trigger = part::get(starter.workflows.projects(), id).await?;
    let (own, input, has_eras) = match &trigger.trigger.kind {
        TriggerKind::Schedule(schedule) => (schedule.overlap, schedule.input.clone(), true),
        // Calls of a webhook never wait for each other, and nothing but this call looks at what is going.
        TriggerKind::Webhook(_) => (Overlap::Allow, Value::Null, false),
    };
    let policy = body.value.overlap.unwrap_or(own);
    let overlap = FiredOverlap { policy, overridden: policy != own };
    let source = Source {
        trigger_id: Some(id),
        overlap: overlap.overridden.then(|| overlap_name(policy).to_owned()),
        ..Source::manual(LOCAL)
    };
    debug_assert!(source.kind == SourceKind::Manual, "a person fired it");
    let claims = match policy {
        Overlap::Skip | Overlap::Queue | Overlap::StopPrevious if has_eras => {
            vec![store::held(id), store::nothing_goes(id)]
        }
        Overlap::Allow | Overlap::Skip | Overlap::Queue | Overlap::StopPrevious => Vec::new(),
    };
    let ask = Ask {
        input: body.value.input.unwrap_or(input),
        metadata: None,
        limits: Limits::default(),
        source,
        bytes: body.bytes,
        once,
        claims,
    };
    if starter.earlier(&ask).await?.is_none() {
        triggers.make_way(id, policy).await?;
    }
    let made = match starter.start(ask, starter.workflows.ready(trigger.workflow_id)).await {
        Ok(made) => made,
        // A run began meanwhile.
        Err(refused) => {
            refuse_overlap(&starter.db, id, policy).await?;
            return Err(refused);
        }
    };
    let triggered = triggered(starter, made, &headers).await?;
    let place = [(LOCATION, format!("/api/v1/runs/{}", triggered.run_id))];
    Ok((StatusCode::CREATED, place, Json(Fired { triggered, overlap })).into_response())
}

impl Triggers {
    /// Sees to the runs that are still going, or refuses because of them.
    async fn make_way(&self, trigger: i64, policy: Overlap) -> Result<()> {
        let starter = &self.starter;
        if policy == Overlap::StopPrevious {
            let reason = "The trigger is fired now, and what is going is to stop.";
            for (run, _) in store::going(&starter.db, trigger).await? {
                // One that is stopping, or has ended, needs no other word.
                let _: std::result::Result<(), _> =
                    starter.runner.stop(run, LOCAL, Some(reason.to_owned())).await;
                starter.ends_within(run, STOP_IN).await?;
            }
        }
        refuse_overlap(&starter.db, trigger, policy).await
    }
}

/// Refuses where a run is going that the policy does not start beside.
async fn refuse_overlap(db: &Db, trigger: i64, policy: Overlap) -> Result<()> {
    if policy == Overlap::Allow {
        return Ok(());
    }
    let Some((run, _)) = store::going(db, trigger).await?.first().copied() else { return Ok(()) };
    let message =
        format!("Run {run} of the trigger is still going, and the policy is \"{}\".", overlap_name(policy));
    Err(Refusal::conflict("overlap", message)
        .hint("Fire it with overlap \"allow\" or \"stop_previous\", or wait for the end of that run."))
}
