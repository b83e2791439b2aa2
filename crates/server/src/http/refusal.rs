//! Why a request is not carried out, made into a problem document at the edge and nowhere else.

use std::fmt::Display;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use callboard_api::problem::{Problem, Wrong};

use crate::db;

/// Seconds after which a caller may ask again when the database did not answer: it is looked for
/// more often than that.
const RETRY_AFTER_S: u16 = 2;

/// A request that is not carried out, and why.
#[derive(Clone, Debug)]
pub(crate) struct Refusal(Box<Problem>);

impl Refusal {
    /// A refusal with that status, stable code and sentence.
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl Display) -> Self {
        Self(Box::new(Problem {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail: detail.to_string(),
            hint: None,
            provider_message: None,
            errors: Vec::new(),
        }))
    }

    /// Something in the request cannot be read.
    pub(crate) fn bad_request(code: &str, detail: impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// What was asked for is not there.
    pub(crate) fn not_found(code: &str, detail: impl Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// It does not go together with what is there.
    pub(crate) fn conflict(code: &str, detail: impl Display) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// It was read, and cannot be carried out as it is.
    pub(crate) fn unprocessable(code: &str, detail: impl Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// Something is wrong with the server itself: told in the log, where the reason belongs.
    pub(crate) fn internal(detail: impl Display) -> Self {
        tracing::error!("a request failed: {detail}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server failed; its log says why.")
    }

    /// What to do about it.
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.0.hint = Some(hint.to_string());
        self
    }

    /// What a model's provider said, in its own words.
    pub(crate) fn provider_message(mut self, words: String) -> Self {
        self.0.provider_message = Some(words);
        self
    }

    /// Each thing that is wrong.
    pub(crate) fn errors(mut self, errors: impl IntoIterator<Item = Wrong>) -> Self {
        self.0.errors.extend(errors);
        self
    }

    /// The same with another status, for whom it means something else.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.title = status.canonical_reason().unwrap_or("Error").to_owned();
        self.0.status = status.as_u16();
        self
    }

    /// The problem as it is answered.
    pub(crate) fn problem(&self) -> &Problem {
        &self.0
    }
}

impl From<db::Error> for Refusal {
    fn from(error: db::Error) -> Self {
        let status = match error {
            db::Error::Unreachable(_) | db::Error::Closed => StatusCode::SERVICE_UNAVAILABLE,
            db::Error::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
            db::Error::Address(_) | db::Error::Failed(_) | db::Error::Newer { .. } => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        // The database's own words may hold what was to be written; they are for the log.
        tracing::error!("a request failed: {error}");
        Self::new(status, error.code(), "The database did not do what was needed.").hint(error.hint())
    }
}

/// A problem document as a response.
pub(crate) fn document(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = (status, json).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
    }
    response
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        document(&self.0)
    }
}
