//! Tool calls in words: for a fallback that cannot call tools and goes on where a model that can
//! left off.

use std::fmt::Write as _;
use std::sync::Arc;

use super::data::Data;
use crate::call::{Answer, ToolResult};
use crate::text::{TEXT_CHARS_MAX, cut};

/// An answer without its tool calls, which it tells of instead.
pub(super) fn answer(answer: &Arc<Answer>) -> Arc<Answer> {
    if answer.tool_calls.is_empty() {
        return Arc::clone(answer);
    }
    let mut text = answer.text.clone();
    for call in &answer.tool_calls {
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing into a String does not fail.
        let _ = write!(
            text,
            "(I called {} with {})",
            call.tool,
            cut(&call.arguments.to_string(), TEXT_CHARS_MAX, None)
        );
    }
    Arc::new(Answer { text, tool_calls: Vec::new(), finish: answer.finish, echo: None })
}

/// What the tool calls gave. None where there were none.
pub(super) fn results(results: &[ToolResult]) -> Option<String> {
    let mut text = String::new();
    for result in results {
        Data::new("tool_result").with("tool", &result.tool).write(&mut text, &result.text);
    }
    text.push_str("Go on.");
    (!results.is_empty()).then_some(text)
}
