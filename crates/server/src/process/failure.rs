//! Why a program did not do its work. A program that ended with another status than zero is no
//! failure here: whoever started it knows what that means.

use std::io;
use std::time::Duration;

/// A program that could not be carried to its end.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// There is no such program.
    #[error("there is no program `{program}` on the server's machine")]
    NotFound {
        /// As it was named.
        program: String,
    },
    /// It is there, or should be, and could not be started.
    #[error("the program `{program}` could not be started: {source}")]
    FailedToStart {
        /// As it was named.
        program: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// It was ended because its time was over.
    #[error("the program `{program}` was ended because it took longer than {} seconds", limit.as_secs_f64())]
    TimedOut {
        /// As it was named.
        program: String,
        /// The time that it had.
        limit: Duration,
        /// The end of what it wrote to standard error.
        stderr_tail: Vec<u8>,
    },
}

impl ProcessError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "program_not_found",
            Self::FailedToStart { .. } => "program_failed_to_start",
            Self::TimedOut { .. } => "timed_out",
        }
    }

    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => {
                "Install it, or name it by its path; a path that is not absolute begins where the server was started."
            }
            Self::FailedToStart { .. } => {
                "Check that the file may be carried out and that the program in its first line is there."
            }
            Self::TimedOut { .. } => "Give it more time, or less to do.",
        }
    }
}
