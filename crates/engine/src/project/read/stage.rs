//! Stages, and what hangs on them: assignments, outcomes, approvals, hooks.

use indexmap::IndexMap;

use super::fields::{Fields, Reader};
use super::{tool, values};
use crate::definition::{
    Approval, ApprovalWhen, Assignment, Hook, HookFailure, NoProgress, OnMaxCycles, OnMaxVisits, Phase,
    Rejection, Stage, Summary, Target, TimeoutDoes, Turns,
};
use crate::project::mistake::Mistake;
use crate::project::yaml::{Kind, Node};

const KEYS: &[&str] = &[
    "id",
    "name",
    "task",
    "agents",
    "outcomes",
    "summary",
    "turns",
    "result_schema",
    "no_progress",
    "max_cycles",
    "on_max_cycles",
    "max_visits",
    "on_max_visits",
    "approval",
    "entry",
    "exit",
];

const ASSIGNMENT_KEYS: &[&str] = &[
    "agent",
    "phase",
    "directive",
    "model",
    "shares",
    "tools",
    "asks_user",
    "ask_timeout_s",
    "runs_workflows",
    "run_timeout_s",
];

/// Reads a stage. A broken one keeps its place among the stages.
pub(super) fn stage(reader: &mut Reader<'_>, node: &Node) -> Option<Stage> {
    let Some(fields) = reader.fields(node, KEYS) else {
        return Some(bare_stage(reader, &Fields::none(node.at)));
    };
    let (id, name) = id_and_name(reader, &fields);
    let task = fields.required(reader, "task", values::words).unwrap_or_default();
    let agents = fields.required(reader, "agents", values::list("names of agents", assignment));
    if agents.as_ref().is_some_and(Vec::is_empty) {
        let mistake =
            Mistake::error(fields.key_at("agents"), "no_agents", "A stage needs at least one agent.");
        reader.within("agents", |reader| reader.add(mistake.hint("Name one of the team's agents.")));
    }
    let targets = values::named("targets", |reader, _, node| target(reader, node));
    let hooks = "hooks with \"tool\" and \"arguments\"";
    Some(Stage {
        id,
        name,
        task,
        agents: agents.unwrap_or_default(),
        outcomes: fields.optional(reader, "outcomes", targets).unwrap_or_default(),
        result_schema: fields.optional(reader, "result_schema", values::object).map(Into::into),
        approval: fields.optional(reader, "approval", approvals).unwrap_or_default(),
        entry: fields.optional(reader, "entry", values::list(hooks, entry_hook)).unwrap_or_default(),
        exit: fields.optional(reader, "exit", values::list(hooks, hook)).unwrap_or_default(),
        ..bare_stage(reader, &fields)
    })
}

/// The choices and caps of a stage, with nothing in it yet.
fn bare_stage(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Stage {
    let summary = [("individual", Summary::Individual), ("shared", Summary::Shared), ("none", Summary::None)];
    let turns = [("in_order", Turns::InOrder), ("at_once", Turns::AtOnce)];
    let no_progress = [("error", NoProgress::Error), ("ignore", NoProgress::Ignore)];
    let on_max_cycles = [("error", OnMaxCycles::Error), ("finish", OnMaxCycles::Finish)];
    let on_max_visits = [("error", OnMaxVisits::Error), ("continue", OnMaxVisits::Continue)];
    Stage {
        id: String::new(),
        name: String::new(),
        task: String::new(),
        agents: Vec::new(),
        outcomes: IndexMap::new(),
        summary: fields.choice(reader, "summary", &summary),
        turns: fields.choice(reader, "turns", &turns),
        result_schema: None,
        no_progress: fields.choice(reader, "no_progress", &no_progress),
        max_cycles: fields.optional(reader, "max_cycles", values::count).unwrap_or(Stage::MAX_CYCLES),
        on_max_cycles: fields.choice(reader, "on_max_cycles", &on_max_cycles),
        max_visits: fields.optional(reader, "max_visits", values::count).unwrap_or(Stage::MAX_VISITS),
        on_max_visits: fields.choice(reader, "on_max_visits", &on_max_visits),
        approval: Vec::new(),
        entry: Vec::new(),
        exit: Vec::new(),
    }
}

/// Reads what a stage is known by and what it is called; either can be made from the other.
fn id_and_name(reader: &mut Reader<'_>, fields: &Fields<'_>) -> (String, String) {
    let id = fields.optional(reader, "id", values::name);
    let name = fields.optional(reader, "name", values::words);
    match (id, name) {
        (Some(id), name) => (id.clone(), name.unwrap_or(id)),
        (None, Some(name)) if fields.has("id") => (String::new(), name),
        (None, Some(name)) => (id_from_name(reader, fields, &name), name),
        (None, None) => {
            if !fields.has("id") && !fields.has("name") {
                fields.missing(reader, "name");
            }
            (String::new(), String::new())
        }
    }
}

/// Makes an id from a name, and warns that it will not survive a renaming.
fn id_from_name(reader: &mut Reader<'_>, fields: &Fields<'_>, name: &str) -> String {
    let id = slug(name);
    let mistake = if id.is_empty() {
        Mistake::error(fields.at, "stage_id_needed", format!("No id can be made from the name \"{name}\"."))
            .hint("Add \"id: …\" with letters, digits and \"-\".")
    } else {
        let message = format!(
            "The stage \"{name}\" has no id; \"{id}\" is made from its name. Renamed, it is a new stage."
        );
        Mistake::warning(fields.at, "stage_without_id", message).hint(format!("Add \"id: {id}\" to keep it."))
    };
    reader.add(mistake);
    id
}

/// A name in lower case, with `-` for each run of other characters.
fn slug(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let parts = lower.split(|character: char| !character.is_ascii_alphanumeric());
    let mut slug = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    // Only ASCII is left, so that every index is between characters.
    slug.truncate(values::NAME_CHARS_MAX);
    slug.trim_end_matches('-').to_owned()
}

/// Reads an assignment: a name, or a map that says more. A broken one keeps its place.
fn assignment(reader: &mut Reader<'_>, node: &Node) -> Option<Assignment> {
    let plain = |agent: String| Assignment {
        agent,
        phase: Phase::Default,
        directive: None,
        model: None,
        shares: Vec::new(),
        tools: Vec::new(),
        asks_user: false,
        ask_timeout_s: Assignment::ASK_TIMEOUT_S,
        runs_workflows: false,
        run_timeout_s: Assignment::RUN_TIMEOUT_S,
    };
    if matches!(node.kind, Kind::Text(_) | Kind::Number(_)) {
        return Some(plain(values::name(reader, node).unwrap_or_default()));
    }
    let Some(fields) = reader.fields(node, ASSIGNMENT_KEYS) else {
        return Some(plain(String::new()));
    };
    let phases = [("default", Phase::Default), ("start", Phase::Start), ("completion", Phase::Completion)];
    Some(Assignment {
        agent: fields.required(reader, "agent", values::name).unwrap_or_default(),
        phase: fields.choice(reader, "phase", &phases),
        directive: fields.optional(reader, "directive", values::words),
        model: fields.optional(reader, "model", values::name),
        shares: fields.optional(reader, "shares", values::list("keys", memory_key)).unwrap_or_default(),
        tools: fields.optional(reader, "tools", tool::names).unwrap_or_default(),
        asks_user: fields.optional(reader, "asks_user", values::boolean).unwrap_or(false),
        ask_timeout_s: fields
            .optional(reader, "ask_timeout_s", values::seconds)
            .unwrap_or(Assignment::ASK_TIMEOUT_S),
        runs_workflows: fields.optional(reader, "runs_workflows", values::boolean).unwrap_or(false),
        run_timeout_s: fields
            .optional(reader, "run_timeout_s", values::seconds)
            .unwrap_or(Assignment::RUN_TIMEOUT_S),
    })
}

/// Reads a key of shared memory.
fn memory_key(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    Some(values::name(reader, node).unwrap_or_default())
}

/// Reads where an outcome leads; nothing leads to the next stage. A broken target reads as `next`,
/// so that its label is still known.
fn target(reader: &mut Reader<'_>, node: &Node) -> Option<Target> {
    let target = match &node.kind {
        Kind::Null => Target::Next,
        Kind::Map(_) => {
            let workflow = reader
                .fields(node, &["workflow"])
                .and_then(|fields| fields.required(reader, "workflow", values::name));
            workflow.map_or(Target::Next, Target::Workflow)
        }
        Kind::Text(_) | Kind::Number(_) => match values::name(reader, node) {
            None => Target::Next,
            Some(name) => Target::of_word(name),
        },
        Kind::Bool(_) | Kind::List(_) => {
            reader.wrong_type(node, "next, end, the id of a stage, or { workflow: NAME }");
            Target::Next
        }
    };
    Some(target)
}

/// Reads one approval or a list of them.
fn approvals(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<Approval>> {
    let approvals = if matches!(node.kind, Kind::List(_)) {
        values::list("approvals", approval)(reader, node)?
    } else {
        approval(reader, node).into_iter().collect()
    };
    let before = approvals.iter().filter(|approval| approval.when == ApprovalWhen::Before).count();
    if before > 1 || approvals.len() - before > 1 {
        let mistake =
            Mistake::error(node.at, "approval_twice", "Two approvals are asked for at the same moment.");
        reader.add(mistake.expected("at most one before and one after"));
    }
    Some(approvals)
}

fn approval(reader: &mut Reader<'_>, node: &Node) -> Option<Approval> {
    let fields = reader.fields(node, &["when", "timeout_s", "on_timeout", "on_reject"])?;
    let when = [("before", ApprovalWhen::Before), ("after", ApprovalWhen::After)];
    let on_timeout = [("reject", TimeoutDoes::Reject), ("approve", TimeoutDoes::Approve)];
    let when = fields.required(reader, "when", values::one_of(&when));
    let approval = Approval {
        when: when.unwrap_or(ApprovalWhen::Before),
        timeout_s: fields.optional(reader, "timeout_s", values::seconds),
        on_timeout: fields.choice(reader, "on_timeout", &on_timeout),
        on_reject: fields.optional(reader, "on_reject", rejection).unwrap_or(Rejection::Error),
    };
    // Without its moment it would be taken for another one's twin.
    when.map(|_| approval)
}

fn rejection(reader: &mut Reader<'_>, node: &Node) -> Option<Rejection> {
    values::name(reader, node).map(Rejection::of_word)
}

fn entry_hook(reader: &mut Reader<'_>, node: &Node) -> Option<Hook> {
    let hook = hook(reader, node)?;
    if hook.always {
        let at = node.entry("always").map_or(node.at, |(key, _)| key.at);
        let mistake = Mistake::error(at, "always_at_entry", "Only exit hooks can run always.");
        reader.within("always", |reader| {
            reader.add(mistake.hint("Remove the key, or move the hook to \"exit\"."))
        });
    }
    Some(hook)
}

/// Reads a hook. A broken one keeps its place.
fn hook(reader: &mut Reader<'_>, node: &Node) -> Option<Hook> {
    let known = &["tool", "arguments", "key", "on_failure", "always"];
    let fields = reader.fields(node, known).unwrap_or_else(|| Fields::none(node.at));
    let on_failure = [("error", HookFailure::Error), ("continue", HookFailure::Continue)];
    let tool = if matches!(node.kind, Kind::Map(_) | Kind::Null) {
        fields.required(reader, "tool", tool::name)
    } else {
        None
    };
    Some(Hook {
        tool: tool.unwrap_or_default(),
        arguments: fields.optional(reader, "arguments", values::object).unwrap_or_default(),
        key: fields.optional(reader, "key", values::name),
        on_failure: fields.choice(reader, "on_failure", &on_failure),
        always: fields.optional(reader, "always", values::boolean).unwrap_or(false),
    })
}
