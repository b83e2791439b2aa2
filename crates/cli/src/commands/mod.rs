//! One file per sub-command.

pub(crate) mod check;
pub(crate) mod run;
pub(crate) mod schedule;
pub(crate) mod serve;

pub(crate) mod apply;
pub(crate) mod export;
pub(crate) mod runs;
pub(crate) mod secret;
pub(crate) mod trigger;
pub(crate) mod triggers;

pub(crate) mod describe;

mod file;
mod follow;
mod input;
mod server;
mod store;
mod watch;
