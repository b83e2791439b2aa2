//! A run as it goes on, over connections that may break: each event is given exactly once, because
//! events have numbers without holes and a stream is taken up again after any of them.

use std::time::{Duration, Instant};

use callboard_engine::event::Event;
use hyper::body::Incoming;
use serde::Deserialize;
use tokio::time::{sleep_until, timeout_at};

use super::frames::{Frame, Frames};
use super::wire::{self, ANSWER_BYTES_MAX, Call, cause, chunk};
use super::{Client, Error};
use crate::problem::Problem;
use crate::run::{Delta, StreamEnd};

/// How long a stream may be silent: a server says every 15 s that it is alive, and one such sign may
/// come late.
const SILENCE_MAX: Duration = Duration::from_secs(40);

/// For how long a stream that was lost is looked for: a server that is updated is back well before
/// that, and a script must not hang for ever.
const LOST_MAX: Duration = Duration::from_secs(5 * 60);

/// The wait before a lost stream is asked for, where the server names none.
const WAIT: Duration = Duration::from_secs(1);

/// The longest wait between two attempts. Whoever watches wants to see that the server is back.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// What happens in a run that is followed.
#[derive(Clone, Debug, PartialEq)]
pub enum Live {
    /// Something happened, for good.
    Event(Told),
    /// Words of an answer that is being written.
    Delta(Delta),
    /// The connection was lost, and is looked for again. Nothing has to be done.
    Lost {
        /// Why.
        why: String,
    },
    /// The run has ended, and all of it was told.
    End(StreamEnd),
}

/// An event as the server wrote it. A newer server may tell of what this program does not know; that
/// can still be shown as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its number.
    pub seq: u64,
    /// The event's JSON.
    pub text: String,
}

#[derive(Deserialize)]
struct Head {
    seq: u64,
}

impl Told {
    /// An event by its JSON; nothing where that is none.
    pub(super) fn of(text: String) -> Option<Self> {
        let Head { seq } = serde_json::from_str(&text).ok()?;
        Some(Self { seq, text })
    }

    /// The event, if it is one that this version knows.
    pub fn event(&self) -> Option<Event> {
        serde_json::from_str(&self.text).ok()
    }
}

/// A run that is followed.
#[derive(Debug)]
pub struct Follow {
    client: Client,
    run: i64,
    /// The number of the last event that was given.
    after: u64,
    stream: Option<Stream>,
    /// Whether a stream ever came about. Before, whatever goes wrong is told at once.
    begun: bool,
    lost: Option<Lost>,
    /// How long the server wants to be left alone.
    wait: Duration,
    over: bool,
}

#[derive(Debug)]
struct Stream {
    body: Incoming,
    frames: Frames,
    since: Instant,
    /// When something last came.
    heard: Instant,
}

/// A stream that was lost.
#[derive(Clone, Copy, Debug)]
struct Lost {
    since: Instant,
    times: u32,
    due: Instant,
}

impl Follow {
    pub(super) fn new(client: Client, run: i64, after: u64) -> Self {
        Self { client, run, after, stream: None, begun: false, lost: None, wait: WAIT, over: false }
    }

    /// What happens next; nothing after the end. After an error it can be asked again. Dropping the
    /// future loses no event, but a connection that was coming about is begun anew: whoever does
    /// something else meanwhile keeps the future.
    pub async fn next(&mut self) -> Result<Option<Live>, Error> {
        while !self.over {
            let heard = self.hear().await;
            match heard {
                Ok(Some(live)) => return Ok(Some(live)),
                Ok(None) => {}
                Err(error) => {
                    self.stream = None;
                    if let Some(lost) = self.lose(error)? {
                        return Ok(Some(lost));
                    }
                }
            }
        }
        Ok(None)
    }

    /// One step: a connection, or bytes, or an event of those that came.
    async fn hear(&mut self) -> Result<Option<Live>, Error> {
        let Some(stream) = &mut self.stream else {
            if let Some(lost) = self.lost {
                sleep_until(lost.due.into()).await;
            }
            self.stream = Some(self.open().await?);
            self.begun = true;
            return Ok(None);
        };
        if let Some(frame) = stream.frames.next() {
            return self.read(frame);
        }
        let wire = &self.client.wire;
        match timeout_at((stream.heard + SILENCE_MAX).into(), chunk(&mut stream.body)).await {
            Ok(Some(Ok(bytes))) => {
                stream.heard = Instant::now();
                if stream.frames.take(&bytes).is_err() {
                    return Err(wire.not_callboard(None, "an event that is too long"));
                }
                self.wait = stream.frames.retry().unwrap_or(WAIT).min(WAIT_MAX);
                // A stream that stood for so long was a good one, though nothing happened in the run.
                if stream.since.elapsed() > SILENCE_MAX {
                    self.lost = None;
                }
                Ok(None)
            }
            Ok(Some(Err(error))) => Err(wire.unreachable(format!("the stream broke off: {}", cause(&error)))),
            Ok(None) => Err(wire.unreachable("the stream ended before the run did")),
            Err(_) => Err(wire.silent(SILENCE_MAX)),
        }
    }

    async fn open(&self) -> Result<Stream, Error> {
        let wire = &self.client.wire;
        let mut call = Call::get(format!("/runs/{}/stream", self.run)).accept("text/event-stream");
        if self.after > 0 {
            call = call.header("last-event-id", "event's number", &self.after.to_string())?;
        }
        let response = wire.open(call).await?;
        let kind = wire::kind(&response);
        if kind != "text/event-stream" {
            return Err(wire.not_callboard(Some(response.status()), format!("{kind} in place of a stream")));
        }
        let (frames, now) = (Frames::up_to(ANSWER_BYTES_MAX), Instant::now());
        Ok(Stream { body: response.into_body(), frames, since: now, heard: now })
    }

    fn read(&mut self, frame: Frame) -> Result<Option<Live>, Error> {
        let wire = &self.client.wire;
        match (frame.id, frame.event.as_str()) {
            (None, "end") => {
                let end = serde_json::from_str(&frame.data).map_err(|error| {
                    wire.not_callboard(None, format!("an end that cannot be read ({error})"))
                })?;
                self.over = true;
                self.stream = None;
                Ok(Some(Live::End(end)))
            }
            (None, "delta") => {
                self.lost = None;
                Ok(serde_json::from_str(&frame.data).ok().map(Live::Delta))
            }
            (None, "problem") => match serde_json::from_str::<Problem>(&frame.data) {
                Ok(problem) => Err(Error::Problem(Box::new(problem))),
                Err(error) => {
                    Err(wire.not_callboard(None, format!("a problem that cannot be read ({error})")))
                }
            },
            // What a newer server may add without a number is not part of the history.
            (None, _) => Ok(None),
            (Some(id), _) => self.event(&id, frame.data),
        }
    }

    fn event(&mut self, id: &str, text: String) -> Result<Option<Live>, Error> {
        let wire = &self.client.wire;
        let Some(seq) = id.parse().ok().filter(|seq| *seq > 0) else {
            return Err(wire.not_callboard(None, "an event without a number"));
        };
        if seq <= self.after {
            return Ok(None);
        }
        if seq > self.after + 1 {
            return Err(wire.unreachable(format!("the stream left out what follows event {}", self.after)));
        }
        self.after = seq;
        self.lost = None;
        Ok(Some(Live::Event(Told { seq, text })))
    }

    /// A stream was lost, or did not come about: when to ask for it again, and whether it has to be
    /// told. An error that does not pass by itself is given back.
    fn lose(&mut self, error: Error) -> Result<Option<Live>, Error> {
        let now = Instant::now();
        let before = self.lost.map_or((now, 0), |lost| (lost.since, lost.times));
        let (since, times) = before;
        if !self.begun || !error.may_pass() || now.duration_since(since) > LOST_MAX {
            self.lost = None;
            return Err(error);
        }
        let wait = self.wait.saturating_mul(1 << times.min(8)).min(WAIT_MAX);
        self.lost = Some(Lost { since, times: times + 1, due: now + wait });
        Ok((times == 0).then(|| Live::Lost { why: error.to_string() }))
    }
}
