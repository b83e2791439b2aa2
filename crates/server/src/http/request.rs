//! Requests, read strictly: what is not understood is refused with what was expected, never ignored.

use axum::RequestPartsExt;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use callboard_api::problem::Wrong;
use serde::de::DeserializeOwned;

use super::Refusal;

/// Bytes of a body: a project file is at most one megabyte, and as JSON within JSON it may grow to
/// twice that.
pub(crate) const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A body as it came.
pub(crate) struct RawBody(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        if declared(&parts.headers).is_some_and(|length| length > BODY_BYTES_MAX as u64) {
            return Err(too_large());
        }
        match to_bytes(body, BODY_BYTES_MAX).await {
            Ok(bytes) => Ok(Self(bytes)),
            Err(error) if is_too_large(&error) => Err(too_large()),
            Err(_) => Err(Refusal::bad_request("body_unreadable", "The body did not come whole.")),
        }
    }
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

fn too_large() -> Refusal {
    let message = format!("The body is larger than {BODY_BYTES_MAX} bytes.");
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
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        wrong_json(error.inner(), if path == "." { String::new() } else { path })
    })?;
    reader.end().map_err(|error| wrong_json(&error, String::new()))?;
    Ok(value)
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

/// A whole number that a database counts to.
pub(crate) fn number(text: &str) -> Result<i64, Refusal> {
    text.parse().map_err(|_| bad_id())
}

fn bad_id() -> Refusal {
    Refusal::bad_request("id_invalid", "The path names something by what is not its number.")
        .hint("Numbers are whole, such as 42; lists show them as id.")
}
