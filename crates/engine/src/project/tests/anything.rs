//! Whole projects that are right, with everything that can be in one, and texts and values of all kinds.

use indexmap::IndexMap;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use serde_json::{Map, Number, Value, json};

use super::super::{
    Alert, AlertOn, ClockGap, ClockRepeat, Concurrency, ConcurrencyPolicy, Missed, Overlap, Project,
    ProjectLimits, Schedule, Trigger, TriggerKind, Verify, Webhook,
};
use crate::definition::{
    Agent, Approval, ApprovalWhen, Assignment, EnvValue, Hook, HookFailure, KeyRef, Limits, Model,
    NoProgress, OnInterrupt, OnLimit, OnMaxCycles, OnMaxVisits, Phase, Price, ProviderKind, Rejection,
    Script, ScriptFail, ScriptReply, ScriptToolCall, ScriptWhen, Stage, Summary, Target, Team, TimeoutDoes,
    Tool, ToolKind, Turns, Workflow,
};
use crate::time::Time;

/// Names that YAML would take for something else, and others.
const NAMES: [&str; 8] = ["main", "true", "007", "null", "-", "a-b", "1e3", "No"];

/// A text of any kind, except that it holds no U+0000, as no file does.
pub(super) fn text() -> BoxedStrategy<String> {
    let piece = prop::sample::select(vec![
        " ",
        "  ",
        "\n",
        "\n\n",
        "\n  ",
        "\t",
        "\r",
        "a",
        "B",
        "0",
        ":",
        ": ",
        " #",
        "#",
        "- ",
        "-",
        "'",
        "\"",
        "\\",
        "|",
        ">",
        "&a",
        "*a",
        "!",
        "%",
        "@",
        "`",
        "[",
        "]",
        "{",
        "}",
        ",",
        "?",
        "? ",
        "<<",
        "---",
        "...",
        "é",
        "😀",
        "\u{85}",
        "\u{a0}",
        "\u{2028}",
        "\u{feff}",
        "\u{7f}",
        "\u{9f}",
        "\u{1b}",
        "\u{ffff}",
        "true",
        "no",
        "null",
        "~",
        "1.5",
        "2026-01-01",
        "0x1",
    ]);
    prop_oneof![
        vec(piece, 0..8).prop_map(|pieces| pieces.concat()),
        any::<String>().prop_map(|text| text.replace('\0', "0")),
        "[a-z .,:#'\n-]{0,60}",
        prop::sample::select(NAMES.to_vec()).prop_map(str::to_owned),
    ]
    .boxed()
}

/// A text that says something.
fn words() -> impl Strategy<Value = String> {
    text().prop_map(|text| if text.trim().is_empty() { format!("{text}x") } else { text })
}

/// A text that says something and is a template that is right.
fn template() -> impl Strategy<Value = String> {
    (words(), any::<bool>()).prop_map(|(text, asks)| {
        let text = text.replace('{', "(");
        if asks { format!("{text} {{{{ input }}}}") } else { text }
    })
}

/// Any value of JSON.
pub(super) fn value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<u64>().prop_map(Number::from),
        any::<i64>().prop_map(Number::from),
        (0..1_000_u32).prop_map(Number::from),
        any::<f64>().prop_filter_map("JSON has finite numbers", Number::from_f64),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number.prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![vec(inner.clone(), 0..4).prop_map(Value::from), map(inner).prop_map(Value::from)]
    })
}

fn map(values: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    vec((text(), values), 0..4)
        .prop_map(|entries| entries.into_iter().filter(|(key, _)| !key.is_empty()).collect())
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![prop::sample::select(NAMES.to_vec()).prop_map(str::to_owned), "[A-Za-z0-9_-]{1,12}"]
}

fn of_these<T: Clone + std::fmt::Debug + 'static>(these: impl Into<Vec<T>>) -> impl Strategy<Value = T> {
    prop::sample::select(these.into())
}

/// A project in which every name that is used is there.
pub(super) fn project() -> impl Strategy<Value = Project> {
    let names =
        prop::collection::btree_set(name(), 3..7).prop_map(|names| names.into_iter().collect::<Vec<_>>());
    names.prop_flat_map(|names| {
        let about = (
            "[a-z é:#'\"-]{1,20}".prop_map(|name| format!("p{}", name.trim_end())),
            of_these(["UTC", "Europe/Paris", "Etc/GMT+5"]),
            of(1..100_u32),
            of(0.0..1e9_f64),
        );
        let parts = (
            named(names.clone(), model(names.clone()), 1),
            named(["lookup", "yes"].map(str::to_owned).to_vec(), tool(), 0),
            named(names.clone(), team(names.clone()), names.len()),
            named(names.clone(), workflow(names.clone()), names.len()),
            named(names.clone(), trigger(names.clone()), 0),
        );
        (Just(names), about, parts).prop_map(|(names, (name, timezone, max_running, cost), parts)| {
            let (mut models, mut tools, mut teams, workflows, triggers) = parts;
            tools.insert("server".to_owned(), server());
            with_every_model(&mut models, &names);
            teams.iter_mut().for_each(|(name, team)| team.name.clone_from(name));
            let limits = ProjectLimits { cost_usd_per_day: cost };
            let timezone = timezone.to_owned();
            Project { name, timezone, max_running, limits, models, tools, teams, workflows, triggers }
        })
    })
}

/// Things by name, at least so many.
fn named<T: std::fmt::Debug>(
    names: Vec<String>,
    thing: impl Strategy<Value = T>,
    least: usize,
) -> impl Strategy<Value = IndexMap<String, T>> {
    vec(thing, least..=names.len()).prop_map(move |things| names.iter().cloned().zip(things).collect())
}

/// Adds the models that were not made, and lets fallbacks lead forward only.
fn with_every_model(models: &mut IndexMap<String, Model>, names: &[String]) {
    let first = models[0].clone();
    for name in names {
        models.entry(name.clone()).or_insert_with(|| first.clone());
    }
    for (index, name) in names.iter().enumerate() {
        let model = &mut models[name];
        model.fallback = model.fallback.take().and_then(|_| names.get(index + 1).cloned());
    }
}

fn model(names: Vec<String>) -> impl Strategy<Value = Model> {
    let key = prop_oneof![Just(KeyRef::Env("KEY_1".to_owned())), name().prop_map(KeyRef::Secret)];
    let price = (0.0..1e3_f64, 0.0..1e3_f64).prop_map(|(input, output)| Price { input, output });
    let whose = (
        of_these(ProviderKind::ALL),
        words(),
        any::<bool>(),
        of(of_these(["http://127.0.0.1:9000/v1", "https://example.com/a#b"])),
        of(key),
        map(value()),
        price,
    );
    let how = (
        prop_oneof![Just(Model::TIMEOUT_S), 1..1_000_u64],
        prop_oneof![Just(Model::RETRY_FOR_S), 0..1_000_u64],
        any::<bool>(),
        prop_oneof![Just(Model::CONTEXT_TOKENS), Model::CONTEXT_TOKENS_MIN..1_000_000_u64],
        prop_oneof![Just(Model::MAX_AT_ONCE), 1..1_000_u32],
        of(1..1_000_u32),
        of(of_these(names)),
        vec(script(), 0..3),
    );
    (whose, how).prop_map(|(whose, how)| {
        let (provider, model, nameless, base_url, api_key, parameters, price) = whose;
        let (timeout_s, retry_for_s, tools, context_tokens, max_at_once, per_minute, fallback, script) = how;
        let is_simulated = provider == ProviderKind::Simulated;
        let needs_address = provider == ProviderKind::OpenaiCompatible;
        Model {
            provider,
            model: if is_simulated && nameless { String::new() } else { model },
            base_url: base_url.or(needs_address.then_some("http://localhost")).map(str::to_owned),
            api_key,
            parameters,
            price: Some(price),
            timeout_s,
            retry_for_s,
            tools,
            context_tokens,
            max_at_once,
            per_minute,
            fallback,
            script: if is_simulated { script } else { Vec::new() },
        }
    })
}

fn script() -> impl Strategy<Value = Script> {
    let when = (of(name()), of(name()), of(1..9_u32)).prop_map(|(agent, stage, nth)| ScriptWhen {
        agent,
        stage,
        nth,
    });
    // Where arguments are left out or are nothing, they are an empty map.
    let arguments = value().prop_map(|value| if value.is_null() { Value::Object(Map::new()) } else { value });
    let call = (words(), arguments).prop_map(|(tool, arguments)| ScriptToolCall { tool, arguments });
    let usage = prop_oneof![
        Just(IndexMap::new()),
        (0..99_u64).prop_map(|tokens| IndexMap::from([("input_tokens".to_owned(), tokens)])),
    ];
    let reply = (text(), vec(call, 0..3), 0..3_u64, usage)
        .prop_map(|(text, tool_calls, delay_ms, usage)| ScriptReply { text, tool_calls, delay_ms, usage });
    let fail = (100..600_u16, of(0..99_u64))
        .prop_map(|(status, retry_after_s)| ScriptFail { status, retry_after_s });
    (when, reply, of(fail)).prop_map(|(when, reply, fail)| Script {
        when,
        reply: fail.is_none().then_some(reply),
        fail,
    })
}

/// A value of an environment, with a text of these.
fn env_value(text: impl Strategy<Value = String>) -> impl Strategy<Value = EnvValue> {
    prop_oneof![
        text.prop_map(EnvValue::Text),
        Just(EnvValue::Env("KEY_1".to_owned())),
        name().prop_map(EnvValue::Secret),
    ]
}

fn tool() -> impl Strategy<Value = Tool> {
    let command = || (words(), vec(text(), 0..3)).prop_map(|(first, rest)| [vec![first], rest].concat());
    let server = command().prop_map(|command| ToolKind::Mcp { command, url: None, headers: IndexMap::new() });
    let header_names = ["X-Team", "accept", "1"].map(str::to_owned).to_vec();
    let headers = named(header_names, env_value("[ -~]{0,20}"), 0);
    let address = headers.prop_map(|headers| ToolKind::Mcp {
        command: Vec::new(),
        url: Some("https://example.com".to_owned()),
        headers,
    });
    let kind = prop_oneof![command().prop_map(ToolKind::Command), server, address];
    let interrupt = of_these([OnInterrupt::Report, OnInterrupt::Retry, OnInterrupt::Ask]);
    let env = named(["HOME", "_x", "NO"].map(str::to_owned).to_vec(), env_value(text()), 0);
    let timeout = prop_oneof![Just(Tool::TIMEOUT_S), 1..=Tool::TIMEOUT_S_MAX];
    let how = (any::<bool>(), any::<bool>(), timeout, env, of(interrupt));
    (kind, of(text()), parameters(), how).prop_map(|(kind, description, parameters, how)| {
        let (idempotent, acts_outside, timeout_s, env, on_interrupt) = how;
        let has_program = !matches!(kind, ToolKind::Mcp { url: Some(_), .. });
        let env = if has_program { env } else { IndexMap::new() };
        Tool { kind, description, parameters, idempotent, acts_outside, timeout_s, env, on_interrupt }
    })
}

/// The server whose tools are given one by one.
fn server() -> Tool {
    Tool {
        kind: ToolKind::Mcp { command: vec!["server".to_owned()], url: None, headers: IndexMap::new() },
        description: None,
        parameters: Map::new(),
        idempotent: false,
        acts_outside: true,
        timeout_s: Tool::TIMEOUT_S,
        env: IndexMap::new(),
        on_interrupt: None,
    }
}

/// Parameters of a tool, each with a schema.
fn parameters() -> impl Strategy<Value = Map<String, Value>> {
    let schema = of_these([
        json!({}),
        json!({ "type": "string", "default": "null" }),
        json!({ "enum": [null, true, 0.5, "no", { "a": [] }] }),
    ]);
    map(schema)
}

fn tools() -> impl Strategy<Value = Vec<String>> {
    let tools = ["http_request", "read_file", "current_time", "server.read-file", "server.a/b.c"];
    vec(of_these(tools.map(str::to_owned)), 0..3)
}

/// A team in which every name is an agent. Its own name is the key that it is put under.
fn team(names: Vec<String>) -> impl Strategy<Value = Team> {
    let agent = (text(), text(), of(of_these(names.clone())), tools())
        .prop_map(|(role, instructions, model, tools)| Agent { role, instructions, model, tools });
    (of_these(names.clone()), named(names.clone(), agent, names.len())).prop_map(|(model, agents)| Team {
        name: String::new(),
        model: Some(model),
        agents,
    })
}

fn workflow(names: Vec<String>) -> impl Strategy<Value = Workflow> {
    let on_limit = of(of_these([OnLimit::Wait, OnLimit::Stop]));
    let limits = (of(0.0..1e9_f64), of(1..u64::MAX), of(1..1_000_u64), of(1..1_000_u64), on_limit).prop_map(
        |(cost_usd, tokens, wall_s, model_calls, on_limit)| Limits {
            cost_usd,
            tokens,
            wall_s,
            model_calls,
            on_limit,
        },
    );
    let about = (of_these(names.clone()), of(words()), limits, of(1..99_u32), of(1..999_u32));
    (about, vec(stage(names), 1..4)).prop_map(|((team, ask, limits, max_running, max_visits), mut stages)| {
        for (index, stage) in stages.iter_mut().enumerate() {
            if stage.name == stage.id {
                stage.name = format!("s{index}");
            }
            stage.id = format!("s{index}");
        }
        let max_visits = max_visits.unwrap_or_else(|| Workflow::max_visits_of(stages.len()));
        Workflow { team, ask, limits, max_running, max_visits, stages }
    })
}

fn stage(names: Vec<String>) -> impl Strategy<Value = Stage> {
    let target = prop_oneof![
        Just(Target::Next),
        Just(Target::End),
        Just(Target::Stage("s0".to_owned())),
        of_these(names.clone()).prop_map(Target::Workflow),
    ];
    let schema = map(value()).prop_map(|example| {
        json!({ "type": ["object", "null"], "examples": [example], "required": ["a"], "$comment": "no" })
    });
    let what = (prop_oneof![Just("id".to_owned()), words()], template(), assignments(names), of(schema));
    let outcomes = vec((name(), target), 0..3).prop_map(|outcomes| outcomes.into_iter().collect());
    let choices = (
        of_these([Summary::Individual, Summary::Shared, Summary::None]),
        of_these([Turns::InOrder, Turns::AtOnce]),
        of_these([NoProgress::Error, NoProgress::Ignore]),
        (
            prop_oneof![Just(Stage::MAX_CYCLES), 1..99_u32],
            of_these([OnMaxCycles::Error, OnMaxCycles::Finish]),
        ),
        (
            prop_oneof![Just(Stage::MAX_VISITS), 1..99_u32],
            of_these([OnMaxVisits::Error, OnMaxVisits::Continue]),
        ),
    );
    let around = (approvals(), vec(hook(false), 0..3), vec(hook(true), 0..3));
    (what, outcomes, choices, around).prop_map(
        |((name, task, agents, result_schema), outcomes, choices, around)| {
            let (summary, turns, no_progress, (max_cycles, on_max_cycles), (max_visits, on_max_visits)) =
                choices;
            let (approval, entry, exit) = around;
            Stage {
                id: "id".to_owned(),
                name,
                task,
                agents,
                outcomes,
                summary,
                turns,
                result_schema,
                no_progress,
                max_cycles,
                on_max_cycles,
                max_visits,
                on_max_visits,
                approval,
                entry,
                exit,
            }
        },
    )
}

/// Each agent once.
fn assignments(names: Vec<String>) -> impl Strategy<Value = Vec<Assignment>> {
    let models = names.clone();
    let rest = (
        of_these([Phase::Start, Phase::Default, Phase::Completion]),
        (of(template()), of(of_these(models))),
        vec(name(), 0..3),
        tools(),
        (any::<bool>(), prop_oneof![Just(Assignment::ASK_TIMEOUT_S), 1..999_999_u64]),
        (any::<bool>(), prop_oneof![Just(Assignment::RUN_TIMEOUT_S), 1..999_999_u64]),
    );
    let plain = (
        Phase::Default,
        (None, None),
        Vec::new(),
        Vec::new(),
        (false, Assignment::ASK_TIMEOUT_S),
        (false, Assignment::RUN_TIMEOUT_S),
    );
    let rest = prop_oneof![Just(plain), rest];
    vec(rest, 1..=names.len()).prop_map(move |assignments| {
        let assignments = names.iter().cloned().zip(assignments);
        let assignment = |(agent, rest)| {
            let (phase, (directive, model), shares, tools, asking, running) = rest;
            let ((asks_user, ask_timeout_s), (runs_workflows, run_timeout_s)) = (asking, running);
            Assignment {
                agent,
                phase,
                directive,
                model,
                shares,
                tools,
                asks_user,
                ask_timeout_s,
                runs_workflows,
                run_timeout_s,
            }
        };
        assignments.map(assignment).collect()
    })
}

/// None, one before or after, or one of each.
fn approvals() -> impl Strategy<Value = Vec<Approval>> {
    let approval = |when: ApprovalWhen| {
        let on_reject =
            vec![Rejection::Error, Rejection::Next, Rejection::End, Rejection::Stage("s0".to_owned())];
        (of(1..999_u64), of_these([TimeoutDoes::Approve, TimeoutDoes::Reject]), of_these(on_reject)).prop_map(
            move |(timeout_s, on_timeout, on_reject)| Approval { when, timeout_s, on_timeout, on_reject },
        )
    };
    (of(approval(ApprovalWhen::Before)), of(approval(ApprovalWhen::After)))
        .prop_map(|(before, after)| before.into_iter().chain(after).collect())
}

fn hook(at_exit: bool) -> impl Strategy<Value = Hook> {
    let tool = of_these(["http_request", "write_file", "server.a"]).prop_map(str::to_owned);
    let on_failure = of_these([HookFailure::Error, HookFailure::Continue]);
    (tool, map(value()), of(name()), on_failure, any::<bool>()).prop_map(
        move |(tool, mut arguments, key, on_failure, always)| {
            arguments.values_mut().for_each(without_templates);
            Hook { tool, arguments, key, on_failure, always: always && at_exit }
        },
    )
}

/// Takes out what would begin a placeholder.
fn without_templates(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace('{', "("),
        Value::Array(items) => items.iter_mut().for_each(without_templates),
        Value::Object(entries) => entries.values_mut().for_each(without_templates),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn trigger(names: Vec<String>) -> impl Strategy<Value = Trigger> {
    let kind = prop_oneof![
        schedule().prop_map(|schedule| TriggerKind::Schedule(Box::new(schedule))),
        webhook().prop_map(TriggerKind::Webhook)
    ];
    let paused = prop_oneof![Just((true, None)), of(words()).prop_map(|reason| (false, reason))];
    let on = (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(slot, failed, waiting)| {
        let on = AlertOn::ALL.into_iter().zip([slot, failed, waiting]);
        on.filter(|(_, is)| *is).map(|(on, _)| on).collect()
    });
    let url = of_these(["https://example.com/hear/", "http://a.example:81?b=c"]).prop_map(str::to_owned);
    let alert = of((url, on).prop_map(|(url, on)| Alert { url, on }));
    (of_these(names), paused, alert, kind).prop_map(|(workflow, (enabled, pause_reason), alert, kind)| {
        Trigger { workflow, enabled, pause_reason, alert, kind }
    })
}

fn schedule() -> impl Strategy<Value = Schedule> {
    let start = 0..2_000_000_000_000_i64;
    let end = 2_000_000_000_000..4_000_000_000_000_i64;
    let when = (
        words(),
        of(of_these(["UTC", "Asia/Tokyo"]).prop_map(str::to_owned)),
        value(),
        of(start.prop_map(Time::from_millis)),
        of(end.prop_map(Time::from_millis)),
    );
    let how = (
        of_these([Overlap::Allow, Overlap::Skip, Overlap::Queue, Overlap::StopPrevious]),
        of_these([Missed::Skip, Missed::Latest, Missed::All]),
        of_these([ClockGap::Shift, ClockGap::Skip]),
        of_these([ClockRepeat::First, ClockRepeat::Second, ClockRepeat::Both]),
        prop_oneof![Just(0), 0..3_600_u64],
    );
    (when, how).prop_map(|((schedule, timezone, input, start_at, end_at), how)| {
        let (overlap, missed, clock_gap, clock_repeat, spread_s) = how;
        Schedule {
            schedule,
            timezone,
            input,
            start_at,
            end_at,
            overlap,
            missed,
            clock_gap,
            clock_repeat,
            spread_s,
        }
    })
}

fn webhook() -> impl Strategy<Value = Webhook> {
    let verified = (of_these([Verify::Github, Verify::StandardWebhooks, Verify::Header]), name());
    let input = words().prop_map(|text| format!("{} {{{{ body.ref }}}}", text.replace('{', "(")));
    let when = of_these(["body.ref == 'refs/heads/main'", "body[\"a\"]"]).prop_map(str::to_owned);
    let policy = of_these([ConcurrencyPolicy::Queue, ConcurrencyPolicy::Newest]);
    let concurrency = policy.prop_map(|policy| Concurrency { key: "{{ body.ref }}".to_owned(), policy });
    (of(verified), of(name()), of(input), of(when), of(concurrency)).prop_map(
        |(verified, header, input, when, concurrency)| {
            let (verify, secret) = verified.unzip();
            let header = header.filter(|_| verify == Some(Verify::Header));
            Webhook { verify, secret, header, input, when, concurrency }
        },
    )
}
