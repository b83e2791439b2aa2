//! Why a request was not answered, or was not made at all.
//!
//! Messages name hosts and never whole addresses: what stands behind the host may be a secret.

use std::time::Duration;

/// The codes.
pub mod codes {
    /// The request must not be made: its host leads into this machine or its network.
    pub const ADDRESS_REFUSED: &str = "address_refused";
    /// What was given as an address is none that can be asked.
    pub const INVALID_URL: &str = "invalid_url";
    /// The host has no address, or no connection to it came about.
    pub const UNREACHABLE: &str = "unreachable";
    /// The connection is not safe: the other side is not who it should be, or does not speak TLS.
    pub const TLS_FAILED: &str = "tls_failed";
    /// The answer took too long.
    pub const TIMED_OUT: &str = "timed_out";
    /// The answer is no HTTP, is too large, or broke off.
    pub const BAD_ANSWER: &str = "bad_answer";
    /// One redirect led to the next.
    pub const TOO_MANY_REDIRECTS: &str = "too_many_redirects";
}

/// A request that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NetError {
    /// One of the [`codes`].
    pub code: &'static str,
    /// What happened, in a sentence.
    pub message: String,
}

impl NetError {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn timed_out(host: &str, time: Duration) -> Self {
        let message = format!("{host} did not answer within {} s.", time.as_secs_f64());
        Self::new(codes::TIMED_OUT, message)
    }

    pub(super) fn bad_answer(host: &str, error: &hyper::Error) -> Self {
        let message = if error.is_parse_too_large() {
            format!("The head of the answer of {host} is too large.")
        } else {
            format!("The answer of {host} cannot be read: {}.", cause(error))
        };
        Self::new(codes::BAD_ANSWER, message)
    }
}

/// The innermost error: those around it say what was being done, which the message says already.
pub(super) fn cause<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> &'e (dyn std::error::Error + 'static) {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause
}
