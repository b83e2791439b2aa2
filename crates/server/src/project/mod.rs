//! Projects: the space that owns everything else.
//!
//! A project is kept whole, as the document that its file would be. Models, tools, teams, agents,
//! workflows and triggers are parts of it: whatever changes one of them is a change of the project,
//! which is checked as a whole and written over the revision that it was made from. So no sequence of
//! calls leads to a project that its own file could not describe.

mod allowance;

mod calls;
mod document;
mod follow;
pub(crate) mod http;
pub(crate) mod part;
mod schedule;
mod store;

pub use allowance::{Allowance, Allowances};
pub(crate) use calls::part_calls;
pub(crate) use document::PartPath;
pub use follow::{Change, Follow, Renamed};
pub use schedule::understand;
use store::Renaming;
pub(crate) use store::ensure_part;
pub use store::{Applied, ApplyOptions, ProjectError, Projects, Stored, ensure};
