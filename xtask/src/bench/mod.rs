//! `cargo xtask bench`: measurements, and a page for each with what it was taken on.
//!
//! A measurement is an example of a crate, a program that prints figures. Here are the list of them, what
//! they need around them, and how what they print becomes `benches/results/NAME.md`; no figure is
//! computed here.

mod machine;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::checkout::Checkout;
use crate::{command, postgres, setup, web};

/// One measurement.
struct Bench {
    name: &'static str,
    /// What it measures: the first sentence of its page.
    what: &'static str,
    /// What does it.
    work: Work,
    /// What that is told first, as a rule and with `--full`.
    arguments: [&'static [&'static str]; 2],
    /// Whether it is told the address of a fake model, before all else.
    fake_model: bool,
    /// Whether it takes the address of a database, as its last argument, and a new file without one.
    /// One that does not looks after its databases itself.
    databases: bool,
}

/// What carries a measurement out, and prints its figures.
enum Work {
    /// An example of the crate `callboard-server`.
    Example(&'static str),
    /// The web page's own script, with a browser before the program.
    Page,
}

const BENCHES: [Bench; 9] = [
    Bench {
        name: "lists",
        what: "What a page of a list costs.",
        work: Work::Example("list_cost"),
        arguments: [&[], &["--full"]],
        fake_model: false,
        databases: false,
    },
    Bench {
        name: "viewers",
        what: "How late viewers of a live run are, with some that do not read.",
        work: Work::Example("viewer_cost"),
        arguments: [&[], &["--full"]],
        fake_model: false,
        databases: false,
    },
    Bench {
        name: "standard_work",
        what: "What the standard work costs: runs of three stages with one agent each.",
        work: Work::Example("standard_work"),
        arguments: [&["2000", "50"], &["20000", "50"]],
        fake_model: true,
        databases: true,
    },
    Bench {
        name: "rerun",
        what: "What it takes to go on from the last stage of a run.",
        work: Work::Example("rerun_cost"),
        arguments: [&[], &["--full"]],
        fake_model: false,
        databases: true,
    },
    Bench {
        name: "stops",
        what: "How long it takes to stop runs whose model hangs.",
        work: Work::Example("stop_cost"),
        arguments: [&["1200"], &["10200"]],
        fake_model: false,
        databases: true,
    },
    Bench {
        name: "schedules",
        what: "How late schedules fire, and what they cost while nothing is due.",
        work: Work::Example("schedule_cost"),
        arguments: [&[], &["--full"]],
        fake_model: false,
        databases: true,
    },
    Bench {
        name: "journal_cost",
        what: "What an append to the journal costs.",
        work: Work::Example("journal_cost"),
        arguments: [&[], &[]],
        fake_model: false,
        databases: true,
    },
    Bench {
        name: "waiting_calls",
        what: "What a model call costs while it waits and when it is answered.",
        work: Work::Example("waiting_calls"),
        arguments: [&[], &[]],
        fake_model: false,
        databases: true,
    },
    Bench {
        name: "page",
        what: "When the page of a run with ten thousand events can be read, and how it scrolls.",
        work: Work::Page,
        arguments: [&[], &["--full"]],
        fake_model: false,
        databases: false,
    },
];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Takes only this one: lists, viewers, standard_work, rerun, stops, schedules, journal_cost,
    /// waiting_calls or page
    name: Option<String>,
    /// Takes as long as it needs for figures to be quoted, where the measurement has a short form
    #[arg(long)]
    full: bool,
}

/// Carries out `cargo xtask bench`.
pub(crate) fn run(checkout: &Checkout, arguments: &Arguments) -> Result<bool> {
    let chosen = |bench: &&Bench| arguments.name.as_deref().is_none_or(|name| name == bench.name);
    let benches: Vec<&Bench> = BENCHES.iter().filter(chosen).collect();
    let names = BENCHES.map(|bench| bench.name).join(", ");
    ensure!(!benches.is_empty(), "there is no such measurement; there are: {names}");
    // Some start it themselves, from beside them.
    command::run(&mut checkout.cargo(&[
        "build",
        "--release",
        "--locked",
        "--package",
        "callboard-fake-model",
    ]))?;
    let postgresql = setup::find_postgresql();
    if postgresql.is_none() {
        println!("PostgreSQL is not here, so all is measured on SQLite alone; `cargo xtask setup` helps.");
    }
    let facts = machine::facts(checkout, postgresql.as_deref());
    for (name, value) in &facts {
        println!("{name:<12}{value}");
    }
    let date = command::output(Command::new("date").args(["-u", "+%Y-%m-%d"]))?;
    for bench in benches {
        println!("\n== {}: {}", bench.name, bench.what);
        let figures = take(checkout, bench, arguments.full, postgresql.as_deref())?;
        let text = page(bench, arguments.full, date.trim(), &facts, &figures);
        let folder = checkout.root.join("benches/results");
        fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
        let file = folder.join(format!("{}.md", bench.name));
        fs::write(&file, text).with_context(|| format!("could not write {}", file.display()))?;
        println!("Written to benches/results/{}.md.", bench.name);
    }
    Ok(true)
}

impl Work {
    /// What carries it out, once all that it needs is built.
    fn command(&self, checkout: &Checkout) -> Command {
        match self {
            Work::Example(name) => Command::new(checkout.target.join("release/examples").join(name)),
            Work::Page => {
                let mut command = web::npm(checkout, &["run", "--silent", "bench", "--"]);
                command.env("CALLBOARD_TEST_PROGRAM", checkout.program("release"));
                command
            }
        }
    }
}

/// Builds what a measurement needs.
fn build(checkout: &Checkout, work: &Work) -> Result<()> {
    let of: &[&str] = match work {
        Work::Example(name) => &["callboard-server", "--example", name],
        Work::Page => {
            // The program has the page in it, so that one comes first.
            web::build(checkout)?;
            &["callboard"]
        }
    };
    let arguments = [&["build", "--release", "--locked", "--package"], of].concat();
    command::run(&mut checkout.cargo(&arguments))
}

/// What one measurement prints, each time with what it was taken on.
fn take(
    checkout: &Checkout,
    bench: &Bench,
    full: bool,
    postgresql: Option<&Path>,
) -> Result<Vec<(&'static str, String)>> {
    build(checkout, &bench.work)?;
    let mut figures = Vec::new();
    let databases: &[&str] = match (bench.databases, postgresql) {
        (false, _) => &[""],
        (true, None) => &["SQLite"],
        (true, Some(_)) => &["SQLite", "PostgreSQL"],
    };
    for database in databases {
        let mut command = bench.work.command(checkout);
        let fake = bench.fake_model.then(|| Fake::start(checkout)).transpose()?;
        command.args(fake.iter().map(|fake| format!("{}/v1", fake.address)));
        command.args(bench.arguments[usize::from(full)]);
        if *database == "PostgreSQL" {
            // The tests' own server serves: it is as it comes, with every write on the disk.
            command.args(postgres::database());
        }
        if let Some(folder) = postgresql {
            command.env(setup::POSTGRESQL_FOLDER, folder);
        }
        if !database.is_empty() {
            println!("On {database}:");
        }
        figures.push((*database, printed(&mut command)?));
    }
    Ok(figures)
}

/// Shows what a command prints while it prints it, and gives all of it.
fn printed(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("could not start {name}"))?;
    let mut text = String::new();
    for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).lines()) {
        let line = line?;
        println!("{line}");
        text += &format!("{line}\n");
    }
    let status = child.wait()?;
    ensure!(status.success(), "{name} ended with {status}");
    Ok(text)
}

/// The page of a measurement.
fn page(
    bench: &Bench,
    full: bool,
    date: &str,
    facts: &[(&str, String)],
    figures: &[(&str, String)],
) -> String {
    let option = if full { " --full" } else { "" };
    let mut text = format!(
        "# {}\n\n{}\n\n{date}, by `cargo xtask bench {}{option}`.\n\n| machine | |\n|---|---|\n",
        bench.name, bench.what, bench.name
    );
    for (name, value) in facts {
        text += &format!("| {name} | {value} |\n");
    }
    for (database, printed) in figures {
        if !database.is_empty() {
            text += &format!("\n## {database}\n");
        }
        text += &format!("\n```text\n{printed}```\n");
    }
    text
}

/// A fake model in a process of its own, for as long as this is kept.
struct Fake {
    process: Child,
    address: String,
}

impl Fake {
    fn start(checkout: &Checkout) -> Result<Fake> {
        let mut command = Command::new(checkout.target.join("release/callboard-fake-model"));
        let process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let process = process.context("could not start the fake model")?;
        let mut fake = Fake { process, address: String::new() };
        // Its first line is its address.
        let output = fake.process.stdout.take().context("the fake model says nothing")?;
        BufReader::new(output).read_line(&mut fake.address)?;
        fake.address.truncate(fake.address.trim_end().len());
        Ok(fake)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_was_measured_when_on_what_and_how() {
        let facts = [("cores", "2".to_owned())];
        let figures = [("SQLite", "a  1\n".to_owned()), ("PostgreSQL", "a  2\n".to_owned())];
        let expected = "# lists\n\nWhat a page of a list costs.\n\n\
            2026-11-24, by `cargo xtask bench lists --full`.\n\n\
            | machine | |\n|---|---|\n| cores | 2 |\n\n\
            ## SQLite\n\n```text\na  1\n```\n\n## PostgreSQL\n\n```text\na  2\n```\n";
        assert_eq!(page(&BENCHES[0], true, "2026-11-24", &facts, &figures), expected);
    }

    #[test]
    fn what_a_command_prints_is_kept_and_a_failure_is_one() {
        assert_eq!(printed(Command::new("sh").args(["-c", "echo a; echo b"])).unwrap(), "a\nb\n");
        assert!(printed(Command::new("sh").args(["-c", "exit 3"])).is_err());
    }
}
