//! What a history has begun, and what of it has not ended yet: kept from the events alone, to be compared
//! with what the run says.

use std::collections::{BTreeMap, BTreeSet};

use callboard_engine::decide::MODEL_CALLS_PER_TURN_MAX;
use callboard_engine::definition::Definition;
use callboard_engine::event::{Event, Fact, HookPlace, HookWhen};
use callboard_engine::run::{Pending, Run};

#[derive(Default)]
pub(crate) struct Begun {
    attempts: BTreeSet<(u64, u32)>,
    pub(crate) in_flight: BTreeSet<(u64, u32)>,
    /// What a crash cut off and has neither ended nor been begun again.
    lost: BTreeSet<(u64, u32)>,
    ended: BTreeSet<u64>,
    pub(crate) turns: BTreeSet<u32>,
    calls_of_turn: BTreeMap<u32, BTreeSet<u64>>,
    /// Workflows that outcomes led to.
    called: BTreeSet<u64>,
    /// Calls that a run of their own carries out.
    children: BTreeSet<u64>,
    asked: BTreeSet<u64>,
    /// By visit, whether at its exit, and place.
    hooks: BTreeSet<(u32, bool, u32)>,
    /// The stage of the current visit.
    stage: String,
    chosen: BTreeSet<u32>,
    summaries: BTreeSet<(u32, String)>,
    pub(crate) visits: u32,
    /// How many of them were taken over.
    inherited: u32,
    turns_so_far: u32,
    pub(crate) closing: bool,
}

/// The calls that the outside owes, by what the run says: begun, and neither ended nor waited for by the
/// clock or by people.
pub(crate) fn owed(run: &Run) -> BTreeSet<(u64, u32)> {
    let owed = run.pending().into_iter().filter_map(|pending| match pending {
        Pending::CallModel(call) => Some((call.call, call.attempt)),
        Pending::CallTool(work) => Some((work.call, work.attempt)),
        Pending::ListTools(work) => Some((work.call, work.attempt)),
        Pending::Abort { call, attempt, .. } => Some((call, attempt)),
        Pending::StartChild(child) => Some((child.call, 1)),
        Pending::AwaitChild(child) => Some((child.call, 1)),
        Pending::Place
        | Pending::Wait { .. }
        | Pending::Person(_)
        | Pending::Limit { .. }
        | Pending::Room
        | Pending::Alarm { .. } => None,
    });
    owed.collect()
}

impl Begun {
    fn enters(&mut self, definition: &Definition, visit: u32, stage: &str) {
        assert!(!self.closing && visit == self.visits + 1);
        // Where a person goes on from a visit, it is made, whatever the definition of now allows.
        let is_asked_for = visit == self.inherited + 1;
        assert!(is_asked_for || visit <= definition.workflow.max_visits);
        self.visits = visit;
        stage.clone_into(&mut self.stage);
    }

    pub(crate) fn note(&mut self, definition: &Definition, event: &Event) {
        let visit = event.visit.unwrap_or_default();
        match &event.fact {
            Fact::TurnStarted { turn, .. } => {
                assert!(!self.closing && *turn == self.turns_so_far + 1);
                self.turns_so_far = *turn;
                self.turns.insert(*turn);
            }
            Fact::TurnEnded { turn, .. } => assert!(self.turns.remove(turn), "a turn ends once"),
            Fact::StopRequested { .. } | Fact::StageFailed { .. } => self.closing = true,
            Fact::StageEntered { stage, .. } => self.enters(definition, visit, stage),
            Fact::RunInherited(inherited) => {
                assert_eq!(event.seq, 2, "a run inherits before it begins");
                self.inherited = inherited.visits.len() as u32;
                self.visits = self.inherited;
            }
            Fact::OutcomeChosen { .. } => assert!(self.chosen.insert(visit), "one outcome is chosen"),
            Fact::SummaryWritten { agent, .. } => {
                assert!(self.summaries.insert((visit, agent.clone())), "an agent leaves one summary");
            }
            Fact::StageCompleted { stage, outcome, .. } => {
                assert!(self.turns.is_empty() && !self.closing && self.asked.is_empty());
                let (_, stage) = definition.stage(stage).expect("the stage is declared");
                let declared = outcome.as_ref().map(|outcome| stage.outcomes.contains_key(outcome));
                assert_eq!(declared, (!stage.outcomes.is_empty()).then_some(true), "{outcome:?}");
            }
            Fact::StageRejected { .. } => {
                assert!(self.turns.is_empty() && !self.closing && self.in_flight.is_empty());
            }
            Fact::QuestionAsked { question, .. } | Fact::ApprovalRequested { approval: question, .. } => {
                assert!(!self.closing && self.asked.insert(*question), "nothing is asked twice");
            }
            Fact::QuestionAnswered { question, .. } | Fact::ApprovalDecided { approval: question, .. } => {
                assert!(!self.closing && self.asked.remove(question), "what is asked is answered once");
            }
            Fact::RunCompleted { .. } | Fact::RunStopped { .. } | Fact::RunFailed { .. } => {
                assert!(self.in_flight.is_empty(), "something is in flight at the end");
            }
            Fact::UserMessage { .. } | Fact::TurnCapped { .. } | Fact::RetryScheduled { .. } => {
                assert!(!self.closing);
            }
            Fact::DocumentWritten { .. }
            | Fact::LimitReached { .. }
            | Fact::LimitRaised { .. }
            | Fact::ContextCompacted { .. }
            | Fact::RunCreated(_)
            | Fact::RunStarted
            | Fact::MessageSent { .. }
            | Fact::ResultShared { .. }
            | Fact::MemoryRead { .. }
            | Fact::ToolCallRefused { .. }
            | Fact::AgentCompleted { .. }
            | Fact::LoopGuardTripped { .. } => {}
            Fact::ModelCallStarted { .. }
            | Fact::ModelCallFinished { .. }
            | Fact::ModelCallFailed { .. }
            | Fact::ToolListStarted { .. }
            | Fact::ToolsListed { .. }
            | Fact::ToolListFailed { .. }
            | Fact::ToolCallStarted { .. }
            | Fact::ToolCallFinished { .. }
            | Fact::HookFinished { .. }
            | Fact::WorkflowCalled { .. }
            | Fact::ChildStarted { .. }
            | Fact::ChildEnded { .. }
            | Fact::RunRecovered { .. } => self.note_call(definition, event),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller names every fact, and sends these here")]
    fn note_call(&mut self, definition: &Definition, event: &Event) {
        let visit = event.visit.unwrap_or_default();
        match &event.fact {
            Fact::ModelCallStarted { call, attempt, turn, compacts, .. } => {
                assert!(!self.closing && self.turns.contains(turn));
                self.begin(*call, *attempt);
                let calls = self.calls_of_turn.entry(*turn).or_default();
                if !compacts {
                    calls.insert(*call);
                }
                assert!(calls.len() <= MODEL_CALLS_PER_TURN_MAX as usize);
            }
            Fact::ToolListStarted { call, attempt, .. } => {
                assert!(!self.closing);
                self.begin(*call, *attempt);
            }
            Fact::ToolCallStarted { call, attempt, hook, .. } => {
                let is_always = hook.is_some_and(|hook| self.is_always(definition, hook));
                assert!(!self.closing || is_always, "nothing else begins while the run ends: {event:?}");
                self.begin(*call, *attempt);
            }
            Fact::WorkflowCalled { call, .. } => {
                assert!(!self.closing && self.called.insert(*call));
                self.begin(*call, 1);
            }
            Fact::ChildStarted { call, .. } => {
                assert!(self.in_flight.contains(&(*call, 1)) && self.children.insert(*call));
            }
            Fact::ChildEnded { call, run_id, .. } => {
                assert!(self.in_flight.contains(&(*call, 1)));
                assert_eq!(self.children.remove(call), run_id.is_some(), "only what began ends");
                // A tool call that a run carried out is finished by a fact of its own.
                if self.called.contains(call) {
                    self.end(*call, 1);
                }
            }
            Fact::ModelCallFailed { call, attempt, .. } => {
                assert!(self.in_flight.remove(&(*call, *attempt)), "an attempt fails once");
            }
            Fact::ModelCallFinished { call, attempt, .. }
            | Fact::ToolsListed { call, attempt, .. }
            | Fact::ToolListFailed { call, attempt, .. }
            | Fact::ToolCallFinished { call, attempt, .. } => self.end(*call, *attempt),
            Fact::HookFinished { hook, .. } => {
                assert!(
                    self.hooks.insert((visit, hook.when == HookWhen::Exit, hook.index)),
                    "a hook finishes once"
                );
            }
            Fact::RunRecovered { in_flight } => {
                for lost in in_flight {
                    let lost = (lost.call, lost.attempt);
                    assert!(self.in_flight.remove(&lost), "what is lost was in flight");
                    self.lost.insert(lost);
                }
            }
            _ => unreachable!("it is about no call"),
        }
    }

    fn begin(&mut self, call: u64, attempt: u32) {
        assert!(!self.ended.contains(&call), "what has ended is not begun again");
        assert!(attempt == 1 || self.attempts.contains(&(call, attempt - 1)));
        assert!(self.attempts.insert((call, attempt)), "an attempt is made once");
        self.lost.remove(&(call, attempt.saturating_sub(1)));
        self.in_flight.insert((call, attempt));
    }

    fn end(&mut self, call: u64, attempt: u32) {
        let key = (call, attempt);
        assert!(self.in_flight.remove(&key) || self.lost.remove(&key), "what ends was begun: {key:?}");
        assert!(!self.children.contains(&call), "a call ends when the run does that carries it out");
        assert!(self.ended.insert(call), "a call ends once");
    }

    fn is_always(&self, definition: &Definition, place: HookPlace) -> bool {
        let (_, stage) = definition.stage(&self.stage).expect("the stage is declared");
        place.when == HookWhen::Exit && stage.exit.get(place.index as usize).is_some_and(|hook| hook.always)
    }
}
