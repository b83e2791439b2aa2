//! The input of a run: a text, a file, standard input, or JSON.

use std::io::{IsTerminal, Read, Write};

use callboard_engine::definition::Workflow;
use serde_json::Value;

use crate::failure::Failure;

/// An input goes into the run's history whole, and through memory several times on its way there.
const INPUT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How a run's input is given.
#[derive(clap::Args)]
pub(crate) struct InputArgs {
    /// The input: a text, `@PATH` for the text of a file, or `-` for standard input.
    #[arg(long, value_name = "TEXT|@PATH|-", conflicts_with = "input_json")]
    input: Option<String>,
    /// The input as JSON: given directly, as `@PATH`, or as `-`.
    #[arg(long, value_name = "JSON|@PATH|-")]
    input_json: Option<String>,
}

impl InputArgs {
    /// The input. Where none is given and the workflow asks for one, a person at the terminal is asked.
    pub(crate) fn read(&self, workflow: &Workflow) -> Result<Value, Failure> {
        self.read_or_ask(workflow.ask.as_deref())
    }

    /// Whether a person has to be asked for the input, if the workflow has a question.
    pub(crate) fn may_have_to_ask(&self) -> bool {
        self.input.is_none() && self.input_json.is_none() && std::io::stdin().is_terminal()
    }

    /// The input. Where none is given, a person at the terminal is asked that question.
    pub(crate) fn read_or_ask(&self, question: Option<&str>) -> Result<Value, Failure> {
        match (self.given()?, question) {
            (Some(given), _) => Ok(given),
            (None, Some(question)) if std::io::stdin().is_terminal() => ask(question).map(Value::String),
            (None, _) => Ok(Value::Null),
        }
    }

    /// The input, if one is given.
    pub(crate) fn given(&self) -> Result<Option<Value>, Failure> {
        if let Some(given) = &self.input_json {
            let text = text(given)?;
            return serde_json::from_str(&text).map(Some).map_err(|error| {
                Failure::wrong_use("invalid_input", format!("the input is not JSON: {error}"))
                    .hint("Use --input for an input that is a text.")
            });
        }
        self.input.as_deref().map(text).transpose().map(|text| text.map(Value::String))
    }
}

fn text(given: &str) -> Result<String, Failure> {
    let (name, bytes) = match given.strip_prefix('@') {
        Some(path) => (path, std::fs::File::open(path).and_then(bounded)),
        None if given == "-" => ("on standard input", bounded(std::io::stdin())),
        None => return Ok(given.to_owned()),
    };
    let bytes = bytes.map_err(|error| {
        Failure::wrong_use("input_unreadable", format!("the input {name} cannot be read: {error}"))
    })?;
    if bytes.len() > INPUT_BYTES_MAX {
        return Err(Failure::wrong_use(
            "input_too_large",
            format!("the input {name} has more than {INPUT_BYTES_MAX} bytes"),
        )
        .hint("Give the agents a tool that reads it, or a part of it."));
    }
    String::from_utf8(bytes).map_err(|_| {
        Failure::wrong_use("input_not_utf8", format!("the input {name} is not UTF-8"))
            .hint("Save it as UTF-8 text.")
    })
}

/// All that there is, but no more than says that it is too much: a device may never end.
fn bounded(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(INPUT_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Asks a person at the terminal.
pub(crate) fn ask(question: &str) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::wrong_use("input_unreadable", error);
    let mut err = std::io::stderr();
    write!(err, "{question} ").and_then(|()| err.flush()).map_err(failed)?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(failed)?;
    Ok(line.trim().to_owned())
}
