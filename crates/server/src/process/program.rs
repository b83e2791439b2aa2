//! What is started: where a program lies, and all that it is told.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::failure::ProcessError;

/// The variable that tells a program, and all that it starts, which call they belong to.
pub const MARK: &str = "CALLBOARD_CALL";

/// Where a program finds others, besides the folder that it lies in itself. The server's own PATH is
/// not passed on, so that a tool behaves the same under every account that a server runs under.
const PATH: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

/// A program to start. It is told nothing of the server's environment.
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    /// The program and its arguments. A name without a slash is looked up in the server's own PATH;
    /// a path that is not absolute begins in the folder that the server was started in.
    pub command: Vec<String>,
    /// Its environment, besides PATH, which may be named here too, and the mark.
    pub env: Vec<(String, String)>,
    /// Which call it belongs to: `<store>/<run>/<call>`.
    pub mark: String,
    /// The folder that it begins in, where that is not the server's.
    pub dir: Option<PathBuf>,
}

/// The values of the environment can be secrets, and are left out.
impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let env: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("Program")
            .field("command", &self.command)
            .field("env", &env)
            .field("mark", &self.mark)
            .field("dir", &self.dir)
            .finish()
    }
}

impl Program {
    /// The program as it was named.
    pub(super) fn name(&self) -> &str {
        self.command.first().map_or("", String::as_str)
    }

    /// Everything that it is told, ready to be started.
    pub(super) fn prepared(&self) -> Result<Command, ProcessError> {
        let path = self.found()?;
        let mut command = Command::new(&path);
        command.args(self.command.iter().skip(1)).env_clear().env("PATH", default_path(&path));
        for (name, value) in &self.env {
            if name.is_empty() || name.contains('=') {
                let wrong = format!("`{name}` cannot be the name of a variable");
                return Err(self.failed(io::Error::new(io::ErrorKind::InvalidInput, wrong)));
            }
            command.env(name, value);
        }
        // After what the caller names, so that no program can be told to hide from us.
        command.env(MARK, &self.mark);
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        Ok(command)
    }

    pub(super) fn failed(&self, source: io::Error) -> ProcessError {
        ProcessError::FailedToStart { program: self.name().to_owned(), source }
    }

    /// Where the program lies, as an absolute path: what it is started from is then the same file
    /// whatever folder it begins in.
    fn found(&self) -> Result<PathBuf, ProcessError> {
        let name = self.name();
        let found = if name.contains('/') {
            std::path::absolute(name).ok().filter(|path| path.exists())
        } else {
            in_path(name, &std::env::var_os("PATH").unwrap_or_default())
        };
        found.ok_or_else(|| ProcessError::NotFound { program: name.to_owned() })
    }
}

/// The first file of that name that may be carried out.
fn in_path(name: &str, path: &OsStr) -> Option<PathBuf> {
    if name.is_empty() {
        return None;
    }
    std::env::split_paths(path).filter_map(|folder| std::path::absolute(folder.join(name)).ok()).find(
        |file| file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0),
    )
}

/// The folder of the program first: what belongs to it, an interpreter of its own for example, lies
/// beside it. A folder whose name holds a colon cannot stand in PATH and is left out.
fn default_path(program: &Path) -> OsString {
    let standard = PATH.map(Path::new);
    let own = program.parent().filter(|folder| !standard.contains(folder));
    std::env::join_paths(own.into_iter().chain(standard))
        .or_else(|_| std::env::join_paths(standard))
        .unwrap_or_default()
}
