//! What a run takes over from another before it begins: the run is then as the other was at that moment,
//! but for what it spent.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::{Document, Onward, Run, Shared, Spoken, Status, Visit, VisitStatus};
use super::Fit;
use crate::event::{Inherited, Origin, PastVisit, PastWords, in_a_row};
use crate::rules::NO_PROGRESS_VISITS;
use crate::time::Time;

impl Run {
    pub(super) fn inherit(&mut self, inherited: &Inherited) -> Fit {
        if self.status != Status::Pending || !self.visits.is_empty() {
            return Err("a run inherits before it begins");
        }
        let (stage, _) = self.definition.stage(&inherited.stage).ok_or("the definition has no such stage")?;
        let last = inherited.visits.last();
        if inherited.after && last.is_none_or(|last| last.stage != inherited.stage) {
            return Err("a visit is left that was not taken over");
        }
        self.onward = Some(match inherited.after {
            false => Onward::Enter { stage, forced: inherited.forced },
            true => Onward::Leave { stage },
        });
        let guarded = self.guarded(&inherited.visits);
        for ((visit, before), is_guarded) in in_a_row(&inherited.visits).zip(guarded) {
            let (origin, started_at) = (visit.origin(inherited.run_id), visit.started_at(before));
            self.inherit_visit(visit, (origin, started_at), is_guarded);
        }
        self.unheard = inherited.unheard.iter().map(spoken).collect();
        Ok(())
    }

    /// Takes over what another run of the same definition has taken over, and nothing besides: what folding
    /// the same event does, for as little as copying.
    pub(crate) fn take_over(&mut self, other: &Self) {
        self.seq = other.seq;
        self.onward = other.onward;
        self.visits.clone_from(&other.visits);
        self.memory = Arc::clone(&other.memory);
        self.documents = Arc::clone(&other.documents);
        self.unheard.clone_from(&other.unheard);
    }

    /// Of each visit, whether the guard against going in circles may still compare what it left: whether it
    /// is among the last to a stage that declares outcomes.
    fn guarded(&self, visits: &[Arc<PastVisit>]) -> Vec<bool> {
        let stages = self.definition.workflow.stages.iter();
        let with_outcomes = stages.filter(|stage| !stage.outcomes.is_empty());
        let mut left: BTreeMap<&str, usize> =
            with_outcomes.map(|stage| (stage.id.as_str(), NO_PROGRESS_VISITS)).collect();
        let mut guarded: Vec<bool> = Vec::with_capacity(visits.len());
        for visit in visits.iter().rev() {
            let left = left.get_mut(visit.stage.as_str()).filter(|left| **left > 0);
            guarded.push(left.map(|left| *left -= 1).is_some());
        }
        guarded.reverse();
        guarded
    }

    fn inherit_visit(&mut self, past: &PastVisit, (origin, started_at): (Origin, Time), is_guarded: bool) {
        self.inherit_memory(past, false);
        self.inherit_documents(past);
        let memory_at_end = is_guarded.then(|| Arc::clone(&self.memory));
        self.inherit_memory(past, true);
        self.visits.push(Arc::new(Visit {
            number: past.visit,
            stage: past.stage.clone(),
            name: past.name().to_owned(),
            nth: past.nth(),
            forced: past.forced,
            status: VisitStatus::Inherited,
            started_at,
            ended_at: Some(past.ended_at),
            outcome: past.outcome.clone(),
            result: past.result.clone(),
            summaries: past.summaries.clone(),
            usage: past.usage.into(),
            inherited_from: Some(origin),
            rejected: past.rejected,
            changed: past.changed,
            shared: past.memory.clone(),
            documents: past.documents.clone(),
            brought: past.brought.clone(),
            unheard: past.unheard.clone(),
            memory_at_end,
        }));
    }

    fn inherit_memory(&mut self, past: &PastVisit, late: bool) {
        let values = past.memory.iter().filter(|value| value.late == late);
        for written in values {
            let (value, agent) = (Arc::clone(&written.value), written.agent.clone());
            let shared = Shared { value, agent, visit: past.visit };
            Arc::make_mut(&mut self.memory).insert(written.key.clone(), shared);
        }
    }

    fn inherit_documents(&mut self, past: &PastVisit) {
        for written in &past.documents {
            let document = Document {
                hash: written.hash.clone(),
                bytes: written.bytes,
                agent: written.agent.clone(),
                visit: past.visit,
                at: written.at,
            };
            Arc::make_mut(&mut self.documents).insert(written.path.clone(), document);
        }
    }
}

/// What people said, as it is kept when a visit ends.
pub(super) fn words(said: &[Arc<Spoken>]) -> Vec<PastWords> {
    let person = |said: &Arc<Spoken>| match said.as_ref() {
        Spoken::Person { by, text } => Some(PastWords { by: by.clone(), text: Arc::clone(text) }),
        Spoken::Message { .. } | Spoken::Shared { .. } | Spoken::Completed { .. } => None,
    };
    said.iter().filter_map(person).collect()
}

fn spoken(words: &PastWords) -> Arc<Spoken> {
    Arc::new(Spoken::Person { by: words.by.clone(), text: Arc::clone(&words.text) })
}
