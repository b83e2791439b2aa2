//! Lists, page by page.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Items of a page where the caller names no number: what fits on a few screens.
pub const LIMIT: u64 = 50;

/// Items of the longest page. A larger number is cut to it.
pub const LIMIT_MAX: u64 = 1_000;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct List<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// What to give as `after` to get the next page; nothing on the last one.
    pub next: Option<String>,
}
