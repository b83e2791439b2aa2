//! Runs that are stopped over HTTP, wherever they are: each is `stopped` when nothing of it is left, says
//! who stopped it, why and what was cut off, and asks nobody anything from the stop on.
//!
//! What would be waited for takes minutes here, and a stop may take seconds: that tells one from the other
//! on any machine. How long a stop takes is measured by `cargo xtask bench stops`.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use callboard_fake_model::{Behaviour, End, Format};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::house::House;
use crate::streams::{After, Reading};
use crate::support::store::Store;

on_both! {
    before_the_first_byte_of_the_model
    in_the_middle_of_an_answer
    while_a_failed_call_waits_to_be_tried_again
    while_the_fallback_is_asked
    while_a_conversation_is_summed_up
    while_a_call_waits_for_its_turn_at_the_model
    while_agents_go_at_once
    inside_a_tool_with_processes_of_its_own
    inside_hooks
    inside_a_server_of_tools_and_between_two_calls_of_it
    while_it_waits_for_a_place
    while_it_waits_for_a_person
    while_it_waits_at_a_limit
    while_another_run_is_waited_for
    at_once_after_the_start
    two_at_once
    at_about_the_time_of_its_natural_end
}

/// Far more than a stop takes, and far less than anything that is cut off here would.
const STOPS_IN: Duration = Duration::from_secs(15);

/// What nobody may begin for a run that is to stop.
const BEGINNINGS: [&str; 6] = [
    "model_call_started",
    "tool_call_started",
    "tool_list_started",
    "workflow_called",
    "turn_started",
    "stage_entered",
];

/// A tool that starts a process in its own group and many that leave it, and ends when they do: never.
const SLOW: &str = "
cd \"$FOLDER\"
for far in 1 2 3 4 5 6 7 8; do setsid sh -c 'setsid sleep 600; true' & done
sh -c 'touch near; sleep 600; true' &
setsid sh -c 'touch far; sleep 600; true' &
wait
";

/// A house whose project has a workflow for each place where a run can be.
struct Windows {
    house: House,
    /// Where the tool is, and what its processes are known by.
    folder: TempDir,
}

impl Windows {
    async fn open(store: Store) -> Self {
        let windows = Self { house: House::open(store).await, folder: tempfile::tempdir().unwrap() };
        std::fs::write(windows.folder.path().join("slow.sh"), SLOW).unwrap();
        windows.house.client.apply(&windows.file()).await.is(200);
        windows
    }

    fn file(&self) -> String {
        let model = |more: &str| {
            let url = self.house.model.base_url(Format::Openai);
            format!(
                "{{ provider: openai-compatible, base_url: '{url}', price: {{ input: 1.0, output: 2.0 }}{more} }}"
            )
        };
        let folder = self.folder.path().display();
        let quiet = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mcp/fake.py");
        format!(
            "project: p
models:
  main: {main}
  broken: {broken}
  narrow: {narrow}
  short: {short}
tools:
  slow: {{ command: [sh, '{folder}/slow.sh'], env: {{ FOLDER: '{folder}' }}, timeout_s: 600 }}
  long: {{ command: [python3, -c, \"print('owl ' * 700)\"] }}
  quiet: {{ mcp: {{ command: [python3, '{quiet}', never] }}, env: {{ FOLDER: '{folder}' }}, timeout_s: 600 }}
teams:
  desk: {{ model: main, agents: {{ a: {{ role: A }}, b: {{ role: B }}, c: {{ role: C }} }} }}
  falling: {{ model: broken, agents: {{ a: {{ role: A }} }} }}
  queueing: {{ model: narrow, agents: {{ a: {{ role: A }} }} }}
  talking: {{ model: short, agents: {{ a: {{ role: A }} }} }}
workflows:
  plain: {{ team: desk, stages: [{{ name: One, task: Do it., agents: [a] }}, {{ name: Two, task: End., agents: [b] }}] }}
  at-once: {{ team: desk, stages: [{{ name: One, task: Do it., agents: [a, b, c], turns: at_once }}] }}
  falls: {{ team: falling, stages: [{{ name: One, task: Do it., agents: [a] }}] }}
  queues: {{ team: queueing, stages: [{{ name: One, task: Do it., agents: [a] }}] }}
  talks: {{ team: talking, stages: [{{ name: One, task: Do it., agents: [{{ agent: a, tools: [long] }}] }}] }}
  tool: {{ team: desk, stages: [{{ name: One, task: Do it., agents: [{{ agent: a, tools: [slow] }}] }}] }}
  entry: {{ team: desk, stages: [{{ name: One, task: Do it., agents: [a], entry: [{{ tool: slow }}] }}] }}
  exit: {{ team: desk, stages: [{{ name: One, task: Do it., agents: [a], exit: [{{ tool: slow }}] }}] }}
  server: {{ team: desk, stages: [{{ name: One, task: Do it., agents: [{{ agent: a, tools: [quiet] }}] }}] }}
  place: {{ team: desk, max_running: 1, stages: [{{ name: One, task: Do it., agents: [a] }}] }}
  leave: {{ team: desk, stages: [{{ name: One, task: Do it., agents: [a], approval: {{ when: before }} }}] }}
  asks: {{ team: desk, stages: [{{ name: One, task: Do it., agents: [{{ agent: a, asks_user: true }}] }}] }}
  limit: {{ team: desk, limits: {{ model_calls: 1 }}, stages: [{{ name: One, task: Do it., agents: [a] }}, {{ name: Two, task: End., agents: [b] }}] }}
  leads: {{ team: desk, stages: [{{ name: One, task: Do it., agents: [a], outcomes: {{ deeper: {{ workflow: below }} }} }}] }}
  calls: {{ team: desk, stages: [{{ name: One, task: Do it., agents: [{{ agent: a, runs_workflows: true }}] }}] }}
  below: {{ team: desk, stages: [{{ name: Deep, task: Dig., agents: [c] }}] }}
",
            main = model(", model: m"),
            broken = model(", model: broken, fallback: main"),
            narrow = model(", model: m, max_at_once: 1"),
            short = model(", model: m, context_tokens: 3000"),
        )
    }

    /// Starts a run of a workflow.
    async fn start(&self, workflow: &str) -> i64 {
        let path = format!("workflows/{}/runs", self.house.workflow(workflow).await);
        self.house.client.post(&path, &json!({ "input": "owls" })).await.is(201)["id"].as_i64().unwrap()
    }

    /// Starts a run of a workflow, and waits until the model has been asked so often since.
    async fn asking(&self, workflow: &str, requests: u64) -> i64 {
        let before = self.house.model.count();
        let id = self.start(workflow).await;
        self.house.model.wait_for_requests(before + requests).await;
        id
    }

    /// The run, once it is as it should be.
    async fn until(&self, id: i64, is: impl Fn(&Value) -> bool) -> Value {
        self.house.until(&format!("runs/{id}"), is).await
    }

    /// Waits until the processes of the tool are there.
    async fn until_at_work(&self) {
        let begun = ["near", "far"].map(|name| self.folder.path().join(name));
        let both = async {
            while !begun.iter().all(|file| file.exists()) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(crate::client::WAIT_MAX, both).await.unwrap();
        for file in begun {
            std::fs::remove_file(file).unwrap();
        }
        assert!(processes(self.folder.path()).len() >= 3);
    }

    /// Stops a run and gives what came of it, having looked at what every stop has to keep.
    async fn stop(&self, id: i64) -> Stopped {
        let asked = self.house.model.count();
        let stopped = self.stop_going(id).await;
        assert_eq!(self.house.model.count(), asked, "a model was asked after the stop");
        stopped
    }

    /// The same for a run that may ask its model until the stop is there.
    async fn stop_going(&self, id: i64) -> Stopped {
        let path = format!("runs/{id}/stop");
        let mut reading = Reading::open(self.house.client, id, After::Nothing).await;
        let run = self.house.client.post(&path, &json!({ "reason": "enough" })).await.is(202);
        assert_eq!(run["stop_requested"], true);
        while let Some(frame) = reading.next().await {
            if frame.data.contains("\"run_stopped\"") {
                let left = processes(self.folder.path());
                assert!(left.is_empty(), "{left:?} are alive although the run is stopped");
            }
        }
        let stopped = self.stopped(id).await;
        self.house.client.post(&path, &json!({})).await.refused(409, "run_ended");
        stopped
    }

    /// A run that was asked to stop, once it is stopped.
    async fn stopped(&self, id: i64) -> Stopped {
        let ended = tokio::time::timeout(STOPS_IN, self.house.ended(id)).await;
        let run = ended.unwrap_or_else(|_| panic!("run {id} is not stopped after {STOPS_IN:?}"));
        assert_eq!(run["status"], "stopped", "{run}");
        let events = self.house.events(id).await;
        let kinds: Vec<&str> = events.iter().map(|event| event["kind"].as_str().unwrap()).collect();
        let asked = kinds.iter().position(|kind| *kind == "stop_requested").unwrap();
        assert_eq!(kinds.iter().filter(|kind| **kind == "stop_requested").count(), 1);
        assert!(!kinds[asked..].iter().any(|kind| BEGINNINGS.contains(kind)), "{kinds:?}");
        let last = events.last().unwrap().clone();
        assert_eq!(last["kind"], "run_stopped");
        assert_eq!(last["usage"], run["usage"], "what was spent is told");
        let took = Duration::from_millis(last["took_ms"].as_u64().unwrap());
        assert!(took < STOPS_IN, "{last}");
        Stopped { run, events, last }
    }
}

/// A run that is stopped.
struct Stopped {
    run: Value,
    events: Vec<Value>,
    last: Value,
}

impl Stopped {
    /// It says who stopped it and why, and that this was cut off.
    fn cut_off(&self, aborted: &Value) {
        assert_eq!((&self.last["by"], &self.last["reason"]), (&json!("local"), &json!("enough")));
        let mut told = self.last["aborted"].clone();
        for one in told.as_array_mut().unwrap() {
            let one = one.as_object_mut().unwrap();
            let number = |value: Option<Value>| value.and_then(|value| value.as_u64());
            assert!(number(one.remove("call")).is_some() && number(one.remove("attempt")).is_some());
            // The prices are known, and no limit sets anything aside.
            let is_sent_to_model = one["what"] == "model_call" && one.get("unsent").is_none();
            let cost = one.remove("may_cost_usd").and_then(|cost| cost.as_f64());
            assert_eq!(cost.is_some_and(|cost| cost > 0.0), is_sent_to_model);
        }
        assert_eq!(&told, aborted, "{}", self.last);
    }

    /// Its calls that may have been billed or have taken effect.
    fn interrupted(&self) -> Vec<(&str, &str, &str)> {
        let word = |entry: &'static str, of: &'_ Value| of[entry].as_str().unwrap().to_owned().leak() as &str;
        let entries = self.run["interrupted"].as_array().unwrap().iter();
        entries.map(|entry| (word("what", entry), word("may", entry), word("became", entry))).collect()
    }

    fn of_kind(&self, kind: &str) -> Vec<&Value> {
        self.events.iter().filter(|event| event["kind"] == kind).collect()
    }
}

/// The processes whose environment names a folder. One that has ended has none any more.
fn processes(folder: &Path) -> BTreeSet<u32> {
    let named = folder.to_str().unwrap().as_bytes();
    let numbers = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers
        .filter(|number: &u32| {
            let environment = std::fs::read(format!("/proc/{number}/environ")).unwrap_or_default();
            environment.windows(named.len()).any(|part| part == named)
        })
        .collect()
}

fn of_model(agent: &str, model: &str) -> Value {
    json!({ "what": "model_call", "agent": agent, "model": model })
}

fn completes() -> Behaviour {
    Behaviour::call("complete", json!({ "result": "R.", "summary": "S." }))
}

async fn before_the_first_byte_of_the_model(store: Store) {
    let windows = Windows::open(store).await;
    // At the first stage, and at the second, with something spent by then.
    for requests in [1, 2] {
        if requests == 2 {
            windows.house.model.push(completes().usage(1_000, 10));
        }
        windows.house.model.push(Behaviour::hang());
        let id = windows.asking("plain", requests).await;
        let stopped = windows.stop(id).await;
        windows.house.model.wait_for_disconnects(requests).await;
        stopped.cut_off(&json!([of_model(if requests == 1 { "a" } else { "b" }, "main")]));
        assert_eq!(stopped.interrupted(), [("model_call", "billed", "given_up")]);
        assert_eq!(stopped.last["usage"]["model_calls"], requests - 1);
        assert_eq!(stopped.last["usage"]["cost_usd"].as_f64().unwrap() > 0.0, requests == 2);
        assert_eq!(stopped.of_kind("model_call_failed")[0].get("partial"), None);
    }
}

async fn in_the_middle_of_an_answer(store: Store) {
    let windows = Windows::open(store).await;
    let mut answer = Behaviour::text("owls and ").ends(End::Stall);
    // Words go on for minutes: whoever begins to listen late hears the rest.
    (answer.repeat, answer.pause_ms) = (5_000, 20);
    windows.house.model.push(answer);
    let id = windows.asking("plain", 1).await;
    let mut reading = Reading::open(windows.house.client, id, After::Nothing).await;
    while reading.next().await.unwrap().event != "delta" {}
    let stopped = windows.stop(id).await;
    windows.house.model.wait_for_disconnects(1).await;
    stopped.cut_off(&json!([of_model("a", "main")]));
    let failed = stopped.of_kind("model_call_failed")[0];
    assert_eq!(failed["code"], "aborted");
    assert!(failed["partial"].as_str().unwrap().starts_with("owls and "), "{failed}");
    // It is kept and counts for nothing.
    assert_eq!((&stopped.run["result"], &stopped.run["visits"][0]["result"]), (&Value::Null, &Value::Null));
}

async fn while_a_failed_call_waits_to_be_tried_again(store: Store) {
    let windows = Windows::open(store).await;
    windows
        .house
        .model
        .push(Behaviour::status(503, "later").header("retry-after", "300").agent("You are a."));
    let id = windows.start("plain").await;
    windows.until(id, |run| run["waiting"]["for"] == "model").await;
    let stopped = windows.stop(id).await;
    stopped.cut_off(&json!([]));
    assert_eq!(stopped.interrupted(), [], "what was refused was not billed");
}

async fn while_the_fallback_is_asked(store: Store) {
    let windows = Windows::open(store).await;
    windows.house.model.push(Behaviour::status(401, "no").when("\"broken\""));
    windows.house.model.push(Behaviour::hang().agent("You are a."));
    let id = windows.asking("falls", 2).await;
    let stopped = windows.stop(id).await;
    windows.house.model.wait_for_disconnects(1).await;
    stopped.cut_off(&json!([of_model("a", "main")]));
    assert_eq!(stopped.last["aborted"][0]["attempt"], 2);
}

async fn while_a_conversation_is_summed_up(store: Store) {
    let windows = Windows::open(store).await;
    windows.house.model.push(Behaviour::hang().when("Sum this up for yourself"));
    windows.house.model.push(Behaviour::call("long", json!({})).agent("You are a."));
    let id = windows.start("talks").await;
    let summed = async {
        loop {
            let events = windows.house.events(id).await;
            if events.iter().any(|event| event["compacts"] == true) {
                return;
            }
        }
    };
    tokio::time::timeout(crate::client::WAIT_MAX, summed).await.unwrap();
    let asked = windows.house.events(id).await;
    let asked = asked.iter().filter(|event| event["kind"] == "model_call_started").count();
    windows.house.model.wait_for_requests(asked as u64).await;
    let stopped = windows.stop(id).await;
    windows.house.model.wait_for_disconnects(1).await;
    stopped.cut_off(&json!([of_model("a", "short")]));
    assert_eq!(stopped.of_kind("context_compacted"), [] as [&Value; 0]);
}

async fn while_a_call_waits_for_its_turn_at_the_model(store: Store) {
    let windows = Windows::open(store).await;
    windows.house.model.push(Behaviour::hang().agent("You are a."));
    let first = windows.asking("queues", 1).await;
    let second = windows.start("queues").await;
    let stopped = windows.stop(second).await;
    let unsent = json!({ "what": "model_call", "agent": "a", "model": "narrow", "unsent": true });
    stopped.cut_off(&json!([unsent]));
    assert_eq!(stopped.interrupted(), [], "what never went out was not billed");
    windows.stop(first).await.cut_off(&json!([of_model("a", "narrow")]));
    windows.house.model.wait_for_disconnects(1).await;
    assert_eq!(windows.house.model.count(), 1);
}

async fn while_agents_go_at_once(store: Store) {
    let windows = Windows::open(store).await;
    // One is answered, one waits to be tried again, one hangs.
    windows
        .house
        .model
        .push(Behaviour::status(503, "later").header("retry-after", "300").agent("You are b."));
    windows.house.model.push(Behaviour::hang().agent("You are c."));
    windows.house.model.push(completes().agent("You are a."));
    let id = windows.asking("at-once", 3).await;
    let events = format!("runs/{id}/events?limit=1000");
    let settled = |page: &Value| {
        let kinds = page["items"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap());
        let kinds: BTreeSet<&str> = kinds.collect();
        kinds.contains("agent_completed") && kinds.contains("retry_scheduled")
    };
    windows.house.until(&events, settled).await;
    let stopped = windows.stop(id).await;
    windows.house.model.wait_for_disconnects(1).await;
    stopped.cut_off(&json!([of_model("c", "main")]));
}

async fn inside_a_tool_with_processes_of_its_own(store: Store) {
    let windows = Windows::open(store).await;
    windows.house.model.push(Behaviour::call("slow", json!({})));
    let id = windows.start("tool").await;
    windows.until_at_work().await;
    let stopped = windows.stop(id).await;
    stopped.cut_off(&json!([{ "what": "tool_call", "agent": "a", "tool": "slow" }]));
    assert_eq!(stopped.interrupted(), [("tool_call", "taken_effect", "given_up")]);
}

async fn inside_hooks(store: Store) {
    let windows = Windows::open(store).await;
    for workflow in ["entry", "exit"] {
        windows.house.model.push(completes().agent("You are a."));
        let id = windows.start(workflow).await;
        windows.until_at_work().await;
        let stopped = windows.stop(id).await;
        stopped.cut_off(&json!([{ "what": "tool_call", "tool": "slow" }]));
        let hook = &stopped.run["interrupted"][0]["hook"];
        assert_eq!(hook, &json!({ "when": workflow, "index": 0 }), "{}", stopped.run);
    }
}

async fn inside_a_server_of_tools_and_between_two_calls_of_it(store: Store) {
    let windows = Windows::open(store).await;
    // Its server is there, and is asked nothing at the moment.
    windows.house.model.push(Behaviour::hang().times(1));
    let id = windows.asking("server", 1).await;
    assert_eq!(processes(windows.folder.path()).len(), 1);
    windows.stop(id).await.cut_off(&json!([of_model("a", "main")]));

    windows.house.model.push(Behaviour::call("never", json!({})));
    let id = windows.start("server").await;
    let events = format!("runs/{id}/events?limit=1000");
    let is_called = |page: &Value| {
        page["items"].as_array().unwrap().iter().any(|event| event["kind"] == "tool_call_started")
    };
    windows.house.until(&events, is_called).await;
    let stopped = windows.stop(id).await;
    stopped.cut_off(&json!([{ "what": "tool_call", "agent": "a", "tool": "quiet.never" }]));
}

async fn while_it_waits_for_a_place(store: Store) {
    let windows = Windows::open(store).await;
    windows.house.model.push(Behaviour::hang().agent("You are a."));
    let first = windows.asking("place", 1).await;
    let waiting = [windows.start("place").await, windows.start("place").await];
    windows.until(waiting[1], |run| run["waiting"]["for"] == "place").await;
    for id in waiting {
        let stopped = windows.stop(id).await;
        stopped.cut_off(&json!([]));
        assert_eq!(stopped.run["started_at"], Value::Null);
    }
    windows.stop(first).await.cut_off(&json!([of_model("a", "main")]));
    assert_eq!(windows.house.model.count(), 1);
}

async fn while_it_waits_for_a_person(store: Store) {
    let windows = Windows::open(store).await;
    for workflow in ["leave", "asks"] {
        windows.house.model.push(Behaviour::call("ask_user", json!({ "question": "Which owl?" })));
        let id = windows.start(workflow).await;
        let waits = windows.until(id, |run| run["waiting"]["for"] == "person").await;
        let stopped = windows.stop(id).await;
        stopped.cut_off(&json!([]));
        assert_eq!((&stopped.run["asks"], &stopped.run["waiting"]), (&json!([]), &Value::Null));
        let answer =
            json!({ "question": waits["waiting"]["question"].as_u64().unwrap_or(1), "text": "barn" });
        let path = format!("runs/{id}/answers");
        windows.house.client.post(&path, &answer).await.refused(409, "run_ended");
    }
}

async fn while_it_waits_at_a_limit(store: Store) {
    let windows = Windows::open(store).await;
    windows.house.model.push(completes());
    let id = windows.start("limit").await;
    windows.until(id, |run| run["waiting"]["for"] == "limit").await;
    let stopped = windows.stop(id).await;
    stopped.cut_off(&json!([]));
    assert_eq!(stopped.last["usage"]["model_calls"], 1);
}

async fn while_another_run_is_waited_for(store: Store) {
    let windows = Windows::open(store).await;
    let deeper = json!({ "result": "Dig here.", "summary": "S.", "outcome": "deeper" });
    windows.house.model.push(Behaviour::hang().agent("You are c."));
    windows.house.model.push(Behaviour::call("complete", deeper).agent("You are a.").when("\"deeper\""));
    windows
        .house
        .model
        .push(Behaviour::call("run_workflow", json!({ "workflow": "below" })).agent("You are a."));
    for (nth, workflow) in [(1, "leads"), (2, "calls")] {
        let id = windows.asking(workflow, 2).await;
        let waits = windows.until(id, |run| run["waiting"]["for"] == "run").await;
        let below = waits["waiting"]["run_id"].as_i64().unwrap();
        windows.stop(id).await;
        windows.house.model.wait_for_disconnects(nth).await;
        // It was stopped before the one that waited for it, and says for whom.
        let stopped = windows.stopped(below).await;
        assert_eq!(stopped.last["by"], format!("run {id}"));
        assert_eq!(stopped.last["aborted"][0]["model"], "main");
    }
}

async fn at_once_after_the_start(store: Store) {
    let windows = Windows::open(store).await;
    windows.house.model.push(Behaviour::hang().agent("You are"));
    for _ in 0..20 {
        let id = windows.start("plain").await;
        windows.stop_going(id).await.cut_off_at_most_one();
    }
    // Whatever went out in the first instants was cut off.
    windows.house.model.wait_for_ends(windows.house.model.count()).await;
}

impl Stopped {
    /// The one call that it begins with was cut off, whether it had gone out or not.
    fn cut_off_at_most_one(&self) {
        assert!(self.last["aborted"].as_array().unwrap().len() <= 1, "{}", self.last);
    }
}

async fn two_at_once(store: Store) {
    let windows = Windows::open(store).await;
    windows.house.model.push(Behaviour::hang().agent("You are"));
    for _ in 0..10 {
        let id = windows.asking("plain", 1).await;
        let path = format!("runs/{id}/stop");
        let (client, one, other) =
            (windows.house.client, json!({ "reason": "one" }), json!({ "reason": "other" }));
        let (first, second) = tokio::join!(client.post(&path, &one), client.post(&path, &other));
        let (accepted, refused) = if first.status == 202 { ("one", second) } else { ("other", first) };
        assert_eq!(refused.status, 409, "{refused}");
        let code = refused.json()["code"].as_str().unwrap().to_owned();
        assert!(["run_stopping", "run_ended"].contains(&code.as_str()), "{code}");
        assert_eq!(windows.stopped(id).await.last["reason"], accepted);
    }
}

async fn at_about_the_time_of_its_natural_end(store: Store) {
    let windows = Windows::open(store).await;
    windows.house.model.push(completes().agent("You are"));
    for turns in 0..40 {
        let id = windows.start("plain").await;
        // A little later each time, from before the first answer to after the last.
        for _ in 0..turns * 4 {
            tokio::task::yield_now().await;
        }
        let stop = windows.house.client.post(&format!("runs/{id}/stop"), &json!({})).await;
        let run = windows.house.ended(id).await;
        let last = windows.house.events(id).await.pop().unwrap();
        match stop.status {
            202 => {
                windows.stopped(id).await;
            }
            409 => {
                assert_eq!(stop.json()["code"], "run_ended");
                assert_eq!((&run["status"], &last["kind"]), (&json!("completed"), &json!("run_completed")));
                assert_eq!(run["stop_requested"], false);
            }
            other => panic!("{other}: {stop}"),
        }
    }
}
