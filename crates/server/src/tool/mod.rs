//! Tools: those that a project brings along, and those that come with the program.

#[cfg_attr(not(test), expect(dead_code, reason = "runs do not call tools yet"))]
mod command;

mod failure;

pub(crate) mod http;

// Nobody calls it yet but its tests: agents cannot be given tools before the runner carries them out.
#[cfg_attr(not(test), expect(dead_code, reason = "the runner does not carry tools out yet"))]
pub(crate) mod http_request;
