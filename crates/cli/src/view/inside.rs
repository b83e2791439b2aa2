//! What happens inside a stage beside the words of its agents: tools, hooks, documents, people, other
//! runs, and limits. A line each.

use callboard_engine::definition::{ApprovalWhen, OnLimit};
use callboard_engine::event::{Event, Fact, HookPlace, HookWhen, LimitKind, RunError};
use callboard_engine::run::Status;
use serde_json::Value;

use super::note::{ABORTED, Answers, Asked, Note, Progress, duration, grouped, used};

/// Characters of arguments, results and comments in a line: what they are about.
const CHARS_MAX: usize = 160;

impl Progress {
    /// What is worth a line of an event inside a stage.
    pub(super) fn inside(&self, event: &Event) -> Option<Note> {
        let fact = &event.fact;
        self.of_people(fact)
            .or_else(|| of_tools(fact))
            .or_else(|| of_lists(fact))
            .or_else(|| of_runs(fact))
            .or_else(|| self.of_limits(fact))
            .or_else(|| self.of_rest(fact))
    }

    /// What people are asked and what they say.
    fn of_people(&self, fact: &Fact) -> Option<Note> {
        if let Fact::QuestionAsked { question, agent, text, choices, .. } = fact {
            let command = format!("callboard runs answer {} --question {question} TEXT", self.run);
            return self.asked(agent.clone(), text.to_string(), choices.clone(), &command);
        }
        if let Fact::QuestionAnswered { question, text, by } = fact {
            let by_whom = match by {
                Some(by) => format!("{by} answers: {}", short(text)),
                None => "nobody answered in time".to_owned(),
            };
            return line(self.askers.get(question).cloned().flatten(), "←", by_whom);
        }
        if let Fact::ApprovalRequested { approval, when, .. } = fact {
            let text = approval_text(self.stage.as_deref().unwrap_or_default(), *when);
            let command = format!("callboard runs approve {} --approval {approval} [--reject]", self.run);
            return self.asked(None, text, Vec::new(), &command);
        }
        if let Fact::ApprovalDecided { approve, by, comment, .. } = fact {
            let (sign, word) = if *approve { ("✓", "approved") } else { ("✗", "rejected") };
            let by =
                by.as_ref().map_or(", since nobody decided in time".to_owned(), |by| format!(" by {by}"));
            let comment = comment.as_ref().map(|comment| format!(": {}", short(comment))).unwrap_or_default();
            return line(None, sign, format!("{word}{by}{comment}"));
        }
        let Fact::UserMessage { by, text } = fact else { return None };
        line(None, "←", format!("{by} says: {}", short(text)))
    }

    /// Something that a person is asked; where they are asked in this terminal, it is said there.
    fn asked(&self, by: Option<String>, text: String, choices: Vec<String>, command: &str) -> Option<Note> {
        let command = match self.answers {
            Answers::Here => return None,
            Answers::Command => Some(command.to_owned()),
            Answers::Nowhere => None,
        };
        Some(Note::Asked(Asked { by, text, choices, command }))
    }

    fn of_limits(&self, fact: &Fact) -> Option<Note> {
        if let Fact::LimitReached { limit, max, used, action, .. } = fact {
            let reached = limit_text(*limit, *used, *max);
            return match action {
                OnLimit::Stop => line(None, "■", format!("{reached}; the run stops")),
                OnLimit::Wait => {
                    let command = match limit {
                        LimitKind::CostUsdPerDay => "callboard apply FILE".to_owned(),
                        LimitKind::CostUsd | LimitKind::Tokens | LimitKind::WallS | LimitKind::ModelCalls => {
                            let option = limit.name().replace('_', "-");
                            format!("callboard runs limits {} --{option} NUMBER", self.run)
                        }
                    };
                    self.asked(None, format!("{reached}; the run waits"), Vec::new(), &command)
                }
            };
        }
        let Fact::LimitRaised { by, limits } = fact else { return None };
        let set = serde_json::to_value(limits).ok()?;
        let set: Vec<String> =
            set.as_object()?.iter().map(|(name, value)| format!("{name} {value}")).collect();
        line(None, "←", format!("{by} sets limits: {}", set.join(", ").replace('"', "")))
    }

    fn of_rest(&self, fact: &Fact) -> Option<Note> {
        if let Fact::DocumentWritten { agent, path, bytes, .. } = fact {
            return line(agent.clone(), "✎", format!("wrote {path}, {} bytes", grouped(*bytes)));
        }
        if let Fact::StageRejected { stage, usage, duration_ms, .. } = fact {
            let name = self.names.get(stage).unwrap_or(stage);
            let spent = used(*usage).replace(" · ", ", ");
            return line(
                None,
                "✗",
                format!("stage {name} rejected after {}, {spent}", duration(*duration_ms)),
            );
        }
        let Fact::ContextCompacted { agent, messages, tokens_before, tokens_after, .. } = fact else {
            return None;
        };
        let (before, after) = (grouped(*tokens_before), grouped(*tokens_after));
        let messages = counted(u64::from(*messages), "message");
        line(
            Some(agent.clone()),
            "≈",
            format!("{messages} summed up: about {after} tokens instead of {before}"),
        )
    }
}

fn of_tools(fact: &Fact) -> Option<Note> {
    if let Fact::ToolCallStarted { attempt, agent, hook, tool, arguments, .. } = fact {
        let again = if *attempt > 1 { " again" } else { "" };
        let hook = hook.map(|hook| format!("{} ", hook_text(hook))).unwrap_or_default();
        let arguments = arguments_text(arguments);
        return line(agent.clone(), "▸", format!("{hook}calls {tool}{again}{arguments}"));
    }
    if let Fact::ToolCallFinished { agent, tool, text, code, duration_ms, .. } = fact {
        let (after, text) = (duration(*duration_ms), short(text));
        return match code.as_deref() {
            // The line on the stop says why.
            Some(ABORTED) => None,
            Some(code) => line(agent.clone(), "!", format!("{tool} failed after {after}: {text} [{code}]")),
            None => line(agent.clone(), "◂", format!("{tool} gave after {after}: {text}")),
        };
    }
    let Fact::HookFinished { hook, tool, key, code, message, .. } = fact else { return None };
    let hook = hook_text(*hook);
    match (code.as_deref(), key) {
        (Some(ABORTED), _) => None,
        (Some(code), _) => {
            let message = short(message.as_deref().unwrap_or_default());
            line(None, "!", format!("{hook} {tool} failed: {message} [{code}]"))
        }
        (None, Some(key)) => line(None, "+", format!("{hook} {tool} is done, shared {key}")),
        (None, None) => line(None, "✓", format!("{hook} {tool} is done")),
    }
}

fn of_lists(fact: &Fact) -> Option<Note> {
    if let Fact::ToolsListed { tool, tools, duration_ms, .. } = fact {
        let tools = counted(tools.len() as u64, "tool");
        return line(None, "+", format!("{tool} has {tools}, said after {}", duration(*duration_ms)));
    }
    let Fact::ToolListFailed { tool, code, message, .. } = fact else { return None };
    if code == ABORTED {
        return None;
    }
    line(None, "!", format!("{tool} does not say which tools it has: {} [{code}]", short(message)))
}

fn of_runs(fact: &Fact) -> Option<Note> {
    if let Fact::WorkflowCalled { workflow, outcome, .. } = fact {
        return line(None, "→", format!("the outcome {outcome} calls the workflow {workflow}"));
    }
    if let Fact::ChildStarted { run_id, workflow, .. } = fact {
        return line(None, "→", format!("run {run_id} carries out {workflow}"));
    }
    let Fact::ChildEnded { run_id, status, error, .. } = fact else { return None };
    let run = run_id.map_or("the run that was called".to_owned(), |run| format!("run {run}"));
    match status {
        Status::Error => line(None, "!", format!("{run} ended in error{}", why(error.as_deref()))),
        Status::Stopped => line(None, "■", format!("{run} was stopped")),
        Status::Completed => line(None, "✓", format!("{run} completed")),
        Status::Pending | Status::Running => {
            line(None, "!", format!("{run} is left as it is{}", why(error.as_deref())))
        }
    }
}

fn why(error: Option<&RunError>) -> String {
    error.map(|error| format!(": {} [{}]", short(&error.message), error.code)).unwrap_or_default()
}

fn line(by: Option<String>, sign: &'static str, text: String) -> Option<Note> {
    Some(Note::Said { by, sign, text })
}

fn hook_text(hook: HookPlace) -> String {
    let when = match hook.when {
        HookWhen::Entry => "entry",
        HookWhen::Exit => "exit",
    };
    format!("{when} hook {}", hook.index + 1)
}

/// What leave is asked for.
pub(crate) fn approval_text(stage: &str, when: ApprovalWhen) -> String {
    match when {
        ApprovalWhen::Before => format!("May the stage {stage} begin?"),
        ApprovalWhen::After => format!("Is what the stage {stage} gave approved?"),
    }
}

/// A limit that was reached, and how much was used of it.
pub(crate) fn limit_text(limit: LimitKind, used: f64, max: f64) -> String {
    let what = match limit {
        LimitKind::CostUsd => format!("${used:.4} of ${max} spent"),
        LimitKind::CostUsdPerDay => format!("${used:.4} of the ${max} spent that the project has today"),
        LimitKind::Tokens => format!("{used} of {max} tokens used"),
        LimitKind::WallS => format!("{used} of {max} seconds used"),
        LimitKind::ModelCalls => format!("{used} of {max} model calls made"),
    };
    format!("limit {} reached: {what}", limit.name())
}

fn arguments_text(arguments: &Value) -> String {
    match arguments {
        Value::Null => String::new(),
        Value::Object(fields) if fields.is_empty() => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            format!(" {}", short(&arguments.to_string()))
        }
    }
}

fn counted(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(number)) }
}

/// The beginning of a text, in one line.
fn short(text: &str) -> String {
    // A line has no more words than it has characters, so that a long text is not gone through whole.
    let line = text.split_whitespace().take(CHARS_MAX).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= CHARS_MAX {
        return line;
    }
    line.chars().take(CHARS_MAX - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_long_text_is_told_by_its_beginning_in_one_line() {
        assert_eq!(short(" a\n  b\tc "), "a b c");
        let long = short(&"word ".repeat(1_000));
        assert_eq!(long.chars().count(), 160);
        assert!(long.starts_with("word word") && long.ends_with('…'), "{long}");
    }
}
