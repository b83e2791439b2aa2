//! Two runs side by side.

use callboard_engine::definition::Difference;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::rerun::Figures;
use crate::run::{Status, VisitStatus};

/// How two runs differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// The first.
    pub a: Side,
    /// The second.
    pub b: Side,
    /// How the definition of the second differs from that of the first.
    pub definition: Difference,
    /// Whether they had the same input.
    pub same_input: bool,
    /// Their visits, side by side: of each stage the first of one beside the first of the other. In the
    /// order of the second, with what only the first has where it had it.
    pub visits: Vec<Pair>,
    /// Values of shared memory that differ at the end.
    pub memory: Vec<MemoryDifference>,
    /// How their final results differ.
    pub result: TextDifference,
}

/// One of two runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Side {
    /// Its number.
    pub run_id: i64,
    /// Its workflow's name.
    pub workflow: String,
    /// Where it is in its life.
    pub status: Status,
    /// The hash of its definition.
    pub definition: String,
    /// The ids of the stages that it visited, in order.
    pub path: Vec<String>,
    /// What it took itself, inherited visits not counted.
    pub figures: Figures,
}

/// A visit of each, to the same stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Pair {
    /// The id of the stage.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// The visit to that stage, from 1.
    pub nth: u32,
    /// That of the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub a: Option<ComparedVisit>,
    /// That of the second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub b: Option<ComparedVisit>,
    /// How their results differ, where both have the visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub result: Option<TextDifference>,
}

/// A visit of one of two runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComparedVisit {
    /// Its number in its run.
    pub visit: u32,
    /// Where it is in its life.
    pub status: VisitStatus,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub outcome: Option<String>,
    /// What it took.
    pub figures: Figures,
}

/// How one text differs from another, line by line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TextDifference {
    /// Whether they are the same.
    pub same: bool,
    /// The lines that differ, with some of those around them; empty where they are the same, and where
    /// they are too long to be compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineDifference>,
    /// Whether they are too long to be compared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub too_long: bool,
}

/// One line of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineDifference {
    /// Where it stands.
    pub side: LineSide,
    /// The line, without its end.
    pub text: String,
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineSide {
    /// In both.
    Both,
    /// Only in the first.
    A,
    /// Only in the second.
    B,
    /// In neither: lines that are alike were left out here.
    Gap,
}

/// A value of shared memory that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MemoryDifference {
    /// Its key.
    pub key: String,
    /// What the first has; null where it has none.
    pub a: Value,
    /// What the second has; null where it has none.
    pub b: Value,
}
