//! Servers that die, babble, fall silent, or ask for what they do not get.

use std::time::Duration;

use callboard_server::mcp::{Place, SAID_BYTES_MAX};
use serde_json::json;

use crate::{LONG, arguments, fake, mcp, program, told};

#[tokio::test]
async fn all_pages_of_tools_are_read() {
    let tools = fake::session("pages").await.unwrap().tools().await.unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["tool 0", "tool 1", "tool 2", "tool 3", "tool 4"]);
    assert_eq!((tools[0].read_only, tools[0].idempotent, &tools[0].description), (None, None, &None));
    assert_eq!(tools[0].input_schema, json!({ "type": "object" }));
}

#[tokio::test]
async fn lists_without_end_or_shape_are_refused() {
    for (wrong, said) in [
        ("endless", "The MCP server's list of tools does not end."),
        ("many", "The MCP server lists more than 256 tools."),
        ("large", "The MCP server describes its tools in more than 1048576 bytes."),
        ("shapeless", "What the MCP server answered is not a list of tools."),
    ] {
        let error = fake::session(wrong).await.unwrap().tools().await.unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), ("mcp_protocol", said));
    }
}

#[tokio::test]
async fn a_server_that_dies_in_the_middle_of_calls_ends_them_and_is_quoted() {
    let session = fake::session("").await.unwrap();
    let nothing = arguments(json!({}));
    let calls = [session.call("never", &nothing, LONG), session.call("dies", &nothing, LONG)];
    for ended in futures_util::future::join_all(calls).await {
        let error = ended.unwrap_err();
        assert_eq!(error.code(), "mcp_closed");
        let begins = "The MCP server went away before it answered.";
        assert!(error.to_string().starts_with(begins), "{error}");
        assert!(error.to_string().ends_with(" Its standard error ends with: out of luck."), "{error}");
    }
    assert!(session.is_closed());
    assert_eq!(session.call("echo", &nothing, LONG).await.unwrap_err().code(), "mcp_closed");
    assert_eq!(session.tools().await.unwrap_err().code(), "mcp_closed");
}

#[tokio::test]
async fn how_a_server_ended_is_said() {
    let session = fake::session("").await.unwrap();
    let error = session.call("dies", &arguments(json!({})), LONG).await.unwrap_err();
    assert!(error.to_string().contains(" It ended with status 3."), "{error}");
}

#[tokio::test]
async fn what_a_server_says_that_is_no_answer_hurts_nothing() {
    let session = fake::session("").await.unwrap();
    assert_eq!(told(&session, "babbles", json!({})).await, "done");
    assert_eq!(told(&session, "echo", json!({ "message": "a" })).await, "a");
}

#[tokio::test]
async fn a_call_that_is_answered_by_garbage_runs_out_of_time_and_says_what_came() {
    let session = fake::session("").await.unwrap();
    let limit = Duration::from_millis(300);
    let error = session.call("garbles", &arguments(json!({})), limit).await.unwrap_err();
    assert_eq!(error.code(), "mcp_timed_out");
    let said = "The MCP server did not answer the call of `garbles` within 0.3 s. \
                It wrote a line to standard output that is no message: NOT JSON.";
    assert_eq!(error.to_string(), said);
    assert_eq!(told(&session, "echo", json!({ "message": "a" })).await, "a");
}

#[tokio::test]
async fn an_answer_that_is_no_result_is_not_taken_for_one() {
    let session = fake::session("").await.unwrap();
    let error = session.call("odd", &arguments(json!({})), LONG).await.unwrap_err();
    assert_eq!(error.code(), "mcp_protocol", "{error}");
}

#[tokio::test]
async fn a_text_is_cut_where_it_is_too_long_and_a_message_is_not_taken() {
    let session = fake::session("").await.unwrap();
    let huge = told(&session, "huge", json!({})).await;
    assert!(huge.len() <= SAID_BYTES_MAX && huge.ends_with(" more bytes]"), "{}", huge.len());
    let error = session.call("too huge", &arguments(json!({})), Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(error.code(), "mcp_timed_out");
    assert!(error.to_string().ends_with(" It wrote a message of more than 16777216 bytes."), "{error}");
    assert_eq!(told(&session, "echo", json!({ "message": "a" })).await, "a");
}

#[tokio::test]
async fn a_server_that_asks_gets_a_ping_answered_and_nothing_else() {
    let session = fake::session("").await.unwrap();
    let said = told(&session, "asks", json!({})).await;
    assert_eq!(said, "e=-32601 o=-32601 p=ok r=-32601 s=-32601");
}

#[tokio::test]
async fn a_server_hears_that_a_call_is_not_waited_for_any_more() {
    let session = fake::session("").await.unwrap();
    let nothing = arguments(json!({}));
    let late = session.call("never", &nothing, Duration::from_millis(100)).await;
    assert_eq!(late.unwrap_err().code(), "mcp_timed_out");
    let once = "initialize notifications/initialized tools/call notifications/cancelled";
    assert_eq!(told(&session, "heard", json!({})).await, format!("{once} tools/call"));
    // Dropped, and not run out of time.
    let call = session.call("never", &nothing, LONG);
    let heard =
        async { while !told(&session, "heard", json!({})).await.contains("tools/call tools/call") {} };
    tokio::select! { _ = call => panic!("it was answered"), () = heard => {} }
    while told(&session, "heard", json!({})).await.matches("cancelled").count() < 2 {}
}

#[tokio::test]
async fn a_server_that_knows_only_the_new_way_to_begin_is_spoken_to() {
    let session = fake::session("modern").await.unwrap();
    assert_eq!(session.tools().await.unwrap().len(), 2);
    assert_eq!(told(&session, "heard", json!({})).await, "server/discover tools/list tools/call");
}

#[tokio::test]
async fn what_is_no_server_is_told_by_why_it_is_none() {
    let nowhere = program(&["/no/such/server"]);
    for (place, code, said) in [
        (nowhere, "mcp_unreachable", "The MCP server could not be started: there is no program"),
        (
            program(&["true"]),
            "mcp_unreachable",
            "The MCP server ended before it began a session. It ended with status 0.",
        ),
        (
            fake::place("ends"),
            "mcp_unreachable",
            "The MCP server ended before it began a session. It ended with status 1. \
             Its standard error ends with: no key for the service.",
        ),
        (fake::place("refuses"), "mcp_protocol", "The MCP server did not begin a session: not like this."),
    ] {
        let error = mcp().connect(&place).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().starts_with(said), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_begins_is_waited_for_no_longer_than_it_may_take() {
    let Err(error) = mcp().connect(&fake::place("silent")).await else { panic!("it began") };
    assert_eq!(error.code(), "mcp_timed_out");
    assert!(error.to_string().starts_with("The MCP server did not begin a session within 30 s."), "{error}");
}

#[tokio::test]
async fn a_process_is_killed_when_its_session_goes() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("open");
    // What it starts holds the file too, so both have to be gone.
    let script = format!(
        "exec 9>'{0}'; sleep 1000 & exec python3 {1}/tests/mcp/fake.py",
        pipe.display(),
        env!("CARGO_MANIFEST_DIR")
    );
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let reader = tokio::task::spawn_blocking({
        let pipe = pipe.clone();
        move || std::fs::read(pipe).unwrap()
    });
    let place = program(&["sh", "-c", &script]);
    assert!(matches!(place, Place::Command(_)));
    let session = mcp().connect(&place).await.unwrap();
    assert!(!reader.is_finished());
    drop(session);
    // It ends when nobody holds the other end any more.
    assert_eq!(tokio::time::timeout(LONG, reader).await.unwrap().unwrap(), b"");
}
