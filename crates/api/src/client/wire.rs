//! Calls on the wire: how they are sent, how long they are waited for, and how much is read of what
//! comes back. Nothing is sent twice and redirects are not followed, since a token must not travel to
//! where nobody sent it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Frame, Incoming};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::Error;
use crate::problem::Problem;

/// Who we are.
const NAME: &str = concat!("callboard/", env!("CARGO_PKG_VERSION"));

/// How long a connection may take to come about: a host that is there answers in well under a second.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How long a server may be silent before and within its answer. A slow disk or a database that is
/// being restarted takes seconds; nobody waits for minutes without knowing what for.
pub(super) const SILENCE_MAX: Duration = Duration::from_secs(60);

/// How long an unused connection is kept: shorter than the minute after which proxies drop it.
const IDLE_MAX: Duration = Duration::from_secs(50);

/// The largest answer that is read. A run of many long visits has some dozen megabytes; past this a
/// broken server would only fill memory.
pub(super) const ANSWER_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What is read of an answer that is an error: problems with all their mistakes are shorter.
const ERROR_BYTES_MAX: usize = 4 * 1024 * 1024;

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// The way to one server.
#[derive(Debug)]
pub(super) struct Wire {
    /// Its address, without a slash at the end.
    server: String,
    token: Option<HeaderValue>,
    http: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// What is asked.
pub(super) struct Call {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    patience: Duration,
}

impl Call {
    pub(super) fn new(method: Method, path: impl Into<String>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(NAME));
        headers.insert(ACCEPT, HeaderValue::from_static(JSON));
        Self { method, path: path.into(), headers, body: Bytes::new(), patience: SILENCE_MAX }
    }

    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// The form in which the answer is wanted.
    pub(super) fn accept(mut self, kind: &'static str) -> Self {
        self.headers.insert(ACCEPT, HeaderValue::from_static(kind));
        self
    }

    pub(super) fn body(mut self, kind: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        self.body = body.into();
        self
    }

    /// A body of JSON. What cannot be written, which none of our types is, is sent as nothing and
    /// refused by the server.
    pub(super) fn json(self, body: &impl serde::Serialize) -> Self {
        self.body(JSON, serde_json::to_vec(body).unwrap_or_default())
    }

    pub(super) fn header(
        mut self,
        name: &'static str,
        what: &'static str,
        value: &str,
    ) -> Result<Self, Error> {
        let value = HeaderValue::from_str(value).map_err(|_| Error::Header { what })?;
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    /// How much longer than usual the answer may take to begin.
    pub(super) fn patient(mut self, more: Duration) -> Self {
        self.patience += more;
        self
    }
}

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
}

impl Wire {
    pub(super) fn new(server: &str, token: Option<&str>) -> Result<Self, Error> {
        let server = address(server)?;
        let token = token.map(bearer).transpose()?;
        let mut tcp = HttpConnector::new();
        // What is https is made so by the layer above.
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_MAX));
        let tls = tls(server.starts_with("https:"));
        let tls =
            tls.map_err(|error| Error::Unreachable { server: server.clone(), why: error.to_string() })?;
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_MAX)
            .build(connector);
        Ok(Self { server, token, http })
    }

    pub(super) fn server(&self) -> &str {
        &self.server
    }

    /// Sends a call and reads what its answer holds.
    pub(super) async fn read<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        let answer = self.answer(call).await?;
        self.parse(&answer)
    }

    /// What an answer holds.
    pub(super) fn parse<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Error> {
        serde_json::from_slice(&answer.body).map_err(|error| {
            self.not_callboard(Some(answer.status), format!("an answer that cannot be read ({error})"))
        })
    }

    /// Sends a call and collects its answer.
    pub(super) async fn answer(&self, call: Call) -> Result<Answer, Error> {
        let mut response = self.open(call).await?;
        let status = response.status();
        let body = self.collect(&mut response, ANSWER_BYTES_MAX).await?;
        if body.len() > ANSWER_BYTES_MAX {
            let came = format!("an answer of more than {ANSWER_BYTES_MAX} bytes");
            return Err(self.not_callboard(Some(status), came));
        }
        Ok(Answer { status, body })
    }

    /// Sends a call, and gives its answer as soon as it is known to be a good one.
    pub(super) async fn open(&self, call: Call) -> Result<Response<Incoming>, Error> {
        let Call { method, path, headers, body, patience } = call;
        let uri: Uri = format!("{}/api/v1{path}", self.server)
            .parse()
            .map_err(|_| Error::Address { server: self.server.clone(), why: "it is too long" })?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        if let Some(token) = &self.token {
            request.headers_mut().insert(AUTHORIZATION, token.clone());
        }
        match timeout(patience, self.http.request(request)).await {
            Ok(Ok(response)) if response.status().is_success() => Ok(response),
            Ok(Ok(response)) => Err(self.refused(response).await),
            Ok(Err(error)) => Err(self.unreachable(cause(&error))),
            Err(_) => Err(self.silent(patience)),
        }
    }

    /// What a server says that did not do it.
    async fn refused(&self, mut response: Response<Incoming>) -> Error {
        let status = response.status();
        let kind = kind(&response);
        if kind == PROBLEM
            && let Ok(body) = self.collect(&mut response, ERROR_BYTES_MAX).await
            && let Ok(problem) = serde_json::from_slice::<Problem>(&body)
        {
            return Error::Problem(Box::new(problem));
        }
        let kind = if kind.is_empty() { String::new() } else { format!(" with {kind}") };
        self.not_callboard(Some(status), format!("{status}{kind}"))
    }

    /// The next bytes of an answer; nothing at its end.
    pub(super) async fn next(&self, response: &mut Response<Incoming>) -> Result<Option<Bytes>, Error> {
        match timeout(SILENCE_MAX, chunk(response.body_mut())).await {
            Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
            Ok(None) => Ok(None),
            Ok(Some(Err(error))) => Err(self.unreachable(format!("its answer broke off: {}", cause(&error)))),
            Err(_) => Err(self.silent(SILENCE_MAX)),
        }
    }

    /// A body, and no more of it than says that it is too large.
    async fn collect(&self, response: &mut Response<Incoming>, bytes_max: usize) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        while body.len() <= bytes_max
            && let Some(chunk) = self.next(response).await?
        {
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    pub(super) fn silent(&self, patience: Duration) -> Error {
        self.unreachable(format!("it was silent for {} s", patience.as_secs()))
    }

    pub(super) fn unreachable(&self, why: impl Into<String>) -> Error {
        Error::Unreachable { server: self.server.clone(), why: why.into() }
    }

    pub(super) fn not_callboard(&self, status: Option<StatusCode>, came: impl Into<String>) -> Error {
        let status = status.map(|status| status.as_u16());
        Error::NotCallboard { server: self.server.clone(), status, came: came.into() }
    }
}

/// Trusts whom the machine trusts. Where there is no TLS, the machine is not asked, which takes time.
fn tls(is_needed: bool) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    if is_needed {
        return Ok(builder.with_platform_verifier()?.with_no_client_auth());
    }
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

/// The address of a server, without a slash at its end.
fn address(server: &str) -> Result<String, Error> {
    let bad = |why| Error::Address { server: server.to_owned(), why };
    let given = server.trim().trim_end_matches('/');
    let uri: Uri = given.parse().map_err(|_| bad("it cannot be read as an address"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(bad("it does not begin with http:// or https://"));
    }
    let authority = uri.authority().ok_or_else(|| bad("it names no host"))?;
    if authority.as_str().contains('@') {
        return Err(bad("names and passwords do not belong in it"));
    }
    if given.contains(['?', '#']) {
        return Err(bad("nothing may follow its path"));
    }
    Ok(given.to_owned())
}

fn bearer(token: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim()))
        .map_err(|_| Error::Header { what: "token" })?;
    value.set_sensitive(true);
    Ok(value)
}

/// What a body is said to be, without its parameters.
pub(super) fn kind(response: &Response<Incoming>) -> String {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The next bytes of a body; nothing at its end.
pub(super) async fn chunk(body: &mut Incoming) -> Option<Result<Bytes, hyper::Error>> {
    loop {
        match body.frame().await?.map(Frame::into_data) {
            Ok(Ok(data)) => return Some(Ok(data)),
            // What follows a body is of no use here.
            Ok(Err(_trailers)) => {}
            Err(error) => return Some(Err(error)),
        }
    }
}

/// The innermost reason: what is around it says only that something went wrong.
pub(super) fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_with_and_without_a_slash_and_a_path() {
        for (given, taken) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            (" https://callboard.example/ ", "https://callboard.example"),
            ("http://[::1]:80/tools/callboard/", "http://[::1]:80/tools/callboard"),
        ] {
            assert_eq!(address(given).unwrap(), taken);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        for (given, why) in [
            ("127.0.0.1:8080", "begin with http"),
            ("ftp://here", "begin with http"),
            ("http://ana:secret@here", "names and passwords"),
            ("http://here/?a=b", "follow its path"),
            ("", "cannot be read"),
            ("http://", "begin with http"),
        ] {
            let error = address(given).unwrap_err().to_string();
            assert!(error.contains(why), "{given}: {error}");
        }
    }

    #[test]
    fn a_token_is_not_shown() {
        let wire = Wire::new("http://127.0.0.1:1", Some("tok-123")).unwrap();
        assert!(!format!("{wire:?}").contains("tok-123"));
        assert!(Wire::new("http://127.0.0.1:1", Some("a\nb")).is_err());
    }
}
