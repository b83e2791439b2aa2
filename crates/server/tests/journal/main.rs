//! The journal and the databases under it: every case is written once and run on SQLite and on a
//! real PostgreSQL server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod store;

mod append;
mod claim;
mod crash;
mod database;
mod group;
mod owner;
mod read;
