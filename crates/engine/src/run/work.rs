//! What goes on at the current visit: who sits at the table, what was said, whose turn it is.
//!
//! It is gone when the visit ends; what stays of it is in the [`Visit`](super::Visit).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::Memory;
use crate::call::Answer;
use crate::definition::{ApprovalWhen, Definition, Phase};
use crate::event::{Ask, HookPlace, InFlight, LimitKind, ListedTool};
use crate::money::Usd;
use crate::rules;
use crate::time::Time;

/// Methods of HTTP that change nothing.
const READING: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

/// The state of the current visit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Work {
    /// The stage's place in the workflow.
    pub(crate) stage: usize,
    /// How many approvals before the work were given.
    pub(crate) approved_before: usize,
    /// How many after it.
    pub(crate) approved_after: usize,
    /// The approval that was refused: the stage is left.
    pub(crate) rejected: Option<Rejected>,
    /// What the MCP servers of the stage have, by the tool of the project that each is.
    pub(crate) listed: BTreeMap<String, Arc<[ListedTool]>>,
    /// How many hooks are done.
    pub(crate) entered: usize,
    pub(crate) left: usize,
    /// Calls to tools, MCP servers and workflows that are under way.
    pub(crate) errands: Vec<Errand>,
    /// The task, filled in; or why it could not be.
    pub(crate) task: Result<Arc<str>, String>,
    /// Shared memory as it was when the work began: what is shared later comes as news.
    pub(crate) memory_at_entry: Arc<Memory>,
    /// One per assignment, in the stage's order.
    pub(crate) seats: Vec<Seat>,
    /// The phase and cycle of the latest ordinary turn.
    pub(crate) phase: Phase,
    pub(crate) cycle: u32,
    /// What was said at the table, in order.
    pub(crate) table: Vec<Arc<Spoken>>,
    /// Each agent's conversation, from its first turn on.
    pub(crate) talks: IndexMap<String, Talk>,
    /// Turns under way: one, or several where agents go at once.
    pub(crate) turns: Vec<Turn>,
    /// Who completed last, and with what.
    pub(crate) completed_last: Option<Completion>,
    /// Whose model answered last.
    pub(crate) spoke_last: Option<String>,
    /// What was asked for beyond ordinary turns: each is asked once.
    pub(crate) asked_result: bool,
    pub(crate) asked_mend: bool,
    pub(crate) asked_outcome: bool,
    pub(crate) asked_summary: BTreeSet<String>,
}

/// An assignment, as it stands at this visit.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seat {
    /// What the agent in particular is to do, filled in; or why it could not be.
    pub(crate) directive: Option<Result<Arc<str>, String>>,
    /// The cycle of its latest turn; 0 before the first.
    pub(crate) cycle: u32,
    pub(crate) completed: bool,
    /// Whether it was reminded of the keys that it has to share.
    pub(crate) reminded: bool,
}

/// What an agent completed with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Completion {
    pub(crate) agent: String,
    pub(crate) result: Arc<str>,
    pub(crate) outcome: Option<String>,
}

/// A refused approval.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rejected {
    pub(crate) approval: u64,
    /// Before or after the work, and its place among those.
    pub(crate) when: ApprovalWhen,
    pub(crate) place: usize,
    pub(crate) comment: Option<Arc<str>>,
}

/// Something said at the table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Spoken {
    Message {
        from: String,
        to: String,
        text: Arc<str>,
    },
    Shared {
        from: String,
        key: String,
        value: Arc<Value>,
    },
    Completed {
        agent: String,
        result: Arc<str>,
    },
    /// A person's words.
    Person {
        by: String,
        text: Arc<str>,
    },
}

/// An agent's conversation at this visit.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Talk {
    pub(crate) entries: Vec<Entry>,
    /// How much of the table it has heard.
    pub(crate) heard: usize,
    /// The keys that it shared.
    pub(crate) shared: BTreeSet<String>,
    /// The summary that it gave when it completed.
    pub(crate) summary: Option<Arc<str>>,
    /// Attempts to call its model, at this visit.
    pub(crate) attempts: u32,
    /// What stands for the older part of the conversation.
    pub(crate) compacted: Option<Compacted>,
}

/// The summary that stands for the first entries of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compacted {
    /// How many entries it stands for.
    pub(crate) entries: usize,
    pub(crate) summary: Arc<str>,
}

/// One entry of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    /// A turn began: what was said at the table since the last one, and what is asked.
    Opening { seat: usize, heard: Range<usize>, ask: Option<Ask> },
    /// What the agent's model answered, and what came of each tool call.
    Answer { answer: Arc<Answer>, results: Arc<Replies> },
}

/// What came of the tool calls of an answer, by their ids.
pub(crate) type Replies = BTreeMap<String, Replied>;

/// What came of a tool call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Replied {
    pub(crate) text: Arc<str>,
    pub(crate) failed: bool,
    /// The call of the record, where it was one to the outside: the whole text is read under it.
    pub(crate) call: Option<u64>,
}

/// A turn under way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Turn {
    pub(crate) number: u32,
    pub(crate) agent: String,
    pub(crate) seat: usize,
    pub(crate) ask: Option<Ask>,
    /// Model calls that were begun.
    pub(crate) calls: u32,
    /// The call that the turn waits for.
    pub(crate) call: Option<Call>,
    /// Shared memory as it was when the turn began, where agents work at once.
    pub(crate) memory: Option<Arc<Memory>>,
    /// What keeps the turn from its next call.
    pub(crate) held: Option<Held>,
}

/// A turn that a limit keeps from its next model call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    pub(crate) limit: LimitKind,
    pub(crate) since: Time,
    /// The model to be called, where it is a fallback.
    pub(crate) model: Option<String>,
}

/// A model call that a turn waits for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    /// The number of the event of its first attempt.
    pub(crate) number: u64,
    pub(crate) attempt: u32,
    pub(crate) model: String,
    /// Whether it is asked to sum the conversation up.
    pub(crate) compacts: bool,
    /// The largest answer, where a limit lowers it.
    pub(crate) max_tokens: Option<u64>,
    /// What is set aside for it.
    pub(crate) reserved: Option<Usd>,
    /// Attempts on this model before this one.
    pub(crate) failures: u32,
    /// When this model first failed the call: it is tried again from here on. A long answer that
    /// breaks off late has used up none of that time, and neither has time without a server.
    pub(crate) failing_since: Option<Time>,
    pub(crate) state: CallState,
}

/// Where a model call stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum CallState {
    /// The intent is on disk.
    InFlight { started_at: Time },
    /// The attempt failed; the next step is being decided.
    Failed,
    /// The next attempt is due then.
    Waiting { since: Time, until: Time },
}

/// A call to something other than a model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Errand {
    /// The number of the event of its first attempt.
    pub(crate) number: u64,
    pub(crate) attempt: u32,
    pub(crate) what: What,
    pub(crate) state: ErrandState,
}

/// What an errand is for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// The tools of an MCP server are listed.
    List { tool: String },
    /// An agent's tool call is carried out.
    Tool { turn: u32, agent: String, tool_call: String, tool: String, arguments: Arc<Value> },
    /// A hook is carried out.
    Hook { place: HookPlace, tool: String, arguments: Arc<Value> },
}

/// Where an errand stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ErrandState {
    /// The intent is on disk.
    InFlight { started_at: Time },
    /// A crash cut it off; what follows is being decided.
    Lost,
    /// A person decides whether it is made again.
    Asked,
    /// Another run carries it out.
    Child { run_id: i64, started_at: Time },
}

impl Errand {
    pub(crate) fn tool(&self) -> &str {
        match &self.what {
            What::List { tool } | What::Tool { tool, .. } | What::Hook { tool, .. } => tool,
        }
    }

    /// The name under which the definition has it: the server's, for a tool of an MCP server.
    pub(crate) fn server(&self) -> &str {
        let name = self.tool();
        name.split_once('.').map_or(name, |(server, _)| server)
    }

    /// Whether it may change something outside of the run. Of what comes with the program only some requests
    /// do; what a project brings along may.
    pub(crate) fn may_take_effect(&self, definition: &Definition) -> bool {
        let arguments = match &self.what {
            What::List { .. } => return false,
            What::Tool { arguments, .. } | What::Hook { arguments, .. } => arguments,
        };
        if definition.tools.contains_key(self.server()) {
            return true;
        }
        let method = arguments.get("method").and_then(Value::as_str).unwrap_or("GET");
        self.tool() == rules::HTTP_REQUEST
            && !READING.iter().any(|reading| reading.eq_ignore_ascii_case(method.trim()))
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self.what, What::List { .. })
    }

    pub(crate) fn turn(&self) -> Option<u32> {
        match &self.what {
            What::Tool { turn, .. } => Some(*turn),
            What::List { .. } | What::Hook { .. } => None,
        }
    }

    pub(crate) fn started_at(&self) -> Option<Time> {
        match self.state {
            ErrandState::InFlight { started_at } | ErrandState::Child { started_at, .. } => Some(started_at),
            ErrandState::Lost | ErrandState::Asked => None,
        }
    }

    /// Whether it was begun and has not come back.
    pub(crate) fn is_in_flight(&self) -> bool {
        matches!(self.state, ErrandState::InFlight { .. } | ErrandState::Child { .. })
    }

    /// The errand, as the record names it.
    pub(crate) fn in_flight(&self) -> InFlight {
        let (what, agent) = match &self.what {
            What::List { .. } => ("tool_list", None),
            What::Tool { agent, .. } => ("tool_call", Some(agent.clone())),
            What::Hook { .. } => ("tool_call", None),
        };
        InFlight {
            what: what.to_owned(),
            call: self.number,
            attempt: self.attempt,
            agent,
            model: None,
            tool: Some(self.tool().to_owned()),
            reserved_usd: None,
            may_cost_usd: None,
            unsent: false,
        }
    }
}

impl Work {
    pub(crate) fn errand(&self, call: u64) -> Option<&Errand> {
        self.errands.iter().find(|errand| errand.number == call)
    }

    /// The errands that were begun and have not come back.
    pub(crate) fn errands_in_flight(&self) -> impl Iterator<Item = &Errand> {
        self.errands.iter().filter(|errand| errand.is_in_flight())
    }

    /// What people said that no agent has heard.
    pub(crate) fn unheard(&self) -> Vec<Arc<Spoken>> {
        let heard = self.talks.values().map(|talk| talk.heard).max().unwrap_or(0);
        let said = self.table.iter().skip(heard).filter(|said| matches!(***said, Spoken::Person { .. }));
        said.cloned().collect()
    }

    pub(crate) fn turn(&self, number: u32) -> Option<&Turn> {
        self.turns.iter().find(|turn| turn.number == number)
    }

    pub(crate) fn turn_of_call(&self, call: u64) -> Option<&Turn> {
        self.turns.iter().find(|turn| turn.call.as_ref().is_some_and(|c| c.number == call))
    }

    /// The attempts that are in flight.
    pub(crate) fn in_flight(&self) -> impl Iterator<Item = (&Turn, &Call)> {
        self.turns.iter().filter_map(|turn| {
            let call = turn.call.as_ref()?;
            matches!(call.state, CallState::InFlight { .. }).then_some((turn, call))
        })
    }
}

impl Call {
    /// Since when the model fails the call, for an attempt that begins now. By as much as the attempt
    /// comes late, nobody was trying: the server was down or asleep.
    pub(crate) fn failing_since_as_of(&self, now: Time) -> Option<Time> {
        let late_ms = match self.state {
            CallState::Waiting { until, .. } => now.millis_since(until),
            CallState::InFlight { .. } | CallState::Failed => 0,
        };
        self.failing_since.map(|since| since.plus_millis(late_ms))
    }
}

impl Turn {
    /// Whether nothing of it is under way and nothing is due by itself: only someone's word helps.
    pub(crate) fn is_idle(&self) -> bool {
        match self.call.as_ref().map(|call| call.state) {
            None | Some(CallState::Failed) => true,
            Some(CallState::InFlight { .. } | CallState::Waiting { .. }) => false,
        }
    }

    /// The call that it waits for, as the record names it.
    pub(crate) fn in_flight(&self, call: &Call) -> InFlight {
        InFlight {
            what: "model_call".to_owned(),
            call: call.number,
            attempt: call.attempt,
            agent: Some(self.agent.clone()),
            model: Some(call.model.clone()),
            tool: None,
            reserved_usd: call.reserved,
            may_cost_usd: None,
            unsent: false,
        }
    }
}
