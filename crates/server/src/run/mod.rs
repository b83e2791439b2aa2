//! Runs: what is stored of them, and the tasks that carry them out.

mod runner;
mod store;

pub use runner::{Follow, Live, NewRun, Recovered, Runner, RunnerError};
pub use store::{RunRow, find, unfinished};
