//! Stops that were accepted by a server that is killed in the next instant: the next one keeps them, and
//! asks nobody anything for those runs.

use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use crate::letter::{events, follow, http, start};
use crate::letter_crashes::{address, all_gone, mark, marked};
use crate::postgres;
use crate::program::Desk;
use crate::server::Server;

const TWO: &str = "
      - { id: one, name: One, task: 'Begin with {{ input }}.', agents: [a] }
      - { id: two, name: Two, task: End., agents: [b] }
";

/// How often a server is killed after it accepted a stop.
const TIMES: u64 = 6;

fn stop(server: &Server, run: i64) {
    let path = format!("/api/v1/runs/{run}/stop");
    let (status, answer) = http(&server.address, "POST", &path, &json!({ "reason": "enough" }));
    assert_eq!(status, 202, "{answer}");
}

fn get(server: &Server, run: i64) -> Value {
    let (status, run) = http(&server.address, "GET", &format!("/api/v1/runs/{run}"), &Value::Null);
    assert_eq!(status, 200, "{run}");
    serde_json::from_str(&run).unwrap()
}

/// The run and its events, once it has ended.
fn ended(desk: &Desk, server: &Server, run: i64) -> (Value, Vec<Value>) {
    follow(desk, server, (run, 0), |_| false);
    let events = events(desk, server, run).iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    (get(server, run), events)
}

/// The run is stopped, and says who asked for it and why; nothing began after that.
fn assert_stopped((run, events): &(Value, Vec<Value>)) {
    assert_eq!((&run["status"], &run["stop_requested"]), (&json!("stopped"), &json!(true)));
    let last = events.last().unwrap();
    assert_eq!(last["kind"], "run_stopped");
    assert_eq!((&last["by"], &last["reason"]), (&json!("local"), &json!("enough")));
    let asked = events.iter().position(|event| event["kind"] == "stop_requested").unwrap();
    assert!(!events[asked..].iter().any(|event| event["kind"] == "model_call_started"), "{events:#?}");
}

#[test]
fn a_stop_that_was_answered_is_kept_over_a_kill_in_the_next_instant() {
    let stores = [None, postgres::database()];
    for (nth, url) in stores.into_iter().enumerate().filter(|(nth, url)| *nth == 0 || url.is_some()) {
        let desk = Desk::new();
        desk.model.push(Behaviour::hang().agent("You are"));
        desk.project(TWO);
        let store: Vec<&str> = url.iter().flat_map(|url| ["--database-url", url.as_str()]).collect();
        let mut server = Server::start_on(&desk, "127.0.0.1:0", &store);
        let applied = desk.run(&["apply", "project.yaml", "--server", &server.address]);
        assert_eq!(applied.code, 0, "{applied:?}");
        for time in 1..=TIMES {
            let run = start(&desk, &server, "test/work", "owls");
            desk.wait(desk.model.wait_for_requests(time));
            stop(&server, run);
            server.kill();
            desk.wait(desk.model.wait_for_disconnects(time));
            server = Server::start_on(&desk, "127.0.0.1:0", &store);
            let ended = ended(&desk, &server, run);
            assert_stopped(&ended);
            let interrupted = &ended.0["interrupted"];
            assert_eq!(interrupted.as_array().map(Vec::len), Some(1), "store {nth}: {interrupted}");
            assert_eq!(
                (&interrupted[0]["may"], &interrupted[0]["became"]),
                (&json!("billed"), &json!("given_up"))
            );
            assert_eq!(desk.model.count(), time, "a model was asked after a stop that was accepted");
        }
    }
}

/// Writes down that it was called, and waits at a pipe into which nobody writes, where there is no file `go`.
const LET_GO: &str = "
cd \"$FOLDER\"
echo called >> calls
if [ -e go ]; then exit; fi
echo begun > begun
read -r _ < never
";

#[test]
fn a_server_that_is_killed_while_a_stopped_run_tidies_up_has_it_tidied_up_by_the_next() {
    let desk = Desk::new();
    desk.write("let_go.sh", LET_GO);
    for pipe in ["begun", "never"] {
        let made = std::process::Command::new("mkfifo").arg(desk.path(pipe)).status();
        assert!(made.unwrap().success());
    }
    desk.model.push(Behaviour::hang().agent("You are"));
    desk.project(
        "
      - { id: one, name: One, task: Begin., agents: [a], exit: [{ tool: let_go, always: true }] }
",
    );
    let folder = desk.folder.path().display();
    let tools = format!(
        "tools: {{ let_go: {{ command: [sh, '{folder}/let_go.sh'], env: {{ FOLDER: '{folder}' }}, idempotent: true }} }}\nteams:"
    );
    desk.write("project.yaml", &desk.project_text().replace("teams:", &tools));
    let mut server = Server::start_on(&desk, "127.0.0.1:0", &[]);
    let applied = desk.run(&["apply", "project.yaml", "--server", &server.address]);
    assert_eq!(applied.code, 0, "{applied:?}");
    let run = start(&desk, &server, "test/work", "owls");
    desk.wait(desk.model.wait_for_requests(1));
    stop(&server, run);
    // Opening the pipe waits for its other end: the stop is on disk, and the run is not stopped yet.
    assert_eq!(std::fs::read_to_string(desk.path("begun")).unwrap(), "begun\n");
    assert_eq!(get(&server, run)["status"], "running");
    server.kill();
    desk.write("go", "");

    let server = Server::start_on(&desk, "127.0.0.1:0", &[]);
    let ended = ended(&desk, &server, run);
    assert_stopped(&ended);
    assert_eq!(std::fs::read_to_string(desk.path("calls")).unwrap(), "called\ncalled\n");
    let told: Vec<_> = ended.0["interrupted"].as_array().unwrap().iter().map(|entry| &entry["may"]).collect();
    assert_eq!(told, ["billed", "taken_effect_twice"]);
    assert_eq!(desk.model.count(), 1);
    let mark = desk.wait(mark(&address(&desk, &[])));
    desk.wait(all_gone(&mark));
    assert!(marked(&mark).is_empty());
}
