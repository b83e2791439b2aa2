//! What a run asks of people: in a terminal, without one, and on a server; and what tools do in a run.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use crate::program::{Desk, Said, said};
use crate::server::{Office, ends_with};

const ASKS: &str = "
      - { id: one, name: One, task: Look., agents: [{ agent: a, asks_user: true }] }
";
const APPROVED: &str = "
      - { id: one, name: One, task: Look., agents: [a], approval: { when: after, on_reject: two } }
      - { id: two, name: Two, task: Look again., agents: [b] }
";

fn asks(question: &str, choices: &[&str]) -> Behaviour {
    Behaviour::call("ask_user", json!({ "question": question, "choices": choices })).times(1)
}

fn completes(result: &str) -> Behaviour {
    Behaviour::call("complete", json!({ "result": result, "summary": "S." })).times(1)
}

/// Runs the program in a terminal, where someone answers each time that they are asked.
fn in_a_terminal(desk: &Desk, words: &[&str], answers: &[&str]) -> Said {
    let program = desk.program(words);
    let mut command = Command::new("python3");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/terminal.py")).arg(answers.join("\n"));
    command.arg(program.get_program()).args(program.get_args()).current_dir(desk.folder.path());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    said(command.env("TERM", "xterm").stdin(Stdio::null()).output().unwrap())
}

/// The last request that the model was sent, as text.
fn last_request(desk: &Desk) -> String {
    desk.model.requests().last().unwrap().json().to_string()
}

#[test]
fn a_run_that_asks_where_nobody_is_ends_in_error_with_needs_person() {
    let desk = Desk::new();
    desk.model.push(asks("Which city?", &["Paris", "London"]));
    desk.project(ASKS);
    let said = desk.run(&["run", "project.yaml", "--json"]);
    ends_with(&said, 1, "needs_person");
    assert!(said.err.contains("run 1: a asks: Which city? (Paris / London)"), "{said:?}");
    assert_eq!(said.object()["error"]["code"], "needs_person");

    desk.project(APPROVED);
    let said = desk.run(&["run", "project.yaml"]);
    ends_with(&said, 1, "needs_person");
    assert!(said.err.contains("Is what the stage One gave approved?"), "{said:?}");

    desk.project(ASKS);
    let limited = desk.project_text().replace("    stages:", "    limits: { model_calls: 1 }\n    stages:");
    desk.write("project.yaml", &limited);
    desk.model.push(Behaviour::call("send_message", json!({ "to": "team", "text": "Hm." })).times(1));
    let said = desk.run(&["run", "project.yaml"]);
    ends_with(&said, 1, "needs_person");
    assert!(said.err.contains("limit model_calls reached: 1 of 1 model calls made"), "{said:?}");
}

#[test]
fn in_a_terminal_a_person_is_asked_and_the_agent_hears_the_answer() {
    let desk = Desk::new();
    desk.model.push(asks("Which city?", &["Paris", "London"]));
    desk.model.push(completes("London."));
    desk.project(ASKS);
    let said = in_a_terminal(&desk, &["run", "project.yaml"], &["2"]);
    assert_eq!(said.code, 0, "{said:?}");
    for shown in ["? a asks: Which city?", "1  Paris", "2  London", "ana answers: London"] {
        assert!(said.out.contains(shown), "{shown} in {said:?}");
    }
    assert!(last_request(&desk).contains("London"), "{}", last_request(&desk));
}

#[test]
fn in_a_terminal_an_approval_is_refused_with_a_comment_and_a_limit_is_raised() {
    let desk = Desk::new();
    desk.project(APPROVED);
    let limited = desk.project_text().replace("    stages:", "    limits: { model_calls: 1 }\n    stages:");
    desk.write("project.yaml", &limited);
    desk.model.push(completes("First."));
    desk.model.push(completes("Second."));
    let said = in_a_terminal(&desk, &["run", "project.yaml"], &["perhaps", "n too short", "0", "5"]);
    assert_eq!(said.code, 0, "{said:?}");
    for shown in [
        "Is what the stage One gave approved?",
        "Begin with y or n.",
        "rejected by ana: too short",
        "limit model_calls reached: 1 of 1 model calls made",
        "That is no number above 0.",
        "ana sets limits: model_calls 5",
    ] {
        assert!(said.out.contains(shown), "{shown} in {said:?}");
    }
    assert!(last_request(&desk).contains("too short"), "{}", last_request(&desk));
}

/// A project whose workflow calls another one, which asks.
fn calls_one_that_asks(desk: &Desk) {
    let calls = "
      - { id: one, name: One, task: Look., agents: [a], outcomes: { foreign: { workflow: other } } }
";
    desk.project(calls);
    let other = format!("  other:\n    team: desk\n    stages:{}", ASKS.replace("agent: a,", "agent: b,"));
    desk.write("project.yaml", &format!("{}{other}", desk.project_text()));
    let chosen = json!({ "result": "Owls.", "summary": "S.", "outcome": "foreign" });
    desk.model.push(Behaviour::call("complete", chosen).times(1));
    desk.model.push(asks("Which city?", &["Paris", "London"]));
    desk.model.push(completes("London."));
}

#[test]
fn a_run_that_another_one_calls_asks_at_the_same_terminal() {
    let desk = Desk::new();
    calls_one_that_asks(&desk);
    let said = in_a_terminal(&desk, &["run", "project.yaml", "work"], &["2"]);
    assert_eq!(said.code, 0, "{said:?}");
    for shown in ["calls the workflow other", "run 2: b asks: Which city?", "run 2 completed", "Owls."] {
        assert!(said.out.contains(shown), "{shown} in {said:?}");
    }
    assert!(last_request(&desk).contains("London"));

    let desk = Desk::new();
    calls_one_that_asks(&desk);
    let said = desk.run(&["run", "project.yaml", "work"]);
    ends_with(&said, 1, "needs_person");
    assert!(said.err.contains("run 2: b asks: Which city?"), "{said:?}");
}

#[test]
fn a_run_that_was_left_asking_asks_again_when_it_is_resumed() {
    let desk = Desk::new();
    desk.model.push(asks("Which city?", &["Paris", "London"]));
    desk.model.push(completes("London."));
    desk.project(ASKS);
    let left = in_a_terminal(&desk, &["run", "project.yaml", "--data", "store"], &["^KILL"]);
    assert_eq!(left.code, -1, "{left:?}");
    let said = in_a_terminal(&desk, &["run", "--resume", "--data", "store"], &["2"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("a asks: Which city?") && said.out.contains("ana answers: London"), "{said:?}");
}

#[test]
fn an_interrupt_stops_a_run_that_waits_for_an_answer() {
    let desk = Desk::new();
    desk.model.push(asks("Which city?", &[]));
    desk.project(ASKS);
    let said = in_a_terminal(&desk, &["run", "project.yaml"], &["^C"]);
    assert_eq!(said.code, 130, "{said:?}");
    assert!(said.out.contains("stopped"), "{said:?}");
}

#[test]
fn a_command_tool_of_the_file_is_carried_out() {
    let desk = Desk::new();
    let stage = "
      - { id: one, name: One, task: Look., agents: [{ agent: a, tools: [weather] }] }
";
    desk.project(stage);
    desk.write("weather.sh", "read -r line\necho \"12 degrees for $line\"\n");
    let tool = "tools: { weather: { command: [sh, weather.sh], parameters: { city: { type: string } } } }\n";
    desk.write("project.yaml", &format!("{}{tool}", desk.project_text()));
    desk.model.push(Behaviour::call("weather", json!({ "city": "Paris" })).times(1));
    desk.model.push(completes("Mild."));
    let said = desk.run(&["run", "project.yaml"]);
    assert_eq!((said.code, said.out.as_str()), (0, "Mild.\n"), "{said:?}");
    assert!(said.err.contains("run 1: a: calls weather {\"city\":\"Paris\"}"), "{said:?}");
    assert!(said.err.contains("12 degrees for {\"city\":\"Paris\"}"), "{said:?}");
    assert!(last_request(&desk).contains("12 degrees for"), "{}", last_request(&desk));
}

/// Starts a run on the server and waits until it has an event of that kind, whose number is answered.
fn until(office: &Office, kind: &str) -> (String, u64) {
    let id = office.run(&["trigger", "work"]).object()["run_id"].to_string();
    let seq = seen(office, &id, kind);
    (id, seq)
}

fn seen(office: &Office, id: &str, kind: &str) -> u64 {
    let mut child = office.start(&["runs", "follow", id, "--json"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let events = std::iter::from_fn(|| lines.next()?.ok());
    let mut events = events.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    let seq = events.find(|event| event["kind"] == kind).unwrap()["seq"].as_u64().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    seq
}

#[test]
fn a_question_of_a_run_on_a_server_is_shown_and_answered() {
    let office = Office::with(ASKS);
    office.desk.model.push(asks("Which city?", &["Paris", "London"]));
    office.desk.model.push(completes("Done."));
    let (id, question) = until(&office, "question_asked");
    let shown = office.run(&["runs", "show", &id]);
    let command = format!("answer with: callboard runs answer {id} --question {question} TEXT");
    for part in ["waits     for a person", "? a: Which city?", "    London", &command] {
        assert!(shown.out.contains(part), "{part} in {shown:?}");
    }
    ends_with(&office.run(&["runs", "approve", &id]), 2, "run_not_waiting");
    ends_with(&office.run(&["runs", "answer", &id, "--question", "1", "Rome"]), 2, "run_not_waiting");
    let answered = office.run(&["runs", "answer", &id, "Rome"]);
    assert_eq!(answered.err, format!("question {question} of run {id} is answered\n"), "{answered:?}");
    let followed = office.run(&["runs", "follow", &id]);
    assert_eq!((followed.code, followed.out.as_str()), (0, "Done.\n"), "{followed:?}");
    assert!(followed.err.contains(&command) && followed.err.contains("local answers: Rome"), "{followed:?}");
    assert!(last_request(&office.desk).contains("Rome"));
    ends_with(&office.run(&["runs", "answer", &id, "Rome"]), 2, "run_not_waiting");
}

#[test]
fn an_approval_of_a_run_on_a_server_is_given_or_refused() {
    let office = Office::with(APPROVED);
    let (id, approval) = until(&office, "approval_requested");
    let shown = office.run(&["runs", "show", &id]);
    assert!(shown.out.contains("? Is what the stage One gave approved?"), "{shown:?}");
    let number = approval.to_string();
    let said =
        office.run(&["runs", "approve", &id, "--approval", &number, "--reject", "--comment", "Too short."]);
    assert_eq!((said.code, said.err), (0, format!("approval {approval} of run {id}: rejected\n")));
    let followed = office.run(&["runs", "follow", &id]);
    assert!(followed.err.contains("rejected by local: Too short."), "{followed:?}");
    assert!(followed.err.contains("stage 2 Two"), "{followed:?}");

    let (id, _) = until(&office, "approval_requested");
    assert_eq!(office.run(&["runs", "approve", &id]).code, 0);
    assert_eq!(office.run(&["runs", "follow", &id]).code, 0);
}

#[test]
fn a_person_speaks_to_a_run_on_a_server_and_raises_its_limits() {
    let office = Office::with(ASKS);
    office.desk.model.push(asks("Which city?", &[]));
    // What a person says is heard at the next turn, so this one has to end.
    office.desk.model.push(Behaviour::call("pass", json!({})).times(1));
    let (id, _) = until(&office, "question_asked");
    ends_with(&office.run(&["runs", "limits", &id]), 2, "wrong_use");
    let changed = office.run(&["runs", "limits", &id, "--model-calls", "1", "--on-limit", "wait"]);
    assert_eq!(changed.code, 0, "{changed:?}");
    assert_eq!(office.run(&["runs", "say", &id, "Mind the owls."]).code, 0);
    assert_eq!(office.run(&["runs", "answer", &id, "Rome"]).code, 0);
    seen(&office, &id, "limit_reached");
    let shown = office.run(&["runs", "show", &id]);
    assert!(shown.out.contains("for the limit model_calls to be raised"), "{shown:?}");
    assert_eq!(office.run(&["runs", "limits", &id, "--model-calls", "9"]).code, 0);
    let followed = office.run(&["runs", "follow", &id]);
    assert_eq!(followed.code, 0, "{followed:?}");
    for part in ["local says: Mind the owls.", "callboard runs limits", "local sets limits: model_calls 9"] {
        assert!(followed.err.contains(part), "{part} in {followed:?}");
    }
    assert!(last_request(&office.desk).contains("Mind the owls."), "{}", last_request(&office.desk));
}
