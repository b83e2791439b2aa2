//! The one queue through which everything is written. Whatever has gathered while the last commit
//! was on its way to the disk goes into the next, so that the cost of a sync is shared by everyone
//! who waits for one. Nothing here waits for more to come: alone, a unit is committed at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{mpsc, oneshot};

use super::{Answer, Error, Unit, WriteError};

/// Units that may wait for the next commit before those who hand them over wait too. Enough for
/// two full commits, so that the writer is never out of work because the queue is short.
pub(super) const QUEUE_MAX: usize = 1024;

/// Units of one commit. From here on the share of the sync in the cost of a unit is lost in the
/// noise, and everyone in the commit waits for all of it.
const BATCH_UNITS_MAX: usize = 512;

/// Bytes of one commit after which no further unit joins it; about what a disk takes in 10 ms.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Something asked of the writer.
pub(super) enum Order {
    Unit(Unit, oneshot::Sender<Answer>),
    /// Finish what was handed over before, close the connection and end.
    Close(oneshot::Sender<()>),
}

/// The end of the queue that callers hold.
#[derive(Clone)]
pub(super) struct Queue {
    orders: mpsc::Sender<Order>,
    counters: Arc<Counters>,
}

impl Queue {
    pub(super) fn new() -> (Self, mpsc::Receiver<Order>, Arc<Counters>) {
        let (orders, receiver) = mpsc::channel(QUEUE_MAX);
        let counters = Arc::new(Counters::default());
        (Self { orders, counters: Arc::clone(&counters) }, receiver, counters)
    }

    /// Hands a unit over and waits until it is on disk. A caller that stops waiting does not undo
    /// it: once handed over, a unit is written.
    pub(super) async fn write(&self, unit: Unit) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.orders.send(Order::Unit(unit, reply)).await.map_err(|_| WriteError::Failed(Error::Closed))?;
        answer.await.unwrap_or(Err(WriteError::Failed(Error::Closed)))
    }

    pub(super) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        // Either send fails only when the writer has ended already, which is what was wanted.
        if self.orders.send(Order::Close(reply)).await.is_ok() {
            let _: Result<(), _> = closed.await;
        }
    }

    pub(super) fn stats(&self) -> Stats {
        self.counters.snapshot()
    }
}

/// The units of one commit, and those who wait for it.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) units: Vec<Unit>,
    replies: Vec<oneshot::Sender<Answer>>,
    /// Someone who wants the writer to end after this commit.
    pub(super) close: Option<oneshot::Sender<()>>,
}

impl Batch {
    /// That order and what else is there already.
    pub(super) fn gather(first: Order, orders: &mut mpsc::Receiver<Order>) -> Self {
        let mut batch = Self::default();
        let mut bytes = batch.add(first);
        while bytes < BATCH_BYTES_MAX && batch.units.len() < BATCH_UNITS_MAX && batch.close.is_none() {
            let Ok(order) = orders.try_recv() else { break };
            bytes += batch.add(order);
        }
        batch
    }

    fn add(&mut self, order: Order) -> usize {
        match order {
            Order::Unit(unit, reply) => {
                let size = unit.size();
                self.units.push(unit);
                self.replies.push(reply);
                size
            }
            Order::Close(reply) => {
                self.close = Some(reply);
                0
            }
        }
    }

    /// Tells everyone what became of their unit. Who no longer waits is not missed.
    pub(super) fn answer(self, answers: Vec<Answer>) -> Option<oneshot::Sender<()>> {
        assert_eq!(answers.len(), self.replies.len(), "every unit of a commit is answered");
        for (reply, answer) in self.replies.into_iter().zip(answers) {
            let _: Result<(), Answer> = reply.send(answer);
        }
        self.close
    }
}

/// What the writer has done so far.
#[derive(Default)]
pub(super) struct Counters {
    commits: AtomicU64,
    units: AtomicU64,
    retries: AtomicU64,
}

impl Counters {
    pub(super) fn committed(&self, answers: &[Answer]) {
        let written = answers.iter().filter(|answer| answer.is_ok()).count();
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.units.fetch_add(written as u64, Ordering::Relaxed);
    }

    pub(super) fn retried(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    fn snapshot(&self) -> Stats {
        Stats {
            commits: self.commits.load(Ordering::Relaxed),
            units: self.units.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
        }
    }
}

/// How much was written since the database was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Commits that succeeded.
    pub commits: u64,
    /// Units in them.
    pub units: u64,
    /// Commits that were begun again, because one unit in them failed, the connection was lost or
    /// another process was in the way.
    pub retries: u64,
}
