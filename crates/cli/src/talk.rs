//! What the program says and what it gives. Talk goes to standard error, data to standard output,
//! and neither takes the program down when nobody is there to read it.

use std::fmt::Display;
use std::io::{self, Write};

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
