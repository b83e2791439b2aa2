//! What can go wrong with a database, in the words of the person who can mend it. It can be cloned,
//! because one failed commit is the answer to every write that was in it.

use std::sync::Arc;

/// A database that did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address is wrong; nothing was tried.
    #[error("the database address cannot be used: {0}")]
    Address(Arc<str>),
    /// No connection could be made, or the one in use was lost.
    #[error("the database cannot be reached: {0}")]
    Unreachable(Arc<str>),
    /// It was reached and said no.
    #[error("the database failed: {0}")]
    Failed(Arc<str>),
    /// There is no room left for what was to be written.
    #[error("the database has no room left: {0}")]
    Full(Arc<str>),
    /// Its tables were made by a later version of this program.
    #[error(
        "the database belongs to a newer version of this program: \
         its tables are at {found}, this version knows them up to {known}"
    )]
    Newer {
        /// The number of its last migration.
        found: i64,
        /// The number of the last one that this program knows.
        known: i64,
    },
    /// It was closed by this process, which is about to end.
    #[error("the database was closed")]
    Closed,
}

impl Error {
    /// The stable code that scripts can rely on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Address(_) => "database_address",
            Self::Unreachable(_) => "database_unreachable",
            Self::Failed(_) => "database_failed",
            Self::Full(_) => "database_full",
            Self::Newer { .. } => "database_newer",
            Self::Closed => "database_closed",
        }
    }

    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Address(_) => "Write sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE.",
            Self::Unreachable(_) => {
                "Check that the database server runs, and that address, user and password are right."
            }
            Self::Failed(_) => "The message is the database's own; what was to be written may not be there.",
            Self::Full(_) => "Make room on the disk of the database; work goes on by itself then.",
            Self::Newer { .. } => "Start the newer version of Callboard, or go back to a backup.",
            Self::Closed => "The server is shutting down; ask again when it is back.",
        }
    }
}
