//! What a provider says instead of an answer, as a [`Failure`].
//!
//! Providers agree on HTTP's status codes and on little else, so the status decides where nothing
//! more exact is said, and what they call the error decides the rest. Whether a call is made again is
//! not decided here.

use std::time::{Duration, SystemTime};

use callboard_engine::call::{Failure, failure};
use hyper::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

/// What is kept of a provider's own words: enough for the longest explanation seen, short enough to
/// read.
const WORDS_MAX: usize = 600;

/// What providers call an account that has used up what it paid for.
const QUOTA_WORDS: [&str; 4] =
    ["insufficient_quota", "billing_error", "billing_hard_limit_reached", "credit balance is too low"];

/// How providers say that a question is longer than the model can read.
const TOO_LONG_WORDS: [&str; 9] = [
    "context_length_exceeded",
    "exceed_context_size",
    "request_too_large",
    "maximum context length",
    "context window",
    "context size",
    "context length",
    "prompt is too long",
    "exceeds the maximum number of tokens",
];

/// How Gemini, which answers 400, says that the key is wrong.
const KEY_WORDS: [&str; 2] = ["api_key_invalid", "api key not valid"];

/// The status that stands for an error's name, where a stream that began well says it.
const STATUS_OF_NAME: [(&str, u16); 12] = [
    ("overloaded", 529),
    ("rate_limit", 429),
    ("resource_exhausted", 429),
    ("authentication_error", 401),
    ("unauthenticated", 401),
    ("permission", 403),
    ("not_found", 404),
    ("invalid_request_error", 400),
    ("invalid_argument", 400),
    ("timeout", 408),
    ("server_error", 500),
    ("api_error", 500),
];

/// A failure without a provider's words.
pub(super) fn failed(code: &str, transient: bool, message: impl Into<String>) -> Failure {
    Failure {
        code: code.to_owned(),
        message: message.into(),
        provider_message: None,
        status: None,
        transient,
        retry_after_ms: None,
    }
}

/// The answer is longer than is kept.
pub(super) fn too_large() -> Failure {
    let limit = super::ANSWER_BYTES_MAX / (1024 * 1024);
    failed(failure::ANSWER_TOO_LARGE, false, format!("The model's answer is longer than {limit} MiB."))
}

/// What came is not what the format promises.
pub(super) fn bad_answer(what: &str) -> Failure {
    failed(failure::BAD_ANSWER, true, format!("The provider's answer could not be read: {what}."))
}

/// An event's data that could not be read as JSON of the expected shape.
pub(super) fn unreadable(error: &serde_json::Error) -> Failure {
    bad_answer(&error.to_string())
}

/// An error as a provider tells it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Said {
    /// The HTTP status, of the answer or of the error within a stream.
    pub(super) status: Option<u16>,
    /// Its names for the error, in lower case.
    names: String,
    /// Its words.
    words: String,
    pub(super) retry_after_ms: Option<u64>,
}

impl Said {
    /// Only a status, as a scripted failure has it.
    pub(super) fn status(status: u16, retry_after_ms: Option<u64>) -> Self {
        Self { status: Some(status), retry_after_ms, ..Self::default() }
    }

    /// What the body of an answer with an error's status says.
    pub(super) fn read(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let mut said = match serde_json::from_slice::<Value>(body) {
            Ok(body) => Self::of(&body),
            Err(_) => Self { words: plain(&String::from_utf8_lossy(body)), ..Self::default() },
        };
        said.status = Some(status);
        said.retry_after_ms = retry_after_ms(headers, SystemTime::now()).or(said.retry_after_ms);
        said
    }

    /// What an error's JSON says: `{error: {…}}`, `{error: "…"}`, a list of one, or the error itself.
    pub(super) fn of(body: &Value) -> Self {
        let body = body.get(0).unwrap_or(body);
        let error = body.get("error").unwrap_or(body);
        let mut said = Self::default();
        for name in ["type", "code", "status"] {
            match error.get(name) {
                Some(Value::String(name)) => said.name(name),
                Some(Value::Number(code)) => {
                    said.status = code.as_u64().and_then(|code| u16::try_from(code).ok());
                }
                _ => {}
            }
        }
        for detail in error.get("details").and_then(Value::as_array).into_iter().flatten() {
            if let Some(reason) = detail.get("reason").and_then(Value::as_str) {
                said.name(reason);
            }
            if let Some(delay) = detail.get("retryDelay").and_then(Value::as_str) {
                said.retry_after_ms = delay.strip_suffix('s').and_then(milliseconds);
            }
        }
        let told = || {
            let told = |name: &&str| error.get(*name).or_else(|| body.get(*name));
            ["message", "detail", "error_description"].iter().find_map(told)
        };
        let words =
            error.as_str().or_else(|| told()?.as_str()).map_or_else(|| error.to_string(), str::to_owned);
        said.words = plain(&words);
        said
    }

    fn name(&mut self, name: &str) {
        self.names.push_str(&name.to_lowercase());
        self.names.push(' ');
    }

    /// The failure that this is.
    pub(super) fn into_failure(self) -> Failure {
        let words = self.words.to_lowercase();
        let says = |list: &[&str]| list.iter().any(|part| self.names.contains(part) || words.contains(part));
        let named =
            STATUS_OF_NAME.iter().find(|(name, _)| self.names.contains(name)).map(|(_, status)| *status);
        let status = self.status.filter(|status| *status >= 300).or(named);
        let (code, message) = if says(&QUOTA_WORDS) {
            (failure::QUOTA, "The account's quota at the provider is used up.")
        } else if status.is_none_or(|status| status < 500 && status != 429) && says(&TOO_LONG_WORDS) {
            (failure::TOO_LONG, "The question is longer than the model can read.")
        } else if says(&KEY_WORDS) {
            (failure::UNAUTHORIZED, "The provider does not accept the key.")
        } else {
            of_status(status)
        };
        Failure {
            provider_message: Some(self.words).filter(|words| !words.is_empty()),
            status,
            retry_after_ms: self.retry_after_ms,
            ..failed(code, code == failure::RATE_LIMITED || code == failure::UNAVAILABLE, message)
        }
    }
}

/// The code and the sentence of a status. None is an error in the middle of a stream that the
/// provider gave no known name: it began to answer, so the question was in order.
fn of_status(status: Option<u16>) -> (&'static str, &'static str) {
    match status {
        Some(429) => (failure::RATE_LIMITED, "The provider takes no more calls just now."),
        Some(401) => (failure::UNAUTHORIZED, "The provider does not accept the key."),
        Some(403) => (failure::UNAUTHORIZED, "The key is not allowed to do this."),
        Some(404) => (failure::NOT_FOUND, "The provider knows no such model or address."),
        Some(402) => (failure::QUOTA, "The provider wants to be paid first."),
        Some(413) => (failure::TOO_LONG, "The question is longer than the provider takes."),
        Some(408 | 409 | 425) | None => (failure::UNAVAILABLE, "The provider could not answer just now."),
        Some(status) if status >= 500 => (failure::UNAVAILABLE, "The provider has trouble."),
        Some(status) if status >= 400 => (failure::REFUSED, "The provider does not accept the question."),
        Some(_) => (failure::BAD_ANSWER, "The provider answered with neither an answer nor an error."),
    }
}

/// How long the provider asks to wait.
fn retry_after_ms(headers: &HeaderMap, now: SystemTime) -> Option<u64> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(wait) = text("retry-after-ms").and_then(|wait| wait.parse::<f64>().ok()) {
        return whole(wait);
    }
    let wait = text(RETRY_AFTER.as_str())?;
    milliseconds(wait).or_else(|| {
        let moment = httpdate::parse_http_date(wait).ok()?;
        let wait = moment.duration_since(now).unwrap_or(Duration::ZERO);
        u64::try_from(wait.as_millis()).ok()
    })
}

/// Seconds as text, in milliseconds.
fn milliseconds(seconds: &str) -> Option<u64> {
    whole(seconds.parse::<f64>().ok()? * 1000.0)
}

/// A wait that makes sense: neither negative nor endless.
fn whole(milliseconds: f64) -> Option<u64> {
    const YEAR_MS: f64 = 365.0 * 24.0 * 3_600_000.0;
    let sensible = milliseconds.is_finite() && (0.0..=YEAR_MS).contains(&milliseconds);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be within a year"
    )]
    sensible.then_some(milliseconds.ceil() as u64)
}

/// Words without markup and needless space, cut to a readable length.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut kept = 0;
    let mut in_tag = false;
    let markup = text.trim_start().starts_with('<');
    for character in text.chars() {
        if markup && (character == '<' || in_tag) {
            in_tag = character != '>';
            continue;
        }
        if character.is_whitespace() || character.is_control() {
            if !plain.is_empty() && !plain.ends_with(' ') {
                plain.push(' ');
            }
            continue;
        }
        if kept == WORDS_MAX {
            plain.push('…');
            break;
        }
        kept += 1;
        plain.push(character);
    }
    plain.truncate(plain.trim_end().len());
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str, code: &str, words: Option<&str>) {
        let failure = Said::read(status, &HeaderMap::new(), body.as_bytes()).into_failure();
        assert_eq!((failure.code.as_str(), failure.provider_message.as_deref()), (code, words), "{body}");
        assert_eq!(failure.status, Some(status));
    }

    #[test]
    fn each_provider_s_errors_are_understood() {
        check(
            401,
            r#"{"error":{"message":"Bad key","type":"invalid_request_error"}}"#,
            failure::UNAUTHORIZED,
            Some("Bad key"),
        );
        check(
            429,
            r#"{"error":{"message":"Slow down","type":"requests"}}"#,
            failure::RATE_LIMITED,
            Some("Slow down"),
        );
        check(429, r#"{"error":{"message":"Pay","code":"insufficient_quota"}}"#, failure::QUOTA, Some("Pay"));
        check(
            400,
            r#"{"error":{"message":"Too long","code":"context_length_exceeded"}}"#,
            failure::TOO_LONG,
            Some("Too long"),
        );
        check(
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            failure::UNAVAILABLE,
            Some("Overloaded"),
        );
        check(
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 8"}}"#,
            failure::TOO_LONG,
            Some("prompt is too long: 9 > 8"),
        );
        check(
            400,
            r#"[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]"#,
            failure::UNAUTHORIZED,
            Some("API key not valid."),
        );
        check(404, r#"{"error":"model 'x' not found"}"#, failure::NOT_FOUND, Some("model 'x' not found"));
        check(422, r#"{"detail":"no such field"}"#, failure::REFUSED, Some("no such field"));
        check(402, "", failure::QUOTA, None);
    }

    #[test]
    fn pages_and_long_texts_are_cut_to_their_words() {
        check(
            502,
            "<html>\n<head><title>502 Bad Gateway</title></head>\n</html>",
            failure::UNAVAILABLE,
            Some("502 Bad Gateway"),
        );
        let long = "very ".repeat(500);
        assert!(plain(&long).ends_with('…'));
        assert!(plain(&long).chars().count() <= WORDS_MAX * 2);
    }

    #[test]
    fn an_error_within_a_stream_has_the_status_of_its_name() {
        let said = |text: &str| Said::of(&serde_json::from_str(text).unwrap()).into_failure();
        let overloaded = said(r#"{"type":"error","error":{"type":"overloaded_error","message":"Later"}}"#);
        assert_eq!((overloaded.code.as_str(), overloaded.status), (failure::UNAVAILABLE, Some(529)));
        assert!(overloaded.transient);
        let numbered = said(r#"{"error":{"code":429,"message":"Later","details":[{"retryDelay":"1.5s"}]}}"#);
        assert_eq!((numbered.code.as_str(), numbered.retry_after_ms), (failure::RATE_LIMITED, Some(1500)));
        let unnamed = said(r#"{"error":{"message":"?"}}"#);
        assert_eq!((unnamed.code.as_str(), unnamed.transient), (failure::UNAVAILABLE, true));
    }

    #[test]
    fn the_wait_is_read_in_all_its_spellings() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let wait = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            retry_after_ms(&headers, now)
        };
        assert_eq!(wait("retry-after", "7"), Some(7000));
        assert_eq!(wait("retry-after", "0.5"), Some(500));
        assert_eq!(wait("retry-after-ms", "120"), Some(120));
        let date = httpdate::fmt_http_date(now + Duration::from_secs(30));
        assert_eq!(wait("retry-after", &date), Some(30_000));
        assert_eq!(wait("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), Some(0));
        assert_eq!(wait("retry-after", "soon"), None);
        assert_eq!(wait("retry-after", "-3"), None);
    }
}
