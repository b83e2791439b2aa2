//! What an answer of a model leads to within its turn.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::Draft;
use super::stage::{declared_outcome, outcome_in_words};
use crate::call::{Answer, Finish, Tokens, ToolCall};
use crate::definition::Turns;
use crate::event::{Ask, CallUsage, Fact, TurnEnd};
use crate::money::Usd;
use crate::prompt;
use crate::rules::{self, COMPLETE, RefusedCall, Rule, TEAM, codes};
use crate::run::{CallState, Turn};
use crate::schema;
use crate::text::{TEXT_CHARS_MAX, part, value_text};
use crate::toolbox::{EVERY_AGENT, Toolbox};

/// Model calls of one turn: enough for a long chain of tools, few enough that an agent that calls
/// the same tool for ever is cut off. At the cap the turn counts as a pass.
pub const MODEL_CALLS_PER_TURN_MAX: u32 = 25;

/// Tool calls of one answer that go to the outside, to people and to other workflows: more of them are
/// a mistake of the model.
const CALLS_AT_ONCE_MAX: usize = 32;

/// Keys of shared memory: each is told to every agent of a later stage.
const KEYS_MAX: usize = 1_000;

/// What an agent completes with.
pub(super) struct Complete {
    result: String,
    summary: Option<String>,
    outcome: Option<String>,
    tool_call: Option<String>,
}

/// What the tool calls of one answer come to.
#[derive(Default)]
struct Heard {
    complete: Option<Complete>,
    passed: bool,
    /// Whether a call gave something that the agent should see.
    replied: bool,
    /// How many calls went to the outside, or to a person: the turn waits for them.
    waits: usize,
}

impl Draft {
    /// An answer is recorded, and everything that follows from it within the turn is decided.
    pub(super) fn take_answer(&mut self, call: u64, answer: Arc<Answer>, tokens: Option<Tokens>) {
        let Some(turn) = self.run.work.as_ref().and_then(|work| work.turn_of_call(call)).cloned() else {
            return;
        };
        self.record_answer(&turn, Arc::clone(&answer), tokens);
        if self.run.is_closing() {
            return;
        }
        if let Some(call) = turn.call.as_ref().filter(|call| call.compacts) {
            self.take_compaction(&turn, &call.model, &answer);
            self.call_model(turn.number);
            return;
        }
        match &turn.ask {
            Some(Ask::Outcome) => self.take_outcome(&turn, &answer),
            Some(Ask::Summary) => self.take_summary(&turn, &answer),
            Some(Ask::Shares { .. }) => self.take_shares(&turn, &answer),
            Some(Ask::Result | Ask::Mend { .. }) | None => self.take_ordinary(&turn, &answer),
        }
    }

    fn record_answer(&mut self, turn: &Turn, answer: Arc<Answer>, tokens: Option<Tokens>) {
        let Some(call) = &turn.call else { return };
        let CallState::InFlight { started_at } = call.state else { return };
        let tokens = tokens.unwrap_or_default();
        let price = self.run.definition.models.get(&call.model).and_then(|model| model.price);
        let cost_usd = price.map_or(Usd::ZERO, |price| {
            Usd::of_tokens(tokens.input, price.input).plus(Usd::of_tokens(tokens.output, price.output))
        });
        self.emit(Fact::ModelCallFinished {
            call: call.number,
            attempt: call.attempt,
            turn: turn.number,
            agent: turn.agent.clone(),
            model: call.model.clone(),
            answer,
            usage: CallUsage { input_tokens: tokens.input, output_tokens: tokens.output, cost_usd },
            duration_ms: self.moment.now.millis_since(started_at),
        });
    }

    /// An answer in a turn in which the agent may do what it likes.
    fn take_ordinary(&mut self, turn: &Turn, answer: &Answer) {
        let heard = self.hear(turn, answer);
        if heard.waits > 0 {
            // What it does besides comes once they are done, unless one of them fails.
        } else if let Some(complete) = heard.complete {
            self.complete(turn, complete);
        } else if heard.passed {
            self.end_turn(turn, TurnEnd::Passed);
        } else if heard.replied {
            self.call_again_or_cap(turn);
        } else {
            self.take_plain(turn, answer.text.trim());
        }
    }

    /// An answer to a reminder of keys. What the agent completed with before stands: an agent that is
    /// reminded often completes once more, with nothing but that it has shared.
    fn take_shares(&mut self, turn: &Turn, answer: &Answer) {
        let heard = self.hear(turn, answer);
        if !self.can_call_tools(turn) {
            self.share_plain(turn, answer.text.trim());
        }
        let has_shared_all = self.keys_owed(turn.seat).is_empty();
        if has_shared_all || heard.complete.is_some() || heard.passed {
            self.end_turn(turn, TurnEnd::Answered);
        } else if heard.replied {
            self.call_again_or_cap(turn);
        } else {
            self.say_to_team(turn, answer.text.trim());
        }
    }

    /// A model that cannot call tools answers a reminder with the value, or with several by their keys.
    fn share_plain(&mut self, turn: &Turn, text: &str) {
        let owed = self.keys_owed(turn.seat);
        let mut values: Vec<(String, Value)> = match owed.as_slice() {
            [] => Vec::new(),
            [only] => vec![(only.clone(), text.into())],
            several => {
                let object = text.find('{').zip(text.rfind('}')).and_then(|(from, to)| text.get(from..=to));
                let mut object: Map<String, Value> =
                    object.and_then(|object| serde_json::from_str(object).ok()).unwrap_or_default();
                several.iter().filter_map(|key| Some((key.clone(), object.remove(key)?))).collect()
            }
        };
        values.retain(|(_, value)| value.as_str().is_none_or(|text| !text.is_empty()));
        for (key, value) in values {
            let (agent, value) = (turn.agent.clone(), Arc::new(value));
            self.emit(Fact::ResultShared { agent, key, value, tool_call: None });
        }
    }

    /// The tool calls of an answer have all come back: what else the answer did takes effect, unless one of
    /// them failed, which its agent should see first.
    pub(super) fn go_on_after_tools(&mut self, number: u32) {
        if self.run.is_closing() || self.run.waits_for_tools(number) {
            return;
        }
        let Some(turn) = self.run.work.as_ref().and_then(|work| work.turn(number)).cloned() else { return };
        let Some((answer, results)) = self.run.last_answer(&turn.agent) else { return };
        let failed = results.values().any(|replied| replied.failed);
        let mut heard = Heard::default();
        // What was refused before stays so.
        for call in answer.tool_calls.iter().filter(|call| !results.contains_key(&call.id)) {
            let done = match rules::rule(call) {
                Some(Ok(Rule::Complete { .. } | Rule::Pass)) if failed => Err(not_completed(call)),
                Some(Ok(rule @ (Rule::Complete { .. } | Rule::Pass))) => {
                    self.carry_out(&turn, call, rule, &answer)
                }
                Some(_) | None => continue,
            };
            match done {
                Ok(Done::Completed(complete)) => heard.complete = heard.complete.or(Some(complete)),
                Ok(Done::Passed) => heard.passed = true,
                Ok(Done::Replied | Done::Waits) => {}
                Err(refused) => self.refuse(&turn, call, refused),
            }
        }
        if let Some(complete) = heard.complete {
            self.complete(&turn, complete);
        } else if heard.passed {
            self.end_turn(&turn, TurnEnd::Passed);
        } else {
            self.call_again_or_cap(&turn);
        }
    }

    /// Carries out the tool calls of an answer, in its order.
    fn hear(&mut self, turn: &Turn, answer: &Answer) -> Heard {
        let mut heard = Heard::default();
        let toolbox = self.toolbox(turn);
        for call in &answer.tool_calls {
            let is_known = toolbox.knows(&call.tool);
            let is_for_everyone = EVERY_AGENT.contains(&call.tool.as_str());
            let done = match rules::rule(call).filter(|_| is_known) {
                Some(_) if turn.ask.is_some() && !is_for_everyone => Err(not_now()),
                Some(_) | None if heard.waits >= CALLS_AT_ONCE_MAX && !is_for_everyone => {
                    Err(too_many_calls())
                }
                Some(rule) => rule.and_then(|rule| self.carry_out(turn, call, rule, answer)),
                None => self.call_outside(turn, call, &toolbox),
            };
            match done {
                Ok(Done::Replied) => heard.replied = true,
                Ok(Done::Waits) => heard.waits += 1,
                Ok(Done::Passed) => heard.passed = true,
                Ok(Done::Completed(complete)) => heard.complete = heard.complete.or(Some(complete)),
                Err(refused) => {
                    heard.replied = true;
                    let refused = if was_cut(call, answer) { rules::cut_off(call) } else { refused };
                    self.refuse(turn, call, refused);
                }
            }
        }
        heard
    }

    fn refuse(&mut self, turn: &Turn, call: &ToolCall, refused: RefusedCall) {
        self.emit(Fact::ToolCallRefused {
            agent: turn.agent.clone(),
            tool: call.tool.clone(),
            tool_call: call.id.clone(),
            code: refused.code.to_owned(),
            message: refused.message,
        });
    }

    /// The tools of the agent whose turn it is.
    fn toolbox(&self, turn: &Turn) -> Toolbox {
        let (Some(work), Some(stage)) = (&self.run.work, self.run.stage()) else { return Toolbox::default() };
        let place = stage.agents.get(turn.seat);
        place.map(|place| Toolbox::of(&self.run, work, place)).unwrap_or_default()
    }

    fn carry_out(
        &mut self,
        turn: &Turn,
        call: &ToolCall,
        rule: Rule,
        answer: &Answer,
    ) -> Result<Done, RefusedCall> {
        let (agent, tool_call) = (turn.agent.clone(), call.id.clone());
        match rule {
            Rule::SendMessage { to, text } => {
                let to = self.addressee(&to)?;
                self.emit(Fact::MessageSent { agent, to, text: text.into(), tool_call: Some(tool_call) });
                Ok(Done::Replied)
            }
            Rule::ShareResult { key, value } => {
                if self.run.memory.len() >= KEYS_MAX && !self.run.memory.contains_key(&key) {
                    return Err(too_many_keys());
                }
                let tool_call = Some(tool_call);
                self.emit(Fact::ResultShared { agent, key, value: Arc::new(value), tool_call });
                Ok(Done::Replied)
            }
            Rule::ReadMemory { key, from } => {
                let text = self.read_memory(turn, &key, from)?;
                self.emit(Fact::MemoryRead { agent, key, text: text.into(), tool_call });
                Ok(Done::Replied)
            }
            Rule::Pass => Ok(Done::Passed),
            Rule::Complete { result, summary, outcome } => {
                // Some models say their result and then complete without repeating it.
                let said = Some(answer.text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
                let given = result.clone().filter(|text| !text.trim().is_empty());
                let result = given.or(said).or(result).ok_or_else(|| RefusedCall {
                    code: codes::INVALID_ARGUMENTS,
                    message: format!(
                        "{COMPLETE} was not carried out: `result` is missing. Call it again with it."
                    ),
                })?;
                Ok(Done::Completed(Complete { result, summary, outcome, tool_call: Some(tool_call) }))
            }
            Rule::AskUser { question, choices } => self.ask_user(turn, tool_call, &question, choices),
            Rule::RunWorkflow { workflow } => self.run_workflow(turn, call, &workflow),
            Rule::WriteFile { path, text } => self.write_document(turn, tool_call, path, text),
            Rule::ListFiles => Ok(self.answer_tool(turn, call, self.documents_listed())),
            Rule::CurrentTime => Ok(self.answer_tool(turn, call, self.time_told())),
            Rule::ReadFile { path } => self.read_document(turn, call, &path),
        }
    }

    fn addressee(&self, to: &str) -> Result<String, RefusedCall> {
        let agents: Vec<&str> = match self.run.stage() {
            Some(stage) => stage.agents.iter().map(|a| a.agent.as_str()).collect(),
            None => Vec::new(),
        };
        if to == TEAM || agents.contains(&to) {
            return Ok(to.to_owned());
        }
        Err(RefusedCall {
            code: codes::UNKNOWN_AGENT,
            message: format!(
                "Nobody at the table has that name. Send to {TEAM}, or to one of: {}.",
                agents.join(", ")
            ),
        })
    }

    /// What an agent reads under a key: a value of shared memory, or a text of which it was shown a part.
    fn read_memory(&self, turn: &Turn, key: &str, from: usize) -> Result<String, RefusedCall> {
        let call = turn.call.as_ref();
        let model = call.and_then(|call| self.run.definition.models.get(&call.model));
        let chars_max = model.map_or(TEXT_CHARS_MAX, |model| prompt::Room::of(model).text);
        if let Some(text) = self.whole_text(turn, key) {
            return Ok(part(&text, from, chars_max));
        }
        let keys: Vec<&str> = self.run.memory.keys().map(String::as_str).collect();
        let known =
            if keys.is_empty() { "It is empty.".to_owned() } else { format!("It has: {}.", keys.join(", ")) };
        Err(RefusedCall {
            code: codes::UNKNOWN_KEY,
            message: format!("Shared memory has no such key. {known}"),
        })
    }

    fn whole_text(&self, turn: &Turn, key: &str) -> Option<String> {
        if let Some(value) = self.memory_seen_by(turn, key) {
            return Some(value_text(&value));
        }
        if key == "input" {
            return Some(value_text(self.run.input()));
        }
        match key.split_once(':')? {
            ("results", stage) => {
                let mut visits = self.run.visits.iter().rev();
                visits
                    .find(|visit| visit.stage == stage && visit.result.is_some())?
                    .result
                    .as_deref()
                    .map(str::to_owned)
            }
            ("said", place) => self.run.said(&turn.agent, place.parse().ok()?).map(str::to_owned),
            ("tool", call) => self.run.tool_text(&turn.agent, call.parse().ok()?).map(str::to_owned),
            _ => None,
        }
    }

    /// A value of shared memory as the agent may see it: where agents work at once, what others share in
    /// the same cycle is for the next one.
    fn memory_seen_by(&self, turn: &Turn, key: &str) -> Option<Arc<Value>> {
        let now = self.run.memory.get(key);
        let is_at_once = self.run.stage().is_some_and(|stage| stage.turns == Turns::AtOnce);
        let before = turn.memory.as_ref().filter(|_| is_at_once);
        let seen = match (before, now) {
            (Some(_), Some(shared)) if shared.agent == turn.agent => now,
            (Some(before), _) => before.get(key),
            (None, _) => now,
        };
        seen.map(|shared| Arc::clone(&shared.value))
    }

    /// An answer without tool calls: it completes where nobody else could add to it, and is a
    /// message to the team otherwise.
    fn take_plain(&mut self, turn: &Turn, text: &str) {
        if text.is_empty() {
            return self.end_turn(turn, TurnEnd::Passed);
        }
        if turn.ask.is_some() || self.is_alone(turn) || !self.can_call_tools(turn) {
            let complete =
                Complete { result: text.to_owned(), summary: None, outcome: None, tool_call: None };
            return self.complete(turn, complete);
        }
        self.say_to_team(turn, text);
    }

    /// A plain answer that is a message to the team, or nothing at all.
    fn say_to_team(&mut self, turn: &Turn, text: &str) {
        if text.is_empty() {
            return self.end_turn(turn, TurnEnd::Passed);
        }
        self.emit(Fact::MessageSent {
            agent: turn.agent.clone(),
            to: TEAM.to_owned(),
            text: text.into(),
            tool_call: None,
        });
        self.end_turn(turn, TurnEnd::Yielded);
    }

    fn complete(&mut self, turn: &Turn, mut complete: Complete) {
        if let Some(schema) = self.run.stage().and_then(|stage| stage.result_schema.as_ref()) {
            complete.result = as_json(schema, unfenced(&complete.result));
        }
        // Whoever mends a result has said before how the stage ends.
        if let (Some(Ask::Mend { .. }), Some(work)) = (&turn.ask, &self.run.work) {
            let before = work.completed_last.as_ref().and_then(|before| before.outcome.clone());
            complete.outcome = complete.outcome.or(before);
        }
        self.emit(Fact::AgentCompleted {
            turn: turn.number,
            agent: turn.agent.clone(),
            result: complete.result.into(),
            summary: complete.summary.map(Arc::from),
            outcome: complete.outcome,
            tool_call: complete.tool_call,
        });
        self.end_turn(turn, TurnEnd::Completed);
    }

    fn call_again_or_cap(&mut self, turn: &Turn) {
        if turn.calls < MODEL_CALLS_PER_TURN_MAX {
            self.call_model(turn.number);
            return;
        }
        self.emit(Fact::TurnCapped { turn: turn.number, agent: turn.agent.clone(), model_calls: turn.calls });
        self.end_turn(turn, TurnEnd::Capped);
    }

    /// The one answer that an ask for an outcome allows: an outcome, by tool or by name.
    fn take_outcome(&mut self, turn: &Turn, answer: &Answer) {
        let by_tool = answer.tool_calls.iter().find_map(|call| call.arguments.get("outcome")?.as_str());
        let chosen = self.run.stage().and_then(|stage| match by_tool {
            Some(named) => declared_outcome(stage, named),
            None => outcome_in_words(stage, &answer.text),
        });
        let chosen = chosen.map(str::to_owned);
        if let Some(outcome) = chosen {
            self.emit(Fact::OutcomeChosen { agent: turn.agent.clone(), outcome });
        }
        self.end_turn(turn, TurnEnd::Answered);
    }

    /// The one answer that an ask for a summary allows: a text.
    fn take_summary(&mut self, turn: &Turn, answer: &Answer) {
        let by_tool = answer.tool_calls.iter().find_map(|call| {
            let Value::Object(map) = &call.arguments else { return None };
            map.get("summary").or_else(|| map.get("result"))?.as_str()
        });
        let text = by_tool.unwrap_or(&answer.text).trim();
        if !text.is_empty() {
            self.emit(Fact::SummaryWritten { agent: turn.agent.clone(), text: text.into() });
        }
        self.end_turn(turn, TurnEnd::Answered);
    }

    fn end_turn(&mut self, turn: &Turn, how: TurnEnd) {
        self.emit(Fact::TurnEnded { turn: turn.number, agent: turn.agent.clone(), how });
    }

    /// Whether the agent is the only one of its phase.
    fn is_alone(&self, turn: &Turn) -> bool {
        let Some(stage) = self.run.stage() else { return false };
        let Some(seat) = stage.agents.get(turn.seat) else { return false };
        stage.agents.iter().filter(|other| other.phase == seat.phase).count() == 1
    }

    /// Whether the model that answered can call tools: a fallback may not be able to where the agent's
    /// own model is.
    fn can_call_tools(&self, turn: &Turn) -> bool {
        let model = turn.call.as_ref().and_then(|call| self.run.definition.models.get(&call.model));
        model.is_none_or(|model| model.tools)
    }
}

/// Whether the answer reached its largest length within the arguments of this call: the same call,
/// made again, would be cut again.
fn was_cut(call: &ToolCall, answer: &Answer) -> bool {
    answer.finish == Finish::Length && call.arguments.is_string()
}

/// A text without the marks that models like to put around JSON.
fn unfenced(text: &str) -> &str {
    let inside = text.trim().strip_prefix("```").and_then(|text| text.strip_suffix("```"));
    match inside {
        Some(inside) => inside.trim_start_matches(|c: char| c.is_ascii_alphabetic()).trim(),
        None => text,
    }
}

/// A result as the JSON that its schema asks for: a text that is meant as one is given as it is.
fn as_json(schema: &Value, text: &str) -> String {
    let fits = |value: &Value| schema::mistakes(schema, value).is_empty();
    let is_json = serde_json::from_str(text).is_ok_and(|value| fits(&value));
    let as_text = Value::from(text);
    if !is_json && fits(&as_text) { as_text.to_string() } else { text.to_owned() }
}

fn not_completed(call: &ToolCall) -> RefusedCall {
    RefusedCall {
        code: codes::NOT_COMPLETED,
        message: format!(
            "{} was not carried out: a tool call of the same answer failed. Look at it first.",
            call.tool
        ),
    }
}

/// What is said of a tool that is called in a turn that asks for one thing: the turn could not wait for it.
pub(super) fn not_now() -> RefusedCall {
    let message = "This turn is for what was asked. Answer that, and call no other tools.".to_owned();
    RefusedCall { code: codes::NOT_NOW, message }
}

fn too_many_calls() -> RefusedCall {
    RefusedCall {
        code: codes::TOO_MANY,
        message: format!(
            "At most {CALLS_AT_ONCE_MAX} tools are called at once. Call it again in your next answer."
        ),
    }
}

fn too_many_keys() -> RefusedCall {
    RefusedCall {
        code: codes::TOO_MANY,
        message: format!(
            "Shared memory has {KEYS_MAX} keys, which is as many as it may. Write to one that is there."
        ),
    }
}

/// What came of a tool call.
pub(super) enum Done {
    /// It is answered.
    Replied,
    /// Its answer comes from outside.
    Waits,
    /// The agent has nothing to add.
    Passed,
    /// The agent completes, unless something of the same answer is to be waited for.
    Completed(Complete),
}
