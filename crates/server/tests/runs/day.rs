//! Money that the runs of a project share on a day: it is never passed, and nobody waits for room that
//! is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use callboard_engine::run::Run;
use callboard_fake_model::Behaviour;
use callboard_server::db::{Db, Value};

use crate::stage::{Stage, kinds};
use crate::support::store::Store;

on_both! {
    ten_runs_at_once_never_pass_the_money_of_a_day
    a_restart_in_the_middle_passes_it_no_more_than_that
    a_run_is_not_in_its_own_way
    a_model_that_says_more_than_it_may_holds_nothing_up
    runs_that_wait_for_a_day_go_on_when_its_limit_is_raised
}

const DOLLAR: u64 = 1_000_000_000;

/// So many runs that each want to ask twice.
const RUNS: usize = 10;

/// A model whose answers could cost 40 cents and cost 10, in a project with money for a day.
async fn stage(store: &Store, day: f64, on_limit: &str, stages: usize) -> Stage {
    let agents = ["a", "b", "c"];
    let stages: String = (0..stages)
        .map(|stage| {
            format!("\n      - {{ id: s{stage}, name: S, task: Go on., agents: [{}] }}", agents[stage])
        })
        .collect();
    let file = format!(
        "project: test
limits: {{ cost_usd_per_day: {day} }}
models:
  main:
    provider: openai-compatible
    model: m
    base_url: BASE_URL
    parameters: {{ max_tokens: 1000 }}
    price: {{ input: 1.0, output: 400.0 }}
teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A }}, b: {{ role: B }}, c: {{ role: C }} }} }} }}
workflows:
  work:
    team: desk
    limits: {{ on_limit: {on_limit} }}
    stages:{stages}
"
    );
    Stage::of(store, &file).await
}

/// An answer of ten cents that takes a moment.
fn answer() -> Behaviour {
    let said = serde_json::json!({ "result": "R", "summary": "S" });
    Behaviour { delay_ms: 20, ..Behaviour::call("complete", said).usage(1_000, 247) }
}

/// Looks at the account of the day all the time, until it is told to stop; gives how often it looked.
struct Watch {
    over: Arc<AtomicBool>,
    looks: tokio::task::JoinHandle<u64>,
}

impl Watch {
    fn new(db: &Db, limit: u64) -> Self {
        let (db, over) = (db.clone(), Arc::new(AtomicBool::new(false)));
        let told = Arc::clone(&over);
        let looks = tokio::spawn(async move {
            let mut looks = 0;
            let mut every = tokio::time::interval(Duration::from_millis(2));
            while !told.load(Ordering::Relaxed) {
                every.tick().await;
                let (spent, reserved, rows) = account(&db).await;
                assert!(spent + reserved <= limit, "{spent} spent and {reserved} set aside");
                assert_eq!(reserved, rows, "what is set aside is the sum of its rows");
                looks += 1;
            }
            looks
        });
        Self { over, looks }
    }

    async fn end(self) {
        self.over.store(true, Ordering::Relaxed);
        assert!(self.looks.await.unwrap() > 0);
    }
}

/// What was spent, what is set aside, and the sum of what is set aside for each call.
async fn account(db: &Db) -> (u64, u64, u64) {
    let find = "SELECT COALESCE(CAST(SUM(spent) AS BIGINT), 0), COALESCE(CAST(SUM(reserved) AS BIGINT), 0), \
                (SELECT COALESCE(CAST(SUM(nanos) AS BIGINT), 0) FROM run_reservation) FROM run_day";
    let row = db.query_one(find, Vec::<Value>::new()).await.unwrap();
    (row.uint(0).unwrap(), row.uint(1).unwrap(), row.uint(2).unwrap())
}

/// The runs, once all of them have ended.
async fn all_ended(stage: &Stage, ids: &[i64]) -> Vec<Run> {
    let mut runs = Vec::new();
    for id in ids {
        runs.push(stage.ended(*id).await.0);
    }
    runs
}

/// What the runs used is what the day's account says, and nothing is set aside any more.
async fn settled(stage: &Stage, runs: &[Run]) -> u64 {
    let used: u64 = runs.iter().map(|run| run.usage().cost_usd.as_nanos()).sum();
    assert_eq!(account(&stage.db).await, (used, 0, 0));
    used
}

async fn ten_runs_at_once_never_pass_the_money_of_a_day(store: Store) {
    let stage = stage(&store, 1.0, "stop", 2).await;
    stage.model.push(answer().agent("You are"));
    let watch = Watch::new(&stage.db, DOLLAR);
    let mut ids = Vec::new();
    for _ in 0..RUNS {
        ids.push(stage.start().await);
    }
    let runs = all_ended(&stage, &ids).await;
    watch.end().await;
    let used = settled(&stage, &runs).await;
    // Nine answers cost 0.9 dollars, and for a tenth there is too little left to be set aside.
    assert_eq!((used, stage.model.count()), (9 * 99_800_000, 9));
    assert!(runs.iter().any(|run| run.status().name() == "completed"));
    assert!(runs.iter().any(|run| run.status().name() == "stopped"));
}

async fn a_restart_in_the_middle_passes_it_no_more_than_that(store: Store) {
    let mut stage = stage(&store, 1.0, "stop", 2).await;
    stage.model.push(Behaviour::hang().agent("You are").times(1));
    stage.model.push(answer().agent("You are"));
    let watch = Watch::new(&stage.db, DOLLAR);
    let mut ids = Vec::new();
    for _ in 0..RUNS {
        ids.push(stage.start().await);
    }
    stage.model.wait_for_requests(4).await;
    stage.restarted().await.shut_down().await;
    stage.runner.recover().await.unwrap();
    let runs = all_ended(&stage, &ids).await;
    watch.end().await;
    let used = settled(&stage, &runs).await;
    assert!(used <= DOLLAR, "{used}");
    // The call that hung was lost, and counts by all that it could have cost.
    assert!(used >= 400_000_000, "{used}");
}

async fn a_run_is_not_in_its_own_way(store: Store) {
    let stage = stage(&store, 0.5, "stop", 2).await;
    stage.model.push(answer().agent("You are"));
    let id = stage.start().await;
    let runs = all_ended(&stage, &[id]).await;
    assert_eq!((runs[0].status().name(), stage.model.count()), ("completed", 2));
    settled(&stage, &runs).await;
}

async fn a_model_that_says_more_than_it_may_holds_nothing_up(store: Store) {
    let stage = stage(&store, 1.0, "stop", 3).await;
    stage.model.push(answer().usage(0, 2_000).agent("You are"));
    let id = stage.start().await;
    let runs = all_ended(&stage, &[id]).await;
    // It said twice what it could be asked for, which nobody can take back: 0.8 dollars, and again 0.8.
    assert_eq!((runs[0].status().name(), stage.model.count()), ("stopped", 2));
    assert_eq!(settled(&stage, &runs).await, 1_600_000_000);
}

async fn runs_that_wait_for_a_day_go_on_when_its_limit_is_raised(store: Store) {
    let mut stage = stage(&store, 0.15, "wait", 2).await;
    stage.model.push(answer().agent("You are"));
    let ids = [stage.start().await, stage.start().await];
    for id in ids {
        stage.until(id, "limit_reached").await;
    }
    stage.idle().await;
    assert_eq!(stage.model.count(), 1, "one answer, and no room for another");
    stage.change("cost_usd_per_day: 0.15", "cost_usd_per_day: 5").await;
    let runs = all_ended(&stage, &ids).await;
    assert!(runs.iter().all(|run| run.status().name() == "completed"), "{runs:?}");
    let (_, events) = stage.ended(ids[1]).await;
    assert_eq!(kinds(&events).iter().filter(|kind| *kind == "limit_reached").count(), 1);
    settled(&stage, &runs).await;
}
