//! What must hold of runs that go on from others: what they took over is what the others left, which are
//! as they were.

use std::collections::{BTreeMap, BTreeSet};

use callboard_engine::event::{Fact, Inherited, Origin, PastVisit, SourceKind};
use callboard_engine::run::{Run, Visit};

use crate::coverage::Coverage;
use crate::disk::{Kept, Wrong};
use crate::people::{Came, Deed, name_of};
use crate::world::State;

/// Everything that is wrong with what was taken over.
pub(crate) fn judge(state: &State) -> Wrong {
    let mut wrong = Vec::new();
    for (id, kept) in &state.disk.runs {
        let inherited = inherited(kept);
        if (kept.run.source().kind == SourceKind::Rerun) != inherited.is_some() {
            wrong.push(format!("run {id} is of {:?} and inherits {inherited:?}", kept.run.source()));
        }
        if let Some(inherited) = inherited {
            wrong.extend(taken_over(state, kept, inherited).map(|why| format!("run {id}: {why}")));
        }
    }
    wrong.extend(families(state));
    wrong.extend(asked_for(state));
    wrong
}

fn inherited(kept: &Kept) -> Option<&Inherited> {
    kept.events.iter().find_map(|event| {
        if let Fact::RunInherited(inherited) = &event.fact { Some(inherited.as_ref()) } else { None }
    })
}

/// What a run took over otherwise than its source left it.
fn taken_over(state: &State, kept: &Kept, inherited: &Inherited) -> Option<String> {
    let (run, source) = (&kept.run, inherited.run_id);
    let Some(left) = state.disk.runs.get(&source) else {
        return Some(format!("there was no run {source} to go on from"));
    };
    let count = inherited.visits.len();
    let left_visits = left.run.visits().filter_map(Visit::past).take(count);
    let should: Vec<PastVisit> =
        left_visits.map(|visit| as_taken_over(visit, source, (&left.run, run), inherited)).collect();
    let taken = inherited.clone().into_visits();
    if taken != should {
        return Some(format!("it inherits {taken:?}, and run {source} left {should:?}"));
    }
    let mut are: Vec<PastVisit> = run.visits().take(count).filter_map(Visit::past).collect();
    if let Some(last) = are.last_mut().filter(|_| inherited.after) {
        // What the way on brings is this run's own.
        last.memory.retain(|value| !value.late);
    }
    if are != should {
        return Some(format!("its first visits are {are:?}, and it took over {should:?}"));
    }
    let first = kept.events.iter().find_map(|event| {
        if let Fact::StageEntered { stage, .. } = &event.fact { Some((event.visit, stage)) } else { None }
    });
    let next = Some(count as u32 + 1);
    let goes_on =
        first.is_none_or(|(visit, stage)| visit == next && (inherited.after || *stage == inherited.stage));
    (!goes_on).then(|| format!("it was to go on at {:?} and went on with {first:?}", inherited.stage))
}

/// A visit of a source as a run with another definition takes it over.
fn as_taken_over(
    mut visit: PastVisit,
    source: i64,
    (left, run): (&Run, &Run),
    inherited: &Inherited,
) -> PastVisit {
    let stage = |run: &Run| run.definition().stage(&visit.stage).map(|(_, stage)| stage.clone());
    let (before, now) = (stage(left), stage(run));
    visit.changed |= before.is_some() && now.is_some() && before != now;
    visit.inherited_from = visit.inherited_from.or(Some(Origin { run_id: source, visit: visit.visit }));
    if inherited.after && visit.visit == inherited.visits.len() as u32 {
        if let Some(outcome) = &run.source().outcome {
            visit.outcome = Some(outcome.clone());
        }
        visit.memory.retain(|value| !value.late);
    }
    visit
}

/// Every run knows where it comes from as long as it is there, and as long as others come from it.
fn families(state: &State) -> Wrong {
    let mut wrong = Vec::new();
    let rows = state.disk.origins();
    let roots: BTreeMap<i64, i64> = rows.iter().map(|(run, _, root)| (*run, *root)).collect();
    let sources: BTreeSet<i64> = rows.iter().map(|(_, source, _)| *source).collect();
    for (run, source, root) in &rows {
        let kept = state.disk.runs.get(run);
        let says = kept.and_then(|kept| kept.run.source().run_id);
        let of_source = roots.get(source).copied().unwrap_or(*source);
        if says != Some(*source) || of_source != *root {
            wrong.push(format!("run {run} goes on from {says:?}, and its row says {source} of {root}"));
        }
        if kept.is_none_or(|kept| kept.is_deleted) && !sources.contains(run) {
            wrong.push(format!("run {run} was deleted, nothing goes on from it, and its origin is kept"));
        }
    }
    for (id, kept) in state.disk.runs.iter().filter(|(_, kept)| !kept.is_deleted) {
        if (kept.run.source().kind == SourceKind::Rerun) != roots.contains_key(id) {
            wrong.push(format!(
                "run {id} is of {:?}, with the origin {:?}",
                kept.run.source(),
                roots.get(id)
            ));
        }
    }
    wrong
}

/// For every key one run at most went on from another, and none where it was refused.
fn asked_for(state: &State) -> Wrong {
    let mut wrong = Vec::new();
    for (number, order) in state.orders.iter().enumerate().filter(|(_, order)| order.what == Deed::Rerun) {
        let by = name_of(number);
        let is_its = |kept: &&Kept| kept.run.source().by.as_deref() == Some(&by);
        let count = state.disk.runs.values().filter(is_its).count();
        let most = usize::from(!matches!(order.came, Came::Refused(_)));
        let is_there = order.run.is_some_and(|run| state.disk.runs.contains_key(&run));
        if count > most || order.came == Came::Done && !is_there {
            wrong
                .push(format!("{by} was told {:?} of {:?}, and started {count} runs", order.came, order.run));
        }
    }
    wrong
}

/// Counts what was seen of it.
pub(crate) fn seen(state: &State, coverage: &mut Coverage) {
    for kept in state.disk.runs.values() {
        let Some(inherited) = inherited(kept) else { continue };
        let source = &kept.run.source();
        let left = &state.disk.runs[&inherited.run_id];
        let is_other = left.run.created_as().definition != kept.run.created_as().definition;
        let has_documents = inherited.visits.iter().any(|visit| !visit.documents.is_empty());
        let facts = [
            ("from a visit", !inherited.after),
            ("after a visit", inherited.after),
            ("by an outcome", source.outcome.is_some()),
            ("of a re-run", left.run.source().kind == SourceKind::Rerun),
            ("with another definition", is_other),
            ("with overrides", !inherited.overrides.is_empty()),
            ("with another input", inherited.other_input),
            ("that inherits something", !inherited.visits.is_empty()),
            ("that inherits documents", has_documents),
            ("of a source that is gone", left.is_deleted),
        ];
        for (name, _) in facts.into_iter().filter(|(_, is_so)| *is_so) {
            coverage.count("rerun", name);
        }
        coverage.count("rerun ended", kept.run.status().name());
    }
}

/// What is counted of re-runs, all of which are to be seen.
pub(crate) const SEEN: [&str; 11] = [
    "met a deletion",
    "from a visit",
    "after a visit",
    "by an outcome",
    "of a re-run",
    "with another definition",
    "with overrides",
    "with another input",
    "that inherits something",
    "that inherits documents",
    "of a source that is gone",
];
