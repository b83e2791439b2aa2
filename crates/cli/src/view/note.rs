//! What a person wants to know of an event, apart from how it is shown.

use std::collections::BTreeMap;

use callboard_engine::event::{Event, Fact, Guard, Inherited, PastVisit, Usage};
use callboard_engine::money::Usd;
use callboard_engine::time::Time;

/// The code of a call that was cut off because its run is ending.
pub(super) const ABORTED: &str = "aborted";

/// Something worth a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Note {
    /// With the models that are not real ones.
    Started {
        workflow: String,
        simulated: Vec<String>,
    },
    /// What was taken over from another run: from where it goes on, and a line for each visit.
    Inherited {
        from: String,
        visits: Vec<String>,
    },
    Stage {
        visit: u32,
        name: String,
        nth: u32,
        forced: bool,
    },
    /// An answer is whole; what was streamed of it can be closed.
    Answered {
        agent: String,
        call: u64,
    },
    /// An answer was cut off because its run is ending: what was streamed of it is only a part.
    CutOff {
        agent: String,
        call: u64,
        is_partial: bool,
    },
    /// An attempt failed: what was streamed of it does not count.
    Failed {
        agent: String,
        call: u64,
        message: String,
        is_partial: bool,
    },
    Retry {
        agent: String,
        wait_ms: u64,
        model: String,
    },
    Message {
        agent: String,
        to: String,
        text: String,
        plain: bool,
    },
    Shared {
        agent: String,
        key: String,
    },
    Refused {
        agent: String,
        message: String,
    },
    Completed {
        agent: String,
        result: String,
        plain: bool,
    },
    Outcome {
        agent: String,
        outcome: String,
    },
    StageDone {
        name: String,
        duration_ms: u64,
        usage: Usage,
    },
    Guard {
        stage: String,
        guard: Guard,
        forced: bool,
    },
    Recovered {
        calls: usize,
        others: usize,
    },
    Stopping {
        by: String,
        reason: Option<String>,
    },
    /// Something that a line says, of an agent or of the run.
    Said {
        by: Option<String>,
        sign: &'static str,
        text: String,
    },
    /// A person is asked something.
    Asked(Asked),
    Ended(End),
}

/// Something that a person is asked, in full.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    pub(crate) by: Option<String>,
    pub(crate) text: String,
    pub(crate) choices: Vec<String>,
    /// The command that answers it.
    pub(crate) command: Option<String>,
}

/// Where what people are asked is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Answers {
    /// Nowhere: the run ends for want of an answer.
    #[default]
    Nowhere,
    /// In this terminal, by whoever asks there.
    Here,
    /// By a command that speaks to the server.
    Command,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    Completed,
    /// With how long that took, and how many calls were cut off.
    Stopped {
        took_ms: u64,
        cut_off: usize,
    },
    Error,
}

/// What a viewer keeps of a run to tell the rest.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(super) run: i64,
    pub(super) answers: Answers,
    pub(crate) workflow: String,
    pub(crate) stage: Option<String>,
    /// Who is at work, by call.
    pub(crate) at_work: BTreeMap<u64, String>,
    pub(crate) usage: Usage,
    pub(crate) started_at: Option<Time>,
    pub(crate) ended_at: Option<Time>,
    pub(super) names: BTreeMap<String, String>,
    /// Who asked, by question.
    pub(super) askers: BTreeMap<u64, Option<String>>,
    simulated: Vec<String>,
}

impl Progress {
    /// The progress of a run, some of whose models are not real ones.
    pub(crate) fn new(run: i64, answers: Answers, simulated: Vec<String>) -> Self {
        Self { run, answers, simulated, ..Self::default() }
    }

    /// Takes an event in, and says what is worth a line.
    pub(crate) fn see(&mut self, event: &Event) -> Option<Note> {
        self.keep(event);
        self.note(event)
    }

    /// What later lines need to know.
    fn keep(&mut self, event: &Event) {
        let fact = &event.fact;
        if let Fact::RunCreated(created) = fact {
            self.workflow.clone_from(&created.workflow);
        } else if let Fact::RunInherited(inherited) = fact {
            let names = inherited.visits.iter().map(|visit| (visit.stage.clone(), visit.name().to_owned()));
            self.names.extend(names);
        } else if let Fact::RunStarted = fact {
            self.started_at = Some(event.at);
        } else if let Fact::StageEntered { stage, name, .. } = fact {
            self.stage = Some(name.clone());
            self.names.insert(stage.clone(), name.clone());
        } else if let Fact::ModelCallStarted { call, agent, .. } = fact {
            self.at_work.insert(*call, agent.clone());
        } else if let Fact::ModelCallFinished { call, usage, .. } = fact {
            self.at_work.remove(call);
            self.usage.add(*usage);
        } else if let Fact::ModelCallFailed { call, .. } = fact {
            self.at_work.remove(call);
        } else if let Fact::ToolCallStarted { call, tool, .. } | Fact::ToolListStarted { call, tool, .. } =
            fact
        {
            self.at_work.insert(*call, tool.clone());
        } else if let Fact::ToolCallFinished { call, .. }
        | Fact::ToolsListed { call, .. }
        | Fact::ToolListFailed { call, .. }
        | Fact::ChildEnded { call, .. } = fact
        {
            self.at_work.remove(call);
        } else if let Fact::ChildStarted { call, run_id, .. } = fact {
            self.at_work.insert(*call, format!("run {run_id}"));
        } else if let Fact::QuestionAsked { question, agent, .. } = fact {
            self.askers.insert(*question, agent.clone());
        } else if let Fact::RunRecovered { .. } = fact {
            // What had been under way is begun anew, or told of.
            self.at_work.clear();
        } else if let Fact::RunCompleted { .. } | Fact::RunStopped { .. } | Fact::RunFailed { .. } = fact {
            self.at_work.clear();
            self.ended_at = Some(event.at);
        }
    }

    fn note(&self, event: &Event) -> Option<Note> {
        let agent = |agent: &String| agent.clone();
        Some(match &event.fact {
            Fact::RunStarted => Note::Started { workflow: self.workflow.clone(), simulated: self.simulated.clone() },
            Fact::RunInherited(inherited) => inherited_note(inherited),
            Fact::StageEntered { name, nth, forced, .. } => {
                let visit = event.visit.unwrap_or_default();
                Note::Stage { visit, name: name.clone(), nth: *nth, forced: *forced }
            }
            Fact::ModelCallFinished { .. } | Fact::ModelCallFailed { .. } | Fact::RetryScheduled { .. } => {
                return of_call(&event.fact);
            }
            Fact::MessageSent { agent: by, to, text, tool_call } => {
                let plain = tool_call.is_none();
                Note::Message { agent: agent(by), to: to.clone(), text: text.to_string(), plain }
            }
            Fact::ResultShared { agent: by, key, .. } => Note::Shared { agent: agent(by), key: key.clone() },
            Fact::ToolCallRefused { agent: by, message, .. } => {
                Note::Refused { agent: agent(by), message: message.clone() }
            }
            Fact::AgentCompleted { agent: by, result, tool_call, .. } => {
                Note::Completed { agent: agent(by), result: result.to_string(), plain: tool_call.is_none() }
            }
            Fact::OutcomeChosen { agent: by, outcome } => {
                Note::Outcome { agent: agent(by), outcome: outcome.clone() }
            }
            Fact::StageCompleted { stage, usage, duration_ms, .. } => {
                let name = self.names.get(stage).unwrap_or(stage).clone();
                Note::StageDone { name, duration_ms: *duration_ms, usage: *usage }
            }
            Fact::LoopGuardTripped { stage, guard, forced, .. } => {
                Note::Guard { stage: stage.clone(), guard: *guard, forced: *forced }
            }
            Fact::RunRecovered { in_flight } => {
                let calls = in_flight.iter().filter(|call| call.what == "model_call").count();
                Note::Recovered { calls, others: in_flight.len() - calls }
            }
            Fact::StopRequested { by, reason } => Note::Stopping { by: by.clone(), reason: reason.clone() },
            Fact::RunCompleted { .. } => Note::Ended(End::Completed),
            Fact::RunStopped { took_ms, aborted, .. } => {
                Note::Ended(End::Stopped { took_ms: *took_ms, cut_off: aborted.len() })
            }
            Fact::RunFailed { .. } => Note::Ended(End::Error),
            Fact::ContextCompacted { .. }
            | Fact::ToolListStarted { .. }
            | Fact::ToolsListed { .. }
            | Fact::ToolListFailed { .. }
            | Fact::ToolCallStarted { .. }
            | Fact::ToolCallFinished { .. }
            | Fact::HookFinished { .. }
            | Fact::DocumentWritten { .. }
            | Fact::QuestionAsked { .. }
            | Fact::QuestionAnswered { .. }
            | Fact::ApprovalRequested { .. }
            | Fact::ApprovalDecided { .. }
            | Fact::UserMessage { .. }
            | Fact::StageRejected { .. }
            | Fact::WorkflowCalled { .. }
            | Fact::ChildStarted { .. }
            | Fact::ChildEnded { .. }
            | Fact::LimitReached { .. }
            | Fact::LimitRaised { .. } => return self.inside(event),
            Fact::RunCreated(_)
            | Fact::TurnStarted { .. }
            | Fact::TurnEnded { .. }
            | Fact::TurnCapped { .. }
            | Fact::ModelCallStarted { .. }
            | Fact::MemoryRead { .. }
            | Fact::SummaryWritten { .. }
            // The end of the run says why.
            | Fact::StageFailed { .. } => return None,
        })
    }

    /// What it used so far, in a few words.
    pub(crate) fn spent(&self, now: Time) -> String {
        let until = self.ended_at.unwrap_or(now);
        let time = self.started_at.map_or(0, |started| until.millis_since(started));
        format!("{} · {}", duration(time), used(self.usage))
    }
}

/// What a run took over, and where it goes on.
fn inherited_note(inherited: &Inherited) -> Note {
    let Inherited { run_id, stage, visits, .. } = inherited;
    let times = visits.iter().filter(|visit| visit.stage == *stage).count();
    let nth = u32::try_from(times).unwrap_or(u32::MAX).saturating_add(u32::from(!inherited.after));
    let stage = visit_name(stage, nth);
    let count = u32::try_from(visits.len()).unwrap_or(u32::MAX);
    let from = match visits.last().filter(|_| inherited.after) {
        Some(last) => {
            let outcome = last.outcome.as_ref().map(|name| format!(", left by {name}")).unwrap_or_default();
            format!("re-run of run {run_id} after visit {count} ({stage}){outcome}")
        }
        None => format!("re-run of run {run_id} from visit {} ({stage})", count.saturating_add(1)),
    };
    Note::Inherited { from, visits: visits.iter().map(|visit| inherited_text(*run_id, visit)).collect() }
}

/// A visit that another run carried out.
fn inherited_text(source: i64, past: &PastVisit) -> String {
    let (visit, name, nth) = (past.visit, past.name(), past.nth());
    let again = if nth > 1 { format!(", visit {nth} to it") } else { String::new() };
    let by = past.origin(source).run_id;
    let outcome = past.outcome.as_ref().map(|name| format!(", outcome: {name}")).unwrap_or_default();
    format!("stage {visit} {name}{again}, inherited from run {by}{outcome}")
}

/// A visit to a stage, as it is named on the command line too: `draft:2`.
pub(crate) fn visit_name(stage: &str, nth: u32) -> String {
    if nth > 1 { format!("{stage}:{nth}") } else { stage.to_owned() }
}

/// What became of a call to a model.
fn of_call(fact: &Fact) -> Option<Note> {
    if let Fact::ModelCallFinished { call, agent, .. } = fact {
        return Some(Note::Answered { agent: agent.clone(), call: *call });
    }
    if let Fact::RetryScheduled { agent, wait_ms, model, .. } = fact {
        return Some(Note::Retry { agent: agent.clone(), wait_ms: *wait_ms, model: model.clone() });
    }
    let Fact::ModelCallFailed { call, agent, failure, partial, .. } = fact else { return None };
    let (agent, call, is_partial) = (agent.clone(), *call, partial.is_some());
    Some(if failure.code == ABORTED {
        Note::CutOff { agent, call, is_partial }
    } else {
        Note::Failed { agent, call, message: failure.message.clone(), is_partial }
    })
}

/// A length of time, as precisely as a person wants it.
pub(crate) fn duration(millis: u64) -> String {
    let seconds = millis / 1000;
    match seconds {
        0..60 => format!("{}.{} s", seconds, millis % 1000 / 100),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Tokens and cost. A cost of nothing is not shown: most often it means that no price is known.
pub(crate) fn used(usage: Usage) -> String {
    let tokens = tokens(usage);
    match cost(usage.cost_usd) {
        Some(cost) => format!("{tokens} tokens · {cost}"),
        None => format!("{tokens} tokens"),
    }
}

/// The tokens of questions and answers.
pub(crate) fn tokens(usage: Usage) -> String {
    grouped(usage.input_tokens.saturating_add(usage.output_tokens))
}

/// A cost, if there is one.
pub(crate) fn cost(usd: Usd) -> Option<String> {
    let nanos = usd.as_nanos();
    // Two digits say enough of dollars, four of cents; less than that is still more than nothing.
    Some(match nanos {
        0 => return None,
        1..100_000 => "under $0.0001".to_owned(),
        100_000..1_000_000_000 => format!("$0.{:04}", nanos / 100_000),
        _ => format!("${}.{:02}", nanos / 1_000_000_000, nanos % 1_000_000_000 / 10_000_000),
    })
}

/// A number with its thousands set apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use callboard_engine::event::Usage;
    use callboard_engine::money::Usd;

    use super::{duration, grouped, used};

    #[test]
    fn lengths_of_time_are_as_precise_as_a_person_wants_them() {
        assert_eq!(
            [80, 12_340, 61_000, 3_600_000 * 25].map(duration),
            ["0.0 s", "12.3 s", "1 min 01 s", "25 h 00 min"]
        );
    }

    #[test]
    fn a_cost_is_never_shown_as_nothing_when_it_is_something() {
        let usage =
            |nanos| Usage { input_tokens: 1_234_567, cost_usd: Usd::from_nanos(nanos), ..Usage::default() };
        assert_eq!(used(usage(0)), "1,234,567 tokens");
        assert_eq!(used(usage(1)), "1,234,567 tokens · under $0.0001");
        assert_eq!(used(usage(465_000)), "1,234,567 tokens · $0.0004");
        assert_eq!(used(usage(12_345_678_901)), "1,234,567 tokens · $12.34");
        assert_eq!(grouped(999), "999");
    }
}
