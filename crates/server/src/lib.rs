//! Everything that waits.
//!
//! Platform modules come first and know no noun; nouns follow in their order, and each uses only
//! those before it.

pub mod clock;
pub mod db;
pub mod journal;
pub mod provider;

pub mod project;
pub mod workflow;

pub mod run;
