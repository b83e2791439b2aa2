//! What a call says: its body, its headers and its query, as the templates of a webhook see them.

use std::collections::BTreeMap;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, PROXY_AUTHORIZATION};
use axum::http::{HeaderMap, HeaderName};
use callboard_engine::template::Call;
use serde_json::{Map, Value};

use crate::http::Refusal;

/// Headers that may hold a secret, or are one of a signature. Nothing of them reaches a run, so that none
/// comes into its record.
const SECRET: [&str; 9] = [
    "x-hub-signature",
    "x-hub-signature-256",
    "webhook-signature",
    "svix-signature",
    "x-webhook-secret",
    "x-webhook-token",
    "x-gitlab-token",
    "x-api-key",
    "x-slack-signature",
];

/// Headers that the log of calls shows: what was sent, and by whom.
const SHOWN: [&str; 10] = [
    "content-type",
    "user-agent",
    "x-github-event",
    "x-github-delivery",
    "webhook-id",
    "webhook-timestamp",
    "x-gitlab-event",
    "x-event-key",
    "x-request-id",
    "idempotency-key",
];

/// Characters of a header that the log shows.
const SHOWN_CHARS_MAX: usize = 200;

/// The field of a form in which GitHub, Slack and others send JSON.
const PAYLOAD: &str = "payload";

/// What a call says.
pub(super) struct Said {
    pub(super) body: Value,
    headers: Value,
    query: Value,
}

impl Said {
    /// Reads a call. `own` is the header in which this webhook expects its secret, where it names one.
    pub(super) fn read(
        headers: &HeaderMap,
        query: Option<&str>,
        body: &[u8],
        own: Option<&str>,
    ) -> Result<Self, Refusal> {
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        Ok(Self {
            body: of_body(kind, body)?,
            headers: of_headers(headers, own),
            query: of_form(query.unwrap_or_default().as_bytes()),
        })
    }

    /// What the templates see.
    pub(super) fn call(&self) -> Call<'_> {
        Call { body: &self.body, headers: &self.headers, query: &self.query }
    }
}

/// A body: what reads as a JSON object or list is that, whatever it is said to be; what is said to be JSON
/// may be any JSON; a form is a map of its fields; all else is text.
fn of_body(kind: &str, bytes: &[u8]) -> Result<Value, Refusal> {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = kind == "application/json" || kind.ends_with("+json");
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) if is_json || value.is_object() || value.is_array() => return Ok(value),
        Err(error) if is_json => {
            let message = format!("The body is said to be JSON and cannot be read as that: {error}.");
            return Err(Refusal::bad_request("json_invalid", message)
                .hint("Send one JSON value in UTF-8, nested less than 128 deep, or another Content-Type."));
        }
        Ok(_) | Err(_) => {}
    }
    if kind == "application/x-www-form-urlencoded" {
        return Ok(with_payload(of_form(bytes)));
    }
    Ok(Value::String(String::from_utf8_lossy(bytes).into_owned()))
}

/// Fields by name. One that comes several times is a list.
fn of_form(bytes: &[u8]) -> Value {
    let mut fields = Map::new();
    for (name, value) in url::form_urlencoded::parse(bytes) {
        let value = Value::String(value.into_owned());
        match fields.get_mut(&*name) {
            None => drop(fields.insert(name.into_owned(), value)),
            Some(Value::Array(all)) => all.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(fields)
}

fn with_payload(mut form: Value) -> Value {
    if let Some(payload) = form.get_mut(PAYLOAD)
        && let Some(Ok(json)) = payload.as_str().map(serde_json::from_str::<Value>)
        && json.is_object()
    {
        *payload = json;
    }
    form
}

fn of_headers(headers: &HeaderMap, own: Option<&str>) -> Value {
    let is_secret = |name: &HeaderName| {
        [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE].contains(name)
            || SECRET.contains(&name.as_str())
            || own.is_some_and(|own| name.as_str().eq_ignore_ascii_case(own))
    };
    let mut seen = Map::new();
    for name in headers.keys().filter(|name| !is_secret(name)) {
        let values: Vec<_> =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        seen.insert(name.as_str().to_owned(), Value::String(values.join(", ")));
    }
    Value::Object(seen)
}

/// The headers that the log shows.
pub(super) fn shown(headers: &HeaderMap, own: Option<&str>) -> BTreeMap<String, String> {
    let shown = SHOWN.into_iter().filter(|name| own.is_none_or(|own| !own.eq_ignore_ascii_case(name)));
    let shown = shown.filter_map(|name| {
        let value = String::from_utf8_lossy(headers.get(name)?.as_bytes()).into_owned();
        Some((name.to_owned(), value.chars().take(SHOWN_CHARS_MAX).collect()))
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_becomes_json_forms_become_maps_and_the_rest_text() {
        let deep = [vec![b'['; 200], vec![b']'; 200]].concat();
        for (kind, body, value) in [
            ("application/json", &br#"{"a":1}"#[..], json!({ "a": 1 })),
            ("application/json; charset=utf-8", b"3", json!(3)),
            ("application/cloudevents+json", b"[1]", json!([1])),
            ("APPLICATION/JSON", b"\"x\"", json!("x")),
            ("", br#" {"a":1} "#, json!({ "a": 1 })),
            ("text/plain", br#"{"a":1}"#, json!({ "a": 1 })),
            ("text/plain", b"3", json!("3")),
            ("application/x-www-form-urlencoded", br#"{"a":1}"#, json!({ "a": 1 })),
            (
                "application/x-www-form-urlencoded",
                b"a=1&b=x+y&a=%C3%A9",
                json!({ "a": ["1", "é"], "b": "x y" }),
            ),
            (
                "application/x-www-form-urlencoded",
                b"payload=%7B%22ref%22%3A%22main%22%7D",
                json!({ "payload": { "ref": "main" } }),
            ),
            ("application/x-www-form-urlencoded", b"payload=3", json!({ "payload": "3" })),
            ("application/xml", b"<a/>", json!("<a/>")),
            ("application/octet-stream", b"a\xff\xfeb", json!("a\u{fffd}\u{fffd}b")),
            ("text/plain", &deep, json!(String::from_utf8(deep.clone()).unwrap())),
            ("", b"", json!(null)),
            ("application/json", b"", json!(null)),
        ] {
            assert_eq!(of_body(kind, body).unwrap(), value, "{kind} {:?}", String::from_utf8_lossy(body));
        }
        for body in [&b"{"[..], b"\xff", b"{\"a\":1}x", &deep] {
            let refused = of_body("application/json", body).unwrap_err();
            assert_eq!(refused.problem().code, "json_invalid");
        }
    }

    #[test]
    fn headers_that_may_be_secrets_are_not_seen() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "hush"),
            ("cookie", "hush"),
            ("x-hub-signature-256", "hush"),
            ("webhook-signature", "hush"),
            ("x-gitlab-token", "hush"),
            ("x-our-secret", "hush"),
            ("x-github-event", "push"),
            ("accept", "a"),
        ] {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        headers.append("accept", "b".parse().unwrap());
        let said = Said::read(&headers, Some("a=1&b"), b"", Some("X-Our-Secret")).unwrap();
        assert_eq!(said.headers, json!({ "x-github-event": "push", "accept": "a, b" }));
        assert_eq!(said.query, json!({ "a": "1", "b": "" }));
        let shown = shown(&headers, Some("x-our-secret"));
        assert_eq!(shown, BTreeMap::from([("x-github-event".to_owned(), "push".to_owned())]));
    }
}
