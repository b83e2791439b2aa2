//! The project file: read, checked, and compiled into the definition of one of its workflows.

mod types;

pub use types::{
    ClockGap, ClockRepeat, Missed, Overlap, Project, ProjectLimits, Schedule, Trigger, TriggerKind, Verify,
    Webhook,
};
