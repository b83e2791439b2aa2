//! The data folder: what a server keeps besides its database's own, and the lock that keeps a
//! second process out. The lock is the operating system's, so it ends with its process however
//! that ends; nothing has to be cleared by hand after a crash.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// The database in a data folder.
const DATABASE: &str = "callboard.db";

/// The lock of a data folder.
const LOCK: &str = "callboard.lock";

/// A data folder that this process alone uses, for as long as this value lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// Held, never read: closing it is what gives the folder free.
    _lock: File,
}

/// An SQLite database outside of a data folder that this process alone uses, for as long as this
/// value lives.
#[derive(Debug)]
pub struct DatabaseLock {
    _lock: File,
}

/// Why a data folder or a database file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process uses it.
    #[error("the data folder {} is in use by {}", path.display(), holder(*pid))]
    Locked {
        /// The folder.
        path: PathBuf,
        /// That process, where it could be read.
        pid: Option<u32>,
    },
    /// Another process uses the database.
    #[error("the database {} is in use by {}", path.display(), holder(*pid))]
    DatabaseLocked {
        /// The database's file.
        path: PathBuf,
        /// That process, where it could be read.
        pid: Option<u32>,
    },
    /// It cannot be made or written.
    #[error("the data folder {} cannot be used: {source}", path.display())]
    Failed {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl DataDirError {
    /// The stable code that scripts can rely on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "data_dir_locked",
            Self::DatabaseLocked { .. } => "database_locked",
            Self::Failed { .. } => "data_dir_failed",
        }
    }

    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "Stop that process first, or choose another folder with --data.",
            Self::DatabaseLocked { .. } => "Stop that process first, or choose another database.",
            Self::Failed { .. } => "Check that the folder's place exists and that you may write there.",
        }
    }
}

impl DatabaseLock {
    /// Locks the database in that file, which need not be there yet. A data folder's own database is
    /// locked as its folder is, so that both ways to name it keep each other out.
    pub fn open(database: &Path) -> Result<Self, DataDirError> {
        match beside(database).and_then(|path| lock_file(&path)) {
            Ok(Ok(lock)) => Ok(Self { _lock: lock }),
            Ok(Err(pid)) => Err(DataDirError::DatabaseLocked { path: database.to_owned(), pid }),
            Err(source) => {
                let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
                Err(DataDirError::Failed { path: folder.unwrap_or(Path::new(".")).to_owned(), source })
            }
        }
    }
}

/// Where the lock of a database lies. The file of a database is never locked itself: closing it would
/// take away the locks that SQLite holds on it.
fn beside(database: &Path) -> io::Result<PathBuf> {
    let real = match database.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => database.to_owned(),
        real => real?,
    };
    let name = real.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    let mut lock = name.to_owned();
    lock.push(".lock");
    Ok(real.with_file_name(if name == DATABASE { LOCK.as_ref() } else { lock.as_os_str() }))
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

impl DataDir {
    /// Makes the folder if it is not there, readable by its owner only, and locks it.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, DataDirError> {
        let path = path.into();
        match lock(&path) {
            Ok(Ok(lock)) => Ok(Self { path, _lock: lock }),
            Ok(Err(pid)) => Err(DataDirError::Locked { path, pid }),
            Err(source) => Err(DataDirError::Failed { path, source }),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where its SQLite database is.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }
}

/// The locked file, or the process that has it.
fn lock(folder: &Path) -> io::Result<Result<File, Option<u32>>> {
    create(folder)?;
    lock_file(&folder.join(LOCK))
}

fn lock_file(path: &Path) -> io::Result<Result<File, Option<u32>>> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Err(pid_in(&mut file))),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())?;
    Ok(Ok(file))
}

/// The folder holds what agents wrote and the names of secrets: nobody else on the machine needs
/// it. A folder that is there already keeps the rights that its owner gave it.
fn create(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn pid_in(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
