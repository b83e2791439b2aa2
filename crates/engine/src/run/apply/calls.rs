//! Facts of model calls: begun, answered, failed, waited for, lost in a crash.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::{Call, CallState, Compacted, Entry, ErrandState, Run};
use super::Fit;
use crate::event::{CallUsage, Event, Fact, InFlight};
use crate::money::Usd;

impl Run {
    /// What is about calls to models.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller names every fact, and sends these here")]
    pub(super) fn apply_to_call(&mut self, event: &Event) -> Fit {
        match &event.fact {
            Fact::ModelCallStarted { .. } => self.start_call(event),
            Fact::ModelCallFinished { .. } => self.finish_call(&event.fact),
            Fact::ModelCallFailed { cost_usd, .. } => {
                self.spend_lost(*cost_usd)?;
                self.fail_call(event)
            }
            Fact::RetryScheduled { call, turn, model, retry_at, .. } => {
                let due = CallState::Waiting { since: event.at, until: *retry_at };
                self.schedule(*call, *turn, model, due)
            }
            Fact::ContextCompacted { agent, messages, summary, .. } => {
                self.compact(agent, *messages, summary)
            }
            _ => Err("it is not about a model call"),
        }
    }

    fn start_call(&mut self, event: &Event) -> Fit {
        let Fact::ModelCallStarted {
            call,
            attempt,
            turn,
            agent,
            model,
            compacts,
            max_tokens,
            reserved_usd,
            ..
        } = &event.fact
        else {
            return Err("not a model_call_started");
        };
        let work = self.work_mut()?;
        if let Some(talk) = work.talks.get_mut(agent) {
            talk.attempts += 1;
        }
        let turn = work.turns.iter_mut().find(|t| t.number == *turn).ok_or("no such turn is under way")?;
        let before = turn.call.take().filter(|before| before.number == *call);
        if before.is_none() && !compacts {
            turn.calls += 1;
        }
        // Nobody was trying while a limit held the turn.
        let held_ms = turn.held.take().map_or(0, |held| event.at.millis_since(held.since));
        // The time for trying again is counted per model: a fallback gets all of its own.
        let same_model = before.as_ref().filter(|before| before.model == *model);
        turn.call = Some(Call {
            number: *call,
            attempt: *attempt,
            model: model.clone(),
            compacts: *compacts,
            max_tokens: *max_tokens,
            reserved: *reserved_usd,
            failures: same_model.map_or(0, |before| before.failures),
            failing_since: same_model
                .and_then(|before| before.failing_since_as_of(event.at))
                .map(|since| since.plus_millis(held_ms)),
            state: CallState::InFlight { started_at: event.at },
        });
        Ok(())
    }

    fn schedule(&mut self, number: u64, turn: u32, model: &str, due: CallState) -> Fit {
        let mut turns = self.work_mut()?.turns.iter_mut();
        let turn = turns.find(|t| t.number == turn).ok_or("no such turn is under way")?;
        turn.held = None;
        let call =
            turn.call.as_mut().filter(|call| call.number == number).ok_or("no such call is under way")?;
        if call.model != *model {
            // A fallback gets all of its own time.
            call.model = model.to_owned();
            call.failures = 0;
            call.failing_since = None;
        }
        call.state = due;
        Ok(())
    }

    fn finish_call(&mut self, fact: &Fact) -> Fit {
        let Fact::ModelCallFinished { turn, agent, answer, usage, .. } = fact else {
            return Err("not a model_call_finished");
        };
        self.spend(*usage)?;
        self.crashes = 0;
        let work = self.work_mut()?;
        let turn = work.turns.iter_mut().find(|t| t.number == *turn).ok_or("no such turn is under way")?;
        let compacts = turn.call.take().is_some_and(|call| call.compacts);
        if compacts {
            return Ok(());
        }
        let talk = work.talks.get_mut(agent).ok_or("the agent has no turn at this visit")?;
        talk.entries.push(Entry::Answer { answer: Arc::clone(answer), results: Arc::new(BTreeMap::new()) });
        work.spoke_last = Some(agent.clone());
        Ok(())
    }

    fn fail_call(&mut self, event: &Event) -> Fit {
        let Fact::ModelCallFailed { call: number, failure, cost_usd, may_cost_usd, unsent, .. } = &event.fact
        else {
            return Err("not a model_call_failed");
        };
        let closing = self.is_closing();
        let stopping = self.stop.is_some();
        let turns = &mut self.work_mut()?.turns;
        let turn = turns
            .iter_mut()
            .find(|t| t.call.as_ref().is_some_and(|c| c.number == *number))
            .ok_or("no such call is under way")?;
        let call = turn.call.take().ok_or("no such call is under way")?;
        let failed = InFlight {
            reserved_usd: call.reserved.filter(|_| !unsent),
            may_cost_usd: *may_cost_usd,
            unsent: *unsent,
            ..turn.in_flight(&call)
        };
        if !closing {
            turn.call = Some(Call {
                failures: call.failures + 1,
                failing_since: call.failing_since.or(Some(event.at)),
                reserved: None,
                state: CallState::Failed,
                ..call
            });
        }
        // What an answer that is of no use may have cost is what counts as spent.
        self.note_failed(&InFlight { reserved_usd: *cost_usd, ..failed.clone() }, failure, event);
        if stopping {
            self.aborted.push(failed);
        }
        Ok(())
    }

    fn compact(&mut self, agent: &str, messages: u32, summary: &Arc<str>) -> Fit {
        let talk = self.work_mut()?.talks.get_mut(agent).ok_or("the agent has no turn at this visit")?;
        let before = talk.compacted.take().map_or(0, |compacted| compacted.entries);
        let entries = before + usize::try_from(messages).unwrap_or(usize::MAX);
        if entries > talk.entries.len() {
            return Err("the conversation is shorter than that");
        }
        talk.compacted = Some(Compacted { entries, summary: Arc::clone(summary) });
        Ok(())
    }

    pub(super) fn recover(&mut self, lost: &[InFlight], event: &Event) -> Fit {
        self.crashes += 1;
        if self.stop.is_some() {
            self.aborted.extend_from_slice(lost);
        }
        let closing = self.is_closing();
        for lost in lost {
            self.spend_lost(lost.reserved_usd)?;
            if let Ok(errand) = self.errand_mut(lost.call) {
                errand.state = ErrandState::Lost;
                let errand = errand.clone();
                self.note_lost(lost, Some(&errand), event);
                if closing {
                    let place = self.errand_place(lost.call)?;
                    self.work_mut()?.errands.remove(place);
                }
                continue;
            }
            let call = self.call_mut(lost.call)?;
            call.state = CallState::Failed;
            call.reserved = None;
            // How long the server was down is not known, and does not count as time of trying.
            call.failing_since = None;
            if closing {
                let work = self.work_mut()?;
                for turn in &mut work.turns {
                    turn.call.take_if(|call| call.number == lost.call);
                }
            }
            self.note_lost(lost, None, event);
        }
        Ok(())
    }

    fn spend(&mut self, usage: CallUsage) -> Fit {
        self.usage.add(usage);
        self.visit_mut()?.usage.add(usage);
        Ok(())
    }

    /// Money that a call may have cost of which no answer came: it counts as spent.
    fn spend_lost(&mut self, cost: Option<Usd>) -> Fit {
        let Some(cost) = cost else { return Ok(()) };
        self.usage.cost_usd = self.usage.cost_usd.plus(cost);
        let visit = self.visit_mut()?;
        visit.usage.cost_usd = visit.usage.cost_usd.plus(cost);
        Ok(())
    }
}
