//! Tools: those that a project brings along, and those that come with the program.

mod failure;

mod command;
mod http_request;

mod call;

pub(crate) mod http;

pub(crate) use call::{Called, Caller, Tools};
pub(crate) use failure::ToolFailure;
