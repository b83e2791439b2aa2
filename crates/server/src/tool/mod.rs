//! Tools that a project brings along.

pub(crate) mod http;
