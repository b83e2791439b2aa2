//! The simulated model: plausible answers without a network, for demos and tests.
//!
//! What it answers follows from the question alone, so the same question always gets the same answer:
//! from a [`script`] where one is written, else as the agent would plausibly [`play`]. It reads no
//! conversation and calls no tool but those that share and complete. It speaks at a pace that a
//! person can follow.

mod play;
mod prose;
mod schema;
mod script;

use std::time::Duration;

use callboard_engine::call::{Answer, Failure, Message, Request, Tokens, failure};
use callboard_engine::definition::{Model, Script};
use tokio::time::{Instant, sleep, sleep_until};

use super::refusal::{self, Said};
use super::{Answered, Call};

/// The pace where the model's parameters name none: about ten times as fast as speech, as the larger
/// models are.
const WORDS_PER_SECOND: f64 = 40.0;

/// How much faster arguments are written than words: nobody reads along.
const ARGUMENTS_FASTER: f64 = 3.0;

/// The shortest stretch between two pieces of an answer. Eyes do not see more, and timers are not free.
const PIECE: Duration = Duration::from_millis(20);

/// The longest that an answer is drawn out: nobody waits for longer than a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// An answer that is not spoken yet. It needs its question no longer.
#[derive(Debug)]
pub(super) struct Prepared {
    answer: Answer,
    tokens: Tokens,
    /// How long the model thinks first.
    delay: Duration,
    /// How long a caller listens to nothing.
    silence: Duration,
    pace: Pace,
}

/// Answers as a model would. `words_per_second` is said for the whole process and goes before the
/// model's own.
pub(super) fn prepare(call: Call<'_>, words_per_second: Option<f64>) -> Result<Prepared, Failure> {
    let pace = Pace::of(call.model, words_per_second);
    let (answer, delay, tokens) = match script::entry(&call.model.script, &call.request.scene) {
        Some(Script { fail: Some(fail), .. }) => {
            let retry_after_ms = fail.retry_after_s.map(|seconds| seconds.saturating_mul(1000));
            return Err(Said::status(fail.status, retry_after_ms).into_failure());
        }
        Some(Script { reply: Some(reply), .. }) => {
            let answer = script::answer(reply);
            let counted = count(call.request, &answer);
            let said = |name: &str, counted: u64| reply.usage.get(name).copied().unwrap_or(counted);
            let tokens = Tokens {
                input: said("input_tokens", counted.input),
                output: said("output_tokens", counted.output),
            };
            (answer, Duration::from_millis(reply.delay_ms), tokens)
        }
        Some(Script { .. }) | None => {
            let answer = play::answer(call);
            let tokens = count(call.request, &answer);
            (answer, Duration::ZERO, tokens)
        }
    };
    Ok(Prepared { answer, tokens, delay, silence: Duration::from_secs(call.model.timeout_s), pace })
}

impl Prepared {
    /// Speaks the answer.
    pub(super) async fn speak(self, deltas: &mut (dyn FnMut(&str) + Send)) -> Result<Answered, Failure> {
        wait(self.delay, self.silence).await?;
        self.pace.speak(&self.answer, deltas).await;
        Ok(Answered { answer: self.answer, tokens: Some(self.tokens) })
    }
}

/// Says nothing for a while, for as long as a caller would listen.
async fn wait(delay: Duration, silence: Duration) -> Result<(), Failure> {
    if !delay.is_zero() {
        sleep(delay.min(silence)).await;
    }
    if delay > silence {
        let message = format!("The provider was silent for {} s.", silence.as_secs());
        return Err(refusal::failed(failure::TIMED_OUT, true, message));
    }
    Ok(())
}

/// How fast the model speaks.
#[derive(Debug)]
struct Pace {
    /// Zero is at once.
    words_per_second: f64,
}

impl Pace {
    fn of(model: &Model, words_per_second: Option<f64>) -> Self {
        let own = || model.parameters.get("words_per_second").and_then(serde_json::Value::as_f64);
        let words_per_second = words_per_second.or_else(own).unwrap_or(WORDS_PER_SECOND);
        Self { words_per_second: if words_per_second.is_finite() { words_per_second.max(0.0) } else { 0.0 } }
    }

    /// Speaks the words of an answer, and takes the time that its tool calls take to write.
    async fn speak(&self, answer: &Answer, deltas: &mut (dyn FnMut(&str) + Send)) {
        if self.words_per_second == 0.0 {
            if !answer.text.is_empty() {
                deltas(&answer.text);
            }
            return;
        }
        let begun = Instant::now();
        // What is due is handed on piece by piece, from the end of the piece before.
        let (mut from, mut end, mut words) = (0, 0, 0);
        let mut last = begun;
        for word in answer.text.split_inclusive(char::is_whitespace) {
            end += word.len();
            words += 1;
            let due = begun + self.time_of(words);
            if due >= last + PIECE || end == answer.text.len() {
                sleep_until(due).await;
                deltas(answer.text.get(from..end).unwrap_or_default());
                (from, last) = (end, due);
            }
        }
        let arguments = answer.tool_calls.iter().map(|call| words_in(&call.arguments.to_string())).sum();
        sleep(self.time_of(arguments).div_f64(ARGUMENTS_FASTER)).await;
    }

    /// How long that many words take.
    fn time_of(&self, words: u32) -> Duration {
        // A pace of next to nothing would take longer than there are moments.
        Duration::try_from_secs_f64(f64::from(words) / self.words_per_second).unwrap_or(LONGEST).min(LONGEST)
    }
}

/// What an exchange used, counted so that it is always the same: four tokens for three words, as
/// English mostly has.
fn count(request: &Request, answer: &Answer) -> Tokens {
    let words_of = |answer: &Answer| {
        let arguments: u32 = answer.tool_calls.iter().map(|call| words_in(&call.arguments.to_string())).sum();
        words_in(&answer.text) + arguments
    };
    let asked: u32 = request
        .messages
        .iter()
        .map(|message| match message {
            Message::User(text) => words_in(text),
            Message::Answer(answer) => words_of(answer),
            Message::ToolResults(results) => results.iter().map(|result| words_in(&result.text)).sum(),
        })
        .sum();
    let tokens = |words: u32| (u64::from(words) * 4).div_ceil(3);
    Tokens { input: tokens(words_in(&request.system) + asked), output: tokens(words_of(answer)) }
}

fn words_in(text: &str) -> u32 {
    u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
