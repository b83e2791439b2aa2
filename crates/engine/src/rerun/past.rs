//! What an ended run left behind: all that a plan needs of it.

use std::sync::Arc;

use serde_json::Value;

use crate::definition::{Definition, DefinitionHash};
use crate::event::{Origin, PastVisit, listed};
use crate::run::{Run, Status};

/// An ended run.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// Its number.
    pub run_id: i64,
    /// How it ended, if it has.
    pub status: Status,
    /// Its input.
    pub input: Arc<Value>,
    /// The definition that it ran with.
    pub definition: Arc<Definition>,
    /// The hash of that.
    pub hash: DefinitionHash,
    /// Its visits, in order, those that it inherited among them. Runs that go on from it share them.
    pub visits: Vec<Arc<PastVisit>>,
}

impl Past {
    /// With those visits.
    pub fn with(self, visits: Vec<PastVisit>) -> Self {
        Self { visits: listed(visits), ..self }
    }

    /// That of a run that was folded from its history.
    pub fn of(run_id: i64, run: &Run) -> Self {
        Self {
            run_id,
            status: run.status(),
            input: Arc::clone(&run.created_as().input),
            definition: Arc::clone(run.definition()),
            hash: run.created_as().definition.clone(),
            visits: listed(run.visits().filter_map(crate::run::Visit::past)),
        }
    }

    /// The run and visit that really carried one of its visits out.
    pub(super) fn origin(&self, visit: &PastVisit) -> Origin {
        visit.origin(self.run_id)
    }
}
