//! The rows of runs and visits, which must say what the events do at every moment.

use callboard_engine::run::{Run, Visit};
use callboard_engine::time::Time;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::{Value as Json, json};

/// The tables that hold rows of a run.
const TABLES: [(&str, &str); 7] = [
    ("journal_entry", "stream_id"),
    ("run", "id"),
    ("visit", "run_id"),
    ("run_message", "run_id"),
    ("run_document", "run_id"),
    ("run_child", "run_id"),
    ("run_reservation", "run_id"),
];

/// How many rows there are of a run that was deleted.
pub(crate) fn left_of(sql: &Connection, id: i64) -> i64 {
    let count = |(table, column): &(&str, &str)| {
        let count = format!("SELECT COUNT(*) FROM {table} WHERE {column} = ?1");
        sql.query_row(&count, [id], |row| row.get::<_, i64>(0)).unwrap()
    };
    TABLES.iter().map(count).sum()
}

/// What the rows of a run say otherwise than its events.
pub(crate) fn differ(sql: &Connection, id: i64, run: &Run) -> Option<String> {
    let (is, should) = (row(sql, id), expected(run));
    if is.as_ref() != Some(&should) {
        return Some(format!("the row of run {id} says {is:?}, and its events {should}"));
    }
    let ended = run.visits().filter(|visit| visit.ended_at.is_some());
    let (mut are, should): (Vec<Json>, Vec<Json>) =
        (visits(sql, id), ended.map(|visit| visited(run, visit)).collect());
    // What a visit wrote to memory stands as it wrote it, and later ones may have written over that: only
    // of the last one is it known from here.
    for (row, visit) in are.iter_mut().zip(&should) {
        if visit[MEMORY].is_null() {
            row[MEMORY] = Json::Null;
        }
    }
    (are != should).then(|| format!("the visits of run {id} are {are:?}, and by its events {should:?}"))
}

fn row(sql: &Connection, id: i64) -> Option<Json> {
    let find = "SELECT status, stop_requested, created_at, started_at, ended_at, model_calls, input_tokens, \
                output_tokens, cost_nanos, result, error, waiting, definition, max_running FROM run WHERE id = ?1";
    let mut find = sql.prepare_cached(find).unwrap();
    let columns = find.column_count();
    let read = |row: &rusqlite::Row<'_>| (0..columns).map(|column| Ok(said(row.get(column)?))).collect();
    find.query_row([id], read).optional().unwrap().map(|columns: Vec<Json>| columns.into())
}

fn said(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => number.into(),
        Value::Real(number) => number.into(),
        Value::Text(text) => text.into(),
        Value::Blob(bytes) => bytes.into(),
    }
}

fn expected(run: &Run) -> Json {
    let usage = run.usage();
    let millis = |time: Option<Time>| time.map(Time::as_millis);
    let text = |value: Option<Json>| value.map(|value| value.to_string());
    let error = run.error().map(|error| serde_json::to_value(error).unwrap());
    let waiting = callboard_api::run::waiting(run).map(|waiting| serde_json::to_value(waiting).unwrap());
    json!([
        run.status().name(),
        i64::from(run.stop_requested()),
        run.created_at().as_millis(),
        millis(run.started_at()),
        millis(run.ended_at()),
        usage.model_calls,
        usage.input_tokens,
        usage.output_tokens,
        usage.cost_usd.as_nanos(),
        run.result(),
        text(error),
        text(waiting),
        run.created_as().definition.as_str(),
        run.definition().workflow.max_running,
    ])
}

fn visits(sql: &Connection, id: i64) -> Vec<Json> {
    let find = "SELECT visit, stage, name, nth, forced, status, started_at, ended_at, outcome, result, summaries, \
                memory, model_calls, cost_nanos FROM visit WHERE run_id = ?1 ORDER BY visit";
    let mut find = sql.prepare_cached(find).unwrap();
    let columns = find.column_count();
    let read = |row: &rusqlite::Row<'_>| (0..columns).map(|column| Ok(said(row.get(column)?))).collect();
    let rows = find.query_map([id], read).unwrap();
    rows.map(|columns: rusqlite::Result<Vec<Json>>| columns.unwrap().into()).collect()
}

/// Where among the columns of a visit its memory stands.
const MEMORY: usize = 11;

fn visited(run: &Run, visit: &Visit) -> Json {
    let summaries: Vec<Json> = visit
        .summaries
        .iter()
        .map(|summary| json!({ "agent": summary.agent, "text": summary.text }))
        .collect();
    let written = run.memory().iter().filter(|(_, shared)| shared.visit == visit.number);
    let memory: serde_json::Map<String, Json> = written
        .map(|(key, shared)| (key.clone(), json!({ "value": shared.value, "agent": shared.agent })))
        .collect();
    json!([
        visit.number,
        visit.stage,
        visit.name,
        visit.nth,
        i64::from(visit.forced),
        visit.status.name(),
        visit.started_at.as_millis(),
        visit.ended_at.map(Time::as_millis),
        visit.outcome,
        visit.result,
        Json::from(summaries).to_string(),
        (visit.number as usize == run.visits().len()).then(|| Json::from(memory).to_string()),
        visit.usage.model_calls,
        visit.usage.cost_usd.as_nanos(),
    ])
}
