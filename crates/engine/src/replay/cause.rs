//! What led to events: the commands that may have been given, and the moment of the decision, read off
//! the events themselves.
//!
//! Nothing here decides anything: a wrong guess gives other events than the recorded ones, and another is
//! tried. What is guessed comes from outside of the engine in any case, so that a guess that gives the
//! recorded events explains them.

use std::sync::Arc;

use crate::call::Tokens;
use crate::command::{ChildEnd, Command, Day, Moment, ToolOutcome};
use crate::decide::{luck_of_wait, why_not_started};
use crate::event::{Event, Fact, LimitKind};
use crate::money::Usd;
use crate::rules::codes::ABORTED;
use crate::run::{CallState, Run};

/// A day of so much money that nothing of it is ever in the way.
const PLENTY: Usd = Usd::from_nanos(u64::MAX);

/// Whether an event is there from the making of a run: nothing decides it.
pub(super) fn is_given(fact: &Fact) -> bool {
    matches!(fact, Fact::RunCreated(_) | Fact::RunInherited(_))
}

/// The commands of which an event may be the first that follows, the likeliest first. A run that is
/// told to look at the clock, or that has room again, goes on without a fact of its own.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other facts only follow from others, or from a look")]
pub(super) fn commands(run: &Run, event: &Event) -> Vec<Command> {
    match &event.fact {
        Fact::RunStarted => vec![Command::Start],
        Fact::ModelCallFinished { call, attempt, answer, usage, .. } => vec![Command::TakeAnswer {
            call: *call,
            attempt: *attempt,
            answer: Arc::clone(answer),
            tokens: Some(Tokens { input: usage.input_tokens, output: usage.output_tokens }),
        }],
        Fact::ModelCallFailed { call, attempt, failure, partial, unsent, .. } => {
            let (call, attempt, partial) = (*call, *attempt, partial.clone());
            let cut_off = Command::TakeAbort { call, attempt, partial: partial.clone(), sent: !unsent };
            let failed = Command::TakeFailure { call, attempt, failure: failure.clone(), partial };
            if failure.code == ABORTED { vec![cut_off, failed] } else { vec![failed] }
        }
        Fact::ModelCallStarted { .. } | Fact::RetryScheduled { .. } | Fact::LimitReached { .. } => {
            due(run, &event.fact).into_iter().chain([Command::Look]).collect()
        }
        Fact::ToolCallFinished { .. } | Fact::ToolsListed { .. } | Fact::ToolListFailed { .. } => {
            of_errand(&event.fact)
        }
        Fact::ChildStarted { .. } | Fact::ChildEnded { .. } => of_child(&event.fact),
        Fact::QuestionAnswered { question, text, by: Some(by) } => {
            vec![Command::Answer { question: *question, text: text.to_string(), by: by.clone() }]
        }
        Fact::ApprovalDecided { approval, approve, by: Some(by), comment } => vec![Command::Approve {
            approval: *approval,
            approve: *approve,
            comment: comment.as_ref().map(ToString::to_string),
            by: by.clone(),
        }],
        Fact::UserMessage { by, text } => vec![Command::Say { text: text.to_string(), by: by.clone() }],
        Fact::LimitRaised { by, limits } => {
            vec![Command::Raise { limits: limits.clone(), by: by.clone() }]
        }
        Fact::StopRequested { by, reason } => {
            vec![Command::Stop { by: by.clone(), reason: reason.clone() }]
        }
        Fact::RunRecovered { .. } => vec![Command::Recover],
        Fact::StageFailed { .. } => vec![Command::NobodyThere, Command::Look],
        _ => vec![Command::Look],
    }
}

/// The end of the wait before an attempt, where the turn that an event is about waits for one.
#[expect(clippy::wildcard_enum_match_arm, reason = "the caller sends no others here")]
fn due(run: &Run, fact: &Fact) -> Option<Command> {
    let turn = match fact {
        Fact::ModelCallStarted { turn, .. } | Fact::RetryScheduled { turn, .. } => *turn,
        Fact::LimitReached { turn, .. } => (*turn)?,
        _ => return None,
    };
    let call = run.work.as_ref()?.turn(turn)?.call.as_ref()?;
    let waits = matches!(call.state, CallState::Waiting { .. });
    waits.then_some(Command::Retry { call: call.number, attempt: call.attempt + 1 })
}

/// What came of a call to a tool or a server.
#[expect(clippy::wildcard_enum_match_arm, reason = "the caller sends no others here")]
fn of_errand(fact: &Fact) -> Vec<Command> {
    let cut_off = |call: u64, attempt: u32| Command::TakeAbort { call, attempt, partial: None, sent: true };
    match fact {
        Fact::ToolCallFinished { call, attempt, text, code, .. } => {
            let outcome = ToolOutcome { text: Arc::clone(text), code: code.clone() };
            let came = Command::TakeTool { call: *call, attempt: *attempt, outcome };
            let is_cut = code.as_deref() == Some(ABORTED);
            is_cut.then(|| cut_off(*call, *attempt)).into_iter().chain([came]).collect()
        }
        Fact::ToolsListed { call, attempt, tools, .. } => {
            vec![Command::TakeTools { call: *call, attempt: *attempt, listed: Ok(Arc::clone(tools)) }]
        }
        Fact::ToolListFailed { call, attempt, code, message, .. } => {
            let outcome = ToolOutcome { text: message.as_str().into(), code: Some(code.clone()) };
            let came = Command::TakeTools { call: *call, attempt: *attempt, listed: Err(outcome) };
            (code == ABORTED).then(|| cut_off(*call, *attempt)).into_iter().chain([came]).collect()
        }
        _ => Vec::new(),
    }
}

/// What became of a run that carries a workflow out for this one.
#[expect(clippy::wildcard_enum_match_arm, reason = "the caller sends no others here")]
fn of_child(fact: &Fact) -> Vec<Command> {
    vec![match fact {
        Fact::ChildStarted { call, run_id, .. } => Command::TakeChild { call: *call, run_id: *run_id },
        Fact::ChildEnded { call, run_id: Some(run_id), status, result, error } => {
            let end = ChildEnd { status: *status, result: result.clone(), error: error.clone() };
            Command::TakeChildEnd { call: *call, run_id: *run_id, end }
        }
        Fact::ChildEnded { call, run_id: None, error, .. } => {
            let (text, code) = error
                .as_ref()
                .map_or(("", None), |error| (why_not_started(&error.message), Some(error.code.clone())));
            Command::TakeChildRefused { call: *call, outcome: ToolOutcome { text: text.into(), code } }
        }
        _ => return Vec::new(),
    }]
}

/// The moments at which the events may have been decided, the likeliest first: the time is theirs, and
/// chance is what the wait before the next attempt came to.
pub(super) fn moments(run: &Run, rest: &[Event], limits_days: bool) -> Vec<Moment> {
    let Some(first) = rest.first() else { return Vec::new() };
    let luck = luck(run, rest);
    let days = if limits_days { days(rest) } else { vec![None] };
    days.into_iter().map(|day| Moment { now: first.at, luck, day }).collect()
}

fn luck(run: &Run, rest: &[Event]) -> u64 {
    let [first, second, ..] = rest else { return 0 };
    let (Fact::ModelCallFailed { call, failure, .. }, Fact::RetryScheduled { call: again, wait_ms, .. }) =
        (&first.fact, &second.fact)
    else {
        return 0;
    };
    let failed = run.work.as_ref().and_then(|work| work.turn_of_call(*call)?.call.as_ref());
    match failed.filter(|_| call == again) {
        Some(failed) => luck_of_wait(failure, failed.failures + 1, *wait_ms),
        None => 0,
    }
}

/// Whether a history may be that of a project that limits its money by the day: then each of its calls
/// has money set aside, unless it never came to one.
pub(super) fn may_limit_days(run: &Run, history: &[Event]) -> bool {
    let mut calls = 0;
    for event in history {
        if let Fact::ModelCallStarted { reserved_usd, .. } = &event.fact {
            if reserved_usd.is_some() {
                return true;
            }
            calls += 1;
        } else if is_of_day(&event.fact).is_some() {
            return true;
        }
    }
    calls == 0 && run.definition.models.values().any(|model| model.price.is_some())
}

/// The accounts of the project's day that may have led to these events, which no event keeps: it belongs
/// to all runs of the project. What there was room for is what was set aside, and where a limit was
/// reached its event says what was spent.
fn days(rest: &[Event]) -> Vec<Option<Day>> {
    let at = rest.first().map(|first| first.at);
    let together = || rest.iter().take_while(|event| Some(event.at) == at);
    // What was set aside by the calls that began, by the first of them, the first two, and so on.
    let mut sums = vec![Usd::ZERO];
    for event in together() {
        if let Fact::ModelCallStarted { reserved_usd: Some(reserved), .. } = &event.fact {
            let before = sums.last().copied().unwrap_or_default();
            sums.push(before.plus(*reserved));
        }
    }
    let reached = together().find_map(|event| is_of_day(&event.fact));
    let used_by_all = || together().filter_map(|event| is_of_day(&event.fact)).map(|(_, used)| used);
    let mut days = vec![None, Some(Day { limit: PLENTY, spent: Usd::ZERO, reserved: Usd::ZERO })];
    for sum in sums.into_iter().rev() {
        let by_others = |limit: Usd| limit.minus(sum);
        days.push(Some(Day { limit: PLENTY, spent: Usd::ZERO, reserved: by_others(PLENTY) }));
        // A price times a number of tokens is rounded, so that a billionth may be missing.
        let reserved = by_others(PLENTY).minus(Usd::from_nanos(1));
        days.push(Some(Day { limit: PLENTY, spent: Usd::ZERO, reserved }));
        if let Some((limit, used)) = reached {
            let reserved = limit.minus(used).minus(sum);
            days.push(Some(Day { limit, spent: used, reserved }));
            days.push(Some(Day { limit, spent: Usd::ZERO, reserved: used.minus(sum) }));
            // One turn was told of what was spent, and another of what was set aside as well.
            let spent = used_by_all().min().unwrap_or(used);
            let reserved = used_by_all().max().unwrap_or(used).minus(spent).minus(sum);
            days.push(Some(Day { limit, spent, reserved }));
        }
    }
    days.push(Some(Day { limit: Usd::ZERO, spent: Usd::ZERO, reserved: Usd::ZERO }));
    days
}

/// What the limit of a day allowed, and how much was used, where an event says that it was reached.
fn is_of_day(fact: &Fact) -> Option<(Usd, Usd)> {
    let Fact::LimitReached { limit: LimitKind::CostUsdPerDay, max, used, .. } = fact else { return None };
    Some((Usd::of_dollars(*max), Usd::of_dollars(*used)))
}

/// A command in words, as the reason for what follows from it.
pub(super) fn words(command: &Command) -> String {
    match command {
        Command::Start => "there was a place for the run".to_owned(),
        Command::TakeAnswer { call, attempt, .. } => {
            format!("the model answered call {call}{}", tried(*attempt))
        }
        Command::TakeFailure { call, attempt, failure, .. } => {
            format!("call {call}{} failed with {}", tried(*attempt), failure.code)
        }
        Command::Retry { call, attempt } => format!("attempt {attempt} of call {call} was due"),
        Command::TakeAbort { call, attempt, .. } => format!("call {call}{} was cut off", tried(*attempt)),
        Command::TakeTool { call, attempt, .. } => {
            format!("the tool answered call {call}{}", tried(*attempt))
        }
        Command::TakeTools { call, attempt, .. } => {
            format!("the server of tools answered call {call}{}", tried(*attempt))
        }
        Command::TakeChild { call, run_id } => format!("run {run_id} began for call {call}"),
        Command::TakeChildRefused { call, .. } => format!("no run could be started for call {call}"),
        Command::TakeChildEnd { call, run_id, .. } => format!("run {run_id} ended for call {call}"),
        Command::Answer { question, by, .. } => format!("{by} answered question {question}"),
        Command::Approve { approval, approve: true, by, .. } => format!("{by} gave approval {approval}"),
        Command::Approve { approval, by, .. } => format!("{by} refused approval {approval}"),
        Command::Say { by, .. } => format!("{by} said something to the agents"),
        Command::Raise { by, .. } => format!("{by} changed the limits"),
        Command::NobodyThere => "nobody was there to answer".to_owned(),
        Command::Look => "the run looked at the clock and at its limits".to_owned(),
        Command::Recover => "the server came back after a crash".to_owned(),
        Command::Stop { by, .. } => format!("{by} asked the run to stop"),
    }
}

fn tried(attempt: u32) -> String {
    if attempt > 1 { format!(" at attempt {attempt}") } else { String::new() }
}
