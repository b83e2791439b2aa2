//! How each fact changes a run: the only place where one changes.
//!
//! Every fact has its arm, and a fact that does not fit the run is an error rather than a guess: it
//! means that a history was damaged, or that it was written by another program.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{
    Call, CallState, Completion, Entry, Run, Seat, Shared, Spoken, Status, StopAsked, SummaryText, Talk,
    Turn, Visit, VisitStatus, Work,
};
use crate::definition::{Definition, Phase};
use crate::event::{Ask, CallUsage, Event, Fact, InFlight, TurnEnd, Usage};
use crate::template;
use crate::time::Time;

/// An event that does not fit the run that it is applied to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {seq} does not fit the history before it: {why}")]
pub struct Misfit {
    /// The number of the event.
    pub seq: u64,
    /// Why it does not fit.
    pub why: &'static str,
}

/// What a template sees where a run has no input: a text that shows as nothing.
static NO_INPUT: Value = Value::String(String::new());

/// What an arm answers: nothing, or why the fact does not fit.
type Fit = Result<(), &'static str>;

impl Run {
    /// The run that a first event creates.
    pub(crate) fn created(definition: Arc<Definition>, event: &Event) -> Result<Self, Misfit> {
        let Fact::RunCreated(created) = &event.fact else {
            return Err(Misfit { seq: event.seq, why: "a history begins with run_created" });
        };
        if event.seq != 1 {
            return Err(Misfit { seq: event.seq, why: "a history begins with number 1" });
        }
        Ok(Self {
            definition,
            created: Arc::new(created.clone()),
            seq: event.seq,
            status: Status::Pending,
            created_at: event.at,
            started_at: None,
            ended_at: None,
            visits: Vec::new(),
            work: None,
            memory: Arc::default(),
            usage: Usage::default(),
            turns: 0,
            stop: None,
            failing: None,
            aborted: Vec::new(),
            crashes: 0,
            result: None,
            error: None,
        })
    }

    /// Folds one event into the run.
    pub fn apply(&mut self, event: &Event) -> Result<(), Misfit> {
        if event.seq != self.seq + 1 {
            return Err(Misfit { seq: event.seq, why: "numbers have no holes" });
        }
        if self.status.is_final() {
            return Err(Misfit { seq: event.seq, why: "the run had ended" });
        }
        self.apply_fact(event).map_err(|why| Misfit { seq: event.seq, why })?;
        self.seq = event.seq;
        Ok(())
    }

    /// One arm per fact; what is longer than a line or two has a function of its own.
    fn apply_fact(&mut self, event: &Event) -> Fit {
        match &event.fact {
            Fact::RunCreated(_) => Err("the run was created already"),
            Fact::RunStarted => {
                self.status = Status::Running;
                self.started_at = Some(event.at);
                Ok(())
            }
            Fact::StageEntered { .. } => self.enter(event),
            Fact::TurnStarted { .. } => self.start_turn(&event.fact),
            Fact::ModelCallStarted { .. } => self.start_call(event),
            Fact::ModelCallFinished { .. } => self.finish_call(&event.fact),
            Fact::ModelCallFailed { call, .. } => self.fail_call(*call, event.at),
            Fact::RetryScheduled { call, retry_at, .. } => {
                self.call_mut(*call)?.state = CallState::Waiting { since: event.at, until: *retry_at };
                Ok(())
            }
            Fact::MessageSent { agent, to, text, tool_call } => {
                let said = Spoken::Message { from: agent.clone(), to: to.clone(), text: Arc::clone(text) };
                self.say(said, agent, tool_call.as_deref(), "Sent.")
            }
            Fact::ResultShared { .. } => self.share(event),
            Fact::MemoryRead { agent, text, tool_call, .. } => {
                self.reply(agent, tool_call, Arc::clone(text), Failed::No)
            }
            Fact::ToolCallRefused { agent, tool_call, message, .. } => {
                self.reply(agent, tool_call, message.as_str().into(), Failed::Yes)
            }
            Fact::TurnCapped { .. } => Ok(()),
            Fact::AgentCompleted { .. } => self.complete_agent(&event.fact),
            Fact::TurnEnded { turn, how, .. } => self.end_turn(*turn, *how),
            Fact::OutcomeChosen { outcome, .. } => {
                self.visit_mut()?.outcome = Some(outcome.clone());
                Ok(())
            }
            Fact::SummaryWritten { agent, text } => {
                self.visit_mut()?
                    .summaries
                    .push(SummaryText { agent: agent.clone(), text: Arc::clone(text) });
                Ok(())
            }
            Fact::StageCompleted { result, .. } => {
                self.visit_mut()?.result = Some(Arc::clone(result));
                self.leave(VisitStatus::Completed, event.at)
            }
            Fact::LoopGuardTripped { .. } => Ok(()),
            Fact::StageFailed { error, .. } => {
                self.failing = Some(error.clone());
                Ok(())
            }
            Fact::RunRecovered { in_flight } => self.recover(in_flight),
            Fact::StopRequested { by, reason } => {
                self.stop =
                    Some(Box::new(StopAsked { by: by.clone(), reason: reason.clone(), at: event.at }));
                Ok(())
            }
            Fact::RunCompleted { result, .. } => {
                self.result = Some(Arc::clone(result));
                self.end(Status::Completed, event.at)
            }
            Fact::RunStopped { .. } => self.end(Status::Stopped, event.at),
            Fact::RunFailed { error, .. } => {
                self.error = Some(error.clone());
                self.end(Status::Error, event.at)
            }
        }
    }

    fn enter(&mut self, event: &Event) -> Fit {
        let Fact::StageEntered { stage: id, name, nth, forced } = &event.fact else {
            return Err("not a stage_entered");
        };
        if self.work.is_some() {
            return Err("another visit is under way");
        }
        let number = event.visit.ok_or("a visit has a number")?;
        let definition = Arc::clone(&self.definition);
        let (index, stage) = definition.stage(id).ok_or("the definition has no such stage")?;
        let names = self.names();
        let fill =
            |text: &str| template::render(text, &names).map(Arc::from).map_err(|error| error.to_string());
        let seat_of = |assignment: &crate::definition::Assignment| Seat {
            directive: assignment.directive.as_deref().map(fill),
            ..Seat::default()
        };
        self.work = Some(Box::new(Work {
            stage: index,
            task: fill(&stage.task),
            memory_at_entry: Arc::clone(&self.memory),
            seats: stage.agents.iter().map(seat_of).collect(),
            phase: Phase::Start,
            cycle: 0,
            table: Vec::new(),
            talks: indexmap::IndexMap::new(),
            turns: Vec::new(),
            completed_last: None,
            spoke_last: None,
            asked_result: false,
            asked_outcome: false,
            asked_summary: std::collections::BTreeSet::new(),
        }));
        self.visits.push(Arc::new(Visit {
            number,
            stage: id.clone(),
            name: name.clone(),
            nth: *nth,
            forced: *forced,
            status: VisitStatus::Running,
            started_at: event.at,
            ended_at: None,
            outcome: None,
            result: None,
            summaries: Vec::new(),
            usage: Usage::default(),
            memory_at_end: None,
        }));
        Ok(())
    }

    /// The values that a template sees now.
    fn names(&self) -> template::Names<'_> {
        let results =
            self.visits.iter().filter_map(|visit| Some((visit.stage.as_str(), visit.result.as_deref()?)));
        template::Names {
            input: if self.created.input.is_null() { &NO_INPUT } else { &self.created.input },
            results: results.collect(),
            memory: self.memory.iter().map(|(key, shared)| (key.as_str(), shared.value.as_ref())).collect(),
        }
    }

    fn start_turn(&mut self, fact: &Fact) -> Fit {
        let Fact::TurnStarted { turn, agent, phase, cycle, asks } = fact else {
            return Err("not a turn_started");
        };
        let seat = self
            .stage()
            .and_then(|stage| stage.agents.iter().position(|a| a.agent == *agent && a.phase == *phase))
            .ok_or("no such agent sits at the table in this phase")?;
        let work = self.work_mut()?;
        match asks {
            None => {
                (work.phase, work.cycle) = (*phase, *cycle);
                work.seats[seat].cycle = *cycle;
            }
            Some(Ask::Shares { .. }) => work.seats[seat].reminded = true,
            Some(Ask::Result) => work.asked_result = true,
            Some(Ask::Outcome) => work.asked_outcome = true,
            Some(Ask::Summary) => {
                work.asked_summary.insert(agent.clone());
            }
        }
        let end = work.table.len();
        let talk = work.talks.entry(agent.clone()).or_insert_with(Talk::default);
        talk.entries.push(Entry::Opening { seat, heard: talk.heard..end, ask: asks.clone() });
        talk.heard = end;
        work.turns.push(Turn {
            number: *turn,
            agent: agent.clone(),
            seat,
            ask: asks.clone(),
            calls: 0,
            call: None,
        });
        self.turns = *turn;
        Ok(())
    }

    fn start_call(&mut self, event: &Event) -> Fit {
        let Fact::ModelCallStarted { call, attempt, turn, agent, model } = &event.fact else {
            return Err("not a model_call_started");
        };
        let work = self.work_mut()?;
        if let Some(talk) = work.talks.get_mut(agent) {
            talk.attempts += 1;
        }
        let turn = work.turns.iter_mut().find(|t| t.number == *turn).ok_or("no such turn is under way")?;
        let before = turn.call.take().filter(|before| before.number == *call);
        if before.is_none() {
            turn.calls += 1;
        }
        // The time for trying again is counted per model: a fallback gets all of its own.
        let same_model = before.as_ref().filter(|before| before.model == *model);
        turn.call = Some(Call {
            number: *call,
            attempt: *attempt,
            model: model.clone(),
            failures: same_model.map_or(0, |before| before.failures),
            failing_since: same_model.and_then(|before| before.failing_since_as_of(event.at)),
            state: CallState::InFlight { started_at: event.at },
        });
        Ok(())
    }

    fn finish_call(&mut self, fact: &Fact) -> Fit {
        let Fact::ModelCallFinished { turn, agent, answer, usage, .. } = fact else {
            return Err("not a model_call_finished");
        };
        self.spend(*usage)?;
        self.crashes = 0;
        let work = self.work_mut()?;
        let turn = work.turns.iter_mut().find(|t| t.number == *turn).ok_or("no such turn is under way")?;
        turn.call = None;
        let talk = work.talks.get_mut(agent).ok_or("the agent has no turn at this visit")?;
        talk.entries.push(Entry::Answer { answer: Arc::clone(answer), results: Arc::new(BTreeMap::new()) });
        work.spoke_last = Some(agent.clone());
        Ok(())
    }

    fn fail_call(&mut self, number: u64, at: Time) -> Fit {
        let closing = self.is_closing();
        let stopping = self.stop.is_some();
        let work = self.work_mut()?;
        let turn = work
            .turns
            .iter_mut()
            .find(|t| t.call.as_ref().is_some_and(|c| c.number == number))
            .ok_or("no such call is under way")?;
        if closing {
            let cut = turn.call.take().map(|call| turn.in_flight(&call));
            self.aborted.extend(cut.filter(|_| stopping));
            return Ok(());
        }
        if let Some(call) = turn.call.as_mut() {
            call.failures += 1;
            call.failing_since.get_or_insert(at);
            call.state = CallState::Failed;
        }
        Ok(())
    }

    fn share(&mut self, event: &Event) -> Fit {
        let Fact::ResultShared { agent, key, value, tool_call } = &event.fact else {
            return Err("not a result_shared");
        };
        let visit = event.visit.ok_or("values are shared at a visit")?;
        let shared = Shared { value: Arc::clone(value), agent: agent.clone(), visit };
        Arc::make_mut(&mut self.memory).insert(key.clone(), shared);
        if let Some(talk) = self.work_mut()?.talks.get_mut(agent) {
            talk.shared.insert(key.clone());
        }
        let said = Spoken::Shared { from: agent.clone(), key: key.clone(), value: Arc::clone(value) };
        self.say(said, agent, tool_call.as_deref(), "Shared.")
    }

    fn complete_agent(&mut self, fact: &Fact) -> Fit {
        let Fact::AgentCompleted { turn, agent, result, summary, outcome, tool_call } = fact else {
            return Err("not an agent_completed");
        };
        let work = self.work_mut()?;
        let seat = work.turn(*turn).ok_or("no such turn is under way")?.seat;
        work.seats[seat].completed = true;
        work.completed_last =
            Some(Completion { agent: agent.clone(), result: Arc::clone(result), outcome: outcome.clone() });
        if let (Some(talk), Some(summary)) = (work.talks.get_mut(agent), summary) {
            talk.summary = Some(Arc::clone(summary));
        }
        let said = Spoken::Completed { agent: agent.clone(), result: Arc::clone(result) };
        self.say(said, agent, tool_call.as_deref(), "Completed.")
    }

    fn end_turn(&mut self, number: u32, how: TurnEnd) -> Fit {
        let work = self.work_mut()?;
        let place = work.turns.iter().position(|t| t.number == number).ok_or("no such turn is under way")?;
        let turn = work.turns.remove(place);
        // A seat of the start phase has one turn, and has done its part when it ends.
        if work.phase == Phase::Start && turn.ask.is_none() && how != TurnEnd::Completed {
            work.seats[turn.seat].completed = true;
        }
        Ok(())
    }

    fn recover(&mut self, lost: &[InFlight]) -> Fit {
        self.crashes += 1;
        if self.stop.is_some() {
            self.aborted.extend_from_slice(lost);
        }
        let closing = self.is_closing();
        for lost in lost {
            let call = self.call_mut(lost.call)?;
            call.state = CallState::Failed;
            // How long the server was down is not known, and does not count as time of trying.
            call.failing_since = None;
            if closing {
                let work = self.work_mut()?;
                for turn in &mut work.turns {
                    turn.call.take_if(|call| call.number == lost.call);
                }
            }
        }
        Ok(())
    }

    fn leave(&mut self, status: VisitStatus, at: Time) -> Fit {
        let memory = Arc::clone(&self.memory);
        let visit = self.visit_mut()?;
        visit.status = status;
        visit.ended_at = Some(at);
        visit.memory_at_end = Some(memory);
        self.work = None;
        Ok(())
    }

    fn end(&mut self, status: Status, at: Time) -> Fit {
        if self.work.is_some() {
            let visit = match status {
                Status::Stopped => VisitStatus::Stopped,
                Status::Pending | Status::Running | Status::Completed | Status::Error => VisitStatus::Error,
            };
            self.leave(visit, at)?;
        }
        self.status = status;
        self.ended_at = Some(at);
        Ok(())
    }

    fn spend(&mut self, usage: CallUsage) -> Fit {
        self.usage.add(usage);
        self.visit_mut()?.usage.add(usage);
        Ok(())
    }

    /// Something is said at the table, perhaps by a tool call, which is answered with `reply`.
    fn say(&mut self, said: Spoken, agent: &str, tool_call: Option<&str>, reply: &'static str) -> Fit {
        let work = self.work_mut()?;
        work.table.push(Arc::new(said));
        match tool_call {
            Some(id) => self.reply(agent, id, reply.into(), Failed::No),
            None => Ok(()),
        }
    }

    /// A tool call of the agent's latest answer is answered.
    fn reply(&mut self, agent: &str, tool_call: &str, text: Arc<str>, failed: Failed) -> Fit {
        let talk = self.work_mut()?.talks.get_mut(agent).ok_or("the agent has no turn at this visit")?;
        match talk.entries.last_mut() {
            Some(Entry::Answer { results, .. }) => {
                let failed = matches!(failed, Failed::Yes);
                Arc::make_mut(results).insert(tool_call.to_owned(), (text, failed));
                Ok(())
            }
            Some(Entry::Opening { .. }) | None => Err("a tool call follows an answer"),
        }
    }

    fn work_mut(&mut self) -> Result<&mut Work, &'static str> {
        self.work.as_deref_mut().ok_or("no visit is under way")
    }

    fn visit_mut(&mut self) -> Result<&mut Visit, &'static str> {
        self.visits.last_mut().map(Arc::make_mut).ok_or("no visit is under way")
    }

    fn call_mut(&mut self, number: u64) -> Result<&mut Call, &'static str> {
        let turns = &mut self.work_mut()?.turns;
        turns
            .iter_mut()
            .filter_map(|turn| turn.call.as_mut())
            .find(|call| call.number == number)
            .ok_or("no such call is under way")
    }
}

/// Whether a tool call failed, for the agent that made it.
#[derive(Clone, Copy)]
enum Failed {
    Yes,
    No,
}
