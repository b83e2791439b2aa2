//! The program, as a person or a script uses it: a real process, a real store, real connections.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod program;

#[path = "../../../server/tests/support/postgres.rs"]
mod postgres;

mod check;

mod crashes;

mod formats;

mod letter;

mod letter_crashes;

mod newsroom;

mod people;

mod real_model;

mod refused_reruns;

mod reruns;

mod replay;

mod run;

mod schedule;
mod schedule_crashes;

mod server;

mod callbacks;
mod server_crashes;

mod stops;

mod stores;

mod talk;

mod tool_crashes;

mod triggers;
