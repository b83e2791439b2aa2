//! The one who writes to PostgreSQL. A commit is tried with all units at once, in two journeys to
//! the server whatever their number. If any of them is refused or fails, it is undone and made
//! again unit by unit, each with a savepoint around it, to find out who.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_postgres::Config;

use super::connection::{Connection, Fault};
use crate::db::writer::{Batch, Counters, Order};
use crate::db::{Answer, Done, Error, Statement, Unit, Value, WriteError};

/// How often a commit gives way to another process. The second time it is alone with the database
/// (see [`ALONE`]), so it gives way again only to a program that is not ours.
const GIVE_WAY_MAX: u32 = 5;

/// How often a commit whose connection was lost before it was asked for is begun anew. A server that
/// restarts takes one; what takes three may be one of these very statements.
const LOST_MAX: u32 = 3;

static BEGIN: Statement = Statement { sql: "BEGIN", params: Vec::new() };
static COMMIT: Statement = Statement { sql: "COMMIT", params: Vec::new() };

/// Every commit says that it is under way. Two that lock the same rows in opposite orders cannot both
/// get through; the server ends one of them.
static AMONG_OTHERS: Statement =
    Statement { sql: "SELECT 1 FROM pg_advisory_xact_lock_shared(27991991034347362)", params: Vec::new() };

/// The one that was ended waits until it is alone, and those that come later wait for it. Without
/// this the same side can lose as often as the other has something to write.
static ALONE: Statement =
    Statement { sql: "SELECT 1 FROM pg_advisory_xact_lock(27991991034347362)", params: Vec::new() };

static SAVEPOINT: Statement = Statement { sql: "SAVEPOINT unit", params: Vec::new() };
static RELEASE: Statement = Statement { sql: "RELEASE SAVEPOINT unit", params: Vec::new() };

pub(super) async fn run(
    connection: Connection,
    config: Arc<Config>,
    mut orders: mpsc::Receiver<Order>,
    counters: Arc<Counters>,
) {
    let mut writer = Writer { connection, config, counters };
    while let Some(order) = orders.recv().await {
        let batch = Batch::gather(order, &mut orders);
        let answers = writer.commit(&batch.units).await;
        if let Some(closed) = batch.answer(answers) {
            drop(writer);
            let _: Result<(), ()> = closed.send(());
            return;
        }
    }
}

struct Writer {
    connection: Connection,
    config: Arc<Config>,
    counters: Arc<Counters>,
}

/// Why a commit was not made.
enum Cut {
    /// Nothing was written.
    Before(Fault),
    /// It was asked for, and what became of it may not be known.
    During(Fault),
}

impl From<Fault> for Cut {
    fn from(fault: Fault) -> Self {
        Self::Before(fault)
    }
}

impl Writer {
    async fn commit(&mut self, units: &[Unit]) -> Vec<Answer> {
        if units.is_empty() {
            return Vec::new();
        }
        let (mut lost, mut gave_way) = (0, 0);
        let error = loop {
            if self.connection.is_closed()
                && let Err(error) = self.reconnect().await
            {
                break error;
            }
            let company = if gave_way == 0 { &AMONG_OTHERS } else { &ALONE };
            match self.attempt(units, company).await {
                Ok(answers) => {
                    self.counters.committed(&answers);
                    return answers;
                }
                // The server says that it undid the transaction, at whatever point.
                Err(Cut::Before(Fault::Again(_)) | Cut::During(Fault::Again(_)))
                    if gave_way < GIVE_WAY_MAX =>
                {
                    gave_way += 1;
                }
                // The connection may not know yet that it is closed, so it is not asked.
                Err(Cut::Before(Fault::Lost(_))) if lost < LOST_MAX => {
                    lost += 1;
                    if let Err(error) = self.reconnect().await {
                        break error;
                    }
                }
                Err(Cut::Before(fault) | Cut::During(fault)) => break fault.into(),
            }
            self.counters.retried();
        };
        units.iter().map(|_| Err(WriteError::Failed(error.clone()))).collect()
    }

    async fn reconnect(&mut self) -> Result<(), Error> {
        self.connection = Connection::open_patiently(&self.config).await?;
        Ok(())
    }

    async fn attempt(&self, units: &[Unit], company: &Statement) -> Result<Vec<Answer>, Cut> {
        let mut answers = Vec::with_capacity(units.len());
        let mut prepared = Vec::with_capacity(units.len());
        for statement in [&BEGIN, &AMONG_OTHERS, &ALONE, &SAVEPOINT, &RELEASE, &COMMIT] {
            self.connection.prepare(statement.sql).await?;
        }
        for (place, unit) in units.iter().enumerate() {
            match self.prepare(unit).await {
                Ok(()) => prepared.push(Numbered { place, unit, new_id: Value::Null }),
                Err(Fault::Statement(error)) => answers.push((place, Err(WriteError::Failed(error)))),
                Err(fault @ (Fault::Lost(_) | Fault::Again(_))) => return Err(Cut::Before(fault)),
            }
        }
        let written = self.transaction(prepared, &[plain(&BEGIN), plain(company)]).await?;
        answers.extend(written);
        answers.sort_by_key(|(place, _)| *place);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    async fn prepare(&self, unit: &Unit) -> Result<(), Fault> {
        let writes = unit.writes.iter().map(|write| &write.statement);
        for statement in writes.chain(&unit.new_id).chain(&unit.explain) {
            self.connection.prepare(statement.sql).await?;
        }
        Ok(())
    }

    /// The answers beside the places of those who wait for them.
    async fn transaction(
        &self,
        mut units: Vec<Numbered<'_>>,
        begin: &[Sent<'_>],
    ) -> Result<Vec<(usize, Answer)>, Cut> {
        self.number(&mut units).await?;
        // Two processes that lock the same rows in the same order cannot wait for each other.
        units.sort_by_key(|numbered| numbered.unit.order);
        match self.carry_out(&units, begin).await {
            Ok(answers) => {
                self.connection.run(&COMMIT, &Value::Null).await.map_err(Cut::During)?;
                Ok(units.iter().map(|numbered| numbered.place).zip(answers).collect())
            }
            Err(fault) => {
                // If it cannot be undone, the connection is gone and the transaction with it.
                let _: Result<(), Fault> = self.connection.batch("ROLLBACK").await;
                Err(Cut::Before(fault))
            }
        }
    }

    /// Asks for the new numbers that the units want.
    async fn number(&self, units: &mut [Numbered<'_>]) -> Result<(), Fault> {
        let wanted: Vec<_> =
            units.iter().filter_map(|numbered| numbered.unit.new_id.as_ref()).map(plain).collect();
        let mut found = self.connection.run_all(&wanted).await.into_iter();
        for numbered in units.iter_mut().filter(|numbered| numbered.unit.new_id.is_some()) {
            numbered.new_id = match found.next() {
                Some(Ok(done)) => done.new_id()?,
                Some(Err(fault @ (Fault::Lost(_) | Fault::Again(_)))) => return Err(fault),
                // Without its number the unit fails by itself, at the row that needs it.
                Some(Err(Fault::Statement(_))) | None => Value::Null,
            };
        }
        Ok(())
    }

    /// Everything but the commit.
    async fn carry_out(&self, units: &[Numbered<'_>], begin: &[Sent<'_>]) -> Result<Vec<Answer>, Fault> {
        if let Some(answers) = self.all_at_once(units, begin).await? {
            return Ok(answers);
        }
        self.connection.batch("ROLLBACK").await?;
        self.counters.retried();
        self.one_by_one(units, begin).await
    }

    /// All units, if all of them can be carried out.
    async fn all_at_once(
        &self,
        units: &[Numbered<'_>],
        begin: &[Sent<'_>],
    ) -> Result<Option<Vec<Answer>>, Fault> {
        let sent: Vec<_> = begin.iter().copied().chain(units.iter().flat_map(Numbered::sent)).collect();
        let mut results = self.connection.run_all(&sent).await.into_iter();
        for begun in results.by_ref().take(begin.len()) {
            begun?;
        }
        let mut answers = Vec::with_capacity(units.len());
        for Numbered { unit, .. } in units {
            let answer = verdict(unit, results.by_ref().take(unit.writes.len()))?;
            if answer.is_err() {
                return Ok(None);
            }
            answers.push(answer);
        }
        Ok(Some(answers))
    }

    /// Each unit in a savepoint of its own, so that one that is refused or fails is undone alone.
    async fn one_by_one(&self, units: &[Numbered<'_>], begin: &[Sent<'_>]) -> Result<Vec<Answer>, Fault> {
        let mut answers = Vec::with_capacity(units.len());
        let mut before = [begin, &[plain(&SAVEPOINT)]].concat();
        for numbered in units {
            answers.push(self.alone(numbered, &before).await?);
            before = vec![plain(&RELEASE), plain(&SAVEPOINT)];
        }
        Ok(answers)
    }

    async fn alone(&self, numbered: &Numbered<'_>, before: &[Sent<'_>]) -> Result<Answer, Fault> {
        let sent: Vec<_> = before.iter().copied().chain(numbered.sent()).collect();
        let mut results = self.connection.run_all(&sent).await.into_iter();
        for result in results.by_ref().take(before.len()) {
            result?;
        }
        let answer = verdict(numbered.unit, results)?;
        if answer.is_err() {
            self.connection.batch("ROLLBACK TO SAVEPOINT unit").await?;
        }
        match (answer, &numbered.unit.explain) {
            (Err(WriteError::NotTaken { index, .. }), Some(explain)) => {
                let explained = self.connection.run(explain, &Value::Null).await?.rows;
                Ok(Err(WriteError::NotTaken { index, explained }))
            }
            (answer, _) => Ok(answer),
        }
    }
}

/// A unit with its place among those who wait, and the new number that its rows carry.
struct Numbered<'a> {
    place: usize,
    unit: &'a Unit,
    new_id: Value,
}

/// A statement and the new number that stands in for [`Value::NewId`] in it.
type Sent<'a> = (&'a Statement, &'a Value);

impl Numbered<'_> {
    fn sent(&self) -> impl Iterator<Item = Sent<'_>> {
        self.unit.writes.iter().map(|write| (&write.statement, &self.new_id))
    }
}

const fn plain(statement: &Statement) -> Sent<'_> {
    (statement, &Value::Null)
}

/// What the results of a unit's writes, in their order, mean for it. All writes of a unit are sent
/// at once, so what comes after the first that failed means nothing.
fn verdict(unit: &Unit, results: impl Iterator<Item = Result<Done, Fault>>) -> Result<Answer, Fault> {
    let results: Vec<_> = results.collect();
    let mut done = Vec::with_capacity(results.len());
    for (index, (write, result)) in unit.writes.iter().zip(results).enumerate() {
        match result {
            Ok(one) if write.claim && one.affected != 1 => {
                return Ok(Err(WriteError::NotTaken { index, explained: Vec::new() }));
            }
            Ok(one) => done.push(one),
            Err(Fault::Statement(error)) => return Ok(Err(WriteError::Failed(error))),
            Err(fault @ (Fault::Lost(_) | Fault::Again(_))) => return Err(fault),
        }
    }
    Ok(Ok(done))
}
