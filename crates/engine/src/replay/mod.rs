//! A recorded history, played again: the same decisions are made from what came from outside then, and
//! what they come to is held against what was recorded.
//!
//! Nothing is asked of the outside: models, tools, people and other runs answered once, and their answers
//! are events. So are the moments of all decisions, and what chance came to. Nothing here says that
//! a difference is wrong: a newer engine may well decide better.

mod cause;
mod difference;

mod file;

pub use difference::{Difference, FieldDifference, MessageDifference};
pub use file::{BadFile, FORMAT, KeptMessage, Recorded, RunFile, RunHead, VERSION};

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::command::{Command, Decided};
use crate::content::ContentHash;
use crate::decide::decide;
use crate::definition::Definition;
use crate::event::{Event, Fact};
use crate::run::Run;

/// What models were sent, under the hash of each message and of all before it.
pub type Messages = IndexMap<String, KeptMessage>;

/// Differences that are kept: where there are so many, the first ones say why.
pub const DIFFERENCES_MAX: usize = 100;

/// What came of playing a history again.
#[derive(Clone, Debug, PartialEq)]
pub struct Replayed {
    /// How many events were played: all of the history, unless this engine takes another course.
    pub events: u64,
    /// Where this engine decides otherwise, the first of them first. Where only what an event says differs,
    /// the history is played on as it was recorded.
    pub differences: Vec<Difference>,
}

impl Replayed {
    /// Whether this engine gives the same events.
    pub fn is_same(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Plays a history again. What models were sent is only needed to say where something else is sent now.
pub fn replay(definition: Arc<Definition>, history: &[Event], messages: &Messages) -> Replayed {
    let given = history.iter().take_while(|event| cause::is_given(&event.fact)).count();
    match Run::fold(definition, &history[..given]) {
        Ok(run) => {
            let limits_days = cause::may_limit_days(&run, history);
            Player { run, history, messages, at: given, limits_days, differences: Vec::new() }.play()
        }
        Err(misfit) => {
            let differences = history.first().map(|first| Difference::misfit(first, misfit.why));
            Replayed { events: 0, differences: differences.into_iter().collect() }
        }
    }
}

/// A history as it is played.
struct Player<'h> {
    run: Run,
    history: &'h [Event],
    messages: &'h Messages,
    /// The place of the event that comes next.
    at: usize,
    /// Whether the account of the project's day may have to be guessed.
    limits_days: bool,
    differences: Vec<Difference>,
}

/// A command, and what this engine decides on it.
struct Tried {
    command: Command,
    decided: Decided,
    /// How many of its events are those that were recorded, from the first on.
    same: usize,
}

impl Player<'_> {
    fn play(mut self) -> Replayed {
        while self.at < self.history.len() && self.differences.len() < DIFFERENCES_MAX {
            let goes_on = match self.explain() {
                Some(tried) if tried.is_same() => {
                    self.at += tried.decided.events.len();
                    self.run = tried.decided.run;
                    true
                }
                Some(tried) => self.tell(&tried),
                None => self.tell_of_nothing(),
            };
            if !goes_on {
                break;
            }
        }
        Replayed { events: self.at as u64, differences: self.differences }
    }

    /// What is still to come.
    fn rest(&self) -> &[Event] {
        &self.history[self.at..]
    }

    /// What may have led to the next events: what gives most of them, else what comes nearest.
    fn explain(&self) -> Option<Tried> {
        let rest = self.rest();
        let at = rest.first()?.at;
        let commands = cause::commands(&self.run, rest.first()?);
        let moments = cause::moments(&self.run, rest, self.limits_days);
        // One that gives the first of them alone may leave the others to a decision that never was.
        let together = rest.iter().take_while(|event| event.at == at).count();
        let mut same: Option<Tried> = None;
        let mut nearest: Option<(Tried, Nearness)> = None;
        for command in commands {
            for moment in &moments {
                let Ok(decided) = decide(&self.run, command.clone(), *moment) else { continue };
                if decided.events.is_empty() {
                    continue;
                }
                let tried = Tried::new(command.clone(), decided, rest);
                if tried.is_same() {
                    if tried.same == together {
                        return Some(tried);
                    }
                    if same.as_ref().is_none_or(|same| tried.same > same.same) {
                        same = Some(tried);
                    }
                    continue;
                }
                let nearness = Nearness::of(&tried, rest);
                if nearest.as_ref().is_none_or(|(_, best)| nearness > *best) {
                    nearest = Some((tried, nearness));
                }
            }
        }
        same.or(nearest.map(|(tried, _)| tried))
    }

    /// Tells how a decision differs. The history is played on as it was recorded where the decision has
    /// events of the same kinds. Answers whether it is.
    fn tell(&mut self, tried: &Tried) -> bool {
        let happened = format!("at event {} {}", self.run.seq() + 1, cause::words(&tried.command));
        for decided in &tried.decided.events {
            let recorded = self.history.get(self.at);
            if !recorded.is_some_and(|recorded| difference::is_same(recorded, decided)) {
                let decided_as =
                    recorded.map_or_else(|| decided.clone(), |r| difference::as_recorded(r, decided));
                let difference = Difference::new(&happened, recorded, Some(&decided_as));
                let message = recorded.and_then(|recorded| self.message(recorded, &tried.decided));
                self.differences.push(Difference { message, ..difference });
            }
            let Some(recorded) = recorded.filter(|recorded| difference::is_alike(recorded, decided)) else {
                return false;
            };
            if let Err(misfit) = self.run.apply(recorded) {
                self.differences.push(Difference::misfit(recorded, misfit.why));
                return false;
            }
            self.at += 1;
        }
        true
    }

    /// The first message that a model is sent otherwise with a decision than was recorded.
    fn message(&self, recorded: &Event, decided: &Decided) -> Option<MessageDifference> {
        let Fact::ModelCallStarted { call, attempt, sent: Some(sent), .. } = &recorded.fact else {
            return None;
        };
        let question = decided.questions.iter().find(|q| (q.call, q.attempt) == (*call, *attempt))?;
        let bodies = question.sent.iter().map(|sent| serde_json::from_str(&sent.body).ok());
        MessageDifference::of(&self.sent(sent)?, &bodies.collect::<Option<Vec<Value>>>()?)
    }

    /// The messages that lead to one, the first of them first; nothing where they are not all there.
    fn sent(&self, last: &ContentHash) -> Option<Vec<Value>> {
        let mut messages = Vec::new();
        let mut next = Some(last);
        while let Some(hash) = next.filter(|_| messages.len() <= self.messages.len()) {
            let kept = self.messages.get(hash.as_str())?;
            messages.push(serde_json::from_str(kept.message.get()).ok()?);
            next = kept.before.as_ref();
        }
        messages.reverse();
        Some(messages)
    }

    /// Tells that this engine refuses what led to the next event, or decides nothing on it.
    fn tell_of_nothing(&mut self) -> bool {
        let Some(recorded) = self.history.get(self.at) else { return false };
        let command = cause::commands(&self.run, recorded).into_iter().next();
        let happened = command.map(|command| cause::words(&command)).unwrap_or_default();
        self.differences.push(Difference::new(&happened, Some(recorded), None));
        false
    }
}

impl Tried {
    fn new(command: Command, decided: Decided, rest: &[Event]) -> Self {
        let both = decided.events.iter().zip(rest);
        let same = both.take_while(|(decided, recorded)| difference::is_same(recorded, decided));
        Self { same: same.count(), command, decided }
    }

    /// Whether the decision is the recorded one.
    fn is_same(&self) -> bool {
        self.same == self.decided.events.len()
    }
}

/// How near a decision comes to what was recorded: whether it has events of the same kinds, how many of
/// them are the same, and how few fields of the first other one differ.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Nearness(bool, usize, std::cmp::Reverse<usize>);

impl Nearness {
    fn of(tried: &Tried, rest: &[Event]) -> Self {
        let decided = &tried.decided.events;
        let alike = decided.len() <= rest.len()
            && decided.iter().zip(rest).all(|(decided, recorded)| difference::is_alike(decided, recorded));
        let first = decided.get(tried.same).zip(rest.get(tried.same));
        let fields = first.map_or(usize::MAX, |(decided, recorded)| difference::distance(recorded, decided));
        Self(alike, tried.same, std::cmp::Reverse(fields))
    }
}
