//! The two ways to use a program: once, from input to output, or as someone to talk with.

use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::{join, maybe_done, pending};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{ChildStdin, ChildStdout};
use tokio::time::timeout;

use super::failure::ProcessError;
use super::guard::{Ended, Guard};
use super::kept::{Head, StderrTail, Tail, read};
use super::program::Program;

/// How long to read on when everything that was started is gone. What lies in the pipes is read at
/// once; only a process that hid from us can hold them open, and its words are not waited for.
const DRAIN: Duration = Duration::from_secs(1);

/// A program that has ended, and what it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub ended: Ended,
    /// The beginning of its standard output.
    pub stdout: Vec<u8>,
    /// How many bytes of standard output more there were.
    pub stdout_dropped: u64,
    /// The end of its standard error.
    pub stderr_tail: Vec<u8>,
}

/// A program that goes on until its guard goes.
#[derive(Debug)]
pub struct Opened {
    /// What is written here it reads.
    pub stdin: ChildStdin,
    /// What it writes. How much of it is kept is the reader's to decide.
    pub stdout: ChildStdout,
    /// The end of what it writes to standard error.
    pub stderr: StderrTail,
    /// What keeps it: when this value is dropped, the program and all that it started are killed.
    pub guard: Guard,
}

/// Carries a program out: gives it its input, waits until it ends, and ends what it left behind.
/// Dropping the future ends it and everything that it started.
pub async fn run(program: &Program, input: Option<&[u8]>, limit: Duration) -> Result<Ran, ProcessError> {
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let (mut guard, pipes) = Guard::start(program, stdin)?;
    let (mut head, mut tail) = (Head::default(), Tail::default());
    let ended = {
        let hearing =
            join(read(pipes.stdout, |chunk| head.take(chunk)), read(pipes.stderr, |chunk| tail.take(chunk)));
        let mut hearing = pin!(maybe_done(hearing));
        let talking = join(feed(pipes.stdin, input), hearing.as_mut());
        let ended = timeout(limit, async {
            tokio::select! {
                ended = guard.wait() => ended,
                // A program may close all its pipes and work on.
                never = async { talking.await; pending().await } => never,
            }
        })
        .await;
        guard.end().await;
        let _all_read = timeout(DRAIN, hearing).await;
        ended
    };
    match ended {
        Ok(ended) => {
            Ok(Ran { ended, stdout: head.bytes, stdout_dropped: head.dropped, stderr_tail: tail.bytes })
        }
        Err(_elapsed) => {
            let program = program.name().to_owned();
            Err(ProcessError::TimedOut { program, limit, stderr_tail: tail.bytes })
        }
    }
}

/// Starts a program to talk with over its standard input and output.
pub fn open(program: &Program) -> Result<Opened, ProcessError> {
    let (guard, pipes) = Guard::start(program, Stdio::piped())?;
    let stdin = pipes.stdin.ok_or_else(|| program.failed(std::io::ErrorKind::BrokenPipe.into()))?;
    Ok(Opened { stdin, stdout: pipes.stdout, stderr: StderrTail::of(pipes.stderr), guard })
}

/// Writes all of the input and closes it. A program that does not want to read it to its end is free
/// to close its own; what it does then is seen from its status.
async fn feed(stdin: Option<ChildStdin>, input: Option<&[u8]>) {
    if let (Some(mut stdin), Some(input)) = (stdin, input) {
        let _closed_early = stdin.write_all(input).await;
    }
}
