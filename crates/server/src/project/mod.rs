//! Projects: the space that owns everything else.

use std::sync::Arc;

use callboard_engine::time::Time;

use crate::db::{Db, Error, Value};

/// The number of the project with that name, which is made where it is not there yet.
pub async fn ensure(db: &Db, name: &str, now: Time) -> Result<i64, Error> {
    let name: Arc<str> = name.into();
    db.execute(
        "INSERT INTO project (name, created_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        [Value::Text(Arc::clone(&name)), Value::Int(now.as_millis())],
    )
    .await?;
    db.query_one("SELECT id FROM project WHERE name = $1", [Value::Text(name)]).await?.int(0)
}
