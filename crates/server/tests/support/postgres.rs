//! A real PostgreSQL server for tests, and an empty database for each. The command that runs all tests
//! starts one server and names its port in `SERVER`, because every test is a process of its own there
//! and a new server costs more than most of them; a test that was started by hand starts its own. It
//! listens on a free port of the loopback interface, keeps its files in a temporary folder, and is
//! stopped when the process that started it ends, however that ends.
//!
//! Only the standard library is used, so that any test binary of the workspace can take this file
//! in with `#[path]`. Writes are synced to the disk as in production: it is durability that is tested.

#![expect(clippy::print_stderr, reason = "a skipped test says why")]
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be set up fails the test")]

use std::ffi::OsString;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Ports that are tried: another process may take a free one before the server does.
const PORTS_MAX: u32 = 5;

/// Names the port of a server that was started for all tests of a run.
pub(crate) const SERVER: &str = "CALLBOARD_TEST_POSTGRESQL_SERVER";

/// The address of an empty database, on the server of the run or one of this process. Without PostgreSQL
/// on the machine it says so and gives nothing, except in continuous integration, where that is a failure.
pub(crate) fn database() -> Option<String> {
    match std::env::var(SERVER) {
        Ok(port) => Some(created(&programs().unwrap(), &port)),
        Err(_) => own().map(Postgres::database),
    }
}

/// The server that the tests of this process share.
fn own() -> Option<&'static Postgres> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    SERVER.get_or_init(Postgres::start).as_ref()
}

/// A running server.
pub(crate) struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    user: Option<(u32, u32)>,
    port: u16,
    options: &'static str,
    /// A process that waits for the end of its standard input, which comes when this value is
    /// dropped or this process ends, even by force; it then stops the server and clears its folder.
    guardian: Child,
}

impl Postgres {
    /// Starts a server, if there is one on this machine.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// The same, with more options on its command line.
    pub(crate) fn start_with(options: &'static str) -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "PostgreSQL is needed under CI");
            eprintln!(
                "skipped on PostgreSQL: initdb and pg_ctl are neither on PATH nor in /usr/lib/postgresql"
            );
            return None;
        };
        let folder = folder().unwrap();
        let user = unprivileged(&folder);
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid)).unwrap();
        }
        let guardian = guardian(&programs, &folder, user);
        let mut server = Self { programs, folder, user, port: 0, options, guardian };
        // What is made here is lost with the machine anyway; syncing it would only cost time.
        let once = ["--username=callboard", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
        run(&mut server.command("initdb", &[&["--pgdata", "data"], &once[..]].concat()));
        for attempt in 1.. {
            server.port = free_port();
            match server.control("start") {
                Ok(()) => break,
                Err(error) => assert!(attempt < PORTS_MAX, "PostgreSQL did not start: {error}"),
            }
        }
        Some(server)
    }

    /// The address of a new database.
    pub(crate) fn database(&self) -> String {
        created(&self.programs, &self.port().to_string())
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Has `pg_ctl` do that: `restart` stops the server the hard way, as if it had crashed.
    pub(crate) fn control(&self, action: &str) -> Result<(), String> {
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c deadlock_timeout=10ms \
             -p {} {}",
            self.port, self.options
        );
        let args = ["-D", "data", "-l", "log", "-m", "immediate", "-w", "-o", &options, action];
        let output = self.command("pg_ctl", &args).output().map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(format!("{}{log}", String::from_utf8_lossy(&output.stderr)))
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.args(args).current_dir(&self.folder).stdin(Stdio::null());
        as_user(&mut command, self.user);
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        self.guardian.wait().unwrap();
    }
}

/// The address of a database that is made on the server at that port. Other processes make theirs there.
fn created(programs: &Path, port: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let name = format!("test_{}_{process}_{count}", since.as_millis());
    let server = ["--host=127.0.0.1", "--username=callboard", "--port", port];
    run(Command::new(programs.join("createdb")).args(server).arg(&name));
    format!("postgres://callboard@127.0.0.1:{port}/{name}")
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let program = command.get_program().display();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Where the programs are: on PATH, or in the newest version that a package has put aside.
fn programs() -> Option<PathBuf> {
    let path: OsString = std::env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    versions.sort_by_key(|path| {
        let version = path.parent().and_then(Path::file_name);
        version.and_then(|name| name.to_str()?.parse::<u32>().ok())
    });
    std::env::split_paths(&path)
        .chain(versions.into_iter().rev())
        .find(|folder| ["initdb", "pg_ctl", "createdb"].iter().all(|name| folder.join(name).is_file()))
}

/// A new folder that only its owner can look into.
fn folder() -> io::Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("callboard-postgres-{}-{count}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    // Left by a process that had the same number and could not clear it.
    let _: io::Result<()> = fs::remove_dir_all(&folder);
    let mut builder = fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder)?;
    Ok(folder)
}

/// The server refuses to run as root, so there another user carries it.
fn unprivileged(folder: &Path) -> Option<(u32, u32)> {
    if fs::metadata(folder).unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut ids = line.split(':').skip(2).map(str::parse);
        Some((ids.next()?.ok()?, ids.next()?.ok()?))
    };
    Some(find("postgres").or_else(|| find("nobody")).unwrap_or_else(|| panic!("no user to carry PostgreSQL")))
}

fn as_user(command: &mut Command, user: Option<(u32, u32)>) {
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
}

/// It is in a process group of its own, so that an interrupt from the terminal, which ends the
/// tests, does not end it with them.
fn guardian(programs: &Path, folder: &Path, user: Option<(u32, u32)>) -> Child {
    let mut command = Command::new("sh");
    command
        .args(["-c", "read _; \"$0\" -D \"$1/data\" -m immediate stop; rm -rf \"$1\""])
        .arg(programs.join("pg_ctl"))
        .arg(folder)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    as_user(&mut command, user);
    command.spawn().unwrap()
}

/// A port that nobody listens on, below those from which the system takes the near end of outgoing
/// connections: one of those could be gone again while the server restarts.
fn free_port() -> u16 {
    let start = u16::try_from(std::process::id() % 10_000).unwrap();
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (20_000 + start..32_000).find(free).unwrap()
}
