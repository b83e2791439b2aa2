//! `callboard serve`: the server, in the foreground.

use std::path::PathBuf;
use std::process::ExitCode;

use callboard_server::clock::Clock;
use callboard_server::db::{Address, DataDir, DatabaseLock, Db};
use callboard_server::provider::Providers;
use callboard_server::secret::{SealingKey, Secrets};
use callboard_server::serve::{self, Parts, Server};
use callboard_server::settings::{File, Found, Settings};

use super::run::way_out;
use crate::exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::talk::say;

/// The settings file of the folder where the server is started.
const FILE: &str = "callboard.toml";

/// Names another settings file.
const FILE_VARIABLE: &str = "CALLBOARD_CONFIG";

/// Where the key of the secrets is, as messages say it.
const KEY_VARIABLE: &str = "CALLBOARD_SECRET_KEY";

/// Starts the server, which stays until it is interrupted.
///
/// Each of these settings can also be set in the environment or in the settings file; the manual's page
/// on settings has all of them. Unfinished runs go on by themselves.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to listen, such as 127.0.0.1:8080; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The folder with the database and the key of the secrets.
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// The database, where it is not in the data folder: `sqlite:PATH` or `postgres://…`.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// The hosts that tools may ask although they are private: names or addresses, with commas between them.
    #[arg(long, value_name = "HOSTS")]
    allow_hosts: Option<String>,
    /// How much to say: error, warn, info, debug, or a filter by module.
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// The pace of simulated models that set none; 0 is at once.
    #[arg(long, value_name = "NUMBER")]
    simulated_words_per_second: Option<String>,
    /// The settings file. By default `callboard.toml` in this folder, where it is there.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Args {
    /// The settings. Whatever is wrong with them is told at once, all of it.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        let flags = [
            ("listen", &self.listen),
            ("data", &self.data),
            ("database_url", &self.database_url),
            ("allow_hosts", &self.allow_hosts),
            ("log", &self.log),
            ("simulated_words_per_second", &self.simulated_words_per_second),
        ];
        let flags = flags.into_iter().filter_map(|(key, value)| Some((key, value.clone()?)));
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        });
        let found = Found { flags: flags.collect(), variables: variables.collect(), file: self.file()? };
        Settings::read(&found).map_err(|mistakes| {
            for mistake in &mistakes {
                say(mistake);
            }
            let count = mistakes.len();
            let mistakes = if count == 1 { "mistake" } else { "mistakes" };
            Failure::wrong_use("invalid_setting", format!("the settings have {count} {mistakes}"))
        })
    }

    /// The settings file. One that is named has to be there.
    fn file(&self) -> Result<Option<File>, Failure> {
        let variable = std::env::var_os(FILE_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
        let named = self.config.clone().or(variable);
        let path = named.clone().unwrap_or_else(|| PathBuf::from(FILE));
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(File { path, text })),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let message = format!("{} cannot be read: {error}", path.display());
                Err(Failure::wrong_use("file_unreadable", message)
                    .hint("Check the path of the settings file."))
            }
        }
    }
}

pub(crate) fn run(settings: Settings) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed("internal", error))?;
    runtime.block_on(serve(settings))
}

async fn serve(settings: Settings) -> Result<ExitCode, Failure> {
    let mut interrupts = Interrupts::hear()?;
    let net = way_out(settings.allow_hosts)?;
    let listener = serve::bind(settings.listen).await?;
    let folder = DataDir::open(settings.data)?;
    let address = match &settings.database_url {
        Some(url) => url.parse()?,
        None => Address::sqlite(folder.database()),
    };
    // A data folder's own database is locked with the folder.
    let elsewhere = address.file().filter(|_| settings.database_url.is_some());
    let _lock = elsewhere.map(DatabaseLock::open).transpose()?;
    let db = Db::open(&address).await?;
    let secrets = match &settings.secret_key {
        Some(key) => Secrets::open(db.clone(), Some(SealingKey::of_text(&key.0, KEY_VARIABLE)?)).await?,
        None => Secrets::of_folder(db.clone(), folder.path()).await?,
    };
    let providers = Providers::new(settings.simulated_words_per_second);
    let parts = Parts { db, secrets, providers, net, clock: Clock::system() };
    let server = Server::start(listener, parts).await?;
    tell_of_runs(&server);
    say(format_args!("callboard listens on http://{}", server.address()));
    interrupts.next().await;
    say("Shutting down; unfinished runs go on at the next start. Interrupt again to leave at once.");
    tokio::select! {
        () = server.shut_down() => {}
        () = interrupts.next() => {}
    }
    Ok(exit::code(0))
}

/// What the server found unfinished: it goes on by itself, and a person may want to know.
fn tell_of_runs(server: &Server) {
    match server.recovered.runs.len() {
        0 => {}
        1 => say("1 unfinished run goes on."),
        many => say(format_args!("{many} unfinished runs go on.")),
    }
    for error in &server.recovered.left {
        say(format_args!("left as it is: {error} [{}]", error.code()));
    }
}
