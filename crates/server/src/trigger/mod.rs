//! Triggers: what starts runs by itself.
//!
//! What a trigger says stands in its project's document, as every part does. What a schedule needs in order
//! to fire is kept beside it in rows, era by era, which change in the transaction of the project's revision;
//! what became of its slots is kept in others. The words of schedules are known to the crate that reads
//! them, and nowhere here.

mod rules;

mod explain;

pub mod decide;

mod eras;
mod store;

mod alert;
mod start;

mod scheduler;

pub(crate) mod http;
pub(crate) mod webhook;

pub use eras::Eras;
pub use explain::{FIRES, FIRES_MAX, explain};
pub use rules::{Rules, Slot, Slots};
pub use scheduler::Scheduler;
pub(crate) use start::Runs;
pub use start::{Firing, NotStarted, Start, Waited};
