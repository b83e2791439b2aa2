//! A real model behind a real server: small, slow and not wise, but nothing about it is played.
//!
//! `cargo xtask test` installs both and names them in the environment.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::program::Desk;

const NOTES: &str =
    "The barn owl hunts at night. It hears a mouse under the snow.\nIt flies without a sound.\n";

/// A model server that ends with this value: it watches its standard input.
struct RealModel {
    child: Child,
    base_url: String,
}

impl RealModel {
    /// Starts the server, if the environment names one. In continuous integration it must.
    #[expect(clippy::print_stderr, reason = "a skipped test says why")]
    fn start() -> Option<Self> {
        let named = |name| std::env::var_os(name);
        let names = ["CALLBOARD_TEST_PYTHON", "CALLBOARD_TEST_MODEL_SCRIPT", "CALLBOARD_TEST_GGUF"];
        let [Some(python), Some(script), Some(gguf)] = names.map(named) else {
            assert!(
                named("CI") != Some(OsString::from("true")),
                "a real model is needed under CI: {names:?}"
            );
            eprintln!("skipped: no real model is set up; `cargo xtask test` sets one up");
            return None;
        };
        let mut child = Command::new(python)
            .args([script, gguf])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let ready: Value = serde_json::from_str(&ready).unwrap();
        Some(Self { child, base_url: ready["base_url"].as_str().unwrap().to_owned() })
    }

    /// How many tokens a text has, as the server itself counts them.
    fn tokens(&self, text: &str) -> u64 {
        let address = self.base_url.trim_start_matches("http://").trim_end_matches("/v1");
        let mut connection = TcpStream::connect(address).unwrap();
        let body = json!({ "content": text }).to_string();
        let head =
            format!("POST /tokenize HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n", body.len());
        connection.write_all((head + &body).as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        body["tokens"].as_array().unwrap().len() as u64
    }
}

impl Drop for RealModel {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It ends by itself; waiting only keeps it from staying behind as a zombie.
        let _ = self.child.wait();
    }
}

#[test]
fn a_real_model_carries_out_a_workflow_of_two_stages() {
    let Some(model) = RealModel::start() else { return };
    let desk = Desk::new();
    desk.write("notes.txt", NOTES);
    desk.write(
        "project.yaml",
        &format!(
            "project: real
models:
  small: {{ provider: openai-compatible, model: smollm2, base_url: '{}', tools: false, parameters: {{ max_tokens: 60 }} }}
teams: {{ desk: {{ model: small, agents: {{ reader: {{ role: Reader }}, writer: {{ role: Writer }} }} }} }}
workflows:
  digest:
    team: desk
    stages:
      - {{ id: read, name: Read, task: What is the text about?, agents: [reader], summary: none }}
      - {{ id: write, name: Write, task: 'Write one sentence about this: {{{{ results.read }}}}', agents: [writer], summary: none }}
",
            model.base_url
        ),
    );

    let said = desk.run(&["run", "project.yaml", "--input", "@notes.txt", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let run = said.object();
    assert_eq!(run["input"], NOTES);
    let visits = run["visits"].as_array().unwrap();
    assert_eq!(visits.len(), 2);
    for visit in visits {
        let result = visit["result"].as_str().unwrap();
        assert!(!result.trim().is_empty(), "{visit}");
        // The answer's tokens, and the one that ends it; a text may be cut between two tokens of a word.
        let counted = visit["usage"]["output_tokens"].as_u64().unwrap();
        assert!(counted.abs_diff(model.tokens(result)) <= 3, "{counted} tokens for {result:?}");
        assert!(visit["usage"]["input_tokens"].as_u64().unwrap() > model.tokens(NOTES));
    }

    let plain = desk.run(&["run", "project.yaml", "--input", "@notes.txt"]);
    assert_eq!(plain.code, 0, "{plain:?}");
    assert!(!plain.out.trim().is_empty(), "the result is on standard output: {plain:?}");
}
