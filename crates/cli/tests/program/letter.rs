//! The example of a whole team at work: two providers, a server of tools, a program, hooks, a document
//! and a person's approval, all of them real but the models.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use callboard_api::client::{Client, Live, Started};
use callboard_api::run::Trigger;
use callboard_fake_model::{Behaviour, FakeModel, Format};
use serde_json::{Value, json};

use crate::program::{Desk, root};
use crate::server::Server;

/// Where the official MCP server's first script is.
const MCP_SCRIPT: &str = "CALLBOARD_TEST_MCP_EVERYTHING";

/// Longer than any run of the example takes, on a machine that does much else.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// What the writer gives at its first visit, and at its second.
pub(crate) const FIRST: &str = "First draft: light rain over Chicago, two degrees above freezing.";
pub(crate) const SECOND: &str = "Second draft: take an umbrella. Light rain over Chicago.";

/// The example, with the models that play its agents. They answer by what they are asked, not by how
/// often, so that a question that is asked again has the same answer.
pub(crate) struct Letter {
    pub(crate) desk: Desk,
    pub(crate) careful: FakeModel,
}

impl Letter {
    /// None where the MCP server that the example names is not there.
    pub(crate) fn new() -> Option<Self> {
        let Ok(script) = std::env::var(MCP_SCRIPT) else {
            crate::program::skipped(&format!("{MCP_SCRIPT} does not say where the official MCP server is"));
            return None;
        };
        let desk = Desk::new();
        let careful = desk.wait(FakeModel::start()).unwrap();
        fast(&desk.model);
        slow(&careful);
        let letter = Self { desk, careful };
        letter.desk.write("letter.yaml", &letter.file(&script));
        Some(letter)
    }

    /// The example's file, with what is elsewhere on this machine.
    fn file(&self, script: &str) -> String {
        let file = std::fs::read_to_string(root().join("examples/letter.yaml")).unwrap();
        let program = root().join("examples/tools/count_words.py");
        let counting = format!("[{}, '{}']", python(), program.display());
        let replaced = [
            ("http://127.0.0.1:9100/v1", self.desk.model.base_url(Format::Openai)),
            ("http://127.0.0.1:9101", self.careful.base_url(Format::Anthropic)),
            ("[npx, -y, \"@modelcontextprotocol/server-everything\"]", format!("[node, '{script}', stdio]")),
            ("[python3, examples/tools/count_words.py]", counting),
            ("    env: {}\n", format!("    env: {{ COUNT_LOG: '{}' }}\n", self.log().display())),
        ];
        replaced.into_iter().fold(file, |file, (from, to)| {
            assert_eq!(file.matches(from).count(), 1, "{from} in the example");
            file.replace(from, &to)
        })
    }

    /// Where the program of the tool writes its calls down.
    fn log(&self) -> PathBuf {
        self.desk.path("count.log")
    }

    /// How often each call of the tool was begun, by the call's number.
    pub(crate) fn counted(&self) -> BTreeMap<u64, usize> {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let mut counted = BTreeMap::new();
        for line in log.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let call = line["call"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
            *counted.entry(call).or_default() += 1;
        }
        counted
    }

    /// The bodies that the models were sent, in no order.
    pub(crate) fn asked(&self) -> Vec<Vec<u8>> {
        let requests = self.desk.model.requests().into_iter().chain(self.careful.requests());
        requests.map(|request| request.body.to_vec()).collect()
    }

    /// Brings the project to a server and starts a run of it.
    pub(crate) fn start(&self, server: &Server) -> i64 {
        let applied = self.desk.run(&["apply", "letter.yaml", "--server", &server.address]);
        assert_eq!(applied.code, 0, "{applied:?}");
        start(&self.desk, server, "letter/letter", "Chicago")
    }
}

/// Starts a run of a workflow.
pub(crate) fn start(desk: &Desk, server: &Server, workflow: &str, input: &str) -> i64 {
    let client = Client::new(&server.address, None).unwrap();
    let trigger = Trigger { workflow: Some(workflow.to_owned()), input: json!(input), ..Trigger::default() };
    match desk.wait(client.trigger(&trigger, None, None)).unwrap() {
        Started::Going(triggered) => triggered.run_id,
        Started::Ended(run) => run.id,
    }
}

/// Follows a run after an event, gives a person's part in it, and stops following where it is told to.
/// Gives the events, each in the very text of the server.
pub(crate) fn follow(
    desk: &Desk,
    server: &Server,
    (run, after): (i64, u64),
    is_enough: impl Fn(&Value) -> bool,
) -> Vec<String> {
    let client = Client::new(&server.address, None).unwrap();
    let mut follow = client.follow(run, after);
    let mut seen: Vec<String> = Vec::new();
    let all = async {
        loop {
            match follow.next().await.unwrap() {
                Some(Live::Event(told)) => {
                    let event: Value = serde_json::from_str(&told.text).unwrap();
                    seen.push(told.text);
                    if is_enough(&event) {
                        return;
                    }
                    person(&server.address, run, &event);
                }
                Some(Live::Delta(_)) => {}
                Some(Live::Lost { why }) => panic!("the connection was lost: {why}; {:?}", server.said()),
                Some(Live::End(_)) | None => return,
            }
        }
    };
    let in_time = desk.wait(async { tokio::time::timeout(WAIT_MAX, all).await });
    assert!(in_time.is_ok(), "run {run} does not go on: {:?}, {seen:#?}", server.said());
    seen
}

/// What a person does about an event: everything is approved, and what was cut off is called again.
/// What was decided by then, before a crash or by someone else, is not asked for any more.
pub(crate) fn person(address: &str, run: i64, event: &Value) {
    let (part, body) = match event["kind"].as_str().unwrap() {
        "approval_requested" => {
            ("approvals", json!({ "approval": event["approval"], "approve": true, "comment": "Fine." }))
        }
        "question_asked" => ("answers", json!({ "question": event["question"], "text": "call it again" })),
        _ => return,
    };
    let (status, answer) = http(address, "POST", &format!("/api/v1/runs/{run}/{part}"), &body);
    let is_over = ["run_not_waiting", "run_ended"].iter().any(|code| answer.contains(code));
    assert!(status == 202 || is_over, "{status}: {answer}");
}

/// Asks a server, and gives the status and the body of its answer.
pub(crate) fn http(address: &str, method: &str, path: &str, body: &Value) -> (u16, String) {
    let host = address.strip_prefix("http://").unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let length = body.len();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// The events of a run, in the very text of the server.
pub(crate) fn events(desk: &Desk, server: &Server, run: i64) -> Vec<String> {
    let client = Client::new(&server.address, None).unwrap();
    let list = desk.wait(client.events(run, 0, Some(1_000))).unwrap();
    assert_eq!(list.next, None);
    list.items.into_iter().map(|told| told.text).collect()
}

/// Python itself, where it is known: a program that only looks for it takes longer than the tool.
pub(crate) fn python() -> &'static str {
    let own = "/usr/bin/python3";
    if Path::new(own).exists() { own } else { "python3" }
}

/// What plays the agents of the quick model.
fn fast(model: &FakeModel) {
    let uses = Behaviour::usage;
    let forecaster = "You are forecaster.";
    let weather = json!({ "key": "weather", "value": "Light rain, 36 degrees." });
    model.push(
        uses(Behaviour::call("share_result", weather), 200, 20)
            .and_call(
                "complete",
                json!({ "result": "Light rain in Chicago, 36 degrees.", "summary": "Rain." }),
            )
            .agent(forecaster)
            .when("Light rain"),
    );
    let city = json!({ "location": "Chicago" });
    model.push(uses(Behaviour::call("get-structured-content", city), 150, 15).agent(forecaster));
    let writer = "You are writer.";
    let drafted = |draft: &str| {
        let kept = json!({ "path": "letter.md", "text": draft });
        let behaviour = Behaviour::call("write_file", kept).and_call("count_words", json!({ "text": draft }));
        uses(behaviour, 400, 60).agent(writer)
    };
    let completed = |draft: &str| {
        let given = json!({ "result": draft, "summary": "A letter." });
        uses(Behaviour::call("complete", given), 500, 40).agent(writer).when(draft)
    };
    // What is asked last is looked for first: the second draft knows of the first.
    model.push(completed(SECOND));
    model.push(drafted(SECOND).when("Begin with what to take along"));
    model.push(completed(FIRST));
    model.push(drafted(FIRST));
}

/// What plays the editor.
fn slow(model: &FakeModel) {
    let complete = |arguments: Value| Behaviour::call("complete", arguments).usage(300, 30);
    model.push(complete(json!({ "result": SECOND, "summary": "Sent." })).when("tool_result"));
    model.push(
        Behaviour::call("read_file", json!({ "path": "letter.md" })).usage(250, 10).when("Read `letter.md`"),
    );
    let approved = json!({ "result": "It can be sent.", "summary": "Good.", "outcome": "approved" });
    model.push(complete(approved).when(SECOND));
    let revise =
        json!({ "result": "Begin with what to take along.", "summary": "Again.", "outcome": "revise" });
    model.push(complete(revise).agent("You are editor."));
}

/// What an event is about, in one line.
fn line(event: &Value) -> String {
    let kind = event["kind"].as_str().unwrap();
    let about = ["stage", "agent", "tool", "outcome", "path", "key", "approve"];
    let about = about.iter().filter_map(|field| {
        let text = event[*field].as_str().map(str::to_owned);
        text.or_else(|| event[*field].as_bool().map(|yes| yes.to_string()))
    });
    std::iter::once(kind.to_owned()).chain(about).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_team_of_two_providers_writes_a_letter_with_tools_hooks_and_a_person() {
    let Some(letter) = Letter::new() else { return };
    let server = Server::start_on(&letter.desk, "127.0.0.1:0", &[]);
    let run = letter.start(&server);
    let told = follow(&letter.desk, &server, (run, 0), |_| false);
    let events: Vec<Value> = told.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    let lines: Vec<String> = events.iter().map(line).collect();
    let expected: Vec<&str> = WENT.iter().flat_map(|part| part.split(", ")).collect();
    assert_eq!(lines, expected);
    let get = |path: &str| http(&server.address, "GET", &format!("/api/v1/runs/{run}{path}"), &Value::Null);
    let object: Value = serde_json::from_str(&get("").1).unwrap();
    let visits = object["visits"].as_array().unwrap();
    let path: Vec<_> = visits.iter().map(|visit| (visit["stage"].as_str().unwrap(), &visit["nth"])).collect();
    let expected = [("weather", 1), ("draft", 1), ("review", 1), ("draft", 2), ("review", 2), ("publish", 1)];
    assert_eq!(
        path,
        expected.map(|(stage, nth)| (stage, json!(nth))).iter().map(|(s, n)| (*s, n)).collect::<Vec<_>>()
    );
    assert_eq!((&object["status"], &object["result"]), (&json!("completed"), &json!(SECOND)));
    for (key, value, visit) in [
        ("weather", json!("Light rain, 36 degrees."), 1),
        ("report_size", json!({ "words": 6, "sentences": 1, "minutes": 0.0 }), 4),
        ("letter_size", json!({ "words": 9, "sentences": 2, "minutes": 0.0 }), 6),
    ] {
        let shared = &object["memory"][key];
        assert_eq!((&shared["value"], &shared["visit"]), (&value, &json!(visit)), "{key}");
    }
    let usage = json!({ "model_calls": 10, "input_tokens": 3300, "output_tokens": 335, "cost_usd": 0.0 });
    assert_eq!(object["usage"], usage);
    let documents: Value = serde_json::from_str(&get("/documents").1).unwrap();
    let documents = documents["items"].as_array().unwrap();
    assert_eq!(documents.len(), 1);
    assert_eq!((&documents[0]["path"], &documents[0]["agent"]), (&json!("letter.md"), &json!("writer")));
    assert_eq!(get("/documents/letter.md"), (200, SECOND.to_owned()));
    // What hooks, memory and the MCP server gave has reached the models that were to know it.
    let asked: Vec<String> =
        letter.asked().into_iter().map(|body| String::from_utf8(body).unwrap()).collect();
    for told in [
        "The report has 6 words",
        "Nobody may miss this: Light rain, 36 degrees.",
        "Light rain / drizzle",
        "Fine.",
    ] {
        assert!(asked.iter().any(|body| body.contains(told)), "nobody was told: {told}");
    }
    assert!(letter.counted().values().all(|times| *times == 1), "{:?}", letter.counted());
}

/// How the run goes, event by event.
const WENT: [&str; 19] = [
    "run_created, run_started",
    "stage_entered weather, tool_list_started everything, tools_listed everything",
    "turn_started forecaster, model_call_started forecaster, model_call_finished forecaster, tool_call_started forecaster everything.get-structured-content, tool_call_finished forecaster everything.get-structured-content, model_call_started forecaster, model_call_finished forecaster, result_shared forecaster weather, agent_completed forecaster",
    "turn_ended forecaster, summary_written forecaster, stage_completed weather",
    "stage_entered draft, tool_call_started count_words, tool_call_finished count_words, hook_finished count_words report_size",
    "turn_started writer, model_call_started writer, model_call_finished writer, document_written writer letter.md, tool_call_started writer count_words, tool_call_finished writer count_words, model_call_started writer, model_call_finished writer, agent_completed writer",
    "turn_ended writer, summary_written writer, stage_completed draft",
    "stage_entered review",
    "turn_started editor, model_call_started editor, model_call_finished editor, agent_completed editor revise",
    "turn_ended editor, outcome_chosen editor revise, summary_written editor, approval_requested, approval_decided true, stage_completed review revise",
    "stage_entered draft, tool_call_started count_words, tool_call_finished count_words, hook_finished count_words report_size",
    "turn_started writer, model_call_started writer, model_call_finished writer, document_written writer letter.md, tool_call_started writer count_words, tool_call_finished writer count_words, model_call_started writer, model_call_finished writer, agent_completed writer",
    "turn_ended writer, summary_written writer, stage_completed draft",
    "stage_entered review",
    "turn_started editor, model_call_started editor, model_call_finished editor, agent_completed editor approved",
    "turn_ended editor, outcome_chosen editor approved, summary_written editor, approval_requested, approval_decided true, stage_completed review approved",
    "stage_entered publish",
    "turn_started editor, model_call_started editor, model_call_finished editor, tool_call_started editor read_file, tool_call_finished editor read_file, model_call_started editor, model_call_finished editor, agent_completed editor",
    "turn_ended editor, summary_written editor, tool_call_started count_words, tool_call_finished count_words, hook_finished count_words letter_size, stage_completed publish, run_completed",
];
