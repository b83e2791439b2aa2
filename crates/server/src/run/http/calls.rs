//! What a model was sent: each call as a document to be read.

use axum::Json;
use axum::extract::State;
use callboard_api::run::CallSent;
use callboard_engine::content::ContentHash;
use callboard_engine::event::{Event, Fact};
use serde::Deserialize;

use super::Starter;
use crate::db::Error;
use crate::http::{Ids, Parameters, Refusal, Result};
use crate::journal::StreamId;
use crate::run::store;

/// Which attempt of a call.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallQuery {
    /// The attempt, from 1; the first where it is left out. Attempts on a fallback may be sent something
    /// else.
    #[param(minimum = 1)]
    attempt: Option<u32>,
}

/// What a model was sent for a call: what the agent saw.
#[utoipa::path(
    get,
    path = "/runs/{id}/calls/{call}",
    tag = "runs",
    operation_id = "getCall",
    params(
        ("id" = i64, Path, description = "The run's number"),
        ("call" = i64, Path, description = "The call, as its events name it"),
        CallQuery,
    ),
    responses((status = 200, description = "The messages, the first of them first", body = CallSent)),
)]
pub(crate) async fn get_call(
    State(starter): State<Starter>,
    Ids(id, call): Ids,
    Parameters(query): Parameters<CallQuery>,
) -> Result<Json<CallSent>> {
    let attempt = query.attempt.unwrap_or(1);
    // That there is no such run is said first.
    store::find(&starter.db, id).await?.ok_or(crate::run::RunnerError::NotFound(id))?;
    let unknown = || {
        Refusal::not_found(
            "call_not_found",
            format!("Run {id} has no call {call} with an attempt {attempt}."),
        )
        .hint("The events model_call_started name the calls.")
    };
    let begun = starter.begun(id, call, attempt).await?.ok_or_else(unknown)?;
    let kept = || {
        Refusal::not_found("call_not_kept", format!("What the model was sent for call {call} was not kept."))
            .hint("Versions before this one did not keep it.")
    };
    let sent = begun.sent.ok_or_else(kept)?;
    let bodies = store::messages(&starter.db, id, sent.as_str()).await?;
    if bodies.is_empty() {
        return Err(kept());
    }
    let messages =
        bodies.iter().map(|body| serde_json::from_str(body)).collect::<std::result::Result<_, _>>();
    let messages = messages.map_err(|error| unreadable(&error))?;
    let (call, agent, model) = (u64::try_from(call).unwrap_or_default(), begun.agent, begun.model);
    Ok(Json(CallSent { call, attempt, agent, model, messages }))
}

fn unreadable(error: &serde_json::Error) -> Error {
    Error::Failed(format!("a message that was kept cannot be read: {error}").into())
}

/// A call, as the event says that began it.
struct Begun {
    agent: String,
    model: String,
    sent: Option<ContentHash>,
}

impl Starter {
    /// Finds the event that began an attempt. It is the call's own, or one of those after it.
    async fn begun(&self, id: i64, call: i64, attempt: u32) -> Result<Option<Begun>> {
        let Some(before) = u64::try_from(call).ok().and_then(|call| call.checked_sub(1)) else {
            return Ok(None);
        };
        let mut pages = self.runner.journal().pages(StreamId(id), before);
        while let Some(page) = pages.next().await? {
            for entry in page {
                let events: Vec<Event> =
                    serde_json::from_str(&entry.events).map_err(|error| unreadable(&error))?;
                let found = events.into_iter().find_map(|event| begins(event, call, attempt));
                if let Some(found) = found {
                    return Ok(found);
                }
            }
        }
        Ok(None)
    }
}

/// Whether an event begins that attempt; the answer to its call ends the search.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other events are not about calls to models")]
fn begins(event: Event, of: i64, tried: u32) -> Option<Option<Begun>> {
    let is_it = |call: u64| i64::try_from(call) == Ok(of);
    match event.fact {
        Fact::ModelCallStarted { call, attempt, agent, model, sent, .. }
            if is_it(call) && attempt == tried =>
        {
            Some(Some(Begun { agent, model, sent }))
        }
        Fact::ModelCallFinished { call, .. } if is_it(call) => Some(None),
        _ => None,
    }
}
