//! A program that is told things: it notes what it hears and answers as it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::client::WAIT_MAX;

/// More requests than any test hears.
const REQUESTS: usize = 64;

/// What it answers where it was told nothing.
const WELL: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nthanks";

/// One that listens on loopback. It ends with the test.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    answers: Arc<Mutex<VecDeque<Vec<u8>>>>,
    heard: mpsc::Receiver<Heard>,
    task: JoinHandle<()>,
}

/// A request.
#[derive(Debug)]
pub(crate) struct Heard {
    /// The method and the path.
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Heard {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Receiver {
    pub(crate) async fn new() -> Self {
        Self::at(0).await
    }

    /// One that listens at that port.
    pub(crate) async fn at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, heard) = mpsc::channel(REQUESTS);
        let answers: Arc<Mutex<VecDeque<Vec<u8>>>> = Arc::default();
        let told = Arc::clone(&answers);
        let task = tokio::spawn(async move {
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                let Some(request) = request(&mut connection).await else { continue };
                let answer = told.lock().unwrap().pop_front().unwrap_or_else(|| WELL.to_vec());
                // Noted first: what is heard next must find that it was answered.
                sender.send(request).await.unwrap();
                let _: std::io::Result<()> = connection.write_all(&answer).await;
            }
        });
        Self { port, answers, heard, task }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Answers the next request that nothing is said of yet with this.
    pub(crate) fn answer(&self, answer: impl Into<Vec<u8>>) {
        self.answers.lock().unwrap().push_back(answer.into());
    }

    /// Answers it with that status, and a word.
    pub(crate) fn status(&self, status: u16) {
        self.answer(format!("HTTP/1.1 {status} X\r\ncontent-length: 4\r\n\r\nword"));
    }

    /// The next thing that it hears.
    pub(crate) async fn next(&mut self) -> Heard {
        let heard = tokio::time::timeout(WAIT_MAX, self.heard.recv()).await;
        heard.unwrap().unwrap()
    }

    /// Whether nothing is heard that was not asked for yet.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.heard.try_recv().is_err()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn request(connection: &mut TcpStream) -> Option<Heard> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await.ok()?;
    Some(Heard { line, headers, body })
}
