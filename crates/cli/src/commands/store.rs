//! The store of `callboard run`: its own, kept only where one is named.

use std::path::{Path, PathBuf};

use callboard_server::db::{Address, DataDir, DatabaseLock, Db};
use callboard_server::secret::SealingKey;
use tempfile::TempDir;

use crate::failure::Failure;

/// Names the database where no flag does.
const DATABASE_URL: &str = "CALLBOARD_DATABASE_URL";

/// Holds the key of the secrets, where it is not in the data folder.
const SECRET_KEY: &str = "CALLBOARD_SECRET_KEY";

/// Where runs are kept.
#[derive(clap::Args)]
pub(crate) struct StoreArgs {
    /// Keeps the run in this folder, which is made where it is not there yet.
    #[arg(long, value_name = "DIR", conflicts_with = "database_url")]
    data: Option<PathBuf>,
    /// Keeps the run in this database: `sqlite:PATH` or `postgres://…`. Without this flag and --data,
    /// the environment variable CALLBOARD_DATABASE_URL names it, if it is set.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

/// An open store. What holds it is let go of with it.
pub(crate) struct Store {
    pub(crate) db: Db,
    /// What to give to `--data` or `--database-url` again; nothing for a store that is not kept.
    pub(crate) kept: Option<String>,
    /// What opens its secrets, where a server has kept some here.
    pub(crate) key: Option<SealingKey>,
    held: Held,
}

/// What keeps a store for this process alone.
enum Held {
    Folder {
        _folder: DataDir,
        _thrown_away: Option<TempDir>,
    },
    File {
        _lock: DatabaseLock,
    },
    /// A server lets several processes in.
    Shared,
}

impl Store {
    /// Whether no other process can have runs in it at work.
    pub(crate) fn is_ours_alone(&self) -> bool {
        match self.held {
            Held::Folder { .. } | Held::File { .. } => true,
            Held::Shared => false,
        }
    }
}

impl StoreArgs {
    /// Whether the store outlives the command.
    pub(crate) fn is_kept(&self) -> bool {
        self.data.is_some() || self.url().is_some()
    }

    /// The folder that is named and is not there: nothing in it could be gone on with.
    pub(crate) fn missing(&self) -> Option<&Path> {
        self.data.as_deref().filter(|path| !path.exists())
    }

    /// Opens the store.
    pub(crate) async fn open(&self) -> Result<Store, Failure> {
        match self.url() {
            Some(url) => database(&url).await,
            None => self.folder().await,
        }
    }

    /// The database that is named. A flag goes before the environment, whichever flag it is, and an
    /// empty variable is one that is not set.
    fn url(&self) -> Option<String> {
        let from_environment = || std::env::var(DATABASE_URL).ok().filter(|url| !url.is_empty());
        match (&self.data, &self.database_url) {
            (_, Some(url)) => Some(url.clone()),
            (Some(_), None) => None,
            (None, None) => from_environment(),
        }
    }

    async fn folder(&self) -> Result<Store, Failure> {
        let (path, thrown_away) = match &self.data {
            Some(path) => (path.clone(), None),
            None => {
                let dir = tempfile::Builder::new().prefix("callboard-").tempdir();
                let dir = dir.map_err(|error| {
                    Failure::failed("data_dir_failed", format!("no temporary folder can be made: {error}"))
                        .hint("Name a folder with --data.")
                })?;
                (dir.path().to_owned(), Some(dir))
            }
        };
        let folder = DataDir::open(path)?;
        let key = key(Some(folder.path()))?;
        let db = Db::open(&Address::sqlite(folder.database())).await?;
        let kept = self.data.as_ref().map(|path| format!("--data {}", quoted(&path.to_string_lossy())));
        Ok(Store { db, kept, key, held: Held::Folder { _folder: folder, _thrown_away: thrown_away } })
    }
}

async fn database(url: &str) -> Result<Store, Failure> {
    let address: Address = url.parse()?;
    let (held, kept) = match address.file() {
        Some(file) => (Held::File { _lock: DatabaseLock::open(file)? }, quoted(&address.to_string())),
        // The address may hold a password, which is not repeated.
        None => (Held::Shared, "URL".to_owned()),
    };
    let db = Db::open(&address).await?;
    Ok(Store { db, kept: Some(format!("--database-url {kept}")), key: key(None)?, held })
}

/// The key of the secrets: from the environment, else the one that a server left in the folder.
fn key(folder: Option<&Path>) -> Result<Option<SealingKey>, Failure> {
    match std::env::var(SECRET_KEY) {
        Ok(text) if !text.is_empty() => Ok(Some(SealingKey::of_text(&text, SECRET_KEY)?)),
        Ok(_) | Err(_) => Ok(folder.map(SealingKey::in_folder).transpose()?.flatten()),
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:~+@%,=".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
