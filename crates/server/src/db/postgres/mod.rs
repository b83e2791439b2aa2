//! PostgreSQL: one writing connection with a task of its own, and a few that read. A connection that
//! is lost is made anew; for a while a server that restarts is waited for. Absent on purpose:
//! encryption, which the address refuses, and a pool library. Queries are not transactions, so a
//! connection can carry several at once and there is nothing to check out or to give back.

mod connection;
mod readers;
mod writer;

use std::sync::Arc;

use tokio_postgres::Config;

use super::writer::Queue;
use super::{Dialect, Error, Statement, Value, migrate};
use connection::{Connection, Fault};

pub(super) use readers::Readers;

/// The advisory lock that lets one process at a time look after the tables: "callboa" in ASCII.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(27991991034347361)";

/// Connects, brings the tables to this version and starts the writer's task.
pub(super) async fn open(config: &Config) -> Result<(Queue, Readers), Error> {
    let config = Arc::new(config.clone());
    let connection = Connection::open(&config).await?;
    while apply_next_migration(&connection).await? {}
    let (queue, orders, counters) = Queue::new();
    tokio::spawn(writer::run(connection, Arc::clone(&config), orders, counters));
    Ok((queue, Readers::new(config)))
}

/// Applies one migration, if one is missing.
async fn apply_next_migration(connection: &Connection) -> Result<bool, Error> {
    connection.batch("BEGIN").await?;
    let applied = try_next_migration(connection).await;
    let ended = connection.batch(if applied.is_ok() { "COMMIT" } else { "ROLLBACK" }).await;
    let applied = applied?;
    ended?;
    Ok(applied)
}

async fn try_next_migration(connection: &Connection) -> Result<bool, Fault> {
    connection.batch(MIGRATION_LOCK).await?;
    connection.batch(migrate::CREATE).await?;
    let rows = connection.run(&Statement::new(migrate::APPLIED, []), &Value::Null).await?.rows;
    let Some(migration) = migrate::next(&rows)? else { return Ok(false) };
    connection.batch(&migration.text(Dialect::Postgres)).await?;
    let record = [migration.number.into(), migration.name.into(), migration.checksum().into()];
    connection.run(&Statement::new(migrate::RECORD, record), &Value::Null).await?;
    Ok(true)
}
