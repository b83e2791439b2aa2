//! Other programs: found, run to their end, and never given anything to read.

use std::collections::VecDeque;
use std::env;
use std::io::{self, BufReader, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// Lines of what a command said last that are kept for when it fails: a failed test and where it failed.
const LAST_LINES: usize = 60;

/// How long after the end of a program its output is waited for: a process that it left behind may hold it.
const LEFT_BEHIND: Duration = Duration::from_secs(5);

/// Runs a command that talks to the person directly; a failure names it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("could not start `{}`", line(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", line(command));
    }
    Ok(())
}

/// Runs a command as [`run`] does; what it said last stands in the failure too where nobody sits before a
/// terminal, since a log is read from its end, and a failure can lie thousands of lines above it.
pub(crate) fn run_noted(command: &mut Command) -> Result<()> {
    if io::stdout().is_terminal() {
        return run(command);
    }
    let named = line(command);
    let (reader, writer) = io::pipe().context("could not make a pipe")?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("could not start `{named}`"))?;
    // The command holds the writing end, and would hold the pipe open after its program has ended.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || sender.send(pass_on(BufReader::new(reader))));
    let status = child.wait()?;
    let last = receiver.recv_timeout(LEFT_BEHIND).unwrap_or_else(|_| Ok(Vec::new()))?;
    if !status.success() {
        bail!("`{named}` ended with {status}. The last that it said:\n{}", last.join("\n"));
    }
    Ok(())
}

/// Prints every line, and gives the last ones.
fn pass_on(mut said: impl io::BufRead) -> io::Result<Vec<String>> {
    let mut last = VecDeque::with_capacity(LAST_LINES);
    let mut bytes = Vec::new();
    while said.read_until(b'\n', &mut bytes)? > 0 {
        io::stdout().write_all(&bytes)?;
        if last.len() == LAST_LINES {
            last.pop_front();
        }
        last.push_back(String::from_utf8_lossy(&bytes).trim_end().to_owned());
        bytes.clear();
    }
    Ok(last.into())
}

/// Runs a command and gives what it wrote to its standard output; a failure shows its last words.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not start `{}`", line(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` ended with {}\n{}", line(command), output.status, said.trim_end());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The file of a program on the search path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The command as a person would type it.
fn line(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_what_it_said() {
        let failure = output(Command::new("sh").args(["-c", "echo no such luck >&2; exit 3"])).unwrap_err();
        let text = failure.to_string();
        assert!(text.starts_with("`sh -c "), "{text}");
        assert!(text.contains("exit status: 3") && text.ends_with("no such luck"), "{text}");
    }

    #[test]
    fn the_last_lines_of_what_was_said_are_kept() {
        let said: String = (0..LAST_LINES + 2).map(|number| format!("line {number}\n")).collect();
        let last = pass_on(said.as_bytes()).unwrap();
        assert_eq!(last.len(), LAST_LINES);
        assert_eq!(last.first().map(String::as_str), Some("line 2"));
        assert_eq!(pass_on(&b"no end"[..]).unwrap(), ["no end"]);
    }

    #[test]
    fn a_program_that_is_not_there_is_not_found() {
        assert!(find("sh").is_some());
        assert_eq!(find("no-program-has-this-name"), None);
    }
}
