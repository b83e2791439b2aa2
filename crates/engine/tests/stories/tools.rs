//! The tools that agents call beyond those that everyone has: programs, MCP servers, and what comes
//! with Callboard.

use callboard_engine::call::Message;
use callboard_engine::command::{Command, Refused, ToolOutcome};
use expect_test::expect;
use serde_json::json;

use crate::story::{Story, calls, completes, passes, project, says, with_tools};

const TOOLS: &str = "
lookup: { command: [./lookup.sh], description: Looks a place up., parameters: { city: { type: string } } }
count: { command: [./count.sh] }
";

const ONE: &str = "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [lookup, count, http_request] }], summary: none }
";

const SERVERS: &str = "
files: { mcp: { command: [files-server] } }
notes: { mcp: { url: 'https://notes.example/mcp' } }
";

fn with_lookup() -> Story {
    let mut story = Story::begun(&with_tools(TOOLS, ONE));
    story.skip();
    story
}

fn with_servers(stages: &str) -> Story {
    Story::begun(&with_tools(SERVERS, stages))
}

#[test]
fn a_tool_is_called_with_the_intent_on_disk_before_and_the_agent_goes_on_with_its_result() {
    let mut story = with_lookup();
    story.answers("a", calls("lookup", json!({ "city": "Oslo" }))).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_started 7.1 a lookup {"city":"Oslo"}
    "#]]);
    story.owes(expect![[r#"
        tool 7.1 lookup {"city":"Oslo"}
    "#]]);
    story.gives("lookup", "A city of owls.").shows(expect![[r#"
        1 tool_call_finished 7.1 lookup worked: A city of owls.
        1 model_call_started 9.1 a main
    "#]]);
    story.given("a").is(expect![[r#"
        lookup: A city of owls.
    "#]]);
}

#[test]
fn an_agent_is_told_of_its_tools_beside_those_that_everyone_has() {
    let story = with_lookup();
    let tools = story.request("a").tools;
    let names: Vec<_> = tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "send_message",
            "share_result",
            "read_memory",
            "pass",
            "complete",
            "lookup",
            "count",
            "http_request"
        ]
    );
    assert_eq!(tools[5].description, "Looks a place up.");
    assert_eq!(
        tools[5].parameters,
        json!({
            "type": "object",
            "properties": { "city": { "type": "string" } },
            "required": ["city"],
            "additionalProperties": false,
        })
    );
}

#[test]
fn calls_of_one_answer_are_carried_out_at_once_and_their_results_stand_in_the_order_of_the_calls() {
    let mut story = with_lookup();
    let both = calls("lookup", json!({ "city": "Oslo" })).and("count", json!({}));
    story.answers("a", both).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_started 7.1 a lookup {"city":"Oslo"}
        1 tool_call_started 8.1 a count {}
    "#]]);
    story.gives("count", "7").shows(expect![[r#"
        1 tool_call_finished 8.1 count worked: 7
    "#]]);
    story.gives("lookup", "A city.").shows(expect![[r#"
        1 tool_call_finished 7.1 lookup worked: A city.
        1 model_call_started 11.1 a main
    "#]]);
    story.given("a").is(expect![[r#"
        lookup: A city.
        count: 7
    "#]]);
}

#[test]
fn a_tool_that_there_is_not_and_arguments_that_do_not_fit_are_refused_before_anything_is_done() {
    let mut story = with_lookup();
    let wrong = calls("look_up", json!({ "city": "Oslo" }))
        .and("lookup", json!({ "town": "Oslo" }))
        .and("lookup", json!("{\"city\": "))
        .and("lookup", json!([]))
        .and("count", json!({ "of": "owls" }))
        .and("ask_user", json!({ "question": "May I?" }))
        .and("write_file", json!({ "path": "a.md", "text": "b" }));
    story.answers("a", wrong).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_refused a unknown_tool: There is no tool called "look_up". There are: send_message, share_result, read_memory, pass, complete, lookup, count, http_request.
        1 tool_call_refused a invalid_arguments: lookup was not carried out: the whole: The key "city" is missing; the whole: These keys are not known here: town. Call it again with arguments that fit.
        1 tool_call_refused a invalid_arguments: lookup was not carried out: the arguments are not valid JSON. Call it again with arguments that fit.
        1 tool_call_refused a invalid_arguments: lookup was not carried out: the whole: This should be of the type object. Call it again with arguments that fit.
        1 tool_call_refused a invalid_arguments: count was not carried out: the whole: These keys are not known here: of. Call it again with arguments that fit.
        1 tool_call_refused a unknown_tool: There is no tool called "ask_user". There are: send_message, share_result, read_memory, pass, complete, lookup, count, http_request.
        1 tool_call_refused a unknown_tool: There is no tool called "write_file". There are: send_message, share_result, read_memory, pass, complete, lookup, count, http_request.
        1 model_call_started 14.1 a main
    "#]]);
}

#[test]
fn a_call_without_arguments_gives_an_empty_object() {
    let mut story = with_lookup();
    story.answers("a", calls("count", json!(null)).and("count", json!(" "))).owes(expect![[r#"
        tool 7.1 count {}
        tool 8.1 count {}
    "#]]);
}

#[test]
fn a_tool_that_fails_gives_its_error_to_the_agent_which_decides() {
    let mut story = with_lookup();
    story.answers("a", calls("lookup", json!({ "city": "Oslo" }))).skip();
    story.breaks("lookup", "no route to host").shows(expect![[r#"
        1 tool_call_finished 7.1 lookup tool_failed: no route to host
        1 model_call_started 9.1 a main
    "#]]);
    story.given("a").is(expect![[r#"
        lookup failed: no route to host
    "#]]);
    story.answers("a", completes("Nobody knows.")).ends(expect!["completed"]);
}

#[test]
fn what_an_answer_does_besides_takes_effect_at_once_and_completing_waits_for_its_tools() {
    let mut story = with_lookup();
    let all = calls("lookup", json!({ "city": "Oslo" }))
        .and("share_result", json!({ "key": "city", "value": "Oslo" }))
        .and("complete", json!({ "result": "Looked up." }));
    story.answers("a", all).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_started 7.1 a lookup {"city":"Oslo"}
        1 result_shared a city="Oslo"
    "#]]);
    story.gives("lookup", "A city.").shows(expect![[r#"
        1 tool_call_finished 7.1 lookup worked: A city.
        1 agent_completed a: Looked up.
        1 turn_ended 1 completed
        1 stage_completed one: Looked up.
        - run_completed Looked up.
    "#]]);
}

#[test]
fn passing_waits_for_the_tools_of_its_answer_too() {
    let mut story = with_lookup();
    story.answers("a", calls("count", json!({})).and("pass", json!({}))).skip();
    story.gives("count", "7").shows(expect![[r#"
        1 tool_call_finished 7.1 count worked: 7
        1 turn_ended 1 passed
        1 turn_started 2 a default 2
        1 model_call_started 11.1 a main
    "#]]);
}

#[test]
fn an_answer_that_completes_beside_a_tool_that_fails_does_not_complete() {
    let mut story = with_lookup();
    let all = calls("complete", json!({ "result": "Looked up." })).and("lookup", json!({ "city": "Oslo" }));
    story.answers("a", all).skip();
    story.breaks("lookup", "no route to host").shows(expect![[r#"
        1 tool_call_finished 7.1 lookup tool_failed: no route to host
        1 tool_call_refused a not_completed: complete was not carried out: a tool call of the same answer failed. Look at it first.
        1 model_call_started 10.1 a main
    "#]]);
    story.given("a").is(expect![[r#"
        complete failed: complete was not carried out: a tool call of the same answer failed. Look at it first.
        lookup failed: no route to host
    "#]]);
}

#[test]
fn tool_calls_count_towards_the_cap_on_model_calls_of_a_turn() {
    let mut story = with_lookup();
    for _ in 0..24 {
        story.answers("a", calls("count", json!({}))).gives("count", "7");
    }
    story.answers("a", calls("count", json!({}))).skip();
    story.gives("count", "7").shows(expect![[r#"
        1 tool_call_finished 103.1 count worked: 7
        1 turn_capped 1 after 25 calls
        1 turn_ended 1 capped
        1 turn_started 2 a default 2
        1 model_call_started 108.1 a main
    "#]]);
}

#[test]
fn at_most_32_tools_are_called_at_once() {
    let mut story = with_lookup();
    let many = (0..33).fold(says(""), |answer, _| answer.and("count", json!({})));
    story.answers("a", many);
    assert_eq!(story.run.pending().len(), 32);
    let refused = story.history.iter().map(|event| serde_json::to_value(event).unwrap());
    let refused: Vec<_> = refused.filter(|event| event["kind"] == "tool_call_refused").collect();
    assert_eq!(refused.len(), 1);
    assert_eq!((&refused[0]["tool_call"], &refused[0]["code"]), (&json!("t33"), &json!("too_many")));
    expect!["At most 32 tools are called at once. Call it again in your next answer."]
        .assert_eq(refused[0]["message"].as_str().unwrap());
}

#[test]
fn what_a_tool_gave_is_read_on_where_it_was_cut() {
    let mut story = with_lookup();
    let long = format!("{}{}", "a".repeat(100_000), "b".repeat(300));
    story.answers("a", calls("count", json!({}))).gives("count", &long);
    let Some(Message::ToolResults(given)) = story.request("a").messages.pop() else {
        panic!("nothing given")
    };
    expect![[r#"

        [cut here: 300 more characters are not shown; read_memory gives them, with key "tool:7" and from 100000]"#]].assert_eq(given[0].text.trim_start_matches('a'));
    let key = given[0].text.split('"').nth(1).unwrap().to_owned();
    story.answers("a", calls("read_memory", json!({ "key": key, "from": 100_000 })));
    let Some(Message::ToolResults(read)) = story.request("a").messages.pop() else { panic!("nothing read") };
    assert_eq!(read[0].text, "b".repeat(300));
    story.skip().answers("a", calls("read_memory", json!({ "key": "tool:1" }))).shows(expect![[r#"
        1 model_call_finished 12.1 a
        1 tool_call_refused a unknown_key: Shared memory has no such key. It is empty.
        1 model_call_started 15.1 a main
    "#]]);
}

#[test]
fn mcp_servers_are_asked_for_their_tools_when_a_stage_is_entered_and_the_lists_are_those_of_the_visit() {
    let mut story = with_servers(
        "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [files] }, { agent: b, tools: [files, notes.add] }], summary: none }
",
    );
    story.owes(expect![[r#"
        list 4.1 files
        list 5.1 notes
    "#]]);
    story.lists(&["read", "write"]).lists(&["add", "remove"]).shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 tool_list_started 4.1 files
        1 tool_list_started 5.1 notes
        1 tools_listed 4 files: read write
        1 tools_listed 5 notes: add remove
        1 turn_started 1 a default 1
        1 model_call_started 9.1 a main
    "#]]);
    let names = |story: &Story, agent: &str| {
        let tools = story.request(agent).tools;
        tools.iter().skip(5).map(|tool| tool.name.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&story, "a"), "files__read files__write");
    story.answers("a", passes());
    assert_eq!(names(&story, "b"), "files__read files__write notes__add");
}

#[test]
fn a_tool_of_a_server_is_found_by_its_bare_name_too_where_no_other_has_it() {
    let mut story = with_servers(
        "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [files, notes] }], summary: none }
",
    );
    story.lists(&["read", "find"]).lists(&["add", "find"]).skip();
    let all = calls("files__read", json!({ "text": "a" }))
        .and("notes.add", json!({ "text": "b" }))
        .and("add", json!({ "text": "c" }))
        .and("find", json!({ "text": "d" }))
        .and("read", json!({ "text": 5 }));
    story.answers("a", all).shows(expect![[r#"
        1 model_call_finished 9.1 a
        1 tool_call_started 11.1 a files.read {"text":"a"}
        1 tool_call_started 12.1 a notes.add {"text":"b"}
        1 tool_call_started 13.1 a notes.add {"text":"c"}
        1 tool_call_refused a unknown_tool: There is no tool called "find". There are: send_message, share_result, read_memory, pass, complete, files__read, files__find, notes__add, notes__find.
        1 tool_call_refused a invalid_arguments: files__read was not carried out: text: This should be of the type string. Call it again with arguments that fit.
    "#]]);
    story.owes(expect![[r#"
        tool 11.1 files.read {"text":"a"}
        tool 12.1 notes.add {"text":"b"}
        tool 13.1 notes.add {"text":"c"}
    "#]]);
}

#[test]
fn a_server_that_does_not_say_which_tools_it_has_ends_the_stage_in_error() {
    let mut story = with_servers(
        "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [files, notes] }], summary: none }
",
    );
    story.skip();
    let why =
        ToolOutcome { text: "It said nothing for 30 s.".into(), code: Some("tool_timed_out".to_owned()) };
    let (call, attempt) = (4, 1);
    story.command(Command::TakeTools { call, attempt, listed: Err(why) }).unwrap();
    story.owes(expect![[r#"
        abort 5.1
    "#]]);
    story.aborts().shows(expect![[r#"
        1 tool_list_failed 4 files tool_timed_out
        1 stage_failed tool_timed_out
        1 tool_list_failed 5 notes aborted
        - run_failed tool_timed_out
    "#]]);
    story.ends(expect![
        "error: [tool_timed_out] one/1 - while listing the tools of files: It said nothing for 30 s."
    ]);
}

#[test]
fn the_lists_are_asked_for_anew_at_each_visit() {
    let mut story = with_servers(
        "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [files] }], summary: none, outcomes: { again: one } }
",
    );
    story.lists(&["read"]).skip();
    story.answers("a", calls("complete", json!({ "result": "r", "outcome": "again" }))).shows(expect![[r#"
        1 model_call_finished 7.1 a
        1 agent_completed a: r outcome again
        1 turn_ended 1 completed
        1 outcome_chosen a again
        1 stage_completed one: r outcome again
        2 stage_entered one nth=2
        2 tool_list_started 14.1 files
    "#]]);
}

#[test]
fn the_run_itself_tells_the_time_and_lists_its_documents() {
    let mut story = Story::begun(&project(
        "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [current_time, list_files] }], summary: none }
",
    ));
    story.skip().answers("a", calls("current_time", json!({})).and("list_files", json!({})));
    story.shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_started 7.1 a current_time {}
        1 tool_call_finished 7.1 current_time worked: 2026-11-18T11:06:42.000Z (Wednesday)
        1 tool_call_started 9.1 a list_files {}
        1 tool_call_finished 9.1 list_files worked: There are no documents yet.
        1 model_call_started 11.1 a main
    "#]]);
}

#[test]
fn a_request_to_the_network_is_owed_as_it_was_asked_for() {
    let mut story = with_lookup();
    let wrong = json!({ "method": "GET" });
    let right = json!({ "url": "https://example.org", "headers": { "accept": "text/plain" } });
    story.answers("a", calls("http_request", wrong).and("http_request", right)).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_refused a invalid_arguments: http_request was not carried out: the whole: The key "url" is missing. Call it again with arguments that fit.
        1 tool_call_started 8.1 a http_request {"url":"https://example.org","headers":{"accept":"text/plain"}}
    "#]]);
    story.owes(expect![[r#"
        tool 8.1 http_request {"url":"https://example.org","headers":{"accept":"text/plain"}}
    "#]]);
}

#[test]
fn a_model_that_cannot_call_tools_is_told_of_none_and_answers_in_words() {
    let file = with_tools(TOOLS, ONE).replace("a: { role: First }", "a: { role: First, model: plain }");
    let mut story = Story::begun(&file);
    let request = story.request("a");
    assert!(request.tools.is_empty());
    assert!(request.system.contains("Answer in plain text."));
    story.skip().answers("a", says("lookup(Oslo)")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: lookup(Oslo)
        1 turn_ended 1 completed
        1 stage_completed one: lookup(Oslo)
        - run_completed lookup(Oslo)
    "#]]);
}

#[test]
fn a_fallback_that_cannot_call_tools_reads_what_they_gave_in_words() {
    let file = with_tools(TOOLS, ONE).replace("model: m, price", "model: m, fallback: plain, price");
    let mut story = Story::begun(&file);
    story.answers("a", calls("lookup", json!({ "city": "Oslo" }))).gives("lookup", "A city of owls.");
    story.fails("a", crate::story::bad_key());
    let told: Vec<String> = story
        .request("a")
        .messages
        .into_iter()
        .skip(1)
        .map(|message| match message {
            Message::User(text) => text,
            Message::Answer(answer) => answer.text.clone(),
            Message::ToolResults(_) => "tool results".to_owned(),
        })
        .collect();
    expect![[r#"
        (I called lookup with {"city":"Oslo"})
        --
        <data kind="tool_result" tool="lookup">
        A city of owls.
        </data>

        Go on."#]]
    .assert_eq(&told.join("\n--\n"));
}

#[test]
fn a_turn_that_asks_for_one_thing_allows_no_other_tools() {
    let mut story = Story::begun(&with_tools(
        TOOLS,
        "
- id: one
  name: One
  task: Look.
  agents: [{ agent: a, tools: [lookup, read_file, write_file], asks_user: true }]
  summary: none
  max_cycles: 1
  on_max_cycles: finish
",
    ));
    story.answers("a", calls("write_file", json!({ "path": "a.md", "text": "x" }))).answers("a", passes());
    let others = calls("lookup", json!({ "city": "Oslo" }))
        .and("read_file", json!({ "path": "a.md" }))
        .and("write_file", json!({ "path": "b.md", "text": "x" }))
        .and("ask_user", json!({ "question": "May I?" }));
    story.skip().answers("a", others).shows(expect![[r#"
        1 model_call_finished 12.1 a
        1 tool_call_refused a not_now: This turn is for what was asked. Answer that, and call no other tools.
        1 tool_call_refused a not_now: This turn is for what was asked. Answer that, and call no other tools.
        1 tool_call_refused a not_now: This turn is for what was asked. Answer that, and call no other tools.
        1 tool_call_refused a not_now: This turn is for what was asked. Answer that, and call no other tools.
        1 model_call_started 18.1 a main
    "#]]);
}

#[test]
fn an_agent_that_is_reminded_of_its_keys_asks_nobody_and_its_turn_ends() {
    let mut story = Story::begun(&project(
        "
- { id: one, name: One, task: Look., agents: [{ agent: a, shares: [facts], asks_user: true }], summary: none }
",
    ));
    story.answers("a", completes("Done.")).skip();
    let both = calls("share_result", json!({ "key": "facts", "value": 1 }))
        .and("ask_user", json!({ "question": "Is that right?" }));
    story.answers("a", both).shows(expect![[r#"
        1 model_call_finished 10.1 a
        1 result_shared a facts=1
        1 tool_call_refused a not_now: This turn is for what was asked. Answer that, and call no other tools.
        1 turn_ended 2 answered
        1 stage_completed one: Done.
        - run_completed Done.
    "#]]);
}

#[test]
fn a_tool_that_is_given_twice_is_told_of_once() {
    let stages = "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [files, files.read] }], summary: none }
";
    let mut story = with_servers(stages);
    story.lists(&["read", "re.ad", "re ad"]);
    let tools = story.request("a").tools;
    let names: Vec<_> = tools.iter().skip(5).map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["files__read", "files__re_ad"], "providers refuse two tools of one name");
}

#[test]
fn an_agent_is_told_of_at_most_128_tools_and_what_its_seat_gives_it_is_among_them() {
    let mut story = with_servers(
        "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [files], asks_user: true }], summary: none }
",
    );
    let many: Vec<String> = (0..200).map(|n| format!("t{n}")).collect();
    story.lists(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let tools = story.request("a").tools;
    assert_eq!(tools.len(), 5 + 128);
    assert!(tools.iter().any(|tool| tool.name == "ask_user"));
}

#[test]
fn news_of_a_tool_call_that_is_not_under_way_is_refused() {
    let mut story = with_lookup();
    story.answers("a", calls("count", json!({})));
    let (call, attempt) = story.tool_under_way("count");
    let outcome = ToolOutcome { text: "7".into(), code: None };
    let stale = Command::TakeTool { call, attempt: attempt + 1, outcome: outcome.clone() };
    assert_eq!(story.command(stale), Err(Refused::NotUnderWay));
    let no_list = Command::TakeTools { call, attempt, listed: Ok([].into()) };
    assert_eq!(story.command(no_list), Err(Refused::NotUnderWay), "it is no list of tools");
    let unasked = Command::TakeAbort { call, attempt, partial: None, sent: true };
    assert_eq!(story.command(unasked), Err(Refused::NotUnderWay), "a run that goes on cuts nothing off");
    story.gives("count", "7");
    assert_eq!(story.command(Command::TakeTool { call, attempt, outcome }), Err(Refused::NotUnderWay));
}

#[test]
fn an_answer_that_passes_and_completes_beside_a_tool_completes() {
    let mut story = with_lookup();
    let all =
        calls("pass", json!({})).and("count", json!({})).and("complete", json!({ "result": "Counted." }));
    story.answers("a", all).skip();
    story.gives("count", "7").shows(expect![[r#"
        1 tool_call_finished 7.1 count worked: 7
        1 agent_completed a: Counted.
        1 turn_ended 1 completed
        1 stage_completed one: Counted.
        - run_completed Counted.
    "#]]);
}

#[test]
fn what_was_refused_beside_a_tool_is_refused_once_and_completing_waits_until_it_was_seen() {
    let mut story = with_lookup();
    let all =
        calls("count", json!({})).and("complete", json!({})).and("complete", json!({ "result": "Counted." }));
    story.answers("a", all).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_started 7.1 a count {}
        1 tool_call_refused a invalid_arguments: complete was not carried out: `result` is missing. Call it again with it.
    "#]]);
    story.gives("count", "7").shows(expect![[r#"
        1 tool_call_finished 7.1 count worked: 7
        1 tool_call_refused a not_completed: complete was not carried out: a tool call of the same answer failed. Look at it first.
        1 model_call_started 11.1 a main
    "#]]);
}
