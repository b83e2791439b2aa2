//! How a story is told: a project file, what the models answer, and the history that comes of it.
//!
//! Every step folds the history anew and compares, so that each story also shows that replaying
//! gives the same run.

use std::fmt::Write as _;
use std::sync::Arc;

use callboard_engine::call::{Answer, Failure, Finish, Message, Request, Tokens, ToolCall};
use callboard_engine::command::{ChildEnd, Command, Day, Decided, Moment, Refused, ToolOutcome};
use callboard_engine::decide::{NewRun, create, decide};
use callboard_engine::definition::{Definition, DefinitionHash, Limits};
use callboard_engine::event::{Event, Fact, ListedTool, Source};
use callboard_engine::project;
use callboard_engine::run::{AskedFor, Pending, Run, Status, ToolKey};
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
    /// What the project may still spend today.
    pub(crate) day: Option<Day>,
    /// The texts of documents, in the order in which they were written.
    pub(crate) documents: Vec<String>,
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

/// The same with these tools of the project, each on a line of its own.
pub(crate) fn with_tools(tools: &str, stages: &str) -> String {
    let tools = tools.trim_matches('\n').lines().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "  {line}");
        out
    });
    project(stages).replace("teams:\n", &format!("tools:\n{tools}teams:\n"))
}

/// The same with limits of the workflow.
pub(crate) fn with_limits(limits: &str, stages: &str) -> String {
    project(stages).replace("    team: desk\n", &format!("    team: desk\n    limits: {limits}\n"))
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
            limits: Limits::default(),
            depth: 0,
            inherited: None,
        };
        Self::new(new, now)
    }

    /// A run of a project file that has begun, with the input "owls".
    pub(crate) fn begun(file: &str) -> Self {
        Self::started(file, |_| {})
    }

    /// A run that is started in some other way, and has begun.
    pub(crate) fn started(file: &str, change: impl FnOnce(&mut NewRun)) -> Self {
        let definition = Arc::new(compile(file));
        let hash = DefinitionHash::of(&definition.to_text().unwrap());
        let mut new = NewRun {
            hash,
            definition,
            source: Source::manual("ana"),
            input: json!("owls"),
            metadata: None,
            limits: Limits::default(),
            depth: 0,
            inherited: None,
        };
        change(&mut new);
        let mut story = Self::new(new, Time::from_millis(1_795_000_000_000));
        story.command(Command::Start).unwrap();
        story
    }

    fn new(new: NewRun, now: Time) -> Self {
        let definition = Arc::clone(&new.definition);
        let Decided { run, events, .. } = create(new, Moment { now, ..Moment::default() });
        Self { run, history: events, definition, now, shown: 0, day: None, documents: Vec::new() }
    }

    /// Gives a command, a second after the last one.
    pub(crate) fn command(&mut self, command: Command) -> Result<(), Refused> {
        self.now = self.now.plus_millis(1000);
        let moment = Moment { now: self.now, luck: 0, day: self.day };
        let decided = decide(&self.run, command, moment)?;
        self.history.extend(decided.events);
        self.documents.extend(decided.documents.iter().map(|document| document.text.to_string()));
        for question in &decided.questions {
            let asked = decided.run.request(question.call);
            assert_eq!(asked.as_ref(), Some(&question.request), "asking again asks the same");
        }
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
        let waits = self.run.pending().into_iter().find_map(|pending| {
            if let Pending::Wait { call, attempt, until, .. } = pending {
                Some((call, attempt, until))
            } else {
                None
            }
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
        let owed = self.run.pending().into_iter().find_map(|pending| {
            if let Pending::Abort { call, attempt, .. } = pending { Some((call, attempt)) } else { None }
        });
        let (call, attempt) = owed.expect("something is to be cut off");
        self.command(Command::TakeAbort { call, attempt, partial: Some("Ow".to_owned()), sent: true })
            .unwrap();
        self
    }

    /// A tool that was called gives its result.
    pub(crate) fn gives(&mut self, tool: &str, text: &str) -> &mut Self {
        self.tool_ends(tool, ToolOutcome { text: text.into(), code: None })
    }

    /// A tool that was called fails.
    pub(crate) fn breaks(&mut self, tool: &str, text: &str) -> &mut Self {
        self.tool_ends(tool, ToolOutcome { text: text.into(), code: Some("tool_failed".to_owned()) })
    }

    fn tool_ends(&mut self, tool: &str, outcome: ToolOutcome) -> &mut Self {
        let (call, attempt) = self.tool_under_way(tool);
        self.command(Command::TakeTool { call, attempt, outcome }).unwrap();
        self
    }

    /// The call of a tool that is owed.
    pub(crate) fn tool_under_way(&self, name: &str) -> (u64, u32) {
        let owed = self.run.pending().into_iter().find_map(|pending| {
            if let Pending::CallTool(work) = pending
                && key_name(work.tool) == name
            {
                Some((work.call, work.attempt))
            } else {
                None
            }
        });
        owed.unwrap_or_else(|| panic!("{name} is owed; pending: {:?}", self.run.pending()))
    }

    /// An MCP server lists its tools; each takes one text.
    pub(crate) fn lists(&mut self, tools: &[&str]) -> &mut Self {
        let owed = self.run.pending().into_iter().find_map(|pending| {
            if let Pending::ListTools(work) = pending { Some((work.call, work.attempt)) } else { None }
        });
        let (call, attempt) = owed.expect("a list is owed");
        let parameters = json!({ "type": "object", "properties": { "text": { "type": "string" } } });
        let listed = tools.iter().map(|name| ListedTool {
            name: (*name).to_owned(),
            description: format!("Does {name}."),
            parameters: Arc::new(parameters.clone()),
        });
        self.command(Command::TakeTools { call, attempt, listed: Ok(listed.collect()) }).unwrap();
        self
    }

    /// A person answers what was asked.
    pub(crate) fn person_answers(&mut self, text: &str) -> &mut Self {
        let question = self.asked();
        self.command(Command::Answer { question, text: text.to_owned(), by: "ana".to_owned() }).unwrap();
        self
    }

    /// A person gives or refuses leave.
    pub(crate) fn person_decides(&mut self, approve: bool, comment: Option<&str>) -> &mut Self {
        let comment = comment.map(str::to_owned);
        let command = Command::Approve { approval: self.asked(), approve, comment, by: "ana".to_owned() };
        self.command(command).unwrap();
        self
    }

    /// What a person is asked, of which there is one.
    pub(crate) fn asked(&self) -> u64 {
        let [asked] = self.run.asked() else { panic!("one thing is asked: {:?}", self.run.asked()) };
        match asked.what {
            AskedFor::Question { .. } | AskedFor::Again { .. } | AskedFor::Approval { .. } => asked.number,
        }
    }

    /// Time has passed.
    pub(crate) fn looks(&mut self) -> &mut Self {
        self.command(Command::Look).unwrap();
        self
    }

    /// The run that was asked for begins.
    pub(crate) fn child_begins(&mut self, run_id: i64) -> &mut Self {
        let owed = self.run.pending().into_iter().find_map(|pending| {
            if let Pending::StartChild(child) = pending { Some(child.call) } else { None }
        });
        self.command(Command::TakeChild { call: owed.expect("a run is owed"), run_id }).unwrap();
        self
    }

    /// The run that was asked for ends.
    pub(crate) fn child_ends(&mut self, run_id: i64, status: Status, result: Option<&str>) -> &mut Self {
        let owed = self.run.pending().into_iter().find_map(|pending| match pending {
            Pending::AwaitChild(child) => Some(child.call),
            Pending::Abort { call, child: Some(_), .. } => Some(call),
            Pending::Place
            | Pending::CallModel(_)
            | Pending::Wait { .. }
            | Pending::CallTool(_)
            | Pending::ListTools(_)
            | Pending::StartChild(_)
            | Pending::Abort { .. }
            | Pending::Person(_)
            | Pending::Limit { .. }
            | Pending::Room
            | Pending::Alarm { .. } => None,
        });
        let end = ChildEnd { status, result: result.map(Arc::from), error: None };
        let call = owed.expect("a run is waited for");
        self.command(Command::TakeChildEnd { call, run_id, end }).unwrap();
        self
    }

    pub(crate) fn in_flight(&self, agent: &str) -> (u64, u32) {
        let calls = self.run.pending().into_iter().filter_map(|pending| {
            if let Pending::CallModel(call) = pending {
                Some((call.agent, (call.call, call.attempt)))
            } else {
                None
            }
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

    /// What the tool calls of the agent's latest answer gave, as its model is told.
    pub(crate) fn given(&self, agent: &str) -> Given {
        let Some(Message::ToolResults(results)) = self.request(agent).messages.pop() else {
            panic!("the last message gives no results")
        };
        Given(results.iter().fold(String::new(), |mut out, result| {
            let failed = if result.failed { " failed" } else { "" };
            let _ = writeln!(out, "{}{failed}: {}", result.tool, result.text);
            out
        }))
    }

    /// What the outside owes the run.
    pub(crate) fn owes(&self, expected: Expect) -> &Self {
        let lines = self.run.pending().iter().fold(String::new(), |mut out, pending| {
            let _ = writeln!(out, "{}", owed(pending));
            out
        });
        expected.assert_eq(&lines);
        self
    }

    /// Someone says something to the agents.
    pub(crate) fn person_says(&mut self, text: &str) -> &mut Self {
        self.command(Command::Say { text: text.to_owned(), by: "ana".to_owned() }).unwrap();
        self
    }

    /// Someone sets limits anew.
    pub(crate) fn raises(&mut self, limits: Limits) -> &mut Self {
        self.command(Command::Raise { limits, by: "ana".to_owned() }).unwrap();
        self
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

/// What tool calls gave, a line for each.
pub(crate) struct Given(String);

impl Given {
    pub(crate) fn is(self, expected: Expect) {
        expected.assert_eq(&self.0);
    }
}

/// Something that is owed, as a line.
fn owed(pending: &Pending<'_>) -> String {
    match pending {
        Pending::Place => "a place".to_owned(),
        Pending::CallModel(call) => format!("model {}.{} {}", call.call, call.attempt, call.agent),
        Pending::Wait { call, attempt, since, until } => {
            format!("wait {call}.{attempt} for {} ms", until.millis_since(*since))
        }
        Pending::CallTool(work) => {
            format!("tool {}.{} {} {}", work.call, work.attempt, key_name(work.tool), work.arguments)
        }
        Pending::ListTools(list) => format!("list {}.{} {}", list.call, list.attempt, list.server),
        Pending::StartChild(child) => {
            let over = if child.is_over { ", if it was started" } else { "" };
            format!("run {} of {} with {}{over}", child.call, child.workflow, child.input)
        }
        Pending::AwaitChild(child) => {
            let until = child.until.map(|until| format!(" within {} ms", until.millis_since(child.since)));
            format!("end of run {}{}", child.run_id, until.unwrap_or_default())
        }
        Pending::Abort { call, attempt, child } => {
            let child = child.map(|run_id| format!(" run {run_id}")).unwrap_or_default();
            format!("abort {call}.{attempt}{child}")
        }
        Pending::Person(asked) => {
            let until = asked.until.map(|until| format!(" within {} ms", until.millis_since(asked.since)));
            format!("person {}{}", asked.number, until.unwrap_or_default())
        }
        Pending::Limit { limit, .. } => format!("limit {}", limit.name()),
        Pending::Room => "room".to_owned(),
        Pending::Alarm { until } => format!("alarm {until}"),
    }
}

fn key_name(key: ToolKey<'_>) -> String {
    match key {
        ToolKey::BuiltIn(name) | ToolKey::Command { name, .. } => name.to_owned(),
        ToolKey::Document { .. } => "read_file".to_owned(),
        ToolKey::Mcp { server, name, .. } => format!("{server}.{name}"),
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

#[expect(clippy::too_many_lines, reason = "each kind of event has its few lines, and there are many kinds")]
fn detail(fact: &Fact) -> String {
    match fact {
        Fact::RunCreated(created) => created.workflow.clone(),
        Fact::RunStarted => String::new(),
        Fact::RunInherited(inherited) => super::reruns::detail(inherited),
        Fact::StageEntered { stage, nth, forced, .. } => {
            format!("{stage} nth={nth}{}", if *forced { " forced" } else { "" })
        }
        Fact::TurnStarted { turn, agent, phase, cycle, asks } => {
            let asks = asks.as_ref().map(|ask| format!(" asks {}", serde_json::to_value(ask).unwrap()));
            format!("{turn} {agent} {} {cycle}{}", json!(phase).as_str().unwrap(), asks.unwrap_or_default())
        }
        Fact::ModelCallStarted {
            call, attempt, agent, model, compacts, max_tokens, reserved_usd, ..
        } => {
            let compacts = if *compacts { " compacts" } else { "" };
            let max = max_tokens.map(|max| format!(" at most {max}")).unwrap_or_default();
            let reserved = reserved_usd.map(|usd| format!(" for {}", json!(usd))).unwrap_or_default();
            format!("{call}.{attempt} {agent} {model}{compacts}{max}{reserved}")
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
            .map(|lost| {
                let who = lost.agent.as_deref().or(lost.tool.as_deref()).unwrap_or("-");
                format!("{}.{} {} {who}", lost.call, lost.attempt, lost.what)
            })
            .collect::<Vec<_>>()
            .join(", "),
        Fact::ContextCompacted { agent, messages, tokens_before, tokens_after, .. } => {
            format!("{agent} {messages} messages, {tokens_before} to {tokens_after} tokens")
        }
        Fact::ToolListStarted { call, attempt, tool } => format!("{call}.{attempt} {tool}"),
        Fact::ToolsListed { call, tool, tools, .. } => {
            let names: Vec<_> = tools.iter().map(|tool| tool.name.as_str()).collect();
            format!("{call} {tool}: {}", names.join(" "))
        }
        Fact::ToolListFailed { call, tool, code, .. } => format!("{call} {tool} {code}"),
        Fact::ToolCallStarted { call, attempt, agent, tool, arguments, .. } => {
            format!("{call}.{attempt} {} {tool} {arguments}", agent.as_deref().unwrap_or("hook"))
        }
        Fact::ToolCallFinished { call, attempt, tool, text, code, .. } => {
            format!("{call}.{attempt} {tool} {}: {}", code.as_deref().unwrap_or("worked"), short(text))
        }
        Fact::HookFinished { hook, tool, key, code, .. } => {
            let key = key.as_ref().map(|key| format!(" as {key}")).unwrap_or_default();
            let when = json!(hook.when);
            format!(
                "{} {} {tool} {}{key}",
                when.as_str().unwrap(),
                hook.index,
                code.as_deref().unwrap_or("worked")
            )
        }
        Fact::DocumentWritten { agent, path, bytes, .. } => {
            format!("{} {path} {bytes}", agent.as_deref().unwrap_or("hook"))
        }
        Fact::QuestionAsked { question, agent, text, choices, .. } => {
            format!("{question} {}: {text} {choices:?}", agent.as_deref().unwrap_or("run"))
        }
        Fact::QuestionAnswered { question, text, by } => {
            format!("{question} {}: {text}", by.as_deref().unwrap_or("nobody"))
        }
        Fact::ApprovalRequested { approval, when, .. } => {
            format!("{approval} {}", json!(when).as_str().unwrap())
        }
        Fact::ApprovalDecided { approval, approve, by, comment } => {
            let comment = comment.as_ref().map(|comment| format!(": {comment}")).unwrap_or_default();
            format!(
                "{approval} {} by {}{comment}",
                if *approve { "yes" } else { "no" },
                by.as_deref().unwrap_or("nobody")
            )
        }
        Fact::UserMessage { by, text } => format!("{by}: {text}"),
        Fact::StageRejected { stage, result, .. } => format!("{stage}: {}", result.as_deref().unwrap_or("-")),
        Fact::WorkflowCalled { call, workflow, outcome, input } => {
            format!("{call} {workflow} by {outcome}: {input}")
        }
        Fact::ChildStarted { call, run_id, workflow } => format!("{call} run {run_id} of {workflow}"),
        Fact::ChildEnded { call, run_id, status, .. } => {
            format!("{call} run {} {}", run_id.unwrap_or_default(), status.name())
        }
        Fact::LimitReached { limit, max, used, action, .. } => {
            format!("{} {used} of {max}: {}", limit.name(), json!(action).as_str().unwrap())
        }
        Fact::LimitRaised { by, limits } => format!("{by} {}", json!(limits)),
        Fact::StopRequested { by, reason } => format!("{by}: {}", reason.as_deref().unwrap_or("-")),
        Fact::RunCompleted { result, .. } => result.to_string(),
        Fact::RunStopped { by, took_ms, aborted, .. } => {
            format!("{by} after {took_ms} ms, cut off: {}", aborted.len())
        }
    }
}

/// A text whose beginning is enough.
fn short(text: &str) -> String {
    match text.char_indices().nth(250) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end.min(40)], text.len()),
        None => text.to_owned(),
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
