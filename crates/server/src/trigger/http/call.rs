//! Programs that start runs: a CI pipeline, an alert, a script. They may wait for the end, or be told of
//! it.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use callboard_api::delivery::DeliveryKind;
use callboard_api::run::{EndedInTime, Run, Trigger, Triggered};
use callboard_engine::definition::Limits;
use callboard_engine::event::{Source, SourceKind};
use serde::Deserialize;

use super::Triggers;
use crate::http::{Body, Idempotency, Parameters, Refusal, Result};
use crate::run::http::{Ask, LOCAL, Made, triggered};

/// The longest wait for a run's end: proxies and clients give up sooner, and whoever wants to wait
/// longer asks again.
const WAIT_S_MAX: u64 = 300;

/// How a triggered run is waited for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TriggerQuery {
    /// Seconds to wait for the run's end, up to 300. Without it the answer comes at once.
    #[param(minimum = 0, maximum = 300)]
    wait: Option<u64>,
}

/// Starts a run for a program: a CI pipeline, an alert, a script.
#[utoipa::path(
    post,
    path = "/trigger",
    tag = "runs",
    operation_id = "trigger",
    params(TriggerQuery, ("Idempotency-Key" = Option<String>, Header, description = "Names the request")),
    request_body = Trigger,
    responses(
        (status = 200, description = "The run, which ended within the wait", body = EndedInTime),
        (status = 201, description = "The run was started", body = Triggered),
        (status = 202, description = "The run goes on after the wait", body = Triggered),
    ),
)]
pub(crate) async fn trigger(
    State(Triggers { starter, deliveries, .. }): State<Triggers>,
    Parameters(query): Parameters<TriggerQuery>,
    headers: HeaderMap,
    once: Idempotency,
    body: Body<Trigger>,
) -> Result<Response> {
    let asked = body.value;
    let mut claims = Vec::new();
    if let Some(url) = &asked.callback_url {
        deliveries.check(url).await?;
        claims.push(deliveries.promise(DeliveryKind::RunEnded, None, url)?);
    }
    let ask = Ask {
        input: asked.input,
        metadata: asked.metadata,
        limits: Limits::default(),
        source: Source { kind: SourceKind::Api, ..Source::manual(LOCAL) },
        bytes: body.bytes,
        once,
        claims,
    };
    let made = match (asked.workflow_id, &asked.workflow) {
        (Some(id), None) => starter.start(ask, starter.workflows.ready(id)).await?,
        (None, Some(name)) => starter.start(ask, starter.workflows.named(name)).await?,
        (Some(_), Some(_)) | (None, None) => {
            return Err(Refusal::unprocessable("workflow_missing", "The call does not name one workflow.")
                .hint("Give workflow_id, or workflow as \"project/workflow\"."));
        }
    };
    let id = made.id();
    let ended = match query.wait {
        Some(wait) => starter.ends_within(id, Duration::from_secs(wait.min(WAIT_S_MAX))).await?,
        None => false,
    };
    // What was started a while ago is further on than it was then.
    let made = if query.wait.is_some() { Made::Earlier(id) } else { made };
    let triggered = triggered(&starter, made, &headers).await?;
    let place = [(LOCATION, format!("/api/v1/runs/{id}"))];
    if ended {
        let (row, run) = starter.runner.found(id).await?;
        let run = Run::of(&run, row.ids, starter.clock.now());
        let Triggered { run_id, workflow_run_id, url, .. } = triggered;
        return Ok((place, Json(EndedInTime { run_id, workflow_run_id, url, run })).into_response());
    }
    let status = if query.wait.is_some() { StatusCode::ACCEPTED } else { StatusCode::CREATED };
    Ok((status, place, Json(triggered)).into_response())
}
