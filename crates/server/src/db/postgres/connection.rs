//! One connection to a PostgreSQL server: statements kept prepared, many sent at once, values in
//! and out, and a verdict on every error: is it the statement's, the moment's or the connection's.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use futures_util::TryStreamExt as _;
use futures_util::future::poll_immediate;
use tokio::time::Instant;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, NoTls};

use crate::db::{Done, Error, Row, Statement, Value};

/// How long a server that cannot be reached is tried again before its callers are told. A restart
/// takes a few seconds; what lasts longer is an outage that someone should see.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pause between two tries to reach it: short beside a restart, long beside a refusal.
const PAUSE: Duration = Duration::from_millis(100);

/// Nothing is answered before it is on disk, whatever the server's own default says. Stricter
/// settings, such as waiting for a standby, are left as they are.
///
/// Long texts are packed by the quicker of the two ways where the server has it and nobody has chosen: the
/// old one takes longer for the events of a long run than all else that becomes of them.
const SESSION: &str = "SELECT set_config('synchronous_commit', 'on', false) \
     WHERE current_setting('synchronous_commit') IN ('off', 'local'); \
     SELECT set_config(name, 'lz4', false) FROM pg_settings \
     WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals) AND source = 'default'";

/// What an error means for what comes next.
#[derive(Debug)]
pub(super) enum Fault {
    /// The connection is gone; a new one may work.
    Lost(Error),
    /// Another transaction was in the way; the same again may work.
    Again(Error),
    /// The statement itself cannot be carried out.
    Statement(Error),
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Lost(error) | Fault::Again(error) | Fault::Statement(error) => error,
        }
    }
}

/// Errors of our own making, such as a migration that does not fit, are never the connection's.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Statement(error)
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(said) = error.as_db_error() else {
            let io = std::error::Error::source(&error).is_some_and(|source| source.is::<std::io::Error>());
            let text = with_causes(&error).into();
            return if error.is_closed() || io {
                Self::Lost(Error::Unreachable(text))
            } else {
                Self::Statement(Error::Failed(text))
            };
        };
        let code = said.code();
        let text = format!("{} ({})", said.message(), code.code()).into();
        // 08: the connection; 28: who connects; 3D: to which database; 57P: the server is going or
        // coming; 53300: it has too many connections.
        let unreachable = ["08", "28", "3D", "57P"].iter().any(|class| code.code().starts_with(class));
        if unreachable || *code == SqlState::TOO_MANY_CONNECTIONS {
            Self::Lost(Error::Unreachable(text))
        } else if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED {
            Self::Again(Error::Failed(text))
        } else if *code == SqlState::DISK_FULL {
            Self::Statement(Error::Full(text))
        } else {
            Self::Statement(Error::Failed(text))
        }
    }
}

/// The driver's errors name their causes apart, and only those say what happened.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

/// A connection and the statements that it has prepared.
pub(super) struct Connection {
    client: Client,
    /// By where the `'static` text lies: comparing two numbers is enough, as a text never moves.
    prepared: Mutex<HashMap<(usize, usize), tokio_postgres::Statement>>,
}

impl Connection {
    /// Connects once.
    pub(super) async fn open(config: &Config) -> Result<Self, Error> {
        let connected = config.connect(NoTls).await;
        let (client, connection) = connected.map_err(|error| match Fault::from(error) {
            Fault::Lost(error) | Fault::Again(error) => error,
            // Nothing was asked yet but to be let in.
            Fault::Statement(error) => Error::Unreachable(error.to_string().into()),
        })?;
        tokio::spawn(async move {
            // Whoever uses the connection gets the error too, and handles it there.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to PostgreSQL ended");
            }
        });
        let connection = Self { client, prepared: Mutex::default() };
        connection.batch(SESSION).await?;
        Ok(connection)
    }

    /// Connects, and waits for a server that is restarting.
    pub(super) async fn open_patiently(config: &Config) -> Result<Self, Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match Self::open(config).await {
                Err(Error::Unreachable(_)) if Instant::now() < deadline => tokio::time::sleep(PAUSE).await,
                opened => return opened,
            }
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Carries out a text of several statements without parameters.
    pub(super) async fn batch(&self, sql: &str) -> Result<(), Fault> {
        Ok(self.client.batch_execute(sql).await?)
    }

    /// Carries out one statement.
    pub(super) async fn run(&self, statement: &Statement, new_id: &Value) -> Result<Done, Fault> {
        self.prepare(statement.sql).await?;
        self.send(statement, new_id).await
    }

    /// Carries out several statements that were prepared before: all are sent before the first
    /// answer is waited for, so they cost one journey together. An error does not keep the later
    /// ones from being sent; inside a transaction the server refuses them by itself.
    pub(super) async fn run_all(&self, statements: &[(&Statement, &Value)]) -> Vec<Result<Done, Fault>> {
        in_one_journey(statements.iter().map(|(statement, new_id)| self.send(statement, new_id))).await
    }

    /// Prepares a text, if that was not done yet. What fails to be prepared inside a transaction
    /// ends it, so whoever begins one prepares everything before.
    pub(super) async fn prepare(&self, sql: &'static str) -> Result<(), Fault> {
        if self.get(sql).is_none() {
            let prepared = self.client.prepare(sql).await?;
            self.prepared.lock().unwrap_or_else(PoisonError::into_inner).insert(key(sql), prepared);
        }
        Ok(())
    }

    fn get(&self, sql: &'static str) -> Option<tokio_postgres::Statement> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).get(&key(sql)).cloned()
    }

    /// Sends at its first poll, which is what keeps [`Self::run_all`] in order.
    async fn send(&self, statement: &Statement, new_id: &Value) -> Result<Done, Fault> {
        let Some(prepared) = self.get(statement.sql) else {
            unreachable!("a statement was sent before it was prepared: {}", statement.sql);
        };
        let expected = prepared.params().len();
        if expected != statement.params.len() {
            return Err(Fault::Statement(Error::Failed(
                format!(
                    "{} parameters were given where {expected} were expected: {}",
                    statement.params.len(),
                    statement.sql
                )
                .into(),
            )));
        }
        let params: Vec<&Value> = statement
            .params
            .iter()
            .map(|value| if *value == Value::NewId { new_id } else { value })
            .collect();
        let mut found = pin!(self.client.query_raw(&prepared, params).await?);
        let mut rows = Vec::new();
        while let Some(row) = found.try_next().await? {
            rows.push(row_of(&row)?);
        }
        Ok(Done { affected: found.rows_affected().unwrap_or_default(), rows })
    }
}

fn key(sql: &'static str) -> (usize, usize) {
    (sql.as_ptr().addr(), sql.len())
}

/// Starts all of them in order, then finishes them in order.
async fn in_one_journey<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut started = Vec::new();
    for future in futures {
        let mut future = Box::pin(future);
        let early = poll_immediate(&mut future).await;
        started.push((early, future));
    }
    let mut finished = Vec::with_capacity(started.len());
    for (early, future) in started {
        finished.push(match early {
            Some(output) => output,
            None => future.await,
        });
    }
    finished
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            // The number of a row that was never made is nothing.
            Self::Null | Self::NewId => Ok(IsNull::Yes),
            Self::Int(number) if *kind == Type::INT8 => number.to_sql(kind, out),
            Self::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Int(number) if *kind == Type::FLOAT8 => (*number as f64).to_sql(kind, out),
            Self::Real(number) if *kind == Type::FLOAT8 => number.to_sql(kind, out),
            Self::Text(text) if <&str as ToSql>::accepts(kind) => (&**text).to_sql(kind, out),
            Self::Bytes(bytes) if *kind == Type::BYTEA => (&**bytes).to_sql(kind, out),
            Self::Int(_) | Self::Real(_) | Self::Text(_) | Self::Bytes(_) => {
                Err(format!("{} cannot be stored as {kind}", self.kind()).into())
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        // The type alone does not tell; `to_sql` says so if they do not fit.
        true
    }

    to_sql_checked!();
}

fn row_of(row: &tokio_postgres::Row) -> Result<Row, Fault> {
    let values: Result<Box<[Value]>, Fault> =
        (0..row.len()).map(|index| value_of(row, index, row.columns()[index].type_())).collect();
    Ok(Row::new(values?))
}

fn value_of(row: &tokio_postgres::Row, index: usize, kind: &Type) -> Result<Value, Fault> {
    Ok(match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(index)?.into(),
        Type::INT4 => row.try_get::<_, Option<i32>>(index)?.into(),
        Type::BOOL => row.try_get::<_, Option<bool>>(index)?.into(),
        Type::FLOAT8 => row.try_get::<_, Option<f64>>(index)?.into(),
        Type::TEXT | Type::VARCHAR | Type::NAME => row.try_get::<_, Option<&str>>(index)?.into(),
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(index)?.into(),
        _ => {
            let text = format!("column {index} is a {kind}; the query has to cast it, a sum to BIGINT");
            return Err(Fault::Statement(Error::Failed(text.into())));
        }
    })
}
