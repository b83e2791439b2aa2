//! A run as lines that can be kept: no colour, no control characters, nothing drawn twice.

use callboard_engine::event::Guard;
use callboard_engine::time::Time;

use super::note::{End, Note, Progress, duration, used};
use crate::talk::{harmless, say};

/// The lines of one run.
pub(super) struct Plain {
    run: i64,
}

impl Plain {
    pub(super) fn new(run: i64) -> Self {
        Self { run }
    }

    pub(super) fn wait(&mut self, why: &str) {
        say(format_args!("run {}: {}", self.run, harmless(why).replace('\n', " ")));
    }

    pub(super) fn note(&mut self, note: &Note, progress: &Progress, now: Time) {
        if let Some(text) = text(note, progress, now) {
            say(format_args!("run {}: {}", self.run, harmless(&text).replace('\n', " ")));
        }
    }
}

/// The line for a note; none where it is about what is being written, which is not shown here.
fn text(note: &Note, progress: &Progress, now: Time) -> Option<String> {
    match note {
        Note::Started { workflow, simulated } => Some(match simulated_text(simulated) {
            Some(simulated) => format!("{workflow} started ({simulated})"),
            None => format!("{workflow} started"),
        }),
        Note::Stage { visit, name, nth, forced } => {
            let again = if *nth > 1 { format!(", visit {nth} to it") } else { String::new() };
            let forced = if *forced { ", forced by a loop guard" } else { "" };
            Some(format!("stage {visit} {name}{again}{forced}"))
        }
        Note::Answered { .. } => None,
        Note::Failed { agent, message, .. } => Some(format!("{agent}: call failed: {message}")),
        Note::Retry { agent, wait_ms, model } => {
            Some(format!("{agent}: {model} is tried again in {}", duration(*wait_ms)))
        }
        Note::Message { agent, to, .. } => Some(format!("{agent}: message to {to}")),
        Note::Shared { agent, key } => Some(format!("{agent}: shared {key}")),
        Note::Refused { agent, message } => Some(format!("{agent}: tool call refused: {message}")),
        Note::Completed { agent, .. } => Some(format!("{agent}: completed")),
        Note::Outcome { agent, outcome } => Some(format!("{agent}: outcome {outcome}")),
        Note::StageDone { name, duration_ms, usage, .. } => Some(format!(
            "stage {name} done in {}, {}",
            duration(*duration_ms),
            used(*usage).replace(" · ", ", ")
        )),
        Note::Guard { stage, guard, forced } => Some(guard_text(stage, *guard, *forced)),
        Note::Recovered { calls } => Some(recovered_text(*calls)),
        Note::Stopping { by } => Some(format!("stop requested by {by}")),
        Note::Ended(end) => {
            let spent = progress.spent(now).replace(" · ", ", ");
            Some(format!("{} after {spent}", end_word(*end)))
        }
    }
}

/// That what is said is made up, where no real model says it.
pub(super) fn simulated_text(simulated: &[String]) -> Option<String> {
    match simulated {
        [] => None,
        [one] => Some(format!("the model {one} is simulated")),
        many => Some(format!("the models {} are simulated", many.join(", "))),
    }
}

/// What a guard that tripped did.
pub(super) fn guard_text(stage: &str, guard: Guard, forced: bool) -> String {
    let why = match guard {
        Guard::MaxVisits => "it was visited too often",
        Guard::MaxVisitsInAll => "the run made too many visits",
        Guard::NoProgress => "it ended the same way three times running",
    };
    let then = if forced { "the run is forced on" } else { "the run ends" };
    format!("loop guard of {stage}: {why}; {then}")
}

/// What a crash cut off, and that it is done again.
pub(super) fn recovered_text(calls: usize) -> String {
    match calls {
        1 => "goes on after a crash; 1 model call is made again".to_owned(),
        many => format!("goes on after a crash; {many} model calls are made again"),
    }
}

/// How a run ended, in a word.
pub(super) fn end_word(end: End) -> &'static str {
    match end {
        End::Completed => "completed",
        End::Stopped => "stopped",
        End::Error => "ended in error",
    }
}
