//! What a script says to a call.

use callboard_engine::call::{Answer, Finish, Scene, ToolCall};
use callboard_engine::definition::{Script, ScriptReply};

/// The entry for a call: of those that match its agent, stage and visit, the first for the first call
/// of that agent at that visit, the second for the second, and the last for all that follow.
pub(super) fn entry<'a>(script: &'a [Script], scene: &Scene) -> Option<&'a Script> {
    let matching = script.iter().filter(|entry| {
        entry.when.agent.as_ref().is_none_or(|agent| *agent == scene.agent)
            && entry.when.stage.as_ref().is_none_or(|stage| *stage == scene.stage)
            && entry.when.nth.is_none_or(|nth| nth == scene.nth)
    });
    matching.take(scene.calls_before as usize + 1).last()
}

/// The answer that an entry says.
pub(super) fn answer(reply: &ScriptReply) -> Answer {
    let calls = reply.tool_calls.iter().enumerate();
    let tool_calls =
        calls.map(|(index, call)| tool_call(index, &call.tool, call.arguments.clone())).collect();
    Answer { text: reply.text.clone(), tool_calls, finish: Finish::Done, echo: None }
}

/// A tool call, numbered within its answer.
pub(super) fn tool_call(index: usize, tool: &str, arguments: serde_json::Value) -> ToolCall {
    ToolCall { id: format!("simulated-{}", index + 1), tool: tool.to_owned(), arguments }
}
