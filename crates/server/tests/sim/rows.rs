//! The rows of runs and visits, which must say what the events do at every moment.

use callboard_engine::content::ContentHash;
use callboard_engine::event::PastVisit;
use callboard_engine::run::{Run, Visit};
use callboard_engine::time::Time;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::{Value as Json, json};

/// The tables that hold rows of a run.
const TABLES: [(&str, &str); 7] = [
    ("journal_entry", "stream_id"),
    ("run", "id"),
    ("run_visit", "run_id"),
    ("run_message", "run_id"),
    ("run_document", "run_id"),
    ("run_child", "run_id"),
    ("run_reservation", "run_id"),
];

/// Those whose rows are of another run as well, and go with it.
const CHANGED_LATER: [&str; 1] = ["run_child"];

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
    // A visit that was inherited has a row only where it brought something more to this run.
    let are = visits(sql, id);
    let left: Vec<PastVisit> = run.visits().filter_map(Visit::past).collect();
    let is_there = |past: &&PastVisit| past.inherited_from.is_none() || are.contains(past);
    let should: Vec<&PastVisit> = left.iter().filter(is_there).collect();
    let is_same = are.iter().collect::<Vec<_>>() == should;
    if !is_same {
        return Some(format!("the visits of run {id} are {are:?}, and by its events {should:?}"));
    }
    unread(sql, id, run).map(|hash| format!("a document of run {id} cannot be read: {hash:?}"))
}

/// A document of a run, its own or one that it took over, that is not kept with it as it is.
fn unread(sql: &Connection, id: i64, run: &Run) -> Option<ContentHash> {
    let find = "SELECT body FROM run_document WHERE run_id = ?1 AND hash = ?2";
    let mut find = sql.prepare_cached(find).unwrap();
    let pasts: Vec<PastVisit> = run.visits().filter_map(Visit::past).collect();
    let of_visits = pasts.iter().flat_map(|visit| &visit.documents).map(|document| &document.hash);
    let mut hashes = of_visits.chain(run.documents().values().map(|document| &document.hash));
    let mut is_kept = |hash: &ContentHash| {
        let text = find.query_row((id, hash.as_str()), |row| row.get::<_, String>(0)).optional().unwrap();
        text.is_some_and(|text| ContentHash::of(&text) == *hash)
    };
    hashes.find(|hash| !is_kept(hash)).cloned()
}

/// All rows of what an ended run left, which nothing changes any more.
pub(crate) fn all_of(sql: &Connection, id: i64) -> Vec<String> {
    let mut all = Vec::new();
    for (table, column) in TABLES.iter().filter(|(table, _)| !CHANGED_LATER.contains(table)) {
        let find = format!("SELECT * FROM {table} WHERE {column} = ?1 ORDER BY 1, 2, 3");
        let mut find = sql.prepare_cached(&find).unwrap();
        let columns = find.column_count();
        let read = |row: &rusqlite::Row<'_>| (0..columns).map(|column| Ok(said(row.get(column)?))).collect();
        let rows = find.query_map([id], read).unwrap();
        all.extend(
            rows.map(|row: rusqlite::Result<Vec<Json>>| format!("{table} {}", Json::from(row.unwrap()))),
        );
    }
    all
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

fn visits(sql: &Connection, id: i64) -> Vec<PastVisit> {
    let find = "SELECT body FROM run_visit WHERE run_id = ?1 ORDER BY visit";
    let mut find = sql.prepare_cached(find).unwrap();
    let bodies = find.query_map([id], |row| row.get::<_, String>(0)).unwrap();
    bodies.map(|body| serde_json::from_str(&body.unwrap()).unwrap()).collect()
}
