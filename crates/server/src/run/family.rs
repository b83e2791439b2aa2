//! The runs that go on from each other, and the variants that one call started.

use std::collections::HashMap;

use callboard_api::rerun::{
    Descent, Family, Figures, Relative, RelativeRun, Sample, StageOutcome, Variant, Variants,
};
use callboard_api::run::Run;
use callboard_engine::definition::Overrides;
use callboard_engine::event::Usage;
use callboard_engine::run::Status;
use callboard_engine::time::Time;

use super::compare::figures;
use super::origin::{self, OriginRow};
use super::{Runner, RunnerError, list, store};

/// Runs of a family that are listed: more than anyone reads.
const LISTED_MAX: usize = 1_000;

/// The family of a run. One that was deleted is still of it while others go on from it.
pub(crate) async fn family(runner: &Runner, run: i64, now: Time) -> Result<Family, RunnerError> {
    let db = runner.db();
    let root = origin::root(db, run).await?;
    let mut rows = origin::descendants(db, root, LISTED_MAX + 1).await?;
    if rows.is_empty() {
        store::find(db, run).await?.ok_or(RunnerError::NotFound(run))?;
    }
    let more = rows.len() > LISTED_MAX;
    rows.truncate(LISTED_MAX);
    let ids: Vec<i64> = std::iter::once(root).chain(rows.iter().map(|row| row.run)).collect();
    let kept = list::rows(db, &ids, now).await?;
    let kept: HashMap<i64, RelativeRun> = kept.into_iter().map(|run| (run.id, relative(run))).collect();
    let mut usage = Usage::default();
    kept.values().for_each(|run| usage.add_all(run.usage));
    let first = Relative { run_id: root, kept: kept.get(&root).cloned(), descent: None };
    let others = rows.into_iter().map(|row| Relative {
        run_id: row.run,
        kept: kept.get(&row.run).cloned(),
        descent: Some(Descent { group: row.group, ..row.descent }),
    });
    Ok(Family { root, items: std::iter::once(first).chain(others).collect(), more, usage })
}

fn relative(run: Run) -> RelativeRun {
    RelativeRun {
        status: run.status,
        definition: run.definition,
        created_at: run.created_at,
        duration_ms: run.duration_ms,
        usage: run.usage,
    }
}

/// The variants that one call started, as seen from any of its runs; none where the run was started
/// alone.
pub(crate) async fn variants(runner: &Runner, run: i64, now: Time) -> Result<Option<Variants>, RunnerError> {
    let db = runner.db();
    let Some(own) = origin::of(db, run).await? else {
        store::find(db, run).await?.ok_or(RunnerError::NotFound(run))?;
        return Ok(None);
    };
    let Some(group) = own.group else { return Ok(None) };
    let mut items: Vec<Variant> = Vec::new();
    for row in origin::group(db, group).await? {
        let overrides = row.descent.overrides.clone();
        let sample = sample(runner, &row, now).await?;
        let variant = variant(&mut items, row.variant, overrides);
        variant.runs.extend(sample);
    }
    for variant in &mut items {
        let ended: Vec<Figures> = variant
            .runs
            .iter()
            .filter(|sample| sample.status == Status::Completed)
            .map(|sample| sample.figures)
            .collect();
        variant.completed = u32::try_from(ended.len()).unwrap_or(u32::MAX);
        variant.median = median(&ended);
    }
    Ok(Some(Variants { group, source: own.descent.run_id, items }))
}

/// The variant with that number, which is begun where it is not there yet.
fn variant(items: &mut Vec<Variant>, number: u32, overrides: Overrides) -> &mut Variant {
    let place = items.iter().position(|variant| variant.variant == number).unwrap_or_else(|| {
        items.push(Variant { variant: number, overrides, runs: Vec::new(), completed: 0, median: None });
        items.len() - 1
    });
    &mut items[place]
}

/// What became of one run; nothing where it was deleted.
async fn sample(runner: &Runner, row: &OriginRow, now: Time) -> Result<Option<Sample>, RunnerError> {
    let (ids, run) = match runner.found(row.run).await {
        Ok((found, run)) => (found.ids, run),
        Err(RunnerError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let run = Run::of(&run, ids, now);
    let own = run.visits.iter().flatten().filter(|visit| visit.inherited_from.is_none());
    let outcomes = own.filter_map(|visit| {
        let outcome = visit.outcome.clone()?;
        Some(StageOutcome { stage: visit.stage.clone(), outcome })
    });
    Ok(Some(Sample {
        run_id: run.id,
        status: run.status,
        outcomes: outcomes.collect(),
        figures: figures(run.usage, run.duration_ms),
        result: run.result,
    }))
}

/// The median of each figure by itself.
fn median(all: &[Figures]) -> Option<Figures> {
    let middle = all.len().checked_sub(1)? / 2;
    let mut tokens: Vec<u64> = all.iter().map(|figures| figures.tokens).collect();
    let mut costs: Vec<f64> = all.iter().map(|figures| figures.cost_usd).collect();
    let mut durations: Vec<u64> = all.iter().map(|figures| figures.duration_ms).collect();
    tokens.sort_unstable();
    costs.sort_unstable_by(f64::total_cmp);
    durations.sort_unstable();
    Some(Figures { tokens: tokens[middle], cost_usd: costs[middle], duration_ms: durations[middle] })
}
