//! One file per sub-command.

pub(crate) mod check;
pub(crate) mod run;

mod file;
mod follow;
mod input;
mod store;
