//! The store of `callboard run`: its own, kept only where one is named.

use std::path::PathBuf;

use callboard_server::db::{Address, DataDir, Db};
use tempfile::TempDir;

use crate::failure::Failure;

/// Where runs are kept.
#[derive(clap::Args)]
pub(crate) struct StoreArgs {
    /// Keeps the run in this folder, which is made where it is not there yet.
    #[arg(long, value_name = "DIR", conflicts_with = "database_url")]
    data: Option<PathBuf>,
    /// Keeps the run in this database: `sqlite:PATH` or `postgres://…`.
    #[arg(long, value_name = "URL", env = "CALLBOARD_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

/// An open store. What holds it is let go of with it.
pub(crate) struct Store {
    pub(crate) db: Db,
    /// What to give to `--data` or `--database-url` again; nothing for a store that is not kept.
    pub(crate) kept: Option<String>,
    _folder: Option<DataDir>,
    _thrown_away: Option<TempDir>,
}

impl StoreArgs {
    /// Whether the store outlives the command.
    pub(crate) fn is_kept(&self) -> bool {
        self.data.is_some() || self.database_url.is_some()
    }

    /// Opens the store.
    pub(crate) async fn open(&self) -> Result<Store, Failure> {
        if let Some(url) = &self.database_url {
            let address: Address = url.parse()?;
            let kept = Some("--database-url URL".to_owned());
            return Ok(Store { db: Db::open(&address).await?, kept, _folder: None, _thrown_away: None });
        }
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
        let db = Db::open(&Address::sqlite(folder.database())).await?;
        let kept = self.data.as_ref().map(|path| format!("--data {}", path.display()));
        Ok(Store { db, kept, _folder: Some(folder), _thrown_away: thrown_away })
    }
}
