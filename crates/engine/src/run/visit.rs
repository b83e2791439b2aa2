//! One entry of a run into a stage, and what it leaves behind.

use std::sync::Arc;

use serde_json::Value;

use super::Memory;
use crate::content::ContentHash;
use crate::event::{Origin, PastDocument, PastSummary, PastValue, PastVisit, PastWords, Usage};
use crate::status::VisitStatus;
use crate::time::Time;

/// One entry of a run into a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// Its number in the run, from 1.
    pub number: u32,
    /// The stage's id.
    pub stage: String,
    /// The stage's name at the time.
    pub name: String,
    /// The visit to that stage, from 1.
    pub nth: u32,
    /// Whether a loop guard forced the run here.
    pub forced: bool,
    /// Where it is in its life.
    pub status: VisitStatus,
    /// When it was entered.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// How it ended, where the stage declares outcomes.
    pub outcome: Option<String>,
    /// Its result.
    pub result: Option<Arc<str>>,
    /// What it leaves for later stages besides.
    pub summaries: Vec<PastSummary>,
    /// What it used.
    pub usage: Usage,
    /// The run and visit that really carried it out, where another run did.
    pub inherited_from: Option<Origin>,
    /// Whether leave was refused before or after its work.
    pub(crate) rejected: bool,
    /// Whether its stage was changed after the visit and before it was taken over.
    pub(crate) changed: bool,
    /// What it wrote to shared memory.
    pub(crate) shared: Vec<PastValue>,
    /// What it wrote to documents.
    pub(crate) documents: Vec<PastDocument>,
    /// What people had said before it and nobody had heard.
    pub(crate) brought: Vec<PastWords>,
    /// What people had said and nobody had heard when it ended.
    pub(crate) unheard: Vec<PastWords>,
    /// Shared memory as it was when the visit ended, where the guard against going in circles compares it:
    /// at the last visits to a stage that declares outcomes. Every one that is kept is a copy.
    pub(crate) memory_at_end: Option<Arc<Memory>>,
}

impl Visit {
    /// What it left behind, once it has ended.
    pub fn past(&self) -> Option<PastVisit> {
        let status = match self.status {
            // Only what was carried out to its end is inherited.
            VisitStatus::Inherited => VisitStatus::Completed,
            VisitStatus::Running | VisitStatus::Completed | VisitStatus::Stopped | VisitStatus::Error => {
                self.status
            }
        };
        Some(PastVisit {
            visit: self.number,
            stage: self.stage.clone(),
            name: (self.name != self.stage).then(|| self.name.clone()),
            nth: (self.nth != 1).then_some(self.nth),
            forced: self.forced,
            status: (status != VisitStatus::Completed).then_some(status),
            started_at: Some(self.started_at),
            ended_at: self.ended_at?,
            outcome: self.outcome.clone(),
            result: self.result.clone(),
            summaries: self.summaries.clone(),
            usage: self.usage.into(),
            memory: self.shared.clone(),
            documents: self.documents.clone(),
            brought: self.brought.clone(),
            unheard: self.unheard.clone(),
            rejected: self.rejected,
            changed: self.changed,
            inherited_from: self.inherited_from,
        })
    }

    /// Notes a value that it wrote, in place of what it wrote there before.
    pub(crate) fn note_value(&mut self, written: PastValue) {
        let same = |value: &&mut PastValue| value.key == written.key && value.late == written.late;
        match self.shared.iter_mut().find(same) {
            Some(before) => *before = written,
            None => self.shared.push(written),
        }
    }

    /// Notes a document that it wrote, in place of what it wrote there before.
    pub(crate) fn note_document(&mut self, written: PastDocument) {
        match self.documents.iter_mut().find(|document| document.path == written.path) {
            Some(before) => *before = written,
            None => self.documents.push(written),
        }
    }
}

/// A value of shared memory, and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// The value.
    pub value: Arc<Value>,
    /// Who shared it.
    pub agent: String,
    /// At which visit.
    pub visit: u32,
}

/// A document of a run. Its text is kept under its hash.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The hash of its text.
    pub hash: ContentHash,
    /// Its length in bytes of UTF-8.
    pub bytes: u64,
    /// Who wrote it last; nobody for a hook.
    pub agent: Option<String>,
    /// At which visit.
    pub visit: u32,
    /// When.
    pub at: Time,
}
