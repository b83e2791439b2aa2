//! How a visit goes on: leave before it, tools, hooks, whose turn is next, what is still missing, leave
//! after it, hooks, and its end.

use std::sync::Arc;

use super::Draft;
use crate::definition::{ApprovalWhen, OnMaxCycles, Phase, Rejection, Stage, Summary, Turns};
use crate::event::{Ask, Fact, HookWhen};
use crate::run::Work;
use crate::{rules, schema};

/// What a visit needs next.
enum Next {
    /// Turns, in one cycle of a phase.
    Turns { seats: Vec<usize>, phase: Phase, cycle: u32 },
    /// A turn in which an agent is reminded of keys that it has to share.
    Remind { seat: usize, keys: Vec<String> },
    /// A turn in which an agent is asked for what is missing.
    Ask { agent: String, ask: Ask },
    /// Summaries that no agent has given yet.
    AskSummaries { agents: Vec<String> },
    /// A fact that is known by now.
    Note(Box<Fact>),
    /// The stage is done.
    Complete,
    /// It cannot be done.
    Fail {
        agent: Option<String>,
        doing: &'static str,
        code: &'static str,
        message: String,
        hint: &'static str,
    },
}

impl Draft {
    /// Takes the next step of the current visit. Answers whether one was taken; if not, the outside
    /// owes something.
    pub(super) fn next_step(&mut self) -> bool {
        let Some(work) = &self.run.work else { return false };
        if work.rejected.is_some() {
            return self.leave_rejected();
        }
        let waits = self.run.asked.iter().any(|asked| asked.is_approval()) || self.waits_outside_of_turns();
        if waits {
            return false;
        }
        self.next_approval(ApprovalWhen::Before) || self.next_before_work() || self.next_of_work()
    }

    /// The place of the current stage in the workflow.
    pub(super) fn stage_index(&self) -> usize {
        self.run.work.as_ref().map_or(usize::MAX, |work| work.stage)
    }

    /// Whether a list of tools or a hook is under way.
    fn waits_outside_of_turns(&self) -> bool {
        self.run.work.iter().flat_map(|work| &work.errands).any(|errand| errand.turn().is_none())
    }

    /// Tools are listed, and then the entry hooks run, one after the other.
    fn next_before_work(&mut self) -> bool {
        // Once someone has had a turn, all that is over.
        let begun = self.run.work.as_ref().is_some_and(|work| !work.talks.is_empty());
        !begun && (self.list_tools() || self.next_hook(HookWhen::Entry))
    }

    fn next_of_work(&mut self) -> bool {
        let Some(work) = &self.run.work else { return false };
        let Some(stage) = self.run.stage() else { return false };
        if !work.turns.is_empty() {
            return self.call_models();
        }
        match self.next(work, stage) {
            Next::Turns { seats, phase, cycle } => {
                let agents: Vec<String> =
                    seats.iter().map(|seat| stage.agents[*seat].agent.clone()).collect();
                agents.into_iter().for_each(|agent| self.start_turn(agent, phase, cycle, None));
            }
            Next::Remind { seat, keys } => {
                let (agent, phase) = (stage.agents[seat].agent.clone(), stage.agents[seat].phase);
                let cycle = work.cycle;
                self.start_turn(agent, phase, cycle, Some(Ask::Shares { keys }));
            }
            Next::Ask { agent, ask } => self.ask(agent, ask),
            Next::AskSummaries { agents } => {
                agents.into_iter().for_each(|agent| self.ask(agent, Ask::Summary))
            }
            Next::Note(fact) => self.emit(*fact),
            Next::Complete => {
                if !self.next_approval(ApprovalWhen::After) && !self.next_hook(HookWhen::Exit) {
                    self.complete_stage();
                }
            }
            Next::Fail { agent, doing, code, message, hint } => {
                let mut error = self.error(agent.as_deref(), doing, code, message);
                error.hint = Some(hint.to_owned());
                self.fail_stage(error);
            }
        }
        true
    }

    /// The keys that a seat's agent still has to share.
    pub(super) fn keys_owed(&self, seat: usize) -> Vec<String> {
        let (Some(work), Some(stage)) = (&self.run.work, self.run.stage()) else { return Vec::new() };
        keys_owed(work, stage, seat)
    }

    /// The rules of a stage's work, in their order.
    fn next(&self, work: &Work, stage: &Stage) -> Next {
        unfilled(work)
            .or_else(|| next_shares(work, stage))
            .or_else(|| next_turns(work, stage))
            .or_else(|| next_result(work, stage))
            .or_else(|| next_mend(work, stage))
            .or_else(|| self.next_outcome(work, stage))
            .or_else(|| self.next_summary(work, stage))
            .unwrap_or(Next::Complete)
    }

    /// Where a stage declares outcomes, exactly one is chosen.
    fn next_outcome(&self, work: &Work, stage: &Stage) -> Option<Next> {
        let chosen = self.run.visits.last().is_some_and(|visit| visit.outcome.is_some());
        if stage.outcomes.is_empty() || chosen {
            return None;
        }
        let named = work.completed_last.as_ref().and_then(|completion| {
            let outcome = declared_outcome(stage, completion.outcome.as_deref()?)?;
            Some(Fact::OutcomeChosen { agent: completion.agent.clone(), outcome: outcome.to_owned() })
        });
        if let Some(chosen) = named {
            return Some(Next::Note(Box::new(chosen)));
        }
        let closer = closer(work, stage)?;
        if !work.asked_outcome {
            return Some(Next::Ask { agent: closer, ask: Ask::Outcome });
        }
        let outcomes: Vec<&str> = stage.outcomes.keys().map(String::as_str).collect();
        Some(Next::Fail {
            message: format!(
                "{closer} chose no outcome, even when asked for one of: {}.",
                outcomes.join(", ")
            ),
            agent: Some(closer),
            doing: "choosing the outcome",
            code: "outcome_missing",
            hint: "Say in the task when each outcome applies, or give the agent a stronger model.",
        })
    }

    /// A summary that was given is used; only a missing one costs a model call.
    fn next_summary(&self, work: &Work, stage: &Stage) -> Option<Next> {
        let writers: Vec<String> = match stage.summary {
            Summary::None => Vec::new(),
            Summary::Shared => shared_writer(work, stage).into_iter().collect(),
            Summary::Individual => work.talks.keys().cloned().collect(),
        };
        let visit = self.run.visits.last()?;
        let written = |agent: &String| visit.summaries.iter().any(|summary| summary.agent == *agent);
        let missing: Vec<String> = writers.into_iter().filter(|agent| !written(agent)).collect();
        let given = missing.iter().find_map(|agent| {
            let text = work.talks.get(agent)?.summary.as_ref()?;
            Some(Fact::SummaryWritten { agent: agent.clone(), text: Arc::clone(text) })
        });
        if let Some(fact) = given {
            return Some(Next::Note(Box::new(fact)));
        }
        let agents: Vec<String> =
            missing.into_iter().filter(|agent| !work.asked_summary.contains(agent)).collect();
        (!agents.is_empty()).then_some(Next::AskSummaries { agents })
    }

    /// Begins a turn, unless the one before it reached a limit at which the run stops.
    fn start_turn(&mut self, agent: String, phase: Phase, cycle: u32, asks: Option<Ask>) {
        if self.run.is_closing() {
            return;
        }
        let turn = self.run.turns + 1;
        self.emit(Fact::TurnStarted { turn, agent, phase, cycle, asks });
        self.call_model(turn);
    }

    /// A turn outside of the cycles; it belongs to the latest phase of the agent.
    fn ask(&mut self, agent: String, ask: Ask) {
        let (Some(work), Some(stage)) = (&self.run.work, self.run.stage()) else { return };
        let seats = stage.agents.iter().zip(&work.seats);
        let seats = seats.filter(|(place, _)| place.agent == agent);
        let seat = seats.max_by_key(|(place, seat)| (seat.cycle.min(1), place.phase));
        let Some(phase) = seat.map(|(place, _)| place.phase) else { return };
        let cycle = work.cycle;
        self.start_turn(agent, phase, cycle, Some(ask));
    }

    fn complete_stage(&mut self) {
        let (Some(work), Some(stage), Some(visit)) =
            (&self.run.work, self.run.stage(), self.run.visits.last())
        else {
            return;
        };
        let left = work.stage;
        let completed = Fact::StageCompleted {
            stage: stage.id.clone(),
            result: work.completed_last.as_ref().map_or_else(|| "".into(), |last| Arc::clone(&last.result)),
            outcome: visit.outcome.clone(),
            usage: visit.usage,
            duration_ms: self.moment.now.millis_since(visit.started_at),
        };
        self.emit(completed);
        self.route(left);
    }

    /// Leaves a stage for which leave was refused, after the hooks that always run. Answers whether a step
    /// was taken.
    fn leave_rejected(&mut self) -> bool {
        if self.waits_outside_of_turns() {
            return false;
        }
        if let Some(hook) = self.next_hook_that_always_runs() {
            self.start_hook(hook);
            return true;
        }
        let (Some(work), Some(stage), Some(visit)) =
            (&self.run.work, self.run.stage(), self.run.visits.last())
        else {
            return false;
        };
        let Some(rejected) = work.rejected.clone() else { return false };
        let to = self.approval(rejected.when, rejected.place).map(|approval| approval.on_reject.clone());
        let to = to.unwrap_or(Rejection::Error);
        if to == Rejection::Error {
            let said = rejected.comment.map(|comment| format!(" {comment}")).unwrap_or_default();
            let message = format!("Leave for the stage {} was refused.{said}", stage.name);
            let mut error = self.error(None, "asking for approval", "rejected", message);
            error.hint = Some(
                "Mend what was refused and run it again, or say in on_reject where a rejection leads."
                    .to_owned(),
            );
            self.fail_stage(error);
            return true;
        }
        let left = work.stage;
        let rejected = Fact::StageRejected {
            stage: stage.id.clone(),
            approval: rejected.approval,
            result: work.completed_last.as_ref().map(|last| Arc::clone(&last.result)),
            usage: visit.usage,
            duration_ms: self.moment.now.millis_since(visit.started_at),
        };
        self.emit(rejected);
        self.route_rejected(left, &to);
        true
    }
}

impl Draft {
    /// Ends the run at once where its first stage has a template that could not be filled in.
    pub(super) fn fail_unfilled(&mut self) {
        if let Some(Next::Fail { doing, code, message, hint, .. }) =
            self.run.work.as_deref().and_then(unfilled)
        {
            let mut error = self.error(None, doing, code, message);
            error.hint = Some(hint.to_owned());
            self.fail_stage(error);
            self.close();
        }
    }
}

/// A template that could not be filled in ends the stage before anyone works on it.
fn unfilled(work: &Work) -> Option<Next> {
    let texts =
        std::iter::once(&work.task).chain(work.seats.iter().filter_map(|seat| seat.directive.as_ref()));
    let why = texts.filter_map(|text| text.as_ref().err()).next()?;
    Some(Next::Fail {
        agent: None,
        doing: "filling in the task",
        code: "template_failed",
        message: format!("The task could not be filled in: {why}"),
        hint: "Check which fields the input has, and the names in the task's placeholders.",
    })
}

/// An agent that completed without sharing what it must is reminded once.
fn next_shares(work: &Work, stage: &Stage) -> Option<Next> {
    let owing = (0..stage.agents.len())
        .find(|seat| work.seats[*seat].completed && !keys_owed(work, stage, *seat).is_empty())?;
    let keys = keys_owed(work, stage, owing);
    if !work.seats[owing].reminded {
        return Some(Next::Remind { seat: owing, keys });
    }
    let agent = stage.agents[owing].agent.clone();
    Some(Next::Fail {
        message: format!("{agent} did not share {}, even when reminded.", keys.join(", ")),
        agent: Some(agent),
        doing: "sharing results",
        code: "shares_missing",
        hint: "Say in the directive what is to be shared under each key, or give the agent a stronger model.",
    })
}

/// The turns that are due: of the current cycle, of the next one, or of the next phase.
fn next_turns(work: &Work, stage: &Stage) -> Option<Next> {
    // Once the agents were asked for what is missing, the cycles are over.
    if work.asked_result || work.asked_mend || work.asked_outcome || !work.asked_summary.is_empty() {
        return None;
    }
    for phase in [Phase::Start, Phase::Default, Phase::Completion] {
        if phase < work.phase {
            continue;
        }
        let open: Vec<usize> = (0..stage.agents.len())
            .filter(|seat| stage.agents[*seat].phase == phase && !work.seats[*seat].completed)
            .collect();
        if open.is_empty() {
            continue;
        }
        let cycle = if phase == work.phase { work.cycle.max(1) } else { 1 };
        let due: Vec<usize> = open.iter().copied().filter(|seat| work.seats[*seat].cycle < cycle).collect();
        return Some(match (due.is_empty(), stage.turns) {
            (false, Turns::InOrder) => Next::Turns { seats: due[..1].to_vec(), phase, cycle },
            (false, Turns::AtOnce) => Next::Turns { seats: due, phase, cycle },
            (true, _) if cycle >= stage.max_cycles => return out_of_cycles(stage, phase, open.len()),
            (true, Turns::InOrder) => Next::Turns { seats: open[..1].to_vec(), phase, cycle: cycle + 1 },
            (true, Turns::AtOnce) => Next::Turns { seats: open, phase, cycle: cycle + 1 },
        });
    }
    None
}

/// The cycles of a phase are used up, and some of its agents have not completed.
fn out_of_cycles(stage: &Stage, phase: Phase, open: usize) -> Option<Next> {
    match stage.on_max_cycles {
        OnMaxCycles::Finish => None,
        OnMaxCycles::Error => Some(Next::Fail {
            agent: None,
            doing: "taking turns",
            code: "max_cycles",
            message: format!(
                "After {} cycles of the {} phase, {open} of its agents had not completed.",
                stage.max_cycles,
                phase_name(phase)
            ),
            hint: "Raise max_cycles, say in the task when an agent is done, or set on_max_cycles: finish.",
        }),
    }
}

/// A stage that nobody completed is asked for its result once.
fn next_result(work: &Work, stage: &Stage) -> Option<Next> {
    if work.completed_last.is_some() || work.asked_result {
        return None;
    }
    closer(work, stage).map(|agent| Next::Ask { agent, ask: Ask::Result })
}

/// A result that does not fit the stage's schema is mended once.
fn next_mend(work: &Work, stage: &Stage) -> Option<Next> {
    let schema = stage.result_schema.as_ref()?;
    let last = work.completed_last.as_ref()?;
    let mistakes = match serde_json::from_str(&last.result) {
        Ok(result) => schema::mistakes(schema, &result),
        Err(_) if schema.get("type").is_some_and(|kind| kind == "string") => {
            schema::mistakes(schema, &(*last.result).into())
        }
        Err(error) => vec![format!("it is not JSON: {error}")],
    };
    let agent = last.agent.clone();
    match (mistakes.is_empty(), work.asked_mend) {
        (true, _) => None,
        (false, false) => Some(Next::Ask { agent, ask: Ask::Mend { mistakes } }),
        (false, true) => Some(Next::Fail {
            message: format!(
                "The result of {agent} does not fit the stage's schema, even when mended: {}.",
                rules::told(&mistakes)
            ),
            agent: Some(agent),
            doing: "checking the result",
            code: "result_invalid",
            hint: "Say in the task what the result has to be, loosen result_schema, or give the agent a stronger model.",
        }),
    }
}

/// Who answers for the stage: the last agent to complete or, where the cycles ran out or nobody
/// completed, the last that spoke.
fn closer(work: &Work, stage: &Stage) -> Option<String> {
    let completed = work.completed_last.as_ref().map(|completion| completion.agent.clone());
    if ran_out(work, stage) {
        return work.spoke_last.clone().or(completed);
    }
    completed.or_else(|| work.spoke_last.clone())
}

/// Who writes the one summary of the stage: the last agent to complete where it gave one then, else
/// whoever answers for the stage.
fn shared_writer(work: &Work, stage: &Stage) -> Option<String> {
    let completed = work.completed_last.as_ref().map(|completion| &completion.agent);
    let gave = |agent: &&String| work.talks.get(*agent).is_some_and(|talk| talk.summary.is_some());
    completed.filter(gave).cloned().or_else(|| closer(work, stage))
}

/// The outcome of the stage that is meant. Case and what stands around a name do not count.
pub(super) fn declared_outcome<'s>(stage: &'s Stage, named: &str) -> Option<&'s str> {
    let around = |c: char| c.is_whitespace() || (c.is_ascii_punctuation() && c != '-' && c != '_');
    let named = named.trim_matches(around);
    let mut names = stage.outcomes.keys().map(String::as_str);
    let exact = names.clone().find(|name| *name == named);
    exact.or_else(|| names.find(|name| name.eq_ignore_ascii_case(named)))
}

/// The outcome that stands alone in a line of an answer, or alone after a colon: models like to add
/// why. Where the lines name different ones, none is meant.
pub(super) fn outcome_in_words<'s>(stage: &'s Stage, words: &str) -> Option<&'s str> {
    let in_line = |line: &str| {
        let after_colon = || declared_outcome(stage, line.rsplit_once(':')?.1);
        declared_outcome(stage, line).or_else(after_colon)
    };
    let mut named = words.lines().filter_map(in_line);
    let first = named.next()?;
    named.all(|other| other == first).then_some(first)
}

/// Whether the work was cut short at `max_cycles`.
fn ran_out(work: &Work, stage: &Stage) -> bool {
    let open = stage
        .agents
        .iter()
        .zip(&work.seats)
        .any(|(place, seat)| place.phase == work.phase && !seat.completed);
    open && work.phase != Phase::Start && work.cycle >= stage.max_cycles
}

fn keys_owed(work: &Work, stage: &Stage, seat: usize) -> Vec<String> {
    let place = &stage.agents[seat];
    let shared = |key: &String| work.talks.get(&place.agent).is_some_and(|talk| talk.shared.contains(key));
    place.shares.iter().filter(|key| !shared(key)).cloned().collect()
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Start => "start",
        Phase::Default => "default",
        Phase::Completion => "completion",
    }
}
