//! The server as programs meet it: a real one, on a real database, over real connections. Every
//! answer that any test here gets is held against the OpenAPI document.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![recursion_limit = "256"]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod client;
mod house;
mod promise;
mod receiver;

mod names;
mod parts;
mod people;
mod projects;
mod repeats;

mod exports;
mod lists;
mod reruns;
mod runs;
mod stops;
mod streams;
mod trials;
mod viewers;

mod alerts;
mod callbacks;
mod turns;
mod webhooks;

mod callers;
mod files;
mod odd;

mod secrets;

mod triggers;

mod document;
mod restarts;
mod schemathesis;
