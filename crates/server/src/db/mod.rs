//! Two databases, one text. [`Db`] is SQLite in a file or a PostgreSQL server; statements are
//! written once, in the subset that both speak, with `$1` for parameters. Where they must differ,
//! [`Dialect::pick`] stands with both texts side by side.
//!
//! Everything is written through one queue per process and committed in groups; reads go beside it.
//! Absent on purpose: an object mapper, a query builder, open transactions in the hands of callers,
//! and any knowledge of what the tables mean.

mod address;
mod data_dir;
mod error;
mod inline;
mod migrate;
mod postgres;
mod sqlite;
mod unit;
mod value;
mod writer;

pub use address::Address;
pub use data_dir::{DataDir, DataDirError, DatabaseLock};
pub use error::Error;
#[doc(hidden)]
pub use inline::{Fate, Fuse, Point};
pub use unit::{Answer, Done, Statement, Unit, Write, WriteError};
pub use value::{Row, Value};
pub use writer::Stats;

use address::Place;
use writer::Queue;

/// A database. Clones share its connections.
#[derive(Clone)]
pub struct Db {
    queue: Queue,
    readers: Readers,
}

#[derive(Clone)]
enum Readers {
    Sqlite(sqlite::Readers),
    Postgres(postgres::Readers),
    Inline(inline::Reader),
}

impl Db {
    /// Opens the database, makes it if it is an SQLite file that is not there, and brings its
    /// tables to this version. Must be called inside a tokio runtime, which then carries its tasks.
    pub async fn open(address: &Address) -> Result<Self, Error> {
        match &address.0 {
            Place::Sqlite(path) => {
                let (queue, readers) = sqlite::open(path).await?;
                Ok(Self { queue, readers: Readers::Sqlite(readers) })
            }
            Place::Postgres(config) => {
                let (queue, readers) = postgres::open(config).await?;
                Ok(Self { queue, readers: Readers::Postgres(readers) })
            }
        }
    }

    /// Opens an SQLite file for a simulation: without threads, and with a fuse.
    #[doc(hidden)]
    pub fn open_inline(path: &std::path::Path, fuse: &std::sync::Arc<dyn Fuse>) -> Result<Self, Error> {
        let (queue, reader) = inline::open(path, fuse)?;
        Ok(Self { queue, readers: Readers::Inline(reader) })
    }

    /// The rows that a query finds.
    pub async fn query(&self, sql: &'static str, params: impl Into<Vec<Value>>) -> Result<Vec<Row>, Error> {
        let statement = Statement::new(sql, params);
        match &self.readers {
            Readers::Sqlite(readers) => readers.query(statement).await,
            Readers::Postgres(readers) => readers.query(&statement).await,
            Readers::Inline(reader) => reader.query(&statement).await,
        }
    }

    /// The one row that a query finds, if it finds one. More than one is a bug of the query.
    pub async fn query_optional(
        &self,
        sql: &'static str,
        params: impl Into<Vec<Value>>,
    ) -> Result<Option<Row>, Error> {
        let mut rows = self.query(sql, params).await?;
        if rows.len() > 1 {
            return Err(Error::Failed(
                format!("{} rows were found where one was expected", rows.len()).into(),
            ));
        }
        Ok(rows.pop())
    }

    /// The one row that a query finds.
    pub async fn query_one(&self, sql: &'static str, params: impl Into<Vec<Value>>) -> Result<Row, Error> {
        let row = self.query_optional(sql, params).await?;
        row.ok_or_else(|| Error::Failed("no row was found where one was expected".into()))
    }

    /// Carries out one statement and says how many rows it affected.
    pub async fn execute(&self, sql: &'static str, params: impl Into<Vec<Value>>) -> Result<u64, Error> {
        match self.write(Unit::new([Write::new(sql, params)])).await {
            Ok(done) => Ok(done.first().map_or(0, |done| done.affected)),
            Err(WriteError::Failed(error)) => Err(error),
            Err(error @ WriteError::NotTaken { .. }) => {
                unreachable!("a write without a claim cannot be refused: {error}")
            }
        }
    }

    /// Carries out writes that are true together or not at all.
    pub async fn transaction(&self, writes: impl Into<Vec<Write>>) -> Answer {
        self.write(Unit::new(writes)).await
    }

    /// Carries out a unit. It shares its commit with whatever else gathers, and is answered when
    /// that is on disk. A caller that stops waiting does not undo it.
    pub async fn write(&self, unit: Unit) -> Answer {
        self.queue.write(unit).await
    }

    /// Finishes what was handed over and closes the writing connection. Every later write through
    /// any clone is refused with [`Error::Closed`].
    pub async fn close(&self) {
        self.queue.close().await;
    }

    /// Which of the two databases this is.
    pub const fn dialect(&self) -> Dialect {
        match self.readers {
            Readers::Sqlite(_) | Readers::Inline(_) => Dialect::Sqlite,
            Readers::Postgres(_) => Dialect::Postgres,
        }
    }

    /// How much was written so far.
    pub fn stats(&self) -> Stats {
        self.queue.stats()
    }
}

/// One of the two databases, for the few texts in which they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// The text for this one.
    pub const fn pick(self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}
