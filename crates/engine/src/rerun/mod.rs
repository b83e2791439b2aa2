//! Going on from a stage of an ended run: what is taken over, what runs again, and what is refused.
//!
//! A plan is made from what the source left behind, visit by visit, and from two definitions; nothing of
//! what happened inside its visits is read. Stages are matched by their ids alone. What cannot be mapped
//! is refused and never guessed.

mod ahead;
mod cut;
mod overridden;
mod past;
mod plan;
mod refused;

pub use ahead::{Ahead, Estimate, ToolAgain};
pub use cut::From;
pub use overridden::overridden;
pub use past::Past;
pub use plan::{Asked, Kept, KeptStage, Plan, Planned, plan};
pub use refused::Refused;
