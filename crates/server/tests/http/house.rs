//! A server on a store, the model that its runs speak to, and a client.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use callboard_engine::replay::{Recorded, replay};
use callboard_fake_model::{FakeModel, Format};
use callboard_server::clock::Clock;
use callboard_server::net::{Allowed, Net};
use callboard_server::provider::Providers;
use callboard_server::secret::{SealingKey, Secrets};
use callboard_server::serve::{Parts, Server, bind};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Client, WAIT_MAX};
use crate::support::store::Store;

/// Everything that a test needs.
pub(crate) struct House {
    pub(crate) store: Store,
    /// Where the key of its secrets is.
    pub(crate) folder: TempDir,
    pub(crate) model: FakeModel,
    pub(crate) client: Client,
    clock: Clock,
    allowed: Allowed,
    server: Option<Server>,
}

impl House {
    pub(crate) async fn open(store: Store) -> Self {
        Self::open_by(store, Clock::system()).await
    }

    /// A house in which that clock hangs.
    pub(crate) async fn open_by(store: Store, clock: Clock) -> Self {
        Self::open_with(store, clock, Allowed::default()).await
    }

    /// A house whose tools and callbacks may reach those hosts.
    pub(crate) async fn allowing(store: Store, hosts: &str) -> Self {
        Self::open_with(store, Clock::system(), hosts.parse().unwrap()).await
    }

    /// A house with such a clock and such hosts.
    pub(crate) async fn open_with(store: Store, clock: Clock, allowed: Allowed) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let model = FakeModel::start().await.unwrap();
        let server = start(&store, &folder, &clock, &allowed).await;
        let client = Client { address: server.address() };
        Self { client, store, folder, model, clock, allowed, server: Some(server) }
    }

    /// A house whose project is the one of [`House::file`].
    pub(crate) async fn with_project(store: Store) -> Self {
        let house = Self::open(store).await;
        house.client.apply(&house.file()).await.is(200);
        house
    }

    /// Another server on the same store, after this one has shut down.
    pub(crate) async fn restart(&mut self) {
        self.shut_down().await;
        self.begin().await;
    }

    /// Another server on the same store.
    pub(crate) async fn begin(&mut self) {
        let server = start(&self.store, &self.folder, &self.clock, &self.allowed).await;
        self.client = Client { address: server.address() };
        self.server = Some(server);
    }

    pub(crate) async fn shut_down(&mut self) {
        self.server.take().unwrap().shut_down().await;
    }

    /// A project with two workflows of two stages, and something of everything else.
    pub(crate) fn file(&self) -> String {
        format!(
            "project: p
models:
  main: {{ provider: openai-compatible, model: m, base_url: '{}' }}
  spare: {{ provider: simulated }}
tools:
  lookup: {{ command: [./lookup.sh], description: Looks up., parameters: {{ city: {{ type: string }} }} }}
teams:
  desk: {{ model: main, agents: {{ a: {{ role: A }}, b: {{ role: B, instructions: Be brief. }} }} }}
  other: {{ model: spare, agents: {{ c: {{ role: C }} }} }}
workflows:
  work:
    team: desk
    stages:
      - {{ id: one, name: One, task: 'Begin with {{{{ input }}}}.', agents: [a] }}
      - {{ id: two, name: Two, task: End., agents: [b] }}
  play:
    team: other
    stages: [{{ id: solo, name: Solo, task: Play., agents: [c] }}]
",
            self.model.base_url(Format::Openai)
        )
    }

    /// The number of a workflow.
    pub(crate) async fn workflow(&self, name: &str) -> i64 {
        self.part("projects/1/workflows", name).await
    }

    /// The number of the part with that name in a list.
    pub(crate) async fn part(&self, list: &str, name: &str) -> i64 {
        let list = self.client.get(list).await.is(200);
        let found = list["items"].as_array().unwrap().iter().find(|part| part["name"] == name);
        found.unwrap_or_else(|| panic!("{name} is not in {list}"))["id"].as_i64().unwrap()
    }

    /// Starts a run of `work`.
    pub(crate) async fn start(&self, input: Value) -> i64 {
        let path = format!("workflows/{}/runs", self.workflow("work").await);
        let run = self.client.post(&path, &json!({ "input": input })).await.is(201);
        run["id"].as_i64().unwrap()
    }

    /// The run, once it has ended.
    pub(crate) async fn ended(&self, id: i64) -> Value {
        // The stream ends with the run.
        let stream = self.client.get(&format!("runs/{id}/stream")).await;
        assert_eq!(stream.status, 200, "{stream}");
        let run = self.client.get(&format!("runs/{id}")).await.is(200);
        assert!(["completed", "stopped", "error"].contains(&run["status"].as_str().unwrap()), "{run}");
        self.exported(id).await;
        run
    }

    /// The run as a file, which plays again.
    pub(crate) async fn exported(&self, id: i64) -> Recorded {
        let file = self.client.get(&format!("runs/{id}/export")).await;
        assert_eq!(file.status, 200, "{file}");
        let recorded = Recorded::read(std::str::from_utf8(&file.body).unwrap()).unwrap();
        let definition = Arc::clone(&recorded.definition);
        let played = replay(definition, &recorded.events, &recorded.messages);
        assert!(played.is_same(), "{:#?}", played.differences);
        assert_eq!(played.events, recorded.run.seq);
        recorded
    }

    /// The events of a run, page by page.
    pub(crate) async fn events(&self, id: i64) -> Vec<Value> {
        let mut events = Vec::new();
        let mut after = 0;
        loop {
            let page = self.client.get(&format!("runs/{id}/events?after={after}&limit=1000")).await.is(200);
            events.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = next.parse().unwrap(),
                None => return events,
            }
        }
    }

    /// Waits until an answer is as it should be, asking again and again.
    pub(crate) async fn until(&self, path: &str, is: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let asked = async {
            loop {
                last = self.client.get(path).await.json();
                if is(&last) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        let is_so = tokio::time::timeout(WAIT_MAX, asked).await.is_ok();
        assert!(is_so, "waited in vain for {path}: {last}");
        last
    }
}

async fn start(store: &Store, folder: &TempDir, clock: &Clock, allowed: &Allowed) -> Server {
    let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let db = store.db().await;
    let key = SealingKey::of_folder(folder.path()).unwrap();
    let secrets = Secrets::open(db.clone(), Some(key)).await.unwrap();
    let parts = Parts {
        db,
        secrets,
        providers: Providers::new(Some(0.0)),
        net: Net::new(allowed.clone()).unwrap(),
        clock: clock.clone(),
    };
    Server::start(listener, parts).await.unwrap()
}
