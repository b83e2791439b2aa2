//! What is wrong with a project file, where, and what to do about it.
//!
//! A mistake never stops the reading: all of them are collected and shown at once, in the order of
//! the file. Nothing here knows what a project is.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

use crate::nearest::nearest;

/// Mistakes that one reading keeps. A person mends a few at a time; a file with more is broken in
/// one way that repeats itself.
pub const MISTAKES_MAX: usize = 200;

/// One thing that is wrong with a project file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mistake {
    /// Whether it keeps the file from being used.
    pub severity: Severity,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// Where in the project, such as `workflows.digest.stages[1].outcomes.revise`; empty for the
    /// file as a whole.
    pub path: String,
    /// What kind of mistake it is; programs may rely on it.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What was expected in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expected: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub hint: Option<String>,
}

impl Mistake {
    /// An error at a place.
    pub(super) fn error(at: Place, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            line: at.line,
            column: at.column,
            path: String::new(),
            code,
            message: message.into(),
            expected: None,
            hint: None,
        }
    }

    /// An error in what no file says: it has no place.
    pub(crate) fn outside_of_files(code: &'static str, message: impl Into<String>) -> Self {
        Self::error(Place { line: 0, column: 0 }, code, message)
    }

    /// A warning at a place.
    pub(super) fn warning(at: Place, code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(at, code, message) }
    }

    /// The same mistake, saying where in the project it is.
    pub(crate) fn path(self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self }
    }

    /// The same mistake, saying what was expected.
    pub(super) fn expected(self, expected: impl Into<String>) -> Self {
        Self { expected: Some(expected.into()), ..self }
    }

    /// The same mistake, saying what to do.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same mistake, naming the word that was probably meant, if there is one.
    pub(super) fn meant(self, nearest: Option<&str>) -> Self {
        match nearest {
            Some(nearest) => self.hint(format!("Did you mean \"{nearest}\"?")),
            None => self,
        }
    }
}

/// As people read it: place, severity, path, message, what was expected, hint, code.
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: ", self.line, self.column, self.severity)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if let Some(expected) = &self.expected {
            write!(f, " Expected {expected}.")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, " {hint}")?;
        }
        write!(f, " [{}]", self.code)
    }
}

/// Whether a mistake keeps the file from being used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It does.
    Error,
    /// It does not, but is probably not what was meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// A place in a file: line and column, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The line.
    pub(super) line: u32,
    /// The column.
    pub(super) column: u32,
}

impl Place {
    /// The first character of a file.
    pub(super) const START: Self = Self { line: 1, column: 1 };
}

/// The mistakes found so far, up to [`MISTAKES_MAX`].
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    found: Vec<Mistake>,
    errors: bool,
    dropped: bool,
}

impl Mistakes {
    /// Adds one, or only remembers that there are more than fit.
    pub(super) fn add(&mut self, mistake: Mistake) {
        self.errors |= mistake.severity == Severity::Error;
        if self.is_full() {
            self.dropped = true;
        } else {
            self.found.push(mistake);
        }
    }

    /// Whether what is added now is dropped, so that its words need not be looked for.
    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= MISTAKES_MAX
    }

    /// Whether one of them keeps the file from being used.
    pub(super) fn has_errors(&self) -> bool {
        self.errors
    }

    /// The known word that is nearest to `word`, if one is near.
    pub(super) fn nearest<'a>(
        &self,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        if self.is_full() { None } else { nearest(word, known) }
    }

    /// All of them, in the order of the file.
    pub(super) fn into_sorted(self) -> Vec<Mistake> {
        let mut sorted = self.found;
        sorted.sort_by_key(|mistake| (mistake.line, mistake.column));
        if self.dropped {
            let last =
                sorted.last().map_or(Place::START, |last| Place { line: last.line, column: last.column });
            let more = Mistake::error(last, "too_many_mistakes", "There are more mistakes than are shown.")
                .hint(format!("Mend these {MISTAKES_MAX} first, then check the file again."));
            sorted.push(Mistake {
                severity: if self.errors { Severity::Error } else { Severity::Warning },
                ..more
            });
        }
        sorted
    }
}
