//! What the simulated model does, story by story.

use std::sync::Arc;

use callboard_engine::call::{Scene, SceneOutcome, ToolSpec};
use callboard_engine::definition::{ProviderKind, ScriptFail, ScriptReply, ScriptWhen};
use serde_json::{Map, Value, json};

use super::*;

fn model() -> Model {
    Model {
        provider: ProviderKind::Simulated,
        model: "simulated".into(),
        base_url: None,
        api_key: None,
        parameters: Map::new(),
        price: None,
        timeout_s: 5,
        retry_for_s: 0,
        tools: true,
        context_tokens: Model::CONTEXT_TOKENS,
        max_at_once: 50,
        per_minute: None,
        fallback: None,
        script: Vec::new(),
    }
}

fn tool(name: &str, properties: &Value) -> ToolSpec {
    let parameters = json!({ "type": "object", "properties": properties });
    ToolSpec { name: name.into(), description: String::new(), parameters }
}

/// A question at a stage that can share and complete.
fn asked(stage: &str, nth: u32) -> Request {
    let text = json!({ "type": "string" });
    Request {
        system: "You are a member of the desk.".into(),
        messages: vec![Message::User("Do your part.".into())],
        tools: vec![
            tool("share_result", &json!({ "key": text, "value": {} })),
            tool("complete", &json!({ "result": text, "summary": text })),
        ],
        must_call: None,
        max_tokens: None,
        scene: Scene {
            workflow: "digest".into(),
            stage: stage.to_lowercase(),
            stage_name: stage.into(),
            nth,
            agent: "someone".into(),
            input: "The return of night trains".into(),
            ..Scene::default()
        },
    }
}

fn with_outcomes(mut request: Request, outcomes: &[(&str, bool, u32)]) -> Request {
    let names: Vec<_> = outcomes.iter().map(|(name, _, _)| *name).collect();
    request.tools[1] =
        tool("complete", &json!({ "result": {}, "summary": {}, "outcome": { "enum": names } }));
    let outcome = |&(name, back, taken): &(&str, bool, u32)| SceneOutcome { name: name.into(), back, taken };
    request.scene.outcomes = outcomes.iter().map(outcome).collect();
    request
}

async fn ask(request: &Request, model: &Model) -> Result<Answered, Failure> {
    let mut spoken = String::new();
    let mut hear = |piece: &str| spoken.push_str(piece);
    let answered = prepare(Call { request, model, key: None }, Some(0.0))?.speak(&mut hear).await?;
    assert_eq!(spoken, answered.answer.text);
    Ok(answered)
}

async fn completed(request: &Request) -> Value {
    let answer = ask(request, &model()).await.unwrap().answer;
    assert_eq!(answer.tool_calls.len(), 1, "{answer:?}");
    assert_eq!(answer.tool_calls[0].tool, "complete");
    answer.tool_calls[0].arguments.clone()
}

#[tokio::test]
async fn each_stage_ends_with_a_result_of_its_own_that_names_the_input() {
    let mut results = Vec::new();
    for stage in ["Research", "Draft", "Review", "Publish", "Plan", "Build", "Greeting"] {
        for nth in 1..=2 {
            let mut request = asked(stage, nth);
            if stage == "Review" {
                request = with_outcomes(request, &[("revise", true, nth - 1), ("approved", false, 0)]);
            }
            let arguments = completed(&request).await;
            let result = arguments["result"].as_str().unwrap().to_owned();
            assert!(result.to_lowercase().contains("night trains"), "{result}");
            assert!((60..=150).contains(&words_in(&result)), "{stage} {nth}: {} words", words_in(&result));
            results.push((stage, nth, result));
        }
    }
    let different = |stage: &str| {
        results.iter().filter(|found| found.0 == stage).map(|found| &found.2).collect::<Vec<_>>()
    };
    assert_ne!(different("Draft")[0], different("Draft")[1]);
    assert!(different("Review")[0].contains("one more round"));
    assert!(different("Review")[1].contains("approved"));
    results.dedup_by(|one, other| one.0 == other.0);
    results.sort_by(|one, other| one.2.cmp(&other.2));
    results.dedup_by(|one, other| one.2 == other.2);
    assert_eq!(results.len(), 7);
}

#[tokio::test]
async fn the_same_question_gets_the_same_answer() {
    let request = asked("Research", 1);
    let (one, other) = (ask(&request, &model()).await, ask(&request.clone(), &model()).await);
    assert_eq!(one, other);
    assert!(one.unwrap().tokens.unwrap().output > 60);
}

#[tokio::test]
async fn keys_are_shared_before_the_work_is_completed() {
    let mut request = asked("Research", 1);
    request.scene.to_share = vec!["facts".into(), "open_questions".into()];
    let answer = ask(&request, &model()).await.unwrap().answer;
    let calls: Vec<_> =
        answer.tool_calls.iter().map(|call| (&*call.id, &*call.tool, &call.arguments["key"])).collect();
    let (facts, open) = (json!("facts"), json!("open_questions"));
    assert_eq!(calls, [("simulated-1", "share_result", &facts), ("simulated-2", "share_result", &open)]);
    request.scene.to_share.clear();
    completed(&request).await;
}

#[tokio::test]
async fn outcomes_that_lead_back_are_taken_first_and_once_each() {
    for (revise, restart, expected) in
        [(0, 0, "revise"), (1, 0, "restart"), (1, 1, "approved"), (2, 5, "approved")]
    {
        let outcomes = [
            ("approved", false, 0),
            ("revise", true, revise),
            ("other", false, 0),
            ("restart", true, restart),
        ];
        let arguments = completed(&with_outcomes(asked("Review", 1), &outcomes)).await;
        assert_eq!(arguments["outcome"], expected);
    }
    let only_back = completed(&with_outcomes(asked("Review", 1), &[("again", true, 3)])).await;
    assert_eq!(only_back["outcome"], "again");
}

#[tokio::test]
async fn an_outcome_that_is_asked_for_is_all_that_is_answered() {
    let mut request = with_outcomes(asked("Review", 1), &[("approved", false, 0)]);
    request.must_call = Some("complete".into());
    request.scene.to_share = vec!["facts".into()];
    let answer = ask(&request, &model()).await.unwrap().answer;
    assert_eq!(answer.text, "");
    assert_eq!(answer.tool_calls[0].arguments, json!({ "outcome": "approved" }));
}

#[tokio::test]
async fn without_tools_the_answer_is_plain() {
    let mut request = asked("Draft", 1);
    request.tools.clear();
    let plain = ask(&request, &model()).await.unwrap().answer;
    assert!(plain.text.starts_with("# The return of night trains") && plain.tool_calls.is_empty());
    let unable = Model { tools: false, ..model() };
    assert_eq!(ask(&asked("Draft", 1), &unable).await.unwrap().answer, plain);
    request.scene.asks_summary = true;
    assert!(ask(&request, &model()).await.unwrap().answer.text.starts_with("A first draft on"));
}

#[tokio::test]
async fn a_result_that_must_fit_a_schema_fits_it() {
    let mut request = asked("Research", 1);
    let result = json!({ "type": "object", "required": ["score"], "properties": {
        "score": { "type": "integer", "minimum": 3 }, "tags": { "type": "array", "items": { "enum": ["a"] }, "minItems": 2 },
        "note": { "type": "string", "maxLength": 10 }, "sure": { "type": "boolean" },
    } });
    request.tools[1] = tool("complete", &json!({ "result": result }));
    let arguments = completed(&request).await;
    assert_eq!(arguments["result"]["score"], 3);
    assert_eq!(arguments["result"]["tags"], json!(["a", "a"]));
    assert_eq!(arguments["result"]["note"].as_str().unwrap().len(), 10);
}

#[tokio::test]
async fn a_script_is_followed_call_by_call_and_its_last_entry_repeats() {
    let entry = |nth, text: &str| Script {
        when: ScriptWhen { agent: Some("someone".into()), stage: Some("draft".into()), nth },
        reply: Some(ScriptReply { text: text.into(), ..ScriptReply::default() }),
        fail: None,
    };
    let fail = ScriptFail { status: 429, retry_after_s: Some(3) };
    let fails = Script { reply: None, fail: Some(fail), ..entry(None, "") };
    let model = Model { script: vec![entry(Some(2), "second visit"), fails, entry(None, "fine")], ..model() };
    let mut request = asked("Draft", 1);
    let failure = ask(&request, &model).await.unwrap_err();
    assert_eq!((failure.code.as_str(), failure.retry_after_ms), (failure::RATE_LIMITED, Some(3000)));
    assert!(failure.transient);
    for calls_before in 1..4 {
        request.scene.calls_before = calls_before;
        assert_eq!(ask(&request, &model).await.unwrap().answer.text, "fine");
    }
    let second = asked("Draft", 2);
    assert_eq!(ask(&second, &model).await.unwrap().answer.text, "second visit");
    completed(&asked("Research", 1)).await;
}

#[tokio::test]
async fn a_scripted_answer_says_what_it_used_and_calls_what_it_says() {
    let reply: ScriptReply = serde_json::from_value(json!({
        "text": "look", "tool_calls": [{ "tool": "lookup", "arguments": "not an object" }], "usage": { "input_tokens": 7 },
    }))
    .unwrap();
    let script = vec![Script { when: ScriptWhen::default(), reply: Some(reply), fail: None }];
    let answered = ask(&asked("Draft", 1), &Model { script, ..model() }).await.unwrap();
    assert_eq!(answered.answer.tool_calls[0].arguments, "not an object");
    assert_eq!(answered.tokens, Some(Tokens { input: 7, output: 6 }));
}

#[tokio::test(start_paused = true)]
async fn words_come_at_the_pace_that_is_set() {
    let reply = ScriptReply { text: "one two three four".into(), delay_ms: 500, ..ScriptReply::default() };
    let script = vec![Script { when: ScriptWhen::default(), reply: Some(reply), fail: None }];
    let mut model = Model { script, ..model() };
    model.parameters.insert("words_per_second".into(), json!(2));
    let request = asked("Draft", 1);
    let begun = Instant::now();
    let mut heard = Vec::new();
    let mut hear = |piece: &str| heard.push((begun.elapsed().as_millis(), piece.to_owned()));
    let prepared = prepare(Call { request: &request, model: &model, key: None }, None).unwrap();
    prepared.speak(&mut hear).await.unwrap();
    let expected = [(1000, "one "), (1500, "two "), (2000, "three "), (2500, "four")];
    assert_eq!(heard, expected.map(|(at, piece)| (at, piece.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_script_that_says_nothing_for_too_long_times_out() {
    let reply = ScriptReply { delay_ms: 60_000, ..ScriptReply::default() };
    let script = vec![Script { when: ScriptWhen::default(), reply: Some(reply), fail: None }];
    let begun = Instant::now();
    let failure = ask(&asked("Draft", 1), &Model { script, ..model() }).await.unwrap_err();
    assert_eq!((failure.code.as_str(), begun.elapsed().as_secs()), (failure::TIMED_OUT, 5));
}

#[tokio::test]
async fn the_tokens_counted_grow_with_the_conversation() {
    let mut request = asked("Draft", 1);
    let before = ask(&request, &model()).await.unwrap().tokens.unwrap();
    request
        .messages
        .push(Message::Answer(Arc::new(Answer { text: "one two three".into(), ..Answer::default() })));
    let after = ask(&request, &model()).await.unwrap().tokens.unwrap();
    assert_eq!(after, Tokens { input: before.input + 4, ..before });
}
