//! Facts of the table: a stage is entered, agents take turns, speak, share and complete.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::super::{
    Completion, Document, Entry, Given, Replied, Run, Seat, Shared, Spoken, Talk, Turn, Visit, VisitStatus,
    Work,
};
use super::Fit;
use crate::definition::{Assignment, Phase, Turns};
use crate::event::{Ask, Event, Fact, PastDocument, PastValue, TurnEnd, Usage};
use crate::template;
use crate::text::{TASK_CHARS_MAX, cut};

impl Run {
    /// What is said and done at the table.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller names every fact, and sends these here")]
    pub(super) fn apply_to_table(&mut self, event: &Event) -> Fit {
        match &event.fact {
            Fact::TurnStarted { .. } => self.start_turn(&event.fact),
            Fact::TurnCapped { .. } => Ok(()),
            Fact::TurnEnded { turn, how, .. } => self.end_turn(*turn, *how),
            Fact::MessageSent { agent, to, text, tool_call } => {
                let said = Spoken::Message { from: agent.clone(), to: to.clone(), text: Arc::clone(text) };
                self.say(said, agent, tool_call.as_deref(), "Sent.")
            }
            Fact::ResultShared { .. } => self.share(event),
            Fact::MemoryRead { agent, text, tool_call, .. } => {
                self.reply(agent, tool_call, replied(Arc::clone(text)))
            }
            Fact::DocumentWritten { .. } => self.write_document(event),
            Fact::ToolCallRefused { agent, tool_call, message, .. } => {
                let refused = Replied { failed: true, ..replied(message.as_str().into()) };
                self.reply(agent, tool_call, refused)
            }
            Fact::AgentCompleted { .. } => self.complete_agent(&event.fact),
            _ => Err("it is not about the table"),
        }
    }

    pub(super) fn enter(&mut self, event: &Event) -> Fit {
        let Fact::StageEntered { stage: id, name, nth, forced } = &event.fact else {
            return Err("not a stage_entered");
        };
        if self.work.is_some() {
            return Err("another visit is under way");
        }
        let number = event.visit.ok_or("a visit has a number")?;
        let (index, stage) = self.definition.stage(id).ok_or("the definition has no such stage")?;
        let seats = vec![Seat::default(); stage.agents.len()];
        let brought = super::inherit::words(&self.unheard);
        self.work = Some(Box::new(Work {
            stage: index,
            approved_before: 0,
            approved_after: 0,
            rejected: None,
            listed: BTreeMap::new(),
            entered: 0,
            left: 0,
            errands: Vec::new(),
            task: Ok("".into()),
            memory_at_entry: Arc::clone(&self.memory),
            seats,
            phase: Phase::Start,
            cycle: 0,
            table: std::mem::take(&mut self.unheard),
            talks: indexmap::IndexMap::new(),
            turns: Vec::new(),
            completed_last: None,
            spoke_last: None,
            asked_result: false,
            asked_mend: false,
            asked_outcome: false,
            asked_summary: BTreeSet::new(),
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
            inherited_from: None,
            rejected: false,
            changed: false,
            shared: Vec::new(),
            documents: Vec::new(),
            brought,
            unheard: Vec::new(),
            memory_at_end: None,
        }));
        self.brief()
    }

    /// Fills in what the agents are told of their work, from what there is when it begins.
    pub(super) fn brief(&mut self) -> Fit {
        let definition = Arc::clone(&self.definition);
        let work = self.work.as_ref().ok_or("no visit is under way")?;
        let stage = definition.workflow.stages.get(work.stage).ok_or("the definition has no such stage")?;
        let given = Given::of(self);
        let names = given.names();
        let fill = |text: &str| {
            let filled = template::render(text, &names).map_err(|error| error.to_string())?;
            Ok::<Arc<str>, String>(cut(&filled, TASK_CHARS_MAX, None).into())
        };
        let task = fill(&stage.task);
        let directive = |place: &Assignment| place.directive.as_deref().map(fill);
        let directives: Vec<_> = stage.agents.iter().map(directive).collect();
        let memory = Arc::clone(&self.memory);
        let work = self.work_mut()?;
        work.task = task;
        work.memory_at_entry = memory;
        for (seat, directive) in work.seats.iter_mut().zip(directives) {
            seat.directive = directive;
        }
        Ok(())
    }

    fn start_turn(&mut self, fact: &Fact) -> Fit {
        let Fact::TurnStarted { turn, agent, phase, cycle, asks } = fact else {
            return Err("not a turn_started");
        };
        let seat = self
            .stage()
            .and_then(|stage| stage.agents.iter().position(|a| a.agent == *agent && a.phase == *phase))
            .ok_or("no such agent sits at the table in this phase")?;
        let at_once = self.stage().is_some_and(|stage| stage.turns == Turns::AtOnce);
        let memory = at_once.then(|| Arc::clone(&self.memory));
        let work = self.work_mut()?;
        match asks {
            None => {
                (work.phase, work.cycle) = (*phase, *cycle);
                work.seats[seat].cycle = *cycle;
            }
            Some(Ask::Shares { .. }) => work.seats[seat].reminded = true,
            Some(Ask::Result) => work.asked_result = true,
            Some(Ask::Mend { .. }) => work.asked_mend = true,
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
            memory,
            held: None,
        });
        self.turns = *turn;
        Ok(())
    }

    fn share(&mut self, event: &Event) -> Fit {
        let Fact::ResultShared { agent, key, value, tool_call } = &event.fact else {
            return Err("not a result_shared");
        };
        let visit = event.visit.ok_or("values are shared at a visit")?;
        self.remember(key, Shared { value: Arc::clone(value), agent: agent.clone(), visit });
        if let Some(talk) = self.work_mut()?.talks.get_mut(agent) {
            talk.shared.insert(key.clone());
        }
        let said = Spoken::Shared { from: agent.clone(), key: key.clone(), value: Arc::clone(value) };
        self.say(said, agent, tool_call.as_deref(), "Shared.")
    }

    /// Writes a value to shared memory.
    pub(super) fn remember(&mut self, key: &str, shared: Shared) {
        let late = self.work.is_none();
        if let Ok(visit) = self.visit_mut() {
            let (value, agent) = (Arc::clone(&shared.value), shared.agent.clone());
            visit.note_value(PastValue { key: key.to_owned(), value, agent, late });
        }
        Arc::make_mut(&mut self.memory).insert(key.to_owned(), shared);
    }

    fn write_document(&mut self, event: &Event) -> Fit {
        let Fact::DocumentWritten { agent, path, hash, bytes, tool_call } = &event.fact else {
            return Err("not a document_written");
        };
        let visit = event.visit.ok_or("documents are written at a visit")?;
        let document =
            Document { hash: hash.clone(), bytes: *bytes, agent: agent.clone(), visit, at: event.at };
        Arc::make_mut(&mut self.documents).insert(path.clone(), document);
        let (path, hash, agent_of) = (path.clone(), hash.clone(), agent.clone());
        let written = PastDocument { path, hash, bytes: *bytes, agent: agent_of, at: event.at };
        self.visit_mut()?.note_document(written);
        match (agent, tool_call) {
            (Some(agent), Some(id)) => self.reply(agent, id, replied("Written.".into())),
            (None, _) | (_, None) => Ok(()),
        }
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

    /// Something is said at the table, perhaps by a tool call, which is answered with `reply`.
    fn say(&mut self, said: Spoken, agent: &str, tool_call: Option<&str>, reply: &'static str) -> Fit {
        self.work_mut()?.table.push(Arc::new(said));
        match tool_call {
            Some(id) => self.reply(agent, id, replied(reply.into())),
            None => Ok(()),
        }
    }

    /// A tool call of the agent's latest answer is answered.
    pub(super) fn reply(&mut self, agent: &str, tool_call: &str, replied: Replied) -> Fit {
        let talk = self.work_mut()?.talks.get_mut(agent).ok_or("the agent has no turn at this visit")?;
        match talk.entries.last_mut() {
            Some(Entry::Answer { results, .. }) => {
                Arc::make_mut(results).insert(tool_call.to_owned(), replied);
                Ok(())
            }
            Some(Entry::Opening { .. }) | None => Err("a tool call follows an answer"),
        }
    }
}

/// A text that a tool call gave.
pub(super) fn replied(text: Arc<str>) -> Replied {
    Replied { text, failed: false, call: None }
}

/// A value as memory keeps it: JSON where the text is JSON, and not merely a word or a number.
pub(crate) fn value_of(text: &str) -> Value {
    let is_built = text.trim_start().starts_with(['{', '[']);
    let parsed = is_built.then(|| serde_json::from_str(text).ok()).flatten();
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}
