//! What the fake was asked, and who went away before the end.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch;

/// A request as it was received.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its number, from 1.
    pub number: u64,
    /// Its path and query.
    pub path: String,
    /// Its headers, keys included.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// When it was received.
    pub at: Instant,
    /// Whether the client went away before the answer was whole.
    pub gone: bool,
}

impl Recorded {
    /// The body as JSON; null if it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header's text; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// How many there were.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) requests: u64,
    pub(crate) gone: u64,
    pub(crate) ended: u64,
}

/// The record of one fake.
pub(crate) struct Record {
    /// How many requests are kept: all in tests, few in a benchmark of millions.
    keep: usize,
    kept: Mutex<VecDeque<Recorded>>,
    log: Option<Mutex<File>>,
    counts: watch::Sender<Counts>,
}

impl Record {
    pub(crate) fn new(keep: usize, log: Option<&Path>) -> io::Result<Self> {
        let log = log.map(File::create).transpose()?.map(Mutex::new);
        Ok(Self { keep, kept: Mutex::default(), log, counts: watch::Sender::default() })
    }

    /// Writes a request down, and says which number it has.
    pub(crate) fn received(&self, path: &str, headers: &HeaderMap, body: &Bytes) -> u64 {
        let mut number = 0;
        // The number is taken and the request kept before anyone is told, so that whoever waits for
        // it finds it.
        self.counts.send_modify(|counts| {
            counts.requests += 1;
            number = counts.requests;
            if self.keep > 0 {
                let recorded = Recorded {
                    number,
                    path: path.to_owned(),
                    headers: headers.clone(),
                    body: body.clone(),
                    at: Instant::now(),
                    gone: false,
                };
                let mut kept = self.kept();
                if kept.len() == self.keep {
                    kept.pop_front();
                }
                kept.push_back(recorded);
            }
        });
        if self.log.is_some() {
            let headers = headers.iter().map(|(name, value)| {
                (name.to_string(), Value::from(String::from_utf8_lossy(value.as_bytes())))
            });
            let body = serde_json::from_slice(body)
                .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body).into_owned()));
            let headers = Value::Object(headers.collect());
            self.log(&json!({
                "number": number, "at_ms": now_ms(), "path": path, "headers": headers, "body": body,
            }));
        }
        number
    }

    /// Counts a request that is over: its answer was taken whole, or its client has gone.
    pub(crate) fn ended(&self) {
        self.counts.send_modify(|counts| counts.ended += 1);
    }

    /// Writes down that the client of a request went away before the end.
    pub(crate) fn went(&self, number: u64) {
        self.log(&json!({ "gone": number, "at_ms": now_ms() }));
        self.counts.send_modify(|counts| {
            counts.gone += 1;
            if let Some(recorded) = self.kept().iter_mut().find(|recorded| recorded.number == number) {
                recorded.gone = true;
            }
        });
    }

    /// The requests that are kept, oldest first.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.kept().iter().cloned().collect()
    }

    /// How many there were so far, and a sign whenever there are more.
    pub(crate) fn counts(&self) -> watch::Receiver<Counts> {
        self.counts.subscribe()
    }

    fn log(&self, line: &Value) {
        if let Some(log) = &self.log {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            // A log that cannot be written must not change what the fake answers.
            drop(log.write_all(format!("{line}\n").as_bytes()).and_then(|()| log.flush()));
        }
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Recorded>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
