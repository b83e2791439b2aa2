//! A server that says what it is told to.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// More connections than any test makes.
const CONNECTIONS: usize = 16;

/// One that is asked.
pub(crate) struct Site {
    listener: TcpListener,
    pub(crate) port: u16,
}

impl Site {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { listener, port }
    }

    /// Its address under a name.
    pub(crate) fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/", self.port)
    }

    /// The next connection, when its request is there, and the request.
    pub(crate) async fn asked(&self) -> (TcpStream, String) {
        let (mut connection, _): (_, SocketAddr) = self.listener.accept().await.unwrap();
        let request = request(&mut connection).await;
        (connection, request)
    }

    /// Gives every connection an answer, closes it, and hands on what it was asked.
    pub(crate) fn answering(self, answer: impl Into<Vec<u8>>) -> Answering {
        let answer = answer.into();
        let (sender, requests) = mpsc::channel(CONNECTIONS);
        let port = self.port;
        let task = tokio::spawn(async move {
            loop {
                let (mut connection, request) = self.asked().await;
                sender.send(request).await.unwrap();
                // Whoever has read enough may be gone.
                let _: std::io::Result<()> = connection.write_all(&answer).await;
            }
        });
        Answering { port, requests, task }
    }
}

/// A site at work. It ends with the test.
pub(crate) struct Answering {
    pub(crate) port: u16,
    requests: mpsc::Receiver<String>,
    task: JoinHandle<()>,
}

impl Answering {
    pub(crate) fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/", self.port)
    }

    /// What it was asked up to now.
    pub(crate) fn requests(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.requests.try_recv().ok()).collect()
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A request, with its body.
async fn request(connection: &mut TcpStream) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(connection.read_u8().await.unwrap());
    }
    let head = String::from_utf8(request.clone()).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    connection.read_exact(&mut body).await.unwrap();
    head + &String::from_utf8(body).unwrap()
}

/// Waits until the other side has closed a connection.
pub(crate) async fn closed(mut connection: TcpStream) {
    let mut rest = Vec::new();
    // One that is closed with something unread ends with an error, which is as good.
    let _: std::io::Result<usize> = connection.read_to_end(&mut rest).await;
}
