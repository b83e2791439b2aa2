//! Facts of calls to tools, MCP servers and other workflows.

use std::sync::Arc;

use super::super::{Calling, Errand, ErrandState, Replied, Run, Shared, Status, What};
use super::Fit;
use super::table::value_of;
use crate::event::{Event, Fact, HookWhen};
use crate::rules::codes::ABORTED;
use crate::time::Time;

/// Who writes to shared memory where no agent does. No agent has such a name.
const ENTRY_HOOK: &str = "entry hook";
const EXIT_HOOK: &str = "exit hook";

impl Run {
    /// What is about calls to anything but a model.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller names every fact, and sends these here")]
    pub(super) fn apply_to_errand(&mut self, event: &Event) -> Fit {
        match &event.fact {
            Fact::ToolListStarted { call, attempt, tool } => {
                self.begin(*call, *attempt, What::List { tool: tool.clone() }, event.at)
            }
            Fact::ToolsListed { call, tool, tools, .. } => {
                self.crashes = 0;
                self.end_errand(*call)?;
                self.work_mut()?.listed.insert(tool.clone(), Arc::clone(tools));
                Ok(())
            }
            Fact::ToolListFailed { call, code, .. } => {
                let errand = self.end_errand(*call)?;
                self.note_aborted(&errand, Some(code));
                Ok(())
            }
            Fact::ToolCallStarted { .. } => self.start_tool(event),
            Fact::ToolCallFinished { .. } => self.finish_tool(event),
            Fact::HookFinished { .. } => self.finish_hook(event),
            Fact::WorkflowCalled { .. } => self.call_workflow(event),
            Fact::ChildStarted { call, run_id, .. } => self.start_child(*call, *run_id, event.at),
            Fact::ChildEnded { .. } => self.end_child(event),
            _ => Err("it is not about a call to a tool or a workflow"),
        }
    }

    /// An errand begins, or begins again.
    fn begin(&mut self, number: u64, attempt: u32, what: What, at: Time) -> Fit {
        let state = ErrandState::InFlight { started_at: at };
        let errand = Errand { number, attempt, what, state };
        match self.errand_place(number) {
            Ok(place) => self.work_mut()?.errands[place] = errand,
            Err(_) => self.work_mut()?.errands.push(errand),
        }
        Ok(())
    }

    fn end_errand(&mut self, number: u64) -> Result<Errand, &'static str> {
        let place = self.errand_place(number)?;
        Ok(self.work_mut()?.errands.remove(place))
    }

    fn start_tool(&mut self, event: &Event) -> Fit {
        let Fact::ToolCallStarted { call, attempt, turn, agent, tool_call, hook, tool, arguments } =
            &event.fact
        else {
            return Err("not a tool_call_started");
        };
        let (tool, arguments) = (tool.clone(), Arc::clone(arguments));
        let what = match (hook, turn, agent, tool_call) {
            (Some(place), ..) => {
                if let Some(stop) = self.stop.as_mut() {
                    stop.quiet_at.get_or_insert(event.at);
                }
                What::Hook { place: *place, tool, arguments }
            }
            (None, Some(turn), Some(agent), Some(tool_call)) => {
                let (agent, tool_call) = (agent.clone(), tool_call.clone());
                What::Tool { turn: *turn, agent, tool_call, tool, arguments }
            }
            (None, ..) => return Err("a tool call is an agent's or a hook's"),
        };
        self.begin(*call, *attempt, what, event.at)
    }

    fn finish_tool(&mut self, event: &Event) -> Fit {
        let Fact::ToolCallFinished { call, text, code, .. } = &event.fact else {
            return Err("not a tool_call_finished");
        };
        self.crashes = 0;
        let errand = self.end_errand(*call)?;
        self.note_aborted(&errand, code.as_deref());
        if code.as_deref() == Some(ABORTED) {
            self.note_cut_off(&errand, event);
        }
        match errand.what {
            What::Tool { agent, tool_call, .. } => {
                let replied = Replied { text: Arc::clone(text), failed: code.is_some(), call: Some(*call) };
                self.reply(&agent, &tool_call, replied)
            }
            What::Hook { .. } | What::List { .. } => Ok(()),
        }
    }

    /// Remembers what a stop cut off.
    fn note_aborted(&mut self, errand: &Errand, code: Option<&str>) {
        if self.stop.is_some() && code == Some(ABORTED) {
            self.aborted.push(errand.in_flight());
        }
    }

    fn finish_hook(&mut self, event: &Event) -> Fit {
        let Fact::HookFinished { hook, key, value, .. } = &event.fact else {
            return Err("not a hook_finished");
        };
        let done = usize::try_from(hook.index).unwrap_or(usize::MAX).saturating_add(1);
        let visit = event.visit.ok_or("a hook runs at a visit")?;
        let (by, is_entry) = match hook.when {
            HookWhen::Entry => (ENTRY_HOOK, true),
            HookWhen::Exit => (EXIT_HOOK, false),
        };
        if let (Some(key), Some(value)) = (key, value) {
            let shared = Shared { value: Arc::clone(value), agent: by.to_owned(), visit };
            self.remember(key, shared);
        }
        let work = self.work_mut()?;
        if is_entry {
            work.entered = done;
            return self.brief();
        }
        work.left = done;
        Ok(())
    }

    fn call_workflow(&mut self, event: &Event) -> Fit {
        let Fact::WorkflowCalled { call, workflow, outcome, input } = &event.fact else {
            return Err("not a workflow_called");
        };
        let left = self.visits.last().ok_or("no stage was left")?;
        let (left, _) = self.definition.stage(&left.stage).ok_or("the definition has no such stage")?;
        self.calling = Some(Box::new(Calling {
            call: *call,
            workflow: workflow.clone(),
            outcome: outcome.clone(),
            input: Arc::clone(input),
            left,
            since: event.at,
            run_id: None,
        }));
        Ok(())
    }

    fn start_child(&mut self, call: u64, run_id: i64, at: Time) -> Fit {
        if let Some(calling) = self.calling.as_mut().filter(|calling| calling.call == call) {
            calling.run_id = Some(run_id);
            return Ok(());
        }
        let errand = self.errand_mut(call)?;
        let started_at = errand.started_at().unwrap_or(at);
        errand.state = ErrandState::Child { run_id, started_at };
        Ok(())
    }

    /// The tool call that asked for it is finished by a fact of its own.
    fn end_child(&mut self, event: &Event) -> Fit {
        let Fact::ChildEnded { call, status, result, .. } = &event.fact else {
            return Err("not a child_ended");
        };
        let Some(calling) = self.calling.take_if(|calling| calling.call == *call) else { return Ok(()) };
        if self.stop.is_some() && *status == Status::Stopped {
            self.aborted.push(calling.in_flight());
        }
        if let (Status::Completed, Some(result)) = (status, result) {
            let visit = self.visits.last().ok_or("no stage was left")?.number;
            let shared = Shared { value: Arc::new(value_of(result)), agent: calling.workflow, visit };
            self.remember(&calling.outcome, shared);
        }
        Ok(())
    }
}
