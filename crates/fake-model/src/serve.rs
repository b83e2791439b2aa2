//! The server: takes requests, finds what to do, and does it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::serve::ListenerExt;
use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::behaviour::{Behaviour, End, Status};
use crate::plain;
use crate::record::{Counts, Record, Recorded};
use crate::wire::Format;

/// The largest question: more than any model reads.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How long something is waited for before a test that waits for it is called broken.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// How a fake is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens; any free port if zero.
    pub port: u16,
    /// How many requests it remembers.
    pub keep: usize,
    /// The file that it writes every request to, as a line of JSON.
    pub log: Option<PathBuf>,
    /// What it does, before anything is pushed.
    pub script: Vec<Behaviour>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { port: 0, keep: usize::MAX, log: None, script: Vec::new() }
    }
}

/// A fake that is listening. It stops when it is dropped.
pub struct FakeModel {
    address: SocketAddr,
    desk: Arc<Desk>,
    stop: watch::Sender<bool>,
}

/// What all requests of one fake share.
struct Desk {
    record: Record,
    behaviours: Mutex<Vec<Behaviour>>,
    stopped: watch::Receiver<bool>,
}

impl FakeModel {
    /// Starts on a free port of the loopback address.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(Settings::default()).await
    }

    /// Starts with those settings.
    pub async fn start_with(settings: Settings) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let record = Record::new(settings.keep, settings.log.as_deref())?;
        let desk =
            Arc::new(Desk { record, behaviours: Mutex::new(settings.script), stopped: stopped.clone() });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port)).await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .fallback(handle)
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .with_state(Arc::clone(&desk));
        // Answers are small: waiting for more to send would only add to their time.
        let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
        let serving = axum::serve(listener, router).with_graceful_shutdown(until(stopped));
        tokio::spawn(serving.into_future());
        Ok(Self { address, desk, stop })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL to give a model of that format.
    pub fn base_url(&self, format: Format) -> String {
        format!("http://{}{}", self.address, format.base())
    }

    /// Adds something to do, behind what was added before.
    pub fn push(&self, behaviour: Behaviour) {
        self.desk.behaviours.lock().unwrap_or_else(PoisonError::into_inner).push(behaviour);
    }

    /// Adds something to do, before what was added so far.
    pub fn push_first(&self, behaviour: Behaviour) {
        self.desk.behaviours.lock().unwrap_or_else(PoisonError::into_inner).insert(0, behaviour);
    }

    /// The requests so far, oldest first.
    pub fn requests(&self) -> Vec<Recorded> {
        self.desk.record.requests()
    }

    /// How many requests there were so far, also where they are not remembered.
    pub fn count(&self) -> u64 {
        self.desk.record.counts().borrow().requests
    }

    /// Waits until there were that many requests.
    ///
    /// # Panics
    ///
    /// After half a minute: the test is broken.
    pub async fn wait_for_requests(&self, requests: u64) -> Vec<Recorded> {
        self.wait(&format!("{requests} requests"), |counts| counts.requests >= requests).await
    }

    /// Waits until that many clients have gone away before their answer was whole.
    ///
    /// # Panics
    ///
    /// After half a minute: the test is broken.
    pub async fn wait_for_disconnects(&self, gone: u64) -> Vec<Recorded> {
        self.wait(&format!("{gone} clients that go away"), |counts| counts.gone >= gone).await
    }

    /// Waits until that many requests are over. One with a long answer is not before its client has
    /// read it, or has gone.
    ///
    /// # Panics
    ///
    /// After half a minute: the test is broken.
    pub async fn wait_for_ends(&self, ended: u64) -> Vec<Recorded> {
        self.wait(&format!("{ended} requests that are over"), |counts| counts.ended >= ended).await
    }

    async fn wait(&self, what: &str, done: impl Fn(&Counts) -> bool) -> Vec<Recorded> {
        let mut counts = self.desk.record.counts();
        let waited = tokio::time::timeout(WAIT_MAX, counts.wait_for(done)).await;
        assert!(waited.is_ok(), "waited in vain for {what}");
        self.requests()
    }
}

impl Drop for FakeModel {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the fake is gone, which is the same.
    drop(stopped.wait_for(|stopped| *stopped).await);
}

/// A client that is being answered. Dropping this before the end means that the client went away.
struct Client {
    desk: Arc<Desk>,
    number: u64,
    answered: bool,
}

impl Drop for Client {
    fn drop(&mut self) {
        if !self.answered {
            self.desk.record.went(self.number);
        }
        self.desk.record.ended();
    }
}

async fn handle(State(desk): State<Arc<Desk>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let Some(format) = Format::at(uri.path()) else {
        return plain_response(StatusCode::NOT_FOUND, "text/plain", Bytes::from_static(b"no such path"));
    };
    let path = uri.path_and_query().map_or(uri.path(), |path| path.as_str());
    let number = desk.record.received(path, &headers, &body);
    let mut client = Client { desk, number, answered: false };
    match client.desk.behaviour(format, &body) {
        None => {
            client.answered = true;
            unprompted(format, &body)
        }
        Some(behaviour) => perform(client, format, &body, behaviour).await,
    }
}

impl Desk {
    /// What there is to do for a request, if anyone said.
    fn behaviour(&self, format: Format, body: &Bytes) -> Option<Behaviour> {
        let mut behaviours = self.behaviours.lock().unwrap_or_else(PoisonError::into_inner);
        if behaviours.is_empty() {
            return None;
        }
        let text = String::from_utf8_lossy(body);
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        let system = format.system(&json);
        let matches = |behaviour: &Behaviour| {
            behaviour.when.as_ref().is_none_or(|part| text.contains(part))
                && behaviour.agent.as_ref().is_none_or(|part| system.contains(part))
        };
        let place = behaviours.iter().position(matches)?;
        let behaviour = behaviours.get_mut(place)?;
        let chosen = behaviour.when.is_some() || behaviour.agent.is_some();
        let taken = behaviour.clone();
        match behaviour.times.or((!chosen).then_some(1)) {
            Some(times) if times <= 1 => drop(behaviours.remove(place)),
            Some(times) => behaviour.times = Some(times - 1),
            None => {}
        }
        Some(taken)
    }
}

/// The answer that nobody asked for in particular.
fn unprompted(format: Format, body: &Bytes) -> Response {
    if !streams(format, body)
        && let Some(whole) = format.whole(&plain::behaviour(format, body))
    {
        return plain_response(StatusCode::OK, "application/json", Bytes::from(whole));
    }
    plain_response(StatusCode::OK, format.content_type(), plain::answer(format, body))
}

/// Does what a behaviour says.
async fn perform(mut client: Client, format: Format, body: &Bytes, behaviour: Behaviour) -> Response {
    if behaviour.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(behaviour.delay_ms)).await;
    }
    if behaviour.end == End::Hang {
        until(client.desk.stopped.clone()).await;
    }
    if let Some(status) = behaviour.status {
        client.answered = true;
        return status_response(status);
    }
    if !streams(format, body)
        && let Some(whole) = format.whole(&behaviour)
    {
        client.answered = true;
        return plain_response(StatusCode::OK, "application/json", Bytes::from(whole));
    }
    let writes = writes(format, &behaviour);
    let last = match behaviour.end {
        End::Whole | End::Unmarked | End::Cut | End::Hang | End::Error { .. } => Last::Close,
        End::Break => Last::Break,
        End::Stall => Last::Stall,
    };
    let answer = Writing { client, writes: writes.into_iter(), pause_ms: behaviour.pause_ms, last };
    let mut response = Response::new(Body::from_stream(stream::unfold(answer, Writing::next)));
    set_content_type(&mut response, format.content_type());
    response
}

/// What is written, write by write.
fn writes(format: Format, behaviour: &Behaviour) -> Vec<Bytes> {
    let frames = format.frames(behaviour);
    let mut writes = frames.content;
    match &behaviour.end {
        End::Whole => writes.extend(frames.finish.into_iter().chain(frames.last)),
        End::Unmarked => writes.extend(frames.finish),
        End::Error { kind, message } => writes.push(format.error(kind, message)),
        End::Cut | End::Break | End::Hang | End::Stall => {}
    }
    match behaviour.write_bytes {
        None => writes.into_iter().map(Bytes::from).collect(),
        Some(size) => writes.concat().chunks(size.max(1)).map(Bytes::copy_from_slice).collect(),
    }
}

/// What comes after the last write.
enum Last {
    Close,
    Break,
    Stall,
}

/// An answer that is being written.
struct Writing {
    client: Client,
    writes: std::vec::IntoIter<Bytes>,
    pause_ms: u64,
    last: Last,
}

impl Writing {
    async fn next(mut self) -> Option<(io::Result<Bytes>, Self)> {
        if self.pause_ms > 0 {
            tokio::time::sleep(Duration::from_millis(self.pause_ms)).await;
        } else {
            // What was written before goes out by itself, and before the connection breaks.
            tokio::task::yield_now().await;
        }
        if let Some(write) = self.writes.next() {
            return Some((Ok(write), self));
        }
        match self.last {
            Last::Stall => until(self.client.desk.stopped.clone()).await,
            Last::Close | Last::Break => {}
        }
        self.client.answered = true;
        match self.last {
            Last::Break => Some((Err(io::Error::other("broken on purpose")), self)),
            Last::Close | Last::Stall => None,
        }
    }
}

/// Whether a stream is wanted. Only OpenAI's format is asked otherwise here.
fn streams(format: Format, body: &Bytes) -> bool {
    format != Format::Openai
        || std::str::from_utf8(body)
            .is_ok_and(|body| body.contains(r#""stream":true"#) || body.contains(r#""stream": true"#))
}

fn status_response(status: Status) -> Response {
    let code = StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = plain_response(code, "application/json", Bytes::from(status.body));
    for (name, value) in status.headers {
        if let (Ok(name), Ok(value)) = (axum::http::HeaderName::try_from(name), value.try_into()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn plain_response(status: StatusCode, content_type: &'static str, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    set_content_type(&mut response, content_type);
    response
}

fn set_content_type(response: &mut Response, content_type: &'static str) {
    response.headers_mut().insert(CONTENT_TYPE, axum::http::HeaderValue::from_static(content_type));
}
