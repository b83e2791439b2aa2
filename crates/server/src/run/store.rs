//! The tables of runs and visits: projections of the journal, written with the events that they
//! follow from.

use std::sync::Arc;

use callboard_api::run::{RunIds, Summary, waiting};
use callboard_engine::definition::DefinitionHash;
use callboard_engine::run::{Run, Visit};
use callboard_engine::time::Time;
use serde_json::{Map, json};

use crate::db::{Db, Error, Value, Write};

/// Where a run stands, as its row says.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    /// Its number, and those of its project and workflow.
    pub ids: RunIds,
    /// The hash of its definition.
    pub definition: DefinitionHash,
}

/// The runs that have not ended, oldest first.
pub async fn unfinished(db: &Db) -> Result<Vec<i64>, Error> {
    let rows = db.query("SELECT id FROM run WHERE status IN ('pending', 'running') ORDER BY id", []).await?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// The row of a run.
pub async fn find(db: &Db, id: i64) -> Result<Option<RunRow>, Error> {
    let find = "SELECT id, project_id, workflow_id, definition FROM run WHERE id = $1";
    let Some(row) = db.query_optional(find, [Value::Int(id)]).await? else { return Ok(None) };
    let ids = RunIds { id: row.int(0)?, project_id: row.int(1)?, workflow_id: row.int(2)? };
    let definition = serde_json::from_value(row.text(3)?.as_ref().into())
        .map_err(|error| Error::Failed(format!("run {id} has no readable definition: {error}").into()))?;
    Ok(Some(RunRow { ids, definition }))
}

/// What stores a new run's row. Its number is the one that the journal is about to give it.
pub(super) fn created(project_id: i64, workflow_id: i64, run: &Run) -> Result<Write, serde_json::Error> {
    let created = run.created_as();
    let metadata = created.metadata.as_ref().map(serde_json::to_string).transpose()?;
    let fixed = [
        Value::NewId,
        project_id.into(),
        workflow_id.into(),
        created.definition.as_str().into(),
        serde_json::to_string(&created.source)?.into(),
        word(&created.source.kind)?.into(),
        created.source.trigger_id.into(),
        serde_json::to_string(&created.input)?.into(),
        metadata.into(),
        run.created_at().as_millis().into(),
    ];
    Ok(Write::new(
        "INSERT INTO run (id, project_id, workflow_id, definition, source, source_kind, trigger_id, input, metadata, \
         created_at, status, stop_requested, started_at, ended_at, model_calls, input_tokens, output_tokens, \
         cost_nanos, result, error, waiting) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        fixed.into_iter().chain(standing(run)?).collect::<Vec<_>>(),
    ))
}

/// What brings a run's rows from `before` to `after`. A visit has its row from the moment that it
/// has ended: until then, the journal alone knows it.
pub(super) fn changed(id: i64, before: &Run, after: &Run) -> Result<Vec<Write>, serde_json::Error> {
    let ended_before = before.visits().filter(|visit| visit.ended_at.is_some()).count();
    let mut writes = vec![updated(id, after)?];
    let ended = after.visits().skip(ended_before).filter(|visit| visit.ended_at.is_some());
    for visit in ended {
        writes.push(left(id, visit, after)?);
    }
    Ok(writes)
}

fn updated(id: i64, run: &Run) -> Result<Write, serde_json::Error> {
    Ok(Write::new(
        "UPDATE run SET status = $2, stop_requested = $3, started_at = $4, ended_at = $5, model_calls = $6, \
         input_tokens = $7, output_tokens = $8, cost_nanos = $9, result = $10, error = $11, waiting = $12 WHERE id = $1",
        std::iter::once(id.into()).chain(standing(run)?).collect::<Vec<_>>(),
    ))
}

/// What changes in a run's row, in the order of its columns: from `status` to `waiting`.
fn standing(run: &Run) -> Result<[Value; 11], serde_json::Error> {
    let usage = run.usage();
    Ok([
        run.status().name().into(),
        run.stop_requested().into(),
        run.started_at().map(Time::as_millis).into(),
        run.ended_at().map(Time::as_millis).into(),
        usage.model_calls.into(),
        usage.input_tokens.into(),
        usage.output_tokens.into(),
        usage.cost_usd.as_nanos().into(),
        run.result().into(),
        run.error().map(serde_json::to_string).transpose()?.into(),
        waiting(run).as_ref().map(serde_json::to_string).transpose()?.into(),
    ])
}

fn left(id: i64, visit: &Visit, run: &Run) -> Result<Write, serde_json::Error> {
    let summaries: Vec<Summary> = visit
        .summaries
        .iter()
        .map(|summary| Summary { agent: summary.agent.clone(), text: summary.text.to_string() })
        .collect();
    let written = run.memory().iter().filter(|(_, shared)| shared.visit == visit.number);
    let memory: Map<_, _> = written
        .map(|(key, shared)| (key.clone(), json!({ "value": shared.value, "agent": shared.agent })))
        .collect();
    Ok(Write::new(
        "INSERT INTO visit (run_id, visit, stage, name, nth, forced, status, started_at, ended_at, outcome, result, \
         summaries, memory, model_calls, input_tokens, output_tokens, cost_nanos) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        [
            id.into(),
            visit.number.into(),
            visit.stage.as_str().into(),
            visit.name.as_str().into(),
            visit.nth.into(),
            visit.forced.into(),
            visit.status.name().into(),
            visit.started_at.as_millis().into(),
            visit.ended_at.map(Time::as_millis).into(),
            visit.outcome.as_deref().into(),
            visit.result.clone().into(),
            serde_json::to_string(&summaries)?.into(),
            serde_json::to_string(&memory)?.into(),
            visit.usage.model_calls.into(),
            visit.usage.input_tokens.into(),
            visit.usage.output_tokens.into(),
            visit.usage.cost_usd.as_nanos().into(),
        ],
    ))
}

/// What deletes an ended run's rows, beside its history. The first is refused while it has not ended.
pub(super) fn deleted(id: i64) -> Vec<Write> {
    vec![
        Write::claim(
            "DELETE FROM run WHERE id = $1 AND status IN ('completed', 'stopped', 'error')",
            [id.into()],
        ),
        Write::new("DELETE FROM visit WHERE run_id = $1", [id.into()]),
    ]
}

/// An enum's word on every surface.
fn word<T: serde::Serialize>(value: &T) -> Result<Arc<str>, serde_json::Error> {
    let word = serde_json::to_value(value)?;
    Ok(word.as_str().unwrap_or_default().into())
}
