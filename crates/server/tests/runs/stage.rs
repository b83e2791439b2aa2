//! What every test here needs: a database, a fake model, and a workflow between them.

use std::time::Duration;

use callboard_engine::definition::Limits;
use callboard_engine::event::{Event, Source};
use callboard_engine::project;
use callboard_engine::replay::{Messages, replay};
use callboard_engine::run::Run;
use callboard_fake_model::{Behaviour, FakeModel, Format};
use callboard_server::clock::Clock;
use callboard_server::db::Db;
use callboard_server::net::{Allowed, Net};
use callboard_server::project::Allowances;
use callboard_server::provider::Providers;
use callboard_server::run::{Live, Means, NewRun, Runner};
use callboard_server::secret::{SealingKey, Secrets};
use callboard_server::workflow::Frozen;
use serde_json::{Value, json};

use crate::support::store::Store;

/// A runner on a store, and the model that its runs speak to.
pub(crate) struct Stage {
    pub(crate) db: Db,
    pub(crate) runner: Runner,
    pub(crate) model: FakeModel,
    allowances: Allowances,
    secrets: Secrets,
    file: String,
}

/// Three stages of one agent each.
pub(crate) const THREE: &str = "
      - { id: one, name: One, task: 'Begin with {{ input }}.', agents: [a] }
      - { id: two, name: Two, task: Go on., agents: [b] }
      - { id: three, name: Three, task: End., agents: [c] }
";

impl Stage {
    /// A project of these stages, for three agents of one model.
    pub(crate) async fn new(store: &Store, stages: &str) -> Self {
        let file = format!(
            "project: test
models: {{ main: {{ provider: openai-compatible, model: m, base_url: BASE_URL }} }}
teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A }}, b: {{ role: B }}, c: {{ role: C }} }} }} }}
workflows:
  work:
    team: desk
    stages:{stages}"
        );
        Self::of(store, &file).await
    }

    /// A project of that file, whose models are at `BASE_URL`.
    pub(crate) async fn of(store: &Store, file: &str) -> Self {
        let model = FakeModel::start().await.unwrap();
        let file = file.replace("BASE_URL", &format!("'{}'", model.base_url(Format::Openai)));
        let db = store.db().await;
        let (allowances, secrets) = (Allowances::new(db.clone()), secrets(&db).await);
        let runner = runner(&db, &allowances, &secrets, Allowed::default());
        Self { runner, allowances, secrets, db, model, file }
    }

    /// Another runner on the same database, as a process that starts after a crash has it.
    pub(crate) async fn restarted(&mut self) -> Runner {
        self.restarted_with("").await
    }

    /// The same, whose tools may ask these hosts although they are not public.
    pub(crate) async fn restarted_with(&mut self, allowed: &str) -> Runner {
        self.allowances = Allowances::new(self.db.clone());
        self.secrets = secrets(&self.db).await;
        let runner = runner(&self.db, &self.allowances, &self.secrets, allowed.parse().unwrap());
        std::mem::replace(&mut self.runner, runner)
    }

    /// Sets a secret of the project.
    pub(crate) async fn set_secret(&self, name: &str, value: &str) {
        let now = Clock::system().now();
        let project = callboard_server::project::ensure(&self.db, "test", now).await.unwrap();
        self.secrets.set(project, name, value, now).await.unwrap();
    }

    /// Starts a run of the workflow `work`.
    pub(crate) async fn start(&self) -> i64 {
        self.start_of("work").await
    }

    /// Starts a run of a workflow.
    pub(crate) async fn start_of(&self, workflow: &str) -> i64 {
        let reading = project::read(&self.file);
        assert_eq!(reading.mistakes, []);
        let project = reading.project.unwrap();
        let definition = project::compile(&project, workflow).unwrap();
        let now = Clock::system().now();
        let project_id = callboard_server::project::ensure(&self.db, "test", now).await.unwrap();
        self.allowances.set(project_id, &project).await.unwrap();
        let workflow_id =
            callboard_server::workflow::ensure(&self.db, project_id, workflow, now).await.unwrap();
        let new = NewRun {
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
        };
        self.runner.start(new).await.unwrap().id
    }

    /// Changes the file, and what the project's runs together may use with it.
    pub(crate) async fn change(&mut self, from: &str, to: &str) {
        assert_eq!(self.file.matches(from).count(), 1, "{from}");
        self.file = self.file.replace(from, to);
        let project = project::read(&self.file).project.unwrap();
        let now = Clock::system().now();
        let id = callboard_server::project::ensure(&self.db, "test", now).await.unwrap();
        self.allowances.set(id, &project).await.unwrap();
    }

    /// The events of a run up to the first of that kind, which is waited for.
    pub(crate) async fn until(&self, id: i64, kind: &str) -> Vec<Event> {
        self.until_nth(id, kind, 1).await
    }

    /// The events of a run up to one of that kind, which is waited for.
    pub(crate) async fn until_nth(&self, id: i64, kind: &str, nth: usize) -> Vec<Event> {
        let mut left = nth;
        let mut follow = self.runner.follow(id, 0);
        let mut events = Vec::new();
        while let Some(live) = in_time(follow.next(), kind).await.unwrap() {
            let Live::Events(told) = live else { continue };
            for event in told.events() {
                events.push(event.clone());
                left -= usize::from(kinds(std::slice::from_ref(event)) == [kind]);
                if left == 0 {
                    return events;
                }
            }
        }
        panic!("run {id} ended without {kind}: {:?}", kinds(&events));
    }

    /// Where a run is in its life.
    pub(crate) async fn status(&self, id: i64) -> &'static str {
        self.runner.load(id).await.unwrap().status().name()
    }

    /// Waits until no run has a task.
    pub(crate) async fn idle(&self) {
        self.until_at_work(0).await;
    }

    /// Waits until no more runs than that have a task.
    pub(crate) async fn until_at_work(&self, most: usize) {
        let mut looks = tokio::time::interval(Duration::from_millis(2));
        let idle = async {
            while self.runner.at_work() > most {
                looks.tick().await;
            }
        };
        in_time(idle, "runs without a task").await;
    }

    /// Waits for the end of a run, and gives it with its events.
    pub(crate) async fn ended(&self, id: i64) -> (Run, Vec<Event>) {
        let events = in_time(follow(&self.runner, id, 0), "the end of the run").await;
        let run = self.runner.load(id).await.unwrap();
        // Whatever happened to it, it plays again from what is on record.
        let played = replay(run.definition().clone(), &events, &Messages::default());
        assert!(played.is_same(), "{:#?}", played.differences);
        (run, events)
    }
}

/// Longer than anything takes here, on a machine that does much else.
const WAIT_MAX: Duration = Duration::from_secs(60);

async fn in_time<T>(what: impl Future<Output = T>, name: &str) -> T {
    let came = tokio::time::timeout(WAIT_MAX, what).await;
    came.unwrap_or_else(|_| panic!("waited in vain for {name}"))
}

async fn secrets(db: &Db) -> Secrets {
    let key = SealingKey::of_text(&("A".repeat(43) + "="), "the test").unwrap();
    Secrets::open(db.clone(), Some(key)).await.unwrap()
}

fn runner(db: &Db, allowances: &Allowances, secrets: &Secrets, allowed: Allowed) -> Runner {
    Runner::new(Means {
        db: db.clone(),
        providers: Providers::new(None),
        secrets: secrets.clone(),
        net: Net::new(allowed).unwrap(),
        allowances: allowances.clone(),
        clock: Clock::system(),
    })
}

/// All events of a run after a number, until it has ended.
pub(crate) async fn follow(runner: &Runner, id: i64, after: u64) -> Vec<Event> {
    let mut follow = runner.follow(id, after);
    let mut events = Vec::new();
    while let Some(live) = follow.next().await.unwrap() {
        if let Live::Events(told) = live {
            events.extend(told.events().iter().cloned());
        }
    }
    events
}

/// The events of that kind, as they are stored.
pub(crate) fn of_kind(events: &[Event], kind: &str) -> Vec<Value> {
    let all = events.iter().map(|event| serde_json::to_value(event).unwrap());
    all.filter(|event| event["kind"] == kind).collect()
}

/// An answer that completes.
pub(crate) fn completes(result: &str) -> Behaviour {
    Behaviour::call("complete", json!({ "result": result, "summary": "S." }))
}

/// The kinds of events, in order.
pub(crate) fn kinds(events: &[Event]) -> Vec<String> {
    let kind = |event: &Event| serde_json::to_value(event).unwrap()["kind"].as_str().unwrap().to_owned();
    events.iter().map(kind).collect()
}
