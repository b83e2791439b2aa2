//! Tools that the outside carries out: called, answered, and listed where a server has them.

use std::sync::Arc;

use serde_json::Value;

use super::Draft;
use super::answer::{Done, not_now};
use crate::call::ToolCall;
use crate::command::{Refused, ToolOutcome};
use crate::event::{Fact, ListedTool};
use crate::rules::{self, RefusedCall};
use crate::run::{Errand, Turn, What};
use crate::toolbox::{self, Toolbox};

impl Draft {
    /// An agent calls a tool that is no rule. Its arguments are checked before anything is done.
    pub(super) fn call_outside(
        &mut self,
        turn: &Turn,
        call: &ToolCall,
        toolbox: &Toolbox,
    ) -> Result<Done, RefusedCall> {
        let Some(offered) = toolbox.find(&call.tool) else {
            let known = toolbox::EVERY_AGENT.into_iter().chain(toolbox.names());
            return Err(rules::unknown_tool(&call.tool, known));
        };
        if turn.ask.is_some() {
            return Err(not_now());
        }
        let arguments = offered.arguments(call)?;
        let tool = offered.tool.clone();
        self.start_tool(turn, call, &tool, arguments);
        Ok(Done::Waits)
    }

    /// The intent of an agent's tool call.
    pub(super) fn start_tool(&mut self, turn: &Turn, call: &ToolCall, tool: &str, arguments: Arc<Value>) {
        self.emit(Fact::ToolCallStarted {
            call: self.run.seq + 1,
            attempt: 1,
            turn: Some(turn.number),
            agent: Some(turn.agent.clone()),
            tool_call: Some(call.id.clone()),
            hook: None,
            tool: tool.to_owned(),
            arguments,
        });
    }

    /// A tool call that the run itself can answer.
    pub(super) fn answer_tool(&mut self, turn: &Turn, call: &ToolCall, text: String) -> Done {
        let arguments = Arc::new(call.arguments.clone());
        self.start_tool(turn, call, &call.tool, arguments);
        let errand = self.run.work.as_ref().and_then(|work| work.errands.last()).cloned();
        if let Some(errand) = errand {
            self.finish_errand(&errand, ToolOutcome { text: text.into(), code: None });
        }
        Done::Replied
    }

    /// A tool answered, or failed.
    pub(super) fn take_tool(&mut self, call: u64, attempt: u32, outcome: ToolOutcome) -> Result<(), Refused> {
        let errand = self.errand_under_way(call, attempt).filter(|errand| !errand.is_list());
        self.finish_tool(&errand.ok_or(Refused::NotUnderWay)?, outcome);
        Ok(())
    }

    /// A tool call has come to its end, and its turn or its hook goes on.
    pub(super) fn finish_tool(&mut self, errand: &Errand, outcome: ToolOutcome) {
        self.finish_errand(errand, outcome.clone());
        match &errand.what {
            What::Tool { turn, .. } => self.go_on_after_tools(*turn),
            What::Hook { place, tool, .. } => self.finish_hook(*place, tool, &outcome),
            What::List { .. } => {}
        }
    }

    /// Records how a call to a tool or a server ended.
    pub(super) fn finish_errand(&mut self, errand: &Errand, outcome: ToolOutcome) {
        let (call, attempt) = (errand.number, errand.attempt);
        let started_at = errand.started_at();
        let duration_ms = started_at.map_or(0, |started_at| self.moment.now.millis_since(started_at));
        let ToolOutcome { text, code } = outcome;
        match errand.what.clone() {
            What::List { tool } => self.emit(Fact::ToolListFailed {
                call,
                attempt,
                tool,
                code: code.unwrap_or_default(),
                message: text.to_string(),
                duration_ms,
            }),
            What::Tool { turn, agent, tool_call, tool, .. } => self.emit(Fact::ToolCallFinished {
                call,
                attempt,
                turn: Some(turn),
                agent: Some(agent),
                tool_call: Some(tool_call),
                tool,
                text,
                code,
                duration_ms,
            }),
            What::Hook { tool, .. } => self.emit(Fact::ToolCallFinished {
                call,
                attempt,
                turn: None,
                agent: None,
                tool_call: None,
                tool,
                text,
                code,
                duration_ms,
            }),
        }
    }

    /// The errand, if that attempt of it is under way. One that a run of its own carries out is none: only
    /// the end of that run ends it.
    pub(super) fn errand_under_way(&self, call: u64, attempt: u32) -> Option<Errand> {
        let errand = self.run.work.as_ref()?.errand(call)?;
        (errand.attempt == attempt && errand.is_in_flight() && !errand.is_child()).then(|| errand.clone())
    }

    /// Asks the MCP servers of the stage for their tools, all at once. Answers whether one was asked.
    pub(super) fn list_tools(&mut self) -> bool {
        let definition = Arc::clone(&self.run.definition);
        let (Some(work), Some(stage)) = (&self.run.work, definition.workflow.stages.get(self.stage_index()))
        else {
            return false;
        };
        let servers = toolbox::servers(&definition, &stage.agents).into_iter();
        let missing: Vec<String> = servers
            .filter(|server| !work.listed.contains_key(*server))
            .filter(|server| !work.errands.iter().any(|errand| errand.tool() == *server))
            .map(str::to_owned)
            .collect();
        let asks = !missing.is_empty();
        for tool in missing {
            self.emit(Fact::ToolListStarted { call: self.run.seq + 1, attempt: 1, tool });
        }
        asks
    }

    /// A server said which tools it has, or did not.
    pub(super) fn take_tools(
        &mut self,
        call: u64,
        attempt: u32,
        listed: Result<Arc<[ListedTool]>, ToolOutcome>,
    ) -> Result<(), Refused> {
        let errand = self.errand_under_way(call, attempt).filter(Errand::is_list);
        let errand = errand.ok_or(Refused::NotUnderWay)?;
        let outcome = match listed {
            Ok(tools) => {
                let started_at = errand.started_at();
                let duration_ms = started_at.map_or(0, |at| self.moment.now.millis_since(at));
                let tool = errand.tool().to_owned();
                self.emit(Fact::ToolsListed { call, attempt, tool, tools, duration_ms });
                return Ok(());
            }
            Err(outcome) => outcome,
        };
        self.finish_errand(&errand, outcome.clone());
        if self.run.is_closing() {
            return Ok(());
        }
        let doing = format!("listing the tools of {}", errand.tool());
        let mut error = self.error(None, &doing, &outcome.code.unwrap_or_default(), outcome.text.to_string());
        error.hint =
            Some("Check the tool's command or url, and that the server starts by itself.".to_owned());
        self.fail_stage(error);
        Ok(())
    }
}
