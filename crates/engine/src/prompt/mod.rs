//! What an agent is sent: built here and nowhere else, from the run alone.
//!
//! The order is fixed: who the agent is and who else is at the table; the task and its directive;
//! the run's input; results and summaries of the stages so far; shared memory; then what happened
//! at this visit that concerns it. What others wrote is set apart as data, so that it is read as
//! material and not as instructions. Nothing unbounded gets in: long texts are cut, and say so, and
//! a conversation that grows too long is summed up.

mod data;

mod news;
mod system;
mod tools;
mod words;

mod compaction;

mod sent;

pub(crate) use compaction::{Plan, is_full, tokens};
pub(crate) use data::Room;
pub(crate) use sent::record;
pub use sent::{Sent, SentMessage, SentResult, SentTool};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::call::{Answer, Message, Request, Scene, SceneOutcome, ToolCall, ToolResult};
use crate::definition::{Assignment, Model, Stage, Target};
use crate::event::Ask;
use crate::run::{Entry, Replied, Run, Talk, Turn, Visit, Work};
use crate::text::{cut, value_text};
use crate::toolbox::Toolbox;
use data::Data;

impl Run {
    /// What the model of a call under way is to be sent.
    pub fn request(&self, call: u64) -> Option<Request> {
        let turn = self.work.as_ref()?.turn_of_call(call)?;
        let call = turn.call.as_ref()?;
        // The attempt that this is for is counted already.
        let scene = SceneSetting::of(self, turn, &call.model, 1)?;
        let request = if call.compacts { compaction::request(&scene)? } else { ordinary(&scene) };
        Some(Request { max_tokens: call.max_tokens, ..request })
    }
}

/// What a turn's model is to be sent next: a question of the turn, or one to sum its conversation up.
pub(crate) fn next(run: &Run, turn: &Turn, model: &str, plan: Option<&Plan>) -> Option<Request> {
    let scene = SceneSetting::of(run, turn, model, 0)?;
    match plan {
        None => Some(ordinary(&scene)),
        Some(_) => compaction::request(&scene),
    }
}

/// How a conversation is summed up, where something in it can be.
pub(crate) fn plan(run: &Run, turn: &Turn, model: &str) -> Option<Plan> {
    compaction::plan(&SceneSetting::of(run, turn, model, 0)?)
}

fn ordinary(scene: &SceneSetting<'_>) -> Request {
    let (tools, must_call) = tools::offered(scene);
    Request {
        system: system::text(scene),
        messages: messages(scene),
        tools,
        must_call,
        max_tokens: None,
        scene: scene.for_simulation(),
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
    room: Room,
    toolbox: Toolbox,
    /// Attempts that are counted already and are what this is for.
    counted: u32,
}

impl<'r> SceneSetting<'r> {
    fn of(run: &'r Run, turn: &'r Turn, model: &str, counted: u32) -> Option<Self> {
        let work = run.work.as_deref()?;
        let stage = run.stage()?;
        let place = stage.agents.get(turn.seat)?;
        let model = run.definition.models.get(model)?;
        Some(Self {
            run,
            work,
            visit: run.visits.last()?,
            stage,
            place,
            turn,
            talk: work.talks.get(&turn.agent)?,
            model,
            room: Room::of(model),
            toolbox: Toolbox::of(run, work, place),
            counted,
        })
    }

    /// The keys that the agent has to share and has not shared yet.
    fn to_share(&self) -> Vec<String> {
        self.place.shares.iter().filter(|key| !self.talk.shared.contains(*key)).cloned().collect()
    }

    /// Whether the agent may be the one that gives the result of a stage with a schema: it sits in the
    /// last phase that anyone works in.
    fn gives_schema(&self) -> bool {
        let last = self.stage.agents.iter().map(|place| place.phase).max();
        self.stage.result_schema.is_some() && last == Some(self.place.phase)
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
            calls_before: self.talk.attempts.saturating_sub(self.counted),
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

/// The conversation: the head of the visit, and then what happened, turn by turn. What was summed up
/// stands as its summary.
fn messages(scene: &SceneSetting<'_>) -> Vec<Message> {
    let entries = &scene.talk.entries;
    let mut messages: Vec<Message> = Vec::with_capacity(entries.len() + 1);
    let mut seat_before = None;
    let mut text = String::new();
    let summed_up = scene.talk.compacted.as_ref().map_or(0, |compacted| compacted.entries);
    if let (Some(compacted), Some(first)) = (&scene.talk.compacted, first_seat(scene)) {
        text = head(scene, first);
        text.push_str("# What happened so far\n\n");
        Data::new("summary").with("of", "your conversation").write(&mut text, &compacted.summary);
        seat_before = last_seat(&entries[..summed_up]).or(Some(first));
    }
    for entry in &entries[summed_up..] {
        match entry {
            Entry::Opening { seat, heard, ask } => {
                if seat_before.is_none() {
                    text = head(scene, *seat);
                }
                news::write(&mut text, scene, heard.clone());
                let opening = news::Opening { seat: *seat, seat_before, ask: ask.as_ref() };
                news::write_turn(&mut text, scene, opening);
                messages.push(Message::User(std::mem::take(&mut text)));
                seat_before = Some(*seat);
            }
            Entry::Answer { answer, results } => {
                if !text.is_empty() {
                    text.push_str("Go on.");
                    messages.push(Message::User(std::mem::take(&mut text)));
                }
                let results = tool_results(scene, answer, results);
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

/// The seat at which the agent came to the table.
fn first_seat(scene: &SceneSetting<'_>) -> Option<usize> {
    scene.talk.entries.iter().find_map(seat_of)
}

fn last_seat(entries: &[Entry]) -> Option<usize> {
    entries.iter().rev().find_map(seat_of)
}

fn seat_of(entry: &Entry) -> Option<usize> {
    match entry {
        Entry::Opening { seat, .. } => Some(*seat),
        Entry::Answer { .. } => None,
    }
}

/// What the tool calls of an answer gave, in their order.
fn tool_results(
    scene: &SceneSetting<'_>,
    answer: &Answer,
    results: &BTreeMap<String, Replied>,
) -> Vec<ToolResult> {
    let result = |call: &ToolCall| {
        let (text, failed) = match results.get(&call.id) {
            Some(replied) => {
                let key = replied.call.map(|call| format!("tool:{call}"));
                (cut(&replied.text, scene.room.text, key.as_deref()).into_owned(), replied.failed)
            }
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
        let input = Data::new("input").within(scene.room.text).whole("input");
        input.write(&mut text, &value_text(scene.run.input()));
    }
    write_results(&mut text, scene);
    write_memory(&mut text, scene);
    text
}

/// Of each stage the latest result, with its summaries. Where they are too many, those of the latest
/// stages are shown.
fn write_results(text: &mut String, scene: &SceneSetting<'_>) {
    let ended = &scene.run.visits[..scene.run.visits.len() - 1];
    let mut seen = BTreeSet::new();
    let mut latest: Vec<&Visit> = ended.iter().rev().map(AsRef::as_ref).collect();
    latest.retain(|visit| visit.result.is_some() && seen.insert(visit.stage.as_str()));
    if latest.is_empty() {
        return;
    }
    let written = Latest::within(scene.room.kind, &latest, |text, visit| write_result(text, scene, visit));
    text.push_str("# Results of the stages so far\n\n");
    let hidden = latest[written.starts.len()..].iter().rev();
    let hidden: Vec<&str> = hidden.map(|visit| visit.stage.as_str()).collect();
    if !hidden.is_empty() {
        write_hidden(text, "Those of earlier stages are not shown", "results:", &hidden);
    }
    written.write(text);
}

/// The texts that were left last, as many as there is room for: the last of all first.
#[derive(Default)]
struct Latest {
    all: String,
    /// Where each begins.
    starts: Vec<usize>,
}

impl Latest {
    fn within<T>(room: usize, latest: &[T], write: impl Fn(&mut String, &T)) -> Self {
        let mut written = Self::default();
        for one in latest {
            let start = written.all.len();
            write(&mut written.all, one);
            if written.all.len() > room && start > 0 {
                written.all.truncate(start);
                break;
            }
            written.starts.push(start);
        }
        written
    }

    /// Writes them in the order in which they were left.
    fn write(&self, text: &mut String) {
        let mut end = self.all.len();
        text.reserve(end);
        for start in self.starts.iter().rev() {
            text.push_str(&self.all[*start..end]);
            end = *start;
        }
    }
}

/// Names that are listed at once where their texts are not shown.
const HIDDEN_MAX: usize = 50;

/// Says what is not shown, and how it is read.
fn write_hidden(text: &mut String, what: &str, prefix: &str, keys: &[&str]) {
    let shown: Vec<String> = keys.iter().rev().take(HIDDEN_MAX).map(|key| format!("{prefix}{key}")).collect();
    let more = keys.len().saturating_sub(HIDDEN_MAX);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    text.push_str(&format!("[{what}; read_memory gives them, with the keys {}{more}]\n\n", shown.join(", ")));
}

fn write_result(text: &mut String, scene: &SceneSetting<'_>, visit: &Visit) {
    let number = visit.number.to_string();
    let key = format!("results:{}", visit.stage);
    let data =
        |name| Data::new(name).within(scene.room.text).with("stage", &visit.stage).with("visit", &number);
    if let Some(result) = &visit.result {
        let outcome = visit.outcome.as_deref();
        let data = outcome
            .into_iter()
            .fold(data("result").whole(&key), |data, outcome| data.with("outcome", outcome));
        data.write(text, result);
    }
    for summary in &visit.summaries {
        data("summary").with("agent", &summary.agent).write(text, &summary.text);
    }
}

/// Shared memory. Where it is too much, the values that were written last are shown.
fn write_memory(text: &mut String, scene: &SceneSetting<'_>) {
    let memory = &scene.work.memory_at_entry;
    if memory.is_empty() {
        return;
    }
    let latest: Vec<_> = memory.iter().rev().collect();
    let written = Latest::within(scene.room.kind, &latest, |text, (key, shared)| {
        let visit = shared.visit.to_string();
        let data = Data::new("memory").within(scene.room.text).whole(key);
        let data = data.with("key", key).with("agent", &shared.agent).with("visit", &visit);
        data.write(text, &value_text(&shared.value));
    });
    text.push_str("# Shared memory\n\n");
    let hidden: Vec<&str> =
        memory.keys().take(memory.len() - written.starts.len()).map(String::as_str).collect();
    if !hidden.is_empty() {
        write_hidden(text, "Older values are not shown", "", &hidden);
    }
    written.write(text);
}
