//! What the outside owes the run now. Computed, never stored: after a crash, ask again.

use serde_json::Value;

use super::{Asked, CallState, Errand, ErrandState, Held, Run, Status, Turn, What};
use crate::definition::{Definition, Model, OnLimit};
use crate::event::LimitKind;
use crate::rules;
use crate::time::Time;

/// Work that the outside owes a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Pending<'r> {
    /// The run waits for a place; then it wants [`Command::Start`](crate::command::Command::Start).
    Place,
    /// A model is to be called; the intent is on disk.
    CallModel(ModelCall<'r>),
    /// An attempt is due at a later moment.
    Wait {
        /// The call.
        call: u64,
        /// The attempt that is due.
        attempt: u32,
        /// Since when it is waited for.
        since: Time,
        /// When.
        until: Time,
    },
    /// A tool is to be called; the intent is on disk.
    CallTool(ToolWork<'r>),
    /// The tools of an MCP server are to be listed; the intent is on disk.
    ListTools(ListTools<'r>),
    /// Another workflow is to be carried out by a run of its own, which is made once however often it
    /// is asked for.
    StartChild(NewChild<'r>),
    /// The end of that run is waited for.
    AwaitChild(ChildRun),
    /// A call is to be cut off: to a model, a tool, a server, or a run.
    Abort {
        /// The call.
        call: u64,
        /// The attempt.
        attempt: u32,
        /// The run that carries it out, where it is one.
        child: Option<i64>,
    },
    /// A person is asked something; a task is not needed meanwhile.
    Person(&'r Asked),
    /// A limit keeps the run from its next model call until it is raised, or there is room again.
    Limit {
        /// Which.
        limit: LimitKind,
        /// Since when.
        since: Time,
    },
    /// Reservations of other runs are in the way of the next model call.
    Room,
    /// The run is to look at the clock then, with [`Command::Look`](crate::command::Command::Look).
    Alarm {
        /// When.
        until: Time,
    },
}

/// A model call that is owed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelCall<'r> {
    /// The call: with the attempt, the key under which it is made once.
    pub call: u64,
    /// The attempt.
    pub attempt: u32,
    /// The agent that asks.
    pub agent: &'r str,
    /// The model's name in the definition.
    pub model_name: &'r str,
    /// The model.
    pub model: &'r Model,
}

/// A tool call that is owed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToolWork<'r> {
    /// The call: with the attempt, the key under which it is made once.
    pub call: u64,
    /// The attempt.
    pub attempt: u32,
    /// The tool.
    pub tool: ToolKey<'r>,
    /// Its arguments; they fit its schema.
    pub arguments: &'r Value,
}

/// Which tool is to be called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ToolKey<'r> {
    /// One that comes with the program.
    BuiltIn(&'r str),
    /// A document of the run is to be read.
    Document {
        /// The hash of its text.
        hash: &'r crate::content::ContentHash,
    },
    /// One that is a program.
    Command {
        /// Its name in the definition.
        name: &'r str,
        /// What it is.
        tool: &'r crate::definition::Tool,
    },
    /// One of an MCP server.
    Mcp {
        /// The server's name in the definition.
        server: &'r str,
        /// What it is.
        tool: &'r crate::definition::Tool,
        /// The tool's name at the server.
        name: &'r str,
    },
}

/// A list of tools that is owed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ListTools<'r> {
    /// The call.
    pub call: u64,
    /// The attempt.
    pub attempt: u32,
    /// The server's name in the definition.
    pub server: &'r str,
    /// What it is.
    pub tool: &'r crate::definition::Tool,
}

/// A run that is to be started for this one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NewChild<'r> {
    /// The call: the key under which it is made once.
    pub call: u64,
    /// The workflow's name.
    pub workflow: &'r str,
    /// Its input.
    pub input: &'r Value,
    /// The visit at which it is asked for.
    pub visit: u32,
    /// Whether it is no longer wanted: then it is only looked for, in case that it was started.
    pub is_over: bool,
}

/// A run whose end is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChildRun {
    /// The call.
    pub call: u64,
    /// The run.
    pub run_id: i64,
    /// Since when.
    pub since: Time,
    /// When it is given up.
    pub until: Option<Time>,
}

impl Run {
    /// What the outside owes the run now.
    pub fn pending(&self) -> Vec<Pending<'_>> {
        match self.status {
            Status::Pending => vec![Pending::Place],
            Status::Running => self.work_pending(),
            Status::Completed | Status::Stopped | Status::Error => Vec::new(),
        }
    }

    fn work_pending(&self) -> Vec<Pending<'_>> {
        let mut pending: Vec<Pending<'_>> = self.calling_pending().into_iter().collect();
        let Some(work) = &self.work else { return pending };
        pending.extend(work.turns.iter().filter_map(|turn| self.turn_pending(turn)));
        pending.extend(work.errands.iter().filter_map(|errand| self.errand_pending(errand)));
        if !self.is_closing() {
            pending.extend(self.asked.iter().map(Pending::Person));
            pending.extend(self.wall_over().map(|until| Pending::Alarm { until }));
        }
        pending
    }

    fn calling_pending(&self) -> Option<Pending<'_>> {
        let calling = self.calling.as_ref()?;
        let (call, since) = (calling.call, calling.since);
        Some(match (calling.run_id, self.is_closing()) {
            (Some(run_id), true) => Pending::Abort { call, attempt: 1, child: Some(run_id) },
            (Some(run_id), false) => Pending::AwaitChild(ChildRun { call, run_id, since, until: None }),
            // The run may have been started without this one knowing; starting it again finds it.
            (None, _) => Pending::StartChild(NewChild {
                call,
                workflow: &calling.workflow,
                input: &calling.input,
                visit: self.visits.last().map_or(0, |visit| visit.number),
                is_over: self.is_closing(),
            }),
        })
    }

    fn turn_pending<'r>(&'r self, turn: &'r Turn) -> Option<Pending<'r>> {
        match (&turn.call, &turn.held) {
            (Some(call), None) => self.call_pending(turn, call),
            (_, Some(Held { limit, since, .. })) => {
                (!self.is_closing()).then_some(Pending::Limit { limit: *limit, since: *since })
            }
            (None, None) => {
                (!self.is_closing() && !self.waits_for_tools(turn.number)).then_some(Pending::Room)
            }
        }
    }

    fn call_pending<'r>(&'r self, turn: &'r Turn, call: &'r super::Call) -> Option<Pending<'r>> {
        let (number, attempt) = (call.number, call.attempt);
        match (call.state, self.is_closing()) {
            (CallState::InFlight { .. }, true) => Some(Pending::Abort { call: number, attempt, child: None }),
            (CallState::InFlight { .. }, false) => Some(Pending::CallModel(ModelCall {
                call: number,
                attempt,
                agent: &turn.agent,
                model_name: &call.model,
                model: self.definition.models.get(&call.model)?,
            })),
            (CallState::Waiting { since, until }, false) => {
                Some(Pending::Wait { call: number, attempt: attempt + 1, since, until })
            }
            (CallState::Failed, false) => Some(Pending::Room),
            (CallState::Waiting { .. } | CallState::Failed, true) => None,
        }
    }

    /// Whether a turn waits for a tool or for an answer to its question.
    pub(crate) fn waits_for_tools(&self, turn: u32) -> bool {
        let errands = self.work.iter().flat_map(|work| &work.errands);
        errands.filter_map(Errand::turn).any(|of| of == turn)
            || self.asked.iter().any(|asked| asked.is_of(turn))
    }

    fn errand_pending<'r>(&'r self, errand: &'r Errand) -> Option<Pending<'r>> {
        let (call, attempt) = (errand.number, errand.attempt);
        let closing = self.is_closing() && !self.runs_always(errand);
        match errand.state {
            ErrandState::Lost | ErrandState::Asked => None,
            ErrandState::Child { run_id, started_at } if !closing => {
                let until = self.child_until(errand, started_at);
                Some(Pending::AwaitChild(ChildRun { call, run_id, since: started_at, until }))
            }
            ErrandState::Child { run_id, .. } => Some(Pending::Abort { call, attempt, child: Some(run_id) }),
            ErrandState::InFlight { .. } if errand.is_child() => self.child_pending(errand),
            ErrandState::InFlight { .. } if closing => Some(Pending::Abort { call, attempt, child: None }),
            ErrandState::InFlight { .. } => self.errand_owed(errand),
        }
    }

    fn child_pending<'r>(&'r self, errand: &'r Errand) -> Option<Pending<'r>> {
        let What::Tool { arguments, .. } = &errand.what else { return None };
        Some(Pending::StartChild(NewChild {
            call: errand.number,
            workflow: arguments.get("workflow").and_then(Value::as_str).unwrap_or_default(),
            input: arguments.get("input").unwrap_or(&Value::Null),
            visit: self.visits.last().map_or(0, |visit| visit.number),
            is_over: self.is_closing(),
        }))
    }

    fn errand_owed<'r>(&'r self, errand: &'r Errand) -> Option<Pending<'r>> {
        let (call, attempt) = (errand.number, errand.attempt);
        match &errand.what {
            What::List { tool: server } => {
                let tool = self.definition.tools.get(server)?;
                Some(Pending::ListTools(ListTools { call, attempt, server, tool }))
            }
            What::Tool { tool, arguments, .. } | What::Hook { tool, arguments, .. } => {
                let tool = self.tool_key(tool, arguments)?;
                Some(Pending::CallTool(ToolWork { call, attempt, tool, arguments }))
            }
        }
    }

    fn tool_key<'r>(&'r self, name: &'r str, arguments: &'r Value) -> Option<ToolKey<'r>> {
        if name == rules::READ_FILE {
            let document = self.documents.get(arguments.get("path")?.as_str()?)?;
            return Some(ToolKey::Document { hash: &document.hash });
        }
        if let Some((server, of_server)) = name.split_once('.') {
            let tool = self.definition.tools.get(server)?;
            return Some(ToolKey::Mcp { server, tool, name: of_server });
        }
        match self.definition.tools.get(name) {
            Some(tool) => Some(ToolKey::Command { name, tool }),
            None => Some(ToolKey::BuiltIn(name)),
        }
    }

    /// Whether an errand is a hook that runs even when the run ends.
    pub(crate) fn runs_always(&self, errand: &Errand) -> bool {
        let What::Hook { place, .. } = &errand.what else { return false };
        self.hook(*place).is_some_and(|hook| hook.always)
    }

    /// When a run that an agent asked for is given up.
    pub(crate) fn child_until(&self, errand: &Errand, started_at: Time) -> Option<Time> {
        let turn = self.work.as_ref()?.turn(errand.turn()?)?;
        let place = self.stage()?.agents.get(turn.seat)?;
        Some(started_at.plus_millis(place.run_timeout_s.saturating_mul(1000)))
    }

    /// When the run has used up its time, where it stops then. A run that waits for people takes none,
    /// and one that waits at its limit finds out when it wants to call a model.
    pub(crate) fn wall_over(&self) -> Option<Time> {
        let limit = self.limits.wall_s?;
        if self.on_limit() == OnLimit::Wait || self.waits_since.is_some() {
            return None;
        }
        let allowed_ms = limit.saturating_mul(1000).saturating_add(self.waited_ms);
        Some(self.started_at?.plus_millis(allowed_ms))
    }

    /// The definition of a workflow that this run may carry out.
    pub fn child_definition(&self, workflow: &str) -> Option<Definition> {
        self.definition.child(workflow)
    }
}

impl Asked {
    /// Whether it is what that turn waits for.
    pub(crate) fn is_of(&self, number: u32) -> bool {
        match &self.what {
            super::AskedFor::Question { turn, .. } => *turn == number,
            super::AskedFor::Again { .. } | super::AskedFor::Approval { .. } => false,
        }
    }
}

impl Errand {
    /// Whether another run carries it out.
    pub(crate) fn is_child(&self) -> bool {
        self.tool() == rules::RUN_WORKFLOW && matches!(self.what, What::Tool { .. })
    }
}
