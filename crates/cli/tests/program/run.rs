//! `callboard run`: its input, its output, how it ends, and how it is stopped.

use std::io::Write as _;
use std::process::Stdio;

use callboard_fake_model::Behaviour;
use serde_json::json;

use crate::program::{Desk, said, signal};

const ONE: &str = "
      - { id: one, name: One, task: 'Look at {{ input }}.', agents: [a] }
";

#[test]
fn the_result_goes_to_standard_output_and_nothing_else_does() {
    let desk = Desk::new();
    desk.model.push(Behaviour::call("complete", json!({ "result": "Owls.", "summary": "O." })));
    desk.project(ONE);
    let said = desk.run(&["run", "project.yaml", "--input", "owls"]);
    assert_eq!((said.code, said.out.as_str()), (0, "Owls.\n"), "{said:?}");
    assert!(said.err.contains("run 1: completed after"), "{said:?}");
}

#[test]
fn the_input_is_a_text_a_file_standard_input_or_json() {
    let desk = Desk::new();
    desk.project(ONE);
    desk.write("notes.txt", "barn owls\n");
    desk.write("notes.json", r#"{ "topic": "snowy owls" }"#);
    let input = |words: &[&str]| {
        let said = desk.run(&[&["run", "project.yaml", "--json"], words].concat());
        said.object()["input"].clone()
    };
    assert_eq!(input(&[]), json!(null));
    assert_eq!(input(&["--input", "owls"]), json!("owls"));
    assert_eq!(input(&["--input", "@notes.txt"]), json!("barn owls\n"));
    assert_eq!(input(&["--input-json", "@notes.json"]), json!({ "topic": "snowy owls" }));
    assert_eq!(input(&["--input-json", "[1, 2]"]), json!([1, 2]));

    let mut child = desk
        .program(&["run", "project.yaml", "--json", "--input", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all("eagle owls".as_bytes()).unwrap();
    assert_eq!(said(child.wait_with_output().unwrap()).object()["input"], json!("eagle owls"));

    for (words, code) in
        [(["--input", "@nowhere.txt"], "[input_unreadable]"), (["--input-json", "{"], "[invalid_input]")]
    {
        let said = desk.run(&[&["run", "project.yaml"], &words[..]].concat());
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.trim_end().ends_with(code), "{said:?}");
    }
}

#[test]
fn a_run_in_error_says_where_why_and_what_to_do_and_ends_with_1() {
    let desk = Desk::new();
    desk.model.push(Behaviour::status(401, r#"{"error":{"message":"Incorrect API key provided"}}"#));
    desk.project(ONE);
    let said = desk.run(&["run", "project.yaml", "--input", "owls"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    for part in
        ["stage one (visit 1), agent a, while calling the model main", "Incorrect API key provided", "hint"]
    {
        assert!(said.err.contains(part), "{part} in {said:?}");
    }
    assert!(said.err.trim_end().ends_with("[model_unauthorized]"), "{said:?}");

    desk.model.push(Behaviour::status(401, "{}"));
    let run = desk.run(&["run", "project.yaml", "--json"]).object();
    assert_eq!(run["status"], "error");
    assert_eq!(run["error"]["code"], "model_unauthorized");
    assert_eq!(run["error"]["stage"], "one");
}

#[test]
fn an_interrupt_stops_the_run_properly_and_ends_with_130() {
    for name in ["INT", "TERM"] {
        let desk = Desk::new();
        desk.model.push(Behaviour::hang());
        desk.project(ONE);
        let child = desk.start(&["run", "project.yaml", "--json"]);
        desk.wait(desk.model.wait_for_requests(1));
        signal(&child, name);
        let said = said(child.wait_with_output().unwrap());
        assert_eq!(said.code, 130, "{said:?}");
        assert_eq!(said.object()["status"], "stopped");
        desk.wait(desk.model.wait_for_disconnects(1));
    }
}

#[test]
fn a_workflow_is_named_where_there_are_several() {
    let desk = Desk::new();
    let file = desk.project(ONE);
    let text = std::fs::read_to_string(&file).unwrap();
    let stages = text.split_once("  work:\n").unwrap().1.to_owned();
    desk.write("project.yaml", &format!("{text}  other:\n{stages}"));
    let said = desk.run(&["run", "project.yaml"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("work, other") && said.err.trim_end().ends_with("[workflow_missing]"),
        "{said:?}"
    );
    let said = desk.run(&["run", "project.yaml", "othr"]);
    assert!(said.err.trim_end().ends_with("[workflow_unknown]"), "{said:?}");
    assert_eq!(desk.run(&["run", "project.yaml", "other", "--json"]).object()["workflow"], "other");
}

#[test]
fn a_bad_file_is_told_in_full_and_ends_with_2() {
    let desk = Desk::new();
    desk.project(&ONE.replace("agents: [a]", "agents: [z]"));
    let said = desk.run(&["run", "project.yaml"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("[unknown_agent]") && said.err.trim_end().ends_with("[invalid_project]"),
        "{said:?}"
    );
}

#[test]
fn a_data_folder_in_use_is_refused_by_name() {
    let desk = Desk::new();
    desk.model.push(Behaviour::hang());
    desk.project(ONE);
    let mut child = desk.start(&["run", "project.yaml", "--data", "store"]);
    desk.wait(desk.model.wait_for_requests(1));
    let second = desk.run(&["run", "project.yaml", "--data", "store"]);
    assert_eq!(second.code, 1, "{second:?}");
    assert!(second.err.contains("store") && second.err.contains(&child.id().to_string()), "{second:?}");
    assert!(second.err.trim_end().ends_with("[data_dir_locked]"), "{second:?}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn runs_are_kept_where_a_folder_is_named_and_only_there() {
    let desk = Desk::new();
    desk.project(ONE);
    let number = |words: &[&str]| {
        desk.run(&[&["run", "project.yaml", "--json"], words].concat()).object()["id"].clone()
    };
    assert_eq!([number(&["--data", "store"]), number(&["--data", "store"])], [json!(1), json!(2)]);
    assert_eq!([number(&[]), number(&[])], [json!(1), json!(1)]);
    let said = desk.run(&["run", "--resume", "--data", "store"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{said:?}");
    let said = desk.run(&["run", "--resume"]);
    assert!(said.code == 2 && said.err.trim_end().ends_with("[store_missing]"), "{said:?}");
    let said = desk.run(&["run", "--resume", "--data", "stroe"]);
    assert!(said.code == 2 && said.err.trim_end().ends_with("[store_missing]"), "{said:?}");
    assert!(!desk.path("stroe").exists(), "a folder that was mistyped is not made");
}
