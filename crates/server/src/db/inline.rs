//! SQLite without threads, for simulations: everything is carried out where it is awaited, so that one
//! seed gives one order of things, and whoever simulates decides before and after each commit whether
//! the process lives on. Statements, transactions and the gathering of units into commits are those
//! of the real thing.
//!
//! Absent on purpose: any use by the program itself.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

use super::sqlite::{Connection, Writer, open_for_reading, open_for_writing};
use super::writer::{Batch, Order, Queue};
use super::{Answer, Error, Row, Statement, Unit, Value, WriteError};

/// Where a process can die, or its database fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// Before a query.
    Read,
    /// Before a commit: nothing of it is on disk.
    Commit,
    /// After a commit: it is on disk, and nobody knows.
    Committed,
}

/// What happens at a point.
#[derive(Clone, Debug)]
pub enum Fate {
    /// Nothing.
    Go,
    /// The database fails. After a commit that means that its answer is lost.
    Fail(Error),
    /// The process dies: nobody hears of this, or of anything else, ever again.
    Die,
}

/// What decides between life and death.
pub trait Fuse: Send + Sync {
    /// How long it takes to get to a point.
    fn pause(&self, point: Point) -> Duration;
    /// What happens there.
    fn fate(&self, point: Point) -> Fate;
}

/// Opens the database, and begins the task that writes.
pub(super) fn open(path: &Path, fuse: &Arc<dyn Fuse>) -> Result<(Queue, Reader), Error> {
    let (queue, orders, counters) = Queue::new();
    let connection = open_for_writing(path)?;
    // A process that dies takes nothing with it that it gave to the operating system; what a power cut
    // does is the business of other tests.
    connection.command("PRAGMA synchronous = OFF")?;
    let reader = Reader { connection: Arc::new(Mutex::new(open_for_reading(path)?)), fuse: Arc::clone(fuse) };
    tokio::spawn(write(Writer { connection, counters }, orders, Arc::clone(fuse)));
    Ok((queue, reader))
}

async fn write(writer: Writer, mut orders: mpsc::Receiver<Order>, fuse: Arc<dyn Fuse>) {
    while let Some(order) = orders.recv().await {
        let batch = Batch::gather(order, &mut orders);
        pause(fuse.as_ref(), Point::Commit).await;
        let Some(answers) = carry_out(&writer, &batch.units, fuse.as_ref()) else {
            // Those who wait for an answer wait for ever, as those of a dead process do.
            return std::future::pending().await;
        };
        if let Some(closed) = batch.answer(answers) {
            drop(writer);
            let _: Result<(), ()> = closed.send(());
            return;
        }
    }
}

/// Commits the units; nothing where the process dies of it.
fn carry_out(writer: &Writer, units: &[Unit], fuse: &dyn Fuse) -> Option<Vec<Answer>> {
    if units.is_empty() {
        return Some(Vec::new());
    }
    let failed = |error: Error| units.iter().map(|_| Err(WriteError::Failed(error.clone()))).collect();
    match fuse.fate(Point::Commit) {
        Fate::Fail(error) => return Some(failed(error)),
        Fate::Die => return None,
        Fate::Go => {}
    }
    let answers = writer.commit(units);
    match fuse.fate(Point::Committed) {
        Fate::Go => Some(answers),
        Fate::Fail(error) => Some(failed(error)),
        Fate::Die => None,
    }
}

async fn pause(fuse: &dyn Fuse, point: Point) {
    let pause = fuse.pause(point);
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
}

/// The one who reads.
#[derive(Clone)]
pub(super) struct Reader {
    connection: Arc<Mutex<Connection>>,
    fuse: Arc<dyn Fuse>,
}

impl Reader {
    pub(super) async fn query(&self, statement: &Statement) -> Result<Vec<Row>, Error> {
        pause(self.fuse.as_ref(), Point::Read).await;
        match self.fuse.fate(Point::Read) {
            Fate::Go => {}
            Fate::Fail(error) => return Err(error),
            Fate::Die => return std::future::pending().await,
        }
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(connection.run(statement, &Value::Null)?.rows)
    }
}
