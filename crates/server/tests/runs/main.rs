//! The runner, with a real database and models that answer over real connections: what is written
//! when, what a crash leaves, and what a stop cuts off.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod stage;

mod appends;

mod bounds;

mod children;

mod crashes;

mod day;

mod follow;

mod hooks;

mod people;

mod places;

mod stops;

mod tools;
