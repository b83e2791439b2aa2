//! Workflows, and the frozen definitions that runs of them point to.

mod definitions;
pub(crate) mod http;
mod ready;

pub(crate) use definitions::text as definition_text;
pub use definitions::{Definitions, Frozen};
pub use ready::{Ready, WorkflowError, Workflows};

use callboard_engine::time::Time;

use crate::db::{Db, Error};
use crate::project::{PartPath, ensure_part};

/// The number of the project's workflow with that name, which is made where it is not there yet.
pub async fn ensure(db: &Db, project_id: i64, name: &str, now: Time) -> Result<i64, Error> {
    ensure_part(db, project_id, &PartPath::of("workflows", name), now).await
}
