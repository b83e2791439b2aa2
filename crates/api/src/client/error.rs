//! Why a call to a server gave nothing. Codes and hints are for whoever shows it: a program in a
//! terminal says other things than a service.

use hyper::StatusCode;

use crate::problem::Problem;

/// Why a call to a server gave nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The address of the server is none.
    #[error("{server:?} is no address of a server: {why}")]
    Address {
        /// What was given.
        server: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Something that was given cannot be sent in a header.
    #[error("the {what} has characters that it cannot have")]
    Header {
        /// What it is.
        what: &'static str,
    },
    /// The server understood and did not do it.
    #[error("{}", .0.detail)]
    Problem(Box<Problem>),
    /// There was no answer, or it broke off.
    #[error("the server at {server} could not be reached: {why}")]
    Unreachable {
        /// The server.
        server: String,
        /// Why.
        why: String,
    },
    /// Something answered that is no Callboard server, or none that this version understands.
    #[error("what answers at {server} is not a Callboard server: it gave {came}")]
    NotCallboard {
        /// The server.
        server: String,
        /// The HTTP status, where it came to one.
        status: Option<u16>,
        /// What came instead.
        came: String,
    },
}

impl Error {
    /// Whether the same call may well succeed in a moment.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Address { .. } | Self::Header { .. } => false,
            Self::Problem(problem) => passes(problem.status),
            Self::Unreachable { .. } => true,
            // What stands before a server that is being restarted answers in its place.
            Self::NotCallboard { status, .. } => status.is_some_and(passes),
        }
    }
}

fn passes(status: u16) -> bool {
    let passing = [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ];
    passing.iter().any(|passing| passing.as_u16() == status)
}
