//! Sessions that are shared by those who give the same key, and ended together.

use callboard_server::mcp::Sessions;
use serde_json::json;
use std::sync::Arc;

use crate::{LONG, arguments, fake, mcp, told};

#[tokio::test]
async fn calls_of_one_key_share_a_session_and_those_of_another_do_not() {
    let sessions = Sessions::new(mcp());
    let place = fake::place("");
    let asked = (0..8).map(|_| sessions.get_or_connect("7/files", &place));
    let shared = futures_util::future::join_all(asked).await;
    let first = shared[0].as_ref().unwrap();
    assert!(shared.iter().all(|session| Arc::ptr_eq(session.as_ref().unwrap(), first)));
    let other = sessions.get_or_connect("8/files", &place).await.unwrap();
    assert!(!Arc::ptr_eq(&other, first));
    told(first, "echo", json!({ "message": "x" })).await;
    // The other server has heard nothing of it.
    assert_eq!(told(&other, "heard", json!({})).await, "initialize notifications/initialized tools/call");
}

#[tokio::test]
async fn ending_a_run_ends_its_sessions_with_their_calls_and_no_others() {
    let sessions = Sessions::new(mcp());
    let place = fake::place("");
    let ours = sessions.get_or_connect("7/a", &place).await.unwrap();
    let other = sessions.get_or_connect("77/a", &place).await.unwrap();
    let nothing = arguments(json!({}));
    let end = async {
        while !told(&ours, "heard", json!({})).await.contains("tools/call tools/call") {}
        sessions.end("7/");
    };
    let (ended, ()) = tokio::join!(ours.call("never", &nothing, LONG), end);
    assert_eq!(ended.unwrap_err().code(), "mcp_closed");
    assert!(ours.is_closed());
    assert_eq!(told(&other, "echo", json!({ "message": "x" })).await, "x");
    let anew = sessions.get_or_connect("7/a", &place).await.unwrap();
    assert_eq!(told(&anew, "echo", json!({ "message": "x" })).await, "x");
}

#[tokio::test]
async fn a_server_that_is_gone_is_begun_anew_and_one_that_fails_is_tried_again() {
    let sessions = Sessions::new(mcp());
    let place = fake::place("");
    let first = sessions.get_or_connect("7/a", &place).await.unwrap();
    first.call("dies", &arguments(json!({})), LONG).await.unwrap_err();
    let second = sessions.get_or_connect("7/a", &place).await.unwrap();
    assert_eq!(told(&second, "echo", json!({ "message": "x" })).await, "x");
    let error = sessions.get_or_connect("7/b", &fake::place("ends")).await.unwrap_err();
    assert_eq!(error.code(), "mcp_unreachable");
    sessions.get_or_connect("7/b", &place).await.unwrap();
}
