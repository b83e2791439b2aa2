//! What holds for every history, whatever the workflow and whatever the models say: over random
//! workflows, answers, failures, crashes and stops.

#![expect(clippy::expect_used, reason = "a property that cannot be checked should say where")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use callboard_engine::call::{Answer, Failure, Tokens, ToolCall};
use callboard_engine::command::{Command, Moment, Refused};
use callboard_engine::decide::{MODEL_CALLS_PER_TURN_MAX, NewRun, create, decide};
use callboard_engine::definition::{
    Agent, Assignment, Definition, DefinitionHash, Limits, Model, NoProgress, OnMaxCycles, OnMaxVisits,
    Phase, ProviderKind, Stage, Summary, Target, Team, Turns, Workflow,
};
use callboard_engine::event::{Event, Fact, Source};
use callboard_engine::run::{Pending, Run, Status};
use callboard_engine::time::Time;
use indexmap::IndexMap;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const AGENTS: [&str; 3] = ["a", "b", "c"];

/// More steps than any run of the workflows below can take: visits × cycles × agents × calls.
const STEPS_MAX: usize = 100_000;

fn model(fallback: Option<&str>, tools: bool) -> Model {
    Model {
        provider: ProviderKind::Openai,
        model: "m".to_owned(),
        base_url: None,
        api_key: None,
        parameters: Map::new(),
        price: None,
        timeout_s: 1,
        retry_for_s: 30,
        tools,
        context_tokens: Model::CONTEXT_TOKENS,
        max_at_once: 1,
        per_minute: None,
        fallback: fallback.map(str::to_owned),
        script: Vec::new(),
    }
}

/// Who sits at the table in which phase, and whether it has something to share.
type Place = (&'static str, Phase, bool);

fn assignment() -> impl Strategy<Value = Place> {
    (
        prop::sample::select(&AGENTS[..]),
        prop_oneof![1 => Just(Phase::Start), 3 => Just(Phase::Default), 1 => Just(Phase::Completion)],
        prop::bool::weighted(0.08),
    )
}

fn target(stages: usize) -> impl Strategy<Value = Target> {
    prop_oneof![
        Just(Target::Next),
        Just(Target::End),
        (0..stages).prop_map(|stage| Target::Stage(format!("s{stage}")))
    ]
}

fn stage(index: usize, stages: usize) -> impl Strategy<Value = Stage> {
    let agents = prop::collection::vec(assignment(), 1..=4);
    let outcomes = prop::collection::vec(target(stages), 0..3);
    let summary = prop_oneof![Just(Summary::Individual), Just(Summary::Shared), Just(Summary::None)];
    let modes = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (agents, outcomes, summary, modes, (1..4u32, 1..4u32)).prop_map(
        move |(agents, outcomes, summary, (at_once, finish, go_on, ignore), (max_cycles, max_visits))| {
            Stage {
                id: format!("s{index}"),
                name: format!("Stage {index}"),
                task: "Do it.".to_owned(),
                agents: seats(&agents),
                outcomes: outcomes
                    .into_iter()
                    .enumerate()
                    .map(|(n, target)| (format!("o{n}"), target))
                    .collect(),
                summary,
                turns: if at_once { Turns::AtOnce } else { Turns::InOrder },
                result_schema: None,
                no_progress: if ignore { NoProgress::Ignore } else { NoProgress::Error },
                max_cycles,
                on_max_cycles: if finish { OnMaxCycles::Finish } else { OnMaxCycles::Error },
                max_visits,
                on_max_visits: if go_on { OnMaxVisits::Continue } else { OnMaxVisits::Error },
                approval: Vec::new(),
                entry: Vec::new(),
                exit: Vec::new(),
            }
        },
    )
}

/// An agent may sit in several phases, but twice in none.
fn seats(agents: &[Place]) -> Vec<Assignment> {
    let mut seen = BTreeSet::new();
    let places = agents.iter().filter(|(agent, phase, _)| seen.insert((*agent, *phase)));
    let seat = |(agent, phase, shares): &Place| Assignment {
        agent: (*agent).to_owned(),
        phase: *phase,
        directive: None,
        shares: if *shares { vec!["key".to_owned()] } else { Vec::new() },
        tools: Vec::new(),
        asks_user: false,
        ask_timeout_s: Assignment::ASK_TIMEOUT_S,
        runs_workflows: false,
        run_timeout_s: Assignment::RUN_TIMEOUT_S,
    };
    places.map(seat).collect()
}

fn definition() -> impl Strategy<Value = Definition> {
    let stages = (1..4usize).prop_flat_map(|n| (0..n).map(|index| stage(index, n)).collect::<Vec<_>>());
    (stages, any::<bool>(), 1..12u32).prop_map(|(stages, fallback, max_visits)| Definition {
        project: "p".to_owned(),
        name: "w".to_owned(),
        workflow: Workflow {
            team: "t".to_owned(),
            ask: None,
            limits: Limits::default(),
            max_running: None,
            max_visits,
            stages,
        },
        team: Team {
            name: "t".to_owned(),
            model: Some("main".to_owned()),
            agents: AGENTS.iter().map(|name| ((*name).to_owned(), Agent::default())).collect(),
        },
        models: IndexMap::from([
            ("main".to_owned(), model(fallback.then_some("plain"), true)),
            ("plain".to_owned(), model(None, false)),
        ]),
        tools: IndexMap::new(),
        callable: IndexMap::new(),
    })
}

/// What the outside does next: a number that chooses among what is possible.
fn answer(choice: u32) -> Answer {
    let call =
        |tool: &str, arguments: Value| ToolCall { id: format!("c{tool}"), tool: tool.to_owned(), arguments };
    let outcome = format!("{}{}", if choice.is_multiple_of(7) { "O" } else { "o" }, choice / 16 % 2);
    let full = json!({ "result": "r", "summary": "s", "outcome": outcome });
    let (text, tool_calls) = match choice % 12 {
        0 => ("", vec![]),
        1 => ("Words.", vec![]),
        2 => ("o1", vec![]),
        3 => ("", vec![call("pass", json!({}))]),
        4 => ("", vec![call("send_message", json!({ "to": "team", "text": "Hi." }))]),
        5 => ("", vec![call("share_result", json!({ "key": "key", "value": choice }))]),
        6 => ("", vec![call("share_result", json!({ "key": "key", "value": 1 })), call("complete", full)]),
        7 => ("", vec![call("read_memory", json!({ "key": "key" })), call("nonsense", json!("{"))]),
        8 => ("Said.", vec![call("complete", json!({}))]),
        _ => ("", vec![call("complete", full)]),
    };
    Answer { text: text.to_owned(), tool_calls, ..Answer::default() }
}

fn failure(choice: u32) -> Failure {
    Failure {
        code: "model_unavailable".to_owned(),
        message: "No.".to_owned(),
        provider_message: None,
        status: Some(503),
        transient: !choice.is_multiple_of(3),
        retry_after_ms: choice.is_multiple_of(5).then_some(1000),
    }
}

/// The next command: mostly what is owed, sometimes a failure, a crash or a stop.
fn command(run: &Run, choice: u32) -> Command {
    let pending = run.pending();
    match choice % 97 {
        0 => return Command::Recover,
        1..=3 if run.seq() > 15 => return Command::Stop { by: "x".to_owned(), reason: None },
        _ => {}
    }
    let picked = pending.get(choice as usize % pending.len().max(1)).expect("a run that goes owes something");
    match picked {
        Pending::Place => Command::Start,
        Pending::CallModel(call) if choice.is_multiple_of(11) => Command::TakeFailure {
            call: call.call,
            attempt: call.attempt,
            failure: failure(choice / 11),
            partial: None,
        },
        Pending::CallModel(call) => Command::TakeAnswer {
            call: call.call,
            attempt: call.attempt,
            answer: Arc::new(answer(choice / 97)),
            tokens: Some(Tokens { input: 1, output: 1 }),
        },
        Pending::Wait { call, attempt, .. } => Command::Retry { call: *call, attempt: *attempt },
        Pending::Abort { call, attempt, .. } => {
            Command::TakeAbort { call: *call, attempt: *attempt, partial: Some("half".to_owned()) }
        }
        other => unreachable!("these workflows owe nothing like it: {other:?}"),
    }
}

/// Carries a run out with random events from the outside, until it has ended.
fn carry_out(definition: &Arc<Definition>, seed: u64) -> (Run, Vec<Event>) {
    let mut choices = Choices(seed);
    let mut now = Time::from_millis(1_795_000_000_000);
    let new = NewRun {
        hash: DefinitionHash::of("x"),
        definition: Arc::clone(definition),
        source: Source::manual("x"),
        input: json!("owls"),
        metadata: None,
        limits: Limits::default(),
        depth: 0,
    };
    let created = create(new, Moment { now, luck: choices.next(), day: None });
    let (mut run, mut history) = (created.run, created.events);
    for _ in 0..STEPS_MAX {
        if run.status().is_final() {
            return (run, history);
        }
        now = now.plus_millis(choices.next() % 3000);
        let command = command(&run, (choices.next() >> 33) as u32);
        match decide(&run, command.clone(), Moment { now, luck: choices.next(), day: None }) {
            Ok(decided) => {
                history.extend(decided.events);
                run = decided.run;
            }
            Err(Refused::NotBegun | Refused::Stopping) => {}
            Err(refused) => panic!("{command:?} was refused: {refused}"),
        }
    }
    panic!("the run does not end: {:?}", run.pending());
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
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_run_ends_and_its_history_folds(definition in definition(), seed in any::<u64>()) {
        let definition = Arc::new(definition);
        let (run, history) = carry_out(&definition, seed);

        // Numbers have no holes.
        for (place, event) in history.iter().enumerate() {
            prop_assert_eq!(event.seq, place as u64 + 1);
        }
        // Replay gives the same, through the text that is stored as well.
        let text = serde_json::to_string(&history).unwrap();
        let read: Vec<Event> = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read, &history);
        prop_assert_eq!(&Run::fold(Arc::clone(&definition), &read).unwrap(), &run);
        // Any prefix folds, and only the last event ends the run.
        let mut prefix = Run::fold(Arc::clone(&definition), &history[..1]).unwrap();
        for event in &history[1..] {
            prop_assert!(!prefix.status().is_final());
            prefix.apply(event).unwrap();
        }
        // A final run owes nothing and accepts nothing.
        prop_assert!(run.pending().is_empty());
        prop_assert!(run.apply_refuses_all());
        // What the run used is what its visits used.
        let calls: u64 = run.visits().map(|visit| visit.usage.model_calls).sum();
        prop_assert_eq!(calls, run.usage().model_calls);
        // What was begun was ended, once.
        begun_and_ended(&definition, &run, &history);
        // Every visit has ended, and an error says why.
        prop_assert!(run.visits().all(|visit| visit.ended_at.is_some()));
        prop_assert_eq!(run.error().is_some(), run.status() == Status::Error);
    }

    #[test]
    fn whatever_is_owed_can_be_asked(definition in definition(), seed in any::<u64>()) {
        let definition = Arc::new(definition);
        let (_, history) = carry_out(&definition, seed);
        let mut run = Run::fold(Arc::clone(&definition), &history[..1]).unwrap();
        for event in &history[1..] {
            run.apply(event).unwrap();
            for pending in run.pending() {
                if let Pending::CallModel(call) = pending {
                    let request = run.request(call.call).unwrap();
                    prop_assert!(!request.messages.is_empty());
                    prop_assert!(!request.system.is_empty());
                }
            }
        }
    }
}

/// What a history has begun, and what of it has not ended yet.
#[derive(Default)]
struct Begun {
    attempts: BTreeSet<(u64, u32)>,
    in_flight: BTreeSet<(u64, u32)>,
    answered: BTreeSet<u64>,
    turns: BTreeSet<u32>,
    calls_of_turn: BTreeMap<u32, BTreeSet<u64>>,
    chosen: BTreeSet<u32>,
    summaries: BTreeSet<(u32, String)>,
    visits: u32,
    turns_so_far: u32,
    closing: bool,
}

/// Checks that calls, turns and visits are begun and ended once each, and nothing is begun while the
/// run is ending.
fn begun_and_ended(definition: &Definition, run: &Run, history: &[Event]) {
    let mut begun = Begun::default();
    for event in history {
        begun.note(definition, event);
    }
    assert!(begun.in_flight.is_empty(), "something is in flight at the end");
    assert!(begun.closing || begun.turns.is_empty(), "a turn did not end");
    assert_eq!(begun.visits as usize, run.visits().len());
}

impl Begun {
    fn note(&mut self, definition: &Definition, event: &Event) {
        let visit = event.visit.unwrap_or_default();
        match &event.fact {
            Fact::TurnStarted { turn, .. } => {
                assert!(!self.closing && *turn == self.turns_so_far + 1);
                self.turns_so_far = *turn;
                self.turns.insert(*turn);
            }
            Fact::TurnEnded { turn, .. } => assert!(self.turns.remove(turn), "a turn ends once"),
            Fact::ModelCallStarted { call, attempt, turn, .. } => self.note_attempt(*call, *attempt, *turn),
            Fact::ModelCallFinished { call, attempt, .. } => {
                assert!(self.in_flight.remove(&(*call, *attempt)));
                self.answered.insert(*call);
            }
            Fact::ModelCallFailed { call, attempt, .. } => {
                assert!(self.in_flight.remove(&(*call, *attempt)));
            }
            Fact::RunRecovered { in_flight } => {
                let lost = in_flight.iter().map(|lost| (lost.call, lost.attempt)).collect();
                assert_eq!(std::mem::take(&mut self.in_flight), lost, "all that was in flight is named");
            }
            Fact::StopRequested { .. } | Fact::StageFailed { .. } => self.closing = true,
            Fact::StageEntered { .. } => {
                assert!(!self.closing && visit == self.visits + 1 && visit <= definition.workflow.max_visits);
                self.visits = visit;
            }
            Fact::OutcomeChosen { .. } => {
                assert!(self.chosen.insert(visit), "one outcome is chosen at a visit");
            }
            Fact::SummaryWritten { agent, .. } => {
                assert!(self.summaries.insert((visit, agent.clone())), "an agent leaves one summary");
            }
            Fact::StageCompleted { stage, outcome, .. } => {
                assert!(self.turns.is_empty() && !self.closing);
                let (_, stage) = definition.stage(stage).expect("the stage is declared");
                let declared = outcome.as_ref().map(|outcome| stage.outcomes.contains_key(outcome));
                assert_eq!(declared, (!stage.outcomes.is_empty()).then_some(true), "{outcome:?}");
            }
            Fact::ToolListStarted { .. }
            | Fact::ToolsListed { .. }
            | Fact::ToolListFailed { .. }
            | Fact::ToolCallStarted { .. }
            | Fact::ToolCallFinished { .. }
            | Fact::HookFinished { .. }
            | Fact::DocumentWritten { .. }
            | Fact::QuestionAsked { .. }
            | Fact::QuestionAnswered { .. }
            | Fact::ApprovalRequested { .. }
            | Fact::ApprovalDecided { .. }
            | Fact::UserMessage { .. }
            | Fact::StageRejected { .. }
            | Fact::WorkflowCalled { .. }
            | Fact::ChildStarted { .. }
            | Fact::ChildEnded { .. }
            | Fact::LimitReached { .. }
            | Fact::LimitRaised { .. }
            | Fact::ContextCompacted { .. }
            | Fact::RunCreated(_)
            | Fact::RunStarted
            | Fact::RetryScheduled { .. }
            | Fact::MessageSent { .. }
            | Fact::ResultShared { .. }
            | Fact::MemoryRead { .. }
            | Fact::ToolCallRefused { .. }
            | Fact::TurnCapped { .. }
            | Fact::AgentCompleted { .. }
            | Fact::LoopGuardTripped { .. }
            | Fact::RunCompleted { .. }
            | Fact::RunStopped { .. }
            | Fact::RunFailed { .. } => {}
        }
    }

    fn note_attempt(&mut self, call: u64, attempt: u32, turn: u32) {
        assert!(!self.closing && self.turns.contains(&turn));
        assert!(!self.answered.contains(&call), "an answered call is not made again");
        assert!(attempt == 1 || self.attempts.contains(&(call, attempt - 1)));
        assert!(self.attempts.insert((call, attempt)), "an attempt is made once");
        self.in_flight.insert((call, attempt));
        let calls = self.calls_of_turn.entry(turn).or_default();
        calls.insert(call);
        assert!(calls.len() <= MODEL_CALLS_PER_TURN_MAX as usize);
    }
}

/// What a final run is asked in vain.
trait RefusesAll {
    fn apply_refuses_all(&self) -> bool;
}

impl RefusesAll for Run {
    fn apply_refuses_all(&self) -> bool {
        let moment = Moment::default();
        let commands = [
            Command::Start,
            Command::Recover,
            Command::Stop { by: "x".to_owned(), reason: None },
            Command::Retry { call: 1, attempt: 1 },
            Command::TakeAbort { call: 1, attempt: 1, partial: None },
        ];
        commands.into_iter().all(|command| decide(self, command, moment).err() == Some(Refused::Ended))
    }
}
