//! Hooks: tools that run at a stage's entry and exit, outside of any turn.

use std::sync::Arc;

use serde_json::Value;

use super::Draft;
use crate::command::ToolOutcome;
use crate::definition::HookFailure;
use crate::event::{Fact, HookPlace, HookWhen};
use crate::rules::{self, RefusedCall, Rule, codes};
use crate::run::{Errand, ErrandState, Given, What};
use crate::template::{self, Names};
use crate::{schema, toolbox};

impl Draft {
    /// Begins the next hook of the entry or the exit, where one is left. Answers whether one was.
    pub(super) fn next_hook(&mut self, when: HookWhen) -> bool {
        let Some(work) = &self.run.work else { return false };
        let done = match when {
            HookWhen::Entry => work.entered,
            HookWhen::Exit => work.left,
        };
        let place = HookPlace { when, index: u32::try_from(done).unwrap_or(u32::MAX) };
        let is_left = self.run.hook(place).is_some();
        if is_left {
            self.start_hook(place);
        }
        is_left
    }

    /// The next exit hook of the current stage that runs even when the run ends.
    pub(super) fn next_hook_that_always_runs(&self) -> Option<HookPlace> {
        let (work, stage) = (self.run.work.as_ref()?, self.run.stage()?);
        let left = stage.exit.iter().enumerate().skip(work.left);
        let (index, _) = left.into_iter().find(|(_, hook)| hook.always)?;
        Some(HookPlace { when: HookWhen::Exit, index: u32::try_from(index).ok()? })
    }

    /// Begins a hook: the intent, or its end where the run itself can carry it out.
    pub(super) fn start_hook(&mut self, place: HookPlace) {
        let Some(hook) = self.run.hook(place).cloned() else { return };
        let given = Given::of(&self.run);
        let filled = hook.arguments.iter().map(|(name, value)| {
            let value = fill(value, &given.names())?;
            Ok::<_, String>((name.clone(), value))
        });
        let arguments = match filled.collect::<Result<serde_json::Map<_, _>, String>>() {
            Ok(arguments) => Arc::new(Value::Object(arguments)),
            Err(why) => {
                let text = format!("Its arguments could not be filled in: {why}").into();
                let outcome = ToolOutcome { text, code: Some("template_failed".to_owned()) };
                return self.finish_hook(place, &hook.tool, &outcome);
            }
        };
        self.emit(Fact::ToolCallStarted {
            call: self.run.seq + 1,
            attempt: 1,
            turn: None,
            agent: None,
            tool_call: None,
            hook: Some(place),
            tool: hook.tool.clone(),
            arguments: Arc::clone(&arguments),
        });
        let answer = self.answered_here(&hook.tool, &arguments);
        if let (Some(outcome), Some(errand)) = (answer, self.hook_under_way(place)) {
            self.finish_tool(&errand, outcome);
        }
    }

    fn hook_under_way(&self, place: HookPlace) -> Option<Errand> {
        let errands = &self.run.work.as_ref()?.errands;
        let is_it = |errand: &&Errand| match &errand.what {
            What::Hook { place: other, .. } => *other == place,
            What::List { .. } | What::Tool { .. } => false,
        };
        errands
            .iter()
            .find(is_it)
            .filter(|errand| matches!(errand.state, ErrandState::InFlight { .. }))
            .cloned()
    }

    /// What a hook comes to that needs nothing from outside, or whose arguments do not fit; nothing where
    /// the outside has to carry it out.
    fn answered_here(&mut self, tool: &str, arguments: &Value) -> Option<ToolOutcome> {
        let parameters = toolbox::parameters(&self.run.definition, tool);
        let mistakes = parameters.map(|schema| schema::mistakes(&schema, arguments)).unwrap_or_default();
        if !mistakes.is_empty() {
            return Some(refused(rules::invalid_for(tool, &mistakes)));
        }
        if self.run.definition.tools.contains_key(tool) {
            return None;
        }
        let call =
            crate::call::ToolCall { id: String::new(), tool: tool.to_owned(), arguments: arguments.clone() };
        let done = match rules::rule(&call)? {
            Err(wrong) => Err(wrong),
            Ok(Rule::ListFiles) => Ok(self.documents_listed()),
            Ok(Rule::CurrentTime) => Ok(self.time_told()),
            Ok(Rule::WriteFile { path, text }) => self.has_room_for(&path).map(|()| {
                self.write(None, None, path.clone(), text);
                path
            }),
            Ok(Rule::ReadFile { path }) if !self.run.documents.contains_key(&path) => {
                Err(self.unknown_document())
            }
            Ok(Rule::ReadFile { .. }) => return None,
            // The rules of a turn are not given to hooks: the project file was checked.
            Ok(
                Rule::SendMessage { .. }
                | Rule::ShareResult { .. }
                | Rule::ReadMemory { .. }
                | Rule::Pass
                | Rule::Complete { .. }
                | Rule::AskUser { .. }
                | Rule::RunWorkflow { .. },
            ) => Err(RefusedCall {
                code: codes::UNKNOWN_TOOL,
                message: format!("{tool} is no tool for a hook."),
            }),
        };
        Some(match done {
            Ok(text) => ToolOutcome { text: text.into(), code: None },
            Err(wrong) => refused(wrong),
        })
    }

    /// Records the end of a hook. One that failed ends the stage, unless it says otherwise.
    pub(super) fn finish_hook(&mut self, place: HookPlace, tool: &str, outcome: &ToolOutcome) {
        let Some(hook) = self.run.hook(place).cloned() else { return };
        let failed = outcome.code.is_some();
        self.emit(Fact::HookFinished {
            hook: place,
            tool: tool.to_owned(),
            key: hook.key.filter(|_| !failed),
            value: (!failed).then(|| Arc::new(crate::run::value_of(&outcome.text))),
            code: outcome.code.clone(),
            message: failed.then(|| outcome.text.to_string()),
        });
        if !failed || hook.on_failure == HookFailure::Continue || self.run.is_closing() {
            return;
        }
        let when = match place.when {
            HookWhen::Entry => "entry",
            HookWhen::Exit => "exit",
        };
        let code = outcome.code.as_deref().unwrap_or_default();
        let message = format!("The hook {tool} failed: {} [{code}]", outcome.text);
        let mut error = self.error(None, &format!("running the {when} hook {tool}"), "hook_failed", message);
        error.hint =
            Some("Mend the tool or its arguments, or set the hook's on_failure: continue.".to_owned());
        self.fail_stage(error);
    }
}

fn refused(refused: RefusedCall) -> ToolOutcome {
    ToolOutcome { text: refused.message.into(), code: Some(refused.code.to_owned()) }
}

/// A value whose texts are filled in.
fn fill(value: &Value, names: &Names<'_>) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => {
            Value::String(template::render(text, names).map_err(|error| error.to_string())?)
        }
        Value::Array(items) => items.iter().map(|item| fill(item, names)).collect::<Result<_, _>>()?,
        Value::Object(fields) => {
            let filled =
                fields.iter().map(|(name, value)| Ok::<_, String>((name.clone(), fill(value, names)?)));
            Value::Object(filled.collect::<Result<_, _>>()?)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    })
}
