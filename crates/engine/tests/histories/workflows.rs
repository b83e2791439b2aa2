//! Workflows at random: everything that a definition can say of how a run goes, in small numbers, so that
//! ends and limits are reached.

use std::collections::BTreeSet;

use callboard_engine::definition::{
    Agent, Approval, ApprovalWhen, Assignment, Callable, Definition, Hook, HookFailure, Limits, Model,
    NoProgress, OnInterrupt, OnLimit, OnMaxCycles, OnMaxVisits, Phase, Price, ProviderKind, Rejection, Stage,
    Summary, Target, Team, TimeoutDoes, Tool, ToolKind, Turns, Workflow,
};
use indexmap::IndexMap;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

const AGENTS: [&str; 3] = ["a", "b", "c"];

/// The tools that a seat or a hook may be given: one for each way in which a crash is survived, a server,
/// and those that come with the program.
const TOOLS: [&str; 9] =
    ["look", "send", "ring", "post", "files", "http_request", "write_file", "read_file", "current_time"];

/// The same for hooks, which call one tool of a server.
const HOOK_TOOLS: [&str; 7] = ["look", "send", "ring", "post", "files.t0", "write_file", "read_file"];

/// The other workflow that runs may carry out.
pub(crate) const OTHER: &str = "other";

/// Seconds after which what is asked is given up: some turns of the clock of these histories.
const TIMEOUT_S: u64 = 5;

fn model(fallback: Option<&str>, tools: bool, context_tokens: u64) -> Model {
    Model {
        provider: ProviderKind::Openai,
        model: "m".to_owned(),
        base_url: None,
        api_key: None,
        parameters: Map::new(),
        price: Some(Price { input: 1.0, output: 10.0 }),
        timeout_s: 1,
        retry_for_s: 60,
        tools,
        context_tokens,
        max_at_once: 1,
        per_minute: None,
        fallback: fallback.map(str::to_owned),
        script: Vec::new(),
    }
}

fn tool(kind: ToolKind, idempotent: bool, on_interrupt: Option<OnInterrupt>) -> Tool {
    Tool {
        kind,
        description: None,
        parameters: Map::new(),
        idempotent,
        acts_outside: true,
        timeout_s: 1,
        env: IndexMap::new(),
        on_interrupt,
    }
}

fn tools() -> IndexMap<String, Tool> {
    let command = || ToolKind::Command(vec!["./tool".to_owned()]);
    let server = ToolKind::Mcp { command: vec!["server".to_owned()], url: None, headers: IndexMap::new() };
    IndexMap::from([
        ("look".to_owned(), tool(command(), true, None)),
        ("send".to_owned(), tool(command(), false, None)),
        ("ring".to_owned(), tool(command(), false, Some(OnInterrupt::Retry))),
        ("post".to_owned(), tool(command(), false, Some(OnInterrupt::Ask))),
        ("files".to_owned(), tool(server, false, Some(OnInterrupt::Ask))),
    ])
}

fn assignment() -> impl Strategy<Value = Assignment> {
    let phase = prop_oneof![1 => Just(Phase::Start), 3 => Just(Phase::Default), 1 => Just(Phase::Completion)];
    let tools = subsequence(&TOOLS[..], 0..=TOOLS.len());
    let may = (prop::bool::weighted(0.2), prop::bool::weighted(0.5), prop::bool::weighted(0.4));
    (select(&AGENTS[..]), phase, tools, may).prop_map(|(agent, phase, tools, (shares, asks, runs))| {
        Assignment {
            agent: agent.to_owned(),
            phase,
            directive: None,
            model: None,
            shares: if shares { vec!["key".to_owned()] } else { Vec::new() },
            tools: tools.into_iter().map(str::to_owned).collect(),
            asks_user: asks,
            ask_timeout_s: TIMEOUT_S,
            runs_workflows: runs,
            run_timeout_s: TIMEOUT_S,
        }
    })
}

/// An agent may sit in several phases, but twice in none.
fn seats() -> impl Strategy<Value = Vec<Assignment>> {
    prop::collection::vec(assignment(), 1..=4).prop_map(|mut seats| {
        let mut seen = BTreeSet::new();
        seats.retain(|seat| seen.insert((seat.agent.clone(), seat.phase)));
        seats
    })
}

fn target(stages: usize) -> impl Strategy<Value = Target> {
    prop_oneof![
        2 => Just(Target::Next),
        2 => Just(Target::End),
        1 => Just(Target::Workflow(OTHER.to_owned())),
        3 => (0..stages).prop_map(|stage| Target::Stage(format!("s{stage}"))),
    ]
}

fn approval(when: ApprovalWhen, stages: usize) -> impl Strategy<Value = Option<Approval>> {
    let on_timeout = select(&[TimeoutDoes::Approve, TimeoutDoes::Reject][..]);
    let on_reject = prop_oneof![
        1 => Just(Rejection::Error),
        2 => Just(Rejection::Next),
        1 => Just(Rejection::End),
        3 => (0..stages).prop_map(|stage| Rejection::Stage(format!("s{stage}"))),
    ];
    let some = (prop::option::of(Just(TIMEOUT_S)), on_timeout, on_reject).prop_map(
        move |(timeout_s, on_timeout, on_reject)| Approval { when, timeout_s, on_timeout, on_reject },
    );
    prop_oneof![4 => Just(None), 1 => some.prop_map(Some)]
}

fn hooks(exit: bool) -> impl Strategy<Value = Vec<Hook>> {
    let failure = prop_oneof![1 => Just(HookFailure::Error), 9 => Just(HookFailure::Continue)];
    let hook = (select(&HOOK_TOOLS[..]), failure, any::<bool>(), any::<bool>());
    let hook = hook.prop_map(move |(tool, on_failure, keeps, always)| {
        let arguments = match tool {
            "write_file" => json!({ "path": "a.md", "text": "From {{ input }}." }),
            "read_file" => json!({ "path": "a.md" }),
            _ => json!({}),
        };
        let Value::Object(arguments) = arguments else { unreachable!("arguments are an object") };
        Hook {
            tool: tool.to_owned(),
            arguments,
            key: keeps.then(|| "hooked".to_owned()),
            on_failure,
            always: exit && always,
        }
    });
    prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(hook, 1..3)]
}

/// What stands around the work of a stage.
fn around(stages: usize) -> impl Strategy<Value = (Vec<Approval>, Vec<Hook>, Vec<Hook>)> {
    let approvals = (approval(ApprovalWhen::Before, stages), approval(ApprovalWhen::After, stages));
    let approvals = approvals.prop_map(|(before, after)| before.into_iter().chain(after).collect());
    (approvals, hooks(false), hooks(true))
}

fn stage(index: usize, stages: usize) -> impl Strategy<Value = Stage> {
    let outcomes = prop::collection::vec(target(stages), 0..3);
    let outcomes = outcomes.prop_map(|targets| {
        targets.into_iter().enumerate().map(|(n, target)| (format!("o{n}"), target)).collect()
    });
    let summary = select(&[Summary::Individual, Summary::Shared, Summary::None][..]);
    let often = || prop::bool::weighted(0.8);
    let modes = (any::<bool>(), often(), often(), often(), prop::bool::weighted(0.2));
    let work = (seats(), outcomes, summary, modes, (1..4u32, 1..6u32));
    (work, around(stages)).prop_map(move |(work, (approval, entry, exit))| {
        let (agents, outcomes, summary, modes, (max_cycles, max_visits)) = work;
        let (at_once, finish, go_on, ignore, schema) = modes;
        Stage {
            id: format!("s{index}"),
            name: format!("Stage {index}"),
            task: "Do it, with {{ results.s0 }} and {{ memory.key }}.".to_owned(),
            agents,
            outcomes,
            summary,
            turns: if at_once { Turns::AtOnce } else { Turns::InOrder },
            result_schema: schema.then(|| json!({ "type": "object", "required": ["n"] })),
            no_progress: if ignore { NoProgress::Ignore } else { NoProgress::Error },
            max_cycles,
            on_max_cycles: if finish { OnMaxCycles::Finish } else { OnMaxCycles::Error },
            max_visits,
            on_max_visits: if go_on { OnMaxVisits::Continue } else { OnMaxVisits::Error },
            approval,
            entry,
            exit,
        }
    })
}

/// Limits that are reached within some calls.
fn limits() -> impl Strategy<Value = Limits> {
    let on_limit =
        prop_oneof![2 => Just(None), 4 => Just(Some(OnLimit::Wait)), 1 => Just(Some(OnLimit::Stop))];
    let some = (
        prop::option::weighted(0.5, (5..60u32).prop_map(|thousandths| f64::from(thousandths) / 1_000.0)),
        prop::option::weighted(0.2, 500..20_000u64),
        prop::option::weighted(0.3, 5..60u64),
        prop::option::weighted(0.2, 1..20u64),
        on_limit,
    );
    let some = some.prop_map(|(cost_usd, tokens, wall_s, model_calls, on_limit)| Limits {
        cost_usd,
        tokens,
        wall_s,
        model_calls,
        on_limit,
    });
    prop_oneof![Just(Limits::default()), some]
}

fn workflow(stages: Vec<Stage>, limits: Limits, max_visits: u32) -> Workflow {
    Workflow { team: "t".to_owned(), ask: None, limits, max_running: None, max_visits, stages }
}

pub(crate) fn definition() -> impl Strategy<Value = Definition> {
    let stages = (1..4usize).prop_flat_map(|n| (0..n).map(|index| stage(index, n)).collect::<Vec<_>>());
    // A model that reads little has its conversations summed up.
    let context_tokens = prop_oneof![Just(Model::CONTEXT_TOKENS), Just(Model::CONTEXT_TOKENS_MIN)];
    let parts = (stages, stage(0, 1), any::<bool>(), 1..12u32, limits(), context_tokens);
    parts.prop_map(|(stages, other, fallback, max_visits, limits, context_tokens)| {
        let team = Team {
            name: "t".to_owned(),
            model: Some("main".to_owned()),
            agents: AGENTS.iter().map(|name| ((*name).to_owned(), Agent::default())).collect(),
        };
        let models = IndexMap::from([
            ("main".to_owned(), model(fallback.then_some("plain"), true, context_tokens)),
            ("plain".to_owned(), model(None, false, context_tokens)),
        ]);
        let other = Callable {
            workflow: workflow(vec![other], Limits::default(), 200),
            team: team.clone(),
            models: models.clone(),
            tools: tools(),
        };
        Definition {
            project: "p".to_owned(),
            name: "w".to_owned(),
            workflow: workflow(stages, limits, max_visits),
            team,
            models,
            tools: tools(),
            callable: IndexMap::from([(OTHER.to_owned(), other)]),
        }
    })
}
