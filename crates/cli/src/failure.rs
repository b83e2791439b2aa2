//! What a command says when it cannot do its work: what happened, what to do, and a code in brackets
//! at the end, which is what scripts may rely on.

use std::borrow::Cow;
use std::fmt::Display;
use std::process::ExitCode;

use callboard_api::client;
use callboard_api::problem::{Problem, Wrong};
use callboard_engine::rerun::Refused;
use callboard_server::db::{self, DataDirError};
use callboard_server::run::RunnerError;
use callboard_server::secret::{KeyError, SecretError};
use callboard_server::serve::ServeError;

use crate::exit;
use crate::talk::{Ungiven, harmless, say};

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: u8,
    code: Cow<'static, str>,
    message: String,
    /// Each thing that is wrong, where there may be several.
    details: Vec<String>,
    hint: Option<String>,
}

impl Failure {
    /// The caller asked for something that cannot be done as it stands.
    pub(crate) fn wrong_use(code: &'static str, message: impl Display) -> Self {
        Self::new(exit::WRONG_USE, code, message)
    }

    /// Something failed that the caller may not be able to help.
    pub(crate) fn failed(code: &'static str, message: impl Display) -> Self {
        Self::new(exit::ERROR, code, message)
    }

    fn new(exit: u8, code: impl Into<Cow<'static, str>>, message: impl Display) -> Self {
        Self { exit, code: code.into(), message: message.to_string(), details: Vec::new(), hint: None }
    }

    /// A server did not do what it was asked, in its own words.
    fn refused(problem: &Problem) -> Self {
        let exit = if is_the_callers(problem.status) { exit::WRONG_USE } else { exit::ERROR };
        let failure = Self::new(exit, problem.code.clone(), harmless(&problem.detail));
        Self {
            details: problem.errors.iter().map(wrong).collect(),
            hint: problem.hint.as_deref().map(harmless),
            ..failure
        }
    }

    /// What to do about it.
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// Each thing that is wrong.
    pub(crate) fn details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }

    /// Says it on standard error.
    pub(crate) fn tell(&self) -> ExitCode {
        self.details.iter().for_each(say);
        if let Some(hint) = &self.hint {
            say(format_args!("hint: {hint}"));
        }
        say(format_args!("error: {} [{}]", self.message, self.code));
        exit::code(self.exit)
    }
}

/// Whether a caller has to ask for something else. What is only too much or too late is not of its
/// making.
fn is_the_callers(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 408 | 425 | 429)
}

/// One thing that is wrong with what a server was sent.
fn wrong(wrong: &Wrong) -> String {
    let path = if wrong.path.is_empty() { String::new() } else { format!("{}: ", wrong.path) };
    let code = wrong.code.as_ref().map(|code| format!(" [{code}]")).unwrap_or_default();
    let mut text = format!("{path}{}{code}", wrong.message);
    for (name, words) in [("expected", &wrong.expected), ("hint    ", &wrong.hint)] {
        if let Some(words) = words {
            text.push_str(&format!("\n    {name}  {words}"));
        }
    }
    harmless(&text)
}

impl From<client::Error> for Failure {
    fn from(error: client::Error) -> Self {
        let message = harmless(&error.to_string());
        match error {
            client::Error::Address { .. } => Failure::wrong_use("server_address", message)
                .hint("Give an address such as http://127.0.0.1:8080 with --server or in CALLBOARD_SERVER."),
            client::Error::Header { .. } => Failure::wrong_use("header_invalid", message)
                .hint("Use visible ASCII characters; a line end that was pasted along does not belong to it."),
            client::Error::Problem(problem) => Self::refused(&problem),
            client::Error::Unreachable { .. } => Failure::failed("server_unreachable", message).hint(
                "Start a server with callboard serve, or say where it is with --server or in CALLBOARD_SERVER.",
            ),
            client::Error::NotCallboard { .. } => Failure::failed("not_callboard", message).hint(
                "Check the address that --server or CALLBOARD_SERVER gives, and that program and server have \
                 the same version.",
            ),
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::wrong_use(refused.code(), &refused).hint(refused.hint())
    }
}

impl From<Ungiven> for Failure {
    fn from(Ungiven(error): Ungiven) -> Self {
        Failure::failed("output_failed", format!("standard output cannot be written: {error}"))
            .hint("Check that there is room where it goes.")
    }
}

impl From<db::Error> for Failure {
    fn from(error: db::Error) -> Self {
        Self::failed(error.code(), &error).hint(error.hint())
    }
}

impl From<DataDirError> for Failure {
    fn from(error: DataDirError) -> Self {
        Self::failed(error.code(), &error).hint(error.hint())
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::failed(error.code(), &error).hint(error.hint())
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Self::failed(error.code(), &error).hint(error.hint())
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let failure = match error {
            ServeError::AccountsRequired(_) => Self::wrong_use,
            ServeError::Listen { .. }
            | ServeError::Secret(_)
            | ServeError::Runner(_)
            | ServeError::Database(_) => Self::failed,
        };
        failure(error.code(), error.to_string()).hint(error.hint())
    }
}

impl From<RunnerError> for Failure {
    fn from(error: RunnerError) -> Self {
        let failure = Self::failed(error.code(), &error);
        match &error {
            RunnerError::TakenOver(_) => failure.hint("Its record shows how it goes on there."),
            RunnerError::Damaged { .. } => {
                failure.hint("It is left as it is. Go back to a backup of the store.")
            }
            RunnerError::NotFound(_)
            | RunnerError::NotEnded(_)
            | RunnerError::Refused(_)
            | RunnerError::Database(_)
            | RunnerError::Append(_)
            | RunnerError::ShuttingDown => match error.database() {
                Some(database) => failure.hint(database.hint()),
                None => failure,
            },
        }
    }
}
