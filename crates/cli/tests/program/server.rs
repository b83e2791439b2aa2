//! The commands that speak to a server, against the real one: `callboard serve` in a folder of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};

use callboard_fake_model::{Behaviour, Format};
use serde_json::{Value, json};

use crate::program::{Desk, Said, said, signal};

const ONE: &str = "
      - { id: one, name: One, task: 'Look at {{ input }}.', agents: [a] }
";

/// A server that runs, until it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    said: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(desk: &Desk, listen: &str) -> Self {
        Self::start_on(desk, listen, &[])
    }

    /// Starts a server whose store is said by more words.
    pub(crate) fn start_on(desk: &Desk, listen: &str, store: &[&str]) -> Self {
        let words = [&["serve", "--listen", listen, "--data", "store"], store].concat();
        let mut child = desk.start(&words);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address =
            lines.find_map(|line| line.unwrap().strip_prefix("callboard listens on ").map(str::to_owned));
        // What it says later is read too: a full pipe would hold it up.
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| heard.lock().unwrap().push(line))
        });
        Self { child, address: address.unwrap(), said }
    }

    /// What it has said since it began to listen.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// Kills it as a crash would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A desk with a server that has the project of its file.
pub(crate) struct Office {
    pub(crate) desk: Desk,
    pub(crate) server: Server,
}

impl Office {
    fn new() -> Self {
        Self::with(ONE)
    }

    /// One whose project has these stages.
    pub(crate) fn with(stages: &str) -> Self {
        let office = Self::empty();
        office.desk.project(stages);
        let applied = office.run(&["apply", "project.yaml"]);
        assert_eq!(applied.code, 0, "{applied:?}");
        office
    }

    fn empty() -> Self {
        let desk = Desk::new();
        let server = Server::start(&desk, "127.0.0.1:0");
        Self { desk, server }
    }

    pub(crate) fn run(&self, words: &[&str]) -> Said {
        self.desk.run(&[words, &["--server", &self.server.address]].concat())
    }

    pub(crate) fn start(&self, words: &[&str]) -> Child {
        self.desk.start(&[words, &["--server", &self.server.address]].concat())
    }

    /// Runs the program with a text on its standard input.
    fn run_with(&self, words: &[&str], text: &str) -> Said {
        let mut program = self.desk.program(&[words, &["--server", &self.server.address]].concat());
        let mut child = program.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        said(child.wait_with_output().unwrap())
    }

    /// Starts a run that waits for its model, and gives its number.
    fn hanging(&self) -> String {
        let before = self.desk.model.count();
        self.desk.model.push(Behaviour::hang().times(1));
        let id = self.run(&["trigger", "work"]).object()["run_id"].to_string();
        self.desk.wait(self.desk.model.wait_for_requests(before + 1));
        id
    }
}

pub(crate) fn completes(result: &str) -> Behaviour {
    Behaviour::call("complete", json!({ "result": result, "summary": "S." }))
}

pub(crate) fn ends_with(said: &Said, code: i32, word: &str) {
    assert_eq!(said.code, code, "{said:?}");
    assert!(said.err.trim_end().ends_with(&format!("[{word}]")), "{said:?}");
}

#[test]
fn a_file_is_applied_and_what_is_exported_is_the_same_project() {
    let office = Office::empty();
    office.desk.project(ONE);
    let dry = office.run(&["apply", "project.yaml", "--dry-run"]);
    assert!(dry.code == 0 && dry.err.contains("+ workflows/work\n"), "{dry:?}");
    assert!(dry.err.ends_with("this would change; nothing did\n"), "{dry:?}");
    let first = office.run(&["apply", "project.yaml"]);
    let second = office.run_with(&["apply", "-", "--json"], &office.desk.project_text());
    assert_eq!(first.code, 0, "{first:?}");
    for line in ["+ models/main", "+ teams/desk", "+ workflows/work"] {
        assert!(first.err.lines().any(|said| said == line), "{line} in {first:?}");
    }
    assert_eq!(second.err, "nothing to change\n", "{second:?}");
    let id = second.object()["workflows"]["work"].clone();
    assert_eq!(first.out, format!("workflow work {id}\n"));

    let exported = office.run(&["export", "test"]);
    office.desk.write("exported.yaml", &exported.out);
    assert_eq!(office.desk.run(&["check", "exported.yaml"]).code, 0, "{exported:?}");
    assert_eq!(office.run(&["apply", "exported.yaml"]).err, "nothing to change\n");
    let project = second.object()["project_id"].to_string();
    let json = office.run(&["export", &project, "--json"]);
    assert_eq!(json.object()["project"], "test", "{json:?}");
    ends_with(&office.run(&["export", "nowhere"]), 2, "project_unknown");
}

#[test]
fn what_a_file_does_not_name_is_taken_out_only_when_asked() {
    let office = Office::new();
    let text = office.desk.project_text().replace("workflows:\n  work:", "workflows:\n  other:");
    office.desk.write("project.yaml", &text);
    let applied = office.run(&["apply", "project.yaml"]);
    assert!(
        applied.err.contains("+ workflows/other") && applied.out.contains("workflow work "),
        "{applied:?}"
    );
    let pruned = office.run(&["apply", "project.yaml", "--prune"]);
    assert!(pruned.err.contains("- workflows/work") && !pruned.out.contains("workflow work "), "{pruned:?}");
}

#[test]
fn mistakes_that_a_server_finds_are_told_as_check_tells_them() {
    let office = Office::empty();
    let text = "project: p
models: { main: { provider: simulated } }
teams: { desk: { modle: main, agents: { writer: {} } } }
workflows: { w: { team: desk, stages: [ { id: one, name: One, task: 'About {{ inptu }}', agents: [riter] } ] } }
";
    office.desk.write("bad.yaml", text);
    let (applied, checked) = (office.run(&["apply", "bad.yaml"]), office.desk.run(&["check", "bad.yaml"]));
    ends_with(&applied, 2, "invalid_project");
    assert!(checked.err.contains("bad.yaml:3:18: error: "), "{checked:?}");
    assert_eq!(applied.err, checked.err);
}

#[test]
fn a_run_is_started_by_any_name_of_its_workflow_and_answered_in_one_line() {
    let office = Office::new();
    let id = office.run(&["apply", "project.yaml", "--json"]).object()["workflows"]["work"].to_string();
    for name in ["work", "test/work", &id] {
        let started = office.run(&["trigger", name, "--input", "owls"]);
        assert_eq!((started.code, started.err.as_str()), (0, ""), "{started:?}");
        let triggered = started.object();
        assert_eq!(triggered["workflow_id"].to_string(), id);
        assert!(triggered["url"].as_str().unwrap().starts_with(&office.server.address), "{triggered}");
    }
    let again = || office.run(&["trigger", &id, "--input", "owls", "--idempotency-key", "same"]).object();
    assert_eq!(again()["run_id"], again()["run_id"]);

    ends_with(&office.run(&["trigger", "wrok"]), 2, "workflow_unknown");
    office.desk.write("other.yaml", &office.desk.project_text().replace("project: test", "project: other"));
    assert_eq!(office.run(&["apply", "other.yaml"]).code, 0);
    let said = office.run(&["trigger", "work"]);
    ends_with(&said, 2, "workflow_ambiguous");
    assert!(said.err.contains("test/work") && said.err.contains("other/work"), "{said:?}");
    assert_eq!(office.run(&["trigger", "other/work"]).code, 0);
}

#[test]
fn a_run_that_is_waited_for_prints_its_result_and_ends_as_it_did() {
    let office = Office::new();
    office.desk.model.push(completes("Owls.").times(1));
    let said = office.run(&["trigger", "work", "--input", "owls", "--wait"]);
    assert_eq!((said.code, said.out.as_str()), (0, "Owls.\n"), "{said:?}");
    for line in ["run 1: work started", "run 1: stage 1 One", "run 1: a: completed", "run 1: completed after"]
    {
        assert!(said.err.contains(line), "{line} in {said:?}");
    }
    office.desk.model.push(completes("More.").times(1));
    let run = office.run(&["trigger", "work", "--input-json", "[1]", "--wait=60", "--json"]).object();
    assert_eq!(
        (&run["status"], &run["input"], &run["result"]),
        (&json!("completed"), &json!([1]), &json!("More."))
    );

    office.desk.model.push(Behaviour::status(401, r#"{"error":{"message":"Incorrect API key"}}"#).times(1));
    let said = office.run(&["trigger", "work", "--wait"]);
    assert!(said.out.is_empty() && said.err.contains("stage one (visit 1), agent a"), "{said:?}");
    ends_with(&said, 1, "model_unauthorized");
    let shown = office.run(&["runs", "show", "3"]);
    assert!(shown.code == 0 && shown.out.contains("Incorrect API key"), "{shown:?}");
    assert!(shown.out.trim_end().ends_with("[model_unauthorized]"), "{shown:?}");
}

#[test]
fn simulated_models_are_said_to_be_so() {
    let office = Office::empty();
    office.desk.project_for("simulated", Format::Openai, ONE);
    let text = office.desk.project_text();
    let text: String = text
        .lines()
        .map(|line| match line.split_once("base_url") {
            Some(_) => "  main: { provider: simulated }\n".to_owned(),
            None => format!("{line}\n"),
        })
        .collect();
    office.desk.write("project.yaml", &text);
    assert_eq!(office.run(&["apply", "project.yaml"]).code, 0);
    let said = office.run(&["trigger", "work", "--wait"]);
    assert!(said.code == 0 && said.err.contains("(the model main is simulated)"), "{said:?}");
}

#[test]
fn runs_are_listed_shown_and_followed() {
    let office = Office::new();
    assert_eq!(office.run(&["runs", "list"]).err, "no runs\n");
    office.desk.model.push(completes("Owls.").times(1));
    office.run(&["trigger", "work", "--input", "barn owls", "--wait"]);
    let id = office.hanging();

    let list = office.run(&["runs", "list"]);
    let rows: Vec<Vec<&str>> = list.out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["RUN", "WORKFLOW", "STATUS", "STARTED", "TIME", "TOKENS", "COST"]);
    assert_eq!(rows[1][..3], [id.as_str(), "work", "running"]);
    assert_eq!(rows[2][..3], ["1", "work", "completed"]);
    let items = |words: &[&str]| {
        let page = office.run(&[&["runs", "list", "--json"], words].concat()).object();
        page["items"].as_array().unwrap().iter().map(|run| run["id"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(items(&["--status", "completed"]), ["1"]);
    assert_eq!(items(&["--project", "test", "--workflow", "work", "--source", "api"]), [id.as_str(), "1"]);
    assert!(items(&["--source", "schedule"]).is_empty());
    let first = office.run(&["runs", "list", "--limit", "1"]);
    let next = first.err.trim_end().rsplit(' ').next().unwrap();
    assert_eq!(items(&["--after", next]), ["1"], "{first:?}");

    let shown = office.run(&["runs", "show", "1"]);
    for part in ["run 1: work completed", "api by local", "barn owls", "VISIT  STAGE", "One", "\n\nOwls.\n"] {
        assert!(shown.out.contains(part), "{part} in {shown:?}");
    }
    assert_eq!(office.run(&["runs", "show", "1", "--json"]).object()["result"], "Owls.");

    let followed = office.run(&["runs", "follow", "1"]);
    assert_eq!((followed.code, followed.out.as_str()), (0, "Owls.\n"), "{followed:?}");
    let events = office.run(&["runs", "follow", "1", "--json"]).runs();
    assert!(events.iter().enumerate().all(|(place, event)| event["seq"] == json!(place + 1)));
    assert_eq!(events.last().unwrap()["kind"], "run_completed");
    ends_with(&office.run(&["runs", "follow", "99"]), 2, "run_not_found");
}

#[test]
fn a_run_is_stopped_and_deleted() {
    let office = Office::new();
    let id = office.hanging();
    ends_with(&office.run(&["runs", "delete", &id]), 2, "run_not_ended");
    let stopped = office.run(&["runs", "stop", &id, "--reason", "enough"]);
    assert!(stopped.code == 0 && stopped.out.is_empty(), "{stopped:?}");
    assert!(stopped.err.starts_with(&format!("run {id} is stopped after ")), "{stopped:?}");
    office.desk.wait(office.desk.model.wait_for_disconnects(1));
    let events = office.run(&["runs", "follow", &id, "--json"]);
    assert_eq!(events.code, 130, "{events:?}");
    assert_eq!(events.runs().last().unwrap()["reason"], "enough");
    ends_with(&office.run(&["runs", "stop", &id]), 2, "run_ended");
    assert_eq!(office.run(&["runs", "delete", &id]).err, format!("run {id} is deleted\n"));
    ends_with(&office.run(&["runs", "show", &id]), 2, "run_not_found");

    let id = office.hanging();
    let asked = office.run(&["runs", "stop", &id, "--no-wait"]);
    assert_eq!((asked.code, asked.err), (0, format!("run {id} is being stopped\n")));
    assert_eq!(office.run(&["runs", "follow", &id]).code, 130);
}

#[test]
fn whoever_stops_watching_stops_nothing_else() {
    let office = Office::new();
    office.desk.model.push(Behaviour::hang().times(1));
    let child = office.start(&["trigger", "work", "--wait"]);
    office.desk.wait(office.desk.model.wait_for_requests(1));
    signal(&child, "INT");
    let left = said(child.wait_with_output().unwrap());
    assert_eq!((left.code, left.out.as_str()), (130, ""), "{left:?}");
    assert!(left.err.ends_with("Stop it with: callboard runs stop 1\n"), "{left:?}");
    let status = || office.run(&["runs", "show", "1", "--json"]).object()["status"].clone();
    assert_eq!(status(), "running");

    office.desk.model.push(Behaviour::hang().times(1));
    ends_with(&office.run(&["trigger", "work", "--wait=0"]), 1, "wait_over");
    assert_eq!(status(), "running");
}

#[test]
fn a_run_is_followed_through_the_death_of_its_server() {
    let mut office = Office::new();
    let id = office.hanging();
    let mut child = office.start(&["runs", "follow", &id, "--json"]);
    let mut events = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut seen = vec![events.next().unwrap()];
    office.server.kill();
    office.desk.model.push(completes("Owls."));
    office.server = Server::start(&office.desk, office.server.address.strip_prefix("http://").unwrap());
    seen.extend(events);
    let ended = said(child.wait_with_output().unwrap());
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.err.contains("connection lost"), "{ended:?}");
    let seen: Vec<Value> = seen.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(seen.iter().enumerate().all(|(place, event)| event["seq"] == json!(place + 1)), "{seen:?}");
    assert!(seen.iter().any(|event| event["kind"] == "run_recovered"), "{seen:?}");
    assert_eq!(seen.last().unwrap()["kind"], "run_completed");
}

#[test]
fn a_secret_goes_to_the_server_and_is_never_shown_again() {
    const VALUE: &str = "sk-hunter2-and-more";
    let office = Office::new();
    let mut all = Vec::new();
    let set = office.run_with(&["secret", "set", "key"], &format!("{VALUE}\n"));
    assert_eq!((set.code, set.out.as_str()), (0, ""), "{set:?}");
    all.push(set);
    let list = office.run(&["secret", "list", "--project", "test"]);
    assert!(list.code == 0 && list.out.lines().nth(1).unwrap().starts_with("key  "), "{list:?}");
    all.push(list);
    all.push(office.run(&["secret", "list", "--json"]));
    all.push(office.run(&["export", "test"]));
    for said in all {
        assert!(said.code == 0 && !said.out.contains(VALUE) && !said.err.contains(VALUE), "{said:?}");
    }

    // The agents' model is asked with the very value, without the line end behind it.
    let text = office.desk.project_text();
    office.desk.write("project.yaml", &text.replace("retry_for_s: 60", "api_key: { secret: key }"));
    assert_eq!(office.run(&["apply", "project.yaml"]).code, 0);
    office.desk.model.push(completes("Owls."));
    assert_eq!(office.run(&["trigger", "work", "--wait"]).code, 0);
    let requests = office.desk.model.requests();
    assert_eq!(requests.last().unwrap().header("authorization"), format!("Bearer {VALUE}"));

    ends_with(&office.run_with(&["secret", "set", "key"], ""), 2, "secret_length");
    ends_with(&office.run_with(&["secret", "set", "a key"], VALUE), 2, "name_invalid");
    assert_eq!(office.run(&["secret", "remove", "key"]).code, 0);
    ends_with(&office.run(&["secret", "remove", "key"]), 2, "secret_not_found");
    assert_eq!(office.run(&["secret", "list"]).err, "project test has no secrets\n");
}

#[test]
fn what_is_no_server_of_ours_is_said_to_be_so() {
    let desk = Desk::new();
    let list = |server: &str| desk.run(&["runs", "list", "--server", server]);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let unreachable = list(&format!("http://{nobody}"));
    ends_with(&unreachable, 1, "server_unreachable");
    let err = &unreachable.err;
    assert!(err.contains(&nobody.to_string()) && err.contains("hint: "), "{err}");
    let model = desk.model.base_url(Format::Openai);
    ends_with(&list(&model), 1, "not_callboard");
    ends_with(&list("127.0.0.1:8080"), 2, "server_address");

    let mut program = desk.program(&["runs", "list", "--token", "tok"]);
    let named = said(program.env("CALLBOARD_SERVER", format!("http://{nobody}")).output().unwrap());
    assert!(named.err.contains(&nobody.to_string()), "the variable names the server: {named:?}");
    let help = desk.program(&["runs", "list", "--help"]).env("CALLBOARD_TOKEN", "tok-123").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("CALLBOARD_TOKEN") && !help.contains("tok-123"), "{help}");
}
