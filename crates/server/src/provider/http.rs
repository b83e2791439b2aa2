//! One exchange with a provider: a question out, an answer in, event by event.
//!
//! Silence is measured from one sign of life to the next, not over the whole answer. Redirects are
//! not followed, since a key must not travel to where nobody sent it. What the events mean is their
//! reader's business.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use callboard_engine::call::{Failure, failure};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, USER_AGENT,
};
use hyper::{Method, Request, Response, Uri};
use hyper_util::client::legacy::ResponseFuture;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use tokio::time::timeout;

use super::client::Client;
use super::draft::{ANSWER_BYTES_MAX, Draft};
use super::lines::{Events, Lines};
use super::refusal::{self, Said};
use super::{Call, Secret};

/// Who we are.
const NAME: &str = concat!("callboard/", env!("CARGO_PKG_VERSION"));

/// How long the end of a stream is waited for after its finish mark: only tokens counted may be
/// missing, and some servers leave the connection open.
const AFTER_FINISH: Duration = Duration::from_secs(2);

/// How long the connection's own end is waited for after the stream's: it mostly lies in the same
/// packet, and reading it makes the connection fit for the next call.
const AFTER_END: Duration = Duration::from_millis(50);

/// Room for the headers that are sent: most formats have five, and the client adds two.
const HEADERS: usize = 8;

/// What is read of the body of an error.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// The client that all calls share, made when first needed: reading the machine's certificates takes
/// time that a server without real models never has to spend.
#[derive(Clone, Debug, Default)]
pub(super) struct Http {
    client: Arc<OnceLock<Result<Client, Failure>>>,
}

impl Http {
    /// The client, or why there can be none.
    pub(super) fn client(&self) -> Result<&Client, Failure> {
        self.client.get_or_init(connectable).as_ref().map_err(Clone::clone)
    }
}

fn connectable() -> Result<Client, Failure> {
    Client::new().map_err(|error| {
        let message = format!("No connection can be made from here: {error}.");
        refusal::failed(failure::UNREACHABLE, false, message)
    })
}

/// A question in its format, ready to be sent.
pub(super) struct Outgoing {
    request: Request<Full<Bytes>>,
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
    pub(super) fn new(url: &str, framing: Framing, body: &impl Serialize) -> Result<Self, Failure> {
        let body = serde_json::to_vec(body).map_err(|error| {
            refusal::failed(failure::REFUSED, false, format!("The question could not be written: {error}."))
        })?;
        let address = Address::read(url)?;
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = address.uri;
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(USER_AGENT, HeaderValue::from_static(NAME));
        if let Some(credentials) = address.credentials {
            headers.insert(AUTHORIZATION, credentials);
        }
        *request.headers_mut() = headers;
        Ok(Self { request, framing })
    }

    /// Adds a header.
    pub(super) fn header(&mut self, name: &'static str, value: &'static str) {
        self.request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }

    /// Adds the call's key, where it has one, behind what the format puts before it.
    pub(super) fn key(&mut self, name: &'static str, before: &str, call: Call<'_>) -> Result<(), Failure> {
        let Some(key) = call.key else { return Ok(()) };
        let mut value = HeaderValue::try_from(format!("{before}{}", key.expose())).map_err(|_| {
            let message = "The key has characters that a key cannot have.";
            refusal::failed(failure::UNAUTHORIZED, false, message)
        })?;
        value.set_sensitive(true);
        self.request.headers_mut().insert(HeaderName::from_static(name), value);
        Ok(())
    }

    /// How the events of its answer are set apart.
    pub(super) fn framing(&self) -> Framing {
        self.framing
    }

    /// What is sent.
    pub(super) fn into_request(self) -> Request<Full<Bytes>> {
        self.request
    }
}

/// Where a model is, and who may go there where the address says that too.
struct Address {
    uri: Uri,
    credentials: Option<HeaderValue>,
}

impl Address {
    /// Reads an address. A name and a password in it become a header, since they are none of the host's
    /// name.
    fn read(url: &str) -> Result<Self, Failure> {
        let useless = |why: &str| {
            let message = format!("The model's address cannot be used: {why}.");
            refusal::failed(failure::NOT_FOUND, false, message)
        };
        let uri: Uri =
            url.parse().map_err(|error: hyper::http::uri::InvalidUri| useless(&error.to_string()))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(useless("it begins with neither http:// nor https://"));
        }
        let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
        let Some((user, host)) = authority.rsplit_once('@') else {
            return Ok(Self { uri, credentials: None });
        };
        let mut parts = uri.into_parts();
        parts.authority = Some(host.parse().map_err(|_| useless("it has no host"))?);
        let uri = Uri::from_parts(parts).map_err(|_| useless("it has no host"))?;
        Ok(Self { uri, credentials: Some(basic(user)) })
    }
}

/// The header for the name and the password of an address.
fn basic(user: &str) -> HeaderValue {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let plain = [name, password].map(|part| percent_decode_str(part).collect::<Vec<u8>>()).join(&b':');
    let words = format!("Basic {}", BASE64_STANDARD.encode(plain));
    // Base64 has no characters that a header cannot have.
    let mut value = HeaderValue::try_from(words).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
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
pub(super) struct Exchange {
    pub(super) framing: Framing,
    /// The longest silence.
    pub(super) silence: Duration,
    pub(super) key: Option<Secret>,
}

impl Exchange {
    /// Waits for what was asked for, and reads the whole answer into the draft.
    pub(super) async fn carry_out(
        &self,
        sent: ResponseFuture,
        reader: &mut dyn Reader,
        draft: &mut Draft<'_>,
    ) -> Result<(), Failure> {
        let outcome = match timeout(self.silence, sent).await {
            Ok(Ok(mut response)) if response.status().is_success() => {
                self.read(&mut response, reader, draft).await
            }
            Ok(Ok(mut response)) => Err(self.refused(&mut response).await),
            Ok(Err(error)) => Err(unreachable(&error)),
            Err(_) => Err(self.timed_out()),
        };
        outcome.map_err(|failure| self.without_key(failure))
    }

    /// Reads a stream until it ends.
    async fn read(
        &self,
        response: &mut Response<Incoming>,
        reader: &mut dyn Reader,
        draft: &mut Draft<'_>,
    ) -> Result<(), Failure> {
        if self.framing == Framing::Events && is_json(response) {
            return self.read_whole(response, reader, draft).await;
        }
        let mut stream = Stream { lines: Lines::default(), events: Events::default(), framing: self.framing };
        let mut broken = None;
        loop {
            let patience = match reader.progress() {
                Progress::Going => self.silence,
                Progress::Finished => self.silence.min(AFTER_FINISH),
                Progress::Ended => AFTER_END,
            };
            match timeout(patience, chunk(response.body_mut())).await {
                Ok(Some(Ok(_))) if reader.progress() == Progress::Ended => break,
                Ok(Some(Ok(chunk))) => stream.take(&chunk, reader, draft)?,
                Ok(None) => break,
                Ok(Some(Err(error))) => {
                    broken = Some(cause(&error).to_string());
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
        response: &mut Response<Incoming>,
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
    async fn refused(&self, response: &mut Response<Incoming>) -> Failure {
        let status = response.status().as_u16();
        if response.status().is_redirection() {
            return redirected(response);
        }
        let headers = response.headers().clone();
        // Half of an explanation is better than none, so it does not matter how the body ended.
        let (body, _) = self.collect(response, ERROR_BYTES_MAX).await;
        Said::read(status, &headers, &body).into_failure()
    }

    /// The first bytes of a body, and whether it went wrong while they were read.
    async fn collect(
        &self,
        response: &mut Response<Incoming>,
        bytes_max: usize,
    ) -> (Vec<u8>, Result<(), Failure>) {
        let mut body = Vec::new();
        while body.len() < bytes_max {
            match timeout(self.silence, chunk(response.body_mut())).await {
                Ok(Some(Ok(chunk))) => {
                    let room = bytes_max - body.len();
                    body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                }
                Ok(None) => return (body, Ok(())),
                Ok(Some(Err(error))) => return (body, Err(stream_broken(Some(cause(&error).to_string())))),
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
        if let Some(key) = &self.key {
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

fn is_json(response: &Response<Incoming>) -> bool {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|content_type| content_type.trim_start().starts_with("application/json"))
}

/// The next bytes of a body; nothing at its end.
async fn chunk(body: &mut Incoming) -> Option<Result<Bytes, hyper::Error>> {
    loop {
        match body.frame().await?.map(hyper::body::Frame::into_data) {
            Ok(Ok(data)) => return Some(Ok(data)),
            // What follows a body is of no use here.
            Ok(Err(_trailers)) => {}
            Err(error) => return Some(Err(error)),
        }
    }
}

/// A connection that could not be made, or that broke before anything was answered.
fn unreachable(error: &(dyn std::error::Error + 'static)) -> Failure {
    let cause = cause(error);
    let timed_out =
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut);
    let in_time = if timed_out { " in time" } else { "" };
    let message = format!("The provider could not be reached{in_time}: {cause}.");
    refusal::failed(failure::UNREACHABLE, true, message)
}

fn stream_broken(cause: Option<String>) -> Failure {
    let cause = cause.map(|cause| format!(": {}", cause.trim_end_matches('.'))).unwrap_or_default();
    let message = format!("The answer ended before its finish mark{cause}.");
    refusal::failed(failure::STREAM_BROKEN, true, message)
}

fn redirected(response: &Response<Incoming>) -> Failure {
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

/// The innermost reason: what is around it says only that something went wrong.
fn cause<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a (dyn std::error::Error + 'static) {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause
}

#[test]
fn an_address_may_say_who_goes_there() {
    let check = |url: &str, uri: &str, credentials: Option<&str>| {
        let address = Address::read(url).unwrap();
        assert_eq!(address.uri.to_string(), uri);
        assert_eq!(address.credentials.as_ref().map(|words| words.to_str().unwrap()), credentials);
        assert!(address.credentials.is_none_or(|words| words.is_sensitive()));
    };
    check("https://model.example/v1/chat", "https://model.example/v1/chat", None);
    check("http://ana:p%40ss@here:81/v1?a=b", "http://here:81/v1?a=b", Some("Basic YW5hOnBAc3M="));
    check("http://ana@[::1]/v1", "http://[::1]/v1", Some("Basic YW5hOg=="));
    for useless in ["not an address", "model.example/v1", "ftp://model.example", "http://", "http://a:b@/v1"]
    {
        assert_eq!(Address::read(useless).err().unwrap().code, failure::NOT_FOUND, "{useless}");
    }
}
