//! `cargo xtask demo`: from a fresh checkout to a run that can be watched, in one command.
//!
//! What is said goes to standard error. Standard output gets the address of the run's page, or with
//! `--once` the run's result, so that either can be read by a program.

mod interrupt;
mod port;
mod server;
mod site;

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{self, Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use self::interrupt::Interrupt;
use self::server::Server;
use self::site::Site;
use crate::checkout::Checkout;
use crate::{command, web};

/// What is applied, what of it is started, and with what.
const FILE: &str = "examples/newsroom.yaml";
const WORKFLOW: &str = "newsroom/article";
const INPUT: &str = "the return of the night train";

/// Words per second of the simulated model: a run of three quarters of a minute, so that there is
/// something left to watch when its page is open.
const WATCHED: &str = "12";
/// At once.
const UNWATCHED: &str = "0";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where the server listens on 127.0.0.1 [default: 8080, or a free port with --once]
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Keeps the server's data in this folder [default: a new one that is thrown away at the end]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Waits for the end of the run, prints its result and ends; 1 if it did not complete
    #[arg(long)]
    once: bool,
}

/// What the demo has made ready before anything runs.
struct Stage<'c> {
    checkout: &'c Checkout,
    program: PathBuf,
    site: Site,
    /// Why there is no page; nothing if there is one.
    no_page: Option<String>,
    /// Where the data is, if it stays there.
    kept: Option<PathBuf>,
    once: bool,
}

/// Carries out `cargo xtask demo`. Whether the run could be watched, or with `--once` completed.
pub(crate) fn run(checkout: &Checkout, arguments: &Arguments) -> Result<bool> {
    // Asked before the build, which takes minutes, and again after it.
    port::choose(arguments.port, arguments.once)?;
    let no_page = build(checkout)?;
    let thrown_away = TempDir::with_prefix("callboard-demo-").context("could not make a folder")?;
    let kept = arguments.data.as_deref().map(make).transpose()?;
    let port = port::choose(arguments.port, arguments.once)?;
    if arguments.once && arguments.port.is_none() {
        say(&format!("Taking the free port {port}; --port N takes another."));
    }
    let stage = Stage {
        checkout,
        program: checkout.program("debug"),
        site: Site::new(port, kept.as_ref().and_then(|_| env::var("CALLBOARD_TOKEN").ok())),
        no_page,
        kept,
        once: arguments.once,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(&stage, stage.kept.as_deref().unwrap_or(thrown_away.path())))
}

/// Builds the page and the program with it inside. Why there is no page in it, if there is none.
fn build(checkout: &Checkout) -> Result<Option<String>> {
    let no_page = match web::to_install() {
        _ if !web::is_here(checkout) => Some("There is no web page in this checkout.".to_owned()),
        Some(sentence) if web::is_built(checkout) => {
            say(&format!("The web page is as it was built before. To build it again: {sentence}"));
            None
        }
        Some(sentence) => Some(format!("The demo has no web page, since Node is missing. {sentence}")),
        None => {
            say("Building the web page.");
            web::build(checkout)?;
            None
        }
    };
    if let Some(why) = &no_page {
        say(&format!("{why} Going on without it."));
    }
    say("Building the program. The first time takes minutes.");
    // Fast enough to be looked at, and there in half the time of what is made to be kept.
    let mut cargo = checkout.cargo(&["build", "--locked", "--package", "callboard"]);
    command::run(cargo.stdout(Stdio::from(io::stderr())))?;
    Ok(no_page)
}

fn make(folder: &Path) -> Result<PathBuf> {
    let folder = path::absolute(folder)?;
    fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
    Ok(folder)
}

/// Has the server running for as long as the show takes, and not longer, however that ends.
async fn serve(stage: &Stage<'_>, data: &Path) -> Result<bool> {
    let mut interrupt = Interrupt::listen()?;
    say(&format!("Starting the server on port {}.", stage.site.port()));
    let pace = if stage.once { UNWATCHED } else { WATCHED };
    let mut server = Server::start(&stage.program, stage.site.port(), data, stage.kept.is_some(), pace)?;
    let shown = tokio::select! {
        shown = show(stage) => shown,
        ended = server.ended() => ended.map(|status| {
            say(&format!("The server ended with {status}; what it said is above."));
            false
        }),
        // Until someone ends it is how long it should stay.
        by = interrupt.comes() => { say(&format!("Ended by {by}.")); Ok(!stage.once) }
    };
    server.stop().await;
    match &stage.kept {
        Some(folder) => say(&format!("The server has stopped. Its data is in {}.", folder.display())),
        None => say("The server has stopped, and its data is thrown away."),
    }
    shown
}

async fn show(stage: &Stage<'_>) -> Result<bool> {
    stage.site.ready().await?;
    let file = stage.checkout.root.join(FILE);
    say(&format!("Applying {FILE} and starting a run of {WORKFLOW}."));
    client(stage, &["apply", &file.display().to_string()]).await?;
    let started = client(stage, &["trigger", WORKFLOW, "--input", INPUT]).await?;
    let run = run_id(&started)?;
    if stage.once {
        return once(stage, run).await;
    }
    if let Some(why) = &stage.no_page {
        let program = stage.program.display();
        say(&format!(
            "{why} This follows the run: {program} runs follow {run} --server {}",
            stage.site.address()
        ));
    }
    say("The run is at work. Its page, until Ctrl-C:");
    give(&stage.site.page(run));
    std::future::pending().await
}

/// Waits for the end of a run and prints its result. Whether it completed.
async fn once(stage: &Stage<'_>, run: u64) -> Result<bool> {
    // How it ends is read from the run itself, so neither its result nor its exit code is taken from here.
    let mut follow = callboard(stage, &["runs", "follow", &run.to_string()]);
    follow.stdout(Stdio::null()).status().await.context("could not follow the run")?;
    let text = stage.site.get(&format!("/api/v1/runs/{run}")).await?;
    match ended(&text)? {
        Ended::Completed(result) => {
            give(&result);
            Ok(true)
        }
        Ended::Otherwise(why) => {
            say(&why);
            Ok(false)
        }
    }
}

/// What one of the program's own commands answers.
async fn client(stage: &Stage<'_>, arguments: &[&str]) -> Result<String> {
    let output = callboard(stage, arguments).output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`callboard {}` failed: {}", arguments.join(" "), said.trim_end());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn callboard(stage: &Stage<'_>, arguments: &[&str]) -> Command {
    let mut command = Command::new(&stage.program);
    command.args(arguments).args(["--server", &stage.site.address()]).stdin(Stdio::null()).kill_on_drop(true);
    if stage.kept.is_none() {
        // A token for another server would be refused by this one.
        command.env_remove("CALLBOARD_TOKEN");
    }
    command
}

/// The number of the run that `callboard trigger` has started.
fn run_id(answer: &str) -> Result<u64> {
    let object: Value = serde_json::from_str(answer)
        .with_context(|| format!("`callboard trigger` printed no JSON: {}", answer.trim_end()))?;
    object["run_id"]
        .as_u64()
        .with_context(|| format!("`callboard trigger` named no run: {}", answer.trim_end()))
}

#[derive(Debug, PartialEq)]
enum Ended {
    Completed(String),
    /// Why there is no result.
    Otherwise(String),
}

/// How a run has ended, from the run as an object.
fn ended(run: &str) -> Result<Ended> {
    let run: Value = serde_json::from_str(run).context("the server answered with no run")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match run["status"].as_str() {
        Some("completed") => Ok(Ended::Completed(text(&run["result"]))),
        Some("stopped") => Ok(Ended::Otherwise("The run was stopped.".to_owned())),
        Some("error") => {
            let error = &run["error"];
            let why = [&error["message"], &error["provider_message"], &error["hint"]].map(text);
            let why: Vec<String> = why.into_iter().filter(|part| !part.is_empty()).collect();
            Ok(Ended::Otherwise(format!("The run ended in error. {}", why.join(" "))))
        }
        status => bail!("the run was followed to its end, and yet it is {}", status.unwrap_or("nothing")),
    }
}

/// The terminal may be gone, and the server must be stopped all the same: so no panic.
fn say(sentence: &str) {
    drop(writeln!(io::stderr(), "{sentence}"));
}

fn give(data: &str) {
    drop(writeln!(io::stdout(), "{data}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_is_the_one_that_trigger_names() {
        assert_eq!(run_id("{\"run_id\":7,\"url\":\"/runs/7\"}\n").unwrap(), 7);
        assert!(run_id("run 7 has begun").unwrap_err().to_string().contains("run 7 has begun"));
        assert!(run_id("{\"id\":7}").unwrap_err().to_string().contains("named no run"));
    }

    #[test]
    fn a_completed_run_has_its_result_and_others_say_why_not() {
        let completed = ended(r##"{"status":"completed","result":"# Night train"}"##).unwrap();
        assert_eq!(completed, Ended::Completed("# Night train".to_owned()));
        let error =
            r#"{"status":"error","error":{"message":"No key.","provider_message":null,"hint":"Set it."}}"#;
        assert_eq!(
            ended(error).unwrap(),
            Ended::Otherwise("The run ended in error. No key. Set it.".to_owned())
        );
        assert!(ended(r#"{"status":"running"}"#).unwrap_err().to_string().ends_with("it is running"));
    }
}
