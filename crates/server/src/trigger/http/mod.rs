//! Triggers over HTTP: as parts of their projects, fired at once, and what became of their slots.

mod parts;

mod fire;

mod slots;

mod preview;

pub(crate) use fire::*;
pub(crate) use parts::*;
pub(crate) use preview::*;
pub(crate) use slots::*;

use super::Scheduler;
use crate::run::http::Starter;

/// What calls about triggers need of the server.
#[derive(Clone)]
pub(crate) struct Triggers {
    pub(crate) starter: Starter,
    pub(crate) scheduler: Scheduler,
}
