//! One exchange with a provider: a question out, an answer in, event by event.
//!
//! Silence is measured from one sign of life to the next, not over the whole answer. Redirects are
//! not followed, since a key must not travel to where nobody sent it. What the events mean is their
//! reader's business.

use std::sync::OnceLock;
use std::time::Duration;

use callboard_engine::call::{Failure, failure};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Client, Response, redirect};
use serde::Serialize;
use tokio::time::timeout;

use super::draft::{ANSWER_BYTES_MAX, Draft};
use super::lines::{Events, Lines};
use super::refusal::{self, Said};
use super::{Call, Secret};

/// How long a connection may take to come about: a host that is there answers in well under a second.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How long an unused connection is kept: longer than a turn's tools mostly take, shorter than the
/// minute or so after which load balancers drop it without a word.
const IDLE_MAX: Duration = Duration::from_secs(50);

/// After how long a quiet connection is probed, so that a call on a dead one does not wait for all
/// of its time.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// How long the end of a stream is waited for after its finish mark: only tokens counted may be
/// missing, and some servers leave the connection open.
const AFTER_FINISH: Duration = Duration::from_secs(2);

/// How long the connection's own end is waited for after the stream's: it mostly lies in the same
/// packet, and reading it makes the connection fit for the next call.
const AFTER_END: Duration = Duration::from_millis(50);

/// What is read of the body of an error.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// The client that all calls share, made when first needed: reading the machine's certificates takes
/// time that a server without real models never has to spend.
#[derive(Debug, Default)]
pub(super) struct Http {
    client: OnceLock<Result<Client, Failure>>,
}

impl Http {
    /// The client, or why there can be none.
    pub(super) fn client(&self) -> Result<&Client, Failure> {
        self.client.get_or_init(connectable).as_ref().map_err(Clone::clone)
    }
}

/// Makes the client. A machine without certificates can still speak to models without TLS.
fn connectable() -> Result<Client, Failure> {
    // An error means that one is installed already, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    let settings = || {
        Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_MAX)
            .pool_idle_timeout(IDLE_MAX)
            .tcp_keepalive(KEEP_ALIVE)
            .user_agent(concat!("callboard/", env!("CARGO_PKG_VERSION")))
    };
    settings()
        .build()
        .or_else(|_| {
            let none = rustls::RootCertStore::empty();
            let trusting_none =
                rustls::ClientConfig::builder().with_root_certificates(none).with_no_client_auth();
            settings().tls_backend_preconfigured(trusting_none).build()
        })
        .map_err(|error| {
            let message = format!("No connection can be made from here: {error}.");
            refusal::failed(failure::UNREACHABLE, false, message)
        })
}

/// A question in its format, ready to be sent.
pub(super) struct Outgoing {
    url: String,
    headers: HeaderMap,
    body: Vec<u8>,
    framing: Framing,
}

/// How the events of an answer are set apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// Server-sent events.
    Events,
    /// A line each.
    Lines,
}

impl Outgoing {
    /// A question without a key.
    pub(super) fn new(url: String, framing: Framing, body: &impl Serialize) -> Result<Self, Failure> {
        let body = serde_json::to_vec(body).map_err(|error| {
            refusal::failed(failure::REFUSED, false, format!("The question could not be written: {error}."))
        })?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(Self { url, headers, body, framing })
    }

    /// Adds a header.
    pub(super) fn header(&mut self, name: &'static str, value: &'static str) {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }

    /// Adds the call's key, where it has one, behind what the format puts before it.
    pub(super) fn key(&mut self, name: &'static str, before: &str, call: Call<'_>) -> Result<(), Failure> {
        let Some(key) = call.key else { return Ok(()) };
        let mut value = HeaderValue::try_from(format!("{before}{}", key.expose())).map_err(|_| {
            let message = "The key has characters that a key cannot have.";
            refusal::failed(failure::UNAUTHORIZED, false, message)
        })?;
        value.set_sensitive(true);
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(())
    }
}

/// Reads the events of one format into a draft.
pub(super) trait Reader: Send {
    /// Takes in the data of one event.
    fn take(&mut self, data: &[u8], draft: &mut Draft<'_>) -> Result<(), Failure>;

    /// How far the answer has come.
    fn progress(&self) -> Progress;

    /// The answer is whole: writes down what only makes sense then.
    fn finish(&mut self, draft: &mut Draft<'_>);
}

/// How far an answer has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Progress {
    /// It is under way.
    #[default]
    Going,
    /// Its finish mark is there; something about it may still come.
    Finished,
    /// Nothing more comes.
    Ended,
}

/// One exchange with a provider.
pub(super) struct Exchange<'a> {
    pub(super) client: &'a Client,
    /// The longest silence.
    pub(super) silence: Duration,
    pub(super) key: Option<&'a Secret>,
}

impl Exchange<'_> {
    /// Asks, and reads the whole answer into the draft.
    pub(super) async fn carry_out(
        &self,
        outgoing: Outgoing,
        reader: &mut dyn Reader,
        draft: &mut Draft<'_>,
    ) -> Result<(), Failure> {
        let framing = outgoing.framing;
        let outcome = match self.send(outgoing).await {
            Ok(response) if response.status().is_success() => {
                self.read(response, framing, reader, draft).await
            }
            Ok(response) => Err(self.refused(response).await),
            Err(failure) => Err(failure),
        };
        outcome.map_err(|failure| self.without_key(failure))
    }

    async fn send(&self, outgoing: Outgoing) -> Result<Response, Failure> {
        let request = self.client.post(outgoing.url).headers(outgoing.headers).body(outgoing.body);
        match timeout(self.silence, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(unreachable(error)),
            Err(_) => Err(self.timed_out()),
        }
    }

    /// Reads a stream until it ends.
    async fn read(
        &self,
        mut response: Response,
        framing: Framing,
        reader: &mut dyn Reader,
        draft: &mut Draft<'_>,
    ) -> Result<(), Failure> {
        if framing == Framing::Events && is_json(&response) {
            return self.read_whole(response, reader, draft).await;
        }
        let mut stream = Stream { lines: Lines::default(), events: Events::default(), framing };
        let mut broken = None;
        loop {
            let patience = match reader.progress() {
                Progress::Going => self.silence,
                Progress::Finished => self.silence.min(AFTER_FINISH),
                Progress::Ended => AFTER_END,
            };
            match timeout(patience, response.chunk()).await {
                Ok(Ok(Some(_))) if reader.progress() == Progress::Ended => break,
                Ok(Ok(Some(chunk))) => stream.take(&chunk, reader, draft)?,
                Ok(Ok(None)) => break,
                Ok(Err(error)) => {
                    broken = Some(cause(error));
                    break;
                }
                Err(_) if reader.progress() == Progress::Going => return Err(self.timed_out()),
                Err(_) => break,
            }
        }
        if reader.progress() == Progress::Going {
            // What is left may be the last event, or half of one: the finish mark decides.
            let left = stream.finish(reader, draft);
            if reader.progress() == Progress::Going {
                return Err(stream_broken(broken.or_else(|| left.err().map(|failure| failure.message))));
            }
        }
        reader.finish(draft);
        Ok(())
    }

    /// Reads an answer that came in one piece although a stream was asked for.
    async fn read_whole(
        &self,
        response: Response,
        reader: &mut dyn Reader,
        draft: &mut Draft<'_>,
    ) -> Result<(), Failure> {
        let (body, ended) = self.collect(response, ANSWER_BYTES_MAX).await;
        if body.len() >= ANSWER_BYTES_MAX {
            return Err(refusal::too_large());
        }
        ended?;
        reader.take(&body, draft)?;
        if reader.progress() == Progress::Going {
            return Err(stream_broken(None));
        }
        reader.finish(draft);
        Ok(())
    }

    /// What the provider says with an error's status.
    async fn refused(&self, response: Response) -> Failure {
        let status = response.status().as_u16();
        if response.status().is_redirection() {
            return redirected(&response);
        }
        let headers = response.headers().clone();
        // Half of an explanation is better than none, so it does not matter how the body ended.
        let (body, _) = self.collect(response, ERROR_BYTES_MAX).await;
        Said::read(status, &headers, &body).into_failure()
    }

    /// The first bytes of a body, and whether it went wrong while they were read.
    async fn collect(&self, mut response: Response, bytes_max: usize) -> (Vec<u8>, Result<(), Failure>) {
        let mut body = Vec::new();
        while body.len() < bytes_max {
            match timeout(self.silence, response.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    let room = bytes_max - body.len();
                    body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                }
                Ok(Ok(None)) => return (body, Ok(())),
                Ok(Err(error)) => return (body, Err(stream_broken(Some(cause(error))))),
                Err(_) => return (body, Err(self.timed_out())),
            }
        }
        (body, Ok(()))
    }

    fn timed_out(&self) -> Failure {
        let message = format!("The provider was silent for {} s.", self.silence.as_secs());
        refusal::failed(failure::TIMED_OUT, true, message)
    }

    fn without_key(&self, mut failure: Failure) -> Failure {
        if let Some(key) = self.key {
            failure.message = key.redact(failure.message);
            failure.provider_message = failure.provider_message.map(|words| key.redact(words));
        }
        failure
    }
}

/// The bytes of a stream on their way to its reader.
struct Stream {
    lines: Lines,
    events: Events,
    framing: Framing,
}

impl Stream {
    fn take(&mut self, chunk: &[u8], reader: &mut dyn Reader, draft: &mut Draft<'_>) -> Result<(), Failure> {
        let Self { lines, events, framing } = self;
        lines.take(chunk, &mut |line| on_line(line, *framing, events, (&mut *reader, &mut *draft)))
    }

    fn finish(&mut self, reader: &mut dyn Reader, draft: &mut Draft<'_>) -> Result<(), Failure> {
        let Self { lines, events, framing } = self;
        lines.finish(&mut |line| on_line(line, *framing, events, (&mut *reader, &mut *draft)))?;
        events.finish(&mut |data| on_data(data, reader, draft))
    }
}

fn on_line(
    line: &[u8],
    framing: Framing,
    events: &mut Events,
    (reader, draft): (&mut dyn Reader, &mut Draft<'_>),
) -> Result<(), Failure> {
    match framing {
        Framing::Events => events.take(line, &mut |data| on_data(data, reader, draft)),
        Framing::Lines => on_data(line, reader, draft),
    }
}

/// Empty events keep a connection awake, and nothing after the end counts.
fn on_data(data: &[u8], reader: &mut dyn Reader, draft: &mut Draft<'_>) -> Result<(), Failure> {
    if data.trim_ascii().is_empty() || reader.progress() == Progress::Ended {
        return Ok(());
    }
    reader.take(data, draft)
}

fn is_json(response: &Response) -> bool {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|content_type| content_type.trim_start().starts_with("application/json"))
}

/// A connection that could not be made, or that broke before anything was answered.
fn unreachable(error: reqwest::Error) -> Failure {
    if error.is_builder() {
        let message = format!("The model's address cannot be used: {}.", cause(error));
        return refusal::failed(failure::NOT_FOUND, false, message);
    }
    let timed_out = if error.is_timeout() { " in time" } else { "" };
    let message = format!("The provider could not be reached{timed_out}: {}.", cause(error));
    refusal::failed(failure::UNREACHABLE, true, message)
}

fn stream_broken(cause: Option<String>) -> Failure {
    let cause = cause.map(|cause| format!(": {}", cause.trim_end_matches('.'))).unwrap_or_default();
    let message = format!("The answer ended before its finish mark{cause}.");
    refusal::failed(failure::STREAM_BROKEN, true, message)
}

fn redirected(response: &Response) -> Failure {
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    // What follows the path may hold what is nobody's business.
    let location =
        location.and_then(|location| location.split(['?', '#']).next()).unwrap_or("another address");
    let message = format!(
        "The provider redirects to {}, and redirects are not followed. Set base_url to where the model really is.",
        refusal::plain(location)
    );
    Failure {
        status: Some(response.status().as_u16()),
        ..refusal::failed(failure::NOT_FOUND, false, message)
    }
}

/// The innermost reason: what is around it says only that something went wrong. The address is left
/// out, since it may hold a password.
fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
