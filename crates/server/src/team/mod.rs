//! Teams, and the agents in them.

pub(crate) mod agents;
pub(crate) mod http;
