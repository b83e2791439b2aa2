//! Calls of a run that were cut off, in words: what may be true of each, and what became of it.

use callboard_api::run::{Became, Cause, Interrupted, InterruptedKind, May, Run};
use callboard_engine::event::HookWhen;

use crate::talk::harmless;
use crate::view::cost;

/// What is said of the calls of a run of which there is no answer, a line for each.
pub(super) fn interrupted(run: &Run) -> Vec<String> {
    let entries = run.interrupted.as_deref().unwrap_or_default();
    if entries.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![
        String::new(),
        "These calls were cut off; whether they were carried out is not known:".to_owned(),
    ];
    if run.interrupted_left_out > 0 {
        lines.push(format!("  ({} older ones are in the events alone)", run.interrupted_left_out));
    }
    lines.extend(entries.iter().map(|entry| format!("  ! {}", harmless(&line(entry)).replace('\n', " "))));
    lines
}

fn line(entry: &Interrupted) -> String {
    let visit = entry.visit.map(|visit| format!(", visit {visit}")).unwrap_or_default();
    format!(
        "event {}{visit}: {}, {}, {}; {}{}",
        entry.seq,
        subject(entry),
        cause(entry.cause),
        may(entry.may),
        became(entry.became),
        money(entry)
    )
}

fn subject(entry: &Interrupted) -> String {
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    match (entry.what, entry.hook) {
        (InterruptedKind::ModelCall, _) => {
            format!("the call of {} to the model {}", name(&entry.agent), name(&entry.model))
        }
        (InterruptedKind::ToolCall, Some(hook)) => {
            let when = match hook.when {
                HookWhen::Entry => "entry",
                HookWhen::Exit => "exit",
            };
            format!("the {when} hook {}", name(&entry.tool))
        }
        (InterruptedKind::ToolCall, None) => {
            format!("the call of {} by {}", name(&entry.tool), name(&entry.agent))
        }
    }
}

fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Crash => "cut off by a crash",
        Cause::Failure => "left without an answer",
        Cause::Ending => "cut off with the run",
    }
}

fn may(may: May) -> &'static str {
    match may {
        May::Billed => "may have been billed",
        May::BilledTwice => "may have been billed twice",
        May::TakenEffect => "may have taken effect",
        May::TakenEffectTwice => "may have taken effect twice",
    }
}

fn became(became: Option<Became>) -> &'static str {
    match became {
        Some(Became::MadeAgain) => "it was made again",
        Some(Became::Reported) => "its caller was told",
        Some(Became::Asked) => "a person is asked whether it is made again",
        Some(Became::GivenUp) => "it was not made again",
        None => "what becomes of it is open",
    }
}

fn money(entry: &Interrupted) -> String {
    let spent = entry.cost_usd.and_then(cost).map(|cost| format!("; {cost} count as spent"));
    let most = || entry.may_cost_usd.and_then(cost).map(|cost| format!("; about {cost} at most"));
    spent.or_else(most).unwrap_or_default()
}
