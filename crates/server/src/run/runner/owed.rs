//! What a run owes, as its task sees it: what is begun for it, under which key, and when the clock is
//! looked at for it. Nothing is decided or written here.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use callboard_engine::call::Request;
use callboard_engine::command::Command;
use callboard_engine::event::LimitKind;
use callboard_engine::run::{ChildRun, ModelCall, Pending, Run};
use callboard_engine::time::Time;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::calls::{Ear as CallEar, Outgoing};
use super::children::{ENDING, Wanted};
use super::feed::Feed;
use super::roster::Ear;
use super::tools::Errand;
use super::{Held, Runner};

/// A run, and the place from which it is driven.
pub(super) struct Seat {
    pub(super) held: Held,
    pub(super) run: Run,
    pub(super) ear: Ear,
    pub(super) feed: Feed,
}

/// What the outside was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A call and its attempt.
    Call(u64, u32),
    /// Whether a child has ended is looked at once.
    Child(u64),
    /// A child is stopped, because it took too long or is no longer wanted.
    Over(u64),
}

/// Something that was begun: what comes of it, and which it was.
pub(super) type Work = BoxFuture<'static, (Key, Option<Command>)>;

/// What the outside is asked for by something that is owed; nothing where it is asked for nothing.
pub(super) fn key_of(pending: &Pending<'_>, now: Time) -> Option<Key> {
    match pending {
        Pending::CallModel(ModelCall { call, attempt, .. })
        | Pending::Wait { call, attempt, .. }
        | Pending::Abort { call, attempt, child: None } => Some(Key::Call(*call, *attempt)),
        Pending::CallTool(work) => Some(Key::Call(work.call, work.attempt)),
        Pending::ListTools(work) => Some(Key::Call(work.call, work.attempt)),
        Pending::StartChild(child) => Some(Key::Call(child.call, 1)),
        Pending::AwaitChild(child) if is_late(child, now) => Some(Key::Over(child.call)),
        Pending::AwaitChild(child) => Some(Key::Child(child.call)),
        Pending::Abort { call, child: Some(_), .. } => Some(Key::Over(*call)),
        Pending::Place
        | Pending::Person(_)
        | Pending::Limit { .. }
        | Pending::Room
        | Pending::Alarm { .. } => None,
    }
}

fn is_late(child: &ChildRun, now: Time) -> bool {
    child.until.is_some_and(|until| until <= now)
}

/// When the run is to look at the clock for something that it waits for.
pub(super) fn look_at(pending: &Pending<'_>, now: Time) -> Option<Time> {
    match pending {
        Pending::Person(asked) => asked.until,
        Pending::Alarm { until } => Some(*until),
        // One that is late was stopped already, and says when it ends.
        Pending::AwaitChild(child) => child.until.filter(|_| !is_late(child, now)),
        Pending::Place
        | Pending::CallModel(_)
        | Pending::Wait { .. }
        | Pending::CallTool(_)
        | Pending::ListTools(_)
        | Pending::StartChild(_)
        | Pending::Abort { .. }
        | Pending::Limit { .. }
        | Pending::Room => None,
    }
}

/// Whether the run waits for money of its project's day.
pub(super) fn waits_for_day(pending: &Pending<'_>) -> bool {
    match pending {
        Pending::Room => true,
        Pending::Limit { limit, .. } => *limit == LimitKind::CostUsdPerDay,
        Pending::Place
        | Pending::CallModel(_)
        | Pending::Wait { .. }
        | Pending::CallTool(_)
        | Pending::ListTools(_)
        | Pending::StartChild(_)
        | Pending::AwaitChild(_)
        | Pending::Abort { .. }
        | Pending::Person(_)
        | Pending::Alarm { .. } => false,
    }
}

/// What is begun for something that is owed.
pub(super) fn work_for(
    runner: &Runner,
    seat: &Seat,
    questions: &mut HashMap<(u64, u32), Request>,
    (pending, ear): (Pending<'_>, CallEar),
) -> Option<Work> {
    let (runner, held) = (runner.clone(), seat.held);
    let now = runner.0.clock.now();
    let key = key_of(&pending, now)?;
    let done = move |command| (key, Some(command));
    Some(match pending {
        Pending::CallModel(owed) => {
            let asked = questions.remove(&(owed.call, owed.attempt));
            let request = asked.or_else(|| seat.run.request(owed.call))?;
            let definition = seat.run.definition();
            let outgoing = Outgoing {
                call: owed.call,
                attempt: owed.attempt,
                agent: owed.agent.into(),
                question: runner.0.models.ask(held, definition, &owed, &request),
                feed: seat.feed.clone(),
            };
            async move { runner.0.models.make(outgoing, ear).await }.map(done).boxed()
        }
        Pending::Wait { call, attempt, until, .. } => {
            let wait = Duration::from_millis(until.millis_since(now));
            tokio::time::sleep(wait).map(move |()| done(Command::Retry { call, attempt })).boxed()
        }
        Pending::CallTool(work) => {
            let errand = Errand::of_call(held, &work);
            async move { runner.0.tools.run(errand, ear).await }.map(done).boxed()
        }
        Pending::ListTools(work) => {
            let errand = Errand::of_list(held, &work);
            async move { runner.0.tools.run(errand, ear).await }.map(done).boxed()
        }
        Pending::StartChild(child) => {
            let (wanted, run) = (Wanted::of(&child), Arc::new(seat.run.clone()));
            async move { runner.start_child(held, run, wanted).await }.map(done).boxed()
        }
        Pending::AwaitChild(ChildRun { call, run_id, until, .. }) => {
            let late = until.is_some_and(|until| until <= now);
            let look = async move {
                if late {
                    runner.stop_child(held.id, run_id, "It took longer than it may.").await;
                }
                runner.child_end(call, run_id).await
            };
            look.map(move |command| (key, command)).boxed()
        }
        Pending::Abort { call, child: Some(run_id), .. } => {
            let stop = async move {
                runner.stop_child(held.id, run_id, ENDING).await;
                runner.child_end(call, run_id).await
            };
            stop.map(move |command| (key, command)).boxed()
        }
        Pending::Abort { child: None, .. }
        | Pending::Alarm { .. }
        | Pending::Place
        | Pending::Person(_)
        | Pending::Limit { .. }
        | Pending::Room => return None,
    })
}
