//! The tool `http_request`: an agent asks something on the web, or tells it something.
//!
//! Which addresses may be asked, and all that follows from that, is the business of [`crate::net`].
//! Here arguments are read, and an answer becomes a text that a model can read. No secret is added to
//! a request, and no answer is kept.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use hyper::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use super::failure::ToolFailure;
use crate::net::{Fetch, Fetched, Net};

/// What the tool may be asked to do.
const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// What an agent is shown of a body: more than a model reads, and what a long page has.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What an agent may send: a model does not write more, and what it hands on may be a document.
const SENT_BYTES_MAX: usize = 1024 * 1024;

/// How many headers an agent may send: no API asks for more than some ten.
const HEADERS_MAX: usize = 64;

/// How long their values may be together: most servers refuse heads of more than 8 kB, some of 16.
const HEADERS_BYTES_MAX: usize = 16 * 1024;

/// The time for a request, redirects included: a turn waits for it.
const TIME: Duration = Duration::from_secs(30);

/// The code of arguments that are not what the tool takes.
const INVALID_ARGUMENTS: &str = "invalid_arguments";

/// What an agent gives.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    #[serde(default)]
    method: Option<String>,
    url: String,
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    body: Option<Value>,
}

/// Sends a request, and tells of its answer.
pub(crate) async fn http_request(net: &Net, arguments: &Value) -> Result<String, ToolFailure> {
    let fetched = net.fetch(read(arguments)?).await;
    fetched.map(|fetched| tell(&fetched)).map_err(|error| ToolFailure::new(error.code, error.message))
}

fn read(arguments: &Value) -> Result<Fetch, ToolFailure> {
    let arguments: Arguments =
        serde_path_to_error::deserialize(arguments).map_err(|error| invalid(format!("{error}.")))?;
    let named = arguments.method.as_deref().unwrap_or("GET");
    let method = method_of(named).ok_or_else(|| {
        let known = METHODS.each_ref().map(Method::as_str).join(", ");
        invalid(format!("method: {named:?} is none that can be sent; choose one of {known}."))
    })?;
    let mut headers = headers(arguments.headers.unwrap_or_default())?;
    let body = match arguments.body {
        None | Some(Value::Null) => Bytes::new(),
        Some(Value::String(text)) => Bytes::from(text),
        Some(value) => {
            headers
                .entry(CONTENT_TYPE)
                .or_insert(hyper::header::HeaderValue::from_static("application/json"));
            Bytes::from(value.to_string())
        }
    };
    if body.len() > SENT_BYTES_MAX {
        return Err(invalid(format!("body: it is longer than {SENT_BYTES_MAX} bytes.")));
    }
    Ok(Fetch { method, url: arguments.url, headers, body, timeout: TIME, body_bytes_max: BODY_BYTES_MAX })
}

fn method_of(text: &str) -> Option<Method> {
    METHODS.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text.trim()))
}

fn headers(given: BTreeMap<String, String>) -> Result<HeaderMap, ToolFailure> {
    let bytes: usize = given.iter().map(|(name, value)| name.len() + value.len()).sum();
    if given.len() > HEADERS_MAX || bytes > HEADERS_BYTES_MAX {
        let message =
            format!("headers: there are more than {HEADERS_MAX}, or more than {HEADERS_BYTES_MAX} bytes.");
        return Err(invalid(message));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let header: hyper::header::HeaderName = name
            .trim()
            .parse()
            .map_err(|_| invalid(format!("headers: {name:?} cannot be a header's name.")))?;
        // A value may be a key, so it is not repeated.
        let value = value.trim().parse().map_err(|_| {
            invalid(format!("headers.{name}: the value has characters that a header cannot have."))
        })?;
        headers.append(header, value);
    }
    // What comes packed could not be shown.
    headers.remove(ACCEPT_ENCODING);
    Ok(headers)
}

fn invalid(message: String) -> ToolFailure {
    ToolFailure::new(INVALID_ARGUMENTS, message)
}

/// An answer as a model reads it.
fn tell(fetched: &Fetched) -> String {
    let mut headers: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in &fetched.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let values = headers.entry(name.as_str()).or_default();
        // A header that stands there several times is one with several values.
        let between = if values.is_empty() { "" } else { ", " };
        values.push_str(between);
        values.push_str(&value);
    }
    json!({ "status": fetched.status.as_u16(), "headers": headers, "body": body(fetched) }).to_string()
}

/// The body where it is text, else what it is.
fn body(fetched: &Fetched) -> String {
    let header = |name| fetched.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let declared = header(CONTENT_TYPE).unwrap_or_default();
    let packed = header(CONTENT_ENCODING).filter(|encoding| !encoding.eq_ignore_ascii_case("identity"));
    let whole = fetched.cut.then(|| header(CONTENT_LENGTH)).flatten();
    let bytes = match whole {
        Some(whole) => format!("{whole} bytes"),
        None if fetched.cut => format!("more than {} bytes", fetched.body.len()),
        None => format!("{} bytes", fetched.body.len()),
    };
    let text = without_half_character(&fetched.body, fetched.cut);
    if packed.is_none() && (is_text(declared) || looks_like_text(text)) {
        // A text with U+0000 in it could not be kept by every database.
        let text = String::from_utf8_lossy(text).replace('\0', "\u{fffd}");
        return if fetched.cut { format!("{text}\n[cut here: the body has {bytes}]") } else { text };
    }
    let packed = packed.map(|encoding| format!(", packed with {encoding}")).unwrap_or_default();
    let kind = if declared.is_empty() { Cow::from("of a kind that is not said") } else { declared.into() };
    format!("[not shown, as it is no text: {bytes}, {kind}{packed}]")
}

/// Whether a content type is one of texts.
fn is_text(declared: &str) -> bool {
    let kind = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let Some((family, name)) = kind.split_once('/') else {
        return false;
    };
    let names = ["json", "xml", "yaml", "javascript", "x-ndjson", "x-www-form-urlencoded", "graphql", "toml"];
    family == "text"
        || names.contains(&name)
        || ["+json", "+xml", "+yaml"].iter().any(|end| name.ends_with(end))
}

/// Whether bytes of which nobody says what they are can be read.
fn looks_like_text(bytes: &[u8]) -> bool {
    let readable = |c: char| !c.is_control() || c.is_whitespace() || c == '\u{1b}';
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(readable))
}

/// The bytes without a character of which the end was cut off.
fn without_half_character(bytes: &[u8], cut: bool) -> &[u8] {
    match std::str::from_utf8(bytes) {
        // Nothing wrong but the end: there is no length where what is there could never be a character.
        Err(error) if cut && error.error_len().is_none() => bytes.get(..error.valid_up_to()).unwrap_or(bytes),
        Ok(_) | Err(_) => bytes,
    }
}

#[cfg(test)]
mod tests {
    use hyper::StatusCode;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// What an agent reads of an answer: from its headers, its body and whether that was cut.
    fn shown(headers: &[(&'static str, &'static str)], bytes: &'static [u8], cut: bool) -> String {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let fetched = Fetched {
            status: StatusCode::OK,
            headers: headers.collect(),
            body: Bytes::from_static(bytes),
            cut,
            url: String::new(),
        };
        let told: Value = serde_json::from_str(&tell(&fetched)).unwrap();
        told["body"].as_str().unwrap().to_owned()
    }

    #[test]
    fn text_is_shown_and_what_is_none_is_described() {
        let kind = |kind| ("content-type", kind);
        for (headers, body, cut, text) in [
            (&[kind("text/html; charset=utf-8")][..], &b"<p>\xc3\xb6</p>"[..], false, "<p>ö</p>"),
            (&[kind("Application/JSON")], b"{}", false, "{}"),
            (&[kind("application/problem+json")], b"{}", false, "{}"),
            (&[kind("text/plain")], b"a\0b\xff", false, "a\u{fffd}b\u{fffd}"),
            (&[], b"", false, ""),
            (&[], b"a\tb\r\n\xc3\xb6", false, "a\tb\r\nö"),
            (&[kind("application/octet-stream")], b"a,b\n", false, "a,b\n"),
            (&[], b"a\0", false, "[not shown, as it is no text: 2 bytes, of a kind that is not said]"),
            (&[kind("image/png")], b"\x89PNG", false, "[not shown, as it is no text: 4 bytes, image/png]"),
            (
                &[kind("application/pdf"), ("content-length", "99")],
                b"%PDF\xff",
                true,
                "[not shown, as it is no text: 99 bytes, application/pdf]",
            ),
            (
                &[kind("text/plain"), ("content-encoding", "gzip")],
                b"\x1f\x8b",
                false,
                "[not shown, as it is no text: 2 bytes, text/plain, packed with gzip]",
            ),
            (&[kind("text/plain")], b"ab\xc3", true, "ab\n[cut here: the body has more than 3 bytes]"),
            (&[("content-length", "9")], b"ab\xc3", true, "ab\n[cut here: the body has 9 bytes]"),
        ] {
            assert_eq!(shown(headers, body, cut), text, "{headers:?}");
        }
    }

    #[test]
    fn arguments_become_a_request() {
        for (arguments, method, headers, body) in [
            (json!({}), "GET", "{}", ""),
            (json!({ "method": "delete", "headers": null, "body": null }), "DELETE", "{}", ""),
            (json!({ "method": "Post", "body": "words" }), "POST", "{}", "words"),
            (
                json!({ "method": "PUT", "body": { "b": [1, null], "a": "ö" } }),
                "PUT",
                r#"{"content-type": "application/json"}"#,
                r#"{"b":[1,null],"a":"ö"}"#,
            ),
            (
                json!({ "method": "PATCH", "body": 1, "headers": { "Content-Type": "application/x" } }),
                "PATCH",
                r#"{"content-type": "application/x"}"#,
                "1",
            ),
            (json!({ "headers": { "Accept-Encoding": "br", " X-A ": " b " } }), "GET", r#"{"x-a": "b"}"#, ""),
        ] {
            let mut arguments = arguments;
            arguments["url"] = json!("https://a.example/");
            let fetch = read(&arguments).unwrap();
            assert_eq!(fetch.method, method, "{arguments}");
            assert_eq!(format!("{:?}", fetch.headers), headers, "{arguments}");
            assert_eq!(fetch.body, body, "{arguments}");
        }
    }

    #[test]
    fn arguments_that_are_not_what_the_tool_takes_are_refused_with_the_place() {
        let many: BTreeMap<String, String> = (0..65).map(|n| (format!("a{n}"), String::new())).collect();
        for (arguments, message) in [
            (json!({}), "missing field `url`."),
            (json!({ "url": 1 }), "url: invalid type: integer `1`, expected a string."),
            (json!({ "url": "u", "headers": { "a": 1 } }), "headers.a: invalid type: integer `1`"),
            (json!({ "url": "u", "headers": ["a"] }), "headers: invalid type: sequence"),
            (json!({ "url": "u", "headers": { "a b": "" } }), "headers: \"a b\" cannot be a header's name."),
            (json!({ "url": "u", "headers": { "a": "hush\nhush" } }), "headers.a: the value has characters"),
            (json!({ "url": "u", "headers": many }), "headers: there are more than 64"),
            (json!({ "url": "u", "headers": { "a": "b".repeat(16384) } }), "headers: there are more than 64"),
            (
                json!({ "url": "u", "method": "CONNECT" }),
                "method: \"CONNECT\" is none that can be sent; choose",
            ),
            (
                json!({ "url": "u", "method": "TRACE" }),
                "choose one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS.",
            ),
            (json!({ "url": "u", "body": "a".repeat(SENT_BYTES_MAX + 1) }), "body: it is longer than"),
            (json!({ "url": "u", "timeout": 1 }), "timeout: unknown field `timeout`"),
            (json!("u"), "invalid type: string \"u\""),
        ] {
            let failure = read(&arguments).err().unwrap();
            assert_eq!(failure.code, "invalid_arguments");
            assert!(failure.message.contains(message), "{failure}");
            assert!(!failure.message.contains("hush"), "{failure}");
        }
    }

    #[tokio::test]
    async fn an_agent_asks_and_reads_the_answer_or_why_there_is_none() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let arguments = json!({ "method": "POST", "url": format!("http://{at}/a"), "body": { "b": 1 } });
        let failure = http_request(&Net::new("".parse().unwrap()).unwrap(), &arguments).await.unwrap_err();
        assert_eq!(failure.code, "address_refused");
        assert!(failure.message.contains("127.0.0.1, which is an address of this machine"), "{failure}");

        let net = Net::new(at.to_string().parse().unwrap()).unwrap();
        let answers = async {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n{\"b\":1}") {
                request.push(connection.read_u8().await.unwrap());
            }
            let answer =
                "HTTP/1.1 418 No\r\nset-cookie: a\r\nset-cookie: b\r\ncontent-length: 5\r\n\r\nhello";
            connection.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(request).unwrap()
        };
        let (told, request) = tokio::join!(http_request(&net, &arguments), answers);
        assert!(request.starts_with("POST /a HTTP/1.1\r\ncontent-type: application/json\r\n"), "{request}");
        let told: Value = serde_json::from_str(&told.unwrap()).unwrap();
        let headers = json!({ "content-length": "5", "set-cookie": "a, b" });
        assert_eq!(told, json!({ "status": 418, "headers": headers, "body": "hello" }));
    }
}
