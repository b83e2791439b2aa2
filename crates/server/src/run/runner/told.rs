//! What viewers are told, made once for all of them: events with the text in which they are stored,
//! and the frames of a stream that this text becomes.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use callboard_api::run::Delta;
use callboard_engine::event::Event;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Events that are on disk, from a place on. Clones share them.
#[derive(Clone, Debug)]
pub struct Told {
    batch: Arc<Batch>,
    /// The number of the last event that is not to be told any more.
    after: u64,
}

/// The events of one append.
#[derive(Debug)]
struct Batch {
    events: Vec<Event>,
    /// The JSON array that is stored.
    json: Arc<str>,
    frames: OnceLock<Frames>,
}

/// The events as a stream carries them, one after the other.
#[derive(Debug)]
struct Frames {
    all: Bytes,
    /// Where each begins.
    starts: Vec<usize>,
}

impl Told {
    /// Events, with the array in which they are stored.
    pub(super) fn new(events: Vec<Event>, json: Arc<str>) -> Self {
        Self { batch: Arc::new(Batch { events, json, frames: OnceLock::new() }), after: 0 }
    }

    /// The same without the events up to that number.
    pub(super) fn after(&self, seq: u64) -> Self {
        Self { batch: Arc::clone(&self.batch), after: seq }
    }

    /// The events.
    pub fn events(&self) -> &[Event] {
        self.batch.events.get(self.skipped()..).unwrap_or_default()
    }

    /// The events as a stream carries them: the stored text itself, so that it equals what lists show.
    pub fn frames(&self) -> Bytes {
        let frames = self.batch.frames.get_or_init(|| Frames::of(&self.batch.json));
        let start = frames.starts.get(self.skipped()).copied().unwrap_or(frames.all.len());
        frames.all.slice(start..)
    }

    fn skipped(&self) -> usize {
        self.batch.events.partition_point(|event| event.seq <= self.after)
    }
}

/// What a frame needs to know of an event.
#[derive(Deserialize)]
struct Head<'a> {
    seq: u64,
    #[serde(borrow)]
    kind: std::borrow::Cow<'a, str>,
}

impl Frames {
    fn of(json: &str) -> Self {
        // What is stored was written by this program, so it can be read.
        let events: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
        let mut all = String::with_capacity(json.len() + events.len() * 64);
        let mut starts = Vec::with_capacity(events.len());
        for event in events {
            starts.push(all.len());
            let event = event.get();
            if let Ok(Head { seq, kind }) = serde_json::from_str(event) {
                all.push_str(&format!("id: {seq}\nevent: {kind}\ndata: {event}\n\n"));
            }
        }
        Self { all: all.into(), starts }
    }
}

/// Words of an answer that is being written.
#[derive(Debug)]
pub struct Words {
    /// The call.
    pub call: u64,
    /// The attempt.
    pub attempt: u32,
    /// The agent.
    pub agent: Arc<str>,
    /// The words.
    pub text: Arc<str>,
    frame: OnceLock<Bytes>,
}

impl Words {
    pub(super) fn new(call: u64, attempt: u32, agent: Arc<str>, text: &str) -> Self {
        Self { call, attempt, agent, text: text.into(), frame: OnceLock::new() }
    }

    /// The words as a stream carries them: without a number, since they are not stored.
    pub fn frame(&self) -> Bytes {
        let frame = self.frame.get_or_init(|| {
            let delta = Delta {
                call: self.call,
                attempt: self.attempt,
                agent: self.agent.to_string(),
                text: self.text.to_string(),
            };
            let data = serde_json::to_string(&delta).unwrap_or_default();
            format!("event: delta\ndata: {data}\n\n").into()
        });
        frame.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_carry_the_stored_text_from_any_event_on() {
        let json: Arc<str> = concat!(
            r#"[{"seq":3,"at":"2026-01-01T00:00:00Z","kind":"run_started"},"#,
            r#"{"seq":4,"at":"2026-01-01T00:00:00Z","kind":"stop_requested","by":"a\nb"}]"#
        )
        .into();
        let told = Told::new(serde_json::from_str(&json).unwrap(), json);
        let all = "id: 3\nevent: run_started\n\
                   data: {\"seq\":3,\"at\":\"2026-01-01T00:00:00Z\",\"kind\":\"run_started\"}\n\n\
                   id: 4\nevent: stop_requested\n\
                   data: {\"seq\":4,\"at\":\"2026-01-01T00:00:00Z\",\"kind\":\"stop_requested\",\"by\":\"a\\nb\"}\n\n";
        assert_eq!(told.frames(), all);
        assert!(told.after(3).frames().starts_with(b"id: 4\n"));
        assert_eq!(told.after(3).events().len(), 1);
        assert!(told.after(4).frames().is_empty());
    }
}
