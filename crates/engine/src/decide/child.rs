//! Workflows that are carried out for this run, each by a run of its own.

use std::sync::Arc;

use super::Draft;
use super::answer::Done;
use crate::call::ToolCall;
use crate::command::{ChildEnd, Refused, ToolOutcome};
use crate::event::{Fact, RunError};
use crate::rules::{RefusedCall, codes};
use crate::run::{Errand, ErrandState, Status, Turn};

/// How many runs may wait for each other in a row: more of them are workflows that call each other in a
/// circle.
pub const DEPTH_MAX: u32 = 5;

/// What stands between the name of a workflow and why it could not be started.
const NOT_STARTED: &str = " could not be started: ";

impl Draft {
    /// An agent has another workflow carried out.
    pub(super) fn run_workflow(
        &mut self,
        turn: &Turn,
        call: &ToolCall,
        workflow: &str,
    ) -> Result<Done, RefusedCall> {
        let definition = Arc::clone(&self.run.definition);
        if !definition.callable.contains_key(workflow) {
            let known: Vec<&str> = definition.callable.keys().map(String::as_str).collect();
            let message = format!("There is no workflow of that name. There are: {}.", known.join(", "));
            return Err(RefusedCall { code: codes::UNKNOWN_WORKFLOW, message });
        }
        if self.is_too_deep() {
            return Err(RefusedCall { code: codes::TOO_DEEP, message: too_deep() });
        }
        self.start_tool(turn, call, &call.tool, Arc::new(call.arguments.clone()));
        Ok(Done::Waits)
    }

    fn is_too_deep(&self) -> bool {
        self.run.created.depth >= DEPTH_MAX
    }

    /// An outcome leads to another workflow, with the stage's result as its input.
    pub(super) fn call_workflow(&mut self, workflow: &str, outcome: &str) {
        if self.is_too_deep() {
            let error = self.routing_error(workflow, codes::TOO_DEEP, too_deep());
            return self.fail_run(Box::new(error));
        }
        let visit = self.run.visits.last();
        let number = visit.map(|visit| visit.number);
        let input = visit.and_then(|visit| visit.result.as_deref()).unwrap_or_default();
        let fact = Fact::WorkflowCalled {
            call: self.run.seq + 1,
            workflow: workflow.to_owned(),
            outcome: outcome.to_owned(),
            input: Arc::new(input.into()),
        };
        self.emit_at(number, fact);
    }

    /// The run that carries a workflow out began.
    pub(super) fn take_child(&mut self, call: u64, run_id: i64) -> Result<(), Refused> {
        let (workflow, visit) = self.awaited(call, None).ok_or(Refused::NotUnderWay)?;
        self.emit_at(visit, Fact::ChildStarted { call, run_id, workflow });
        Ok(())
    }

    /// It could not be started.
    pub(super) fn take_child_refused(&mut self, call: u64, outcome: ToolOutcome) -> Result<(), Refused> {
        let (workflow, _) = self.awaited(call, None).ok_or(Refused::NotUnderWay)?;
        let code = outcome.code.unwrap_or_default();
        let message = format!("The workflow {workflow}{NOT_STARTED}{}", outcome.text);
        let error = self.routing_error(&workflow, &code, message);
        let end = ChildEnd { status: Status::Error, result: None, error: Some(Box::new(error)) };
        self.end_child(call, None, &end)
    }

    /// The run that carried a workflow out ended.
    pub(super) fn take_child_end(&mut self, call: u64, run_id: i64, end: ChildEnd) -> Result<(), Refused> {
        self.end_child(call, Some(run_id), &end)
    }

    fn end_child(&mut self, call: u64, run_id: Option<i64>, end: &ChildEnd) -> Result<(), Refused> {
        let (workflow, visit) = self.awaited(call, run_id).ok_or(Refused::NotUnderWay)?;
        let (calling, errand) = (self.run.calling.clone(), self.errand(call));
        self.emit_at(
            visit,
            Fact::ChildEnded {
                call,
                run_id,
                status: end.status,
                result: end.result.clone(),
                error: end.error.clone(),
            },
        );
        match (calling.filter(|calling| calling.call == call), errand) {
            (Some(_), _) if self.run.is_closing() => {}
            (Some(calling), _) if end.status == Status::Completed => self.enter_after(calling.left),
            (Some(calling), _) => {
                let (code, why) = why_ended(run_id, end);
                let error = self.routing_error(&calling.workflow, &code, why);
                self.fail_run(Box::new(error));
            }
            (None, Some(errand)) => {
                let outcome = self.child_outcome(&errand, &workflow, run_id, end);
                self.finish_tool(&errand, outcome);
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// What an agent is told of the end of a run that it asked for.
    fn child_outcome(
        &self,
        errand: &Errand,
        workflow: &str,
        run_id: Option<i64>,
        end: &ChildEnd,
    ) -> ToolOutcome {
        if let (Status::Completed, Some(result)) = (end.status, &end.result) {
            return ToolOutcome { text: Arc::clone(result), code: None };
        }
        if self.run.is_closing() {
            let text = "The run was cut off because this one is ending.".into();
            return ToolOutcome { text, code: Some(codes::ABORTED.to_owned()) };
        }
        let until = errand.started_at().and_then(|started_at| self.run.child_until(errand, started_at));
        if end.status == Status::Stopped && until.is_some_and(|until| until <= self.moment.now) {
            let text = format!("The workflow {workflow} took too long, and was stopped.");
            return ToolOutcome { text: text.into(), code: Some(codes::RUN_TIMED_OUT.to_owned()) };
        }
        let (_, why) = why_ended(run_id, end);
        let text = format!("The workflow {workflow} did not complete. {why}");
        ToolOutcome { text: text.into(), code: Some(codes::RUN_FAILED.to_owned()) }
    }

    /// The workflow that is waited for under a call, and the visit that its facts belong to.
    fn awaited(&self, call: u64, run_id: Option<i64>) -> Option<(String, Option<u32>)> {
        if let Some(calling) = self.run.calling.as_ref().filter(|calling| calling.call == call) {
            let visit = self.run.visits.last().map(|visit| visit.number);
            return (calling.run_id == run_id).then(|| (calling.workflow.clone(), visit));
        }
        let errand = self.errand(call).filter(Errand::is_child)?;
        let fits = match errand.state {
            ErrandState::Child { run_id: started, .. } => run_id == Some(started),
            ErrandState::InFlight { .. } => run_id.is_none(),
            ErrandState::Lost | ErrandState::Asked => false,
        };
        let workflow = match &errand.what {
            crate::run::What::Tool { arguments, .. } => arguments.get("workflow")?.as_str()?.to_owned(),
            crate::run::What::List { .. } | crate::run::What::Hook { .. } => return None,
        };
        fits.then(|| (workflow, self.run.visit_number()))
    }

    fn errand(&self, call: u64) -> Option<Errand> {
        self.run.work.as_ref()?.errand(call).cloned()
    }

    fn routing_error(&self, workflow: &str, code: &str, message: String) -> RunError {
        let visit = self.run.visits.last();
        RunError {
            // The stage being left: its visit is where a person goes on from.
            stage: visit.map(|visit| visit.stage.clone()),
            visit: visit.map(|visit| visit.number),
            agent: None,
            doing: format!("carrying out the workflow {workflow}"),
            code: code.to_owned(),
            message,
            provider_message: None,
            hint: Some("Look at the run of that workflow, mend it, and run this one again.".to_owned()),
        }
    }
}

/// Why a workflow could not be started, taken out of what is told of it.
pub(crate) fn why_not_started(message: &str) -> &str {
    message.split_once(NOT_STARTED).map_or(message, |(_, why)| why)
}

fn too_deep() -> String {
    format!(
        "This run was started by {DEPTH_MAX} others that wait for each other, and may start no further ones."
    )
}

/// The code and the words for a run that did not complete.
fn why_ended(run_id: Option<i64>, end: &ChildEnd) -> (String, String) {
    match (&end.error, run_id) {
        (Some(error), Some(run_id)) => {
            (error.code.clone(), format!("Run {run_id} ended in error: {}", error.message))
        }
        (Some(error), None) => (error.code.clone(), error.message.clone()),
        (None, Some(run_id)) => ("run_stopped".to_owned(), format!("Run {run_id} was stopped.")),
        (None, None) => ("run_stopped".to_owned(), "It was stopped.".to_owned()),
    }
}
