//! What every test here needs: a database, a fake model, and a workflow between them.

use callboard_engine::definition::Limits;
use callboard_engine::event::{Event, Source};
use callboard_engine::project;
use callboard_engine::run::Run;
use callboard_fake_model::{FakeModel, Format};
use callboard_server::clock::Clock;
use callboard_server::db::Db;
use callboard_server::net::{Allowed, Net};
use callboard_server::project::Allowances;
use callboard_server::provider::Providers;
use callboard_server::run::{Live, Means, NewRun, Runner};
use callboard_server::secret::Secrets;
use callboard_server::workflow::Frozen;
use serde_json::json;

use crate::support::store::Store;

/// A runner on a store, and the model that its runs speak to.
pub(crate) struct Stage {
    pub(crate) db: Db,
    pub(crate) runner: Runner,
    pub(crate) model: FakeModel,
    file: String,
}

/// Three stages of one agent each.
pub(crate) const THREE: &str = "
      - { id: one, name: One, task: 'Begin with {{ input }}.', agents: [a] }
      - { id: two, name: Two, task: Go on., agents: [b] }
      - { id: three, name: Three, task: End., agents: [c] }
";

impl Stage {
    pub(crate) async fn new(store: &Store, stages: &str) -> Self {
        let model = FakeModel::start().await.unwrap();
        let file = format!(
            "project: test
models: {{ main: {{ provider: openai-compatible, model: m, base_url: '{}' }} }}
teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A }}, b: {{ role: B }}, c: {{ role: C }} }} }} }}
workflows:
  work:
    team: desk
    stages:{stages}",
            model.base_url(Format::Openai)
        );
        let db = store.db().await;
        Self { runner: runner(&db).await, db, model, file }
    }

    /// Another runner on the same database, as a process that starts after a crash has it.
    pub(crate) async fn restarted(&mut self) -> Runner {
        std::mem::replace(&mut self.runner, runner(&self.db).await)
    }

    pub(crate) async fn start(&self) -> i64 {
        let project = project::read(&self.file).project.unwrap();
        let definition = project::compile(&project, "work").unwrap();
        let now = Clock::system().now();
        let project_id = callboard_server::project::ensure(&self.db, "test", now).await.unwrap();
        let workflow_id =
            callboard_server::workflow::ensure(&self.db, project_id, "work", now).await.unwrap();
        let new = NewRun {
            project_id,
            workflow_id,
            frozen: Frozen::new(definition).unwrap(),
            source: Source::manual("ana"),
            input: json!("owls"),
            metadata: None,
            limits: Limits::default(),
            depth: 0,
            claims: Vec::new(),
        };
        self.runner.start(new).await.unwrap().id
    }

    /// Waits for the end of a run, and gives it with its events.
    pub(crate) async fn ended(&self, id: i64) -> (Run, Vec<Event>) {
        let events = follow(&self.runner, id, 0).await;
        (self.runner.load(id).await.unwrap(), events)
    }
}

async fn runner(db: &Db) -> Runner {
    let secrets = Secrets::open(db.clone(), None).await.unwrap();
    Runner::new(Means {
        db: db.clone(),
        providers: Providers::new(None),
        secrets,
        net: Net::new(Allowed::default()).unwrap(),
        allowances: Allowances::new(db.clone()),
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

/// The kinds of events, in order.
pub(crate) fn kinds(events: &[Event]) -> Vec<String> {
    let kind = |event: &Event| serde_json::to_value(event).unwrap()["kind"].as_str().unwrap().to_owned();
    events.iter().map(kind).collect()
}
