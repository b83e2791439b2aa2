//! Tools that a project brings along, and the names by which tools are given.

use indexmap::IndexMap;

use super::fields::{Fields, Reader};
use super::{model, values};
use crate::definition::{EnvValue, OnInterrupt, Tool, ToolKind};
use crate::project::mistake::{Mistake, Place};
use crate::project::yaml::{Kind, Node};
use crate::project::{BUILT_IN_TOOLS, RULE_TOOLS};

const KEYS: &[&str] = &[
    "command",
    "mcp",
    "description",
    "parameters",
    "idempotent",
    "acts_outside",
    "timeout_s",
    "env",
    "on_interrupt",
];

/// Letters of the name that an MCP server has for a tool, as the protocol bounds it.
const SERVER_TOOL_CHARS_MAX: usize = 128;

/// Headers that say who is asking. Their values are secrets, and no secret stands in a file.
const SECRET_HEADERS: [&str; 5] = ["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"];

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
    if let Some(ToolKind::Mcp { url: Some(_), .. }) = kind
        && fields.has("env")
    {
        let message = "This server is at an address: no program is started that could have an environment.";
        let mistake = Mistake::error(fields.key_at("env"), "env_without_program", message);
        reader.within("env", |reader| {
            reader.add(mistake.hint("Remove it, or write \"headers\" beside \"url\"."));
        });
    }
    let interrupts =
        [("report", OnInterrupt::Report), ("retry", OnInterrupt::Retry), ("ask", OnInterrupt::Ask)];
    Some(Tool {
        kind: kind.unwrap_or(ToolKind::Command(Vec::new())),
        description: fields.optional(reader, "description", values::text),
        parameters: fields.optional(reader, "parameters", values::object).unwrap_or_default(),
        idempotent: fields.optional(reader, "idempotent", values::boolean).unwrap_or(false),
        acts_outside: fields.optional(reader, "acts_outside", values::boolean).unwrap_or(true),
        timeout_s: fields
            .optional(reader, "timeout_s", values::whole(1, Tool::TIMEOUT_S_MAX))
            .unwrap_or(Tool::TIMEOUT_S),
        env: fields.optional(reader, "env", env).unwrap_or_default(),
        on_interrupt: fields.optional(reader, "on_interrupt", values::one_of(&interrupts)),
    })
}

fn mcp(reader: &mut Reader<'_>, node: &Node) -> Option<ToolKind> {
    let fields = reader.fields(node, &["command", "url", "headers"])?;
    if fields.has("command") == fields.has("url") {
        let mistake = Mistake::error(node.at, "choose_one", "An MCP server is reached in one way.");
        reader.add(mistake.expected("either \"command\" or \"url\""));
    }
    if fields.has("headers") && fields.has("command") {
        headers_without_url(reader, &fields);
    }
    Some(ToolKind::Mcp {
        command: fields.optional(reader, "command", values::command).unwrap_or_default(),
        url: fields.optional(reader, "url", values::address),
        headers: fields.optional(reader, "headers", headers).unwrap_or_default(),
    })
}

fn headers_without_url(reader: &mut Reader<'_>, fields: &Fields<'_>) {
    let message = "Headers are sent to an address, and this server is a program.";
    let mistake = Mistake::error(fields.key_at("headers"), "headers_without_url", message);
    reader.within("headers", |reader| {
        reader.add(mistake.hint("Remove it, or write \"env\" beside \"mcp\"."));
    });
}

/// Reads the environment of a program.
fn env(reader: &mut Reader<'_>, node: &Node) -> Option<IndexMap<String, EnvValue>> {
    let Kind::Map(entries) = &node.kind else {
        reader.wrong_type(node, "a map of environment variables by name");
        return None;
    };
    let mut env = IndexMap::with_capacity(entries.len());
    for (key, value) in entries.iter() {
        let value = reader.within(&*key.text, |reader| {
            if !model::is_variable(&key.text) {
                let message = format!("\"{}\" cannot be the name of an environment variable.", key.text);
                let mistake = Mistake::error(key.at, "bad_name", message);
                reader.add(mistake.expected("letters, digits and \"_\", such as HOME"));
            }
            env_value(reader, value)
        });
        env.extend(value.map(|value| (key.text.to_string(), value)));
    }
    Some(env)
}

/// Reads a text, or where it comes from.
fn env_value(reader: &mut Reader<'_>, node: &Node) -> Option<EnvValue> {
    match &node.kind {
        Kind::Map(_) => model::source(reader, node).map(EnvValue::from),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => {
            values::text(reader, node).map(EnvValue::Text)
        }
    }
}

/// Reads the headers of requests.
fn headers(reader: &mut Reader<'_>, node: &Node) -> Option<IndexMap<String, EnvValue>> {
    let Kind::Map(entries) = &node.kind else {
        reader.wrong_type(node, "a map of headers by name");
        return None;
    };
    let mut headers: IndexMap<String, EnvValue> = IndexMap::with_capacity(entries.len());
    for (key, value) in entries.iter() {
        let name = &*key.text;
        let value = reader.within(name, |reader| {
            if !is_header(name) {
                let message = format!("\"{name}\" cannot be the name of a header.");
                let mistake = Mistake::error(key.at, "bad_name", message);
                reader.add(mistake.expected("letters, digits and \"-\", such as X-Team"));
            } else if headers.keys().any(|other| other.eq_ignore_ascii_case(name)) {
                let message = "This header stands here already; its case does not count.";
                let mistake = Mistake::error(key.at, "duplicate_header", message);
                reader.add(mistake.hint("Remove one of them."));
            }
            header_value(reader, name, value)
        });
        headers.extend(value.map(|value| (name.to_owned(), value)));
    }
    Some(headers)
}

/// Whether a text can be the name of a header, as HTTP has it.
fn is_header(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= values::NAME_CHARS_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn header_value(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<EnvValue> {
    let value = env_value(reader, node)?;
    let EnvValue::Text(text) = &value else { return Some(value) };
    if SECRET_HEADERS.iter().any(|secret| secret.eq_ignore_ascii_case(name)) {
        // What stands there is not repeated: it may be the secret itself.
        reader.add(
            Mistake::error(node.at, "key_in_file", "Never write a secret into the file.")
                .expected("{ env: NAME } or { secret: NAME }, with the whole value of the header")
                .hint("If this was a real secret, withdraw it: it has been written down."),
        );
        return None;
    }
    if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Some(value);
    }
    let mistake = Mistake::error(node.at, "bad_header", "This cannot be the value of a header.");
    reader.add(mistake.expected("letters, digits, spaces and signs of ASCII in one line"));
    None
}

/// Reads the name by which a tool is given: `NAME`, or `SERVER.TOOL` for one tool of an MCP server.
pub(super) fn name(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let name = match &node.kind {
        Kind::Number(number) => number.to_string(),
        Kind::Null | Kind::Bool(_) | Kind::Text(_) | Kind::List(_) | Kind::Map(_) => {
            values::text(reader, node)?
        }
    };
    let (tool, of_server) = Tool::name_parts(&name);
    if values::is_name(tool) && of_server.is_none_or(is_server_tool) {
        return Some(name);
    }
    reader.add(bad_name(node.at, &name));
    None
}

fn bad_name(at: Place, name: &str) -> Mistake {
    values::bad_name(at, name)
        .hint("One tool of an MCP server is written SERVER.TOOL, such as files.read_file.")
}

/// Whether a text can be the name that an MCP server has for a tool. It is not the file's to choose, and
/// servers are freer than this file.
fn is_server_tool(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= SERVER_TOOL_CHARS_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
}

/// Reads a list of names of tools; a broken one reads as empty, so that the others keep their places.
pub(super) fn names(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<String>> {
    values::list("names of tools", |reader, node| Some(name(reader, node).unwrap_or_default()))(reader, node)
}
