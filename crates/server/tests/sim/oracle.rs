//! What must hold of a whole history once it has ended, by the events on disk, by what whoever was called
//! saw, and by what whoever asked was answered.

use std::collections::{BTreeMap, BTreeSet};

use callboard_engine::event::{Event, Fact, SourceKind};
use callboard_engine::run::Status;

use crate::begun::Begun;
use crate::disk::{Kept, Wrong, kind};
use crate::effects::Ended;
use crate::inherited;
use crate::people::{Came, Deed, Order, name_of};
use crate::world::State;

/// Everything that is wrong.
pub(crate) fn judge(state: &State) -> Wrong {
    let mut wrong = state.disk.is_as_seen();
    for (id, kept) in &state.disk.runs {
        wrong.extend(history(kept).into_iter().map(|why| format!("run {id}: {why}")));
    }
    wrong.extend(calls(state));
    wrong.extend(children(state));
    wrong.extend(inherited::judge(state));
    wrong.extend(money(state));
    for (number, order) in state.orders.iter().enumerate() {
        wrong.extend(answered(state, number, order));
    }
    wrong.extend(started_once(state));
    wrong
}

/// What holds for the events of one run, counted here and not folded.
fn history(kept: &Kept) -> Wrong {
    let mut wrong = Vec::new();
    let mut begun = Begun::default();
    for event in &kept.events {
        begun.note(kept.run.definition(), event);
    }
    let count = kept.events.iter().filter(|event| ends(&event.fact).is_some()).count();
    let last = kept.events.last().and_then(|event| ends(&event.fact));
    if count != 1 || last != Some(kept.run.status()) {
        wrong.push(format!(
            "it is {} with {count} ends, the last event being {last:?}",
            kept.run.status().name()
        ));
    }
    let (mut calls, mut input, mut output, mut nanos) = (0, 0, 0, 0);
    for event in &kept.events {
        let cost = cost(&event.fact);
        calls += cost.0;
        input += cost.1;
        output += cost.2;
        nanos += cost.3;
    }
    let usage = kept.run.usage();
    let used = (usage.model_calls, usage.input_tokens, usage.output_tokens, usage.cost_usd.as_nanos());
    if (calls, input, output, nanos) != used {
        wrong.push(format!("its events add up to {:?}, and it used {used:?}", (calls, input, output, nanos)));
    }
    let stop = kept.events.iter().any(|event| matches!(event.fact, Fact::StopRequested { .. }));
    if stop && last != Some(Status::Stopped) {
        wrong.push(format!("it was asked to stop, and ended as {last:?}"));
    }
    wrong
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other events end no run")]
fn ends(fact: &Fact) -> Option<Status> {
    match fact {
        Fact::RunCompleted { .. } => Some(Status::Completed),
        Fact::RunStopped { .. } => Some(Status::Stopped),
        Fact::RunFailed { .. } => Some(Status::Error),
        _ => None,
    }
}

/// Calls, tokens in and out, and money of an event.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other events cost nothing")]
fn cost(fact: &Fact) -> (u64, u64, u64, u64) {
    match fact {
        Fact::ModelCallFinished { usage, .. } => {
            (1, usage.input_tokens, usage.output_tokens, usage.cost_usd.as_nanos())
        }
        Fact::ModelCallFailed { cost_usd, .. } => (0, 0, 0, cost_usd.map_or(0, |usd| usd.as_nanos())),
        Fact::RunRecovered { in_flight } => {
            let lost = in_flight.iter().filter_map(|lost| lost.reserved_usd).map(|usd| usd.as_nanos());
            (0, 0, 0, lost.sum())
        }
        _ => (0, 0, 0, 0),
    }
}

/// Every call that was seen has its end on disk: an answer, a failure, or the crash that it was lost in.
fn calls(state: &State) -> Wrong {
    let mut wrong = Vec::new();
    let mut ends: BTreeMap<i64, BTreeSet<(u64, u32)>> = BTreeMap::new();
    for (id, kept) in &state.disk.runs {
        ends.insert(*id, kept.events.iter().flat_map(|event| ended(&event.fact)).collect());
    }
    for (key, seen) in &state.seen {
        let has_ended = ends.get(&key.run).is_some_and(|ends| ends.contains(&(key.call, key.attempt)));
        if !has_ended || seen.ended == Ended::Not {
            let (what, ended) = (&seen.what, seen.ended);
            wrong.push(format!("{key:?} to {what:?} went out and ended ({ended:?}), which is not on disk"));
        }
    }
    wrong
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other events end no call")]
fn ended(fact: &Fact) -> Vec<(u64, u32)> {
    match fact {
        Fact::ModelCallFinished { call, attempt, .. }
        | Fact::ModelCallFailed { call, attempt, .. }
        | Fact::ToolsListed { call, attempt, .. }
        | Fact::ToolListFailed { call, attempt, .. }
        | Fact::ToolCallFinished { call, attempt, .. } => vec![(*call, *attempt)],
        Fact::RunRecovered { in_flight } => in_flight.iter().map(|lost| (lost.call, lost.attempt)).collect(),
        _ => Vec::new(),
    }
}

/// For every call one run at most was started, and it is the one that the caller knows.
fn children(state: &State) -> Wrong {
    let mut wrong = Vec::new();
    let rows = state.disk.children();
    let rows: BTreeMap<i64, (i64, u64)> =
        rows.into_iter().map(|(parent, call, run)| (run, (parent, call))).collect();
    let mut known: BTreeMap<i64, (i64, u64)> = BTreeMap::new();
    for (id, kept) in &state.disk.runs {
        for event in &kept.events {
            if let Fact::ChildStarted { call, run_id, .. } = &event.fact
                && let Some(other) = known.insert(*run_id, (*id, *call))
            {
                wrong.push(format!("run {run_id} was started for {other:?} and for {:?}", (*id, *call)));
            }
        }
    }
    let mut by_call: BTreeMap<(i64, u64), i64> = BTreeMap::new();
    for (id, kept) in &state.disk.runs {
        if kept.run.source().kind != SourceKind::Workflow {
            continue;
        }
        let parent = kept.run.source().run_id;
        if let Some(row) = rows.get(id) {
            if parent != Some(row.0) || known.get(id).is_some_and(|known| known != row) {
                wrong.push(format!(
                    "run {id} is of {row:?}, and says {parent:?}, known as {:?}",
                    known.get(id)
                ));
            }
            if let Some(other) = by_call.insert(*row, *id) {
                wrong.push(format!("runs {other} and {id} were both started for {row:?}"));
            }
        } else if !kept.is_deleted && parent.is_none_or(|parent| !state.disk.runs[&parent].is_deleted) {
            wrong.push(format!("run {id} was started by {parent:?}, and no row says for which call"));
        }
    }
    wrong
}

/// What the days say was spent is what the runs say they used.
fn money(state: &State) -> Option<String> {
    let spent = state.disk.spent();
    let used: u64 = state.disk.runs.values().map(|kept| kept.run.usage().cost_usd.as_nanos()).sum();
    (spent > 0 && spent != used).then(|| format!("the days say that {spent} was spent, and the runs {used}"))
}

/// What was answered is true: what was done is in the history once, what was refused is not.
fn answered(state: &State, number: usize, order: &Order) -> Option<String> {
    let by = name_of(number);
    let of_run = |kept: &Kept| kept.events.iter().filter(|event| by_whom(event) == Some(&by)).count();
    let found: usize = state.disk.runs.values().map(of_run).sum();
    let (least, most) = match (order.what, &order.came) {
        (Deed::Stop | Deed::Answer | Deed::Approve | Deed::Say | Deed::Raise, came) => match came {
            Came::Done => (1, 1),
            Came::Refused(_) => (0, 0),
            Came::Nothing | Came::Failed(_) => (0, 1),
        },
        (Deed::Delete, Came::Done) => {
            let is_deleted = order.run.is_some_and(|run| state.disk.runs[&run].is_deleted);
            return (!is_deleted).then(|| format!("run {:?} was deleted and is there", order.run));
        }
        (Deed::Start | Deed::StartAgain, Came::Done) => {
            let is_there = order.run.is_some_and(|run| state.disk.runs.contains_key(&run));
            return (!is_there).then(|| format!("{by} started run {:?}, which is not there", order.run));
        }
        _ => return None,
    };
    (found < least || found > most).then(|| {
        let (what, run, came) = (order.what.name(), order.run, &order.came);
        format!("{by} wanted: {what} of run {run:?}, was told {came:?}, and {found} events say so")
    })
}

/// Who is behind an event.
#[expect(clippy::wildcard_enum_match_arm, reason = "nobody is behind the others")]
fn by_whom(event: &Event) -> Option<&String> {
    match &event.fact {
        Fact::StopRequested { by, .. } | Fact::UserMessage { by, .. } | Fact::LimitRaised { by, .. } => {
            Some(by)
        }
        Fact::QuestionAnswered { by, .. } | Fact::ApprovalDecided { by, .. } => by.as_ref(),
        _ => None,
    }
}

/// Under one key one run is started, and everyone is told of that one.
fn started_once(state: &State) -> Wrong {
    let mut wrong = Vec::new();
    let mut runs: BTreeMap<String, i64> = BTreeMap::new();
    for (id, kept) in &state.disk.runs {
        if let Some(key) = kept.run.created_as().metadata.as_ref().map(|metadata| metadata["key"].to_string())
            && let Some(other) = runs.insert(key.clone(), *id)
        {
            wrong.push(format!("runs {other} and {id} were both started under the key {key}"));
        }
        let kinds: Vec<String> = kept.events.iter().take(1).map(kind).collect();
        if kinds != ["run_created"] {
            wrong.push(format!("run {id} begins with {kinds:?}"));
        }
    }
    wrong
}
