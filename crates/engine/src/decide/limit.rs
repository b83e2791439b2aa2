//! The limits that people set, kept before each model call: money is set aside by the largest price
//! that the call could have, and the largest answer is lowered to what is left.

use super::Draft;
use crate::call::Request;
use crate::definition::{Model, OnLimit, Price};
use crate::event::{Fact, LimitKind};
use crate::money::Usd;
use crate::prompt;
use crate::run::{CallState, Turn};

/// The largest answer of a model that names none, where money is limited: what most answers of today
/// stay under, and little enough to be set aside.
pub const ANSWER_TOKENS: u64 = 8_192;

/// An answer that is cut off after less than this is of no use, and not worth its question.
const ANSWER_TOKENS_MIN: u64 = 256;

/// How long a call that was to be made again waits for room: others are answered within seconds.
const ROOM_WAIT_MS: u64 = 5_000;

/// Who stops a run at a limit.
const LIMIT: &str = "limit";

/// Whether a call may be made.
pub(super) enum Allowance {
    /// It may.
    Granted {
        /// The largest answer, where a limit sets it.
        max_tokens: Option<u64>,
        /// What is set aside for it; nothing where money is not limited.
        reserved: Option<Usd>,
    },
    /// What is set aside for other calls is in its way, under this limit.
    InTheWay(Reached),
    /// A limit is reached.
    Reached(Reached),
}

/// A limit that is reached.
pub(super) struct Reached {
    limit: LimitKind,
    max: f64,
    used: f64,
}

/// A limit of money.
struct Purse {
    kind: LimitKind,
    limit: Usd,
    spent: Usd,
    reserved: Usd,
}

impl Draft {
    /// Whether a call may be made now, and with which answer.
    pub(super) fn allowance(&self, model: &str, request: &Request) -> Allowance {
        if let Some(reached) = self.reached() {
            return Allowance::Reached(reached);
        }
        let Some(model) = self.run.definition.models.get(model) else {
            return Allowance::Granted { max_tokens: None, reserved: None };
        };
        let own_max = own_max(model);
        let tokens_left = self.run.limits.tokens.map(|limit| limit.saturating_sub(self.tokens_used()));
        let lowered = tokens_left.filter(|left| own_max.is_none_or(|own| *left < own));
        let (Some(price), false) = (model.price, self.purses().is_empty()) else {
            return Allowance::Granted { max_tokens: lowered, reserved: None };
        };
        let wanted = lowered.or(own_max).unwrap_or(ANSWER_TOKENS);
        self.paid_for(request, price, wanted, own_max)
    }

    /// Whether there is money for a call with an answer of so many tokens, or of as many as fit.
    fn paid_for(&self, request: &Request, price: Price, wanted: u64, own_max: Option<u64>) -> Allowance {
        let question = Usd::of_tokens(request.bytes(), price.input);
        let enough = wanted.min(ANSWER_TOKENS_MIN);
        let mut tokens = wanted;
        for purse in self.purses() {
            let free = purse.limit.minus(purse.spent).minus(purse.reserved);
            let fits = answer_that_fits(free, question, price);
            if fits < enough {
                let alone = answer_that_fits(purse.limit.minus(purse.spent), question, price);
                return if alone >= enough {
                    let used = purse.spent.plus(purse.reserved).dollars();
                    Allowance::InTheWay(Reached { used, ..purse.reached() })
                } else {
                    Allowance::Reached(purse.reached())
                };
            }
            tokens = tokens.min(fits);
        }
        let reserved = question.plus(Usd::of_tokens(tokens, price.output));
        let max_tokens = (own_max != Some(tokens)).then_some(tokens);
        Allowance::Granted { max_tokens, reserved: Some(reserved) }
    }

    /// About the most that a call under way may cost, where nothing was set aside for it and its model has
    /// a price: its question, and the longest answer that the model is told of or that most stay under.
    pub(super) fn may_cost(&self, call: u64) -> Option<Usd> {
        let under_way = self.run.work.as_ref()?.turn_of_call(call)?.call.as_ref()?;
        if under_way.reserved.is_some() {
            return None;
        }
        let model = self.run.definition.models.get(&under_way.model)?;
        let price = model.price?;
        let answer = under_way.max_tokens.or_else(|| own_max(model)).unwrap_or(ANSWER_TOKENS);
        let question = prompt::tokens(&self.run.request(call)?);
        Some(Usd::of_tokens(question, price.input).plus(Usd::of_tokens(answer, price.output)))
    }

    /// The limits of money that hold for the run.
    fn purses(&self) -> Vec<Purse> {
        let of_run = self.run.limits.cost_usd.map(|limit| Purse {
            kind: LimitKind::CostUsd,
            limit: Usd::of_dollars(limit),
            spent: self.run.usage.cost_usd,
            reserved: self.run.reserved(),
        });
        let of_day = self.moment.day.map(|day| Purse {
            kind: LimitKind::CostUsdPerDay,
            limit: day.limit,
            spent: day.spent,
            reserved: day.reserved.plus(self.reserved),
        });
        of_run.into_iter().chain(of_day).collect()
    }

    /// A limit other than of money that is reached.
    fn reached(&self) -> Option<Reached> {
        let limits = &self.run.limits;
        let reached = |limit, max: u64, used: u64| {
            (used >= max).then_some(Reached { limit, max: max as f64, used: used as f64 })
        };
        let calls = limits.model_calls.and_then(|max| reached(LimitKind::ModelCalls, max, self.calls_made()));
        let tokens = || limits.tokens.and_then(|max| reached(LimitKind::Tokens, max, self.tokens_used()));
        let wall = || {
            let used_ms = self.duration_ms().saturating_sub(self.waited_ms());
            limits.wall_s.and_then(|max| reached(LimitKind::WallS, max, used_ms / 1000))
        };
        calls.or_else(tokens).or_else(wall)
    }

    fn calls_made(&self) -> u64 {
        let under_way = self.run.work.iter().flat_map(|work| work.in_flight()).count();
        self.run.usage.model_calls + under_way as u64
    }

    fn tokens_used(&self) -> u64 {
        self.run.usage.input_tokens + self.run.usage.output_tokens
    }

    /// How long the run waited for people, up to now.
    fn waited_ms(&self) -> u64 {
        let since = self.run.waits_since.map_or(0, |since| self.moment.now.millis_since(since));
        self.run.waited_ms + since
    }

    /// A limit keeps a turn from its call: the run waits, or stops. Answers whether that is new.
    pub(super) fn reach(&mut self, reached: Reached, turn: &Turn, model: Option<String>) -> bool {
        let action = self.run.on_limit();
        let is_held = turn.held.as_ref().is_some_and(|held| held.limit == reached.limit);
        if is_held && action == OnLimit::Wait {
            return false;
        }
        let Reached { limit, max, used } = reached;
        self.emit(Fact::LimitReached { limit, max, used, action, turn: Some(turn.number), model });
        if action == OnLimit::Stop {
            self.stop_at(limit, max);
        }
        true
    }

    /// A turn that another limit held waits for room under this one now: nobody's word would help it on.
    /// Answers whether that is new.
    pub(super) fn hold_for_room(&mut self, reached: Reached, turn: &Turn) -> bool {
        let Reached { limit, max, used } = reached;
        let Some(held) = turn.held.as_ref().filter(|held| held.limit != limit) else { return false };
        let model = held.model.clone();
        let action = OnLimit::Wait;
        self.emit(Fact::LimitReached { limit, max, used, action, turn: Some(turn.number), model });
        true
    }

    /// The run stops at its limit of time, whatever is under way.
    pub(super) fn reach_wall(&mut self) -> bool {
        let over = self.run.wall_over().is_some_and(|until| until <= self.moment.now);
        let (true, Some(max)) = (over, self.run.limits.wall_s) else { return false };
        let used_ms = self.duration_ms().saturating_sub(self.waited_ms());
        self.emit(Fact::LimitReached {
            limit: LimitKind::WallS,
            max: max as f64,
            used: (used_ms / 1000) as f64,
            action: OnLimit::Stop,
            turn: None,
            model: None,
        });
        self.stop_at(LimitKind::WallS, max as f64);
        true
    }

    fn stop_at(&mut self, limit: LimitKind, max: f64) {
        let reason = format!("The limit {} of {max} was reached.", limit.name());
        self.emit(Fact::StopRequested { by: LIMIT.to_owned(), reason: Some(reason) });
    }

    /// A call waits for what is set aside for others. One that was to be made again is due later, so that
    /// it is not asked for all the time; so is a fallback, which is named by that.
    pub(super) fn wait_for_room(&mut self, turn: &Turn, fallback: Option<String>) -> bool {
        let Some(call) = &turn.call else { return false };
        if !matches!(call.state, CallState::Waiting { .. }) && fallback.is_none() {
            return false;
        }
        self.emit(Fact::RetryScheduled {
            call: call.number,
            attempt: call.attempt + 1,
            turn: turn.number,
            agent: turn.agent.clone(),
            model: fallback.unwrap_or_else(|| call.model.clone()),
            wait_ms: ROOM_WAIT_MS,
            retry_at: self.moment.now.plus_millis(ROOM_WAIT_MS),
        });
        true
    }
}

impl Purse {
    fn reached(&self) -> Reached {
        Reached { limit: self.kind, max: self.limit.dollars(), used: self.spent.dollars() }
    }
}

/// The largest answer that the model's own parameters name.
fn own_max(model: &Model) -> Option<u64> {
    let named = ["max_tokens", "max_completion_tokens"].iter().find_map(|name| model.parameters.get(*name));
    named.and_then(serde_json::Value::as_u64)
}

/// The tokens of an answer that can be paid for once the question is.
fn answer_that_fits(free: Usd, question: Usd, price: Price) -> u64 {
    if free < question {
        return 0;
    }
    let nanos_per_token = price.output * 1e3;
    if nanos_per_token <= 0.0 {
        return u64::MAX;
    }
    (free.minus(question).as_nanos() as f64 / nanos_per_token).floor() as u64
}
