//! Who answers runs in a simulation, in place of models and tools. Everything up to the connection or the
//! process is the real thing: gates, aborts, words as they come, and what becomes of an answer.

use std::sync::Arc;

use callboard_engine::call::{Failure, Request};
use callboard_engine::command::ToolOutcome;
use callboard_engine::definition::Model;
use callboard_engine::event::ListedTool;
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::provider::Answered;

/// Which attempt of which call of which run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallKey {
    /// The run.
    pub run: i64,
    /// The call.
    pub call: u64,
    /// The attempt.
    pub attempt: u32,
}

/// A question to a model.
pub struct ModelAsked {
    /// For which call.
    pub key: CallKey,
    /// The model.
    pub model: Model,
    /// What is asked.
    pub request: Request,
}

/// A call of a tool.
pub struct ToolAsked {
    /// For which call.
    pub key: CallKey,
    /// Its name in the definition, or as it comes with the program; one of a server as `SERVER.TOOL`.
    pub tool: String,
    /// Its arguments.
    pub arguments: Value,
}

/// Models and tools as a simulation has them. What is dropped was cut off.
pub trait Outside: Send + Sync {
    /// A model answers.
    fn model<'a>(
        &'a self,
        asked: ModelAsked,
        deltas: &'a mut (dyn FnMut(&str) + Send),
    ) -> BoxFuture<'a, Result<Answered, Failure>>;

    /// A tool answers.
    fn tool(&self, asked: ToolAsked) -> BoxFuture<'_, ToolOutcome>;

    /// A server says which tools it has.
    fn list(&self, key: CallKey, server: String) -> BoxFuture<'_, Result<Arc<[ListedTool]>, ToolOutcome>>;
}
