//! `callboard run`: carries out one workflow of a project file here, without a server.

use std::path::PathBuf;
use std::process::ExitCode;

use callboard_engine::definition::{Definition, Limits};
use callboard_engine::event::{Source, SourceKind};
use callboard_engine::project::{self, Project, Severity};
use callboard_server::clock::Clock;
use callboard_server::net::{Allowed, Net};
use callboard_server::project::Allowances;
use callboard_server::provider::Providers;
use callboard_server::run::{self as runs, Means, NewRun, Runner, Started};
use callboard_server::secret::Secrets;
use callboard_server::workflow::Frozen;
use callboard_server::{project as projects, workflow as workflows};

use super::file;
use super::follow::{AtWork, who};
use super::input::InputArgs;
use super::store::{Store, StoreArgs};
use crate::exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::talk::say;

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
    /// The hosts that tools may ask although they are private: names or addresses, with commas between
    /// them. Without this flag the environment variable CALLBOARD_ALLOW_HOSTS names them, if it is set.
    #[arg(long, value_name = "HOSTS")]
    allow_hosts: Option<String>,
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
    let around = Around::find(&args)?;
    let mut interrupts = Interrupts::hear()?;
    let Some(store) = open(&args, &mut interrupts).await? else { return Ok(exit::code(exit::STOPPED)) };
    tell_of_unfinished(&store).await?;
    let now = Clock::system().now();
    let project_id = projects::ensure(&store.db, &definition.project, now).await?;
    let allowances = Allowances::new(store.db.clone());
    allowances.set(project_id, &project).await?;
    let runner = runner(&store, around, allowances).await?;
    let workflow_id = workflows::ensure(&store.db, project_id, &definition.name, now).await?;
    let frozen = Frozen::new(definition).map_err(|error| Failure::failed("internal", error))?;
    let new = NewRun {
        project_id,
        workflow_id,
        frozen,
        source: Source::manual(&who()),
        input,
        metadata: None,
        limits: Limits::default(),
        depth: 0,
        inherited: None,
        claims: Vec::new(),
    };
    let Started { id, .. } = runner.start(new).await?;
    AtWork { store: &store, runner: &runner, ids: vec![id], json: args.json }.follow(interrupts).await
}

/// Goes on with what another process left unfinished.
async fn resume(args: &Args) -> Result<ExitCode, Failure> {
    if !args.store.is_kept() {
        return Err(Failure::wrong_use("store_missing", "--resume needs a store to go on with")
            .hint("Name it with --data DIR or --database-url URL."));
    }
    if let Some(path) = args.store.missing() {
        let message = format!("there is no data folder {} to go on with", path.display());
        return Err(Failure::wrong_use("store_missing", message).hint("Check the path after --data."));
    }
    let around = Around::find(args)?;
    let mut interrupts = Interrupts::hear()?;
    let Some(store) = open(args, &mut interrupts).await? else { return Ok(exit::code(exit::STOPPED)) };
    let allowances = Allowances::new(store.db.clone());
    let runner = runner(&store, around, allowances).await?;
    let recovered = runner.recover().await?;
    if recovered.runs.is_empty() && recovered.left.is_empty() {
        say("No run of this store is unfinished.");
    }
    let ids = not_called(&runner, recovered.runs).await?;
    let ended = AtWork { store: &store, runner: &runner, ids, json: args.json }.follow(interrupts).await;
    if recovered.left.is_empty() {
        return ended;
    }
    for error in recovered.left {
        Failure::from(error).tell();
    }
    // What went well does not make up for what cannot go on; a failure of its own is told as ever.
    ended.map(|_| exit::code(exit::ERROR))
}

/// Those that none of the others called: what those give goes to the one that called them.
async fn not_called(runner: &Runner, all: Vec<i64>) -> Result<Vec<i64>, Failure> {
    let mut ids = Vec::new();
    for id in &all {
        let run = runner.load(*id).await?;
        let source = run.source();
        let is_called =
            source.kind == SourceKind::Workflow && source.run_id.is_some_and(|by| all.contains(&by));
        if !is_called {
            ids.push(*id);
        }
    }
    Ok(ids)
}

/// What the world around says of how runs are carried out.
struct Around {
    pace: Option<f64>,
    net: Net,
}

impl Around {
    fn find(args: &Args) -> Result<Self, Failure> {
        Ok(Self { pace: pace()?, net: net(args.allow_hosts.as_deref())? })
    }
}

/// The runner of a store, with the secrets that are kept in it.
async fn runner(store: &Store, around: Around, allowances: Allowances) -> Result<Runner, Failure> {
    let secrets = Secrets::open(store.db.clone(), store.key.clone()).await?;
    let Around { pace, net } = around;
    let providers = Providers::new(pace);
    let (db, clock) = (store.db.clone(), Clock::system());
    Ok(Runner::new(Means { db, providers, secrets, net, allowances, clock }))
}

/// Opens the store, unless an interrupt comes first: a database may take its time to be reached.
async fn open(args: &Args, interrupts: &mut Interrupts) -> Result<Option<Store>, Failure> {
    tokio::select! {
        store = args.store.open() => store.map(Some),
        () = interrupts.next() => {
            say("Interrupted before anything was begun.");
            Ok(None)
        }
    }
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

/// The frozen definition of the workflow that was asked for.
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
    project::compile(project, name).map_err(|unknown| {
        Failure::wrong_use("workflow_unknown", &unknown).hint(format!("It has: {}.", names.join(", ")))
    })
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

/// How tools reach the network. A flag goes before the environment.
fn net(flag: Option<&str>) -> Result<Net, Failure> {
    const NAME: &str = "CALLBOARD_ALLOW_HOSTS";
    let variable = || std::env::var(NAME).ok().map(|text| (NAME, text));
    let named = flag.map(|text| ("--allow-hosts", text.to_owned())).or_else(variable);
    let allowed = match named {
        Some((place, text)) => text.parse().map_err(|error| {
            Failure::wrong_use("invalid_setting", format!("{place}: {error}"))
                .hint("Put commas between several.")
        })?,
        None => Allowed::default(),
    };
    way_out(allowed)
}

/// The way to the network that leads to those private hosts.
pub(super) fn way_out(allowed: Allowed) -> Result<Net, Failure> {
    Net::new(allowed).map_err(|error| {
        Failure::failed("tls_unavailable", format!("the certificates of this system cannot be used: {error}"))
            .hint("Install the package of certificates of this system, mostly called ca-certificates.")
    })
}
