//! Tools that a project brings along.

use super::fields::Reader;
use super::values;
use crate::definition::{OnInterrupt, Tool, ToolKind};
use crate::project::mistake::Mistake;
use crate::project::yaml::Node;
use crate::project::{BUILT_IN_TOOLS, RULE_TOOLS};

const KEYS: &[&str] = &["command", "mcp", "description", "parameters", "idempotent", "on_interrupt"];

/// Reads a tool.
pub(super) fn tool(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<Tool> {
    if BUILT_IN_TOOLS.contains(&name) || RULE_TOOLS.contains(&name) {
        let message = format!("The tool \"{name}\" comes with Callboard.");
        let mistake = Mistake::error(node.at, "reserved_tool", message);
        reader.add(mistake.hint("Give this one another name."));
    }
    let fields = reader.fields(node, KEYS)?;
    let kind = match (fields.has("command"), fields.has("mcp")) {
        (true, false) => fields.optional(reader, "command", values::command).map(ToolKind::Command),
        (false, true) => fields.optional(reader, "mcp", mcp),
        (true, true) | (false, false) => {
            let mistake = Mistake::error(node.at, "choose_one", "A tool is reached in one way.");
            reader.add(mistake.expected("either \"command\" or \"mcp\""));
            None
        }
    };
    let interrupts =
        [("report", OnInterrupt::Report), ("retry", OnInterrupt::Retry), ("ask", OnInterrupt::Ask)];
    Some(Tool {
        kind: kind.unwrap_or(ToolKind::Command(Vec::new())),
        description: fields.optional(reader, "description", values::text),
        parameters: fields.optional(reader, "parameters", values::object).unwrap_or_default(),
        idempotent: fields.optional(reader, "idempotent", values::boolean).unwrap_or(false),
        on_interrupt: fields.optional(reader, "on_interrupt", values::one_of(&interrupts)),
    })
}

fn mcp(reader: &mut Reader<'_>, node: &Node) -> Option<ToolKind> {
    let fields = reader.fields(node, &["command", "url"])?;
    if fields.has("command") == fields.has("url") {
        let mistake = Mistake::error(node.at, "choose_one", "An MCP server is reached in one way.");
        reader.add(mistake.expected("either \"command\" or \"url\""));
    }
    Some(ToolKind::Mcp {
        command: fields.optional(reader, "command", values::command).unwrap_or_default(),
        url: fields.optional(reader, "url", values::address),
    })
}
