//! `callboard check`: validates a project file.

use std::path::PathBuf;
use std::process::ExitCode;

use callboard_engine::project::Severity;

use super::file;
use crate::exit;
use crate::failure::Failure;
use crate::talk::{give, say};

/// Validates a project file, and tells every mistake with its place and what to do.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project file; `-` reads it from standard input.
    file: PathBuf,
    /// Prints the mistakes as JSON on standard output.
    #[arg(long)]
    json: bool,
}

/// Ends with 0 where the file is right, warnings or not, and with 2 where it is not.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let read = file::read(&args.file)?;
    if args.json {
        let json =
            serde_json::to_string(&read.mistakes).map_err(|error| Failure::failed("internal", error))?;
        give(json)?;
    } else {
        for mistake in &read.mistakes {
            say(file::tell(&args.file, mistake));
        }
    }
    let warned = read.mistakes.iter().any(|mistake| mistake.severity == Severity::Warning);
    let warnings = file::count(&read.mistakes, Severity::Warning);
    let warnings = if warned { format!(", {warnings}") } else { String::new() };
    let Some(project) = read.project else {
        let mistakes = file::count(&read.mistakes, Severity::Error);
        let message = format!("{} has {mistakes}{warnings}", args.file.display());
        return Err(Failure::wrong_use("invalid_project", message));
    };
    if !args.json {
        let workflows: Vec<&str> = project.workflows.keys().map(String::as_str).collect();
        let (file, name) = (args.file.display(), &project.name);
        say(format_args!("{file} is right: project {name} with {}{warnings}", listed(&workflows)));
    }
    Ok(exit::code(0))
}

fn listed(workflows: &[&str]) -> String {
    match workflows {
        [] => "no workflows".to_owned(),
        [one] => format!("the workflow {one}"),
        many => format!("the workflows {}", many.join(", ")),
    }
}
