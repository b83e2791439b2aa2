//! What is written: statements, and units of statements that are true together or not at all.
//! Absent on purpose: a transaction held open while the caller thinks. Everything that a unit
//! needs to know is in it when it is handed over, so units of many callers share one commit.

use super::{Error, Row, Value};

/// One SQL text with its parameters. The text is written once for both databases, with `$1` for the
/// first parameter. It is `'static` because it is the key under which it is kept prepared: values
/// belong into the parameters.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The text.
    pub sql: &'static str,
    /// The parameters, `$1` first.
    pub params: Vec<Value>,
}

impl Statement {
    /// That text with those parameters.
    pub fn new(sql: &'static str, params: impl Into<Vec<Value>>) -> Self {
        Self { sql, params: params.into() }
    }
}

/// One statement of a unit.
#[derive(Clone, Debug)]
pub struct Write {
    /// What to do.
    pub statement: Statement,
    /// Whether it must affect exactly one row. If it does not, the whole unit is undone and its
    /// caller told; the other units of the commit are not touched by it.
    pub claim: bool,
}

impl Write {
    /// A statement that may affect any number of rows.
    pub fn new(sql: &'static str, params: impl Into<Vec<Value>>) -> Self {
        Self { statement: Statement::new(sql, params), claim: false }
    }

    /// A statement that must affect exactly one row, such as `INSERT … ON CONFLICT DO NOTHING` or
    /// `UPDATE … WHERE` it is still free.
    pub fn claim(sql: &'static str, params: impl Into<Vec<Value>>) -> Self {
        Self { statement: Statement::new(sql, params), claim: true }
    }
}

/// Writes that are true together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// What orders it among the units of a commit. Units with the same key keep the order in which
    /// they reached the queue, which is certain only for a caller that waits for each; units with different keys may be carried out in the order of their
    /// keys, so that two processes lock the same rows in the same order.
    pub order: Option<i64>,
    /// A query for the number of a new row, which stands in the writes as [`Value::NewId`]. The
    /// database may give the number out again if the unit is not written, and may also leave it out.
    pub new_id: Option<Statement>,
    /// The writes, in the order in which they are carried out.
    pub writes: Vec<Write>,
    /// A query whose rows tell the caller why a claim was not met. It runs in the same transaction
    /// after the unit was undone.
    pub explain: Option<Statement>,
}

impl Unit {
    /// Those writes, in no particular order among other units.
    pub fn new(writes: impl Into<Vec<Write>>) -> Self {
        Self { writes: writes.into(), ..Self::default() }
    }

    /// About how many bytes it takes on its way to the database.
    pub(super) fn size(&self) -> usize {
        let texts = self.writes.iter().map(|write| write.statement.sql.len()).sum::<usize>();
        let params = self.writes.iter().flat_map(|write| &write.statement.params).map(Value::size);
        texts + params.sum::<usize>()
    }

    /// Whether something may have been written by the time one of its claims is found unmet.
    pub(super) fn may_need_undoing(&self) -> bool {
        self.writes.iter().skip(1).any(|write| write.claim)
    }
}

/// What one write did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// How many rows it affected.
    pub affected: u64,
    /// What it returned, where it has a `RETURNING`.
    pub rows: Vec<Row>,
}

impl Done {
    /// The number that a unit's `new_id` found.
    pub(super) fn new_id(&self) -> Result<Value, Error> {
        self.rows.first().map_or(Ok(Value::Null), |row| row.value(0).cloned())
    }
}

/// Why a unit was not written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// A claim did not affect exactly one row. Nothing of the unit was written.
    #[error("write {index} did not affect exactly one row")]
    NotTaken {
        /// Which write, from 0.
        index: usize,
        /// What the unit's `explain` found.
        explained: Vec<Row>,
    },
    /// The database failed. If the connection was lost during the commit, it is not known whether
    /// the unit was written: read before trying again.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// What became of a unit: one [`Done`] for each of its writes.
pub type Answer = Result<Vec<Done>, WriteError>;
