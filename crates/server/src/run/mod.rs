//! Runs: what is stored of them, and the tasks that carry them out.

mod compare;
mod family;
pub(crate) mod http;
mod list;
mod origin;
mod past;
mod path;
mod rerun;
mod runner;
mod store;

pub(crate) use store::{ahead_in_line, last_in_lines};

pub use list::{Filter, list};
pub(crate) use path::add_paths;
#[doc(hidden)]
pub use rerun::RerunError;
#[doc(hidden)]
pub use runner::{CallKey, ModelAsked, Outside, ToolAsked};
pub use runner::{Follow, Live, Means, NewRun, Recovered, Runner, RunnerError, Started, Told, Words};
pub use store::{RunRow, find, unfinished};
