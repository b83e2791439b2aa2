//! Single stories of a database that fails at a chosen moment: what the histories under seeds meet by
//! chance, told so that one sees it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callboard_engine::call::{Answer, Failure, ToolCall};
use callboard_engine::command::{Command, ToolOutcome};
use callboard_engine::definition::Limits;
use callboard_engine::event::{ListedTool, Source};
use callboard_engine::project as file;
use callboard_engine::run::Status;
use callboard_server::clock::Clock;
use callboard_server::db::{Db, Error, Fate, Fuse, Point};
use callboard_server::net::{Allowed, Net};
use callboard_server::project::{self, Allowances};
use callboard_server::provider::{Answered, Providers};
use callboard_server::run::{CallKey, Means, ModelAsked, NewRun, Outside, Runner, ToolAsked};
use callboard_server::secret::Secrets;
use callboard_server::workflow::{self, Frozen};
use futures_util::future::BoxFuture;
use serde_json::json;
use tempfile::TempDir;

use crate::clock::pass;
use crate::disk::kind;

/// Fails when it is told to.
#[derive(Default)]
struct Scripted(Mutex<VecDeque<Point>>);

impl Scripted {
    /// The next of these points fail, each in its turn.
    fn fails(&self, points: impl IntoIterator<Item = Point>) {
        self.0.lock().unwrap().extend(points);
    }

    fn is_done(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

impl Fuse for Scripted {
    fn pause(&self, _: Point) -> Duration {
        Duration::from_millis(1)
    }

    fn fate(&self, point: Point) -> Fate {
        let mut script = self.0.lock().unwrap();
        if script.front() != Some(&point) {
            return Fate::Go;
        }
        script.pop_front();
        Fate::Fail(Error::Unreachable("as the test wants it".into()))
    }
}

/// A model that completes when it is asked, after a minute.
struct Slow;

impl Outside for Slow {
    fn model<'a>(
        &'a self,
        asked: ModelAsked,
        _: &'a mut (dyn FnMut(&str) + Send),
    ) -> BoxFuture<'a, Result<Answered, Failure>> {
        Box::pin(async move {
            pass(Duration::from_secs(60)).await;
            let outcome = asked.request.scene.outcomes.first().map(|outcome| outcome.name.clone());
            let arguments = match outcome {
                Some(outcome) => json!({ "result": "R", "summary": "S", "outcome": outcome }),
                None => json!({ "result": "R", "summary": "S" }),
            };
            let call = ToolCall { id: "c".to_owned(), tool: "complete".to_owned(), arguments };
            Ok(Answered { answer: Answer { tool_calls: vec![call], ..Answer::default() }, tokens: None })
        })
    }

    fn tool(&self, _: ToolAsked) -> BoxFuture<'_, ToolOutcome> {
        unreachable!("no tool is called")
    }

    fn list(&self, _: CallKey, _: String) -> BoxFuture<'_, Result<Arc<[ListedTool]>, ToolOutcome>> {
        unreachable!("no tool is listed")
    }
}

const FILE: &str = "
project: test
models: { main: { provider: openai, model: m, api_key: { env: HOME } } }
teams: { desk: { model: main, agents: { a: { role: A } } } }
workflows:
  plain: { team: desk, stages: [{ id: one, name: One, task: Go., agents: [a] }] }
  calling:
    team: desk
    stages: [{ id: one, name: One, task: Go., agents: [a], outcomes: { on: { workflow: asking } } }]
  asking:
    team: desk
    stages: [{ id: one, name: One, task: Go., agents: [a], approval: { when: before } }]
";

struct Story {
    fuse: Arc<Scripted>,
    db: Db,
    runner: Runner,
    _folder: TempDir,
}

impl Story {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fuse = Arc::new(Scripted::default());
        let shared: Arc<dyn Fuse> = Arc::clone(&fuse) as _;
        let db = Db::open_inline(&folder.path().join("callboard.db"), &shared).unwrap();
        let means = Means {
            db: db.clone(),
            providers: Providers::new(None),
            secrets: Secrets::open(db.clone(), None).await.unwrap(),
            net: Net::new(Allowed::default()).unwrap(),
            allowances: Allowances::new(db.clone()),
            clock: Clock::system(),
        };
        Self { fuse, db, runner: Runner::played(means, Arc::new(Slow)), _folder: folder }
    }

    async fn new_run(&self, name: &str) -> NewRun {
        let reading = file::read(FILE);
        assert_eq!(reading.mistakes, []);
        let definition = file::compile(&reading.project.unwrap(), name).unwrap();
        let now = Clock::system().now();
        let project_id = project::ensure(&self.db, "test", now).await.unwrap();
        let workflow_id = workflow::ensure(&self.db, project_id, name, now).await.unwrap();
        NewRun {
            project_id,
            workflow_id,
            frozen: Frozen::new(definition).unwrap(),
            source: Source::manual("ana"),
            input: json!("owls"),
            metadata: None,
            limits: Limits::default(),
            depth: 0,
            inherited: None,
            claims: Vec::new(),
        }
    }

    async fn kinds(&self, id: i64) -> Vec<String> {
        let mut follow = self.runner.follow(id, 0);
        let mut kinds = Vec::new();
        while let Some(live) = follow.next().await.unwrap() {
            if let callboard_server::run::Live::Events(told) = live {
                kinds.extend(told.events().iter().map(kind));
            }
        }
        kinds
    }
}

/// Longer than all calls of a story take.
const LATER: Duration = Duration::from_secs(600);

#[tokio::test(start_paused = true)]
async fn what_was_written_is_not_written_again_because_the_answer_was_lost() {
    let story = Story::new().await;
    let new = story.new_run("plain").await;
    let id = story.runner.start(new).await.unwrap().id;
    story.fuse.fails([Point::Committed]);
    let say = Command::Say { text: "Mind the mice.".to_owned(), by: "ana".to_owned() };
    story.runner.ask(id, say).await.unwrap();
    story.fuse.fails([Point::Committed]);
    story.runner.stop(id, "ana", None).await.unwrap();
    let kinds = story.kinds(id).await;
    assert!(story.fuse.is_done());
    for once in ["user_message", "stop_requested", "run_stopped"] {
        assert_eq!(kinds.iter().filter(|kind| *kind == once).count(), 1, "{once}: {kinds:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_made_unseen_is_carried_out() {
    let story = Story::new().await;
    let new = story.new_run("plain").await;
    story.fuse.fails([Point::Committed, Point::Read]);
    let failed = story.runner.start(new).await.unwrap_err();
    assert_eq!(failed.code(), "database_unreachable");
    pass(LATER).await;
    assert!(story.fuse.is_done());
    let run = story.runner.load(1).await.unwrap();
    assert_eq!(run.status(), Status::Completed);
    let kinds = story.kinds(1).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "model_call_started").count(), 1, "{kinds:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_started_for_another_is_stopped_with_it_whatever_the_database_does() {
    let story = Story::new().await;
    let new = story.new_run("calling").await;
    let id = story.runner.start(new).await.unwrap().id;
    pass(LATER).await;
    let child = id + 1;
    assert_eq!(story.runner.load(child).await.unwrap().status(), Status::Running);
    // The run waits without a task, and is read when it is to stop; then the other one is.
    story.fuse.fails([Point::Read; 4]);
    story.runner.stop(id, "ana", None).await.unwrap();
    pass(LATER).await;
    assert!(story.fuse.is_done());
    for run in [id, child] {
        assert_eq!(story.runner.load(run).await.unwrap().status(), Status::Stopped, "run {run}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_run_is_passed_on_whatever_the_database_does() {
    let story = Story::new().await;
    let new = story.new_run("calling").await;
    let id = story.runner.start(new).await.unwrap().id;
    pass(LATER).await;
    story.fuse.fails([Point::Committed, Point::Read, Point::Read, Point::Read]);
    story.runner.stop(id + 1, "ana", None).await.unwrap();
    pass(LATER).await;
    assert!(story.fuse.is_done());
    assert_eq!(story.runner.load(id).await.unwrap().status(), Status::Error);
}
