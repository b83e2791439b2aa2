//! Reading a project file, and telling all that is wrong with it.

use std::io::Read;
use std::path::Path;

use callboard_api::problem::Wrong;
use callboard_engine::project::{self, Mistake, Project, Severity};

use crate::failure::Failure;
use crate::talk::harmless;

/// What is read of a file: well over the length that the engine refuses.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A project file that was read.
pub(crate) struct File {
    pub(crate) project: Option<Project>,
    pub(crate) mistakes: Vec<Mistake>,
}

/// Reads a file; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<File, Failure> {
    let reading = project::read_understanding(&text(path)?, &callboard_server::project::understand);
    Ok(File { project: reading.project, mistakes: reading.mistakes })
}

/// The text of a project file; `-` is standard input.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    let bytes = bytes(path, FILE_BYTES_MAX).map_err(|failure| {
        failure.hint("Give the path of a project file, such as examples/newsroom.yaml.")
    })?;
    utf8(path, bytes)
}

/// The text of a short file of any kind; `-` is standard input.
pub(crate) fn any_text(path: &Path) -> Result<String, Failure> {
    utf8(path, bytes(path, FILE_BYTES_MAX)?)
}

/// The text of a file that may be long, all of it; `-` is standard input.
pub(crate) fn long_text(path: &Path, bytes_max: u64) -> Result<String, Failure> {
    let bytes = bytes(path, bytes_max + 1)
        .map_err(|failure| failure.hint("Give the path of a file that callboard runs export wrote."))?;
    if bytes.len() as u64 > bytes_max {
        let message = format!("{} has more than {bytes_max} bytes", path.display());
        return Err(
            Failure::wrong_use("run_file_too_large", message).hint("No run is that long; look what it is.")
        );
    }
    utf8(path, bytes)
}

fn bytes(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    let bytes = if path == Path::new("-") {
        bounded(std::io::stdin(), bytes_max)
    } else {
        std::fs::File::open(path).and_then(|file| bounded(file, bytes_max))
    };
    bytes.map_err(|error| {
        Failure::wrong_use("file_unreadable", format!("{} cannot be read: {error}", path.display()))
    })
}

fn utf8(path: &Path, bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::wrong_use("file_not_utf8", format!("{} is not UTF-8 at byte {at}", path.display()))
            .hint("Save the file as UTF-8.")
    })
}

/// All that there is, up to a length that no such file has: a device may never end.
fn bounded(source: impl Read, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// One mistake, for a person and for an editor that jumps to `file:line:column`.
pub(crate) fn tell(path: &Path, mistake: &Mistake) -> String {
    let kind = mistake.severity;
    let place = format!("{}:{}:{}", path.display(), mistake.line, mistake.column);
    let first = format!("{place}: {kind}: {} [{}]", mistake.message, mistake.code);
    with_details(first, &mistake.path, mistake.expected.as_deref(), mistake.hint.as_deref())
}

/// A mistake that a server found, told as [`tell`] does. A server does not say which are warnings.
pub(crate) fn tell_wrong(path: &Path, severity: Severity, wrong: &Wrong) -> String {
    let place = match (wrong.line, wrong.column) {
        (Some(line), Some(column)) => format!("{}:{line}:{column}", path.display()),
        (Some(_), None) | (None, _) => path.display().to_string(),
    };
    let code = wrong.code.as_ref().map(|code| format!(" [{code}]")).unwrap_or_default();
    let first = format!("{place}: {severity}: {}{code}", wrong.message);
    harmless(&with_details(first, &wrong.path, wrong.expected.as_deref(), wrong.hint.as_deref()))
}

fn with_details(first: String, path: &str, expected: Option<&str>, hint: Option<&str>) -> String {
    let path = (!path.is_empty()).then_some(path);
    let details = [("at      ", path), ("expected", expected), ("hint    ", hint)];
    details.into_iter().filter_map(|(name, words)| Some((name, words?))).fold(
        first,
        |mut text, (name, words)| {
            text.push_str(&format!("\n    {name}  {words}"));
            text
        },
    )
}

/// How many mistakes there are, in words.
pub(crate) fn count(mistakes: &[Mistake], severity: Severity) -> String {
    counted(mistakes.iter().filter(|mistake| mistake.severity == severity).count(), severity)
}

/// So many mistakes, in words.
pub(crate) fn counted(count: usize, severity: Severity) -> String {
    let word = match severity {
        Severity::Error => "mistake",
        Severity::Warning => "warning",
    };
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
