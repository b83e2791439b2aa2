//! What every test here needs: programs to start, and a look at which processes there are.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use callboard_server::process::{ProcessError, Program, Ran};
use rustix::process::{Pid, test_kill_process};

/// How long a test waits for what must come. Only a test that fails takes this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A store's name that no other test has.
pub(crate) fn store() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A program with a mark of its own.
pub(crate) fn program(command: &[&str]) -> Program {
    let command = command.iter().map(|&part| part.to_owned()).collect();
    Program { command, env: Vec::new(), mark: format!("{}/1/2", store()), dir: None }
}

/// A script of the shell, with its arguments.
pub(crate) fn shell(script: &str, arguments: &[&str]) -> Program {
    program(&[&["sh", "-c", script, "sh"], arguments].concat())
}

/// Carries it out with more time than it needs.
pub(crate) async fn run(program: &Program, input: Option<&[u8]>) -> Result<Ran, ProcessError> {
    callboard_server::process::run(program, input, PATIENCE).await
}

/// What it writes, as text.
pub(crate) async fn output(program: &Program) -> String {
    String::from_utf8(run(program, None).await.unwrap().stdout).unwrap()
}

/// Whether there is such a process. One that has ended and was not waited for by its parent is none.
pub(crate) fn lives(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let ended = stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['Z', 'X']));
    test_kill_process(Pid::from_raw(pid).unwrap()).is_ok() && !ended
}

/// Waits until it holds.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("it never came: {what}"));
}

/// Waits until there is no such process any more.
pub(crate) async fn until_gone(pids: &[i32]) {
    until("the end of the processes", || !pids.iter().any(|pid| lives(*pid))).await;
}

/// The numbers of processes in a text that has nothing else.
pub(crate) fn pids(text: impl AsRef<[u8]>) -> Vec<i32> {
    let text = String::from_utf8_lossy(text.as_ref());
    text.split_whitespace().map(|word| word.parse().unwrap()).collect()
}

/// Waits for the file in which a program says its numbers. It appears whole, for it is renamed.
pub(crate) async fn pids_in(file: &Path) -> Vec<i32> {
    until("the numbers of the processes", || file.exists()).await;
    pids(std::fs::read(file).unwrap())
}

/// Writes its own number and that of a child into the file that it is given, ignores what it is asked
/// for nicely, and stays.
pub(crate) const STAYS: &str =
    "trap '' TERM INT HUP; sleep 600 & echo $$ $! > $1.new; mv $1.new $1; while :; do wait; done";

/// Leaves its session, and with it the group that it was started in; otherwise as the one before.
pub(crate) const HIDES: &str = "
import os, sys, time
if os.fork() == 0:
    os.setsid()
    for fd in 0, 1, 2:
        os.close(fd)
    with open(sys.argv[1] + '.new', 'w') as file:
        file.write(str(os.getpid()))
    os.rename(sys.argv[1] + '.new', sys.argv[1])
    time.sleep(600)
while len(sys.argv) < 3 and not os.path.exists(sys.argv[1]):
    pass
if len(sys.argv) == 3:
    time.sleep(600)
";
