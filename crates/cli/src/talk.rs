//! What the program says and what it gives. Talk goes to standard error, data to standard output,
//! and neither takes the program down when nobody is there to read it.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

/// Says a line. One that cannot be written is lost: whoever closed standard error wanted none of it,
/// and a run must not end for it.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Gives a line of data. A reader that went away has had enough, and that is no failure.
pub(crate) fn give(line: impl Display) -> Result<(), Ungiven> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Ungiven(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Why data could not be given.
#[derive(Debug)]
pub(crate) struct Ungiven(pub(crate) io::Error);

/// Gives a text that a model wrote: as it is to a program, and to a terminal without what could drive it.
pub(crate) fn give_text(text: &str) -> Result<(), Ungiven> {
    if is_read_by_a_person() { give(harmless(text)) } else { give(text) }
}

/// Whether what is given goes to a terminal, and not to a program.
pub(crate) fn is_read_by_a_person() -> bool {
    io::stdout().is_terminal()
}

/// A text with nothing in it that could drive a terminal or turn its line around. A tab is a blank: how
/// far it would go depends on where it stands.
pub(crate) fn harmless(text: &str) -> String {
    let turns =
        |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept = text.chars().map(|c| if c == '\t' { ' ' } else { c });
    kept.filter(|c| *c == '\n' || !(c.is_control() || turns(c))).collect()
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_model_cannot_drive_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\u{7}\r\nc\td\u{202e}e"), "a[2Jb\nc de");
    }
}
