//! What an agent is sent: built here and nowhere else, from the run alone.
//!
//! The order is fixed: who the agent is and who else is at the table; the task and its directive;
//! the run's input; results and summaries of the stages so far; shared memory; then what happened
//! at this visit that concerns it. What others wrote is set apart as data, so that it is read as
//! material and not as instructions. Nothing unbounded gets in: long texts are cut, and say so.

mod data;
mod news;
mod system;
mod tools;
mod words;

pub use data::TEXT_CHARS_MAX;
pub(crate) use data::{cut, value_text};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::call::{Answer, Message, Request, Scene, SceneOutcome, ToolCall, ToolResult};
use crate::definition::{Assignment, Model, Stage, Target};
use crate::event::Ask;
use crate::run::{Entry, Run, Talk, Turn, Visit, Work};
use data::Data;

impl Run {
    /// What the model of a call under way is to be sent.
    pub fn request(&self, call: u64) -> Option<Request> {
        let turn = self.work.as_ref()?.turn_of_call(call)?;
        let scene = SceneSetting::of(self, turn)?;
        let (tools, must_call) = tools::offered(&scene);
        Some(Request {
            system: system::text(&scene),
            messages: messages(&scene),
            tools,
            must_call,
            scene: scene.for_simulation(),
        })
    }
}

/// Everything that a prompt is made of, looked up once.
struct SceneSetting<'r> {
    run: &'r Run,
    work: &'r Work,
    visit: &'r Visit,
    stage: &'r Stage,
    place: &'r Assignment,
    turn: &'r Turn,
    talk: &'r Talk,
    model: &'r Model,
}

impl<'r> SceneSetting<'r> {
    fn of(run: &'r Run, turn: &'r Turn) -> Option<Self> {
        let work = run.work.as_deref()?;
        let stage = run.stage()?;
        Some(Self {
            run,
            work,
            visit: run.visits.last()?,
            stage,
            place: stage.agents.get(turn.seat)?,
            turn,
            talk: work.talks.get(&turn.agent)?,
            model: run.definition.models.get(&turn.call.as_ref()?.model)?,
        })
    }

    /// The keys that the agent has to share and has not shared yet.
    fn to_share(&self) -> Vec<String> {
        self.place.shares.iter().filter(|key| !self.talk.shared.contains(*key)).cloned().collect()
    }

    /// Whether only one text is asked for, and tools would be in the way.
    fn asks_summary(&self) -> bool {
        self.turn.ask == Some(Ask::Summary)
    }

    fn for_simulation(&self) -> Scene {
        let agent = self.run.definition.team.agents.get(&self.turn.agent);
        Scene {
            workflow: self.run.definition.name.clone(),
            stage: self.stage.id.clone(),
            stage_name: self.stage.name.clone(),
            nth: self.visit.nth,
            agent: self.turn.agent.clone(),
            role: agent.map(|agent| agent.role.clone()).unwrap_or_default(),
            task: self.work.task.as_deref().map(str::to_owned).unwrap_or_default(),
            input: value_text(self.run.input()),
            // The attempt that this is for is counted already.
            calls_before: self.talk.attempts.saturating_sub(1),
            visit: self.visit.number,
            to_share: self.to_share(),
            outcomes: self.stage.outcomes.iter().map(|(name, target)| self.outcome(name, target)).collect(),
            asks_summary: self.asks_summary(),
        }
    }

    fn outcome(&self, name: &str, target: &Target) -> SceneOutcome {
        let back = match target {
            Target::Stage(id) => {
                self.run.definition.stage(id).is_some_and(|(index, _)| index <= self.work.stage)
            }
            Target::Next | Target::End | Target::Workflow(_) => false,
        };
        let took =
            |visit: &&Arc<Visit>| visit.stage == self.stage.id && visit.outcome.as_deref() == Some(name);
        let taken = self.run.visits.iter().filter(took).count();
        SceneOutcome { name: name.to_owned(), back, taken: u32::try_from(taken).unwrap_or(u32::MAX) }
    }
}

/// The conversation: the head of the visit, and then what happened, turn by turn.
fn messages(scene: &SceneSetting<'_>) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::with_capacity(scene.talk.entries.len() + 1);
    let mut seat_before = None;
    for entry in &scene.talk.entries {
        match entry {
            Entry::Opening { seat, heard, ask } => {
                let mut text = if seat_before.is_none() { head(scene, *seat) } else { String::new() };
                news::write(&mut text, scene, &scene.work.table[heard.clone()]);
                let opening = news::Opening { seat: *seat, seat_before, ask: ask.as_ref() };
                news::write_turn(&mut text, scene, opening);
                messages.push(Message::User(text));
                seat_before = Some(*seat);
            }
            Entry::Answer { answer, results } => {
                let results = tool_results(answer, results);
                if scene.model.tools {
                    messages.push(Message::Answer(Arc::clone(answer)));
                    messages.extend((!results.is_empty()).then_some(Message::ToolResults(results)));
                } else {
                    messages.push(Message::Answer(words::answer(answer)));
                    messages.extend(words::results(&results).map(Message::User));
                }
            }
        }
    }
    messages
}

/// What the tool calls of an answer gave, in their order.
fn tool_results(answer: &Answer, results: &BTreeMap<String, (Arc<str>, bool)>) -> Vec<ToolResult> {
    let result = |call: &ToolCall| {
        let (text, failed) = match results.get(&call.id) {
            Some((text, failed)) => (cut(text).into_owned(), *failed),
            None => ("Noted.".to_owned(), false),
        };
        ToolResult { id: call.id.clone(), tool: call.tool.clone(), text, failed }
    };
    answer.tool_calls.iter().map(result).collect()
}

/// What an agent finds when it comes to the table.
fn head(scene: &SceneSetting<'_>, seat: usize) -> String {
    let mut text = String::from("# Task\n\n");
    text.push_str(scene.work.task.as_deref().unwrap_or_default());
    text.push_str("\n\n");
    if let Some(Ok(directive)) = scene.work.seats.get(seat).and_then(|seat| seat.directive.as_ref()) {
        text.push_str("# Your part\n\n");
        text.push_str(directive);
        text.push_str("\n\n");
    }
    if !scene.run.input().is_null() {
        text.push_str("# Input\n\n");
        Data::new("input").write(&mut text, &value_text(scene.run.input()));
    }
    write_results(&mut text, scene);
    write_memory(&mut text, scene);
    text
}

/// Of each stage the latest result, with its summaries.
fn write_results(text: &mut String, scene: &SceneSetting<'_>) {
    let ended = &scene.run.visits[..scene.run.visits.len() - 1];
    let mut seen = BTreeSet::new();
    let mut latest: Vec<&Visit> = ended.iter().rev().map(AsRef::as_ref).collect();
    latest.retain(|visit| seen.insert(visit.stage.as_str()));
    let mut heading = "# Results of the stages so far\n\n";
    for visit in latest.into_iter().rev() {
        text.push_str(std::mem::take(&mut heading));
        let number = visit.number.to_string();
        let data = |name| Data::new(name).with("stage", &visit.stage).with("visit", &number);
        if let Some(result) = &visit.result {
            let outcome = visit.outcome.as_deref();
            outcome
                .into_iter()
                .fold(data("result"), |data, outcome| data.with("outcome", outcome))
                .write(text, result);
        }
        for summary in &visit.summaries {
            data("summary").with("agent", &summary.agent).write(text, &summary.text);
        }
    }
}

fn write_memory(text: &mut String, scene: &SceneSetting<'_>) {
    if scene.work.memory_at_entry.is_empty() {
        return;
    }
    text.push_str("# Shared memory\n\n");
    for (key, shared) in scene.work.memory_at_entry.iter() {
        let visit = shared.visit.to_string();
        Data::new("memory")
            .with("key", key)
            .with("agent", &shared.agent)
            .with("visit", &visit)
            .write(text, &value_text(&shared.value));
    }
}
