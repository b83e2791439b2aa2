//! What a run takes over from an ended one, visit by visit.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{PastVisits, Usage};
use crate::content::ContentHash;
use crate::definition::Overrides;
use crate::money::Usd;
use crate::status::VisitStatus;
use crate::time::Time;

/// What a run takes over from an ended one, and where it goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Inherited {
    /// The run that it goes on from.
    pub run_id: i64,
    /// The stage at which it goes on: it is entered or, with `after`, left by its outcome.
    pub stage: String,
    /// Whether the last inherited visit is left again, and no stage entered anew.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after: bool,
    /// Whether a loop guard had forced the source into the visit that is made again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forced: bool,
    /// Which definition was asked for.
    pub definition: DefinitionChoice,
    /// What holds for this run alone.
    #[serde(default, skip_serializing_if = "Overrides::is_empty")]
    #[schema(required = false)]
    pub overrides: Overrides,
    /// Whether its input is not that of the source.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_input: bool,
    /// The visits before the one at which it goes on, with what each left behind.
    #[schema(value_type = Vec<PastVisit>)]
    pub visits: PastVisits,
    /// What people said that no agent had heard by then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unheard: Vec<PastWords>,
}

/// Which definition a run that goes on from another is to have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DefinitionChoice {
    /// The newest one of the workflow.
    #[default]
    Latest,
    /// The one that the source ran with.
    Original,
}

impl DefinitionChoice {
    /// The word for it on every surface.
    pub fn name(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::Original => "original",
        }
    }
}

/// A visit that has ended, with all that it left behind: enough to go on after it or before it without
/// reading what happened in it. It stands in a list of visits, of which a run may take over a thousand, and
/// does not say what goes without saying there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PastVisit {
    /// Its number in the run, from 1.
    pub visit: u32,
    /// The stage's id.
    pub stage: String,
    /// The stage's name at the time, where it was not its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// The visit to that stage, where it was not the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub nth: Option<u32>,
    /// Whether a loop guard forced the run here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forced: bool,
    /// How it ended when it was carried out, where it was not completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status: Option<VisitStatus>,
    /// When it was entered, where that was not the moment at which the visit before it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub started_at: Option<Time>,
    /// When it ended.
    pub ended_at: Time,
    /// How the stage ended, where it declares outcomes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub outcome: Option<String>,
    /// Its result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub result: Option<Arc<str>>,
    /// What its agents report for later stages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub summaries: Vec<PastSummary>,
    /// What it used.
    pub usage: PastUsage,
    /// What it wrote to shared memory, in the order of writing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memory: Vec<PastValue>,
    /// The documents that it wrote, in the order of writing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<PastDocument>,
    /// What people had said before it that its agents were the first to hear.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brought: Vec<PastWords>,
    /// What people had said that no agent had heard when it ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unheard: Vec<PastWords>,
    /// Whether leave was refused before or after its work, and the run went on from there all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rejected: bool,
    /// Whether its stage was changed after the visit and before it was taken over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changed: bool,
    /// The run and visit that really carried it out, where it was not the run whose visit it is, or that is
    /// gone on from, under this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub inherited_from: Option<Origin>,
}

impl Inherited {
    /// Its visits as those of the run that took them over, which say when they began and who carried them
    /// out.
    pub fn into_visits(self) -> Vec<PastVisit> {
        let mut visits: Vec<PastVisit> = self.visits.into_iter().map(Arc::unwrap_or_clone).collect();
        let mut ended_before = None;
        for visit in &mut visits {
            visit.inherited_from = Some(visit.origin(self.run_id));
            visit.started_at = visit.started_at.or(ended_before);
            ended_before = Some(visit.ended_at);
        }
        visits
    }
}

impl PastVisit {
    /// The stage's name at the time.
    pub fn name(&self) -> &str {
        self.name.as_ref().unwrap_or(&self.stage)
    }

    /// The visit to that stage, from 1.
    pub fn nth(&self) -> u32 {
        self.nth.unwrap_or(1)
    }

    /// How it ended when it was carried out.
    pub fn status(&self) -> VisitStatus {
        self.status.unwrap_or(VisitStatus::Completed)
    }

    /// When it was entered, by the visit before it.
    pub fn started_at(&self, before: Option<&Self>) -> Time {
        let at_once = before.map_or(self.ended_at, |before| before.ended_at);
        self.started_at.unwrap_or(at_once)
    }

    /// The run and visit that really carried it out, by the run whose visit it is.
    pub fn origin(&self, run_id: i64) -> Origin {
        self.inherited_from.unwrap_or(Origin { run_id, visit: self.visit })
    }
}

/// Each of some visits, with the one before it.
pub(crate) fn in_a_row(visits: &[Arc<PastVisit>]) -> impl Iterator<Item = (&PastVisit, Option<&PastVisit>)> {
    let all = || visits.iter().map(Arc::as_ref);
    all().zip(std::iter::once(None).chain(all().map(Some)))
}

/// The visits of one run as a list says them: none says that it was entered when the one before it ended.
pub(crate) fn listed(visits: impl IntoIterator<Item = PastVisit>) -> Vec<Arc<PastVisit>> {
    let mut ended_before = None;
    let list = |mut visit: PastVisit| {
        visit.started_at = visit.started_at.filter(|at| Some(*at) != ended_before);
        ended_before = Some(visit.ended_at);
        Arc::new(visit)
    };
    visits.into_iter().map(list).collect()
}

/// What a visit used that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PastUsage {
    /// Model calls that were answered.
    pub model_calls: u64,
    /// Tokens of the questions.
    pub input_tokens: u64,
    /// Tokens of the answers.
    pub output_tokens: u64,
    /// US dollars, where it was not free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cost_usd: Option<Usd>,
}

impl From<Usage> for PastUsage {
    fn from(usage: Usage) -> Self {
        let Usage { model_calls, input_tokens, output_tokens, cost_usd } = usage;
        let cost_usd = Some(cost_usd).filter(|cost| *cost > Usd::ZERO);
        Self { model_calls, input_tokens, output_tokens, cost_usd }
    }
}

impl From<PastUsage> for Usage {
    fn from(usage: PastUsage) -> Self {
        let PastUsage { model_calls, input_tokens, output_tokens, cost_usd } = usage;
        Self { model_calls, input_tokens, output_tokens, cost_usd: cost_usd.unwrap_or_default() }
    }
}

/// The run and visit that really carried a visit out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = InheritedFrom)]
pub struct Origin {
    /// The run.
    pub run_id: i64,
    /// Its visit.
    pub visit: u32,
}

/// What an agent reported for later stages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Summary)]
pub struct PastSummary {
    /// Who wrote it.
    pub agent: String,
    /// What it says.
    pub text: Arc<str>,
}

/// A value that a visit wrote to shared memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PastValue {
    /// The name under which it is read.
    pub key: String,
    /// The value.
    pub value: Arc<Value>,
    /// Who shared it.
    pub agent: String,
    /// Whether it was written after the visit had ended: the result of the workflow to which its outcome
    /// led. Another outcome of the visit does not bring it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
}

/// A document that a visit wrote, as it was when the visit ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PastDocument {
    /// Its path within the run.
    pub path: String,
    /// The hash of its text.
    pub hash: ContentHash,
    /// Its length in bytes of UTF-8.
    pub bytes: u64,
    /// Who wrote it; absent for a hook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent: Option<String>,
    /// When.
    pub at: Time,
}

/// Something that a person said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PastWords {
    /// Who.
    pub by: String,
    /// What.
    pub text: Arc<str>,
}
