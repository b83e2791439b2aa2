//! Starting runs: by hand from a workflow, and for whatever else starts them.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use callboard_api::run::{Run, RunIds, StartRun, Triggered};
use callboard_engine::definition::Limits;
use callboard_engine::event::Source;
use serde_json::Value;

use super::stream::Closing;
use crate::clock::Clock;
use crate::db::{self, Db, Write};
use crate::http::{Body, Id, Idempotency, Refusal, Result, base_url};
use crate::journal::AppendError;
use crate::run::{NewRun, Runner, RunnerError, Started};
use crate::workflow::{Ready, WorkflowError, Workflows};

/// Who acts on a server without accounts.
pub(crate) const LOCAL: &str = "local";

/// What starting runs needs of the server.
#[derive(Clone)]
pub(crate) struct Starter {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) runner: Runner,
    pub(crate) workflows: Workflows,
    pub(crate) closing: Closing,
}

/// Starts a run of a workflow.
#[utoipa::path(
    post,
    path = "/workflows/{id}/runs",
    tag = "runs",
    operation_id = "startRun",
    params(
        ("id" = i64, Path, description = "The workflow's number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request"),
    ),
    request_body = StartRun,
    responses((status = 201, description = "The run", body = Run)),
)]
pub(crate) async fn start_run(
    State(starter): State<Starter>,
    Id(id): Id,
    once: Idempotency,
    body: Body<StartRun>,
) -> Result<Response> {
    let limits = super::people::checked(body.value.limits.unwrap_or_default())?;
    let ask = Ask {
        input: body.value.input,
        metadata: None,
        limits,
        source: Source::manual(LOCAL),
        bytes: body.bytes,
        once,
        claims: Vec::new(),
    };
    let id = match starter.start(ask, starter.workflows.ready(id)).await? {
        Made::New(ready, started) => {
            let ids = RunIds { id: started.id, project_id: ready.project_id, workflow_id: ready.workflow_id };
            return Ok(created(&Run::of(&started.run, ids, starter.clock.now())));
        }
        Made::Earlier(id) => id,
    };
    let (row, run) = starter.runner.found(id).await?;
    Ok(created(&Run::of(&run, row.ids, starter.clock.now())))
}

fn created(run: &Run) -> Response {
    (StatusCode::CREATED, [(LOCATION, format!("/api/v1/runs/{}", run.id))], Json(run)).into_response()
}

/// The answer to whoever started a run, or asked for it again.
pub(crate) async fn triggered(starter: &Starter, made: Made, headers: &HeaderMap) -> Result<Triggered> {
    let id = made.id();
    let (workflow_id, status) = match made {
        Made::New(ready, started) => (ready.workflow_id, started.run.status()),
        Made::Earlier(_) => {
            let (row, run) = starter.runner.found(id).await?;
            (row.ids.workflow_id, run.status())
        }
    };
    Ok(Triggered { run_id: id, workflow_run_id: id, workflow_id, status, url: page(headers, id) })
}

/// The address of a run's page, under the name by which the server was called.
fn page(headers: &HeaderMap, id: i64) -> String {
    format!("{}/runs/{id}", base_url(headers))
}

/// A run that is asked for.
pub(crate) struct Ask {
    pub(crate) input: Value,
    pub(crate) metadata: Option<Value>,
    pub(crate) limits: Limits,
    pub(crate) source: Source,
    pub(crate) bytes: bytes::Bytes,
    pub(crate) once: Idempotency,
    /// What has to be met beside the key.
    pub(crate) claims: Vec<Write>,
}

/// What became of the request.
pub(crate) enum Made {
    New(Ready, Box<Started>),
    /// The same request was made before, and this is its run.
    Earlier(i64),
}

impl Made {
    pub(crate) fn id(&self) -> i64 {
        match self {
            Self::New(_, started) => started.id,
            Self::Earlier(id) => *id,
        }
    }
}

impl Starter {
    /// Starts the run that is asked for, or finds the one that the same request started.
    pub(crate) async fn start(
        &self,
        ask: Ask,
        ready: impl Future<Output = std::result::Result<Ready, WorkflowError>>,
    ) -> Result<Made> {
        let now = self.clock.now();
        if let Some(id) = self.earlier(&ask).await? {
            return Ok(Made::Earlier(id));
        }
        let ready = ready.await?;
        if ask.limits.cost_usd.is_some() {
            super::people::priced(&ready.frozen.definition)?;
        }
        let started = self.runner.start(NewRun {
            project_id: ready.project_id,
            workflow_id: ready.workflow_id,
            frozen: ready.frozen.clone(),
            source: ask.source.clone(),
            input: ask.input.clone(),
            metadata: ask.metadata.clone(),
            limits: ask.limits.clone(),
            depth: 0,
            inherited: None,
            claims: [ask.once.claim(&ask.bytes, db::Value::NewId, now), ask.claims.clone()].concat(),
        });
        match started.await {
            Ok(started) => Ok(Made::New(ready, Box::new(started))),
            // Of several requests with one key, another was faster.
            Err(error @ RunnerError::Append(AppendError::ClaimTaken { .. })) => {
                match self.earlier(&ask).await? {
                    Some(id) => Ok(Made::Earlier(id)),
                    None => Err(error.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The run that the same request started before.
    pub(crate) async fn earlier(&self, ask: &Ask) -> Result<Option<i64>> {
        Ok(ask.once.seen(&self.db, &ask.bytes, self.clock.now()).await?.and_then(|seen| seen.made))
    }

    /// Whether a run ends within a time. A server that shuts down waits for none.
    pub(crate) async fn ends_within(&self, id: i64, time: Duration) -> Result<bool> {
        let mut follow = self.runner.follow(id, 0);
        let to_the_end = async {
            while follow.next().await?.is_some() {}
            Ok::<_, RunnerError>(())
        };
        let mut closing = self.closing.clone();
        let ended = tokio::select! {
            ended = to_the_end => ended.map(|()| true),
            () = tokio::time::sleep(time) => Ok(false),
            _ = closing.0.wait_for(|closing| *closing) => Ok(false),
        };
        // A run that is left to another process has no more to tell here, and has not ended.
        Ok(ended? && self.runner.load(id).await?.status().is_final())
    }
}

impl From<WorkflowError> for Refusal {
    fn from(error: WorkflowError) -> Self {
        match error {
            WorkflowError::NotFound(name) => {
                Self::not_found("workflow_not_found", format!("There is no workflow {name}."))
            }
            WorkflowError::Project(error) => error.into(),
        }
    }
}
