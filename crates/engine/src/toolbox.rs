//! The tools that an agent has at its seat: what it is told of each, and which one a call means.
//!
//! What every agent has, what a stage and an agent bring, what the program brings, and what the MCP
//! servers of the visit have: one list, from which prompts are written and calls are understood.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::call::{ToolCall, ToolSpec};
use crate::definition::{Assignment, Definition, Tool, ToolKind};
use crate::event::ListedTool;
use crate::rules::{self, RefusedCall};
use crate::run::{Run, Work};
use crate::schema;

/// Names that providers take for a tool are at most this long.
const NAME_CHARS_MAX: usize = 64;

/// Tools that one agent is told of. More than that, and models choose badly.
const OFFERED_MAX: usize = 128;

/// What every agent has.
pub(crate) const EVERY_AGENT: [&str; 5] =
    [rules::SEND_MESSAGE, rules::SHARE_RESULT, rules::READ_MEMORY, rules::PASS, rules::COMPLETE];

/// A tool of an agent beyond those that every agent has.
#[derive(Clone, Debug)]
pub(crate) struct Offered {
    /// What the agent calls it.
    pub(crate) name: String,
    /// What the record calls it: the name in the project, `SERVER.TOOL` for one of an MCP server.
    pub(crate) tool: String,
    description: String,
    parameters: Arc<Value>,
}

/// The tools of one seat, beyond those that every agent has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Toolbox(Vec<Offered>);

impl Toolbox {
    /// Those of an assignment at the current visit.
    pub(crate) fn of(run: &Run, work: &Work, place: &Assignment) -> Self {
        let definition = run.definition();
        let mut given = Vec::new();
        if place.asks_user {
            given.push(ask_user());
        }
        if place.runs_workflows && !definition.callable.is_empty() {
            given.push(run_workflow(definition));
        }
        let mut offered = Vec::new();
        for name in names(definition, place) {
            offer(definition, work, name, &mut offered);
        }
        // A server may be given whole and by one of its tools, and two of its names may become one: providers
        // refuse two tools of one name.
        let mut seen: BTreeSet<String> = given.iter().map(|offered| offered.name.clone()).collect();
        offered.retain(|offered| seen.insert(offered.name.clone()));
        // A server with many tools does not take the place of what the seat gives.
        offered.truncate(OFFERED_MAX - given.len());
        offered.append(&mut given);
        Self(offered)
    }

    /// Their names, as the agent knows them.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|offered| offered.name.as_str())
    }

    /// What the agent is told of them.
    pub(crate) fn specs(&self) -> impl Iterator<Item = ToolSpec> {
        self.0.iter().map(|offered| ToolSpec {
            name: offered.name.clone(),
            description: offered.description.clone(),
            parameters: offered.parameters.as_ref().clone(),
        })
    }

    /// Whether the agent has the rule of that name: what every agent has, or what its seat gives it.
    pub(crate) fn knows(&self, rule: &str) -> bool {
        EVERY_AGENT.contains(&rule) || self.names().any(|name| name == rule)
    }

    /// The tool that a call means. One of an MCP server is found by its own name too, where no other
    /// has it: models often leave the server out.
    pub(crate) fn find(&self, name: &str) -> Option<&Offered> {
        let exact = self.0.iter().find(|offered| offered.name == name || offered.tool == name);
        exact.or_else(|| {
            let of_server =
                |offered: &&Offered| offered.tool.split_once('.').is_some_and(|(_, tool)| tool == name);
            let mut found = self.0.iter().filter(of_server);
            found.next().filter(|_| found.next().is_none())
        })
    }
}

impl Offered {
    /// Whether the arguments of a call fit; a call without any gives an empty object.
    pub(crate) fn arguments(&self, call: &ToolCall) -> Result<Arc<Value>, RefusedCall> {
        let given = match &call.arguments {
            Value::Null => json!({}),
            Value::String(text) if text.trim().is_empty() => json!({}),
            Value::String(_) => return Err(rules::invalid(&self.name, "the arguments are not valid JSON")),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => call.arguments.clone(),
        };
        // What only the server of a tool can follow, it checks itself.
        if self.tool.contains('.') && schema::check_schema(&self.parameters).is_err() {
            return Ok(Arc::new(given));
        }
        let mistakes = schema::mistakes(&self.parameters, &given);
        if mistakes.is_empty() { Ok(Arc::new(given)) } else { Err(rules::invalid_for(&self.name, &mistakes)) }
    }
}

/// The tools that an assignment names, and those of its agent, each once.
fn names<'d>(definition: &'d Definition, place: &'d Assignment) -> Vec<&'d str> {
    let own = definition.team.agents.get(&place.agent).into_iter().flat_map(|agent| &agent.tools);
    let mut names: Vec<&str> = Vec::new();
    for name in own.chain(&place.tools) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names
}

/// The MCP servers whose tools the agents of a stage are told of.
pub(crate) fn servers<'d>(definition: &'d Definition, places: &'d [Assignment]) -> Vec<&'d str> {
    let mut servers: Vec<&str> = Vec::new();
    for name in places.iter().flat_map(|place| names(definition, place)) {
        let server = name.split_once('.').map_or(name, |(server, _)| server);
        if definition.tools.get(server).is_some_and(is_server) && !servers.contains(&server) {
            servers.push(server);
        }
    }
    servers
}

fn is_server(tool: &Tool) -> bool {
    matches!(tool.kind, ToolKind::Mcp { .. })
}

/// Adds what a name stands for.
fn offer(definition: &Definition, work: &Work, name: &str, offered: &mut Vec<Offered>) {
    let (server, only) = match name.split_once('.') {
        Some((server, tool)) => (server, Some(tool)),
        None => (name, None),
    };
    match definition.tools.get(server) {
        Some(tool) if is_server(tool) => {
            let listed = work.listed.get(server).into_iter().flat_map(|listed| listed.iter());
            let wanted = listed.filter(|listed| only.is_none_or(|only| listed.name == only));
            offered.extend(wanted.map(|listed| of_server(server, listed)));
        }
        Some(tool) => offered.push(Offered {
            name: name.to_owned(),
            tool: name.to_owned(),
            description: tool.description.clone().unwrap_or_default(),
            parameters: Arc::new(schema::of_parameters(&tool.parameters)),
        }),
        None => offered.extend(built_in(name)),
    }
}

/// A tool of an MCP server, under a name that every provider takes.
fn of_server(server: &str, listed: &ListedTool) -> Offered {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
    let name = format!("{server}__{}", listed.name);
    Offered {
        name: name.chars().map(plain).take(NAME_CHARS_MAX).collect(),
        tool: format!("{server}.{}", listed.name),
        description: listed.description.clone(),
        parameters: Arc::clone(&listed.parameters),
    }
}

/// The schema that a hook's arguments must fit; none where only the server knows it.
pub(crate) fn parameters(definition: &Definition, tool: &str) -> Option<Value> {
    match definition.tools.get(tool) {
        Some(tool) => Some(schema::of_parameters(&tool.parameters)),
        None => built_in(tool).map(|offered| offered.parameters.as_ref().clone()),
    }
}

/// A tool that comes with the program.
fn built_in(name: &str) -> Option<Offered> {
    let path = json!({ "type": "string", "description": "Such as notes/draft.md." });
    let (description, properties, required) = match name {
        rules::HTTP_REQUEST => (
            "Sends an HTTP request to a public address and answers with its status, headers and body. Redirects are \
             followed, and a long body is cut.",
            json!({
                "method": { "type": "string", "description": "GET where it is left out." },
                "url": { "type": "string", "description": "The whole address, such as https://example.com/path?query." },
                "headers": {
                    "type": "object",
                    "additionalProperties": { "type": "string" },
                    "description": "Headers to send along, each a text.",
                },
                "body": { "description": "A text as it is, or any other value, which is sent as JSON." },
            }),
            vec!["url"],
        ),
        rules::READ_FILE => ("Reads a document of this run.", json!({ "path": path }), vec!["path"]),
        rules::WRITE_FILE => (
            "Writes a document of this run, in place of what was there.",
            json!({ "path": path, "text": { "type": "string" } }),
            vec!["path", "text"],
        ),
        rules::LIST_FILES => ("Lists the documents of this run.", json!({}), vec![]),
        rules::CURRENT_TIME => ("Tells the date and time, in UTC.", json!({}), vec![]),
        _ => return None,
    };
    let parameters = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    Some(Offered {
        name: name.to_owned(),
        tool: name.to_owned(),
        description: description.to_owned(),
        parameters: Arc::new(parameters),
    })
}

fn ask_user() -> Offered {
    let parameters = json!({
        "type": "object",
        "properties": {
            "question": { "type": "string" },
            "choices": { "type": "array", "items": { "type": "string" }, "description": "Answers to choose from." },
        },
        "required": ["question"],
    });
    Offered {
        name: rules::ASK_USER.to_owned(),
        tool: rules::ASK_USER.to_owned(),
        description: "Asks a person, and waits for the answer. Ask only what nobody else can tell."
            .to_owned(),
        parameters: Arc::new(parameters),
    }
}

fn run_workflow(definition: &Definition) -> Offered {
    let workflows: Vec<&str> = definition.callable.keys().map(String::as_str).collect();
    let parameters = json!({
        "type": "object",
        "properties": {
            "workflow": { "type": "string", "enum": workflows },
            "input": { "description": "What it is to work on: a text, or any JSON value." },
        },
        "required": ["workflow"],
    });
    Offered {
        name: rules::RUN_WORKFLOW.to_owned(),
        tool: rules::RUN_WORKFLOW.to_owned(),
        description: "Has another workflow carried out, and gives its result.".to_owned(),
        parameters: Arc::new(parameters),
    }
}
