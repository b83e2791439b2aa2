//! The connections that read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Mutex;
use tokio_postgres::Config;

use super::connection::{Connection, Fault};
use crate::db::{Error, Row, Statement, Value};

/// Reading connections. Each carries several queries one after the other, so a few are enough to
/// keep a long query from standing in front of all others.
const READERS_MAX: usize = 4;

/// The connections that read, each opened when first needed.
#[derive(Clone)]
pub(in crate::db) struct Readers(Arc<Shared>);

struct Shared {
    config: Arc<Config>,
    slots: [Slot; READERS_MAX],
}

#[derive(Default)]
struct Slot {
    connection: Mutex<Option<Arc<Connection>>>,
    /// Queries under way.
    busy: AtomicUsize,
}

impl Readers {
    pub(super) fn new(config: Arc<Config>) -> Self {
        Self(Arc::new(Shared { config, slots: Default::default() }))
    }

    /// A read that was cut off is made once more on a new connection: it changes nothing.
    pub(in crate::db) async fn query(&self, statement: &Statement) -> Result<Vec<Row>, Error> {
        let Some(slot) = self.0.slots.iter().min_by_key(|slot| slot.busy.load(Ordering::Relaxed)) else {
            return Err(Error::Closed);
        };
        let _busy = Busy::new(slot);
        let connection = slot.connection(&self.0.config).await?;
        match connection.run(statement, &Value::Null).await {
            Ok(done) => Ok(done.rows),
            Err(Fault::Lost(_) | Fault::Again(_)) => {
                let connection = slot.connection(&self.0.config).await?;
                Ok(connection.run(statement, &Value::Null).await?.rows)
            }
            Err(Fault::Statement(error)) => Err(error),
        }
    }
}

impl Slot {
    async fn connection(&self, config: &Config) -> Result<Arc<Connection>, Error> {
        let mut slot = self.connection.lock().await;
        if let Some(connection) = slot.as_ref().filter(|connection| !connection.is_closed()) {
            return Ok(Arc::clone(connection));
        }
        let connection = Arc::new(Connection::open_patiently(config).await?);
        *slot = Some(Arc::clone(&connection));
        Ok(connection)
    }
}

/// Counts one query, also when its caller stops waiting.
struct Busy<'a>(&'a Slot);

impl<'a> Busy<'a> {
    fn new(slot: &'a Slot) -> Self {
        slot.busy.fetch_add(1, Ordering::Relaxed);
        Self(slot)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}
