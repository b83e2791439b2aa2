//! Lists of runs, newest first, whatever they are filtered by.
//!
//! An index holds runs by where they belong, status, source and number. A filter that leaves status or
//! source open is a handful of its ranges, each read from its newest end and no further than a page,
//! and merged: so the millionth run costs as much as the first.

use callboard_api::run::{Run, Status};
use callboard_engine::event::SourceKind;
use callboard_engine::time::Time;
use serde::de::DeserializeOwned;

use crate::db::{Db, Error, Row, Value};

/// What a list is filtered by. What is absent lets all through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The project.
    pub project: Option<i64>,
    /// The workflow.
    pub workflow: Option<i64>,
    /// The trigger.
    pub trigger: Option<i64>,
    /// The status.
    pub status: Option<Status>,
    /// In which way they were started.
    pub source: Option<SourceKind>,
    /// Created at that moment or later.
    pub since: Option<Time>,
    /// Created before that moment.
    pub until: Option<Time>,
}

/// A number above that of every run.
const NEWEST: i64 = i64::MAX;

const BY_STATE: &str =
    "SELECT id FROM run WHERE status = $1 AND source_kind = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
const OF_PROJECT_BY_STATE: &str = "SELECT id FROM run WHERE project_id = $5 AND status = $1 AND source_kind = $2 \
     AND id < $3 ORDER BY id DESC LIMIT $4";
const OF_WORKFLOW_BY_STATE: &str = "SELECT id FROM run WHERE workflow_id = $5 AND status = $1 AND source_kind = $2 \
     AND id < $3 ORDER BY id DESC LIMIT $4";
const OF_TRIGGER_BY_STATE: &str = "SELECT id FROM run WHERE trigger_id = $5 AND status = $1 AND source_kind = $2 \
     AND id < $3 ORDER BY id DESC LIMIT $4";
const OF_TRIGGER_AND_WORKFLOW_BY_STATE: &str = "SELECT id FROM run WHERE trigger_id = $5 AND workflow_id = $6 \
     AND status = $1 AND source_kind = $2 AND id < $3 ORDER BY id DESC LIMIT $4";

const ALL: &str = "SELECT id FROM run WHERE id < $1 ORDER BY id DESC LIMIT $2";
const OF_PROJECT: &str = "SELECT id FROM run WHERE project_id = $3 AND id < $1 ORDER BY id DESC LIMIT $2";
const OF_WORKFLOW: &str = "SELECT id FROM run WHERE workflow_id = $3 AND id < $1 ORDER BY id DESC LIMIT $2";

/// Where the runs of a list belong.
#[derive(Clone, Copy)]
enum Place {
    Anywhere,
    Project(i64),
    Workflow(i64),
    /// A trigger and, where it is asked for, one of the workflows that it had.
    Trigger(i64, Option<i64>),
}

/// The runs below a number, newest first, at most `limit` of them.
pub async fn list(
    db: &Db,
    filter: Filter,
    below: Option<i64>,
    limit: usize,
    now: Time,
) -> Result<Vec<Run>, Error> {
    let Some(place) = place(db, &filter).await? else { return Ok(Vec::new()) };
    let below = below.unwrap_or(NEWEST).min(created_by(db, filter.until).await?.unwrap_or(NEWEST));
    let from = created_by(db, filter.since).await?.unwrap_or(0);
    let limit_value = Value::Int(i64::try_from(limit).unwrap_or(NEWEST));
    let open = filter.status.is_none() && filter.source.is_none();
    let mut ids = match place {
        Place::Anywhere if open => numbers(db, ALL, vec![below.into(), limit_value]).await?,
        Place::Project(id) if open => {
            numbers(db, OF_PROJECT, vec![below.into(), limit_value, id.into()]).await?
        }
        Place::Workflow(id) if open => {
            numbers(db, OF_WORKFLOW, vec![below.into(), limit_value, id.into()]).await?
        }
        Place::Anywhere | Place::Project(_) | Place::Workflow(_) | Place::Trigger(..) => {
            by_state(db, place, &filter, below, limit_value).await?
        }
    };
    // What every range gives are its newest, so nothing between is missing.
    ids.retain(|id| *id >= from);
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids.truncate(limit);
    rows(db, &ids, now).await
}

/// The number from which on runs were created at that moment or later. Numbers are given in the order of
/// creation, so a few looks at the table find it, and no index has to be kept for it.
async fn created_by(db: &Db, moment: Option<Time>) -> Result<Option<i64>, Error> {
    let Some(moment) = moment else { return Ok(None) };
    let newest = db.query_optional("SELECT id FROM run ORDER BY id DESC LIMIT 1", []).await?;
    let (mut low, mut high) = (0, newest.map_or(Ok(0), |row| row.int(0))?.saturating_add(1));
    while low < high {
        let middle = low + (high - low) / 2;
        let next = "SELECT id, created_at FROM run WHERE id >= $1 ORDER BY id LIMIT 1";
        match db.query_optional(next, [middle.into()]).await? {
            Some(row) if row.int(1)? < moment.as_millis() => low = row.int(0)?.saturating_add(1),
            Some(_) | None => high = middle,
        }
    }
    Ok(Some(low))
}

/// The narrowest place that the filter names; none where it names two that exclude each other.
async fn place(db: &Db, filter: &Filter) -> Result<Option<Place>, Error> {
    if let Some(id) = filter.trigger {
        let place = Place::Trigger(id, filter.workflow);
        let Some(project) = filter.project else { return Ok(Some(place)) };
        // A trigger stays in its project, whatever its workflow becomes, so any of its runs says which that
        // is. One without runs lists none anyway.
        let any = "SELECT project_id FROM run WHERE trigger_id = $1 LIMIT 1";
        let Some(row) = db.query_optional(any, [id.into()]).await? else { return Ok(None) };
        return Ok((row.int(0)? == project).then_some(place));
    }
    if let Some(id) = filter.workflow {
        let Some(project) = filter.project else { return Ok(Some(Place::Workflow(id))) };
        let owner = "SELECT 1 FROM part WHERE id = $1 AND project_id = $2";
        let owned = db.query_optional(owner, [id.into(), project.into()]).await?.is_some();
        return Ok(owned.then_some(Place::Workflow(id)));
    }
    Ok(Some(filter.project.map_or(Place::Anywhere, Place::Project)))
}

/// The newest numbers of every range that the filter leaves open.
async fn by_state(
    db: &Db,
    place: Place,
    filter: &Filter,
    below: i64,
    limit: Value,
) -> Result<Vec<i64>, Error> {
    let (text, id) = match place {
        Place::Anywhere => (BY_STATE, None),
        Place::Project(id) => (OF_PROJECT_BY_STATE, Some(id)),
        Place::Workflow(id) => (OF_WORKFLOW_BY_STATE, Some(id)),
        Place::Trigger(id, None) => (OF_TRIGGER_BY_STATE, Some(id)),
        Place::Trigger(id, Some(_)) => (OF_TRIGGER_AND_WORKFLOW_BY_STATE, Some(id)),
    };
    let workflow = if let Place::Trigger(_, workflow) = place { workflow } else { None };
    let mut found = Vec::new();
    for status in
        Status::ALL.into_iter().filter(|status| filter.status.is_none_or(|wanted| wanted == *status))
    {
        for source in
            SourceKind::ALL.into_iter().filter(|kind| filter.source.is_none_or(|wanted| wanted == *kind))
        {
            let state = [status.name().into(), source.name().into(), below.into(), limit.clone()];
            let params =
                state.into_iter().chain(id.map(Value::Int)).chain(workflow.map(Value::Int)).collect();
            found.extend(numbers(db, text, params).await?);
        }
    }
    Ok(found)
}

async fn numbers(db: &Db, text: &'static str, params: Vec<Value>) -> Result<Vec<i64>, Error> {
    db.query(text, params).await?.iter().map(|row| row.int(0)).collect()
}

/// The runs with those numbers, in that order.
pub(super) async fn rows(db: &Db, ids: &[i64], now: Time) -> Result<Vec<Run>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = db.dialect().pick(
        "SELECT run.id, run.project_id, run.workflow_id, part.path, run.status, run.waiting, run.stop_requested, \
         run.source, run.input, run.metadata, run.definition, run.created_at, run.started_at, run.ended_at, \
         run.model_calls, run.input_tokens, run.output_tokens, run.cost_nanos, run.result, run.error \
         FROM run JOIN part ON part.id = run.workflow_id \
         WHERE run.id IN (SELECT value FROM json_each($1)) ORDER BY run.id DESC",
        "SELECT run.id, run.project_id, run.workflow_id, part.path, run.status, run.waiting, run.stop_requested, \
         run.source, run.input, run.metadata, run.definition, run.created_at, run.started_at, run.ended_at, \
         run.model_calls, run.input_tokens, run.output_tokens, run.cost_nanos, run.result, run.error \
         FROM run JOIN part ON part.id = run.workflow_id \
         WHERE run.id IN (SELECT CAST(value AS BIGINT) \
             FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON))) ORDER BY run.id DESC",
    );
    let list = serde_json::to_string(ids).map_err(|error| Error::Failed(error.to_string().into()))?;
    db.query(text, [list.into()]).await?.iter().map(|row| run(row, now)).collect()
}

fn run(row: &Row, now: Time) -> Result<Run, Error> {
    let time = |index| Ok::<_, Error>(row.int_or_null(index)?.map(Time::from_millis));
    let path = row.text(3)?;
    let (started_at, ended_at) = (time(12)?, time(13)?);
    let until = ended_at.unwrap_or(now);
    let status = row.text(4)?;
    Ok(Run {
        id: row.int(0)?,
        project_id: row.int(1)?,
        workflow_id: row.int(2)?,
        workflow: path.rsplit('/').next().unwrap_or_default().to_owned(),
        status: Status::parse(&status)
            .ok_or_else(|| Error::Failed(format!("no status is {status}").into()))?,
        asks: None,
        waiting: json(row, 5)?,
        stop_requested: row.flag(6)?,
        source: required(row, 7)?,
        input: required(row, 8)?,
        metadata: json(row, 9)?,
        definition: row.text(10)?.as_ref().to_owned(),
        created_at: Time::from_millis(row.int(11)?),
        started_at,
        ended_at,
        duration_ms: started_at.map_or(0, |started| until.millis_since(started)),
        visits: None,
        path: None,
        memory: None,
        interrupted: None,
        interrupted_left_out: 0,
        usage: callboard_engine::event::Usage {
            model_calls: row.uint(14)?,
            input_tokens: row.uint(15)?,
            output_tokens: row.uint(16)?,
            cost_usd: callboard_engine::money::Usd::from_nanos(row.uint(17)?),
        },
        result: row.text_or_null(18)?.map(|result| result.as_ref().to_owned()),
        error: json(row, 19)?,
    })
}

fn json<T: DeserializeOwned>(row: &Row, index: usize) -> Result<Option<T>, Error> {
    let text = row.text_or_null(index)?;
    let read = |text: std::sync::Arc<str>| {
        serde_json::from_str(&text)
            .map_err(|error| Error::Failed(format!("a run's row cannot be read: {error}").into()))
    };
    text.map(read).transpose()
}

fn required<T: DeserializeOwned>(row: &Row, index: usize) -> Result<T, Error> {
    json(row, index)?.ok_or_else(|| Error::Failed("a run's row is not whole".into()))
}
