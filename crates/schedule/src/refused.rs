//! Why a text is no schedule, and what would be one.

use std::fmt;

/// A text that was not understood, or that cannot be held exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong, as a sentence.
    pub reason: String,
    /// The nearest thing that would be understood, as a sentence.
    pub hint: String,
}

impl Refused {
    pub(crate) fn new(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { reason: reason.into(), hint: hint.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.reason, self.hint)
    }
}

impl std::error::Error for Refused {}
