//! What a run is: the fold of its events.
//!
//! Nothing serialises a [`Run`]; only events are stored. It is cheap to copy: what grows with the
//! history is shared between copies.

mod asked;
mod visit;
mod work;

mod given;

mod interrupted;

mod apply;
mod pending;

pub use crate::status::{Status, VisitStatus};
pub use apply::Misfit;
pub(crate) use apply::value_of;
pub use asked::{Asked, AskedFor};
pub(crate) use given::Given;
pub use interrupted::{Became, Cause, INTERRUPTED_MAX, Interrupted, InterruptedKind, May};
pub use pending::{ChildRun, ListTools, ModelCall, NewChild, Pending, ToolKey, ToolWork};
pub use visit::{Document, Shared, Visit};
pub(crate) use work::{
    Call, CallState, Compacted, Completion, Entry, Errand, ErrandState, Held, Rejected, Replied, Replies,
    Seat, Spoken, Talk, Turn, What, Work,
};

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::call::Answer;
use crate::definition::{Definition, Hook, Limits, OnLimit, Stage};
use crate::event::{Event, HookPlace, HookWhen, InFlight, RunCreated, RunError, Source, SourceKind, Usage};
use crate::money::Usd;
use crate::rules::TEAM;
use crate::time::Time;

/// Named values, in the order in which they were first shared.
pub type Memory = IndexMap<String, Shared>;

/// The documents of a run by their paths, in the order in which they were first written.
pub type Documents = IndexMap<String, Document>;

/// One carrying-out of a workflow definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Shared by all runs of the definition.
    pub(crate) definition: Arc<Definition>,
    pub(crate) created: Arc<RunCreated>,
    /// The number of the last event.
    pub(crate) seq: u64,
    pub(crate) status: Status,
    pub(crate) created_at: Time,
    pub(crate) started_at: Option<Time>,
    pub(crate) ended_at: Option<Time>,
    /// The last one is the current one while the run goes.
    pub(crate) visits: Vec<Arc<Visit>>,
    /// What goes on at the current visit; none between visits and after the end.
    pub(crate) work: Option<Box<Work>>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) documents: Arc<Documents>,
    /// What people are asked and have not answered.
    pub(crate) asked: Vec<Asked>,
    /// What people said that no agent has heard yet when a visit ended: the next one hears it.
    pub(crate) unheard: Vec<Arc<Spoken>>,
    /// Where a run that goes on from another begins.
    pub(crate) onward: Option<Onward>,
    /// The workflow that an outcome led to, while a run of its own carries it out.
    pub(crate) calling: Option<Box<Calling>>,
    /// What it may use, as people have set it by now.
    pub(crate) limits: Limits,
    pub(crate) usage: Usage,
    /// Turns so far: the number of the last one.
    pub(crate) turns: u32,
    pub(crate) stop: Option<Box<StopAsked>>,
    /// What the run ends with as soon as nothing is in flight.
    pub(crate) failing: Option<Box<RunError>>,
    /// What was cut off since a stop was asked for.
    pub(crate) aborted: Vec<InFlight>,
    /// Calls of which there is no answer and that may have been billed or have taken effect.
    interrupted: Arc<interrupted::Ledger>,
    /// Crashes in a row without a step forward between them.
    pub(crate) crashes: u32,
    /// How long it waited for people and for nothing else, and since when it does.
    pub(crate) waited_ms: u64,
    pub(crate) waits_since: Option<Time>,
    pub(crate) result: Option<Arc<str>>,
    pub(crate) error: Option<Box<RunError>>,
}

/// Where a run that goes on from another begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Onward {
    /// A stage is entered; by force, where a loop guard had forced the source there.
    Enter { stage: usize, forced: bool },
    /// A stage is left by the outcome of the last visit.
    Leave { stage: usize },
}

/// A stop that was asked for and is not yet reached.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StopAsked {
    pub(crate) by: String,
    pub(crate) reason: Option<String>,
    pub(crate) at: Time,
    /// When nothing was in flight any more, where hooks that always run began then.
    pub(crate) quiet_at: Option<Time>,
}

/// A workflow that an outcome led to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Calling {
    pub(crate) call: u64,
    pub(crate) workflow: String,
    pub(crate) outcome: String,
    pub(crate) input: Arc<Value>,
    /// The stage that was left.
    pub(crate) left: usize,
    pub(crate) since: Time,
    /// The run that carries it out, once it began.
    pub(crate) run_id: Option<i64>,
}

impl Calling {
    /// The run that carries the workflow out, as the record names it.
    fn in_flight(&self) -> InFlight {
        InFlight {
            what: "workflow".to_owned(),
            call: self.call,
            attempt: 1,
            agent: None,
            model: None,
            tool: None,
            reserved_usd: None,
            may_cost_usd: None,
            unsent: false,
        }
    }
}

impl Run {
    /// Folds a whole history.
    pub fn fold<'e>(
        definition: Arc<Definition>,
        events: impl IntoIterator<Item = &'e Event>,
    ) -> Result<Self, Misfit> {
        let mut events = events.into_iter();
        let first = events.next().ok_or(Misfit { seq: 0, why: "a history is never empty" })?;
        let mut run = Self::created(definition, first)?;
        for event in events {
            run.apply(event)?;
        }
        Ok(run)
    }

    /// The definition that it runs with.
    pub fn definition(&self) -> &Arc<Definition> {
        &self.definition
    }

    /// What it was asked to do.
    pub fn created_as(&self) -> &RunCreated {
        &self.created
    }

    /// What started it.
    pub fn source(&self) -> &Source {
        &self.created.source
    }

    /// Its input.
    pub fn input(&self) -> &Value {
        &self.created.input
    }

    /// The number of its last event.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Where it is in its life.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Whether a stop was asked for.
    pub fn stop_requested(&self) -> bool {
        self.stop.is_some()
    }

    /// When it was created.
    pub fn created_at(&self) -> Time {
        self.created_at
    }

    /// When it began.
    pub fn started_at(&self) -> Option<Time> {
        self.started_at
    }

    /// When it ended.
    pub fn ended_at(&self) -> Option<Time> {
        self.ended_at
    }

    /// Its visits, in order.
    pub fn visits(&self) -> impl ExactSizeIterator<Item = &Visit> + DoubleEndedIterator {
        self.visits.iter().map(AsRef::as_ref)
    }

    /// Its shared memory.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Its documents.
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// What people are asked and have not answered.
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// What it may use, as people have set it by now.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How many runs above it each wait for the one below.
    pub fn depth(&self) -> u32 {
        self.created.depth
    }

    /// What it used.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// The result of its last stage, once it completed.
    pub fn result(&self) -> Option<&str> {
        self.result.as_deref()
    }

    /// Why it ended in error.
    pub fn error(&self) -> Option<&RunError> {
        self.error.as_deref()
    }

    /// The stage of the current visit, while one is being worked on.
    pub(crate) fn stage(&self) -> Option<&Stage> {
        let work = self.work.as_ref()?;
        self.definition.workflow.stages.get(work.stage)
    }

    /// The latest answer of an agent at this visit, and what came of its tool calls so far.
    pub(crate) fn last_answer(&self, agent: &str) -> Option<(Arc<Answer>, Arc<Replies>)> {
        match self.work.as_ref()?.talks.get(agent)?.entries.last()? {
            Entry::Answer { answer, results } => Some((Arc::clone(answer), Arc::clone(results))),
            Entry::Opening { .. } => None,
        }
    }

    /// The whole of what was said at a place at the table, where it was said to an agent or to all.
    pub(crate) fn said(&self, agent: &str, place: usize) -> Option<&str> {
        match self.work.as_ref()?.table.get(place)?.as_ref() {
            Spoken::Message { from, to, .. } if from != agent && to != agent && to != TEAM => None,
            Spoken::Message { text, .. } | Spoken::Person { text, .. } => Some(text),
            Spoken::Completed { result, .. } => Some(result),
            // Its value is read under its own key.
            Spoken::Shared { .. } => None,
        }
    }

    /// The whole text that a tool call gave an agent at this visit.
    pub(crate) fn tool_text(&self, agent: &str, call: u64) -> Option<&str> {
        let entries = &self.work.as_ref()?.talks.get(agent)?.entries;
        let results = entries.iter().rev().filter_map(|entry| match entry {
            Entry::Answer { results, .. } => Some(results),
            Entry::Opening { .. } => None,
        });
        let mut replies = results.flat_map(|results| results.values());
        replies.find(|replied| replied.call == Some(call)).map(|replied| &*replied.text)
    }

    /// A hook of the current stage.
    pub(crate) fn hook(&self, place: HookPlace) -> Option<&Hook> {
        let stage = self.stage()?;
        let hooks = match place.when {
            HookWhen::Entry => &stage.entry,
            HookWhen::Exit => &stage.exit,
        };
        hooks.get(usize::try_from(place.index).ok()?)
    }

    /// The number of the current visit.
    pub(crate) fn visit_number(&self) -> Option<u32> {
        self.work.as_ref()?;
        self.visits.last().map(|visit| visit.number)
    }

    /// How often a stage was visited.
    pub(crate) fn visits_to(&self, stage: &str) -> u32 {
        let count = self.visits.iter().filter(|visit| visit.stage == stage).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// What it does at a limit: a run that a person started waits for that person, any other stops.
    pub(crate) fn on_limit(&self) -> OnLimit {
        let by_hand = match self.created.source.kind {
            SourceKind::Manual | SourceKind::Rerun => OnLimit::Wait,
            SourceKind::Schedule | SourceKind::Webhook | SourceKind::Api | SourceKind::Workflow => {
                OnLimit::Stop
            }
        };
        self.limits.on_limit.unwrap_or(by_hand)
    }

    /// What is set aside for model calls that are under way.
    pub fn reserved(&self) -> Usd {
        let turns = self.work.iter().flat_map(|work| work.in_flight());
        turns.filter_map(|(_, call)| call.reserved).fold(Usd::ZERO, Usd::plus)
    }

    /// What is set aside for one attempt, while it is under way.
    pub fn reserved_for(&self, call: u64, attempt: u32) -> Option<Usd> {
        let mut calls = self.work.as_ref()?.in_flight().map(|(_, call)| call);
        calls.find(|under_way| under_way.number == call && under_way.attempt == attempt)?.reserved
    }

    /// Whether nothing new may begin: a stop was asked for, or a stage failed.
    pub(crate) fn is_closing(&self) -> bool {
        self.stop.is_some() || self.failing.is_some()
    }
}
