//! A model server for tests and benchmarks that speaks the providers' wire formats.
//!
//! Left alone it completes whatever it is asked: where a tool `complete` is offered it calls that, else
//! it answers with text. [`FakeModel::push`] makes it answer, stall or fail as a test needs. It records
//! every request, keys included, and who went away before the end. It checks nothing: whether a
//! request is right is for the test to say.

mod behaviour;
mod record;

mod plain;
mod wire;

mod serve;

pub use behaviour::{Behaviour, End, Finish, Status, ToolCall, Usage};
pub use record::Recorded;
pub use serve::{FakeModel, Settings};
pub use wire::Format;
