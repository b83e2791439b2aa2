//! How a story is told: a project file, what the models answer, and the history that comes of it.
//!
//! Every step folds the history anew and compares, so that each story also shows that replaying
//! gives the same run.

use std::fmt::Write as _;
use std::sync::Arc;

use callboard_engine::call::{Answer, Failure, Finish, Message, Request, Tokens, ToolCall};
use callboard_engine::command::{Command, Moment, Refused};
use callboard_engine::decide::{NewRun, create, decide};
use callboard_engine::definition::{Definition, DefinitionHash};
use callboard_engine::event::{Event, Fact, Source};
use callboard_engine::project;
use callboard_engine::run::{Pending, Run};
use callboard_engine::time::Time;
use expect_test::Expect;
use serde_json::{Value, json};

/// A run in a test, with its whole history.
pub(crate) struct Story {
    pub(crate) run: Run,
    pub(crate) history: Vec<Event>,
    definition: Arc<Definition>,
    now: Time,
    shown: usize,
}

/// A project with one team of three, a, b and c, on the model `main`, and one workflow of these
/// stages.
pub(crate) fn project(stages: &str) -> String {
    format!(
        "project: test
models:
  main: {{ provider: openai, model: m, price: {{ input: 1.0, output: 10.0 }} }}
  plain: {{ provider: openai, model: m, tools: false }}
teams:
  desk: {{ model: main, agents: {{ a: {{ role: First }}, b: {{ role: Second }}, c: {{ role: Third }} }} }}
workflows:
  work:
    team: desk
    stages:
{}",
        indent(stages)
    )
}

fn indent(stages: &str) -> String {
    stages.trim_matches('\n').lines().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "      {line}");
        out
    })
}

pub(crate) fn compile(file: &str) -> Definition {
    let reading = project::read(file);
    let project = reading.project.unwrap_or_else(|| panic!("{:#?}", reading.mistakes));
    project::compile(&project, "work").unwrap()
}

impl Story {
    /// A run of these stages that has begun, with the input "owls".
    pub(crate) fn of(stages: &str) -> Self {
        let mut story = Self::pending(&project(stages), json!("owls"));
        story.command(Command::Start).unwrap();
        story
    }

    /// A run that waits for its place.
    pub(crate) fn pending(file: &str, input: Value) -> Self {
        let definition = Arc::new(compile(file));
        let hash = DefinitionHash::of(&definition.to_text().unwrap());
        let now = Time::from_millis(1_795_000_000_000);
        let new = NewRun {
            hash,
            definition: Arc::clone(&definition),
            source: Source::manual("ana"),
            input,
            metadata: None,
        };
        let decided = create(new, Moment { now, luck: 0 });
        Self { run: decided.run, history: decided.events, definition, now, shown: 0 }
    }

    /// Gives a command, a second after the last one.
    pub(crate) fn command(&mut self, command: Command) -> Result<(), Refused> {
        self.now = self.now.plus_millis(1000);
        let decided = decide(&self.run, command, Moment { now: self.now, luck: 0 })?;
        self.history.extend(decided.events);
        self.run = decided.run;
        let replayed = Run::fold(Arc::clone(&self.definition), &self.history).unwrap();
        assert_eq!(replayed, self.run, "replaying gives the same run");
        Ok(())
    }

    /// Time passes.
    pub(crate) fn later_s(&mut self, seconds: u64) -> &mut Self {
        self.now = self.now.plus_millis(seconds * 1000);
        self
    }

    /// The model answers the agent's call.
    pub(crate) fn answers(&mut self, agent: &str, answer: impl Into<Answer>) -> &mut Self {
        let (call, attempt) = self.in_flight(agent);
        let answer = Arc::new(answer.into());
        let tokens = Some(Tokens { input: 100, output: 10 });
        self.command(Command::TakeAnswer { call, attempt, answer, tokens }).unwrap();
        self
    }

    /// The model fails the agent's call.
    pub(crate) fn fails(&mut self, agent: &str, failure: Failure) -> &mut Self {
        let (call, attempt) = self.in_flight(agent);
        self.command(Command::TakeFailure { call, attempt, failure, partial: None }).unwrap();
        self
    }

    /// The wait before the next attempt is over.
    pub(crate) fn retries(&mut self) -> &mut Self {
        self.retries_late_s(0)
    }

    /// The wait before the next attempt was over so long ago.
    pub(crate) fn retries_late_s(&mut self, seconds: i64) -> &mut Self {
        let waits = self.run.pending().into_iter().find_map(|pending| match pending {
            Pending::Wait { call, attempt, until, .. } => Some((call, attempt, until)),
            Pending::Place | Pending::CallModel(_) | Pending::Abort { .. } => None,
        });
        let (call, attempt, until) = waits.expect("something waits");
        // The command itself comes a second later.
        self.now = Time::from_millis(until.as_millis() + (seconds - 1) * 1000);
        self.command(Command::Retry { call, attempt }).unwrap();
        self
    }

    /// The server dies and comes back.
    pub(crate) fn crashes(&mut self) -> &mut Self {
        self.command(Command::Recover).unwrap();
        self
    }

    pub(crate) fn stops(&mut self) -> &mut Self {
        self.command(Command::Stop { by: "ana".to_owned(), reason: Some("enough".to_owned()) }).unwrap();
        self
    }

    /// What the run asks to be cut off is cut off.
    pub(crate) fn aborts(&mut self) -> &mut Self {
        let owed = self.run.pending().into_iter().find_map(|pending| match pending {
            Pending::Abort { call, attempt } => Some((call, attempt)),
            Pending::Place | Pending::CallModel(_) | Pending::Wait { .. } => None,
        });
        let (call, attempt) = owed.expect("something is to be cut off");
        self.command(Command::TakeAbort { call, attempt, partial: Some("Ow".to_owned()) }).unwrap();
        self
    }

    pub(crate) fn in_flight(&self, agent: &str) -> (u64, u32) {
        let calls = self.run.pending().into_iter().filter_map(|pending| match pending {
            Pending::CallModel(call) => Some((call.agent, (call.call, call.attempt))),
            Pending::Place | Pending::Wait { .. } | Pending::Abort { .. } => None,
        });
        let of_agent: Vec<_> = calls.filter(|(who, _)| *who == agent).map(|(_, call)| call).collect();
        assert_eq!(of_agent.len(), 1, "{agent} has one call in flight; pending: {:?}", self.run.pending());
        of_agent[0]
    }

    /// What the agent's model is being asked.
    pub(crate) fn request(&self, agent: &str) -> Request {
        self.run.request(self.in_flight(agent).0).unwrap()
    }

    /// What the agent's model is being told in the last message.
    pub(crate) fn told(&self, agent: &str) -> String {
        match self.request(agent).messages.pop() {
            Some(Message::User(text)) => text,
            other => panic!("the last message is not what the agent is told: {other:?}"),
        }
    }

    /// Compares the history since the last time.
    pub(crate) fn shows(&mut self, expected: Expect) -> &mut Self {
        let lines = self.history[self.shown..].iter().fold(String::new(), |mut out, event| {
            let _ = writeln!(out, "{}", line(event));
            out
        });
        expected.assert_eq(&lines);
        self.shown = self.history.len();
        self
    }

    /// Skips what came so far.
    pub(crate) fn skip(&mut self) -> &mut Self {
        self.shown = self.history.len();
        self
    }

    /// How the run stands, and its error.
    pub(crate) fn ends(&self, expected: Expect) {
        let mut text = self.run.status().name().to_owned();
        if let Some(error) = self.run.error() {
            let _ = write!(
                text,
                ": [{}] {}/{} {} while {}: {}",
                error.code,
                error.stage.as_deref().unwrap_or("-"),
                error.visit.map_or_else(|| "-".to_owned(), |visit| visit.to_string()),
                error.agent.as_deref().unwrap_or("-"),
                error.doing,
                error.message
            );
        }
        expected.assert_eq(&text);
    }

    /// The stages visited so far, with how they ended.
    pub(crate) fn path(&self) -> String {
        let visits = self.run.visits().map(|visit| match &visit.outcome {
            Some(outcome) => format!("{}:{outcome}", visit.stage),
            None => visit.stage.clone(),
        });
        visits.collect::<Vec<_>>().join(" ")
    }
}

/// One event as a line: the visit, the kind, and what matters.
fn line(event: &Event) -> String {
    let json = serde_json::to_value(&event.fact).unwrap();
    let visit = event.visit.map_or_else(|| "-".to_owned(), |visit| visit.to_string());
    let mut line = format!("{visit} {}", json["kind"].as_str().unwrap());
    let detail = detail(&event.fact);
    if !detail.is_empty() {
        let _ = write!(line, " {detail}");
    }
    line
}

fn detail(fact: &Fact) -> String {
    match fact {
        Fact::RunCreated(created) => created.workflow.clone(),
        Fact::RunStarted => String::new(),
        Fact::StageEntered { stage, nth, forced, .. } => {
            format!("{stage} nth={nth}{}", if *forced { " forced" } else { "" })
        }
        Fact::TurnStarted { turn, agent, phase, cycle, asks } => {
            let asks = asks.as_ref().map(|ask| format!(" asks {}", serde_json::to_value(ask).unwrap()));
            format!("{turn} {agent} {} {cycle}{}", json!(phase).as_str().unwrap(), asks.unwrap_or_default())
        }
        Fact::ModelCallStarted { call, attempt, agent, model, .. } => {
            format!("{call}.{attempt} {agent} {model}")
        }
        Fact::ModelCallFinished { call, attempt, agent, .. } => format!("{call}.{attempt} {agent}"),
        Fact::ModelCallFailed { call, attempt, agent, failure, partial, .. } => {
            let partial = partial.as_ref().map(|text| format!(" partial {text:?}")).unwrap_or_default();
            format!("{call}.{attempt} {agent} {}{partial}", failure.code)
        }
        Fact::RetryScheduled { call, attempt, wait_ms, .. } => format!("{call}.{attempt} in {wait_ms} ms"),
        Fact::MessageSent { agent, to, text, .. } => format!("{agent} to {to}: {text}"),
        Fact::ResultShared { agent, key, value, .. } => format!("{agent} {key}={value}"),
        Fact::MemoryRead { agent, key, text, .. } => format!("{agent} {key}: {text}"),
        Fact::ToolCallRefused { agent, code, message, .. } => format!("{agent} {code}: {message}"),
        Fact::TurnCapped { turn, model_calls, .. } => format!("{turn} after {model_calls} calls"),
        Fact::AgentCompleted { agent, result, outcome, .. } => {
            let outcome = outcome.as_ref().map(|outcome| format!(" outcome {outcome}")).unwrap_or_default();
            format!("{agent}: {result}{outcome}")
        }
        Fact::TurnEnded { turn, how, .. } => format!("{turn} {}", json!(how).as_str().unwrap()),
        Fact::OutcomeChosen { agent, outcome } => format!("{agent} {outcome}"),
        Fact::SummaryWritten { agent, text } => format!("{agent}: {text}"),
        Fact::StageCompleted { stage, result, outcome, .. } => {
            let outcome = outcome.as_ref().map(|outcome| format!(" outcome {outcome}")).unwrap_or_default();
            format!("{stage}: {result}{outcome}")
        }
        Fact::LoopGuardTripped { stage, guard, visits, forced } => {
            format!(
                "{stage} {} at {visits}{}",
                json!(guard).as_str().unwrap(),
                if *forced { " forced" } else { "" }
            )
        }
        Fact::StageFailed { error, .. } | Fact::RunFailed { error, .. } => error.code.clone(),
        Fact::RunRecovered { in_flight } => in_flight
            .iter()
            .map(|lost| format!("{}.{} {}", lost.call, lost.attempt, lost.agent))
            .collect::<Vec<_>>()
            .join(", "),
        Fact::StopRequested { by, reason } => format!("{by}: {}", reason.as_deref().unwrap_or("-")),
        Fact::RunCompleted { result, .. } => result.to_string(),
        Fact::RunStopped { by, took_ms, aborted, .. } => {
            format!("{by} after {took_ms} ms, cut off: {}", aborted.len())
        }
    }
}

/// An answer in the making.
#[derive(Clone, Default)]
pub(crate) struct Reply(Answer);

/// A plain answer.
pub(crate) fn says(text: &str) -> Reply {
    Reply(Answer { text: text.to_owned(), ..Answer::default() })
}

/// An answer that calls a tool.
pub(crate) fn calls(tool: &str, arguments: Value) -> Reply {
    Reply::default().and(tool, arguments)
}

/// An answer that completes, with a summary.
pub(crate) fn completes(result: &str) -> Reply {
    calls("complete", json!({ "result": result, "summary": format!("{result} (short)") }))
}

/// An answer that completes with an outcome.
pub(crate) fn completes_as(result: &str, outcome: &str) -> Reply {
    calls("complete", json!({ "result": result, "summary": format!("{result} (short)"), "outcome": outcome }))
}

/// An answer that has nothing to add.
pub(crate) fn passes() -> Reply {
    calls("pass", json!({}))
}

impl Reply {
    pub(crate) fn and(mut self, tool: &str, arguments: Value) -> Self {
        let id = format!("t{}", self.0.tool_calls.len() + 1);
        self.0.tool_calls.push(ToolCall { id, tool: tool.to_owned(), arguments });
        self
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self { finish: Finish::Done, ..reply.0 }
    }
}

/// A failure that passes.
pub(crate) fn hiccup() -> Failure {
    Failure {
        code: "model_unavailable".to_owned(),
        message: "The provider answered 503.".to_owned(),
        provider_message: Some("overloaded".to_owned()),
        status: Some(503),
        transient: true,
        retry_after_ms: None,
    }
}

/// A failure that stays.
pub(crate) fn bad_key() -> Failure {
    Failure {
        code: "model_unauthorized".to_owned(),
        message: "The provider answered 401.".to_owned(),
        provider_message: Some("invalid key".to_owned()),
        status: Some(401),
        transient: false,
        retry_after_ms: None,
    }
}
