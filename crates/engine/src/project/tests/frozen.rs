//! From a frozen definition back to a project, and what differs between two definitions.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::super::{Project, compile, read};
use super::anything::project;
use super::{NEWSROOM, SMALL, small_with};
use crate::definition::{Change, Definition, Difference, Overrides};
use crate::rerun::overridden;

fn small(file: &str) -> Definition {
    compile(&read(file).project.unwrap(), "digest").unwrap()
}

/// A definition as a project, and that compiled again, by itself and with nothing to override.
fn comes_back(definition: &Definition) {
    let project = Project::of(definition);
    assert_eq!(&compile(&project, &definition.name).unwrap(), definition);
    let again = overridden(project, &definition.name, &Overrides::default());
    assert_eq!(&again.unwrap_or_else(|mistakes| panic!("{mistakes:#?}")), definition);
}

proptest! {
    // A project has hundreds of values.
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_definition_comes_back_from_the_project_that_is_made_of_it(project in project()) {
        for name in project.workflows.keys() {
            let definition = compile(&project, name).unwrap();
            comes_back(&definition);
            let overridden = overridden(project.clone(), name, &Overrides::default());
            assert!(overridden.as_ref() == Ok(&definition), "{overridden:#?}");
        }
    }

    #[test]
    fn a_difference_is_empty_exactly_where_definitions_are_equal(
        (one, other) in (project(), project()),
        parts in prop::collection::btree_set(0..10_usize, 0..3),
    ) {
        let [one, other] = [one, other].map(|project| {
            let name = project.workflows.keys().next().unwrap();
            compile(&project, name).unwrap()
        });
        let mut mixed = one.clone();
        parts.iter().for_each(|part| take(&mut mixed, *part, &other));
        for (older, newer) in [(&one, &mixed), (&mixed, &one), (&one, &other), (&one, &one.clone())] {
            tells(&Difference::between(older, newer), older, newer);
        }
    }
}

#[test]
fn the_newsroom_comes_back_from_its_definitions() {
    let project = read(NEWSROOM).project.unwrap();
    for name in project.workflows.keys() {
        comes_back(&compile(&project, name).unwrap());
    }
}

#[test]
fn a_team_whose_model_only_another_workflow_needs_has_it() {
    let file = small_with("agents: [editor]", "agents: [{ agent: editor, runs_workflows: true }]");
    let file = file.replace("writer: { role: Writer }", "writer: { role: Writer, model: spare }");
    let file =
        file.replace("editor: { role: Editor }", "editor: { role: Editor, model: spare }\n      other: {}");
    let file = file.replace("models:\n", "models:\n  spare: { provider: simulated }\n");
    let file = format!(
        "{file}  more: {{ team: desk, stages: [{{ id: m, name: M, task: More., agents: [other] }}] }}\n"
    );
    let definition = small(&file);
    assert_eq!(definition.team.model, None);
    assert_eq!(definition.callable["more"].team.model.as_deref(), Some("main"));
    comes_back(&definition);
}

/// Takes one part over from another definition.
fn take(definition: &mut Definition, part: usize, other: &Definition) {
    let other = other.clone();
    let stages = &mut definition.workflow.stages;
    match part {
        0 => definition.project = other.project,
        1 => definition.name = other.name,
        2 => stages[0] = other.workflow.stages[0].clone(),
        3 => stages.reverse(),
        4 => drop(stages.pop().filter(|_| !stages.is_empty())),
        5 => definition.workflow.limits = other.workflow.limits,
        6 => definition.team = other.team,
        7 => definition.models = other.models,
        8 => definition.tools = other.tools,
        _ => definition.callable = other.callable,
    }
}

/// What holds of every difference.
fn tells(difference: &Difference, older: &Definition, newer: &Definition) {
    assert_eq!(difference.is_empty(), older == newer, "{difference:#?}");
    let all = || difference.stages.iter().chain(&difference.parts);
    let parts: BTreeSet<&str> = all().map(|change| change.part.as_str()).collect();
    assert_eq!(parts.len(), all().count(), "a part is told once");
    for change in all() {
        let says = change.moved || !change.fields.is_empty();
        assert_eq!(says, change.change == Change::Changed, "{change:?}");
        assert!(change.fields.iter().all(|field| field.before != field.after || field.before.is_null()));
    }
    for stage in &newer.workflow.stages {
        let was = older.stage(&stage.id).map(|(_, was)| was);
        let told = difference.of_stage(&stage.id);
        match was {
            None => assert_eq!(told.map(|change| change.change), Some(Change::Added)),
            Some(was) => {
                let changed = told.is_some_and(|change| !change.fields.is_empty());
                assert_eq!(changed, was != stage, "{told:?}");
            }
        }
    }
    let text = serde_json::to_string(difference).unwrap();
    assert_eq!(&serde_json::from_str::<Difference>(&text).unwrap(), difference);
}

/// How one small file differs from another, a line for each part and each field.
fn differs(older: &str, newer: &str, expected: Expect) {
    let difference = Difference::between(&small(older), &small(newer));
    let mut told = String::new();
    for change in difference.stages.iter().chain(&difference.parts) {
        let moved = if change.moved { " moved" } else { "" };
        let line = format!("{} ({}) {:?}{moved}\n", change.part, change.name, change.change);
        told.push_str(&line);
        for field in &change.fields {
            told.push_str(&format!("  {}: {} -> {}\n", field.field, field.before, field.after));
        }
    }
    expected.assert_eq(&told);
}

#[test]
fn stages_are_added_removed_changed_and_renamed() {
    let review = "      - { id: review, name: review, task: Review it., agents: [editor], outcomes: { good: end, bad: write } }\n";
    let file = SMALL.replace("      - { id: review, task", "      - { id: review, name: review, task");
    assert!(file.ends_with(review));
    let check = "      - { id: check, name: Check, task: Check it., agents: [editor] }\n";
    differs(
        SMALL,
        &file.replace(review, check),
        expect![[r#"
        stages/check (Check) Added
        stages/review (review) Removed
    "#]],
    );
    differs(
        SMALL,
        &format!("{SMALL}{check}"),
        expect![[r#"
        stages/check (Check) Added
    "#]],
    );
    differs(
        SMALL,
        &file.replace("name: review, task: Review it.", "name: Judge, task: Judge it."),
        expect![[r#"
            stages/review (Judge) Changed
              name: "review" -> "Judge"
              task: "Review it." -> "Judge it."
        "#]],
    );
    differs(
        SMALL,
        &small_with("good: end", "good: end, fine: next"),
        expect![[r#"
        stages/review (review) Changed
          outcomes: {"good":"end","bad":"write"} -> {"good":"end","fine":"next","bad":"write"}
    "#]],
    );
    differs(
        &small_with("agents: [writer]", "agents: [writer], max_visits: 2"),
        SMALL,
        expect![[r#"
        stages/write (write) Changed
          max_visits: 2 -> 5
    "#]],
    );
    differs(SMALL, SMALL, expect![""]);
}

#[test]
fn as_few_stages_as_can_be_are_told_as_moved() {
    let order = |ids: &str| {
        let stage =
            |id: char| format!("      - {{ id: {id}, name: {id}, task: Do it., agents: [writer] }}\n");
        let head = SMALL.split("      - {").next().unwrap();
        format!("{head}{}", ids.chars().map(stage).collect::<String>())
    };
    let moved = |before: &str, after: &str| -> String {
        let difference = Difference::between(&small(&order(before)), &small(&order(after)));
        let moved = difference.stages.iter().filter(|change| change.moved);
        moved.map(|change| change.name.as_str()).collect()
    };
    assert_eq!(moved("abcde", "bcdea"), "a");
    assert_eq!(moved("abcde", "eabcd"), "e");
    assert_eq!(moved("abcde", "adbce"), "d");
    assert_eq!(moved("abc", "cba").len(), 2);
    assert_eq!(moved("abcde", "xaybzcde"), "");
    assert_eq!(moved("abcde", "ace"), "");
    assert_eq!(moved("abcd", "dxa"), "d");
    assert_eq!(moved("ab", "ba").len(), 1);
}

#[test]
fn other_parts_are_told_by_their_names() {
    let file = small_with("editor: { role: Editor }", "editor: { role: Chief, instructions: Be kind. }");
    differs(
        SMALL,
        &file,
        expect![[r#"
        agents/editor (editor) Changed
          role: "Editor" -> "Chief"
          instructions: null -> "Be kind."
    "#]],
    );
    let file = small_with("  main: { provider: simulated }", "  main: { provider: simulated, timeout_s: 9 }");
    differs(
        SMALL,
        &file,
        expect![[r#"
        models/main (main) Changed
          timeout_s: 120 -> 9
    "#]],
    );
    differs(
        SMALL,
        &small_with("    team: desk\n", "    team: desk\n    limits: { tokens: 9 }\n"),
        expect![[r#"
            workflow (digest) Changed
              limits: null -> {"tokens":9}
        "#]],
    );
    differs(
        SMALL,
        &small_with("project: small", "project: big"),
        expect![[r#"
        workflow (digest) Changed
          project: "small" -> "big"
    "#]],
    );
    let file = small_with("agents: [writer]", "agents: [{ agent: writer, tools: [look] }]");
    let file = file.replace("teams:\n", "tools: { look: { command: [./look] } }\nteams:\n");
    differs(
        SMALL,
        &file,
        expect![[r#"
        stages/write (write) Changed
          agents: [{"agent":"writer","phase":"default","asks_user":false,"ask_timeout_s":86400,"runs_workflows":false,"run_timeout_s":300}] -> [{"agent":"writer","phase":"default","tools":["look"],"asks_user":false,"ask_timeout_s":86400,"runs_workflows":false,"run_timeout_s":300}]
        tools/look (look) Added
    "#]],
    );
    differs(
        &file,
        &file.replace("./look", "./see"),
        expect![[r#"
        tools/look (look) Changed
          command: ["./look"] -> ["./see"]
    "#]],
    );
}

#[test]
fn a_workflow_that_leads_back_to_itself_is_told_once() {
    let itself = small_with("bad: write", "bad: { workflow: digest }");
    differs(
        &itself,
        &itself.replace("Review it.", "Judge it."),
        expect![[r#"
        stages/review (review) Changed
          task: "Review it." -> "Judge it."
    "#]],
    );
    let other = |task: &str| {
        let more = format!(
            "  more: {{ team: desk, stages: [{{ id: m, name: M, task: {task}, agents: [writer] }}] }}\n"
        );
        format!("{}{more}", small_with("bad: write", "bad: { workflow: more }"))
    };
    let difference = Difference::between(&small(&other("One.")), &small(&other("Two.")));
    let fields: Vec<_> = difference.parts.iter().map(|change| (&change.part, change.fields.len())).collect();
    assert_eq!(fields, [(&"workflows/more".to_owned(), 1)]);
}
