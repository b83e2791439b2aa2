//! One try of a delivery: a signed request, and what the other side said.

use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method};
use bytes::Bytes;
use callboard_api::delivery::DeliveryKind;
use callboard_api::run::Run;
use callboard_engine::time::Time;
use serde_json::json;

use super::store::{Next, Owed};
use super::{Deliveries, KEY};
use crate::net::{Fetch, Fetched, NetError};
use crate::run::RunnerError;
use crate::secret::SecretError;
use crate::secret::signature::{NoSigningKey, new_key, sign};

/// How long the other side may take: it is to note what it is told and answer, and work on it afterwards.
pub(super) const TRY_MAX: Duration = Duration::from_secs(15);

/// Bytes of an answer that are kept: a sentence or two, for whoever looks for the reason.
const ANSWER_BYTES_MAX: usize = 2048;

/// The wait after the first try. Each later one is twice as long.
const WAIT_FIRST_MS: u64 = 5_000;

/// The longest wait.
const WAIT_MAX_MS: u64 = 60 * 60 * 1000;

/// Doublings after which the wait is the longest one in any case.
const DOUBLINGS_MAX: u64 = 16;

/// How much of a wait is left to chance: up to a fifth of it, so that what failed together does not come
/// back together.
const CHANCE_PARTS: u64 = 5;

/// The status by which the other side says that nobody will ever listen there again.
const GONE: u16 = 410;

/// What became of a try.
#[derive(Debug, Default)]
pub(super) struct Answered {
    pub(super) duration_ms: u64,
    pub(super) status: Option<u16>,
    pub(super) answer: Option<String>,
    pub(super) code: Option<&'static str>,
    pub(super) message: Option<String>,
    /// The wait that the other side asks for.
    wait_ms: u64,
}

/// Why nothing was sent, or nothing came back.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the run cannot be told: {0}")]
    Runner(RunnerError),
    #[error(transparent)]
    Secret(SecretError),
    #[error("the secret \"{KEY}\" cannot sign: {0}")]
    Key(NoSigningKey),
    #[error(transparent)]
    Net(NetError),
}

impl Failed {
    /// The stable code that the log of deliveries shows.
    fn code(&self) -> &'static str {
        match self {
            Self::Runner(error) => error.code(),
            Self::Secret(error) => error.code(),
            Self::Key(_) => "callback_key_invalid",
            Self::Net(error) => error.code,
        }
    }
}

impl Deliveries {
    /// Tries a delivery. Nothing where what it tells is gone.
    pub(super) async fn post(&self, owed: &Owed) -> Result<Option<Answered>, RunnerError> {
        let began = self.0.clock.now();
        let sent = async {
            let Some(body) = self.body(owed).await.map_err(Failed::Runner)? else { return Ok(None) };
            self.send(owed, body, began).await.map(Some)
        };
        let mut answered = match sent.await {
            Ok(None) => return Ok(None),
            Ok(Some(answer)) => of_answer(&answer),
            Err(Failed::Runner(error)) if error.database().is_some() => return Err(error),
            Err(failed) => Answered {
                code: Some(failed.code()),
                message: Some(failed.to_string()),
                ..Answered::default()
            },
        };
        answered.duration_ms = self.0.clock.now().millis_since(began);
        Ok(Some(answered))
    }

    async fn send(&self, owed: &Owed, body: Bytes, now: Time) -> Result<Fetched, Failed> {
        let key = self.0.secrets.get_or_set(owed.project_id, KEY, new_key, now).await;
        let seconds = now.as_millis().div_euclid(1000);
        let signature =
            sign(&key.map_err(Failed::Secret)?, &owed.message, seconds, &body).map_err(Failed::Key)?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let own = [
            ("webhook-id", owed.message.to_string()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", signature),
        ];
        for (name, value) in own {
            // All of them are letters, digits and a few signs.
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let fetch = Fetch {
            method: Method::POST,
            url: owed.url.to_string(),
            headers,
            body,
            timeout: TRY_MAX,
            body_bytes_max: ANSWER_BYTES_MAX,
        };
        self.0.net.ask(fetch).await.map_err(Failed::Net)
    }

    /// What is sent. Of a run that has ended it is made each time: that never changes.
    async fn body(&self, owed: &Owed) -> Result<Option<Bytes>, RunnerError> {
        if let Some(body) = &owed.body {
            return Ok(Some(Bytes::copy_from_slice(body.as_bytes())));
        }
        let Some(run) = owed.run_id else { return Ok(None) };
        let run = match self.run(run).await {
            Ok(run) => run,
            Err(RunnerError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let body = match owed.kind {
            DeliveryKind::RunEnded => json!(run),
            DeliveryKind::RunFailed | DeliveryKind::RunWaiting | DeliveryKind::SlotMissed => {
                alert(owed.kind, owed.trigger_id, &run)
            }
        };
        Ok(Some(body.to_string().into()))
    }

    pub(super) async fn run(&self, id: i64) -> Result<Run, RunnerError> {
        let (row, run) = self.0.runner.found(id).await?;
        Ok(Run::of(&run, row.ids, self.0.clock.now()))
    }
}

/// What is told of a run of a trigger.
pub(super) fn alert(kind: DeliveryKind, trigger_id: Option<i64>, run: &Run) -> serde_json::Value {
    // Nobody asked for this, so it is not known under which address the page is reached.
    let path = format!("/runs/{}", run.id);
    json!({ "kind": kind, "project_id": run.project_id, "trigger_id": trigger_id, "path": path, "run": run })
}

fn of_answer(answer: &Fetched) -> Answered {
    let text = String::from_utf8_lossy(&answer.body).replace('\0', "\u{fffd}");
    let asked =
        answer.headers.get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.trim().parse::<u64>().ok());
    Answered {
        status: Some(answer.status.as_u16()),
        answer: Some(text).filter(|text| !text.is_empty()),
        wait_ms: asked.unwrap_or(0).saturating_mul(1000).min(WAIT_MAX_MS),
        ..Answered::default()
    }
}

/// What follows from a try.
pub(super) fn next(owed: &Owed, answered: &Answered, now: Time, luck: u64) -> Next {
    match answered.status {
        Some(200..=299) => return Next::Delivered,
        Some(GONE) => return Next::GivenUp,
        Some(_) | None => {}
    }
    let at = now.plus_millis(wait(owed.tries, luck).max(answered.wait_ms));
    if at > owed.give_up_at { Next::GivenUp } else { Next::Due(at) }
}

/// The wait after so many tries before this one.
fn wait(tries: u64, luck: u64) -> u64 {
    let whole = (WAIT_FIRST_MS << tries.min(DOUBLINGS_MAX)).min(WAIT_MAX_MS);
    whole - luck % (whole / CHANCE_PARTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour_and_fill_a_day() {
        let whole: Vec<u64> = (0..12).map(|tries| wait(tries, 0) / 1000).collect();
        assert_eq!(whole, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
        for tries in [0, 5, 11, 1000] {
            let (longest, shortest) = (wait(tries, 0), wait(tries, longest_part(tries)));
            assert!(shortest < longest && shortest > longest * 4 / 5 - 1, "{tries}: {shortest} of {longest}");
        }
    }

    fn longest_part(tries: u64) -> u64 {
        wait(tries, 0) / CHANCE_PARTS - 1
    }
}
