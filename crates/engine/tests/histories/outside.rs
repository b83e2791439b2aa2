//! The outside of a run at random: what models, tools, people, servers, the clock and crashes do to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use callboard_engine::call::{Answer, Failure, Request, Tokens, ToolCall, failure};
use callboard_engine::command::{ChildEnd, Command, Day, Decided, Moment, Refused, ToolOutcome};
use callboard_engine::decide::{NewRun, create, decide};
use callboard_engine::definition::{Definition, DefinitionHash, Limits};
use callboard_engine::event::{Event, LimitKind, ListedTool, Source, SourceKind};
use callboard_engine::money::Usd;
use callboard_engine::run::{Asked, AskedFor, ModelCall, Pending, Run, Status};
use callboard_engine::time::Time;
use serde_json::{Value, json};

use crate::begun;
use crate::workflows::OTHER;

/// Many times more steps than the longest of these runs takes.
const STEPS_MAX: usize = 10_000;

/// What comes to a run by itself. After that it is only answered, and has to end by that.
const UNASKED_MAX: usize = 15;

/// Answers that a stubborn model gives the same way, so that a turn reaches its cap.
const STUBBORN: usize = 60;

/// What models call beyond what every agent has, one of them by its bare name.
const TOOLS: [&str; 12] = [
    "look",
    "send",
    "ring",
    "post",
    "files__t0",
    "t1",
    "http_request",
    "write_file",
    "read_file",
    "current_time",
    "ask_user",
    "run_workflow",
];

/// What the other runs of the project have spent and set aside.
const OTHERS: Usd = Usd::from_nanos(20_000_000);

/// A run, and the outside that keeps answering it.
pub(crate) struct World {
    pub(crate) run: Run,
    pub(crate) history: Vec<Event>,
    pub(crate) now: Time,
    choices: Choices,
    /// What models were asked, by call and attempt.
    pub(crate) asked: BTreeMap<(u64, u32), Request>,
    /// The day of the project, where its money is limited.
    pub(crate) day: Option<Usd>,
    /// Whether other runs have money set aside.
    others: bool,
    stubborn: usize,
    unasked: usize,
    runs: i64,
}

impl World {
    /// A new run, as the seed has it.
    pub(crate) fn of(definition: &Arc<Definition>, seed: u64) -> Self {
        let mut choices = Choices(seed);
        let now = Time::from_millis(1_795_000_000_000);
        let kind = if choices.one_in(2) { SourceKind::Manual } else { SourceKind::Api };
        let new = NewRun {
            hash: DefinitionHash::of("x"),
            definition: Arc::clone(definition),
            source: Source { kind, ..Source::manual("x") },
            input: json!("owls"),
            metadata: None,
            limits: Limits::default(),
            depth: if choices.one_in(20) { 5 } else { 0 },
            inherited: None,
        };
        let created = create(new, Moment { now, luck: choices.next(), day: None });
        Self::around(created, now, choices.next())
    }

    /// The outside of a run that was just created.
    pub(crate) fn around(created: Decided, now: Time, seed: u64) -> Self {
        let mut choices = Choices(seed);
        let day = choices.one_in(4).then(|| Usd::of_dollars(0.1));
        let stubborn = if choices.one_in(10) { STUBBORN } else { 0 };
        Self {
            run: created.run,
            history: created.events,
            now,
            choices,
            asked: BTreeMap::new(),
            day,
            others: false,
            stubborn,
            unasked: UNASKED_MAX,
            runs: 100,
        }
    }

    /// A number from 0 on, as the seed has it; none at all where there are no numbers.
    pub(crate) fn choose(&mut self, end: usize) -> usize {
        self.choices.below(end as u64) as usize
    }

    /// Carries the run out until it has ended, and looks at it after every step.
    pub(crate) fn carry_out(&mut self, mut look: impl FnMut(&Self, &[Event])) {
        for _ in 0..STEPS_MAX {
            if self.run.status().is_final() {
                return;
            }
            self.now = self.now.plus_millis(self.choices.below(3000));
            let command = self.command();
            let before = self.history.len();
            self.give(command);
            look(self, &self.history[before..]);
        }
        panic!("the run does not end: {:?}", self.run.pending());
    }

    fn give(&mut self, command: Command) {
        let day = self.day.map(|limit| Day {
            limit,
            spent: self.run.usage().cost_usd,
            reserved: self.run.reserved().plus(if self.others { OTHERS } else { Usd::ZERO }),
        });
        let is_news = is_news(&command);
        match decide(&self.run, command.clone(), Moment { now: self.now, luck: self.choices.next(), day }) {
            Ok(decided) => {
                for question in decided.questions {
                    self.asked.insert((question.call, question.attempt), question.request);
                }
                self.history.extend(decided.events);
                self.run = decided.run;
            }
            Err(Refused::NotBegun | Refused::Stopping | Refused::NotUnderWay | Refused::NotAsked)
                if is_news => {}
            Err(refused) => panic!("{command:?} was refused: {refused}"),
        }
    }

    /// The next command: mostly what is owed, sometimes something that nobody waits for.
    fn command(&mut self) -> Command {
        if self.unasked > 0
            && let Some(unasked) = self.unasked()
        {
            self.unasked -= 1;
            return unasked;
        }
        let run = self.run.clone();
        let pending = run.pending();
        let choice = self.choices.below(pending.len() as u64) as usize;
        let owed = pending.get(choice).expect("a run that goes owes something");
        self.answer_to(owed)
    }

    /// What comes by itself: crashes, stops, people's words, and news that are late.
    fn unasked(&mut self) -> Option<Command> {
        let by = || "x".to_owned();
        Some(match self.choices.below(600) {
            0..=11 => Command::Recover,
            12..=13 if self.run.seq() > 15 => Command::Stop { by: by(), reason: None },
            14..=19 => Command::Say { text: "Mind the mice.".to_owned(), by: by() },
            20..=23 => Command::Look,
            24 => Command::NobodyThere,
            25..=30 => self.raise(),
            31..=44 => self.stale(),
            _ => return None,
        })
    }

    /// News of a call that may not be under way, and that may be another thing.
    fn stale(&mut self) -> Command {
        let under_way = begun::owed(&self.run).into_iter().next().map(|(call, _)| call);
        let any = 1 + self.choices.below(self.run.seq() + 2);
        let call = under_way.filter(|_| self.choices.one_in(2)).unwrap_or(any);
        let attempt = 1 + self.choices.below(2) as u32;
        let run_id = 100 + self.choices.below(3) as i64;
        let text = "x".to_owned();
        match self.choices.below(10) {
            0 => Command::TakeAnswer { call, attempt, answer: Arc::default(), tokens: None },
            1 => Command::TakeFailure { call, attempt, failure: self.failure(), partial: None },
            2 => Command::Retry { call, attempt },
            3 => Command::TakeAbort { call, attempt, partial: None, sent: true },
            4 => Command::TakeTool { call, attempt, outcome: self.outcome() },
            5 => Command::TakeTools { call, attempt, listed: Ok(Arc::new([])) },
            6 => Command::TakeChild { call, run_id },
            7 => Command::TakeChildEnd { call, run_id, end: self.end() },
            8 => Command::Answer { question: call, text: "leave it".to_owned(), by: text },
            _ => Command::Approve {
                approval: call,
                approve: attempt == 1,
                comment: Some(text.clone()),
                by: text,
            },
        }
    }

    fn answer_to(&mut self, owed: &Pending<'_>) -> Command {
        match owed {
            Pending::Place => Command::Start,
            Pending::CallModel(call) => self.model_says(call),
            Pending::Wait { call, attempt, until, .. } => {
                // What others had set aside is theirs for some time, and no longer.
                self.others = self.others && !self.choices.one_in(3);
                self.now = self.now.max(*until);
                Command::Retry { call: *call, attempt: *attempt }
            }
            Pending::CallTool(work) => {
                Command::TakeTool { call: work.call, attempt: work.attempt, outcome: self.outcome() }
            }
            Pending::ListTools(work) => {
                let listed = if self.choices.one_in(25) { Err(self.broken()) } else { Ok(listed()) };
                Command::TakeTools { call: work.call, attempt: work.attempt, listed }
            }
            Pending::StartChild(child) if self.choices.one_in(8) => {
                Command::TakeChildRefused { call: child.call, outcome: self.broken() }
            }
            Pending::StartChild(child) => {
                self.runs += 1;
                Command::TakeChild { call: child.call, run_id: self.runs }
            }
            Pending::AwaitChild(child) => {
                if let Some(until) = child.until.filter(|_| self.choices.one_in(3)) {
                    self.now = self.now.max(until);
                }
                Command::TakeChildEnd { call: child.call, run_id: child.run_id, end: self.end() }
            }
            Pending::Abort { call, child: Some(run_id), .. } => {
                Command::TakeChildEnd { call: *call, run_id: *run_id, end: self.end() }
            }
            Pending::Abort { call, attempt, child: None } => Command::TakeAbort {
                call: *call,
                attempt: *attempt,
                partial: Some("half".to_owned()),
                sent: true,
            },
            Pending::Person(asked) => self.person_says(asked),
            Pending::Limit { limit: LimitKind::CostUsdPerDay, .. } => {
                self.day = None;
                Command::Look
            }
            Pending::Limit { .. } => self.raise(),
            Pending::Room => {
                self.others = false;
                Command::Look
            }
            Pending::Alarm { until } => {
                if self.choices.one_in(4) {
                    self.now = self.now.max(*until);
                }
                Command::Look
            }
        }
    }

    fn person_says(&mut self, asked: &Asked) -> Command {
        if let Some(until) = asked.until.filter(|_| self.choices.one_in(3)) {
            self.now = self.now.max(until);
            return Command::Look;
        }
        let (by, yes) = ("x".to_owned(), !self.choices.one_in(4));
        match &asked.what {
            AskedFor::Question { .. } => {
                Command::Answer { question: asked.number, text: "Barn owls.".to_owned(), by }
            }
            AskedFor::Again { choices, .. } => {
                let text = choices[usize::from(self.choices.one_in(2))].clone();
                Command::Answer { question: asked.number, text, by }
            }
            AskedFor::Approval { .. } => {
                let comment = self.choices.one_in(2).then(|| "As you like.".to_owned());
                Command::Approve { approval: asked.number, approve: yes, comment, by }
            }
        }
    }

    /// Someone gives more of everything that is limited.
    fn raise(&mut self) -> Command {
        let before = self.run.limits();
        let limits = Limits {
            cost_usd: before.cost_usd.map(|usd| usd + 0.02),
            tokens: before.tokens.map(|tokens| tokens + 2_000),
            wall_s: before.wall_s.map(|seconds| seconds + 60),
            model_calls: before.model_calls.map(|calls| calls + 5),
            on_limit: None,
        };
        Command::Raise { limits, by: "x".to_owned() }
    }

    fn model_says(&mut self, owed: &ModelCall<'_>) -> Command {
        let (call, attempt) = (owed.call, owed.attempt);
        self.others = self.choices.one_in(6);
        if self.choices.one_in(8) {
            return Command::TakeFailure { call, attempt, failure: self.failure(), partial: None };
        }
        let answer = if self.stubborn > 0 {
            self.stubborn -= 1;
            calls("", vec![("read_memory", json!({ "key": "none" }))])
        } else {
            self.answer(owed)
        };
        // No model reads more tokens than bytes, or writes more than it is let.
        let request = &self.asked[&(call, attempt)];
        let max = request.max_tokens.unwrap_or(500).min(5_000);
        let tokens =
            Tokens { input: self.choices.below(request.bytes()), output: self.choices.below(max + 1) };
        Command::TakeAnswer { call, attempt, answer: Arc::new(answer), tokens: Some(tokens) }
    }

    fn answer(&mut self, owed: &ModelCall<'_>) -> Answer {
        let choice = self.choices.below(1_000) as u32;
        let request = &self.asked[&(owed.call, owed.attempt)];
        let outcomes: Vec<&str> =
            request.scene.outcomes.iter().map(|outcome| outcome.name.as_str()).chain(["O1"]).collect();
        let outcome = outcomes[choice as usize % outcomes.len()].to_owned();
        let must_call = request.must_call.clone();
        let result = if choice.is_multiple_of(4) { json!("r") } else { json!({ "n": choice % 2 }) };
        let full = || json!({ "result": result, "summary": "s", "outcome": outcome });
        let shares = || ("share_result", json!({ "key": "key", "value": choice }));
        match must_call.as_deref().filter(|_| !self.choices.one_in(4)) {
            Some("share_result") if choice.is_multiple_of(3) => {
                return calls("", vec![shares(), self.tool(owed)]);
            }
            Some("share_result") => return calls("", vec![shares()]),
            Some(_) => return calls("", vec![("complete", full())]),
            None => {}
        }
        match self.choices.below(20) {
            0 => calls("", vec![]),
            1 => calls("Words.", vec![]),
            2 => calls("o1", vec![]),
            3 => calls("", vec![("pass", json!({}))]),
            4 => calls("", vec![("send_message", json!({ "to": "team", "text": "Hi." }))]),
            5 => calls("", vec![shares()]),
            6 => calls("", vec![shares(), ("complete", full())]),
            7 => calls("", vec![("read_memory", json!({ "key": "key" })), ("nonsense", json!("{"))]),
            8 => calls("Said.", vec![("complete", json!({}))]),
            9..=15 => {
                let mut several: Vec<(&str, Value)> = Vec::new();
                for _ in 0..=self.choices.below(3) {
                    several.push(self.tool(owed));
                }
                match choice % 6 {
                    0 => several.insert(0, ("complete", full())),
                    1 => several.push(("pass", json!({}))),
                    2 => several.push(shares()),
                    _ => {}
                }
                calls("", several)
            }
            _ => calls("", vec![("complete", full())]),
        }
    }

    /// A call of a tool that the agent has, or of any.
    fn tool(&mut self, owed: &ModelCall<'_>) -> (&'static str, Value) {
        let request = &self.asked[&(owed.call, owed.attempt)];
        let has = |name: &str| request.tools.iter().any(|tool| tool.name == name);
        let own: Vec<usize> = (0..TOOLS.len()).filter(|place| has(TOOLS[*place])).collect();
        let any = own.is_empty() || self.choices.one_in(8);
        let all: Vec<usize> = if any { (0..TOOLS.len()).collect() } else { own };
        let name = TOOLS[all[self.choices.below(all.len() as u64) as usize]];
        let arguments = match name {
            "http_request" if self.choices.one_in(2) => {
                json!({ "url": "https://example.org", "method": "POST" })
            }
            "http_request" => json!({ "url": "https://example.org" }),
            "write_file" => json!({ "path": "a.md", "text": "x" }),
            "read_file" => json!({ "path": "a.md" }),
            "ask_user" => json!({ "question": "Which?" }),
            "run_workflow" => json!({ "workflow": OTHER }),
            _ => json!({}),
        };
        (name, arguments)
    }

    fn failure(&mut self) -> Failure {
        let code = match self.choices.below(16) {
            0 => failure::UNAUTHORIZED,
            1 => failure::TOO_LONG,
            2..=7 => failure::TIMED_OUT,
            _ => failure::UNAVAILABLE,
        };
        Failure {
            code: code.to_owned(),
            message: "No.".to_owned(),
            provider_message: None,
            status: Some(503),
            transient: [failure::UNAVAILABLE, failure::TIMED_OUT].contains(&code),
            retry_after_ms: self.choices.one_in(5).then_some(1000),
        }
    }

    /// What a tool gives: often more than fits a small model.
    fn outcome(&mut self) -> ToolOutcome {
        if self.choices.one_in(6) {
            return self.broken();
        }
        let text = if self.choices.one_in(2) { "owl ".repeat(300) } else { r#"{"n": 1}"#.to_owned() };
        ToolOutcome { text: text.into(), code: None }
    }

    fn broken(&mut self) -> ToolOutcome {
        ToolOutcome { text: "No.".into(), code: Some("tool_failed".to_owned()) }
    }

    fn end(&mut self) -> ChildEnd {
        match self.choices.below(5) {
            0..=2 => ChildEnd { status: Status::Completed, result: Some("Seven.".into()), error: None },
            3 => ChildEnd { status: Status::Stopped, result: None, error: None },
            _ => ChildEnd { status: Status::Error, result: None, error: None },
        }
    }
}

/// Whether a command may come although nobody waits for it.
fn is_news(command: &Command) -> bool {
    !matches!(command, Command::Start | Command::Look | Command::Raise { .. } | Command::NobodyThere)
}

fn calls(text: &str, calls: Vec<(&str, Value)>) -> Answer {
    let call = |(n, (tool, arguments)): (usize, (&str, Value))| ToolCall {
        id: format!("c{n}"),
        tool: tool.to_owned(),
        arguments,
    };
    let tool_calls = calls.into_iter().enumerate().map(call).collect();
    Answer { text: text.to_owned(), tool_calls, ..Answer::default() }
}

fn listed() -> Arc<[ListedTool]> {
    let parameters = Arc::new(json!({ "type": "object" }));
    let tools = ["t0", "t1"].map(|name| ListedTool {
        name: name.to_owned(),
        description: String::new(),
        parameters: Arc::clone(&parameters),
    });
    Arc::new(tools)
}

/// Splitmix64: the same numbers for the same seed.
struct Choices(u64);

impl Choices {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 on; none at all where there are no numbers.
    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 33) % end.max(1)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}
