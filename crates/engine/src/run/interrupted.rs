//! Calls that were cut off: those of which the record has no answer, and that may have been billed or have
//! taken effect all the same.
//!
//! A crash leaves such calls, and so do a broken connection, a silent model and a stop. What was on disk
//! says which they were; whether the outside carried them out, nobody can know. Tools that failed by
//! themselves are none of these: they ended, and their callers were told.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Errand, Run, What};
use crate::call::Failure;
use crate::definition::ProviderKind;
use crate::event::{Event, Fact, HookPlace, InFlight};
use crate::money::Usd;
use crate::rules::codes;
use crate::time::Time;

/// How many a run remembers, the newest: more than a person looks through. The events have all of them.
pub const INTERRUPTED_MAX: usize = 200;

/// An attempt that was cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Interrupted {
    /// The number of the event that tells of it: `run_recovered`, `model_call_failed` or
    /// `tool_call_finished`.
    pub seq: u64,
    /// When that was written.
    pub at: Time,
    /// The visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub visit: Option<u32>,
    /// What cut it off.
    pub cause: Cause,
    /// What it was.
    pub what: InterruptedKind,
    /// The call.
    pub call: u64,
    /// The attempt.
    pub attempt: u32,
    /// The agent; absent for a hook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent: Option<String>,
    /// The model, where it was a call to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub model: Option<String>,
    /// The tool, where it was a call to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tool: Option<String>,
    /// The hook, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub hook: Option<HookPlace>,
    /// What may be true of it.
    pub may: May,
    /// What followed; absent while that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub became: Option<Became>,
    /// What it may have cost, where that counts as spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cost_usd: Option<Usd>,
    /// About the most that it may have cost, where that does not count as spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub may_cost_usd: Option<Usd>,
}

/// What cuts a call off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The server went down.
    Crash,
    /// The model fell silent, broke off, or answered in a way that is of no use.
    Failure,
    /// The run was ending: it was stopped, or its stage had failed.
    Ending,
}

/// What can be cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InterruptedKind {
    /// A call to a model.
    ModelCall,
    /// A call to a tool, a hook's included.
    ToolCall,
}

/// What may be true of a call that was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum May {
    /// It may have been billed.
    Billed,
    /// It was made again, and both may have been billed.
    BilledTwice,
    /// It may have taken effect.
    TakenEffect,
    /// It was made again, and both may have taken effect.
    TakenEffectTwice,
}

/// What follows a call that was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It was made again.
    MadeAgain,
    /// Its caller was told that it is not known whether it took effect.
    Reported,
    /// A person is asked whether it is made again.
    Asked,
    /// Nothing: the run was ending.
    GivenUp,
}

/// The calls that were cut off, the oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ledger {
    entries: Vec<Interrupted>,
    /// Older ones that are not remembered.
    left_out: u64,
}

impl Ledger {
    fn push(&mut self, entry: Interrupted) {
        if self.entries.len() == INTERRUPTED_MAX {
            self.entries.remove(0);
            self.left_out += 1;
        }
        self.entries.push(entry);
    }
}

impl Run {
    /// The calls of which there is no answer and that may have been billed or have taken effect, the oldest
    /// first; of very many the newest [`INTERRUPTED_MAX`].
    pub fn interrupted(&self) -> &[Interrupted] {
        &self.interrupted.entries
    }

    /// How many older ones are left out of that.
    pub fn interrupted_left_out(&self) -> u64 {
        self.interrupted.left_out
    }

    /// A call was lost in a crash. `errand` is what it was, where it was not to a model.
    pub(super) fn note_lost(&mut self, lost: &InFlight, errand: Option<&Errand>, event: &Event) {
        let is_open = match errand {
            Some(errand) => errand.may_take_effect(&self.definition),
            None => self.is_billed(lost.model.as_deref()),
        };
        if is_open {
            let became = self.is_closing().then_some(Became::GivenUp);
            self.note_interrupted(entry(lost, errand, Cause::Crash, event), became);
        }
    }

    /// A call to a model failed in a way that leaves it open whether it was billed.
    pub(super) fn note_failed(&mut self, failed: &InFlight, failure: &Failure, event: &Event) {
        let is_open = failure.may_be_billed() && !failed.unsent;
        if is_open && self.is_billed(failed.model.as_deref()) {
            let was_cut = failure.code == codes::ABORTED;
            let cause = if was_cut { Cause::Ending } else { Cause::Failure };
            let became = self.is_closing().then_some(Became::GivenUp);
            self.note_interrupted(entry(failed, None, cause, event), became);
        }
    }

    /// A tool was cut off because the run is ending.
    pub(super) fn note_cut_off(&mut self, errand: &Errand, event: &Event) {
        if errand.may_take_effect(&self.definition) {
            let entry = entry(&errand.in_flight(), Some(errand), Cause::Ending, event);
            self.note_interrupted(entry, Some(Became::GivenUp));
        }
    }

    fn note_interrupted(&mut self, mut entry: Interrupted, became: Option<Became>) {
        entry.became = became;
        Arc::make_mut(&mut self.interrupted).push(entry);
    }

    /// What a fact says of calls that were cut off before it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other facts say nothing of them")]
    pub(super) fn note_what_became(&mut self, event: &Event) {
        if self.interrupted.entries.is_empty() {
            return;
        }
        match &event.fact {
            Fact::ModelCallStarted { call, .. } => self.became(*call, Became::MadeAgain),
            Fact::ToolCallStarted { call, hook, .. } => {
                self.became(*call, Became::MadeAgain);
                self.hook_began(*hook, event.visit);
            }
            Fact::ToolCallFinished { call, code: Some(code), .. } if code == codes::INTERRUPTED => {
                self.became(*call, Became::Reported);
            }
            Fact::QuestionAsked { call: Some(call), .. } => self.became(*call, Became::Asked),
            Fact::StageFailed { .. }
            | Fact::RunCompleted { .. }
            | Fact::RunStopped { .. }
            | Fact::RunFailed { .. } => self.give_up_open(),
            _ => {}
        }
    }

    fn became(&mut self, call: u64, became: Became) {
        let is_it = |entry: &Interrupted| entry.call == call && entry.is_open();
        if let Some(place) = self.interrupted.entries.iter().rposition(is_it) {
            self.settle(place, became);
        }
    }

    /// A hook that always runs begins anew when its run is ending, as a call of its own.
    fn hook_began(&mut self, hook: Option<HookPlace>, visit: Option<u32>) {
        let is_it = |entry: &Interrupted| entry.hook == hook && entry.visit == visit;
        if hook.is_some()
            && self.is_closing()
            && let Some(place) = self.interrupted.entries.iter().rposition(is_it)
        {
            self.settle(place, Became::MadeAgain);
        }
    }

    fn give_up_open(&mut self) {
        let open = self.interrupted.entries.iter().enumerate().filter(|(_, entry)| entry.is_open());
        let open: Vec<usize> = open.map(|(place, _)| place).collect();
        for place in open {
            self.settle(place, Became::GivenUp);
        }
    }

    fn settle(&mut self, place: usize, became: Became) {
        let Some(entry) = Arc::make_mut(&mut self.interrupted).entries.get_mut(place) else { return };
        entry.became = Some(became);
        if became == Became::MadeAgain {
            entry.may = match entry.what {
                InterruptedKind::ModelCall => May::BilledTwice,
                InterruptedKind::ToolCall => May::TakenEffectTwice,
            };
        }
    }

    /// Whether calls to a model can be billed: the simulated one asks nobody.
    fn is_billed(&self, model: Option<&str>) -> bool {
        let model = model.and_then(|name| self.definition.models.get(name));
        model.is_some_and(|model| model.provider != ProviderKind::Simulated)
    }
}

impl Interrupted {
    /// Whether what became of it can still change.
    fn is_open(&self) -> bool {
        matches!(self.became, None | Some(Became::Asked))
    }
}

fn entry(of: &InFlight, errand: Option<&Errand>, cause: Cause, event: &Event) -> Interrupted {
    let (what, may) = match errand {
        Some(_) => (InterruptedKind::ToolCall, May::TakenEffect),
        None => (InterruptedKind::ModelCall, May::Billed),
    };
    let hook = errand.and_then(|errand| match &errand.what {
        What::Hook { place, .. } => Some(*place),
        What::List { .. } | What::Tool { .. } => None,
    });
    Interrupted {
        seq: event.seq,
        at: event.at,
        visit: event.visit,
        cause,
        what,
        call: of.call,
        attempt: of.attempt,
        agent: of.agent.clone(),
        model: of.model.clone(),
        tool: of.tool.clone(),
        hook,
        may,
        became: None,
        cost_usd: of.reserved_usd,
        may_cost_usd: of.may_cost_usd,
    }
}
