//! Why a run cannot go on from another as it was asked for. Each reason has its code and its words.

use crate::event::RunError;

/// Why a re-run is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The source has not ended.
    NotEnded {
        /// The source.
        run_id: i64,
    },
    /// The source has no such visit.
    NoVisit {
        /// The source.
        run_id: i64,
        /// The visit that was asked for.
        visit: u32,
        /// How many it has.
        visits: usize,
    },
    /// The source never visited the stage.
    NeverVisited {
        /// The source.
        run_id: i64,
        /// The stage that was asked for.
        stage: String,
        /// The stages that it visited.
        visited: Vec<String>,
    },
    /// The definition has no such stage any more.
    StageMissing {
        /// The stage.
        stage: String,
    },
    /// The visit that is to be inherited whole did not come to its end.
    VisitIncomplete {
        /// The visit.
        visit: u32,
        /// Its stage.
        stage: String,
    },
    /// The stage has no such outcome in the definition.
    UnknownOutcome {
        /// The stage.
        stage: String,
        /// The outcome that was asked for.
        outcome: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// The stage has outcomes, and the visit ended with none.
    OutcomeMissing {
        /// The stage.
        stage: String,
        /// The outcomes that it has.
        known: Vec<String>,
    },
    /// The new run would end in error before anyone worked.
    WouldFail(Box<RunError>),
}

impl Refused {
    /// The stable code that programs can rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotEnded { .. } => "run_not_ended",
            Self::NoVisit { .. } => "visit_not_found",
            Self::NeverVisited { .. } => "stage_not_visited",
            Self::StageMissing { .. } => "stage_missing",
            Self::VisitIncomplete { .. } => "visit_incomplete",
            Self::UnknownOutcome { .. } => "outcome_unknown",
            Self::OutcomeMissing { .. } => "outcome_missing",
            Self::WouldFail(_) => "rerun_would_fail",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::NotEnded { .. } => "Stop it first, or wait for its end.".to_owned(),
            Self::NoVisit { visits: 0, .. } => {
                "It ended before its first stage: start the workflow anew.".to_owned()
            }
            Self::NoVisit { visits, .. } => format!("Its visits are numbered 1 to {visits}."),
            Self::NeverVisited { visited, .. } if visited.is_empty() => {
                "It ended before its first stage: start the workflow anew.".to_owned()
            }
            Self::NeverVisited { visited, .. } => format!("It visited {}.", visited.join(", ")),
            Self::StageMissing { .. } => {
                "Choose another stage, or take the definition that the run had: original.".to_owned()
            }
            Self::VisitIncomplete { visit, .. } => {
                format!("Make it again: from visit {visit}, or from an earlier one.")
            }
            Self::UnknownOutcome { known, .. } if known.is_empty() => {
                "The stage declares no outcomes: leave the outcome out.".to_owned()
            }
            Self::UnknownOutcome { known, .. } | Self::OutcomeMissing { known, .. } => {
                format!("It has {}.", known.join(", "))
            }
            Self::WouldFail(error) => {
                let hint = error.hint.as_deref().unwrap_or("Choose an earlier visit.");
                let other_way = if error.code == "loop_guard" { "Go on by another outcome. " } else { "" };
                format!("{other_way}{hint}")
            }
        }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotEnded { run_id } => write!(f, "Run {run_id} has not ended."),
            Self::NoVisit { run_id, visit, .. } => write!(f, "Run {run_id} has no visit {visit}."),
            Self::NeverVisited { run_id, stage, .. } => {
                write!(f, "Run {run_id} never visited a stage \"{stage}\".")
            }
            Self::StageMissing { stage } => {
                write!(f, "The workflow has no stage with the id \"{stage}\" any more.")
            }
            Self::VisitIncomplete { visit, stage } => {
                write!(f, "Visit {visit} to \"{stage}\" did not come to its end, so it cannot be taken over.")
            }
            Self::UnknownOutcome { stage, outcome, .. } => {
                write!(f, "The stage \"{stage}\" has no outcome \"{outcome}\".")
            }
            Self::OutcomeMissing { stage, .. } => {
                write!(f, "The stage \"{stage}\" has outcomes now, and the visit ended without one.")
            }
            Self::WouldFail(error) => {
                write!(f, "The new run would end in error at once: {}", error.message)
            }
        }
    }
}

impl std::error::Error for Refused {}
