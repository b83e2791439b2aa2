//! Why a server of tools did not do what it was asked. A tool that says that it failed is no failure
//! here: that is its answer.

/// How much of what a server said is shown: its reason stands in its last lines.
const SAID_CHARS_MAX: usize = 1_500;

/// What went wrong with a server of tools.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum McpError {
    /// It could not be started, or there is no way to it.
    #[error("{0}")]
    Unreachable(String),
    /// It may not be asked: where it is to be found is not allowed.
    #[error("{0}")]
    Refused(String),
    /// It did not answer in time.
    #[error("{0}")]
    TimedOut(String),
    /// What came is not MCP, or more than is taken.
    #[error("{0}")]
    Protocol(String),
    /// It was there, and went away before it answered.
    #[error("{0}")]
    Closed(String),
}

impl McpError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "mcp_unreachable",
            Self::Refused(_) => "address_refused",
            Self::TimedOut(_) => "mcp_timed_out",
            Self::Protocol(_) => "mcp_protocol",
            Self::Closed(_) => "mcp_closed",
        }
    }

    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => {
                "Check that the MCP server is installed, runs, and is named as it should be."
            }
            Self::Refused(_) => "Allow the address by name, or have the MCP server answer at another one.",
            Self::TimedOut(_) => "Give it more time, or look at what the MCP server is doing.",
            Self::Protocol(_) => "Check that what is named is an MCP server, and that it is up to date.",
            Self::Closed(_) => "Look at the MCP server's own log; the next call starts it again.",
        }
    }

    /// The same, in other words.
    pub(super) fn worded(self, word: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::Unreachable(said) => Self::Unreachable(word(said)),
            Self::Refused(said) => Self::Refused(word(said)),
            Self::TimedOut(said) => Self::TimedOut(word(said)),
            Self::Protocol(said) => Self::Protocol(word(said)),
            Self::Closed(said) => Self::Closed(word(said)),
        }
    }
}

/// What a server said, as the end of a sentence of ours: the beginning of it, since an error begins
/// with what it is. It is without what no text may hold.
pub(super) fn sentence(said: &str) -> String {
    let said = said.trim().replace('\0', "\u{fffd}");
    match said.char_indices().nth(SAID_CHARS_MAX) {
        Some((end, _)) => format!("{}…", said.get(..end).unwrap_or_default()),
        None => ended(said),
    }
}

/// As [`sentence`], but the end of it: the last lines of a log say why it ended there.
pub(super) fn last_sentence(said: &str) -> String {
    let said = said.trim().replace('\0', "\u{fffd}");
    match said.char_indices().nth_back(SAID_CHARS_MAX) {
        Some((cut, next)) => ended(format!("…{}", said.get(cut + next.len_utf8()..).unwrap_or_default())),
        None => ended(said),
    }
}

fn ended(said: String) -> String {
    if said.ends_with(['.', '!', '?', '…']) { said } else { said + "." }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_a_text_is_its_beginning_or_its_end() {
        assert_eq!([sentence(" a\0b\n"), last_sentence(" a\0b\n")], ["a\u{fffd}b.", "a\u{fffd}b."]);
        let exact = "é".repeat(SAID_CHARS_MAX - 1) + "!";
        assert_eq!([sentence(&exact), last_sentence(&exact)], [&*exact, &*exact]);
        let long = format!("a{exact}b");
        assert_eq!(sentence(&long), format!("a{}…", "é".repeat(SAID_CHARS_MAX - 1)));
        assert_eq!(last_sentence(&long), format!("…{}!b.", "é".repeat(SAID_CHARS_MAX - 2)));
    }
}
