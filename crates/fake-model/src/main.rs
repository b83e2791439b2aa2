//! `callboard-fake-model [--port N] [--script FILE] [--log FILE]`: the fake as a program of its own.
//!
//! The script is a JSON list of behaviours. Without `--port` a free one is taken; the address is the
//! first line on standard output. It runs until it is ended.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use callboard_fake_model::{Behaviour, FakeModel, Settings};

const USAGE: &str = "callboard-fake-model [--port N] [--script FILE] [--log FILE]";

fn main() -> ExitCode {
    let outcome = settings(std::env::args().skip(1)).and_then(|settings| {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(settings))
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nowhere else to say it, and nothing to do if it cannot be said.
            drop(writeln!(io::stderr(), "{error}\nUsage: {USAGE}"));
            ExitCode::from(2)
        }
    }
}

async fn serve(settings: Settings) -> io::Result<()> {
    let fake = FakeModel::start_with(settings).await?;
    writeln!(io::stdout(), "http://{}", fake.address())?;
    io::stdout().flush()?;
    std::future::pending().await
}

fn settings(mut arguments: impl Iterator<Item = String>) -> io::Result<Settings> {
    // A benchmark asks millions of times, so nothing is remembered here: the log is the memory.
    let mut settings = Settings { keep: 0, ..Settings::default() };
    while let Some(flag) = arguments.next() {
        let value = arguments.next().ok_or_else(|| io::Error::other(format!("{flag} needs a value.")))?;
        match flag.as_str() {
            "--port" => settings.port = value.parse().map_err(io::Error::other)?,
            "--script" => settings.script = script(&value)?,
            "--log" => settings.log = Some(PathBuf::from(value)),
            _ => return Err(io::Error::other(format!("{flag} is not known."))),
        }
    }
    Ok(settings)
}

fn script(path: &str) -> io::Result<Vec<Behaviour>> {
    let said = |error: &dyn std::fmt::Display| io::Error::other(format!("{path}: {error}"));
    let text = std::fs::read(path).map_err(|error| said(&error))?;
    serde_json::from_slice(&text).map_err(|error| said(&error))
}
