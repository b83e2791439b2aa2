//! What runs go on from: the table that holds families together, also over the deletion of their members.

use std::sync::Arc;

use callboard_api::rerun::Descent;
use callboard_engine::event::PastVisit;
use serde_json::json;

use crate::db::{Db, Dialect, Error, Row, Value, Write};

/// What a new run goes on from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) source: i64,
    /// The first of the runs that one call started, where it started several: the new run itself, or one
    /// before it.
    pub(crate) group: Option<Value>,
    /// Which of the variants it is, from 1.
    pub(crate) variant: u32,
    pub(crate) descent: Descent,
}

/// What makes a new run one that goes on from another: refused where that one is gone, or has not ended.
pub(crate) fn claim(dialect: Dialect, origin: &Origin) -> Result<Write, serde_json::Error> {
    // PostgreSQL has to be told that the source is not to be deleted meanwhile.
    let text = dialect.pick(
        "INSERT INTO run_origin (run_id, source_id, root_id, group_id, variant, descent) \
         SELECT $1, run.id, COALESCE((SELECT root_id FROM run_origin WHERE run_id = run.id), run.id), $3, $4, $5 \
         FROM run WHERE run.id = $2 AND run.status IN ('completed', 'stopped', 'error')",
        "INSERT INTO run_origin (run_id, source_id, root_id, group_id, variant, descent) \
         SELECT CAST($1 AS BIGINT), run.id, \
                COALESCE((SELECT root_id FROM run_origin WHERE run_id = run.id), run.id), \
                CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS TEXT) \
         FROM run WHERE run.id = $2 AND run.status IN ('completed', 'stopped', 'error') FOR SHARE OF run",
    );
    let descent = serde_json::to_string(&origin.descent)?;
    Ok(Write::claim(
        text,
        [
            Value::NewId,
            origin.source.into(),
            origin.group.clone().unwrap_or(Value::Null),
            origin.variant.into(),
            descent.into(),
        ],
    ))
}

/// What gives a new run the texts of the documents that it takes over, so that it needs its source no
/// more. Nothing where there are none.
pub(crate) fn documents(dialect: Dialect, source: i64, visits: &[Arc<PastVisit>]) -> Option<Write> {
    let hashes: Vec<&str> =
        visits.iter().flat_map(|visit| &visit.documents).map(|document| document.hash.as_str()).collect();
    if hashes.is_empty() {
        return None;
    }
    let text = dialect.pick(
        "INSERT INTO run_document (run_id, hash, body) SELECT $1, hash, body FROM run_document \
         WHERE run_id = $2 AND hash IN (SELECT value FROM json_each($3)) ON CONFLICT (run_id, hash) DO NOTHING",
        "INSERT INTO run_document (run_id, hash, body) SELECT CAST($1 AS BIGINT), hash, body FROM run_document \
         WHERE run_id = $2 AND hash IN (SELECT json_array_elements_text(CAST(CAST($3 AS TEXT) AS JSON))) \
         ON CONFLICT (run_id, hash) DO NOTHING",
    );
    let hashes = json!(hashes).to_string();
    Some(Write::new(text, [Value::NewId, source.into(), hashes.into()]))
}

/// What forgets, once a run is deleted, where it came from, unless runs that are there go on from it at any
/// distance: through it they are of one family. So are those before it that were kept for its sake alone.
pub(super) fn forgotten(id: i64) -> Write {
    let forget = "DELETE FROM run_origin WHERE root_id IN \
                      (SELECT CAST($1 AS BIGINT) UNION SELECT root_id FROM run_origin WHERE run_id = $1) \
                  AND run_id NOT IN ( \
                      WITH RECURSIVE kept (run_id) AS ( \
                          SELECT one.run_id FROM run_origin AS one JOIN run ON run.id = one.run_id \
                          WHERE one.root_id IN \
                              (SELECT CAST($1 AS BIGINT) UNION SELECT root_id FROM run_origin WHERE run_id = $1) \
                          UNION SELECT before.source_id FROM run_origin AS before \
                              JOIN kept ON kept.run_id = before.run_id) \
                      SELECT run_id FROM kept)";
    Write::new(forget, [id.into()])
}

/// A run of a family, as its row says.
pub(crate) struct OriginRow {
    pub(crate) run: i64,
    pub(crate) group: Option<i64>,
    pub(crate) variant: u32,
    pub(crate) descent: Descent,
}

/// The run from which a run's family comes: itself, where it goes on from none.
pub(crate) async fn root(db: &Db, run: i64) -> Result<i64, Error> {
    let find = "SELECT root_id FROM run_origin WHERE run_id = $1";
    db.query_optional(find, [run.into()]).await?.map_or(Ok(run), |row| row.int(0))
}

/// The runs that go on from a root, at any distance, the oldest first.
pub(crate) async fn descendants(db: &Db, root: i64, at_most: usize) -> Result<Vec<OriginRow>, Error> {
    let find = "SELECT run_id, group_id, variant, descent FROM run_origin WHERE root_id = $1 \
                ORDER BY run_id LIMIT $2";
    rows(db.query(find, [root.into(), (at_most as u64).into()]).await?)
}

/// The runs that one call started.
pub(crate) async fn group(db: &Db, group: i64) -> Result<Vec<OriginRow>, Error> {
    let find =
        "SELECT run_id, group_id, variant, descent FROM run_origin WHERE group_id = $1 ORDER BY run_id";
    rows(db.query(find, [group.into()]).await?)
}

/// Where a run comes from, if it goes on from another.
pub(crate) async fn of(db: &Db, run: i64) -> Result<Option<OriginRow>, Error> {
    let find = "SELECT run_id, group_id, variant, descent FROM run_origin WHERE run_id = $1";
    Ok(rows(db.query(find, [run.into()]).await?)?.pop())
}

fn rows(rows: Vec<Row>) -> Result<Vec<OriginRow>, Error> {
    let row = |row: Row| {
        let descent = serde_json::from_str(&row.text(3)?)
            .map_err(|error| Error::Failed(format!("an origin cannot be read: {error}").into()))?;
        let variant = u32::try_from(row.int(2)?).unwrap_or(0);
        Ok(OriginRow { run: row.int(0)?, group: row.int_or_null(1)?, variant, descent })
    };
    rows.into_iter().map(row).collect()
}
