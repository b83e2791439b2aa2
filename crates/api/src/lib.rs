//! What the server and its clients say to each other: objects as they stand in JSON.
//!
//! There is no server in here and no client yet; events and definitions are the engine's own types,
//! so that they are written down once.

#![warn(missing_docs)]

pub mod run;
