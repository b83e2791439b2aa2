//! Workflows, and the frozen definitions that runs of them point to.

mod definitions;

pub use definitions::{Definitions, Frozen};

use std::sync::Arc;

use callboard_engine::time::Time;

use crate::db::{Db, Error, Value};

/// The number of the project's workflow with that name, which is made where it is not there yet.
pub async fn ensure(db: &Db, project_id: i64, name: &str, now: Time) -> Result<i64, Error> {
    let name: Arc<str> = name.into();
    db.execute(
        "INSERT INTO workflow (project_id, name, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (project_id, name) DO NOTHING",
        [Value::Int(project_id), Value::Text(Arc::clone(&name)), Value::Int(now.as_millis())],
    )
    .await?;
    let find = "SELECT id FROM workflow WHERE project_id = $1 AND name = $2";
    db.query_one(find, [Value::Int(project_id), Value::Text(name)]).await?.int(0)
}
