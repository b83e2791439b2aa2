//! What a failed model call leads to: another attempt, the fallback, or the end of the stage.

use super::Draft;
use crate::call::{Failure, failure};
use crate::command::{Refused, ToolOutcome};
use crate::event::{Fact, RunError};
use crate::rules::codes::ABORTED;
use crate::run::{Call, CallState, Turn};

/// The first wait between attempts: long enough for a hiccup to pass.
pub const RETRY_WAIT_FIRST_MS: u64 = 500;

/// The longest wait between attempts that the provider did not ask for: a run should go on within a
/// minute of the end of an outage.
pub const RETRY_WAIT_MAX_MS: u64 = 60_000;

impl Draft {
    /// A failed attempt is recorded, and what follows is decided.
    pub(super) fn take_failure(&mut self, call: u64, failure: Failure, partial: Option<String>) {
        self.record_failure(call, failure.clone(), partial, true);
        if self.run.is_closing() {
            return;
        }
        let Some((turn, call)) = self.failed_call(call) else { return };
        if failure.code == failure::TOO_LONG && !call.compacts && self.sum_up(&turn) {
            return;
        }
        let Some(model) = self.run.definition.models.get(&call.model) else { return };
        let (fallback, retry_for_ms) = (model.fallback.clone(), model.retry_for_s.saturating_mul(1000));
        let spent_ms = call.failing_since.map_or(0, |since| self.moment.now.millis_since(since));
        let wait_ms = retry_wait_ms(&failure, call.failures, self.moment.luck);
        // A wait of ours may be cut short for one last attempt; one the provider asks for may not.
        let left_ms = retry_for_ms.saturating_sub(spent_ms);
        let wait_ms = if failure.retry_after_ms.is_none() { wait_ms.min(left_ms) } else { wait_ms };
        if failure.transient && left_ms > 0 && wait_ms <= left_ms {
            self.emit(Fact::RetryScheduled {
                call: call.number,
                attempt: call.attempt + 1,
                turn: turn.number,
                agent: turn.agent.clone(),
                model: call.model.clone(),
                wait_ms,
                retry_at: self.moment.now.plus_millis(wait_ms),
            });
        } else if let Some(fallback) = fallback {
            self.call_again(call.number, Some(fallback));
        } else {
            let error = self.call_error(&turn, &call, failure, spent_ms);
            self.fail_stage(error);
        }
    }

    /// An attempt was cut off, because the run is closing. Where nobody asked for it, the call is still
    /// owed, and is made by whoever asks what is.
    pub(super) fn take_abort(
        &mut self,
        call: u64,
        attempt: u32,
        partial: Option<String>,
        sent: bool,
    ) -> Result<(), Refused> {
        if let Some(errand) = self.errand_under_way(call, attempt) {
            let wanted = self.run.is_closing() && !self.run.runs_always(&errand);
            wanted.then_some(()).ok_or(Refused::NotUnderWay)?;
            let text = "The call was cut off because the run is ending.".into();
            self.finish_errand(&errand, ToolOutcome { text, code: Some(ABORTED.to_owned()) });
            return Ok(());
        }
        self.under_way(call, attempt)?;
        self.run.is_closing().then_some(()).ok_or(Refused::NotUnderWay)?;
        let aborted = Failure {
            code: ABORTED.to_owned(),
            message: "The call was cut off because the run is ending.".to_owned(),
            provider_message: None,
            status: None,
            transient: false,
            retry_after_ms: None,
        };
        self.record_failure(call, aborted, partial, sent);
        Ok(())
    }

    fn record_failure(&mut self, call: u64, failure: Failure, partial: Option<String>, sent: bool) {
        let Some((turn, call)) = self.failed_call(call) else { return };
        let is_open = sent && failure.may_be_billed();
        let duration_ms = match call.state {
            CallState::InFlight { started_at } => self.moment.now.millis_since(started_at),
            CallState::Failed | CallState::Waiting { .. } => 0,
        };
        self.emit(Fact::ModelCallFailed {
            call: call.number,
            attempt: call.attempt,
            turn: turn.number,
            agent: turn.agent,
            model: call.model,
            cost_usd: call.reserved.filter(|_| is_open),
            may_cost_usd: if is_open { self.may_cost(call.number) } else { None },
            unsent: !sent,
            failure,
            partial: partial.filter(|text| !text.is_empty()),
            duration_ms,
        });
    }

    fn failed_call(&self, call: u64) -> Option<(Turn, Call)> {
        let turn = self.run.work.as_ref()?.turn_of_call(call)?;
        Some((turn.clone(), turn.call.clone()?))
    }

    fn call_error(&self, turn: &Turn, call: &Call, failure: Failure, spent_ms: u64) -> RunError {
        let hint = failure.hint();
        let message = match (failure.transient, call.failures) {
            (true, tried @ 2..) => {
                format!("{} It was tried {tried} times in {} s.", failure.message, spent_ms / 1000)
            }
            (true, _) | (false, _) => failure.message,
        };
        let doing = format!("calling the model {}", call.model);
        let mut error = self.error(Some(&turn.agent), &doing, &failure.code, message);
        error.provider_message = failure.provider_message;
        error.hint = Some(hint.to_owned());
        error
    }
}

/// How long to wait before the next attempt: what the provider asks for, else twice as long each
/// time, of which chance takes up to a half, so that a thousand runs do not come back at once.
fn retry_wait_ms(failure: &Failure, failures: u32, luck: u64) -> u64 {
    if let Some(asked) = failure.retry_after_ms {
        return asked;
    }
    let doublings = failures.saturating_sub(1).min(16);
    let wait = (RETRY_WAIT_FIRST_MS << doublings).min(RETRY_WAIT_MAX_MS);
    wait - luck % (wait / 2 + 1)
}

/// The chance that led to a wait, of a call that had failed so often by then: any, where the time for trying
/// again cut the wait short.
pub(crate) fn luck_of_wait(failure: &Failure, failures: u32, wait_ms: u64) -> u64 {
    retry_wait_ms(failure, failures, 0).saturating_sub(wait_ms)
}
