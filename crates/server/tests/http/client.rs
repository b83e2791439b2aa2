//! A client that sends anything, and holds every answer against the OpenAPI document.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::promise;

/// How long an answer may take before the test that waits for it is called broken.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(60);

/// Where the calls are.
pub(crate) const BASE: &str = "/api/v1";

/// Something to call.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
}

/// A call that is about to be made.
pub(crate) struct Call {
    client: Client,
    method: String,
    target: String,
    headers: HeaderMap,
    body: Bytes,
}

/// What was answered.
#[derive(Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Client {
    /// A call. A path that does not begin with `/` is one of the API.
    pub(crate) fn call(self, method: &str, path: &str) -> Call {
        let target = if path.starts_with('/') { path.to_owned() } else { format!("{BASE}/{path}") };
        let mut headers = HeaderMap::new();
        headers.insert(HOST, self.address.to_string().parse().unwrap());
        Call { client: self, method: method.to_owned(), target, headers, body: Bytes::new() }
    }

    pub(crate) async fn get(self, path: &str) -> Answer {
        self.call("GET", path).send().await
    }

    pub(crate) async fn post(self, path: &str, body: &Value) -> Answer {
        self.call("POST", path).json(body).send().await
    }

    pub(crate) async fn patch(self, path: &str, body: &Value) -> Answer {
        self.call("PATCH", path).json(body).send().await
    }

    pub(crate) async fn delete(self, path: &str) -> Answer {
        self.call("DELETE", path).send().await
    }

    pub(crate) async fn apply(self, file: &str) -> Answer {
        self.call("POST", "projects/apply").yaml(file).send().await
    }

    /// The bytes that come back for those bytes, until the server closes or says no more for a second
    /// after a whole answer. Nothing where it closed without a word.
    pub(crate) async fn raw(self, bytes: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A server that has heard enough may have closed its ear before all was sent.
        let _ = stream.write_all(bytes).await;
        let mut got = Vec::new();
        let read = async {
            let mut part = [0; 16 * 1024];
            loop {
                match stream.read(&mut part).await {
                    Ok(0) | Err(_) => return,
                    Ok(count) => got.extend_from_slice(&part[..count]),
                }
                if Answer::parse(&got).is_some() {
                    return;
                }
            }
        };
        assert!(tokio::time::timeout(WAIT_MAX, read).await.is_ok(), "no answer to {bytes:?}");
        Answer::parse(&got)
    }
}

impl Call {
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.headers.append(name, HeaderValue::from_bytes(value.as_ref()).unwrap());
        self
    }

    /// Under that key.
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub(crate) fn body(mut self, kind: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("content-type", kind)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub(crate) fn yaml(self, file: &str) -> Self {
        self.body("application/yaml", file.to_owned())
    }

    /// Sends it and gives the answer as it begins.
    pub(crate) async fn begin(self) -> Response<Incoming> {
        let stream = TcpStream::connect(self.client.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request =
            Request::builder().method(self.method.as_str()).uri(&self.target).body(Full::new(self.body));
        *request.as_mut().unwrap().headers_mut() = self.headers;
        sender.send_request(request.unwrap()).await.unwrap()
    }

    /// Sends it, and holds the answer against the document.
    pub(crate) async fn send(self) -> Answer {
        let (method, target) = (self.method.clone(), self.target.clone());
        let whole = async {
            let (head, body) = self.begin().await.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Answer { status: head.status.as_u16(), headers: head.headers, body }
        };
        let answer = tokio::time::timeout(WAIT_MAX, whole).await;
        let answer = answer.unwrap_or_else(|_| panic!("{method} {target} was not answered"));
        promise::hold(&method, &target, &answer);
        answer
    }
}

impl Answer {
    /// The body, as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The content type without its parameters.
    pub(crate) fn kind(&self) -> &str {
        self.header(CONTENT_TYPE.as_str()).split(';').next().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body of an answer that has to have that status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self}");
        if self.kind().ends_with("json") { self.json() } else { Value::Null }
    }

    /// The problem of an answer that has to have that status and code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        let problem = self.is(status);
        assert_eq!(problem["code"], code, "{problem}");
        problem
    }

    /// An answer in those bytes, once it is whole: by its length, its chunks or, where it says neither,
    /// by the end of its head.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            headers.append(name.parse::<HeaderName>().ok()?, value.trim().parse().ok()?);
        }
        let length = headers.get("content-length").map(|length| length.to_str().unwrap().parse().unwrap());
        let body = bytes.get(end + 4..end + 4 + length.unwrap_or(0))?;
        Some(Self { status, body: Bytes::copy_from_slice(body), headers })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        write!(f, "{} ({}): {}", self.status, self.kind(), body.chars().take(4_000).collect::<String>())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
