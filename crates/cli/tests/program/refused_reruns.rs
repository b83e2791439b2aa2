//! Re-runs that are refused: each with its code last, a sentence, and what to do.

use callboard_fake_model::Behaviour;
use serde_json::json;

use crate::program::Said;
use crate::reruns::office;
use crate::server::{Office, completes, ends_with};

const CITY: &str = "
      - { id: look, name: Look, task: 'Look at {{ input.city }}.', agents: [a] }
      - { id: tell, name: Tell, task: 'Tell.', agents: [b] }
";

/// Refused with that code, a sentence and a hint; nothing is printed.
fn refused(said: &Said, code: &str, hint: &str) {
    ends_with(said, 2, code);
    assert!(said.out.is_empty(), "{said:?}");
    let hints: Vec<&str> = said.err.lines().filter_map(|line| line.strip_prefix("hint: ")).collect();
    assert!(hints.len() == 1 && hints[0].contains(hint), "{hint} in {said:?}");
}

fn rerun(office: &Office, words: &[&str]) -> Said {
    office.run(&[&["runs", "rerun"], words].concat())
}

#[test]
fn a_place_that_the_run_does_not_have_is_refused_with_those_that_it_has() {
    let office = office();
    let visits = "It visited draft, review, draft:2, review:2, publish.";
    refused(&rerun(&office, &["1", "--from", "draft:3"]), "visit_not_found", visits);
    refused(&rerun(&office, &["1", "--from", "drfat"]), "stage_not_visited", visits);
    refused(&rerun(&office, &["1", "--from-visit", "9", "--plan"]), "visit_not_found", "numbered 1 to 5");
    refused(&rerun(&office, &["1", "--after", "publish:2"]), "visit_not_found", visits);
    let by = ["1", "--after", "review", "--outcome", "burnt"];
    refused(&rerun(&office, &by), "outcome_unknown", "It has revise, approved.");
    refused(&rerun(&office, &["1"]), "rerun_place_missing", "--from STAGE");
    let twice = ["1", "--from", "draft", "--from-visit", "1"];
    refused(&rerun(&office, &twice), "rerun_place_missing", "--from STAGE");
    let alone = ["1", "--from", "review", "--outcome", "approved"];
    refused(&rerun(&office, &alone), "outcome_without_visit", "--after");
    for wrong in
        [&["1", "--from", "draft:x"][..], &["1", "--from", "draft", "--task", "draft"], &["--from", "draft"]]
    {
        ends_with(&rerun(&office, wrong), 2, "wrong_use");
    }
    ends_with(&rerun(&office, &["99", "--from-visit", "1"]), 2, "run_not_found");
    ends_with(&rerun(&office, &["99", "--from", "draft"]), 2, "run_not_found");
    ends_with(&office.run(&["runs", "compare", "1", "99"]), 2, "run_not_found");
    ends_with(&office.run(&["runs", "family", "99"]), 2, "run_not_found");
    refused(&office.run(&["runs", "variants", "1"]), "no_variants", "variants or samples");
}

#[test]
fn what_does_not_fit_is_refused_before_anything_starts() {
    let office = office();
    let with = |words: &[&str]| rerun(&office, &[&["1", "--from", "draft:1"], words].concat());
    let said = with(&["--model", "a=careful", "--stage-model", "review=fast"]);
    refused(&said, "overrides_invalid", "nothing was started");
    for part in ["agents.a.model", "no model \"careful\"", "no model \"fast\""] {
        assert!(said.err.contains(part), "{part} in {said:?}");
    }
    assert!(with(&["--task", "drft=x"]).err.contains("Did you mean \"draft\"?"));
    let said = with(&["--task", "draft={{ inptu }}"]);
    assert!(said.err.contains("[template_unknown_name]"), "{said:?}");
    refused(&with(&["--samples", "21"]), "rerun_count", "at most 20");
    refused(&with(&["--cost-usd=-1"]), "invalid_limit", "");
    office.desk.write("wrong.yaml", "stages:\n  draft: { taks: x }\n");
    let said = with(&["--overrides", "wrong.yaml"]);
    refused(&said, "overrides_invalid", "a map with stages and agents");
    assert!(said.err.contains("taks"), "{said:?}");
    office.desk.write("broken.yaml", "stages: [");
    refused(&with(&["--overrides", "broken.yaml"]), "overrides_invalid", "a map");
    refused(&with(&["--variants", "wrong.yaml"]), "overrides_invalid", "a list of maps");
    ends_with(&with(&["--variants", "nowhere.yaml"]), 2, "file_unreadable");
    ends_with(&with(&["--task", "draft=@nowhere.txt"]), 2, "file_unreadable");
    assert_eq!(office.run(&["runs", "list", "--json"]).object()["items"].as_array().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_mapped_to_the_newest_definition_is_refused() {
    let office = office();
    let text = office.desk.project_text();
    let apply = |text: &str| {
        office.desk.write("project.yaml", text);
        let applied = office.run(&["apply", "project.yaml", "--prune"]);
        assert_eq!(applied.code, 0, "{applied:?}");
    };
    apply(&text.replace("id: publish", "id: print").replace("approved: publish", "approved: print"));
    refused(&rerun(&office, &["1", "--from", "publish"]), "stage_missing", "original");
    apply(&text.replace("task: 'Publish it.'", "task: 'Publish it.', outcomes: { done: end }"));
    refused(&rerun(&office, &["1", "--after", "publish"]), "outcome_missing", "It has done.");
    apply(&text.replace("price: { input: 1.0, output: 2.0 }", "timeout_s: 60"));
    refused(&rerun(&office, &["1", "--from", "draft", "--cost-usd", "1"]), "model_without_price", "");
    apply(&text.replace("\n  work:", "\n  other:"));
    refused(&rerun(&office, &["1", "--from", "publish"]), "workflow_gone", "original");
    let said = rerun(&office, &["1", "--from", "publish", "--definition", "original", "--wait"]);
    assert_eq!((said.code, said.out.as_str()), (0, "Published.\n"), "{said:?}");
}

#[test]
fn a_run_that_has_not_come_so_far_is_refused() {
    let office = Office::with(CITY);
    let model = &office.desk.model;
    model.push(completes("Paris is fine.").agent("You are a."));
    model.push(Behaviour::status(401, "{}").agent("You are b."));
    let words = ["trigger", "work", "--input-json", r#"{ "city": "Paris" }"#, "--wait"];
    ends_with(&office.run(&words), 1, "model_unauthorized");
    refused(&rerun(&office, &["1", "--after", "tell"]), "visit_incomplete", "from visit 2");
    let said = rerun(&office, &["1", "--from", "look", "--input", "Paris"]);
    refused(&said, "rerun_would_fail", "");
    assert!(said.err.contains("city"), "{said:?}");

    model.push(Behaviour::hang().times(1));
    let text = office
        .desk
        .project_text()
        .replace("Look at {{ input.city }}.", "Wait.")
        .replace("agents: [a]", "agents: [c]");
    office.desk.write("project.yaml", &text);
    assert_eq!(office.run(&["apply", "project.yaml"]).code, 0);
    let before = model.count();
    let id = office.run(&["trigger", "work"]).object()["run_id"].to_string();
    office.desk.wait(model.wait_for_requests(before + 1));
    for place in [&["--from", "look"][..], &["--from-visit", "1"]] {
        refused(&rerun(&office, &[&[id.as_str()], place].concat()), "run_not_ended", "Stop it first");
    }
    assert_eq!(
        json!(id),
        json!(office.run(&["runs", "list", "--json"]).object()["items"][0]["id"].to_string())
    );
}
