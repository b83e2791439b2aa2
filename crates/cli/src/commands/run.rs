//! `callboard run`: carries out one workflow of a project file here, without a server.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use callboard_api::run::{Run as RunObject, RunIds, Status};
use callboard_engine::definition::Definition;
use callboard_engine::event::Source;
use callboard_engine::project::{self, Project, Severity};
use callboard_server::clock::Clock;
use callboard_server::provider::Providers;
use callboard_server::run::{self as runs, Follow, Live, NewRun, Runner};
use callboard_server::workflow::Frozen;
use callboard_server::{project as projects, workflow as workflows};
use tokio::task::JoinSet;

use super::file;
use super::input::InputArgs;
use super::store::{Store, StoreArgs};
use crate::exit;
use crate::failure::Failure;
use crate::talk::{give, say};
use crate::view::{View, explain};

/// How often the line with the time is drawn anew.
const TICK: Duration = Duration::from_millis(120);

/// Carries out one workflow of a project file here, without a server.
///
/// Progress goes to standard error and the final result to standard output. Ends with 0 where the run
/// completed, 1 in error, 2 for wrong use or a bad file, 130 where it was stopped.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project file; `-` reads it from standard input.
    #[arg(required_unless_present = "resume")]
    file: Option<PathBuf>,
    /// The workflow; may be left out where the file has only one.
    workflow: Option<String>,
    #[command(flatten)]
    input: InputArgs,
    /// Prints the run object instead of its result.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
    /// Goes on with the unfinished runs of the store that --data or --database-url names.
    #[arg(long)]
    resume: bool,
}

pub(crate) fn run(args: Args) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed("internal", error))?;
    let ended = runtime.block_on(carry_out(args));
    // Reading the answer to a question from the terminal cannot be cut off; it is not waited for.
    runtime.shutdown_background();
    ended
}

async fn carry_out(args: Args) -> Result<ExitCode, Failure> {
    if args.resume {
        return resume(&args).await;
    }
    let Some(path) = &args.file else {
        return Err(Failure::wrong_use("file_missing", "name a project file"));
    };
    let read = file::read(path)?;
    for mistake in &read.mistakes {
        if read.project.is_none() || mistake.severity == Severity::Error {
            say(file::tell(path, mistake));
        }
    }
    let Some(project) = read.project else {
        let mistakes = file::count(&read.mistakes, Severity::Error);
        return Err(Failure::wrong_use("invalid_project", format!("{} has {mistakes}", path.display())));
    };
    let definition = definition(&project, args.workflow.as_deref())?;
    let input = args.input.read(&definition.workflow)?;
    let store = args.store.open().await?;
    tell_of_unfinished(&store).await?;
    let clock = Clock::system();
    let now = clock.now();
    let runner = Runner::new(store.db.clone(), Providers::new(pace()?), clock);
    let project_id = projects::ensure(&store.db, &definition.project, now).await?;
    let workflow_id = workflows::ensure(&store.db, project_id, &definition.name, now).await?;
    let frozen = Frozen::new(definition).map_err(|error| Failure::failed("internal", error))?;
    let source = Source::manual(&who());
    let id = runner.start(NewRun { project_id, workflow_id, frozen, source, input, metadata: None }).await?;
    follow_all(&args, &store, &runner, vec![id]).await
}

/// Goes on with what another process left unfinished.
async fn resume(args: &Args) -> Result<ExitCode, Failure> {
    if !args.store.is_kept() {
        return Err(Failure::wrong_use("store_missing", "--resume needs a store to go on with")
            .hint("Name it with --data DIR or --database-url URL."));
    }
    let store = args.store.open().await?;
    let runner = Runner::new(store.db.clone(), Providers::new(pace()?), Clock::system());
    let ids = runner.recover().await?;
    if ids.is_empty() {
        say("No run of this store is unfinished.");
        return Ok(exit::code(0));
    }
    follow_all(args, &store, &runner, ids).await
}

/// Runs that earlier processes left are not touched by a new one, but they are easily forgotten.
async fn tell_of_unfinished(store: &Store) -> Result<(), Failure> {
    // Where others may use the store too, what has not ended may be in their hands.
    let Some(kept) = store.kept.as_ref().filter(|_| store.is_ours_alone()) else { return Ok(()) };
    match runs::unfinished(&store.db).await?.len() {
        0 => {}
        1 => say(format_args!(
            "A run of this store is unfinished; go on with it: callboard run --resume {kept}"
        )),
        many => {
            say(format_args!(
                "{many} runs of this store are unfinished; go on with them: callboard run --resume {kept}"
            ));
        }
    }
    Ok(())
}

/// Follows runs to their ends, shows them, and prints what they give.
async fn follow_all(args: &Args, store: &Store, runner: &Runner, ids: Vec<i64>) -> Result<ExitCode, Failure> {
    let interrupts = tokio::spawn(stop_on_interrupt(runner.clone(), ids.clone(), store.kept.clone()));
    let alone = ids.len() == 1;
    let mut followed = JoinSet::new();
    for id in &ids {
        let definition = std::sync::Arc::clone(runner.load(*id).await?.definition());
        followed.spawn(follow(runner.follow(*id, 0), View::new(*id, alone, &definition)));
    }
    while let Some(ended) = followed.join_next().await {
        ended.map_err(|error| Failure::failed("internal", error))??;
    }
    interrupts.abort();
    let mut worst = 0;
    for id in ids {
        worst = worst.max(print(args, store, runner, id).await?);
    }
    runner.shut_down().await;
    store.db.close().await;
    Ok(exit::code(worst))
}

async fn follow(mut run: Follow, mut view: View) -> Result<(), Failure> {
    let clock = Clock::system();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            live = run.next() => match live? {
                Some(Live::Events(events)) => events.iter().for_each(|event| view.see(event, clock.now())),
                Some(Live::Delta { call, agent, text, .. }) => view.hear(call, &agent, &text, clock.now()),
                None => break,
            },
            _ = ticks.tick() => view.tick(clock.now()),
        }
    }
    view.clear();
    Ok(())
}

/// The first interrupt stops the runs properly; the second leaves them where they are.
async fn stop_on_interrupt(runner: Runner, ids: Vec<i64>, kept: Option<String>) {
    interrupted().await;
    for id in ids {
        // A run that has just ended needs no stop.
        let _ = runner.stop(id, &who(), Some("interrupted at the terminal".to_owned())).await;
    }
    interrupted().await;
    match kept {
        // The stop is in the record by now, so that going on means ending what it began.
        Some(store) => say(format_args!("Left while it stops; finish with: callboard run --resume {store}")),
        None => say("Left while it stops."),
    }
    std::process::exit(i32::from(exit::STOPPED));
}

/// Ctrl-C, or the signal by which systems end programs.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a signal to wait for, nothing interrupts.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Prints what a run gave, and answers how it ended.
async fn print(args: &Args, store: &Store, runner: &Runner, id: i64) -> Result<u8, Failure> {
    let run = runner.load(id).await?;
    if args.json {
        let row = runs::find(&store.db, id).await?;
        let ids = row.map_or(RunIds { id, project_id: 0, workflow_id: 0 }, |row| row.ids);
        let object = RunObject::of(&run, ids, Clock::system().now());
        give(serde_json::to_string(&object).map_err(|error| Failure::failed("internal", error))?)?;
    } else if let Some(result) = run.result() {
        give(result)?;
    }
    if let Some(error) = run.error() {
        say(explain(error));
    }
    Ok(match run.status() {
        Status::Completed => 0,
        Status::Stopped => exit::STOPPED,
        Status::Error | Status::Pending | Status::Running => exit::ERROR,
    })
}

/// The frozen definition of the workflow that was asked for, if this version can carry it out.
fn definition(project: &Project, workflow: Option<&str>) -> Result<Definition, Failure> {
    let names: Vec<&str> = project.workflows.keys().map(String::as_str).collect();
    let name = match (workflow, names.as_slice()) {
        (Some(name), _) => name,
        (None, [only]) => only,
        (None, []) => {
            return Err(Failure::wrong_use("workflow_missing", "the project has no workflow to run"));
        }
        (None, many) => {
            return Err(Failure::wrong_use(
                "workflow_missing",
                "the project has several workflows; name one",
            )
            .hint(format!("It has: {}.", many.join(", "))));
        }
    };
    let definition = project::compile(project, name).map_err(|unknown| {
        Failure::wrong_use("workflow_unknown", &unknown).hint(format!("It has: {}.", names.join(", ")))
    })?;
    let mut unsupported = project::unsupported(&definition);
    unsupported.extend(project::unsupported_by_project(project));
    if unsupported.is_empty() {
        return Ok(definition);
    }
    for feature in &unsupported {
        say(format_args!("{}: {}", feature.path, feature.message));
    }
    Err(Failure::wrong_use("not_supported_yet", "the workflow needs what this version cannot carry out yet")
        .hint("Leave these fields out, or wait for a version that has them."))
}

/// The pace of simulated models, where the environment sets one.
fn pace() -> Result<Option<f64>, Failure> {
    const NAME: &str = "CALLBOARD_SIMULATED_WORDS_PER_SECOND";
    let Ok(text) = std::env::var(NAME) else { return Ok(None) };
    match text.trim().parse::<f64>() {
        Ok(pace) if pace.is_finite() && pace >= 0.0 => Ok(Some(pace)),
        Ok(_) | Err(_) => Err(Failure::wrong_use("invalid_setting", format!("{NAME} is {text:?}"))
            .hint("It is a number of words; 0 means at once.")),
    }
}

/// Who starts and stops runs here: the user of this machine.
fn who() -> String {
    let name = std::env::var("USER").or_else(|_| std::env::var("USERNAME"));
    name.ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "someone".to_owned())
}
