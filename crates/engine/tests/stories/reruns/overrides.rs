//! What holds for the new run alone: other words, models and tools, for a stage or for an agent.

use callboard_engine::definition::Overrides;
use callboard_engine::project;
use callboard_engine::rerun::{Asked, overridden};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{SOURCE, again_of, from_visit, shown};
use crate::story::{Story, compile, completes, with_tools};

const STAGES: &str = "
- { id: plan, name: Plan, task: Plan it., agents: [a] }
- { id: draft, name: Draft, task: Write it., agents: [b, { agent: c, directive: Doubt it. }] }
- { id: print, name: Print, task: Print it., agents: [{ agent: c, model: plain }] }
";

fn file() -> String {
    with_tools("look: { command: [./look] }\nfiles: { mcp: { command: [./files] } }", STAGES)
}

fn overrides(value: Value) -> Overrides {
    serde_json::from_value(value).unwrap()
}

fn source() -> Story {
    let mut story = Story::begun(&file());
    story.answers("a", completes("P")).answers("b", completes("B")).answers("c", completes("D"));
    story.answers("c", completes("O"));
    story
}

/// A run from that visit on, in which that is different.
fn differently(visit: u32, value: Value) -> Story {
    let overrides = overrides(value);
    let project = project::read(&file()).project.unwrap();
    let definition = overridden(project, "work", &overrides).unwrap();
    again_of((SOURCE, &source()), definition, &Asked { overrides, ..from_visit(visit) })
}

#[test]
fn a_stage_has_another_task_and_other_directives() {
    let story = differently(
        2,
        json!({ "stages": { "draft": { "task": "Write {{ results.plan }} in verse.", "directives": { "b": "Rhyme." } } } }),
    );
    let told = story.told("b");
    assert!(told.contains("# Task\n\nWrite P in verse."), "{told}");
    assert!(told.contains("# Your part\n\nRhyme."), "{told}");
    assert_eq!(story.run.definition().workflow.stages[1].agents[1].directive.as_deref(), Some("Doubt it."));
}

#[test]
fn a_stage_speaks_through_another_model_and_has_other_tools() {
    let story = differently(2, json!({ "stages": { "draft": { "model": "plain", "tools": ["look"] } } }));
    assert!(story.request("b").tools.is_empty(), "that model cannot call tools");
    let story = differently(2, json!({ "stages": { "draft": { "tools": ["look"] } } }));
    assert!(story.request("b").tools.iter().any(|tool| tool.name == "look"));
    let story = differently(2, json!({}));
    assert!(!story.request("b").tools.iter().any(|tool| tool.name == "look"));
}

#[test]
fn an_agent_has_another_role_instructions_model_and_tools() {
    let story = differently(
        2,
        json!({ "agents": { "b": { "role": "Poet", "instructions": "Be brief.", "tools": ["look"] } } }),
    );
    let request = story.request("b");
    assert!(request.system.contains("Poet") && request.system.contains("Be brief."), "{}", request.system);
    assert!(request.tools.iter().any(|tool| tool.name == "look"));
    let story = differently(2, json!({ "agents": { "b": { "model": "plain" } } }));
    assert!(story.request("b").tools.is_empty());
    // An empty list takes tools away.
    assert_eq!(overrides(json!({ "agents": { "b": { "tools": [] } } })).agents["b"].tools, Some(Vec::new()));
}

#[test]
fn what_is_different_is_in_the_record() {
    let value = json!({ "agents": { "b": { "role": "Poet" } } });
    let story = differently(2, value.clone());
    let event = serde_json::to_value(&story.history[1].fact).unwrap();
    assert_eq!(event["overrides"], value);
    let story = differently(2, json!({}));
    assert_eq!(serde_json::to_value(&story.history[1].fact).unwrap().get("overrides"), None);
}

fn mistaken(value: Value, expected: Expect) {
    let project = project::read(&file()).project.unwrap();
    let mistakes = overridden(project, "work", &overrides(value)).unwrap_err();
    let told: String = mistakes.iter().map(|mistake| format!("{mistake}\n")).collect();
    expected.assert_eq(&told);
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_what_was_probably_meant() {
    mistaken(
        json!({
            "stages": {
                "draf": { "task": "x" },
                "draft": { "task": "{{ results.pln }}", "directives": { "d": "x", "c": "{{ nothing }}" }, "model": "plane", "tools": ["lok", "look.x"] },
            },
            "agents": { "bb": {}, "b": { "model": "man", "tools": ["files.t", "http_reques"] } },
        }),
        expect![[r#"
            0:0: error: overrides.stages.draf: There is no stage "draf". Did you mean "draft"? [unknown_stage]
            0:0: error: overrides.stages.draft.directives.d: There is no agent "d". Did you mean "b"? [unknown_agent]
            0:0: error: overrides.agents.bb: There is no agent "bb". Did you mean "b"? [unknown_agent]
            0:0: error: overrides.agents.b.model: There is no model "man". Did you mean "main"? [unknown_model]
            0:0: error: overrides.agents.b.tools[1]: There is no tool "http_reques". Did you mean "http_request"? [unknown_tool]
            0:0: error: overrides.stages.draft.task: The template uses the stage "pln", which is not known. Did you mean results.plan? [template_unknown_stage]
            0:0: error: overrides.stages.draft.model: There is no model "plane". Known: main, plain. [unknown_model]
            0:0: error: overrides.stages.draft.tools[0]: There is no tool "lok". Did you mean "look"? [unknown_tool]
            0:0: error: overrides.stages.draft.tools[1]: "look" is a program and has no tools of its own. Write "look" alone. [unknown_tool]
            0:0: error: overrides.stages.draft.directives.c: The template uses the name "nothing", which is not known. Known: input, results, memory. [template_unknown_name]
        "#]],
    );
}

#[test]
fn a_task_that_names_what_is_not_there_is_refused_at_its_place() {
    mistaken(
        json!({ "stages": { "print": { "task": "{{ results.nothing }}" } } }),
        expect![[r#"
            0:0: error: overrides.stages.print.task: The template uses the stage "nothing", which is not known. [template_unknown_stage]
        "#]],
    );
    mistaken(
        json!({ "stages": { "print": { "task": "" } } }),
        expect![[r#"
            0:0: error: overrides.stages.print.task: This text is empty. Write something, or remove the key. [empty_text]
        "#]],
    );
}

#[test]
fn words_that_nobody_knows_are_refused() {
    for value in [
        json!({ "stages": { "draft": { "tsk": "x" } } }),
        json!({ "agents": { "b": { "modell": "x" } } }),
        json!({ "models": {} }),
    ] {
        assert!(serde_json::from_value::<Overrides>(value).is_err());
    }
}

#[test]
fn without_any_it_is_the_same_definition() {
    let project = project::read(&file()).project.unwrap();
    let same = overridden(project, "work", &Overrides::default()).unwrap();
    assert_eq!(same, compile(&file()));
    assert_eq!(same.to_text().unwrap(), compile(&file()).to_text().unwrap());
}

#[test]
fn others_are_laid_over_them() {
    let both = overrides(json!({ "stages": { "draft": { "task": "x", "model": "main", "directives": { "b": "1", "c": "2" } } }, "agents": { "b": { "role": "R" } } }))
        .and(&overrides(json!({ "stages": { "draft": { "model": "plain", "directives": { "c": "3" } }, "print": { "task": "y" } }, "agents": { "b": { "instructions": "I" } } })));
    assert_eq!(
        serde_json::to_value(&both).unwrap(),
        json!({
            "stages": { "draft": { "task": "x", "model": "plain", "directives": { "b": "1", "c": "3" } }, "print": { "task": "y" } },
            "agents": { "b": { "role": "R", "instructions": "I" } },
        })
    );
}

#[test]
fn what_will_change_nothing_is_said() {
    let asked = Asked {
        overrides: overrides(json!({
            "stages": { "plan": { "task": "x" }, "print": { "task": "x" } },
            "agents": { "a": { "role": "x" }, "b": { "role": "x" }, "c": { "model": "main" } },
        })),
        ..from_visit(2)
    };
    let notes = shown(&source(), &file(), &asked).notes;
    expect![[r#"
        The stage plan does not run again, so what is set for it changes nothing.
        a works at no stage that runs again, so what is set for it changes nothing.
        c speaks through plain at Print, as the stage says: the model that is set for the agent changes nothing there."#]]
    .assert_eq(&notes.join("\n"));
}
