//! The first thing that a newcomer runs.

use crate::program::{Desk, root};

#[test]
fn the_newsroom_researches_drafts_revises_once_and_publishes() {
    let desk = Desk::new();
    let file = root().join("examples/newsroom.yaml");
    let said =
        desk.run(&["run", file.to_str().unwrap(), "--input", "the return of the night train", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let run = said.object();
    let path: Vec<String> = run["visits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|visit| match visit["outcome"].as_str() {
            Some(outcome) => format!("{}:{outcome}", visit["stage"].as_str().unwrap()),
            None => visit["stage"].as_str().unwrap().to_owned(),
        })
        .collect();
    assert_eq!(path, ["research", "draft", "review:revise", "draft", "review:approved", "publish"]);
    assert!(run["result"].as_str().unwrap().contains("night train"));
    assert_eq!(run["visits"][3]["nth"], 2);

    let again = desk.run(&["run", file.to_str().unwrap(), "--input", "the return of the night train"]);
    assert_eq!(again.out.trim_end(), run["result"].as_str().unwrap(), "the same question, the same answer");
}

#[test]
fn what_is_piped_is_clean() {
    let desk = Desk::new();
    let file = root().join("examples/newsroom.yaml");
    let said = desk.run(&["run", file.to_str().unwrap(), "--input", "owls"]);
    assert!(!said.err.contains(|c: char| c.is_control() && c != '\n'), "{said:?}");
    assert!(said.err.lines().all(|line| line.starts_with("run 1: ")), "{said:?}");
    assert!(said.err.contains("run 1: stage 4 Draft, visit 2 to it"), "{said:?}");
}
