//! `callboard apply`: brings a project file to a server.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use callboard_api::client::{Apply, Error};
use callboard_api::problem::{Problem, Wrong};
use callboard_api::project::Applied;
use callboard_engine::project::{self, Severity};

use super::file;
use super::server::{ServerArgs, carry_out};
use crate::exit;
use crate::failure::Failure;
use crate::talk::{give, say};

/// Brings a project file to a server.
///
/// What the file names is made there or replaced, and keeps its number; what it does not name stays.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project file; `-` reads it from standard input.
    file: PathBuf,
    /// Only says what would change.
    #[arg(long)]
    dry_run: bool,
    /// Takes out what the file does not name. Runs of what is gone are kept.
    #[arg(long)]
    prune: bool,
    /// Prints the server's answer as JSON instead of the numbers of the workflows.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// What a file with mistakes is called by the server, as by `callboard check`.
const INVALID: &str = "invalid_project";

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let client = args.server.client()?;
    let text = file::text(&args.file)?;
    carry_out(async {
        let how = Apply { dry_run: args.dry_run, prune: args.prune };
        match client.apply(text.clone().into_bytes(), how).await {
            Ok(applied) => tell(args, &applied),
            Err(Error::Problem(problem)) if problem.code == INVALID && !problem.errors.is_empty() => {
                Err(mistaken(&args.file, &text, &problem))
            }
            Err(error) => Err(error.into()),
        }
    })
}

fn tell(args: &Args, applied: &Applied) -> Result<ExitCode, Failure> {
    for warning in &applied.warnings {
        say(file::tell_wrong(&args.file, Severity::Warning, warning));
    }
    for (sign, paths) in [('+', &applied.created), ('~', &applied.changed), ('-', &applied.removed)] {
        for path in paths {
            say(format_args!("{sign} {path}"));
        }
    }
    let is_same = [&applied.created, &applied.changed, &applied.removed].iter().all(|paths| paths.is_empty());
    if is_same {
        say("nothing to change");
    } else if args.dry_run {
        say("this would change; nothing did");
    }
    if args.json {
        give(serde_json::to_string(applied).map_err(|error| Failure::failed("internal", error))?)?;
    } else {
        for (name, id) in &applied.workflows {
            give(format_args!("workflow {name} {id}"))?;
        }
    }
    Ok(exit::code(0))
}

/// Tells the mistakes that a server found, as `callboard check` tells them.
fn mistaken(path: &Path, text: &str, problem: &Problem) -> Failure {
    // The answer does not say which of them are only warnings; the file does.
    let warnings: Vec<_> = project::read(text)
        .mistakes
        .into_iter()
        .filter(|mistake| mistake.severity == Severity::Warning)
        .map(|mistake| (mistake.line, mistake.column, mistake.code))
        .collect();
    let is_warning = |wrong: &Wrong| {
        warnings.iter().any(|(line, column, code)| {
            wrong.line == Some(*line) && wrong.column == Some(*column) && wrong.code.as_deref() == Some(code)
        })
    };
    let mut warned = 0;
    for wrong in &problem.errors {
        let severity = if is_warning(wrong) { Severity::Warning } else { Severity::Error };
        warned += usize::from(severity == Severity::Warning);
        say(file::tell_wrong(path, severity, wrong));
    }
    let mistakes = file::counted(problem.errors.len() - warned, Severity::Error);
    let warnings = match warned {
        0 => String::new(),
        warned => format!(", {}", file::counted(warned, Severity::Warning)),
    };
    Failure::wrong_use("invalid_project", format!("{} has {mistakes}{warnings}", path.display()))
}
