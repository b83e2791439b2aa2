//! Everything that waits.

pub mod db;
