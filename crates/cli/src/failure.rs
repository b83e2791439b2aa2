//! What a command says when it cannot do its work: what happened, what to do, and a code in brackets
//! at the end, which is what scripts may rely on.

use std::fmt::Display;
use std::process::ExitCode;

use callboard_server::db::{self, DataDirError};
use callboard_server::run::RunnerError;

use crate::exit;
use crate::talk::{Ungiven, say};

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: u8,
    code: &'static str,
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// The caller asked for something that cannot be done as it stands.
    pub(crate) fn wrong_use(code: &'static str, message: impl Display) -> Self {
        Self { exit: exit::WRONG_USE, code, message: message.to_string(), hint: None }
    }

    /// Something failed that the caller may not be able to help.
    pub(crate) fn failed(code: &'static str, message: impl Display) -> Self {
        Self { exit: exit::ERROR, code, message: message.to_string(), hint: None }
    }

    /// What to do about it.
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// Says it on standard error.
    pub(crate) fn tell(&self) -> ExitCode {
        if let Some(hint) = &self.hint {
            say(format_args!("hint: {hint}"));
        }
        say(format_args!("error: {} [{}]", self.message, self.code));
        exit::code(self.exit)
    }
}

impl From<Ungiven> for Failure {
    fn from(Ungiven(error): Ungiven) -> Self {
        Self::failed("output_failed", format!("standard output cannot be written: {error}"))
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

impl From<RunnerError> for Failure {
    fn from(error: RunnerError) -> Self {
        let failure = Self::failed(error.code(), &error);
        match &error {
            RunnerError::TakenOver(_) => failure.hint("Its record shows how it goes on there."),
            RunnerError::Damaged { .. } => {
                failure.hint("It is left as it is. Go back to a backup of the store.")
            }
            RunnerError::NotFound(_)
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
