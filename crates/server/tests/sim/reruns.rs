//! People who go on from runs that have ended, with another definition or the same, while others delete
//! the runs that they go on from.

use callboard_api::rerun::Rerun;
use callboard_engine::definition::{Definition, Limits, Overrides, StageOverride};
use callboard_engine::event::{DefinitionChoice, SourceKind};
use callboard_engine::run::Run;
use callboard_server::clock::Played as _;
use callboard_server::db::{Value, Write};
use callboard_server::journal::AppendError;
use callboard_server::run::{RerunError, RunnerError};
use callboard_server::workflow::Frozen;
use serde_json::json;

use crate::chance::Chance;
use crate::clock::pass_ms;
use crate::people::{Came, Deed, failed, name_of};
use crate::process::Process;

/// Re-runs of one history: enough that some go on from others.
const RERUNS_MAX: usize = 6;

/// What somebody wants to go on from, and how.
struct Wanted {
    source: i64,
    asked: Rerun,
    newest: Frozen,
    /// Whether the source is deleted at the same time.
    deletes: bool,
}

impl Process {
    pub(crate) async fn reruns(&self) {
        let before =
            self.world.with(|state| state.orders.iter().filter(|order| order.what == Deed::Rerun).count());
        let Some(wanted) = (before < RERUNS_MAX).then(|| self.wanted()).flatten() else { return };
        let number = self.order(Deed::Rerun, None);
        self.world.say(|| {
            let (source, asked) = (wanted.source, serde_json::to_string(&wanted.asked).unwrap());
            format!("{} goes on from run {source}: {asked}", name_of(number))
        });
        let goes_on = async {
            let came = self.reruns_under(number, number, &wanted).await;
            let is_repeated = self.world.chance(|chance| chance.one_in(5));
            if is_repeated && !matches!(came, Came::Refused(_)) {
                let again = self.order(Deed::Rerun, None);
                self.world.say(|| format!("{} repeats what {} wanted", name_of(again), name_of(number)));
                self.reruns_under(again, number, &wanted).await;
            }
        };
        let deletes = async {
            if wanted.deletes {
                let ms = self.world.chance(|chance| chance.below(16));
                pass_ms(ms).await;
                self.deletes_one(wanted.source).await;
            }
        };
        tokio::join!(biased; goes_on, deletes);
    }

    fn wanted(&self) -> Option<Wanted> {
        let (source, run) = self.some_source()?;
        self.world.chance(|chance| {
            let newest = newest(chance, &run, &self.workflows);
            let asked = asked(chance, &run, &newest.definition)?;
            Some(Wanted { source, asked, newest, deletes: chance.one_in(5) })
        })
    }

    /// A run to go on from: one that has ended, but for mistakes.
    fn some_source(&self) -> Option<(i64, Run)> {
        let mut state = self.world.state();
        let state = &mut *state;
        let is_mistake = state.chance.one_in(20);
        let prefers_rerun = state.chance.one_in(2);
        let is_rerun = |run: &Run| run.source().kind == SourceKind::Rerun;
        let ended = state.disk.runs.iter();
        let ended = ended.filter(|(_, kept)| is_mistake || !kept.is_deleted && kept.run.status().is_final());
        let ended: Vec<_> = ended.map(|(id, kept)| (*id, &kept.run)).collect();
        let again: Vec<_> = ended.iter().copied().filter(|(_, run)| is_rerun(run)).collect();
        let from = if prefers_rerun && !again.is_empty() { again } else { ended };
        // Where more has happened there is more to take over.
        let two = [state.chance.pick(&from), state.chance.pick(&from)].into_iter().flatten();
        two.max_by_key(|(_, run)| run.visits().len()).map(|(id, run)| (*id, (*run).clone()))
    }

    /// Goes on from a run under a key, as the HTTP API does.
    async fn reruns_under(&self, number: usize, key: usize, wanted: &Wanted) -> Came {
        let (run, came) = match self.rerun(key, wanted).await {
            Ok(run) => (Some(run), Came::Done),
            Err(error) => (None, refused(&error)),
        };
        self.told(number, run, came.clone()).await;
        came
    }

    async fn rerun(&self, key: usize, wanted: &Wanted) -> Result<i64, RerunError> {
        if let Some(run) = self.earlier(key).await? {
            return Ok(run);
        }
        let claim = "INSERT INTO idempotency_key (scope, key, request, made, created_at) \
                     VALUES ('sim', $1, '', $2, $3) ON CONFLICT DO NOTHING";
        let params = [name_of(key).into(), Value::NewId, self.world.now().as_millis().into()];
        let (asked, claims) = (wanted.asked.clone(), vec![Write::claim(claim, params)]);
        let started = self.runner.rerun(wanted.source, (asked, &wanted.newest), &name_of(key), claims).await;
        match started {
            Ok(started) => Ok(started.id),
            Err(RerunError::Runner(RunnerError::Append(AppendError::ClaimTaken { .. }))) => {
                self.world.with(|state| state.coverage.count("rerun", "met a deletion"));
                self.earlier(key).await?.ok_or_else(|| RunnerError::NotFound(wanted.source).into())
            }
            Err(error) => Err(error),
        }
    }
}

/// What the workflow of a run is by now: what it was, or something else under its name.
fn newest(chance: &mut Chance, run: &Run, workflows: &[(i64, Frozen)]) -> Frozen {
    let own = run.definition();
    let other = chance.pick(workflows).filter(|_| chance.one_in(2));
    let mut definition: Definition = match other {
        Some((_, other)) => other.definition.as_ref().clone(),
        None => own.as_ref().clone(),
    };
    definition.name.clone_from(&own.name);
    definition.workflow.max_running = own.workflow.max_running;
    Frozen::new(definition).unwrap()
}

fn asked(chance: &mut Chance, run: &Run, newest: &Definition) -> Option<Rerun> {
    let visits: Vec<(u32, String)> = run.visits().map(|visit| (visit.number, visit.stage.clone())).collect();
    let (visit, stage) = chance.pick(&visits)?.max(chance.pick(&visits)?).clone();
    let definition = chance.weighed(&[
        (1, None),
        (1, Some(DefinitionChoice::Latest)),
        (2, Some(DefinitionChoice::Original)),
    ]);
    let goes_by =
        if definition == Some(DefinitionChoice::Original) { run.definition().as_ref() } else { newest };
    let mut asked = Rerun { definition, ..Rerun::default() };
    // After one that did not come to its end nothing goes on: people try that now and then.
    let is_whole = run.visits().any(|left| left.number == visit && left.result.is_some());
    let ways = if is_whole || chance.one_in(8) { 10 } else { 5 };
    match chance.below(ways) {
        0 => asked.from_stage = Some(stage.clone()),
        1..=4 => asked.from_visit = Some(visit),
        _ => {
            let outcomes = goes_by.stage(&stage).map(|(_, stage)| stage.outcomes.keys().cloned().collect());
            let outcomes: Vec<String> = outcomes.unwrap_or_default();
            asked.after_visit = Some(visit);
            asked.outcome = chance.pick(&outcomes).filter(|_| !chance.one_in(4)).cloned();
        }
    }
    if chance.one_in(4) {
        asked.limits = Some(Limits { cost_usd: Some(0.03), ..Limits::default() });
    }
    asked.input = chance.one_in(5).then(|| json!({ "owls": "others" }));
    asked.overrides = chance.one_in(5).then(|| {
        let change = StageOverride { task: Some("Do it otherwise.".to_owned()), ..StageOverride::default() };
        Overrides { stages: [(stage, change)].into_iter().collect(), ..Overrides::default() }
    });
    Some(asked)
}

fn refused(error: &RerunError) -> Came {
    match error {
        RerunError::Refused(why) => Came::Refused(why.code()),
        RerunError::Overrides(_) => Came::Refused("overrides_invalid"),
        RerunError::NoPlace
        | RerunError::OutcomeWithoutVisit
        | RerunError::Count(_)
        | RerunError::WorkflowGone
        | RerunError::PlanChanged
        | RerunError::Workflow(_) => Came::Failed("rerun_meaningless"),
        RerunError::Runner(error) => failed(error),
    }
}
