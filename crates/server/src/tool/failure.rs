//! Why a tool call gave nothing: what the agent that made it is told.

/// A tool call that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ToolFailure {
    /// The stable code.
    pub(crate) code: &'static str,
    /// What happened, in a sentence that an agent can act on.
    pub(crate) message: String,
}

impl ToolFailure {
    /// A failure with that code.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
