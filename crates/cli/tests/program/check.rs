//! `callboard check`.

use crate::program::{Desk, root};

#[test]
fn a_file_that_is_right_is_said_to_be_so() {
    let said = Desk::new().run(&["check", root().join("examples/newsroom.yaml").to_str().unwrap()]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.out, "");
    assert!(said.err.contains("project newsroom with the workflow"), "{said:?}");
}

#[test]
fn every_mistake_is_told_with_its_place_and_what_to_do() {
    let desk = Desk::new();
    desk.write(
        "bad.yaml",
        "project: p
models: { main: { provider: simulated } }
teams: { desk: { modle: main, agents: { writer: {} } } }
workflows:
  w:
    team: desk
    stages:
      - { id: one, name: One, task: 'About {{ inptu }}', agents: [riter], outcomes: { again: two } }
",
    );
    let said = desk.run(&["check", "bad.yaml"]);
    assert_eq!(said.code, 2, "{said:?}");
    for part in ["bad.yaml:3:18: error: ", "model", "writer", "input", "[unknown_agent]", "[invalid_project]"]
    {
        assert!(said.err.contains(part), "{part} in {said:?}");
    }
    assert!(said.err.trim_end().ends_with("[invalid_project]"), "the code comes last");

    let json = desk.run(&["check", "bad.yaml", "--json"]);
    let mistakes: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert!(mistakes.as_array().unwrap().len() >= 4, "{mistakes}");
    assert!(mistakes[0]["line"].is_u64() && mistakes[0]["code"].is_string());
}

#[test]
fn a_file_that_cannot_be_read_is_wrong_use() {
    let desk = Desk::new();
    let said = desk.run(&["check", "nowhere.yaml"]);
    assert_eq!(said.code, 2);
    assert!(said.err.trim_end().ends_with("[file_unreadable]"), "{said:?}");
    std::fs::write(desk.path("latin.yaml"), b"project: caf\xe9").unwrap();
    let said = desk.run(&["check", "latin.yaml"]);
    assert!(said.err.trim_end().ends_with("[file_not_utf8]"), "{said:?}");
}
