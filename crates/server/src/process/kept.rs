//! What is kept of a program's output: the beginning of standard output, the end of standard error.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::ChildStderr;

/// How much of standard output is kept. Twice what an agent is ever given, so that what is given can
/// be cut where its own limit says; what is more is read and thrown away. The program is not ended
/// for it: it may be in the middle of work that has an effect, and its time is limited anyway.
pub const STDOUT_KEPT: usize = 2 * 1024 * 1024;

/// How much of standard error is kept. The reason that a program ended stands in its last lines; a
/// deep stack of a large program fits.
pub const STDERR_KEPT: usize = 16 * 1024;

/// Read at a time: what a pipe holds on Linux.
const CHUNK: usize = 64 * 1024;

/// The beginning of what is read.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) bytes: Vec<u8>,
    /// How many more came and were not kept.
    pub(super) dropped: u64,
}

impl Head {
    pub(super) fn take(&mut self, chunk: &[u8]) {
        let room = STDOUT_KEPT.saturating_sub(self.bytes.len()).min(chunk.len());
        let (kept, dropped) = chunk.split_at(room);
        self.bytes.extend_from_slice(kept);
        self.dropped += dropped.len() as u64;
    }
}

/// The end of what is read.
#[derive(Debug, Default)]
pub(super) struct Tail {
    pub(super) bytes: Vec<u8>,
}

impl Tail {
    pub(super) fn take(&mut self, chunk: &[u8]) {
        self.bytes.extend_from_slice(chunk);
        let over = self.bytes.len().saturating_sub(STDERR_KEPT);
        self.bytes.drain(..over);
    }
}

/// Hands on what is read until nobody can write any more.
pub(super) async fn read(mut from: impl AsyncRead + Unpin, mut take: impl FnMut(&[u8])) {
    let mut chunk = vec![0; CHUNK];
    // A pipe from which reading fails has nothing more to say, as one that ended.
    while let Ok(length @ 1..) = from.read(&mut chunk).await {
        take(&chunk[..length]);
    }
}

/// The end of what a program that goes on has written to standard error, as far as it has come. It is
/// read whether someone asks or not, so that the program never waits for a reader.
#[derive(Clone, Debug)]
pub struct StderrTail(Arc<Mutex<Tail>>);

impl StderrTail {
    pub(super) fn of(stderr: ChildStderr) -> Self {
        let tail = Arc::new(Mutex::new(Tail::default()));
        let ours = Arc::clone(&tail);
        tokio::spawn(async move {
            read(stderr, |chunk| ours.lock().unwrap_or_else(PoisonError::into_inner).take(chunk)).await;
        });
        Self(tail)
    }

    /// What there is.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_kept_and_the_rest_is_counted() {
        let mut head = Head::default();
        head.take(&vec![b'a'; STDOUT_KEPT - 1]);
        head.take(b"bcd");
        head.take(b"efg");
        assert_eq!((head.bytes.len(), head.bytes.last(), head.dropped), (STDOUT_KEPT, Some(&b'b'), 5));
    }

    #[test]
    fn the_end_is_kept_and_the_rest_is_forgotten() {
        let mut tail = Tail::default();
        tail.take(b"first");
        assert_eq!(tail.bytes, b"first");
        tail.take(&vec![b'a'; STDERR_KEPT]);
        tail.take(b"last");
        assert_eq!(tail.bytes.len(), STDERR_KEPT);
        assert!(tail.bytes.starts_with(b"aaaa") && tail.bytes.ends_with(b"alast"));
    }
}
