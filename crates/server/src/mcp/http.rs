//! MCP over HTTP: how a message is posted, how a stream of events is opened, how a session is ended.
//! What sessions and messages mean is rmcp's to know; what a request may reach is [`Net`]'s.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{BoxStream, unfold};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use rmcp::model::{ClientJsonRpcMessage, JsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::common::client_side_sse::ExponentialBackoff;
use rmcp::transport::streamable_http_client::{
    SseError, StreamableHttpClient, StreamableHttpClientTransport, StreamableHttpClientTransportConfig,
    StreamableHttpError, StreamableHttpPostResponse, StreamableHttpResponseLimits,
};
use sse_stream::{Sse, SseStream};

use super::MESSAGE_BYTES_MAX;
use super::error::{McpError, sentence};
use crate::net::{Allowed, Body, Net, NetError, Open, Opened, TIME_MAX, codes};

/// How many requests of one session may wait for their answers at once. A run makes far fewer calls
/// at a time; more than this wait for their turn.
const AT_ONCE_MAX: usize = 64;

/// How often a stream that broke off is asked for again, after one second and after two. That mends
/// what a network does for a moment; a server that is gone for longer has forgotten what it was doing,
/// and whoever waits for it should hear so soon.
const RESUMED_MAX: usize = 2;

/// How much of the answer of a server that refuses is read, to be shown.
const REFUSAL_BYTES_MAX: usize = 8 * 1024;

const EVENTS: &str = "text/event-stream";
const JSON: &str = "application/json";
const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");

/// A failure on its way through rmcp.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Failed(#[from] pub(super) McpError);

/// What rmcp makes of what went wrong.
pub(super) type Wrong = StreamableHttpError<Failed>;

/// The way to one server. Whoever named its address may have it asked, wherever it is; what it
/// redirects to is another matter.
pub(super) fn transport(
    net: &Net,
    url: &str,
    headers: &HeaderMap,
) -> Result<StreamableHttpClientTransport<Poster>, McpError> {
    let net = net.allowing(&Allowed::of_url(url).map_err(not_asked)?);
    let mut again = ExponentialBackoff::default();
    again.max_times = Some(RESUMED_MAX);
    let mut config = StreamableHttpClientTransportConfig::with_uri(url)
        .custom_headers(headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
        .max_concurrent_requests(AT_ONCE_MAX)
        .max_sse_event_size(MESSAGE_BYTES_MAX)
        .max_json_response_size(MESSAGE_BYTES_MAX)
        .max_error_response_size(REFUSAL_BYTES_MAX);
    config.retry_config = Arc::new(again);
    Ok(StreamableHttpClientTransport::with_client(Poster { net }, config))
}

/// What went wrong, in our words.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum is rmcp's, and its other cases are losses of the way"
)]
pub(super) fn told(wrong: &Wrong) -> McpError {
    match wrong {
        StreamableHttpError::Client(Failed(error)) => error.clone(),
        StreamableHttpError::SessionExpired => {
            McpError::Closed("The MCP server has forgotten the session, and the next one too.".to_owned())
        }
        StreamableHttpError::SessionRecoveryTimeout => McpError::TimedOut(
            "The MCP server has forgotten the session, and did not begin another in time.".to_owned(),
        ),
        StreamableHttpError::Deserialize(_)
        | StreamableHttpError::UnexpectedServerResponse(_)
        | StreamableHttpError::UnexpectedContentType(_)
        | StreamableHttpError::ResponseBodyTooLarge { .. }
        | StreamableHttpError::ReinitializationFailed(_)
        | StreamableHttpError::Sse(_) => {
            McpError::Protocol(format!("The answer is not MCP: {}", sentence(&wrong.to_string())))
        }
        _ => McpError::Closed(format!("The MCP server was lost: {}", sentence(&wrong.to_string()))),
    }
}

fn not_asked(error: NetError) -> McpError {
    match error.code {
        codes::ADDRESS_REFUSED => McpError::Refused(error.message),
        codes::TIMED_OUT => McpError::TimedOut(error.message),
        codes::BAD_ANSWER => McpError::Closed(error.message),
        _ => McpError::Unreachable(error.message),
    }
}

/// What rmcp posts with.
#[derive(Clone, Debug)]
pub(super) struct Poster {
    net: Net,
}

/// All that a request is addressed with.
struct To {
    url: Arc<str>,
    session: Option<Arc<str>>,
    bearer: Option<String>,
    headers: HashMap<HeaderName, HeaderValue>,
}

impl To {
    fn request(self, method: Method, accept: &'static str) -> Result<Open, Wrong> {
        let mut headers: HeaderMap = self.headers.into_iter().collect();
        let value = |text: &str| {
            HeaderValue::from_str(text).map_err(|_| {
                Failed(McpError::Protocol("The MCP server's session has an impossible name.".to_owned()))
            })
        };
        if let Some(bearer) = self.bearer {
            headers.insert(AUTHORIZATION, value(&format!("Bearer {bearer}"))?);
        }
        if let Some(session) = self.session {
            headers.insert(SESSION, value(&session)?);
        }
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        let url = self.url.to_string();
        // A call has a time of its own, which is shorter or else ends here too.
        Ok(Open { method, url, headers, body: Bytes::new(), begins_within: TIME_MAX })
    }
}

impl From<Failed> for Wrong {
    fn from(failed: Failed) -> Self {
        Self::Client(failed)
    }
}

impl Poster {
    async fn open(&self, request: Open) -> Result<Opened, Wrong> {
        Ok(self.net.open(request).await.map_err(|error| Failed(not_asked(error)))?)
    }

    async fn post(
        &self,
        to: To,
        message: ClientJsonRpcMessage,
        limits: StreamableHttpResponseLimits,
    ) -> Result<StreamableHttpPostResponse, Wrong> {
        let in_session = to.session.is_some();
        let mut request = to.request(Method::POST, "application/json, text/event-stream")?;
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        request.body = serde_json::to_vec(&message)?.into();
        let answer = self.open(request).await?;
        let status = answer.status;
        if status == StatusCode::NOT_FOUND && in_session {
            return Err(StreamableHttpError::SessionExpired);
        }
        if !status.is_success() {
            return refused(answer, &message, limits).await;
        }
        let waits = matches!(message, JsonRpcMessage::Request(_));
        if !waits || matches!(status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT) {
            return Ok(StreamableHttpPostResponse::Accepted);
        }
        let session = header(&answer, &SESSION);
        match media(&answer).as_deref() {
            Some(EVENTS) => {
                let events = events(answer.body, limits.max_sse_event_size);
                Ok(StreamableHttpPostResponse::Sse(events, session))
            }
            Some(JSON) => {
                let body = whole(answer.body, limits.max_json_response_size).await?;
                let message = serde_json::from_slice(&body).map_err(|_| {
                    let said = String::from_utf8_lossy(&body);
                    Failed(McpError::Protocol(format!("The answer is not MCP: {}", sentence(&said))))
                })?;
                Ok(StreamableHttpPostResponse::Json(message, session))
            }
            other => Err(StreamableHttpError::UnexpectedContentType(other.map(str::to_owned))),
        }
    }
}

impl StreamableHttpClient for Poster {
    type Error = Failed;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        bearer: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<StreamableHttpPostResponse, Wrong> {
        self.post(To { url: uri, session, bearer, headers }, message, StreamableHttpResponseLimits::default())
            .await
    }

    async fn post_message_with_response_limits(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        bearer: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
        limits: StreamableHttpResponseLimits,
    ) -> Result<StreamableHttpPostResponse, Wrong> {
        self.post(To { url: uri, session, bearer, headers }, message, limits).await
    }

    /// A server that does not hear that a session is over forgets it by itself, so how this goes is
    /// not told.
    async fn delete_session(
        &self,
        uri: Arc<str>,
        session: Arc<str>,
        bearer: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<(), Wrong> {
        let to = To { url: uri, session: Some(session), bearer, headers };
        let _unheard = self.open(to.request(Method::DELETE, JSON)?).await;
        Ok(())
    }

    async fn get_stream(
        &self,
        uri: Arc<str>,
        session: Option<Arc<str>>,
        last_event: Option<String>,
        bearer: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, Wrong> {
        let mut request = To { url: uri, session, bearer, headers }.request(Method::GET, EVENTS)?;
        // An id that cannot be a header's value cannot be asked for again; the stream begins anew.
        if let Some(Ok(last)) = last_event.map(|last| HeaderValue::from_str(&last)) {
            request.headers.insert(LAST_EVENT, last);
        }
        let answer = self.open(request).await?;
        if answer.status.is_server_error() {
            return Err(Failed(said_no(answer.status, "")).into());
        }
        // A stream of its own for what no call asked for is the server's to offer, or not.
        if !answer.status.is_success() || media(&answer).as_deref() != Some(EVENTS) {
            return Err(StreamableHttpError::ServerDoesNotSupportSse);
        }
        Ok(events(answer.body, MESSAGE_BYTES_MAX))
    }
}

/// What to make of an answer that says no. An error of MCP belongs to the request that it answers,
/// whatever id it names: a server that refuses before it reads the message does not know it.
async fn refused(
    answer: Opened,
    message: &ClientJsonRpcMessage,
    limits: StreamableHttpResponseLimits,
) -> Result<StreamableHttpPostResponse, Wrong> {
    let status = answer.status;
    let session = header(&answer, &SESSION);
    let is_json = media(&answer).as_deref() == Some(JSON);
    let body = head(answer.body, limits.max_error_response_size).await;
    let may_not = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    if let (true, false, JsonRpcMessage::Request(request)) = (is_json, may_not, message)
        && let Ok(ServerJsonRpcMessage::Error(error)) = serde_json::from_slice(&body)
    {
        let error = ServerJsonRpcMessage::error(error.error, Some(request.id.clone()));
        return Ok(StreamableHttpPostResponse::Json(error, session));
    }
    Err(Failed(said_no(status, &String::from_utf8_lossy(&body))).into())
}

fn said_no(status: StatusCode, said: &str) -> McpError {
    let said = if said.trim().is_empty() { String::new() } else { format!(" It said: {}", sentence(said)) };
    McpError::Unreachable(format!("The MCP server answered with HTTP {status}.{said}"))
}

fn header(answer: &Opened, name: &HeaderName) -> Option<String> {
    Some(answer.headers.get(name)?.to_str().ok()?.to_owned())
}

/// What the body is, without its parameters.
fn media(answer: &Opened) -> Option<String> {
    let named = header(answer, &CONTENT_TYPE)?;
    Some(named.split(';').next()?.trim().to_ascii_lowercase())
}

/// The whole body, which has to be one message.
async fn whole(mut body: Body, max: usize) -> Result<Vec<u8>, Wrong> {
    let mut read = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| Failed(not_asked(error)))?;
        if read.len() + chunk.len() > max {
            return Err(StreamableHttpError::ResponseBodyTooLarge { max_size: max });
        }
        read.extend_from_slice(&chunk);
    }
    Ok(read)
}

/// The beginning of a body that is only shown.
async fn head(mut body: Body, max: usize) -> Vec<u8> {
    let mut read = Vec::new();
    while let Some(Ok(chunk)) = body.next().await {
        read.extend(chunk.iter().take(max - read.len()));
        if read.len() == max {
            break;
        }
    }
    read
}

/// The events of a body, none of them longer than it may be.
fn events(body: Body, max: usize) -> BoxStream<'static, Result<Sse, SseError>> {
    let mut size = EventSize::default();
    let chunks = unfold(body, async |mut body| body.next().await.map(|chunk| (chunk, body)));
    let bounded = chunks.map(move |chunk| {
        let chunk = chunk.map_err(|error| Failed(not_asked(error)))?;
        if size.after(&chunk) > max {
            return Err(Failed(McpError::Protocol(format!("An event is longer than {max} bytes."))));
        }
        Ok(chunk)
    });
    SseStream::from_bytes_stream(bounded).boxed()
}

/// How long the event is that has begun: everything since the last empty line.
#[derive(Default)]
struct EventSize {
    event: usize,
    line: usize,
}

impl EventSize {
    /// The longest that an event has been within this chunk.
    fn after(&mut self, chunk: &[u8]) -> usize {
        let mut longest = 0;
        for byte in chunk {
            match byte {
                b'\n' if self.line == 0 => self.event = 0,
                b'\n' => self.line = 0,
                b'\r' => {}
                _ => self.line += 1,
            }
            self.event += 1;
            longest = longest.max(self.event);
        }
        longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_measured_from_one_empty_line_to_the_next() {
        let mut size = EventSize::default();
        assert_eq!(size.after(b"data: 1\n\nda"), 8);
        assert_eq!(size.after(b"ta: 23"), 9);
        assert_eq!(size.after(b"4\r\n\r\n"), 13);
        assert_eq!(size.after(b": x\n"), 5);
    }
}
