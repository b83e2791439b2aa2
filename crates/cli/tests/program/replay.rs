//! Runs that are kept as files and played again where there is neither server nor network: everything
//! that can happen to one, with real servers, tools and people.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use callboard_fake_model::{Behaviour, Format};
use serde_json::{Value, json};

use crate::letter::{Letter, follow, http, python, start};
use crate::program::{Desk, Said, root, said};
use crate::server::Server;

/// Exports a run, and gives the file.
pub(crate) fn export(desk: &Desk, server: &Server, run: i64) -> PathBuf {
    let path = desk.path(&format!("run-{run}.json"));
    let id = run.to_string();
    let words = ["runs", "export", &id, "--output", path.to_str().unwrap(), "--server", &server.address];
    let exported = desk.run(&words);
    assert_eq!((exported.code, exported.out.as_str()), (0, ""), "{exported:?}");
    assert!(!desk.path(&format!("run-{run}.json.part")).exists());
    path
}

/// Plays a file in a folder of its own, with no variable of this process.
fn play(file: &Path, words: &[&str]) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_callboard"));
    program.args(["runs", "replay"]).arg(file).args(words).env_clear().current_dir(folder.path());
    let played = said(program.stdin(Stdio::null()).output().unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it leaves nothing behind");
    played
}

/// A run that is exported plays to the same events. Gives the kinds of its events.
pub(crate) fn plays(desk: &Desk, server: &Server, run: i64) -> Vec<String> {
    let file = export(desk, server, run);
    let events = read(&file)["events"].as_array().unwrap().clone();
    let played = play(&file, &[]);
    assert_eq!(
        (played.code, played.out.trim()),
        (0, &*format!("the same, {} events", events.len())),
        "{played:?}"
    );
    events.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

fn read(file: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// A project in which everything can happen, and its models' answers.
fn scenes(stages: &str, day: &str) -> Desk {
    let desk = Desk::new();
    let (base_url, count) =
        (desk.model.base_url(Format::Openai), root().join("examples/tools/count_words.py"));
    let text = format!(
        "project: scenes
{day}
models:
  main: {{ provider: openai-compatible, model: m, base_url: '{base_url}', price: {{ input: 1.0, output: 4.0 }}, parameters: {{ max_tokens: 500 }} }}
tools:
  count: {{ command: [{}, '{}'], description: Counts words., parameters: {{ text: {{ type: string }} }}, idempotent: true }}
  wait: {{ command: [sh, -c, 'until [ -e go ]; do sleep 0.05; done; echo went'], description: Waits., on_interrupt: ask }}
teams:
  pair:
    model: main
    agents: {{ a: {{ role: A, tools: [count, wait, write_file, read_file, current_time] }}, b: {{ role: B }} }}
workflows:
  small:
    team: pair
    stages: [{{ id: only, name: Only, task: 'Say something of {{{{ input }}}}.', agents: [b] }}]
  work:
    team: pair
    limits: {{ model_calls: 8, on_limit: wait }}
    stages:{stages}",
        python(),
        count.display()
    );
    desk.write("project.yaml", &text);
    desk
}

/// Brings the project to a new server.
fn open(desk: &Desk) -> Server {
    let server = Server::start_on(desk, "127.0.0.1:0", &[]);
    let applied = desk.run(&["apply", "project.yaml", "--server", &server.address]);
    assert_eq!(applied.code, 0, "{applied:?}");
    server
}

/// What a model does once, at the task that has these words in it.
fn once(desk: &Desk, task: &str, behaviour: Behaviour) {
    desk.model.push(behaviour.usage(100, 10).when(task).times(1));
}

/// Someone gives a run more calls where it waits for them.
fn raise(server: &Server, run: i64, event: &Value) {
    if event["kind"] == "limit_reached" {
        let more = json!({ "model_calls": 50 });
        let (status, answer) = http(&server.address, "POST", &format!("/api/v1/runs/{run}/limits"), &more);
        assert_eq!(status, 202, "{answer}");
    }
}

const ALL: &str = "
      - { id: trouble, name: Trouble, task: Go on through trouble., agents: [a] }
      - { id: ask, name: Ask, task: Ask someone., agents: [{ agent: a, asks_user: true }] }
      - { id: call, name: Call, task: Have it done., agents: [{ agent: a, runs_workflows: true }], outcomes: { more: { workflow: small } } }
      - { id: tools, name: Tools, task: Use the tools., agents: [a, b], turns: at_once, entry: [{ tool: count, arguments: { text: '{{ results.call }}' }, key: size }], approval: { when: after } }
";

#[test]
fn a_run_to_which_everything_happens_plays_again() {
    let desk = scenes(ALL, "limits: { cost_usd_per_day: 1.0 }");
    let server = open(&desk);
    desk.model.push(Behaviour::status(503, "{}").when("through trouble").times(1));
    desk.model.push(Behaviour::status(429, "{}").header("retry-after", "1").when("through trouble").times(1));
    let question = json!({ "question": "Which owls?", "choices": ["barn", "snowy"] });
    once(&desk, "Ask someone", Behaviour::call("ask_user", question));
    once(
        &desk,
        "Have it done",
        Behaviour::call("run_workflow", json!({ "workflow": "small", "input": "mice" })),
    );
    let kept = json!({ "path": "notes.md", "text": "Owls." });
    once(
        &desk,
        "Use the tools",
        // Both agents are at work at once, and only this one has the tools.
        Behaviour::call("write_file", kept)
            .and_call("count", json!({ "text": "one two three" }))
            .and_call("nonsense", json!({}))
            .agent("You are a."),
    );
    let looks =
        Behaviour::call("read_file", json!({ "path": "notes.md" })).and_call("current_time", json!({}));
    once(&desk, "one two three", looks);
    let run = start(&desk, &server, "scenes/work", "owls");
    let seen = follow(&desk, &server, (run, 0), |event| {
        raise(&server, run, event);
        false
    });
    let kinds = plays(&desk, &server, run);
    assert_eq!(kinds.len(), seen.len());
    for kind in [
        "retry_scheduled",
        "question_answered",
        "child_ended",
        "workflow_called",
        "hook_finished",
        "document_written",
        "tool_call_refused",
        "limit_raised",
        "approval_decided",
        "run_completed",
    ] {
        assert!(kinds.iter().any(|other| other == kind), "{kind} did not happen: {kinds:?}");
    }
    // So do the runs that it had others carry out.
    let children = seen.iter().filter_map(|event| {
        let event: Value = serde_json::from_str(event).unwrap();
        (event["kind"] == "child_started").then(|| event["run_id"].as_i64().unwrap())
    });
    let children: Vec<i64> = children.collect();
    assert_eq!(children.len(), 2);
    for child in children {
        plays(&desk, &server, child);
    }
}

#[test]
fn a_run_whose_server_was_killed_plays_again() {
    let desk = scenes(
        "\n      - { id: tools, name: Tools, task: Use the tools., agents: [a, b], turns: at_once }\n",
        "",
    );
    let mut server = open(&desk);
    let calls = Behaviour::call("wait", json!({})).and_call("count", json!({ "text": "one" }));
    desk.model.push(calls.agent("You are a.").times(1));
    desk.model.push(Behaviour::hang().agent("You are b.").times(1));
    let run = start(&desk, &server, "scenes/work", "owls");
    follow(&desk, &server, (run, 0), |event| event["kind"] == "tool_call_finished");
    // As it stands, in the middle of two calls, it plays too.
    plays(&desk, &server, run);
    server.kill();
    desk.write("go", "");
    let server = Server::start_on(&desk, "127.0.0.1:0", &[]);
    let seen = follow(&desk, &server, (run, 0), |_| false);
    let kinds = plays(&desk, &server, run);
    assert_eq!(kinds.len(), seen.len());
    for kind in ["run_recovered", "question_asked", "run_completed"] {
        assert!(kinds.iter().any(|other| other == kind), "{kind} did not happen: {kinds:?}");
    }
}

#[test]
fn a_run_that_was_stopped_plays_again() {
    let stages = "
      - { id: tools, name: Tools, task: Use the tools., agents: [a, b], turns: at_once, exit: [{ tool: count, arguments: { text: bye }, key: bye, always: true }] }
";
    let desk = scenes(stages, "");
    let server = open(&desk);
    desk.model.push(Behaviour::call("wait", json!({})).agent("You are a.").times(1));
    desk.model.push(Behaviour::hang().agent("You are b.").times(1));
    let run = start(&desk, &server, "scenes/work", "owls");
    follow(&desk, &server, (run, 0), |event| event["kind"] == "tool_call_started");
    let stopped = desk.run(&["runs", "stop", &run.to_string(), "--server", &server.address]);
    assert_eq!(stopped.code, 0, "{stopped:?}");
    follow(&desk, &server, (run, 0), |_| false);
    let kinds = plays(&desk, &server, run);
    for kind in ["stop_requested", "model_call_failed", "hook_finished", "run_stopped"] {
        assert!(kinds.iter().any(|other| other == kind), "{kind} did not happen: {kinds:?}");
    }
}

#[test]
fn the_letter_plays_again() {
    let Some(letter) = Letter::new() else { return };
    let server = Server::start_on(&letter.desk, "127.0.0.1:0", &[]);
    let run = letter.start(&server);
    follow(&letter.desk, &server, (run, 0), |_| false);
    let kinds = plays(&letter.desk, &server, run);
    assert!(kinds.iter().any(|kind| kind == "tools_listed"), "{kinds:?}");
}

/// A run of one stage, and its file.
fn simple() -> (Desk, PathBuf) {
    let desk = scenes("\n      - { id: only, name: Only, task: Say something., agents: [a] }\n", "");
    let server = open(&desk);
    once(&desk, "Say something", Behaviour::text("Owls hunt at night."));
    let run = start(&desk, &server, "scenes/work", "owls");
    follow(&desk, &server, (run, 0), |_| false);
    let file = export(&desk, &server, run);
    // The same goes to standard output where no file is named.
    let given = desk.run(&["runs", "export", &run.to_string(), "--server", &server.address]);
    assert_eq!((given.code, given.err.as_str()), (0, ""));
    assert_eq!(given.out, std::fs::read_to_string(&file).unwrap());
    (desk, file)
}

#[test]
fn a_file_that_was_changed_is_told_with_the_event_and_the_reason() {
    let (desk, file) = simple();
    let whole = read(&file);
    let place = |kind: &str| {
        let events = whole["events"].as_array().unwrap();
        events.iter().position(|event| event["kind"] == kind).unwrap()
    };
    let told = |name: &str, changed: &Value| {
        let file = desk.write(name, &changed.to_string());
        let (played, json) = (play(&file, &[]), play(&file, &["--json"]));
        assert_eq!((played.code, json.code), (1, 1), "{played:?}");
        let json: Value = serde_json::from_str(&json.out).unwrap();
        assert_eq!(json["same"], false);
        (played.err, json["differences"][0].clone())
    };

    // Another answer leads elsewhere.
    let mut changed = whole.clone();
    let answer = place("model_call_finished");
    changed["events"][answer]["answer"]["text"] = json!("Owls sleep at night.");
    let (err, difference) = told("answer.json", &changed);
    assert_eq!(difference["seq"], answer + 2);
    let last = format!(
        "error: event {} is not the same: at event {} the model answered call {}, and this engine decides agent_completed with another result [replay_differs]",
        answer + 2,
        answer + 1,
        whole["events"][answer]["call"],
    );
    assert_eq!(err.lines().last(), Some(&*last), "{err}");
    assert!(
        err.contains("recorded  \"Owls hunt at night.\"")
            && err.contains("decided   \"Owls sleep at night.\""),
        "{err}"
    );

    // An event too few leaves the next one without a reason.
    let mut changed = whole.clone();
    let turn_ended = place("turn_ended");
    let events = changed["events"].as_array_mut().unwrap();
    events.remove(turn_ended);
    for (event, seq) in events.iter_mut().zip(1..) {
        event["seq"] = json!(seq);
    }
    changed["run"]["seq"] = json!(events.len());
    let (err, difference) = told("event.json", &changed);
    assert_eq!(difference["seq"], turn_ended + 1);
    assert!(err.contains("this engine decides turn_ended where turn_started was recorded"), "{err}");

    // A message of another version is shown by its first line that differs.
    let mut changed = whole.clone();
    let call = place("model_call_started");
    let sent = changed["events"][call]["sent"].as_str().unwrap().to_owned();
    let kept = &mut changed["messages"][&sent];
    let text = kept["message"]["text"].as_str().unwrap().replace("Say something.", "Say nothing.");
    kept["message"]["text"] = json!(text);
    let other = format!("sha256:{}", "0".repeat(64));
    changed["messages"][&other] = changed["messages"][&sent].clone();
    changed["events"][call]["sent"] = json!(other);
    let (err, difference) = told("sent.json", &changed);
    assert_eq!((&difference["seq"], &difference["message"]["place"]), (&json!(call + 1), &json!(2)));
    assert!(err.contains("recorded  Say nothing.") && err.contains("decided   Say something."), "{err}");
}

#[test]
fn what_is_no_whole_run_is_refused() {
    let (desk, file) = simple();
    let whole = read(&file);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = whole.clone();
        change(&mut changed);
        changed.to_string()
    };
    let text = whole.to_string();
    for (text, code, words) in [
        ("hello".to_owned(), "run_file_invalid", "it is not JSON"),
        (text[..text.len() / 2].to_owned(), "run_file_invalid", "it is not JSON"),
        ("[]".to_owned(), "run_file_invalid", "it is not an exported run"),
        ("{}".to_owned(), "run_file_invalid", "its format is not \"callboard-run\""),
        (with(&|file| file["version"] = json!(2)), "run_file_newer", "its format has the version 2"),
        (
            with(&|file| file["events"][3]["kind"] = json!("owl_seen")),
            "run_file_newer",
            "the kind \"owl_seen\"",
        ),
        (
            with(&|file| file["events"][3]["owls"] = json!(3)),
            "run_file_newer",
            "has fields or values of its own",
        ),
        (with(&|file| file["events"][3]["at"] = json!("noon")), "run_file_damaged", "event 4"),
        (with(&|file| file["events"][3]["seq"] = json!(7)), "run_file_damaged", "event 4: its number is 7"),
        (with(&|file| drop(file["events"].as_array_mut().unwrap().pop())), "run_file_damaged", "events of"),
        (with(&|file| file["definition"]["name"] = json!("x")), "run_file_damaged", "names by its hash"),
        (with(&|file| drop(file.as_object_mut().unwrap().remove("events"))), "run_file_damaged", "events"),
    ] {
        let file = desk.write("bad.json", &text);
        for words in [&[][..], &["--json"]] {
            let played = play(&file, words);
            assert_eq!((played.code, played.out.as_str()), (2, ""), "{played:?}");
        }
        let err = play(&file, &[]).err;
        let last = err.lines().last().unwrap();
        assert!(last.contains(words) && last.ends_with(&format!("[{code}]")), "{code}: {err}");
    }
    let missing = play(&desk.path("missing.json"), &[]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.trim_end().ends_with("[file_unreadable]"), "{missing:?}");
    // A file that was laid out anew holds the same.
    let pretty = desk.write("pretty.json", &serde_json::to_string_pretty(&whole).unwrap());
    assert_eq!(play(&pretty, &[]).code, 0);
}

#[test]
fn a_file_that_cannot_be_written_is_not_begun() {
    let desk = scenes("\n      - { id: only, name: Only, task: Say something., agents: [a] }\n", "");
    let server = open(&desk);
    let run = start(&desk, &server, "scenes/work", "owls");
    follow(&desk, &server, (run, 0), |_| false);
    let id = run.to_string();
    let failed = desk.run(&["runs", "export", &id, "-o", "nowhere/run.json", "--server", &server.address]);
    assert_eq!(failed.code, 1);
    assert!(failed.err.trim_end().ends_with("[output_failed]"), "{failed:?}");
    let unknown = desk.run(&["runs", "export", "4711", "-o", "run.json", "--server", &server.address]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.trim_end().ends_with("[run_not_found]"), "{unknown:?}");
    assert!(!desk.path("run.json").exists() && !desk.path("run.json.part").exists());
}
