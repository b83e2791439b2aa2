//! The way that runs took, in short, for lists of them: the visits that each of them carried out itself.

use std::collections::HashMap;

use callboard_api::run::{PathVisit, Run, VisitStatus};
use callboard_engine::time::Time;

use crate::db::{Db, Error, Row};

/// Visits of a run that a list shows, the first ones. A list is no place for a run that went in circles.
const VISITS_MAX: i64 = 100;

/// Gives each of the runs its path. What the visits left is long text that stays where it is.
pub(crate) async fn add_paths(db: &Db, runs: &mut [Run]) -> Result<(), Error> {
    if runs.is_empty() {
        return Ok(());
    }
    let text = db.dialect().pick(
        "SELECT run_id, visit, json_extract(body, '$.stage'), json_extract(body, '$.name'), \
         json_extract(body, '$.status'), json_extract(body, '$.started_at'), json_extract(body, '$.ended_at'), \
         json_extract(body, '$.outcome') \
         FROM run_visit WHERE run_id IN (SELECT value FROM json_each($1)) AND visit <= $2 ORDER BY run_id, visit",
        "SELECT run_id, visit, body ->> 'stage', body ->> 'name', body ->> 'status', body ->> 'started_at', \
         body ->> 'ended_at', body ->> 'outcome' \
         FROM (SELECT run_id, visit, CAST(body AS JSON) AS body FROM run_visit \
             WHERE run_id IN (SELECT CAST(value AS BIGINT) \
                 FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON))) AND visit <= $2) AS own \
         ORDER BY run_id, visit",
    );
    let ids: Vec<i64> = runs.iter().map(|run| run.id).collect();
    let ids = serde_json::to_string(&ids).map_err(|error| Error::Failed(error.to_string().into()))?;
    let mut paths: HashMap<i64, Vec<PathVisit>> = HashMap::new();
    for row in &db.query(text, [ids.into(), VISITS_MAX.into()]).await? {
        paths.entry(row.int(0)?).or_default().push(visit(row)?);
    }
    for run in runs {
        run.path = Some(paths.remove(&run.id).unwrap_or_default());
    }
    Ok(())
}

fn visit(row: &Row) -> Result<PathVisit, Error> {
    let [started, ended] = [time(row, 5)?, time(row, 6)?];
    // What goes without saying is left out of what is kept.
    let stage = row.text(2)?;
    let name = row.text_or_null(3)?.unwrap_or_else(|| stage.clone());
    let status = row.text_or_null(4)?.map(|status| serde_json::from_value(status.as_ref().into()));
    Ok(PathVisit {
        visit: u32::try_from(row.int(1)?).map_err(|error| not_read(&error))?,
        stage: stage.as_ref().to_owned(),
        name: name.as_ref().to_owned(),
        status: status.transpose().map_err(|error| not_read(&error))?.unwrap_or(VisitStatus::Completed),
        duration_ms: ended.millis_since(started),
        outcome: row.text_or_null(7)?.map(|outcome| outcome.as_ref().to_owned()),
    })
}

fn time(row: &Row, index: usize) -> Result<Time, Error> {
    serde_json::from_value(row.text(index)?.as_ref().into()).map_err(|error| not_read(&error))
}

fn not_read(error: &dyn std::fmt::Display) -> Error {
    Error::Failed(format!("a visit's row cannot be read: {error}").into())
}
