//! The rules of a run, told as stories: read them as a specification.
//!
//! A story gives a workflow, says what the models answer, and shows the history that comes of it:
//! the visit, the kind of event, and what matters about it. Set `UPDATE_EXPECT=1` to have the
//! expected texts written anew, and read the difference.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a story that cannot go on should say where")]

mod story;

mod work;

mod outcomes;

mod memory;

mod tools;

mod documents;

mod routes;

mod hooks;

mod approvals;

mod questions;

mod results;

mod compaction;

mod limits;

mod children;

mod failures;

mod stops;

mod crashes;

mod interrupted;
mod reruns;

mod prompts;
