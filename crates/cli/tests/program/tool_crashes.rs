//! A server that is killed while a tool is in the middle of its work: what becomes of the call is what
//! the project says of the tool, and nothing that the tool had started is left.

use std::io::{BufRead as _, BufReader};
use std::process::Command;

use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use crate::letter::{events, follow, http, start};
use crate::letter_crashes::{address, all_gone, mark, marked};
use crate::program::Desk;
use crate::server::Server;

/// A tool that writes its call down and is done where there is a file `go`. Else it starts a process in
/// a session of its own, which tells that it has begun, and both wait at a pipe into which nobody writes.
const SLOW: &str = "
cd \"$FOLDER\"
echo \"$CALLBOARD_CALL\" >> calls
if [ -e go ]; then echo done; exit; fi
setsid sh -c 'echo begun > begun; read -r _ < never' &
read -r _ < never
";

const AGENT: &str = "
      - { id: one, name: One, task: Use the tool., agents: [{ agent: a, tools: [slow] }] }
";

const HOOK: &str = "
      - { id: one, name: One, task: Look., agents: [a], entry: [{ tool: slow, key: seen }] }
";

/// A run whose tool is in the middle of its work.
struct AtWork {
    desk: Desk,
    server: Server,
    run: i64,
    mark: String,
}

impl AtWork {
    /// With these stages, and what is said of the tool besides.
    fn new(stages: &str, of_tool: &str) -> Self {
        let desk = Desk::new();
        desk.write("slow.sh", SLOW);
        for pipe in ["begun", "never"] {
            assert!(Command::new("mkfifo").arg(desk.path(pipe)).status().unwrap().success());
        }
        desk.project(stages);
        let tool = format!(
            "tools: {{ slow: {{ command: [sh, '{}'], env: {{ FOLDER: '{}' }}, timeout_s: 600{of_tool} }} }}\nteams:",
            desk.path("slow.sh").display(),
            desk.folder.path().display()
        );
        desk.write("project.yaml", &desk.project_text().replace("teams:", &tool));
        // Whatever it is told of the tool, the agent completes with it.
        let complete = Behaviour::call("complete", json!({ "result": "R", "summary": "S" }));
        desk.model.push(complete.when("\"role\":\"tool\""));
        desk.model.push(Behaviour::call("slow", json!({})).when("Use the tool."));
        let server = Server::start_on(&desk, "127.0.0.1:0", &[]);
        let applied = desk.run(&["apply", "project.yaml", "--server", &server.address]);
        assert_eq!(applied.code, 0, "{applied:?}");
        let run = start(&desk, &server, "test/work", "owls");
        // Opening the pipe waits for its other end.
        let mut line = String::new();
        BufReader::new(std::fs::File::open(desk.path("begun")).unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "begun\n");
        let mut at_work = Self { desk, server, run, mark: String::new() };
        at_work.crash();
        at_work
    }

    /// Kills the server and starts another, by when no process of the first is left. The tool would not
    /// wait any more.
    fn crash(&mut self) {
        self.server.kill();
        self.mark = self.desk.wait(mark(&address(&self.desk, &[])));
        let left = marked(&self.mark);
        if !self.desk.path("go").exists() {
            assert!(!left.is_empty(), "what has left its group is ended by the next server alone");
            self.desk.write("go", "");
        }
        self.server = Server::start_on(&self.desk, "127.0.0.1:0", &[]);
        let alive = marked(&self.mark);
        assert!(left.is_disjoint(&alive), "{left:?} outlived their server: {alive:?}");
    }

    /// The events of the run, once it has ended and nothing of it is left. A person has what was cut off
    /// called again, wherever that is asked.
    fn ended(&self) -> Vec<Value> {
        follow(&self.desk, &self.server, (self.run, 0), |_| false);
        self.desk.wait(all_gone(&self.mark));
        let told = events(&self.desk, &self.server, self.run);
        told.iter().map(|event| serde_json::from_str(event).unwrap()).collect()
    }

    /// Waits for an event of that kind.
    fn wait_for(&self, kind: &str) -> Value {
        let seen = follow(&self.desk, &self.server, (self.run, 0), |event| event["kind"] == kind);
        let event: Value = serde_json::from_str(seen.last().unwrap()).unwrap();
        assert_eq!(event["kind"], kind);
        event
    }

    fn answer(&self, question: &Value, text: &str) -> (u16, String) {
        let body = json!({ "question": question["question"], "text": text });
        http(&self.server.address, "POST", &format!("/api/v1/runs/{}/answers", self.run), &body)
    }

    /// What the run says of the one call that was cut off: what may be true of it, and what became of it.
    fn interrupted(&self) -> (String, String) {
        let path = format!("/api/v1/runs/{}", self.run);
        let (status, run) = http(&self.server.address, "GET", &path, &Value::Null);
        assert_eq!(status, 200, "{run}");
        let run: Value = serde_json::from_str(&run).unwrap();
        let entries = run["interrupted"].as_array().unwrap();
        let told = entries.iter().filter(|entry| entry["what"] == "tool_call").collect::<Vec<_>>();
        let [entry] = told[..] else { panic!("{entries:?}") };
        assert_eq!(
            (&entry["tool"], &entry["cause"], &entry["attempt"]),
            (&json!("slow"), &json!("crash"), &json!(1))
        );
        let event = &events(&self.desk, &self.server, self.run)[entry["seq"].as_u64().unwrap() as usize - 1];
        assert!(event.contains("run_recovered"), "{event}");
        (entry["may"].as_str().unwrap().to_owned(), entry["became"].as_str().unwrap().to_owned())
    }

    /// The same, in the words of the terminal.
    fn shown(&self) -> String {
        let run = self.run.to_string();
        let shown = self.desk.run(&["runs", "show", &run, "--server", &self.server.address]);
        assert_eq!(shown.code, 0, "{shown:?}");
        shown.out
    }

    /// How often the tool was called, always for the same call.
    fn called(&self) -> usize {
        let calls = std::fs::read_to_string(self.desk.path("calls")).unwrap();
        let calls: Vec<&str> = calls.lines().collect();
        assert!(calls.iter().all(|call| *call == calls[0] && call.starts_with(&self.mark)), "{calls:?}");
        calls.len()
    }
}

fn find<'e>(events: &'e [Value], kind: &str) -> Vec<&'e Value> {
    events.iter().filter(|event| event["kind"] == kind).collect()
}

/// The attempts at the tool, and how the last of them ended.
fn went(events: &[Value]) -> (Vec<u64>, &Value) {
    let attempts =
        find(events, "tool_call_started").into_iter().map(|event| event["attempt"].as_u64().unwrap());
    let finished = find(events, "tool_call_finished");
    assert_eq!(finished.len(), 1, "{events:#?}");
    let lost = find(events, "run_recovered");
    assert_eq!(lost[0]["in_flight"][0]["tool"], "slow");
    (attempts.collect(), finished[0])
}

#[test]
fn a_call_that_may_be_made_twice_is_made_again() {
    for (stages, of_tool) in
        [(AGENT, ", idempotent: true"), (HOOK, ", idempotent: true"), (AGENT, ", on_interrupt: retry")]
    {
        let at_work = AtWork::new(stages, of_tool);
        let events = at_work.ended();
        let (attempts, finished) = went(&events);
        assert_eq!(attempts, [1, 2], "{of_tool}");
        assert_eq!((&finished["text"], &finished["code"]), (&json!("done"), &Value::Null), "{of_tool}");
        assert_eq!(at_work.called(), 2, "{of_tool}");
        assert_eq!(at_work.interrupted(), ("taken_effect_twice".to_owned(), "made_again".to_owned()));
        assert!(at_work.shown().contains("may have taken effect twice"), "{}", at_work.shown());
        assert_eq!(events.last().unwrap()["kind"], "run_completed");
    }
}

#[test]
fn an_agent_is_told_that_it_is_not_known_whether_its_call_took_effect() {
    let at_work = AtWork::new(AGENT, "");
    let events = at_work.ended();
    let (attempts, finished) = went(&events);
    assert_eq!((attempts, &finished["code"]), (vec![1], &json!("interrupted")));
    assert_eq!(at_work.called(), 1);
    assert_eq!(at_work.interrupted(), ("taken_effect".to_owned(), "reported".to_owned()));
    assert!(at_work.shown().contains("may have taken effect; its caller was told"), "{}", at_work.shown());
    assert_eq!(events.last().unwrap()["kind"], "run_completed");
    let told = at_work.desk.model.requests().pop().unwrap();
    let told = String::from_utf8_lossy(&told.body).into_owned();
    assert!(told.contains("it is not known whether it took effect"), "{told}");
}

#[test]
fn a_hook_of_which_it_is_not_known_whether_it_took_effect_ends_its_stage_in_error() {
    let at_work = AtWork::new(HOOK, ", on_interrupt: report");
    let events = at_work.ended();
    let (attempts, finished) = went(&events);
    assert_eq!((attempts, &finished["code"]), (vec![1], &json!("interrupted")));
    assert_eq!(at_work.called(), 1);
    let last = events.last().unwrap();
    assert_eq!((&last["kind"], &last["error"]["code"]), (&json!("run_failed"), &json!("hook_failed")));
    assert_eq!(at_work.desk.model.count(), 0, "the stage's work never began");
}

#[test]
fn a_person_has_a_call_made_again() {
    for stages in [AGENT, HOOK] {
        let at_work = AtWork::new(stages, ", on_interrupt: ask");
        let events = at_work.ended();
        let (attempts, finished) = went(&events);
        assert_eq!((attempts, &finished["text"]), (vec![1, 2], &json!("done")));
        assert_eq!((at_work.called(), find(&events, "question_asked").len()), (2, 1));
        assert_eq!(events.last().unwrap()["kind"], "run_completed");
    }
}

#[test]
fn a_person_leaves_a_call_as_it_is_and_a_question_outlives_another_crash() {
    let mut at_work = AtWork::new(AGENT, ", on_interrupt: ask");
    let question = at_work.wait_for("question_asked");
    assert_eq!(question["choices"], json!(["call it again", "leave it"]));
    at_work.crash();
    assert_eq!(at_work.interrupted(), ("taken_effect".to_owned(), "asked".to_owned()));
    let (status, answer) = at_work.answer(&question, "perhaps");
    assert_eq!(status, 422, "{answer}");
    let (status, answer) = at_work.answer(&question, "leave it");
    assert_eq!(status, 202, "{answer}");
    let events = at_work.ended();
    let (attempts, finished) = went(&events);
    assert_eq!((attempts, &finished["code"]), (vec![1], &json!("interrupted")));
    assert_eq!((at_work.called(), find(&events, "question_asked").len()), (1, 1));
    assert_eq!(at_work.interrupted(), ("taken_effect".to_owned(), "reported".to_owned()));
    assert_eq!(find(&events, "run_recovered").len(), 1, "nothing was in flight at the second crash");
    assert_eq!(events.last().unwrap()["kind"], "run_completed");
}
