//! Everything that waits.
//!
//! Platform modules come first and know no noun; nouns follow in their order, and each uses only
//! those before it. The server at the end puts them together.

pub mod clock;
pub mod db;
pub mod journal;
pub mod net;
pub mod process;
pub mod secret;

pub mod provider;

pub mod mcp;

mod http;
pub mod settings;

pub mod project;

mod model;
mod tool;

mod team;

pub mod workflow;

pub mod run;

mod delivery;

pub mod trigger;

pub mod serve;
