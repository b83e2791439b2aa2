//! The guard of a program: what ends it, with all that it started, whatever happens to the server.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStdin, Command};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::failure::ProcessError;
use super::program::{MARK, Program};
use super::strays::end_strays;

/// What the guard does: it waits until nobody can write to its input any more, and kills its group,
/// itself included. Nothing is ever written. Signals that a program sends to its whole group must not
/// take the guard away. All of it is built into every shell, so that nothing else is started.
const SCRIPT: &str = "trap '' HUP INT QUIT TERM PIPE; read -r _; kill -KILL 0";

/// How long a program that was told to end by the end of its input may take for it. It is what the
/// servers that are used as tools need to write something down; who closes one waits that long.
const GRACE: Duration = Duration::from_secs(2);

/// How long to wait until what was killed is gone. It takes milliseconds, unless the program hangs
/// in a call of the operating system that cannot be cut off; nothing more can be done then.
const GONE_WITHIN: Duration = Duration::from_secs(2);

/// A program that runs, with everything that it started. All of it is killed when this value goes.
#[derive(Debug)]
pub struct Guard {
    program: Child,
    /// The leader of the group. It is never waited for before the group was killed, so that its
    /// number cannot belong to another group by then.
    shell: Child,
    group: Pid,
    mark: String,
    killed: bool,
    /// Whether nothing is left to look for.
    over: bool,
    /// Held, never written: the server's end is what the guard waits for.
    _lifeline: ChildStdin,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its status, where it ended by itself.
    pub status: Option<i32>,
    /// The signal that ended it, where one did.
    pub signal: Option<i32>,
}

/// The three pipes to a program.
pub(super) struct Pipes {
    pub(super) stdin: Option<ChildStdin>,
    pub(super) stdout: tokio::process::ChildStdout,
    pub(super) stderr: tokio::process::ChildStderr,
}

impl Guard {
    /// Starts a program under a guard of its own.
    ///
    /// Between the two starts there is nothing to end. A server that is killed while the program is
    /// being started leaves a program that finds no group to join, and so does not begin, or that is
    /// killed with it; for the instant in which a dead guard still has a number there is the mark.
    pub(super) fn start(program: &Program, stdin: Stdio) -> Result<(Self, Pipes), ProcessError> {
        let mut command = program.prepared()?;
        let failed = |error| program.failed(error);
        let (shell, lifeline, group) = start_shell(&program.mark).map_err(failed)?;
        command.process_group(group.as_raw_nonzero().get()).kill_on_drop(true);
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let mark = program.mark.clone();
        let guard =
            Self { program: child, shell, group, mark, killed: false, over: false, _lifeline: lifeline };
        let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
            return Err(failed(io::ErrorKind::BrokenPipe.into()));
        };
        Ok((guard, Pipes { stdin, stdout, stderr }))
    }

    /// The number of the program's process, as long as it has one.
    pub fn id(&self) -> Option<u32> {
        self.program.id()
    }

    /// Waits until the program itself ends. It may have left others behind.
    pub async fn wait(&mut self) -> Ended {
        let status = self.program.wait().await;
        // Nobody else waits for our children, so there is always a status; without one all that can
        // be said is that the program is not there any more.
        let (status, signal) = status.map_or((None, None), |status| (status.code(), status.signal()));
        Ended { status, signal }
    }

    /// Gives the program a moment to end by itself, its input having been closed, and then ends
    /// everything. What it ended with, where it did so by itself.
    pub async fn finish(mut self) -> Option<Ended> {
        let ended = timeout(GRACE, self.wait()).await.ok();
        self.end().await;
        ended
    }

    /// Ends everything that was started, and waits until it is gone.
    pub async fn end(&mut self) {
        if self.over {
            return;
        }
        self.kill();
        // Whether they were gone in time changes nothing here: nothing else could be done about it.
        let _gone = timeout(GONE_WITHIN, async {
            let _ = tokio::join!(self.program.wait(), self.shell.wait());
        })
        .await;
        end_strays(&self.mark).await;
        self.over = true;
    }

    /// One signal is enough for the group: the kernel lets no process of it fork in between. The
    /// program itself is named too, for it may have left its group.
    fn kill(&mut self) {
        if !std::mem::replace(&mut self.killed, true) {
            let _none_left = kill_process_group(self.group, Signal::KILL);
            let _ended_already = self.program.start_kill();
        }
    }
}

/// The group is killed here and now; what has left it is looked for as soon as there is time.
impl Drop for Guard {
    fn drop(&mut self) {
        self.kill();
        if let (false, Ok(runtime)) = (self.over, Handle::try_current()) {
            let mark = std::mem::take(&mut self.mark);
            runtime.spawn(async move { end_strays(&mark).await });
        }
    }
}

/// Starts the shell that leads the group.
fn start_shell(mark: &str) -> io::Result<(Child, ChildStdin, Pid)> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", SCRIPT]).env_clear().env(MARK, mark).current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut shell = command.process_group(0).kill_on_drop(true).spawn()?;
    let lifeline = shell.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let group = shell.id().and_then(|id| Pid::from_raw(id.cast_signed())).ok_or(io::ErrorKind::NotFound)?;
    Ok((shell, lifeline, group))
}
