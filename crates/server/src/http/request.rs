//! Requests, read strictly: what is not understood is refused with what was expected, never ignored.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use axum::RequestPartsExt;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use callboard_api::problem::Wrong;
use futures_util::StreamExt as _;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Refusal;

/// Bytes of a body: a project file is at most one megabyte, and as JSON within JSON it may grow to
/// twice that.
pub(crate) const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A client that is told no while it is still sending often hears only that the connection broke. One
/// that says it sends no more than this is heard out first; nobody sends much more by mistake.
const HEARD_OUT_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// For how long.
const HEARD_OUT_IN: Duration = Duration::from_secs(5);

/// The character U+0000 as JSON writes it.
const NUL: &[u8] = b"\\u0000";

/// A body as it came.
pub(crate) struct RawBody(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        read_body(&parts.headers, body, BODY_BYTES_MAX).await.map(Self)
    }
}

/// A body of so many bytes at most.
pub(crate) async fn read_body(
    headers: &HeaderMap,
    body: axum::body::Body,
    bytes_max: usize,
) -> Result<Bytes, Refusal> {
    if let Some(length) = declared(headers).filter(|length| *length > bytes_max as u64) {
        if length <= HEARD_OUT_BYTES_MAX {
            hear_out(body).await;
        }
        return Err(too_large(bytes_max));
    }
    match to_bytes(body, bytes_max).await {
        Ok(bytes) => Ok(bytes),
        Err(error) if is_too_large(&error) => Err(too_large(bytes_max)),
        Err(_) => Err(Refusal::bad_request("body_unreadable", "The body did not come whole.")),
    }
}

/// Reads a body that nobody wants to its end, so that its sender is there when it is told so.
async fn hear_out(body: axum::body::Body) {
    let mut pieces = body.into_data_stream();
    let to_the_end = async { while let Some(Ok(_)) = pieces.next().await {} };
    // One that is too slow is told without having been heard.
    let _ = tokio::time::timeout(HEARD_OUT_IN, to_the_end).await;
}

fn declared(headers: &HeaderMap) -> Option<u64> {
    headers.get("content-length")?.to_str().ok()?.parse().ok()
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn too_large(bytes_max: usize) -> Refusal {
    let message = format!("The body is larger than {bytes_max} bytes.");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message)
        .hint("Keep large things outside, and send where they are.")
}

/// A body of JSON, and the bytes that it came as. An empty body is an empty object.
pub(crate) struct Body<T> {
    pub(crate) value: T,
    pub(crate) bytes: Bytes,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let is_json = is_json(request.headers());
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self { value: read(b"{}")?, bytes });
        }
        if !is_json {
            let message = "The body is not said to be JSON.";
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content_type_unsupported",
                message,
            )
            .hint("Send the header \"Content-Type: application/json\"."));
        }
        without_nul(&bytes)?;
        Ok(Self { value: read(&bytes)?, bytes })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Reads JSON; a mistake says where it is.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Object(value) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        wrong_json(error.inner(), if path == "." { String::new() } else { path })
    })?;
    reader.end().map_err(|error| wrong_json(&error, String::new()))?;
    Ok(value)
}

/// A JSON object. Derived readers take a list of the fields' values as well, which no call means.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// Refuses texts with the character U+0000, which PostgreSQL keeps in no text. What is refused must
/// not depend on the database.
fn without_nul(bytes: &[u8]) -> Result<(), Refusal> {
    // In JSON it is always an escape, so most bodies are not read twice.
    if !bytes.windows(NUL.len()).any(|part| part == NUL) {
        return Ok(());
    }
    // What cannot be read at all is told by the one who reads it for its meaning.
    let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
    match nul_in(&value) {
        None => Ok(()),
        Some(path) => {
            let message = "A text cannot hold the character U+0000.";
            let wrong = Wrong { path, message: message.to_owned(), ..Wrong::default() };
            Err(Refusal::unprocessable("text_has_nul", message)
                .hint("Remove the escape \"\\u0000\".")
                .errors([wrong]))
        }
    }
}

/// Whether a text in a value, or the name of a field, has the character U+0000.
pub(crate) fn has_nul(value: &Value) -> bool {
    nul_in(value).is_some()
}

/// Where a text, or the name of a field, has the character U+0000.
fn nul_in(value: &Value) -> Option<String> {
    let below = |step: String, value: &Value| {
        let rest = nul_in(value)?;
        let dot = if rest.is_empty() || rest.starts_with('[') { "" } else { "." };
        Some(format!("{step}{dot}{rest}"))
    };
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => items.iter().enumerate().find_map(|(at, item)| below(format!("[{at}]"), item)),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| match name.contains('\0') {
            true => Some(name.replace('\0', "\\u0000")),
            false => below(name.clone(), value),
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn wrong_json(error: &serde_json::Error, path: String) -> Refusal {
    if error.is_data() {
        let wrong = Wrong { path, message: error.to_string(), ..Wrong::default() };
        let detail = format!("The body is not what this call takes: {error}.");
        return Refusal::unprocessable("body_invalid", detail).errors([wrong]);
    }
    Refusal::bad_request("json_invalid", format!("The body cannot be read as JSON: {error}."))
        .hint("Send one JSON value in UTF-8, nested less than 128 deep.")
}

/// The parameters behind the `?`. One that is not known is a mistake: a filter that is ignored in
/// silence would show what was not asked for.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let Query(value) = Query::<T>::try_from_uri(&parts.uri).map_err(|error| {
            let why = std::error::Error::source(&error)
                .map_or_else(|| error.to_string(), |cause| cause.to_string());
            Refusal::bad_request("parameter_invalid", format!("The parameters cannot be read: {why}."))
        })?;
        Ok(Self(value))
    }
}

/// The number in a path.
pub(crate) struct Id(pub(crate) i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let Path(text) = parts.extract::<Path<String>>().await.map_err(|_| bad_id())?;
        Ok(Self(number(&text)?))
    }
}

/// Two numbers in a path.
pub(crate) struct Ids(pub(crate) i64, pub(crate) i64);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let Path((first, second)) = parts.extract::<Path<(String, String)>>().await.map_err(|_| bad_id())?;
        Ok(Self(number(&first)?, number(&second)?))
    }
}

/// A name in a path.
pub(crate) struct Name(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let Path(name) = parts.extract::<Path<String>>().await.map_err(|_| no_text())?;
        Ok(Self(name))
    }
}

/// A number and a name in a path.
pub(crate) struct IdAndName(pub(crate) i64, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for IdAndName {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let named = parts.extract::<Path<(String, String)>>().await;
        let Path((id, name)) = named.map_err(|_| no_text())?;
        Ok(Self(number(&id)?, name))
    }
}

/// A path in which what is escaped is not text.
fn no_text() -> Refusal {
    Refusal::bad_request("path_invalid", "The path is not text in UTF-8.")
}

/// A whole number that a database counts to.
fn number(text: &str) -> Result<i64, Refusal> {
    text.parse().map_err(|_| bad_id())
}

fn bad_id() -> Refusal {
    Refusal::bad_request("id_invalid", "The path names something by what is not its number.")
        .hint("Numbers are whole, such as 42; lists show them as id.")
}
