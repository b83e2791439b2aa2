//! A run, live: server-sent events that can be taken up again after any event.
//!
//! The stream is made as it is read. A viewer that does not read holds what its connection has in
//! hand and nothing more: what it misses is read from the journal when it goes on.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use callboard_api::run::StreamEnd;
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::Starter;
use crate::http::{Id, Page, Parameters, Refusal, Result};
use crate::run::{Follow, Live, Runner, find};

/// How often a quiet stream says that it is alive: proxies cut connections that are silent for a
/// minute, some after half of that.
const ALIVE_EVERY: Duration = Duration::from_secs(15);

/// What a stream begins with: after how many milliseconds a viewer that lost it asks again.
const BEGIN: &str = "retry: 1000\n\n";

/// Tells streams that the server is shutting down, which they would keep from ending otherwise.
#[derive(Clone)]
pub(crate) struct Closing(pub(crate) watch::Receiver<bool>);

/// Where a stream begins.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StreamQuery {
    /// The number of the last event that is known; the header `Last-Event-ID` goes before it.
    #[param(value_type = Option<i64>, minimum = 0)]
    after: Option<String>,
}

/// A run as it goes on: each event once, with its number as `id`, its kind as `event` and itself as
/// `data`; `delta` carries text as it is written; `end` is the last.
#[utoipa::path(
    get,
    path = "/runs/{id}/stream",
    tag = "runs",
    operation_id = "streamRun",
    params(
        ("id" = i64, Path, description = "The run's number"),
        StreamQuery,
        ("Last-Event-ID" = Option<i64>, Header, description = "The number of the last event that is known"),
    ),
    responses((status = 200, description = "Server-sent events", body = String, content_type = "text/event-stream")),
)]
pub(crate) async fn stream_run(
    State(starter): State<Starter>,
    Id(id): Id,
    Parameters(query): Parameters<StreamQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let last = headers.get("last-event-id").map(|last| last.to_str().unwrap_or("?").to_owned());
    // A browser sends an empty one where it has none.
    let after = last.filter(|last| !last.is_empty()).or(query.after);
    let page = Page::of(after.as_deref(), None).map_err(|_| {
        Refusal::bad_request("cursor_invalid", "This is not the number of an event.")
            .hint("Give the id of the last event that came, or nothing to begin with the first.")
    })?;
    let after = page.after.map_or(0, i64::unsigned_abs);
    if find(&starter.db, id).await?.is_none() {
        return Err(crate::run::RunnerError::NotFound(id).into());
    }
    let viewer = Viewer::new(&starter.runner, id, after, starter.closing);
    let head = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store")];
    Ok((head, [("x-accel-buffering", "no")], Body::from_stream(viewer.frames())).into_response())
}

/// Someone who watches a run.
struct Viewer {
    runner: Runner,
    id: i64,
    follow: Follow,
    alive: Interval,
    closing: Closing,
    state: Progress,
}

/// How far a stream is.
enum Progress {
    ToBegin,
    Following,
    Over,
}

impl Viewer {
    fn new(runner: &Runner, id: i64, after: u64, closing: Closing) -> Self {
        let mut alive = interval_at(Instant::now() + ALIVE_EVERY, ALIVE_EVERY);
        alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let follow = runner.follow(id, after);
        Self { runner: runner.clone(), id, follow, alive, closing, state: Progress::ToBegin }
    }

    fn frames(self) -> impl Stream<Item = std::result::Result<Bytes, Infallible>> {
        stream::unfold(self, |mut viewer| async move { Some((Ok(viewer.next().await?), viewer)) })
    }

    /// The next frames; nothing once the stream is over.
    async fn next(&mut self) -> Option<Bytes> {
        match self.state {
            Progress::ToBegin => {
                self.state = Progress::Following;
                return Some(Bytes::from_static(BEGIN.as_bytes()));
            }
            Progress::Over => return None,
            Progress::Following => {}
        }
        loop {
            let live = tokio::select! {
                live = self.follow.next() => live,
                _ = self.alive.tick() => return Some(Bytes::from_static(b": alive\n\n")),
                _ = self.closing.0.wait_for(|closing| *closing) => return None,
            };
            return match live {
                Ok(Some(Live::Events(told))) => Some(told.frames()),
                Ok(Some(Live::Delta(words))) => Some(words.frame()),
                Ok(Some(Live::Waiting { .. })) => continue,
                Ok(None) => {
                    self.state = Progress::Over;
                    self.end().await
                }
                Err(error) => {
                    self.state = Progress::Over;
                    problem(&error.into())
                }
            };
        }
    }

    /// The last frame, where the run has ended. It has not where the server is shutting down, or where
    /// another goes on with it: the viewer comes back then.
    async fn end(&self) -> Option<Bytes> {
        let run = match self.runner.load(self.id).await {
            Ok(run) => run,
            // A stream that broke off without a word could not be told from one that was cut.
            Err(error) => return problem(&error.into()),
        };
        let end = StreamEnd { status: run.status() };
        let data = serde_json::to_string(&end).ok()?;
        run.status().is_final().then(|| format!("event: end\ndata: {data}\n\n").into())
    }
}

/// Why a stream breaks off, for whoever reads it by hand.
fn problem(refusal: &Refusal) -> Option<Bytes> {
    let data = serde_json::to_string(refusal.problem()).ok()?;
    Some(format!("event: problem\ndata: {data}\n\n").into())
}
