//! Runs that go on from a stage of another, compared, and as families: what is printed, at 80 columns and
//! without colour.

use callboard_fake_model::Behaviour;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::program::Said;
use crate::server::{Office, completes};

/// A draft that is reviewed until it is approved, and a tool that acts on the world outside.
const STAGES: &str = "
      - { id: draft, name: Draft, task: 'Write about {{ input }}.', agents: [a] }
      - id: review
        name: Review
        task: 'Judge: {{ results.draft }}'
        agents: [b]
        outcomes: { revise: draft, approved: publish }
      - { id: publish, name: Publish, task: 'Publish it.', agents: [{ agent: c, tools: [http_request] }] }
";

fn draft(text: &str) -> Behaviour {
    completes(text).agent("You are a.").usage(10_000, 1_000)
}

fn judged(outcome: &str) -> Behaviour {
    let given = json!({ "result": format!("It is {outcome}."), "summary": "S.", "outcome": outcome });
    Behaviour::call("complete", given).agent("You are b.").usage(5_000, 500)
}

/// An office with one run that ended: drafted and judged twice, and published.
pub(crate) fn office() -> Office {
    let office = Office::with(STAGES);
    let model = &office.desk.model;
    // What is looked for first stands first; a re-run is answered by what has no end.
    model.push(Behaviour::status(401, "{}").when("the impossible"));
    model.push(draft("Owls, in verse.\nNobody is bored.").when("a poem"));
    model.push(draft("Owls hunt.\nIt is dull.").times(1));
    model.push(draft("Owls hunt.\nIt is lively."));
    model.push(judged("revise").times(1));
    model.push(judged("approved"));
    model.push(completes("Published.").agent("You are c.").usage(2_000, 200));
    let first = office.run(&["trigger", "work", "--input", "owls", "--wait"]);
    assert_eq!(first.code, 0, "{first:?}");
    office
}

/// Checks what is printed, but for how long things took and what the plan is called.
fn shows(said: &Said, expected: &Expect) {
    assert_eq!(said.code, 0, "{said:?}");
    assert!(!said.out.contains(|c: char| c.is_control() && c != '\n'), "{said:?}");
    assert!(said.out.lines().all(|line| line.chars().count() <= 80), "{said:?}");
    let lines = said.out.lines().map(|line| match line.split_once("plan sha256:") {
        Some((before, hash)) if hash.len() == 64 => format!("{before}plan sha256:…\n"),
        Some(_) | None => format!("{}\n", steady(line)),
    });
    expected.assert_eq(&lines.collect::<String>());
}

/// A line in which everything took no time.
fn steady(line: &str) -> String {
    let mut parts = line.split(" s").peekable();
    let mut steady = String::new();
    while let Some(part) = parts.next() {
        let is_time = parts.peek().is_some() && part.ends_with(|c: char| c.is_ascii_digit());
        let kept = part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        steady.push_str(if is_time { kept } else { part });
        steady.push_str(if is_time {
            "0.0 s"
        } else if parts.peek().is_some() {
            " s"
        } else {
            ""
        });
    }
    steady
}

/// Goes on from run 1 and waits for the end; gives the run object.
fn rerun(office: &Office, words: &[&str]) -> Value {
    let said = office.run(&[&["runs", "rerun"], words, &["--wait", "--json"]].concat());
    assert_eq!(said.code, 0, "{said:?}");
    said.object()
}

/// The way of a run, with what it inherited in brackets.
fn path(run: &Value) -> Vec<String> {
    let visits = run["visits"].as_array().unwrap();
    let visit = |visit: &Value| {
        let name = format!("{}:{}", visit["stage"].as_str().unwrap(), visit["nth"]);
        if visit["status"] == "inherited" { format!("({name})") } else { name }
    };
    visits.iter().map(visit).collect()
}

#[test]
fn a_run_goes_on_from_a_stage_and_its_source_stays_as_it_is() {
    let office = office();
    let before = office.run(&["runs", "follow", "1", "--json"]).out;
    let said = office.run(&["runs", "rerun", "1", "--from", "review"]);
    assert_eq!(said.code, 0, "{said:?}");
    let started = said.object();
    assert_eq!((&started["run_id"], &started["workflow_run_id"]), (&json!(2), &json!(2)));
    assert_eq!(started["url"], format!("{}/runs/2", office.server.address));
    let lines: Vec<String> = said.err.lines().map(steady).collect();
    assert_eq!(
        lines,
        [
            "re-run of run 1 from visit 4 (review:2): 3 visits are inherited",
            "  estimate: 7,700 tokens, $0.0084 and 0.0 s, as run 1 used from there on; nothing is known of draft",
            "  may act outside again: http_request",
        ]
    );
    let followed = office.run(&["runs", "follow", "2"]);
    assert_eq!((followed.code, followed.out.as_str()), (0, "Published.\n"), "{followed:?}");
    for line in [
        "run 2: re-run of run 1 from visit 4 (review:2)",
        "run 2: stage 2 Review, inherited from run 1, outcome: revise",
        "run 2: stage 3 Draft, visit 2 to it, inherited from run 1",
        "run 2: stage 4 Review, visit 2 to it",
    ] {
        assert!(followed.err.lines().any(|said| said == line), "{line} in {followed:?}");
    }
    let shown = office.run(&["runs", "show", "2"]);
    for part in
        ["rerun by local", "source    re-run of run 1 from visit 4 (review:2)", "inherited from run 1"]
    {
        assert!(shown.out.contains(part), "{part} in {shown:?}");
    }
    let run = office.run(&["runs", "show", "2", "--json"]).object();
    assert_eq!(path(&run), ["(draft:1)", "(review:1)", "(draft:2)", "review:2", "publish:1"]);
    assert_eq!(run["usage"]["model_calls"], 2);
    assert_eq!(office.run(&["runs", "follow", "1", "--json"]).out, before);
}

#[test]
fn each_visit_to_a_stage_can_be_named() {
    let office = office();
    let run = rerun(&office, &["1", "--from", "draft:1"]);
    assert_eq!(path(&run), ["draft:1", "review:1", "publish:1"]);
    let run = rerun(&office, &["1", "--from", "draft:2"]);
    assert_eq!(path(&run), ["(draft:1)", "(review:1)", "draft:2", "review:2", "publish:1"]);
    let run = rerun(&office, &["1", "--from-visit", "3"]);
    assert_eq!(run["source"]["from_visit"], 3);
    // The source is left by another outcome at its first review: nothing is drafted anew.
    let run = rerun(&office, &["1", "--after", "review:1", "--outcome", "approved"]);
    assert_eq!(path(&run), ["(draft:1)", "(review:1)", "publish:1"]);
    assert_eq!(
        (&run["source"]["after_visit"], &run["visits"][1]["outcome"]),
        (&json!(2), &json!("approved"))
    );
    let shown = office.run(&["runs", "show", &run["id"].to_string()]);
    assert!(shown.out.contains("re-run of run 1 after visit 2 (review), left by approved"), "{shown:?}");
    let run = rerun(&office, &["1", "--after-visit", "4"]);
    assert_eq!(path(&run)[3..], ["(review:2)", "publish:1"]);
}

#[test]
fn what_is_different_is_said_in_options_and_files() {
    let office = office();
    let asked = |text: &str| {
        let requests = office.desk.model.requests();
        requests.iter().any(|request| String::from_utf8_lossy(&request.body).contains(text))
    };
    let run = rerun(&office, &["1", "--from", "draft", "--task", "draft=Write a poem about {{ input }}."]);
    assert_eq!(run["visits"][2]["result"], "Owls, in verse.\nNobody is bored.");
    assert!(asked("Write a poem about owls."));

    office.desk.write("tone.txt", "Speak as a judge does.");
    office.desk.write(
        "changes.yaml",
        "agents:\n  b: { role: a judge, instructions: Not these. }\nstages:\n  publish: { tools: [] }\n",
    );
    let words = ["1", "--from", "review", "--overrides", "changes.yaml", "--instructions", "b=@tone.txt"];
    let more = ["--directive", "review/b=Be strict.", "--input", "bats", "--tools", "c="];
    rerun(&office, &[&words[..], &more].concat());
    assert!(asked("Speak as a judge does.") && asked("Be strict.") && !asked("Not these."));
    let plan = office.run(&[&["runs", "rerun", "--plan", "--json"], &words[..], &more].concat()).object();
    assert_eq!(plan["tools"], json!([]));
    let changed = |part: &Value| part["part"].as_str().unwrap().to_owned();
    let parts: Vec<String> = plan["difference"]["stages"].as_array().unwrap().iter().map(changed).collect();
    assert_eq!(parts, ["stages/review", "stages/publish"]);

    // What a run may use counts from its start.
    let limited = office.run(&[
        "runs",
        "rerun",
        "1",
        "--from",
        "draft",
        "--model-calls",
        "1",
        "--on-limit",
        "stop",
        "--wait",
    ]);
    assert!(limited.code == 130 && limited.err.contains("limit model_calls reached"), "{limited:?}");
}

#[test]
fn a_plan_says_all_of_it_and_starts_nothing() {
    let office = office();
    let words = [
        "runs",
        "rerun",
        "1",
        "--plan",
        "--from",
        "review:1",
        "--task",
        "review=Judge {{ results.draft }}.\nBe kind.",
    ];
    shows(
        &office.run(&words),
        &expect![[r#"
        re-run of run 1 from visit 2 (review)
          definition  latest, 1 part differs from that of run 1
          estimate    24,200 tokens, $0.0264 and 0.0 s, as run 1 used from there on

        inherited:
        VISIT  STAGE  OUTCOME  CARRIED OUT BY  STAGE NOW
            1  draft  -        run 1, visit 1  same

        can run again, with what the source used for it from there on:
        STAGE    VISITS   TIME  TOKENS     COST
        draft         1  0.0 s  11,000  $0.0120
        review        2  0.0 s  11,000  $0.0120
        publish       1  0.0 s   2,200  $0.0024

        the definition differs:
        ~ stages/review (Review)
            task:
              - Judge: {{ results.draft }}
              + Judge {{ results.draft }}.
              + Be kind.

        may act on the world outside again:
        http_request at publish

        plan sha256:…
    "#]],
    );
    let json = office.run(&[&words[..], &["--json"]].concat()).object();
    assert_eq!((&json["from_visit"], &json["runs"]), (&json!(2), &json!(1)));
    assert!(json["plan_hash"].as_str().unwrap().starts_with("sha256:"), "{json}");

    assert_eq!(office.run(&["runs", "list", "--json"]).object()["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_plan_says_how_the_newest_definition_differs_and_the_original_one_is_as_it_was() {
    let office = office();
    let text = office.desk.project_text();
    office.desk.write(
        "project.yaml",
        &text
            .replace("Publish it.", "Publish it today.")
            .replace("id: draft", "id: write")
            .replace("results.draft", "results.write")
            .replace("revise: draft", "revise: write"),
    );
    assert_eq!(office.run(&["apply", "project.yaml"]).code, 0);
    shows(
        &office.run(&["runs", "rerun", "1", "--plan", "--from", "publish"]),
        &expect![[r#"
        re-run of run 1 from visit 5 (publish)
          definition  latest, 4 parts differ from that of run 1
          estimate    2,200 tokens, $0.0024 and 0.0 s, as run 1 used from there on

        inherited:
        VISIT  STAGE     OUTCOME   CARRIED OUT BY  STAGE NOW
            1  draft     -         run 1, visit 1  removed
            2  review    revise    run 1, visit 2  changed
            3  draft:2   -         run 1, visit 3  removed
            4  review:2  approved  run 1, visit 4  changed

        can run again, with what the source used for it from there on:
        STAGE    VISITS   TIME  TOKENS     COST
        publish       1  0.0 s   2,200  $0.0024

        the definition differs:
        + stages/write (Draft)
        ~ stages/review (Review)
            task: Judge: {{ results.draft }} -> Judge: {{ results.write }}
            outcomes:
              - {"revise":"draft","approved":"publish"}
              + {"revise":"write","approved":"publish"}
        ~ stages/publish (Publish)
            task: Publish it. -> Publish it today.
        - stages/draft (Draft)

        may act on the world outside again:
        http_request at publish

        notes:
        - Draft was added before this stage and has not run: it is skipped, and has no
          result.

        plan sha256:…
    "#]],
    );
    let words = "runs rerun 1 --plan --after review:1 --outcome approved --definition original";
    let words: Vec<&str> = words.split(' ').collect();
    shows(
        &office.run(&words),
        &expect![[r#"
            re-run of run 1 after visit 2 (review), left by approved
              definition  original, the same as that of run 1
              estimate    2,200 tokens, $0.0024 and 0.0 s, as run 1 used from there on

            inherited:
            VISIT  STAGE   OUTCOME   CARRIED OUT BY  STAGE NOW
                1  draft   -         run 1, visit 1  same
                2  review  approved  run 1, visit 2  same

            can run again, with what the source used for it from there on:
            STAGE    VISITS   TIME  TOKENS     COST
            publish       1  0.0 s   2,200  $0.0024

            may act on the world outside again:
            http_request at publish

            plan sha256:…
        "#]],
    );
}

#[test]
fn variants_are_started_together_and_shown_beside_each_other() {
    let office = office();
    office.desk.write("variants.json", r#"[{}, { "stages": { "draft": { "task": "Write a poem." } } }]"#);
    let words = ["runs", "rerun", "1", "--from", "draft", "--variants", "variants.json", "--samples", "2"];
    shows(
        &office.run(&[&words[..], &["--plan"]].concat()),
        &expect![[r#"
        re-run of run 1 from visit 3 (draft:2)
          definition  latest, see the variants
          runs        4
          estimate    18,700 tokens, $0.0204 and 0.0 s each, as run 1 used from there on

        inherited:
        VISIT  STAGE   OUTCOME  CARRIED OUT BY  STAGE NOW
            1  draft   -        run 1, visit 1  same
            2  review  revise   run 1, visit 2  same

        can run again, with what the source used for it from there on:
        STAGE    VISITS   TIME  TOKENS     COST
        draft         1  0.0 s  11,000  $0.0120
        review        1  0.0 s   5,500  $0.0060
        publish       1  0.0 s   2,200  $0.0024

        variant 1:
        nothing differs

        variant 2:
        ~ stages/draft (Draft)
            task: Write about {{ input }}. -> Write a poem.

        may act on the world outside again:
        http_request at publish

        plan sha256:…
    "#]],
    );
    let said = office.run(&words);
    let ids: Vec<String> = said.runs().iter().map(|run| run["run_id"].to_string()).collect();
    assert_eq!(ids, ["2", "3", "4", "5"], "{said:?}");
    ids.iter().for_each(|id| assert_eq!(office.run(&["runs", "follow", id]).code, 0));
    shows(
        &office.run(&["runs", "variants", "4"]),
        &expect![[r#"
        re-runs of run 1, started together:
        VARIANT  RUN     STATUS     OUTCOMES          TIME  TOKENS     COST
              1  2       completed  review approved  0.0 s  18,700  $0.0204
              1  3       completed  review approved  0.0 s  18,700  $0.0204
              1  median  2 of 2                      0.0 s  18,700  $0.0204
              2  4       completed  review approved  0.0 s  18,700  $0.0204
              2  5       completed  review approved  0.0 s  18,700  $0.0204
              2  median  2 of 2                      0.0 s  18,700  $0.0204

        variant 1: nothing is different
        variant 2: draft: task "Write a poem."

        run 2: Published.
        run 3: Published.
        run 4: Published.
        run 5: Published.
    "#]],
    );
    let json = office.run(&["runs", "variants", "2", "--json"]).object();
    assert_eq!((&json["group"], &json["items"][1]["completed"]), (&json!(2), &json!(2)));

    let waited =
        office.run(&["runs", "rerun", "1", "--from", "publish", "--samples", "2", "--wait", "--json"]);
    assert_eq!(waited.object()["items"][0]["runs"][1]["status"], "completed", "{waited:?}");
    for line in ["run 6: completed after", "run 7: completed after"] {
        assert!(waited.err.contains(line), "{line} in {waited:?}");
    }
    // One of several that fails is what the command ends with.
    office
        .desk
        .write("variants.json", r#"[{ "stages": { "publish": { "task": "Do the impossible." } } }, {}]"#);
    let words = ["runs", "rerun", "1", "--from", "publish", "--variants", "variants.json", "--follow"];
    let waited = office.run(&words);
    assert!(
        waited.code == 1 && waited.out.contains("  0 of 1 ") && waited.out.contains("  1 of 1 "),
        "{waited:?}"
    );
}

#[test]
fn two_runs_are_shown_side_by_side() {
    let office = office();
    let task = ["--task", "draft=Write a poem about {{ input }}."];
    rerun(&office, &[&["1", "--from", "draft:1", "--input", "bats"], &task[..]].concat());
    shows(
        &office.run(&["runs", "compare", "1", "2"]),
        &expect![[r#"
        SIGN  RUN  WORKFLOW  STATUS      TIME  TOKENS     COST
        -       1  work      completed  0.0 s  35,200  $0.0384
        +       2  work      completed  0.0 s  18,700  $0.0204

        path of run 1: draft > review > draft > review > publish
        path of run 2: draft > review > publish
        input: another

        STAGE     RUN  STATUS     OUTCOME    TIME  TOKENS     COST  RESULT
        draft       1  completed  -         0.0 s  11,000  $0.0120
                    2  completed  -         0.0 s  11,000  $0.0120  differs
        review      1  completed  revise    0.0 s   5,500  $0.0060
                    2  completed  approved  0.0 s   5,500  $0.0060  differs
        draft:2     1  completed  -         0.0 s  11,000  $0.0120
        review:2    1  completed  approved  0.0 s   5,500  $0.0060
        publish     1  completed  -         0.0 s   2,200  $0.0024
                    2  completed  -         0.0 s   2,200  $0.0024  same

        definition:
        ~ stages/draft (Draft)
            task: Write about {{ input }}. -> Write a poem about {{ input }}.

        result of draft:
        - Owls hunt.
        - It is dull.
        + Owls, in verse.
        + Nobody is bored.

        result of review:
        - It is revise.
        + It is approved.
    "#]],
    );
    shows(
        &office.run(&["runs", "compare", "1", "1"]),
        &expect![[r#"
        SIGN  RUN  WORKFLOW  STATUS      TIME  TOKENS     COST
        -       1  work      completed  0.0 s  35,200  $0.0384
        +       1  work      completed  0.0 s  35,200  $0.0384

        path: the same, draft > review > draft > review > publish
        input: the same

        STAGE     RUN  STATUS     OUTCOME    TIME  TOKENS     COST  RESULT
        draft       1  completed  -         0.0 s  11,000  $0.0120
                    1  completed  -         0.0 s  11,000  $0.0120  same
        review      1  completed  revise    0.0 s   5,500  $0.0060
                    1  completed  revise    0.0 s   5,500  $0.0060  same
        draft:2     1  completed  -         0.0 s  11,000  $0.0120
                    1  completed  -         0.0 s  11,000  $0.0120  same
        review:2    1  completed  approved  0.0 s   5,500  $0.0060
                    1  completed  approved  0.0 s   5,500  $0.0060  same
        publish     1  completed  -         0.0 s   2,200  $0.0024
                    1  completed  -         0.0 s   2,200  $0.0024  same

        definition: the same
    "#]],
    );
    let json = office.run(&["runs", "compare", "1", "2", "--json"]).object();
    assert_eq!((&json["a"]["run_id"], &json["same_input"]), (&json!(1), &json!(false)));
}

#[test]
fn a_family_is_a_tree_in_which_a_deleted_run_keeps_its_place() {
    let office = office();
    rerun(&office, &["1", "--from", "draft", "--task", "draft=Write a poem about {{ input }}."]);
    let run = rerun(&office, &["2", "--from", "publish", "--definition", "original"]);
    // What a re-run inherited is inherited again from whoever really carried it out.
    let origins =
        run["visits"].as_array().unwrap().iter().map(|visit| visit["inherited_from"]["run_id"].clone());
    assert_eq!(origins.collect::<Vec<_>>(), [json!(1), json!(1), json!(2), json!(2), Value::Null]);
    rerun(&office, &["1", "--after", "review:1", "--outcome", "approved", "--input", "bats"]);
    shows(
        &office.run(&["runs", "family", "3"]),
        &expect![[r#"
            family of run 3 (*): 4 runs, 58,300 tokens, $0.0636 in all

            RUN        STATUS      TIME  TOKENS     COST  WHAT IS DIFFERENT
            1          completed  0.0 s  35,200  $0.0384
            ├─ 2       completed  0.0 s  18,700  $0.0204  from visit 3 (draft), stages/draft
            │  └─ 3 *  completed  0.0 s   2,200  $0.0024  from visit 5 (publish), original
            └─ 4       completed  0.0 s   2,200  $0.0024  after visit 2 (review) by
                                                          approved, another input
        "#]],
    );
    assert_eq!(office.run(&["runs", "delete", "2"]).code, 0);
    shows(
        &office.run(&["runs", "family", "1"]),
        &expect![[r#"
            family of run 1 (*): 4 runs, 39,600 tokens, $0.0432 in all

            RUN      STATUS      TIME  TOKENS     COST  WHAT IS DIFFERENT
            1 *      completed  0.0 s  35,200  $0.0384
            ├─ 2     deleted        -       -        -  from visit 3 (draft), stages/draft
            │  └─ 3  completed  0.0 s   2,200  $0.0024  from visit 5 (publish), original
            └─ 4     completed  0.0 s   2,200  $0.0024  after visit 2 (review) by approved,
                                                        another input
        "#]],
    );
    let json = office.run(&["runs", "family", "4", "--json"]).object();
    assert_eq!((&json["root"], json["items"].as_array().unwrap().len()), (&json!(1), 4));
}
