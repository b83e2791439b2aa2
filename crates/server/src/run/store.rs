//! The tables of runs and visits: projections of the journal, written with the events that they
//! follow from.

use std::sync::Arc;

use callboard_api::run::{RunIds, waiting};
use callboard_engine::command::DocumentText;
use callboard_engine::definition::DefinitionHash;
use callboard_engine::event::Source;
use callboard_engine::prompt::Sent;
use callboard_engine::run::{Run, Status, Visit};
use callboard_engine::time::Time;

use crate::db::{Db, Error, Row, Value, Write};

/// Where a run stands, as its row says.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    /// Its number, and those of its project and workflow.
    pub ids: RunIds,
    /// The hash of its definition.
    pub definition: DefinitionHash,
}

/// A text that a run keeps by its content.
pub(super) struct KeptText {
    pub(super) hash: Arc<str>,
    /// The message before it, where it is one and not the first.
    pub(super) before: Option<Arc<str>>,
    pub(super) body: Arc<str>,
}

/// The runs that have not ended, oldest first.
pub async fn unfinished(db: &Db) -> Result<Vec<i64>, Error> {
    let rows = db.query("SELECT id FROM run WHERE status IN ('pending', 'running') ORDER BY id", []).await?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// The runs of a project that there is a place for now, those that have waited longest first.
pub(super) async fn next_in_line(db: &Db, project: i64, at_most: i64) -> Result<Vec<i64>, Error> {
    let find = "SELECT waiting.id FROM run AS waiting WHERE waiting.project_id = $1 AND waiting.status = 'pending' \
                AND (waiting.max_running IS NULL OR waiting.max_running > \
                     (SELECT COUNT(*) FROM run AS other WHERE other.workflow_id = waiting.workflow_id \
                      AND other.status = 'running' AND other.source_kind <> 'workflow')) \
                AND NOT EXISTS (SELECT 1 FROM run AS ahead WHERE ahead.line = waiting.line AND ahead.id <> waiting.id \
                    AND (ahead.status = 'running' OR (ahead.status = 'pending' AND ahead.id < waiting.id))) \
                ORDER BY waiting.id LIMIT $2";
    let free = "SELECT project.max_running - (SELECT COUNT(*) FROM run WHERE run.project_id = project.id \
                AND run.status = 'running' AND run.source_kind <> 'workflow') FROM project WHERE project.id = $1";
    let free = db.query_one(free, [project.into()]).await?.int_or_null(0)?;
    let at_most = free.map_or(at_most, |free| free.clamp(0, at_most));
    let rows = db.query(find, [project.into(), at_most.into()]).await?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// The runs in one line with a run, and which of them wait: those before it that have not ended and are not
/// told to.
pub(crate) async fn ahead_in_line(db: &Db, run: i64) -> Result<Vec<(i64, Status)>, Error> {
    let find = "SELECT ahead.id, ahead.status FROM run AS ahead JOIN run AS one ON ahead.line = one.line \
                WHERE one.id = $1 AND ahead.id < one.id AND ahead.status IN ('pending', 'running') \
                AND ahead.stop_requested = 0 ORDER BY ahead.id";
    let rows = db.query(find, [run.into()]).await?;
    let status = |row: &Row| Ok::<_, Error>(Status::parse(&row.text(1)?).unwrap_or(Status::Running));
    rows.iter().map(|row| Ok((row.int(0)?, status(row)?))).collect()
}

/// The newest runs of the lines in which several have not ended.
pub(crate) async fn last_in_lines(db: &Db) -> Result<Vec<(i64, i64)>, Error> {
    let find = "SELECT trigger_id, MAX(id) FROM run WHERE line IS NOT NULL AND status IN ('pending', 'running') \
                GROUP BY trigger_id, line HAVING COUNT(*) > 1";
    let rows = db.query(find, []).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

/// The line in which a run goes: one run of a trigger for each key.
fn line(source: &Source) -> Option<String> {
    Some(format!("{} {}", source.trigger_id?, source.key.as_ref()?))
}

/// The run that carries a workflow out for another, if it was started.
pub(super) async fn child(db: &Db, parent: i64, call: u64) -> Result<Option<i64>, Error> {
    let find = "SELECT run_id FROM run_child WHERE parent_id = $1 AND call = $2";
    db.query_optional(find, [parent.into(), call.into()]).await?.map(|row| row.int(0)).transpose()
}

/// The call that a run was started for, and whose it is.
pub(super) async fn parent(db: &Db, run: i64) -> Result<Option<(i64, u64)>, Error> {
    let find = "SELECT parent_id, call FROM run_child WHERE run_id = $1";
    let row = db.query_optional(find, [run.into()]).await?;
    row.map(|row| Ok((row.int(0)?, row.uint(1)?))).transpose()
}

/// What makes a new run the one that carries a workflow out for a call. Refused where there is one.
pub(super) fn child_of(parent: i64, call: u64) -> Write {
    Write::claim(
        "INSERT INTO run_child (parent_id, call, run_id) VALUES ($1, $2, $3) \
         ON CONFLICT (parent_id, call) DO NOTHING",
        [parent.into(), call.into(), Value::NewId],
    )
}

/// What keeps the message of a question, where it is not kept yet.
pub(super) fn message(run: Value, sent: &Sent) -> Write {
    match &sent.before {
        None => Write::new(
            "INSERT INTO run_prompt (hash, body) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING",
            [sent.hash.as_str().into(), Arc::clone(&sent.body).into()],
        ),
        Some(before) => Write::new(
            "INSERT INTO run_message (run_id, hash, before, body) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (run_id, hash) DO NOTHING",
            [run, sent.hash.as_str().into(), before.as_str().into(), Arc::clone(&sent.body).into()],
        ),
    }
}

/// The messages that lead to one, the first of them first; empty where it was not kept.
pub(crate) async fn messages(db: &Db, run: i64, last: &str) -> Result<Vec<Arc<str>>, Error> {
    let find = "WITH RECURSIVE led (hash, before, body, distance) AS ( \
                    SELECT hash, before, body, 0 FROM run_message WHERE run_id = $1 AND hash = $2 \
                    UNION ALL \
                    SELECT one.hash, one.before, one.body, led.distance + 1 FROM run_message AS one \
                    JOIN led ON one.hash = led.before WHERE one.run_id = $1 \
                ) SELECT before, body FROM led ORDER BY distance DESC";
    let rows = db.query(find, [run.into(), last.into()]).await?;
    // A conversation begins with the message that many runs share.
    let first = rows.first().map_or(Ok(last.into()), |row| row.text(0))?;
    let find = "SELECT body FROM run_prompt WHERE hash = $1";
    let first = db.query_optional(find, [first.into()]).await?;
    first.iter().map(|row| row.text(0)).chain(rows.iter().map(|row| row.text(1))).collect()
}

/// A page of the messages that the models of a run were sent after that hash, in the order of their hashes:
/// each with the one before it, which the first of a conversation has not.
pub(super) async fn messages_after(
    db: &Db,
    run: i64,
    after: &str,
    limit: u64,
) -> Result<Vec<KeptText>, Error> {
    let find =
        "SELECT hash, before, body FROM run_message WHERE run_id = $1 AND hash > $2 ORDER BY hash LIMIT $3";
    let rows = db.query(find, [run.into(), after.into(), limit.into()]).await?;
    rows.iter()
        .map(|row| Ok(KeptText { hash: row.text(0)?, before: Some(row.text(1)?), body: row.text(2)? }))
        .collect()
}

/// The same of the messages that conversations of a run begin with, which other runs share.
pub(super) async fn prompts_after(
    db: &Db,
    run: i64,
    after: &str,
    limit: u64,
) -> Result<Vec<KeptText>, Error> {
    let find = "SELECT hash, body FROM run_prompt WHERE hash > $2 AND hash IN \
                (SELECT before FROM run_message WHERE run_id = $1) ORDER BY hash LIMIT $3";
    let rows = db.query(find, [run.into(), after.into(), limit.into()]).await?;
    rows.iter().map(|row| Ok(KeptText { hash: row.text(0)?, before: None, body: row.text(1)? })).collect()
}

/// The same of the texts of its documents.
pub(super) async fn documents_after(
    db: &Db,
    run: i64,
    after: &str,
    limit: u64,
) -> Result<Vec<KeptText>, Error> {
    let find = "SELECT hash, body FROM run_document WHERE run_id = $1 AND hash > $2 ORDER BY hash LIMIT $3";
    let rows = db.query(find, [run.into(), after.into(), limit.into()]).await?;
    rows.iter().map(|row| Ok(KeptText { hash: row.text(0)?, before: None, body: row.text(1)? })).collect()
}

/// Where a run is in its life, as its row says.
pub(super) async fn status(db: &Db, id: i64) -> Result<Option<Status>, Error> {
    let row = db.query_optional("SELECT status FROM run WHERE id = $1", [Value::Int(id)]).await?;
    let Some(row) = row else { return Ok(None) };
    let word = row.text(0)?;
    let status = serde_json::from_value(serde_json::Value::from(&*word));
    status.map(Some).map_err(|error| Error::Failed(format!("the status {word}: {error}").into()))
}

/// What keeps the text of a document, where it is not kept yet.
pub(super) fn document(run: Value, document: &DocumentText) -> Write {
    Write::new(
        "INSERT INTO run_document (run_id, hash, body) VALUES ($1, $2, $3) ON CONFLICT (run_id, hash) DO NOTHING",
        [run, document.hash.as_str().into(), Arc::clone(&document.text).into()],
    )
}

/// The text of a document of a run.
pub(crate) async fn document_text(db: &Db, run: i64, hash: &str) -> Result<Option<Arc<str>>, Error> {
    let find = "SELECT body FROM run_document WHERE run_id = $1 AND hash = $2";
    db.query_optional(find, [run.into(), hash.into()]).await?.map(|row| row.text(0)).transpose()
}

/// What the processes of this store's tools are marked with: made once, so that those of a process that
/// crashed are found by the one after it.
pub(super) async fn mark(db: &Db, new: &str) -> Result<Arc<str>, Error> {
    let make = "INSERT INTO run_store (id, mark) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
    db.execute(make, [new.into()]).await?;
    db.query_one("SELECT mark FROM run_store WHERE id = 1", []).await?.text(0)
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
        run.definition().workflow.max_running.into(),
        line(&created.source).into(),
    ];
    Ok(Write::new(
        "INSERT INTO run (id, project_id, workflow_id, definition, source, source_kind, trigger_id, input, metadata, \
         created_at, max_running, line, status, stop_requested, started_at, ended_at, model_calls, input_tokens, \
         output_tokens, cost_nanos, result, error, waiting) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
         $23)",
        fixed.into_iter().chain(standing(run)?).collect::<Vec<_>>(),
    ))
}

/// What brings a run's rows from `before` to `after`. A visit has its row from the moment that it
/// has ended: until then, the journal alone knows it.
pub(super) fn changed(id: i64, before: &Run, after: &Run) -> Result<Vec<Write>, serde_json::Error> {
    let ended_before = before.visits().filter(|visit| visit.ended_at.is_some()).count();
    let mut writes = vec![updated(id, before, after)?];
    // What the last visit wrote to shared memory after it had ended is in its row too: the result of the
    // workflow that its outcome led to.
    let last = before.visits().next_back().filter(|last| last.ended_at.is_some());
    let last = last.zip(after.visits().nth(ended_before.saturating_sub(1)));
    if let Some((_, last)) = last.filter(|(before, after)| before.past() != after.past()) {
        writes.extend(left_more(id, last)?);
    }
    let ended = after.visits().skip(ended_before);
    for visit in ended {
        writes.extend(left(id.into(), visit)?);
    }
    Ok(writes)
}

/// What brings a run's row up to date. Two indexes hold its status, and would be written each time that it
/// is named.
fn updated(id: i64, before: &Run, after: &Run) -> Result<Write, serde_json::Error> {
    let [status, rest @ ..] = standing(after)?;
    let of_run = std::iter::once(Value::from(id)).chain(rest);
    if before.status() == after.status() {
        return Ok(Write::new(
            "UPDATE run SET stop_requested = $2, started_at = $3, ended_at = $4, model_calls = $5, \
             input_tokens = $6, output_tokens = $7, cost_nanos = $8, result = $9, error = $10, waiting = $11 \
             WHERE id = $1",
            of_run.collect::<Vec<_>>(),
        ));
    }
    Ok(Write::new(
        "UPDATE run SET stop_requested = $2, started_at = $3, ended_at = $4, model_calls = $5, \
         input_tokens = $6, output_tokens = $7, cost_nanos = $8, result = $9, error = $10, waiting = $11, \
         status = $12 WHERE id = $1",
        of_run.chain([status]).collect::<Vec<_>>(),
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

/// What stores what a visit left behind, once it has ended. What was inherited is in the run's history.
pub(super) fn left(run: Value, visit: &Visit) -> Result<Option<Write>, serde_json::Error> {
    // Looked at first: a run may have inherited a thousand of them.
    let own = Some(visit).filter(|visit| visit.inherited_from.is_none());
    own.and_then(Visit::past)
        .map(|past| {
            let body = serde_json::to_string(&past)?;
            Ok(Write::new(
                "INSERT INTO run_visit (run_id, visit, body) VALUES ($1, $2, $3)",
                [run, visit.number.into(), body.into()],
            ))
        })
        .transpose()
}

/// The same once more, of a visit that wrote something after it had ended: one of the run's own, or the
/// last of those that it inherited, whose outcome led to a workflow.
fn left_more(id: i64, visit: &Visit) -> Result<Option<Write>, serde_json::Error> {
    visit
        .past()
        .map(|past| {
            let body = serde_json::to_string(&past)?;
            Ok(Write::new(
                "INSERT INTO run_visit (run_id, visit, body) VALUES ($1, $2, $3) \
                 ON CONFLICT (run_id, visit) DO UPDATE SET body = excluded.body",
                [id.into(), visit.number.into(), body.into()],
            ))
        })
        .transpose()
}

/// What deletes an ended run's rows, beside its history. The first is refused while it has not ended.
pub(super) fn deleted(id: i64) -> Vec<Write> {
    let own = [
        Write::claim(
            "DELETE FROM run WHERE id = $1 AND status IN ('completed', 'stopped', 'error')",
            [id.into()],
        ),
        Write::new("DELETE FROM run_visit WHERE run_id = $1", [id.into()]),
        Write::new("DELETE FROM run_message WHERE run_id = $1", [id.into()]),
        Write::new("DELETE FROM run_document WHERE run_id = $1", [id.into()]),
        Write::new("DELETE FROM run_child WHERE parent_id = $1 OR run_id = $1", [id.into()]),
    ];
    own.into_iter().chain([super::origin::forgotten(id)]).collect()
}

/// An enum's word on every surface.
fn word<T: serde::Serialize>(value: &T) -> Result<Arc<str>, serde_json::Error> {
    let word = serde_json::to_value(value)?;
    Ok(word.as_str().unwrap_or_default().into())
}
