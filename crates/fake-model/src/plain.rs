//! What the fake answers when no one told it what to answer.
//!
//! The answer is written once per format and handed out as it is, so that a benchmark measures what
//! it wants to measure. Only a request with outcomes to choose from is looked at more closely.

use std::sync::LazyLock;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::behaviour::Behaviour;
use crate::wire::Format;

/// The text of an answer, of about the length that the benchmarks' standard work asks for.
const RESULT: &str = "The desk looked at the question from three sides and found that they agree. \
    What is known is written down here, what is not known is marked as open, and nothing else \
    needs to be done before the next stage begins.";

/// The answers to requests without outcomes, by format: with and without a tool `complete`.
static ANSWERS: LazyLock<Vec<(Format, Bytes, Bytes)>> = LazyLock::new(|| {
    let written = |format: Format, behaviour: &Behaviour| Bytes::from(stream(format, behaviour));
    Format::ALL
        .into_iter()
        .map(|format| (format, written(format, &complete(None)), written(format, &text())))
        .collect()
});

/// An answer to a request for a stream, ready to be sent.
pub(crate) fn answer(format: Format, body: &Bytes) -> Bytes {
    let (completes, outcome) = offer(format, body);
    if outcome.is_some() {
        return Bytes::from(stream(format, &complete(outcome)));
    }
    let answer = ANSWERS.iter().find(|(written, _, _)| *written == format);
    answer
        .map(|(_, complete, text)| if completes { complete.clone() } else { text.clone() })
        .unwrap_or_default()
}

/// What is answered, for who wants it in another shape.
pub(crate) fn behaviour(format: Format, body: &Bytes) -> Behaviour {
    match offer(format, body) {
        (true, outcome) => complete(outcome),
        (false, _) => text(),
    }
}

/// Whether a tool `complete` is offered, and the first of the outcomes that it takes.
fn offer(format: Format, body: &Bytes) -> (bool, Option<String>) {
    let body_text = std::str::from_utf8(body).unwrap_or_default();
    let offered = body_text.contains(r#""name":"complete""#) || body_text.contains(r#""name": "complete""#);
    if !offered || !body_text.contains(r#""outcome""#) {
        return (offered, None);
    }
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let schema = format.schema(&body, "complete");
    let outcome = schema.and_then(|schema| schema["properties"]["outcome"]["enum"][0].as_str());
    (offered, outcome.map(str::to_owned))
}

fn complete(outcome: Option<String>) -> Behaviour {
    let mut arguments = json!({ "result": RESULT, "summary": "Done, and nothing is open." });
    if let Some(outcome) = outcome {
        arguments["outcome"] = outcome.into();
    }
    Behaviour::call("complete", arguments).usage(100, 50)
}

fn text() -> Behaviour {
    Behaviour::text(RESULT).usage(100, 50)
}

fn stream(format: Format, behaviour: &Behaviour) -> Vec<u8> {
    let frames = format.frames(behaviour);
    frames.content.into_iter().chain(frames.finish).chain(frames.last).flatten().collect()
}
