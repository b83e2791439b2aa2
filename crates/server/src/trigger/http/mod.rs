//! Triggers over HTTP: as parts of their projects, fired at once, and what became of their slots; and runs
//! that programs start by a call.

mod parts;

mod call;
mod fire;

mod slots;

mod preview;

pub(crate) use call::*;
pub(crate) use fire::*;
pub(crate) use parts::*;
pub(crate) use preview::*;
pub(crate) use slots::*;

use super::Scheduler;
use crate::delivery::Deliveries;
use crate::run::http::Starter;

/// What calls about triggers need of the server.
#[derive(Clone)]
pub(crate) struct Triggers {
    pub(crate) starter: Starter,
    pub(crate) scheduler: Scheduler,
    pub(crate) deliveries: Deliveries,
}
