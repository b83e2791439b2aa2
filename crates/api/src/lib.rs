//! What the server and its clients say to each other: objects as they stand in JSON, and the client
//! that programs in Rust speak to a server with.
//!
//! There is no server in here and no rule; events and definitions are the engine's own types, so
//! that they are written down once.

#![warn(missing_docs)]

pub mod list;
pub mod problem;

pub mod project;

pub mod model;
pub mod team;
pub mod tool;
pub mod workflow;

pub mod run;

pub mod compare;
pub mod rerun;

pub mod delivery;

pub mod trigger;

pub mod client;
