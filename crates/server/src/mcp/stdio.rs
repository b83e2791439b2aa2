//! An MCP server that is a child process: its messages are lines of standard output, and what else it
//! says helps to tell why it failed.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rmcp::service::RoleClient;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::time::timeout;

use super::MESSAGE_BYTES_MAX;
use super::error::{McpError, last_sentence, sentence};
use crate::process::{self, Ended, Guard, Opened, Program, StderrTail};

/// How long a process whose output has ended is waited for, to say how it ended: it is about to.
const ENDS_WITHIN: Duration = Duration::from_millis(500);

/// How much is kept of a line that is no message.
const ODD_BYTES_MAX: usize = 400;

/// The two ends of its pipes.
pub(super) type Transport = AsyncRwTransport<RoleClient, Watched, ChildStdin>;

/// The process.
#[derive(Debug)]
pub(super) struct Child {
    /// Nothing once the session was ended, and while someone waits to see how it ended.
    guard: Mutex<Option<Guard>>,
    /// Whether the session was ended by us.
    over: AtomicBool,
    stderr: StderrTail,
    odd: Arc<Mutex<Odd>>,
}

/// How many were started. Each has a mark of its own under that of its program: what is left of one
/// that is gone must not be looked for among those of the next.
static STARTED: AtomicU64 = AtomicU64::new(0);

/// Starts it.
pub(super) fn open(program: &Program) -> Result<(Child, Transport), McpError> {
    let started = STARTED.fetch_add(1, Ordering::Relaxed);
    let program = Program { mark: format!("{}/{started}", program.mark), ..program.clone() };
    let Opened { stdin, stdout, stderr, guard } = process::open(&program).map_err(|error| {
        McpError::Unreachable(format!(
            "The MCP server could not be started: {}",
            sentence(&error.to_string())
        ))
    })?;
    let odd = Arc::default();
    let watched = Watched { stdout, line: Line::default(), odd: Arc::clone(&odd) };
    let transport = AsyncRwTransport::new_client(watched, stdin).with_max_line_length(MESSAGE_BYTES_MAX);
    let child = Child { guard: Mutex::new(Some(guard)), over: AtomicBool::new(false), stderr, odd };
    Ok((child, transport))
}

impl Child {
    /// Kills it, with everything that it started.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
        drop(self.guard.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// How it ended, as a sentence, where it did.
    pub(super) async fn how_it_ended(&self) -> String {
        // The lock is not held while this waits. Who ends the session meanwhile finds nothing to kill,
        // and it is not put back.
        let taken = self.guard.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut guard) = taken else { return String::new() };
        let ended = timeout(ENDS_WITHIN, guard.wait()).await;
        // What it wrote before it ended is read by another task, which gets its turn here.
        tokio::task::yield_now().await;
        let mut place = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some(guard).filter(|_| !self.over.load(Ordering::SeqCst));
        drop(place);
        match ended {
            Ok(Ended { status: Some(status), .. }) => format!(" It ended with status {status}."),
            Ok(Ended { signal: Some(signal), .. }) => format!(" It was ended by signal {signal}."),
            Ok(Ended { .. }) | Err(_) => String::new(),
        }
    }

    /// What it said that was no message, as sentences.
    pub(super) fn last_words(&self) -> String {
        let mut words = String::new();
        let stderr = self.stderr.bytes();
        if !stderr.trim_ascii().is_empty() {
            let said = last_sentence(&String::from_utf8_lossy(&stderr));
            words.push_str(" Its standard error ends with: ");
            words.push_str(&said);
        }
        match &*self.odd.lock().unwrap_or_else(PoisonError::into_inner) {
            Odd::Nothing => {}
            Odd::Line(line) => {
                words.push_str(" It wrote a line to standard output that is no message: ");
                words.push_str(&sentence(&String::from_utf8_lossy(line)));
            }
            Odd::TooLong => {
                words.push_str(&format!(" It wrote a message of more than {MESSAGE_BYTES_MAX} bytes."));
            }
        }
        words
    }
}

/// What came that rmcp passes over.
#[derive(Debug, Default)]
enum Odd {
    #[default]
    Nothing,
    /// The beginning of the last line that was no message. A log on standard output is the usual
    /// mistake of such servers.
    Line(Vec<u8>),
    /// A message was too long.
    TooLong,
}

/// Standard output, looked at as it goes by.
#[derive(Debug)]
pub(super) struct Watched {
    stdout: ChildStdout,
    line: Line,
    odd: Arc<Mutex<Odd>>,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stdout).poll_read(context, into))?;
        let this = &mut *self;
        if let Some(odd) = into.filled().get(before..).and_then(|read| this.line.take(read)) {
            *this.odd.lock().unwrap_or_else(PoisonError::into_inner) = odd;
        }
        Poll::Ready(Ok(()))
    }
}

/// The line that has begun.
#[derive(Debug, Default)]
struct Line {
    head: Vec<u8>,
    length: usize,
}

impl Line {
    /// The last odd line that ends within what was read.
    fn take(&mut self, read: &[u8]) -> Option<Odd> {
        let mut found = None;
        for part in read.split_inclusive(|byte| *byte == b'\n') {
            self.length += part.len();
            let room = ODD_BYTES_MAX - self.head.len();
            self.head.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
            if part.ends_with(b"\n") {
                found = self.finished().or(found);
            }
        }
        found
    }

    fn finished(&mut self) -> Option<Odd> {
        let length = std::mem::take(&mut self.length);
        let head = std::mem::take(&mut self.head);
        let begin = head.trim_ascii_start();
        if begin.is_empty() {
            return None;
        }
        if !begin.starts_with(b"{") {
            return Some(Odd::Line(head));
        }
        (length > MESSAGE_BYTES_MAX).then_some(Odd::TooLong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_lines_are_noticed_however_they_come() {
        let mut line = Line::default();
        assert!(line.take(b"{}\n\n  {\"a\":1}\nStar").is_none());
        let found = line.take(b"ted!\n{}\n");
        assert!(matches!(found, Some(Odd::Line(line)) if line == b"Started!\n"));
        assert!(line.take(b"{").is_none());
        assert!(line.take(&vec![b' '; MESSAGE_BYTES_MAX]).is_none());
        assert!(matches!(line.take(b"}\n"), Some(Odd::TooLong)));
        assert!(line.head.is_empty());
    }
}
