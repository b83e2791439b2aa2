//! What is sent, and what is sent next where the answer is a redirect.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH,
    CONTENT_LOCATION, CONTENT_TYPE, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LOCATION, RANGE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
};
use hyper::{Method, Request, StatusCode};

use super::error::{NetError, codes};
use super::target::Target;

/// Who we are: some servers answer nobody who does not say it.
const NAME: &str = concat!("callboard/", env!("CARGO_PKG_VERSION"));

/// Headers that are about the connection and not about the request. They are set here alone, since one
/// from elsewhere could make the other side see the end of a request where it is not.
const OF_CONNECTION: [HeaderName; 8] =
    [CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// Those of them that have no name in the library, and are of old.
const OF_CONNECTION_TOO: [&str; 3] = ["keep-alive", "proxy-connection", "http2-settings"];

/// The headers that go along to another origin: they say what is asked for, and none of them who asks.
/// Any other may be a key, whatever it is called.
const OF_ANYONE: [HeaderName; 12] = [
    ACCEPT,
    ACCEPT_LANGUAGE,
    CACHE_CONTROL,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LOCATION,
    CONTENT_TYPE,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    RANGE,
    USER_AGENT,
    HeaderName::from_static("accept-charset"),
];

/// The headers that describe a body, and go with it.
const OF_BODY: [HeaderName; 4] = [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION];

/// One request of those that a fetch may take.
#[derive(Clone)]
pub(super) struct Hop {
    pub(super) target: Target,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
}

impl Hop {
    /// The first one.
    pub(super) fn first(
        method: Method,
        url: &str,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Self, NetError> {
        let target = Target::read(url)?;
        OF_CONNECTION.iter().for_each(|name| drop(headers.remove(name)));
        OF_CONNECTION_TOO.iter().for_each(|name| drop(headers.remove(*name)));
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(NAME));
        Ok(Self { target, method, headers, body })
    }

    /// The request that an answer asks for instead; nothing where it asks for none.
    pub(super) fn next(&self, status: StatusCode, answer: &HeaderMap) -> Result<Option<Self>, NetError> {
        let is_redirect = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
        let Some(location) = answer.get(LOCATION).filter(|_| is_redirect) else {
            return Ok(None);
        };
        let mut next = self.clone();
        next.target = self.target.joined(location.as_bytes())?;
        let becomes_get = match status.as_u16() {
            301 | 302 => self.method == Method::POST,
            303 => self.method != Method::HEAD,
            _ => false,
        };
        if becomes_get {
            next.method = Method::GET;
            next.body = Bytes::new();
            OF_BODY.iter().for_each(|name| drop(next.headers.remove(name)));
        }
        if !next.target.same_origin(&self.target) {
            let mut headers = HeaderMap::new();
            for (name, value) in next.headers.iter().filter(|(name, _)| OF_ANYONE.contains(name)) {
                headers.append(name, value.clone());
            }
            next.headers = headers;
        }
        Ok(Some(next))
    }

    /// The request as it goes onto a connection.
    pub(super) fn request(&self) -> Result<Request<Full<Bytes>>, NetError> {
        if self.method == Method::CONNECT {
            let message = "CONNECT is no request that is made here.";
            return Err(NetError::new(codes::INVALID_URL, message));
        }
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.path()?;
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert(HOST, self.target.host_header()?);
        request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        // A body that is empty has to be said where one is expected.
        if self.body.is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(&self.method) {
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(of: &[(&'static str, &str)]) -> HeaderMap {
        of.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn hop(method: &str, given: &[(&'static str, &str)]) -> Hop {
        let body = Bytes::from_static(b"words");
        Hop::first(method.parse().unwrap(), "https://a.example/b", headers(given), body).unwrap()
    }

    #[test]
    fn a_redirect_keeps_the_method_and_the_body_or_becomes_a_get() {
        for (method, status, then) in [
            ("POST", 301, "GET"),
            ("POST", 302, "GET"),
            ("POST", 303, "GET"),
            ("POST", 307, "POST"),
            ("POST", 308, "POST"),
            ("PUT", 301, "PUT"),
            ("PUT", 303, "GET"),
            ("DELETE", 302, "DELETE"),
            ("HEAD", 303, "HEAD"),
            ("GET", 302, "GET"),
        ] {
            let answer = headers(&[("location", "c")]);
            let before = hop(method, &[("content-type", "text/plain"), ("authorization", "hush")]);
            let next = before.next(StatusCode::from_u16(status).unwrap(), &answer).unwrap().unwrap();
            assert_eq!(next.method, then, "{method} {status}");
            let kept = then == method && method != "GET";
            assert!(!kept || (next.body == "words" && next.headers.contains_key(CONTENT_TYPE)), "{status}");
            let dropped = then != method;
            assert!(
                !dropped || (next.body.is_empty() && !next.headers.contains_key(CONTENT_TYPE)),
                "{status}"
            );
            assert_eq!(next.target.text(), "https://a.example/c");
            assert_eq!(next.headers["authorization"], "hush", "the origin is the same");
        }
        for (status, answer) in [(200, "c"), (300, "c"), (304, "c"), (305, "c"), (404, "c")] {
            let answer = headers(&[("location", answer)]);
            let next = hop("GET", &[]).next(StatusCode::from_u16(status).unwrap(), &answer).unwrap();
            assert!(next.is_none(), "{status}");
        }
        assert!(hop("GET", &[]).next(StatusCode::FOUND, &HeaderMap::new()).unwrap().is_none());
    }

    #[test]
    fn what_says_who_asks_does_not_go_to_another_origin() {
        let given = [
            ("accept", "text/html"),
            ("authorization", "hush"),
            ("cookie", "hush"),
            ("proxy-authorization", "hush"),
            ("x-api-key", "hush"),
            ("content-type", "text/plain"),
        ];
        for (location, kept) in [
            ("https://a.example:443/c", 7),
            ("https://b.example/c", 3),
            ("https://a.example:444/c", 3),
            ("http://a.example/c", 3),
            ("https://a.a.example/c", 3),
        ] {
            let answer = headers(&[("location", location)]);
            let next = hop("POST", &given).next(StatusCode::TEMPORARY_REDIRECT, &answer).unwrap().unwrap();
            assert_eq!(next.headers.len(), kept, "{location}: {:?}", next.headers);
            assert_eq!(next.headers.values().any(|value| value == "hush"), kept > 3, "{location}");
            assert_eq!(next.body, "words");
        }
    }

    #[test]
    fn headers_of_the_connection_are_not_taken_from_elsewhere() {
        let given = [
            ("host", "b.example"),
            ("content-length", "1"),
            ("transfer-encoding", "chunked"),
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("keep-alive", "1"),
            ("proxy-connection", "1"),
            ("expect", "100-continue"),
            ("te", "trailers"),
            ("trailer", "x"),
            ("x-mine", "1"),
        ];
        let request = hop("POST", &given).request().unwrap();
        let sent: Vec<String> = request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        let name = format!("user-agent: {NAME}");
        let expected = ["x-mine: 1", "accept: */*", name.as_str(), "host: a.example", "connection: close"]
            .map(str::to_owned);
        assert_eq!(sent, expected);
        assert_eq!(hop("CONNECT", &[]).request().unwrap_err().code, "invalid_url");
    }
}
