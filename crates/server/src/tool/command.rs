//! Tools that are programs: the arguments of a call on standard input, its result on standard output.
//!
//! Absent on purpose: whether the arguments fit the tool's parameters, and which secrets its
//! environment holds. Both are settled before a program is started.

use std::time::Duration;

use serde_json::{Map, Value};

use super::failure::ToolFailure;
use crate::process::{self, Ended, ProcessError, Program, Ran};

/// How much of a result is kept: some three hundred thousand tokens, more than any model reads at
/// once, and still a size that a history can hold many of.
const RESULT_KEPT: usize = 1024 * 1024;

/// How much of its last words a failure repeats: the end of a stack, and not so much that a tool that
/// fails again and again fills an agent's context.
const LAST_WORDS: usize = 4 * 1024;

/// A call of a tool that is a program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CommandCall<'a> {
    /// The program, with the mark of this call.
    pub(crate) program: &'a Program,
    /// What it is called with.
    pub(crate) arguments: &'a Map<String, Value>,
    /// How long it may take.
    pub(crate) limit: Duration,
}

/// Calls a tool. It is told its arguments as one JSON object on one line; what it writes to standard
/// output is its result if it ends with the status zero. Dropping the future ends it.
pub(crate) async fn command(call: CommandCall<'_>) -> Result<String, ToolFailure> {
    let mut input = serde_json::to_vec(call.arguments)
        .map_err(|error| ToolFailure::new("tool_failed", format!("the arguments cannot be sent: {error}")))?;
    // Many scripts read a line, and some wait for its end.
    input.push(b'\n');
    let ran = process::run(call.program, Some(&input), call.limit).await.map_err(not_carried_out)?;
    if ran.ended.status == Some(0) { Ok(result(&ran)) } else { Err(failed(call.program, &ran)) }
}

fn not_carried_out(error: ProcessError) -> ToolFailure {
    let code = match &error {
        ProcessError::NotFound { .. } | ProcessError::FailedToStart { .. } => error.code(),
        ProcessError::TimedOut { .. } => "tool_timed_out",
    };
    let said = match &error {
        ProcessError::TimedOut { stderr_tail, .. } => last_words(stderr_tail, b""),
        ProcessError::NotFound { .. } | ProcessError::FailedToStart { .. } => String::new(),
    };
    ToolFailure::new(code, format!("{error}{said}"))
}

fn failed(program: &Program, ran: &Ran) -> ToolFailure {
    let name = program.command.first().map_or("", String::as_str);
    let how = match ran.ended {
        Ended { status: Some(status), .. } => format!("ended with exit code {status}"),
        Ended { signal: Some(signal), .. } => format!("was ended by signal {signal}"),
        Ended { status: None, signal: None } => "ended, and its exit code is not known".to_owned(),
    };
    let said = last_words(&ran.stderr_tail, &ran.stdout);
    ToolFailure::new("tool_failed", format!("the program `{name}` {how}{said}"))
}

/// What it wrote last, to be put behind a sentence: of standard error, else of standard output.
fn last_words(stderr: &[u8], stdout: &[u8]) -> String {
    let said = |place: &str, bytes: &[u8]| {
        let text = text(bytes);
        let text = text.trim();
        let from = text.ceil_char_boundary(text.len().saturating_sub(LAST_WORDS));
        let before = if from == 0 { "" } else { "…" };
        (!text.is_empty()).then(|| format!("; the end of its {place}:\n{before}{}", &text[from..]))
    };
    said("standard error", stderr).or_else(|| said("standard output", stdout)).unwrap_or_default()
}

fn result(ran: &Ran) -> String {
    let mut text = text(&ran.stdout);
    if ran.stdout_dropped == 0 {
        text.truncate(text.trim_end_matches(['\n', '\r']).len());
    }
    if text.len() > RESULT_KEPT {
        let kept = text.floor_char_boundary(RESULT_KEPT);
        let lost = (text.len() - kept) as u64 + ran.stdout_dropped;
        text.truncate(kept);
        text.push_str(&format!("\n[cut here: {lost} more bytes were not kept]"));
    }
    text
}

/// What a program wrote, as text that every database can hold: PostgreSQL keeps U+0000 in none.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Calls a script of the shell with these arguments, with more time than it needs.
    async fn call(script: &str, arguments: Value) -> Result<String, ToolFailure> {
        call_within(Duration::from_secs(20), script, arguments).await
    }

    async fn call_within(limit: Duration, script: &str, arguments: Value) -> Result<String, ToolFailure> {
        let program = program(&["sh", "-c", script]);
        let arguments = arguments.as_object().unwrap();
        command(CommandCall { program: &program, arguments, limit }).await
    }

    fn program(parts: &[&str]) -> Program {
        let mark = format!("test-command-{}/1/1", std::process::id());
        let command = parts.iter().map(|&part| part.to_owned()).collect();
        Program { command, env: Vec::new(), mark, dir: None }
    }

    fn failure(code: &'static str, message: &str) -> Result<String, ToolFailure> {
        Err(ToolFailure::new(code, message))
    }

    #[tokio::test]
    async fn a_tool_reads_its_arguments_as_one_line_of_json() {
        let arguments = json!({ "city": "Paris\nFrance", "nested": { "list": [1, "ü"] } });
        let read = call("read -r line; printf '%s' \"$line\"; cat", arguments.clone()).await.unwrap();
        assert_eq!(read, arguments.to_string());
        assert_eq!(call("cat", json!({})).await.unwrap(), "{}");
    }

    #[tokio::test]
    async fn what_it_writes_is_its_result() {
        let table = [
            ("printf 'sunny\\n'", "sunny"),
            ("printf 'sunny\\r\\n\\n'", "sunny"),
            ("printf ' a\\n\\nb '", " a\n\nb "),
            ("printf 'aside\\n' >&2", ""),
            ("printf 'a\\000b\\377c'", "a\u{FFFD}b\u{FFFD}c"),
            ("echo early; exec >&-", "early"),
        ];
        for (script, expected) in table {
            assert_eq!(call(script, json!({})).await.unwrap(), expected, "{script}");
        }
    }

    #[tokio::test]
    async fn a_failure_has_the_exit_code_and_the_last_words() {
        let table = [
            ("exit 3", "ended with exit code 3"),
            ("echo a; echo b >&2; exit 1", "ended with exit code 1; the end of its standard error:\nb"),
            ("echo a; exit 1", "ended with exit code 1; the end of its standard output:\na"),
            ("echo dying >&2; kill -KILL $$", "was ended by signal 9; the end of its standard error:\ndying"),
            (
                "printf 'a\\000b' >&2; exit 2",
                "ended with exit code 2; the end of its standard error:\na\u{FFFD}b",
            ),
        ];
        for (script, expected) in table {
            let expected = failure("tool_failed", &format!("the program `sh` {expected}"));
            assert_eq!(call(script, json!({})).await, expected, "{script}");
        }
    }

    #[tokio::test]
    async fn the_last_words_of_a_talkative_tool_are_cut_at_the_front() {
        let message =
            call("yes ü | head -c 9000 >&2; echo last >&2; exit 1", json!({})).await.unwrap_err().message;
        let (_, words) = message.split_once('\n').unwrap();
        assert!(words.starts_with('…') && words.ends_with("last"), "{words}");
        assert!((LAST_WORDS..LAST_WORDS + 10).contains(&words.len()), "{}", words.len());
    }

    #[tokio::test]
    async fn a_tool_that_takes_too_long_is_ended() {
        let script = "echo waiting for the other side >&2; while :; do sleep 600; done";
        let expected = failure(
            "tool_timed_out",
            "the program `sh` was ended because it took longer than 0.5 seconds; the end of its standard error:\n\
             waiting for the other side",
        );
        assert_eq!(call_within(Duration::from_millis(500), script, json!({})).await, expected);
    }

    #[tokio::test]
    async fn a_tool_that_is_not_there_is_named() {
        let (program, arguments) = (program(&["no-such-program-anywhere"]), Map::new());
        let limit = Duration::from_secs(20);
        let missing = command(CommandCall { program: &program, arguments: &arguments, limit }).await;
        let message = "there is no program `no-such-program-anywhere` on the server's machine";
        assert_eq!(missing, failure("program_not_found", message));
    }

    #[tokio::test]
    async fn a_result_over_the_limit_is_cut_where_one_can_see_it() {
        let table = [
            // A result that just fits is left alone, whatever ends its last line.
            ("head -c 1048576 /dev/zero | tr '\\0' x; echo", RESULT_KEPT, None),
            ("head -c 1048577 /dev/zero | tr '\\0' x", RESULT_KEPT, Some(1)),
            // More than is even read.
            ("head -c 5000000 /dev/zero | tr '\\0' x", RESULT_KEPT, Some(5_000_000 - 1_048_576)),
            // No character is cut in two.
            ("printf x; yes ü | tr -d '\\n' | head -c 1048576", RESULT_KEPT - 1, Some(2)),
        ];
        for (script, kept, lost) in table {
            let result = call(script, json!({})).await.unwrap();
            let expected = lost.map(|lost| format!("\n[cut here: {lost} more bytes were not kept]"));
            assert_eq!(&result[kept..], expected.unwrap_or_default(), "{script}");
        }
    }
}
