//! The program, started in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use callboard_fake_model::{FakeModel, Format};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A folder in which the program is used, and a model that it speaks to.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pub(crate) model: FakeModel,
    runtime: Runtime,
}

/// What the program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let model = runtime.block_on(FakeModel::start()).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), model, runtime }
    }

    /// Waits for something of the fake model.
    pub(crate) fn wait<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(what)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Writes a project of these stages, for the agents a, b and c, with the model that is there.
    pub(crate) fn project(&self, stages: &str) -> PathBuf {
        self.project_for("openai-compatible", Format::Openai, stages)
    }

    pub(crate) fn project_for(&self, provider: &str, format: Format, stages: &str) -> PathBuf {
        let text = format!(
            "project: test
models:
  main: {{ provider: {provider}, model: m, base_url: '{}', retry_for_s: 60, price: {{ input: 1.0, output: 2.0 }} }}
teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A }}, b: {{ role: B }}, c: {{ role: C }} }} }} }}
workflows:
  work:
    team: desk
    stages:{stages}",
            self.model.base_url(format)
        );
        self.write("project.yaml", &text)
    }

    /// The text of the project's file.
    pub(crate) fn project_text(&self) -> String {
        std::fs::read_to_string(self.path("project.yaml")).unwrap()
    }

    /// The program with these words, not started yet.
    pub(crate) fn program(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command
            .args(words)
            .current_dir(self.folder.path())
            .env("CALLBOARD_SIMULATED_WORDS_PER_SECOND", "0")
            .env("USER", "ana")
            .env_remove("CALLBOARD_LOG")
            .env_remove("CALLBOARD_DATABASE_URL")
            .env_remove("CALLBOARD_SERVER")
            .env_remove("CALLBOARD_TOKEN")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, words: &[&str]) -> Said {
        said(self.program(words).output().unwrap())
    }

    pub(crate) fn start(&self, words: &[&str]) -> Child {
        self.program(words).spawn().unwrap()
    }
}

pub(crate) fn said(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Said {
    /// The run objects on standard output, one per line.
    pub(crate) fn runs(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The one run object on standard output.
    pub(crate) fn object(&self) -> Value {
        let mut runs = self.runs();
        assert_eq!(runs.len(), 1, "{self:?}");
        runs.remove(0)
    }
}

/// Sends a signal, by its name.
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Says why a test does nothing.
#[expect(clippy::print_stderr, reason = "a skipped test says why")]
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}; see `cargo xtask setup`");
}

/// The project's own folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}
