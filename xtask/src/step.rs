//! A list of steps: each says what it does, is timed, and has its row in the table at the end.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::checkout::Checkout;

/// One step of a command.
pub(crate) struct Step {
    /// One word or two, for the table and for `--only`.
    pub(crate) name: &'static str,
    /// What is said when it begins.
    pub(crate) doing: &'static str,
    pub(crate) run: fn(&mut Session) -> Result<Outcome>,
}

/// How a step ended when it did not fail.
pub(crate) enum Outcome {
    Done,
    /// Something is missing here; the sentence says what to do about it. A failure under `CI=true`.
    Skipped(String),
    /// Not asked of every machine; never a failure.
    LeftOut(String),
}

/// What the steps of one command share.
pub(crate) struct Session {
    pub(crate) checkout: Checkout,
    /// Only tests whose name contains this run.
    pub(crate) filter: Option<String>,
    /// Environment variables for the tests: what setting up has found.
    pub(crate) found: Vec<(&'static str, String)>,
}

/// A row of the table.
struct Row {
    name: &'static str,
    took: Duration,
    result: Ended,
}

enum Ended {
    Ok,
    Skipped(String),
    LeftOut(String),
    Failed(String),
}

/// Runs every step, also after one has failed, and prints the table. Whether all is well.
pub(crate) fn run_all(session: &mut Session, steps: &[Step], repeat: &str) -> bool {
    let mut rows = Vec::new();
    for step in steps {
        println!("\n== {}: {}", step.name, step.doing);
        let row = run_one(session, step);
        // Why one failed stands at the end, where whoever reads a log begins.
        match &row.result {
            Ended::Ok => {}
            Ended::Skipped(why) | Ended::LeftOut(why) => println!("{why}"),
            Ended::Failed(_) => println!("This step failed; the end says why."),
        }
        rows.push(row);
    }
    for row in &rows {
        if let Ended::Failed(why) = &row.result {
            println!("\n== {} failed: {why}", row.name);
        }
    }
    println!("\n{}", table(&rows));
    println!("{}", closing(&rows, repeat));
    rows.iter().all(|row| !matches!(row.result, Ended::Failed(_)))
}

fn run_one(session: &mut Session, step: &Step) -> Row {
    let began = Instant::now();
    let result = match (step.run)(session) {
        Ok(Outcome::Done) => Ended::Ok,
        Ok(Outcome::Skipped(why)) if session.checkout.strict => Ended::Failed(why),
        Ok(Outcome::Skipped(why)) => Ended::Skipped(why),
        Ok(Outcome::LeftOut(why)) => Ended::LeftOut(why),
        Err(failure) => Ended::Failed(format!("{failure:#}")),
    };
    Row { name: step.name, took: began.elapsed(), result }
}

fn table(rows: &[Row]) -> String {
    let mut text = format!("{:<16}{:>8}  result", "step", "seconds");
    for row in rows {
        let result = match &row.result {
            Ended::Ok => "ok",
            Ended::Skipped(_) => "skipped",
            Ended::LeftOut(_) => "left out",
            Ended::Failed(_) => "FAILED",
        };
        text += &format!("\n{:<16}{:>8.1}  {result}", row.name, row.took.as_secs_f64());
    }
    text
}

/// The last sentence: what a person can do now.
fn closing(rows: &[Row], repeat: &str) -> String {
    let failed: Vec<&str> =
        rows.iter().filter(|row| matches!(row.result, Ended::Failed(_))).map(|row| row.name).collect();
    if let Some(first) = failed.first() {
        return format!(
            "{} of {} steps failed: {}. To repeat just one: {} --only \"{first}\"",
            failed.len(),
            rows.len(),
            failed.join(", "),
            repeat
        );
    }
    let skipped: Vec<String> = rows
        .iter()
        .filter_map(|row| match &row.result {
            Ended::Skipped(why) => Some(format!("{}: {why}", row.name)),
            Ended::Ok | Ended::LeftOut(_) | Ended::Failed(_) => None,
        })
        .collect();
    let seconds = rows.iter().map(|row| row.took.as_secs_f64()).sum::<f64>();
    if skipped.is_empty() {
        format!("All is well, after {seconds:.0} seconds.")
    } else {
        format!("All that ran is well. Skipped: {}", skipped.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(strict: bool) -> Session {
        let checkout =
            Checkout { root: "/".into(), target: "/target".into(), tools: "/tools".into(), strict };
        Session { checkout, filter: None, found: Vec::new() }
    }

    fn ended(strict: bool, run: fn(&mut Session) -> Result<Outcome>) -> Ended {
        run_one(&mut session(strict), &Step { name: "web", doing: "", run }).result
    }

    #[test]
    fn a_skip_is_a_failure_only_under_ci() {
        let skip = |_: &mut Session| Ok(Outcome::Skipped("Install Node.".to_owned()));
        assert!(matches!(ended(false, skip), Ended::Skipped(_)));
        assert!(matches!(ended(true, skip), Ended::Failed(_)));
        assert!(matches!(ended(true, |_| Ok(Outcome::LeftOut(String::new()))), Ended::LeftOut(_)));
    }

    #[test]
    fn the_last_sentence_names_what_failed_and_the_command_that_repeats_it() {
        let row = |name, result| Row { name, took: Duration::ZERO, result };
        let rows = [row("format", Ended::Ok), row("lints", Ended::Failed("no".to_owned()))];
        let text = closing(&rows, "cargo xtask test");
        assert_eq!(text, "1 of 2 steps failed: lints. To repeat just one: cargo xtask test --only \"lints\"");
    }

    #[test]
    fn the_last_sentence_says_what_to_install() {
        let row =
            Row { name: "web", took: Duration::ZERO, result: Ended::Skipped("Install Node.".to_owned()) };
        assert_eq!(closing(&[row], ""), "All that ran is well. Skipped: web: Install Node.");
    }
}
