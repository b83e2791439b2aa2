//! SQLite: one thread that owns the one writing connection, and a few reading connections beside
//! it. Readers see the last commit and never wait for the writer (write-ahead log).

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection as Sqlite, ErrorCode, OpenFlags};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::writer::{Batch, Counters, Order, Queue};
use super::{Answer, Dialect, Done, Error, Row, Statement, Unit, Value, WriteError, migrate};

/// Reading connections. Reads are short and run on blocking threads; more than a few only make
/// them compete for the processor with the runs.
const READERS_MAX: usize = 4;

/// Statements that a connection keeps prepared: more than there are texts in the program, so that
/// none is prepared twice, and bounded all the same.
const PREPARED_MAX: usize = 512;

/// How often the way of writing of a file is set while others open it too. The first that gets through
/// has set it for all, so this many would have to come between.
const OPEN_TRIES_MAX: u32 = 20;

/// Opens the database: the writer's thread does it, and says when it is ready.
pub(super) async fn open(path: &Path) -> Result<(Queue, Readers), Error> {
    let (queue, orders, counters) = Queue::new();
    let (ready, opened) = oneshot::channel();
    let path = path.to_owned();
    let readers = Readers::new(path.clone());
    thread::Builder::new()
        .name("db-writer".into())
        .spawn(move || match open_for_writing(&path) {
            Ok(connection) => {
                if ready.send(Ok(())).is_ok() {
                    Writer { connection, counters }.run(orders);
                }
            }
            Err(error) => {
                let _: Result<(), _> = ready.send(Err(error));
            }
        })
        .map_err(|error| Error::Failed(format!("its thread could not be started: {error}").into()))?;
    opened.await.unwrap_or(Err(Error::Closed))?;
    Ok((queue, readers))
}

pub(super) fn open_for_writing(path: &Path) -> Result<Connection, Error> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open(path, flags)?;
    use_write_ahead_log(&connection)?;
    // The write-ahead log is moved into the database every 1,024 pages (4 MB). Everyone in that
    // commit waits for it: 4 to 8 ms here under full load, twice as long at 4,096 pages and no
    // cheaper. After a burst, or a reader that held it up, the file is cut back to 16 MB.
    // What a claim that is not met would take back is kept in memory: in a file it costs more than the claim.
    connection.sql.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 1024;
         PRAGMA journal_size_limit = 16777216;
         PRAGMA cache_size = -16384;",
    )?;
    while apply_next_migration(&connection)? {}
    Ok(connection)
}

/// SQLite refuses to change this at once while another process has the file, without waiting for
/// it as it does elsewhere. A transaction waits, so one is begun and ended before each new try.
fn use_write_ahead_log(connection: &Connection) -> Result<(), Error> {
    for _ in 1..OPEN_TRIES_MAX {
        if connection.sql.execute_batch("PRAGMA journal_mode = WAL").is_ok() {
            return Ok(());
        }
        connection.sql.execute_batch("BEGIN IMMEDIATE; COMMIT")?;
    }
    Ok(connection.sql.execute_batch("PRAGMA journal_mode = WAL")?)
}

/// Applies one migration, if one is missing. The transaction takes the write lock before it looks,
/// so two processes cannot both find the same one missing.
fn apply_next_migration(connection: &Connection) -> Result<bool, Error> {
    connection.sql.execute_batch("BEGIN IMMEDIATE")?;
    let applied = try_next_migration(connection);
    let end = if applied.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = connection.sql.execute_batch(end);
    let applied = applied?;
    ended?;
    Ok(applied)
}

fn try_next_migration(connection: &Connection) -> Result<bool, Error> {
    connection.sql.execute_batch(migrate::CREATE)?;
    let rows = connection.run(&Statement::new(migrate::APPLIED, []), &Value::Null)?.rows;
    let Some(migration) = migrate::next(&rows)? else { return Ok(false) };
    connection.sql.execute_batch(&migration.text(Dialect::Sqlite))?;
    let record = [migration.number.into(), migration.name.into(), migration.checksum().into()];
    connection.run(&Statement::new(migrate::RECORD, record), &Value::Null)?;
    Ok(true)
}

/// The one who writes.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) counters: Arc<Counters>,
}

impl Writer {
    fn run(self, mut orders: mpsc::Receiver<Order>) {
        while let Some(order) = orders.blocking_recv() {
            let batch = Batch::gather(order, &mut orders);
            let answers = self.commit(&batch.units);
            if let Some(closed) = batch.answer(answers) {
                drop(self);
                let _: Result<(), ()> = closed.send(());
                return;
            }
        }
    }

    /// Commits the units, all in one transaction. A statement that fails for its own reasons takes
    /// the transaction with it; then everything is done again, each unit with a savepoint around
    /// it, so that only the culprit fails. Savepoints copy every page that is touched after them,
    /// which is why they are not the rule.
    pub(super) fn commit(&self, units: &[Unit]) -> Vec<Answer> {
        if units.is_empty() {
            return Vec::new();
        }
        let answers = self.attempt(units, false).or_else(|_| {
            self.counters.retried();
            self.attempt(units, true)
        });
        match answers {
            Ok(answers) => {
                self.counters.committed(&answers);
                answers
            }
            Err(error) => units.iter().map(|_| Err(WriteError::Failed(error.clone()))).collect(),
        }
    }

    fn attempt(&self, units: &[Unit], savepoints: bool) -> Result<Vec<Answer>, Error> {
        self.connection.command("BEGIN IMMEDIATE")?;
        let written: Result<Vec<_>, _> = units.iter().map(|unit| self.write(unit, savepoints)).collect();
        let written = written.and_then(|answers| self.connection.command("COMMIT").map(|()| answers));
        if written.is_err() && !self.connection.sql.is_autocommit() {
            // Some errors have ended the transaction already. If it cannot be undone, the next
            // BEGIN fails and says so.
            let _: Result<(), Error> = self.connection.command("ROLLBACK");
        }
        written
    }

    /// One unit. An error means that the whole transaction has to be undone.
    fn write(&self, unit: &Unit, savepoints: bool) -> Result<Answer, Error> {
        let savepoint = savepoints || unit.may_need_undoing();
        if savepoint {
            self.connection.command("SAVEPOINT unit")?;
        }
        let answer = self.carry_out(unit);
        match &answer {
            Ok(_) => {}
            Err(WriteError::NotTaken { .. }) if savepoint => self.connection.command("ROLLBACK TO unit")?,
            // The claim that was not met was the first write: there is nothing to undo.
            Err(WriteError::NotTaken { .. }) => {}
            Err(WriteError::Failed(_)) if savepoint && !self.connection.sql.is_autocommit() => {
                self.connection.command("ROLLBACK TO unit")?;
            }
            Err(WriteError::Failed(error)) => return Err(error.clone()),
        }
        if savepoint {
            self.connection.command("RELEASE unit")?;
        }
        match (answer, &unit.explain) {
            (Err(WriteError::NotTaken { index, .. }), Some(explain)) => {
                let explained = self.connection.run(explain, &Value::Null)?.rows;
                Ok(Err(WriteError::NotTaken { index, explained }))
            }
            (answer, _) => Ok(answer),
        }
    }

    fn carry_out(&self, unit: &Unit) -> Answer {
        let new_id = match &unit.new_id {
            Some(statement) => self.connection.run(statement, &Value::Null)?.new_id()?,
            None => Value::Null,
        };
        let mut done = Vec::with_capacity(unit.writes.len());
        for (index, write) in unit.writes.iter().enumerate() {
            let one = self.connection.run(&write.statement, &new_id)?;
            if write.claim && one.affected != 1 {
                return Err(WriteError::NotTaken { index, explained: Vec::new() });
            }
            done.push(one);
        }
        Ok(done)
    }
}

/// The ones who read. Their connections are opened when first needed.
#[derive(Clone)]
pub(super) struct Readers(Arc<ReadersShared>);

struct ReadersShared {
    path: PathBuf,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    fn new(path: PathBuf) -> Self {
        let permits = Arc::new(Semaphore::new(READERS_MAX));
        Self(Arc::new(ReadersShared { path, permits, idle: Mutex::default() }))
    }

    pub(super) async fn query(&self, statement: Statement) -> Result<Vec<Row>, Error> {
        let shared = Arc::clone(&self.0);
        let permit = Arc::clone(&shared.permits).acquire_owned().await.map_err(|_| Error::Closed)?;
        let read = tokio::task::spawn_blocking(move || {
            let rows = shared.query(&statement);
            // Held until here, also when the caller has stopped waiting: it counts connections.
            drop(permit);
            rows
        });
        read.await.map_err(|error| Error::Failed(format!("a read was cut off: {error}").into()))?
    }
}

impl ReadersShared {
    fn query(&self, statement: &Statement) -> Result<Vec<Row>, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open_for_reading(&self.path)?,
        };
        let done = connection.run(statement, &Value::Null);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        done.map(|done| done.rows)
    }
}

pub(super) fn open_for_reading(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open(path, flags)?;
    connection.sql.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -2048;")?;
    Ok(connection)
}

/// One connection, and the texts in SQLite's own spelling.
pub(super) struct Connection {
    sql: Sqlite,
    /// By where the `'static` text lies: comparing two numbers is enough, as a text never moves.
    texts: RefCell<HashMap<(usize, usize), Arc<str>>>,
}

impl Connection {
    fn open(path: &Path, flags: OpenFlags) -> Result<Self, Error> {
        let sql = Sqlite::open_with_flags(path, flags).map_err(|error| {
            Error::Unreachable(format!("{} cannot be opened: {error}", path.display()).into())
        })?;
        // Another program may look into the file, to back it up for example; it is waited for.
        sql.busy_timeout(std::time::Duration::from_secs(5))?;
        sql.set_prepared_statement_cache_capacity(PREPARED_MAX);
        // What is prepared stays so: else a text with a parameter in its LIMIT is prepared again each time
        // that another number is put in, which takes several times as long as to carry it out.
        sql.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Self { sql, texts: RefCell::default() })
    }

    /// A statement without parameters and rows, such as `COMMIT`.
    pub(super) fn command(&self, sql: &'static str) -> Result<(), Error> {
        self.sql.prepare_cached(sql)?.raw_execute()?;
        Ok(())
    }

    pub(super) fn run(&self, statement: &Statement, new_id: &Value) -> Result<Done, Error> {
        let text = self.text(statement.sql);
        let mut prepared = self.sql.prepare_cached(&text)?;
        if prepared.parameter_count() != statement.params.len() {
            return Err(Error::Failed(
                format!(
                    "{} parameters were given where {} were expected: {}",
                    statement.params.len(),
                    prepared.parameter_count(),
                    statement.sql
                )
                .into(),
            ));
        }
        for (index, value) in statement.params.iter().enumerate() {
            let value = if *value == Value::NewId { new_id } else { value };
            prepared.raw_bind_parameter(index + 1, value)?;
        }
        let columns = prepared.column_count();
        if columns == 0 {
            return Ok(Done { affected: prepared.raw_execute()? as u64, rows: Vec::new() });
        }
        let mut found = prepared.raw_query();
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let values: Result<Box<[Value]>, Error> =
                (0..columns).map(|column| value_of(row.get_ref(column)?)).collect();
            rows.push(Row::new(values?));
        }
        Ok(Done { affected: rows.len() as u64, rows })
    }

    fn text(&self, sql: &'static str) -> Arc<str> {
        let key = (sql.as_ptr().addr(), sql.len());
        let mut texts = self.texts.borrow_mut();
        Arc::clone(texts.entry(key).or_insert_with(|| in_sqlite_spelling(sql).into()))
    }
}

/// SQLite takes `$1` for a name and numbers names as they come; `?1` is the first parameter to it.
/// What stands in quotes is left alone.
fn in_sqlite_spelling(sql: &str) -> String {
    let mut quote = None;
    let mut text = String::with_capacity(sql.len());
    let mut rest = sql.chars().peekable();
    while let Some(char) = rest.next() {
        match quote {
            Some(open) if open == char => quote = None,
            None if char == '\'' || char == '"' => quote = Some(char),
            Some(_) | None => {}
        }
        let parameter = quote.is_none() && char == '$' && rest.peek().is_some_and(char::is_ascii_digit);
        text.push(if parameter { '?' } else { char });
    }
    text
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            // The number of a row that was never made is nothing.
            Self::Null | Self::NewId => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value_of(value: ValueRef<'_>) -> Result<Value, Error> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::from(
            std::str::from_utf8(text).map_err(|_| Error::Failed("a text is not valid UTF-8".into()))?,
        ),
        ValueRef::Blob(bytes) => Value::from(bytes),
    })
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string().into();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(text),
            Some(ErrorCode::CannotOpen | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Unreachable(text)
            }
            Some(_) | None => Self::Failed(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_spelled_as_sqlite_wants_them() {
        for (ours, theirs) in [
            ("SELECT $1, $12 WHERE a = $1", "SELECT ?1, ?12 WHERE a = ?1"),
            ("SELECT '$1', \"$2\", $3", "SELECT '$1', \"$2\", ?3"),
            ("SELECT 'it''s $1', $1", "SELECT 'it''s $1', ?1"),
            ("SELECT 'ä$', $1", "SELECT 'ä$', ?1"),
        ] {
            assert_eq!(in_sqlite_spelling(ours), theirs);
        }
    }
}
