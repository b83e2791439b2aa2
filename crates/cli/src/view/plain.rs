//! A run as lines that can be kept: no colour, no control characters, nothing drawn twice.

use callboard_engine::event::Guard;
use callboard_engine::time::Time;

use super::note::{Asked, End, Note, Progress, duration, used};
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
        if let Note::Inherited { visits, from } = note {
            let lines = std::iter::once(from).chain(visits);
            lines.for_each(|line| {
                say(format_args!("run {}: {}", self.run, harmless(line).replace('\n', " ")))
            });
        } else if let Some(text) = text(note, progress, now) {
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
        Note::Answered { .. } | Note::Inherited { .. } => None,
        Note::CutOff { agent, is_partial, .. } => {
            let kept = if *is_partial { ": what had come of it is partial, and kept as that" } else { "" };
            Some(format!("{agent}: answer cut off{kept}"))
        }
        Note::Failed { agent, message, is_partial, .. } => {
            let kept = if *is_partial { PARTIAL } else { "" };
            Some(format!("{agent}: call failed: {message}{kept}"))
        }
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
        Note::Recovered { calls, others } => Some(recovered_text(*calls, *others)),
        Note::Stopping { by, reason } => Some(format!("stop requested by {by}{}", reason_text(reason))),
        Note::Said { by: Some(by), text, .. } => Some(format!("{by}: {text}")),
        Note::Said { by: None, text, .. } => Some(text.clone()),
        Note::Asked(asked) => Some(asked_text(asked)),
        Note::Ended(end) => {
            let spent = progress.spent(now).replace(" · ", ", ");
            Some(format!("{} after {spent}{}", end_word(*end), stop_text(*end)))
        }
    }
}

/// What is said of words that came before a call failed.
pub(super) const PARTIAL: &str = " What had come of its answer is partial and does not count.";

/// Why a run is stopped.
pub(super) fn reason_text(reason: &Option<String>) -> String {
    reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default()
}

/// How long a stop took and what it cut off; nothing of other ends.
pub(super) fn stop_text(end: End) -> String {
    let End::Stopped { took_ms, cut_off } = end else { return String::new() };
    let calls = match cut_off {
        0 => "nothing was in flight".to_owned(),
        1 => "1 call was cut off".to_owned(),
        many => format!("{many} calls were cut off"),
    };
    format!("; the stop took {}, {calls}", duration(took_ms))
}

/// A question in one line, with what there is to choose from and the command that answers it.
fn asked_text(asked: &Asked) -> String {
    let Asked { by, text, choices, command } = asked;
    let by = by.as_ref().map(|by| format!("{by} asks: ")).unwrap_or_default();
    let choices = if choices.is_empty() { String::new() } else { format!(" ({})", choices.join(" / ")) };
    let command = command.as_ref().map(|command| format!(" - answer with: {command}")).unwrap_or_default();
    format!("{by}{text}{choices}{command}")
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

/// What a crash cut off: calls to models are made again, and what becomes of the others is said where
/// it is decided.
pub(super) fn recovered_text(calls: usize, others: usize) -> String {
    let calls = match calls {
        0 => String::new(),
        1 => "; 1 model call is made again".to_owned(),
        many => format!("; {many} model calls are made again"),
    };
    let others = match others {
        0 => String::new(),
        1 => "; 1 other call was cut off".to_owned(),
        many => format!("; {many} other calls were cut off"),
    };
    format!("goes on after a crash{calls}{others}")
}

/// How a run ended, in a word.
pub(super) fn end_word(end: End) -> &'static str {
    match end {
        End::Completed => "completed",
        End::Stopped { .. } => "stopped",
        End::Error => "ended in error",
    }
}
