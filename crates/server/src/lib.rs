//! Everything that waits.

pub mod db;
pub mod journal;
pub mod provider;
