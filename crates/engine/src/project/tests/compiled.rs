//! What one workflow takes from its project.

use proptest::prelude::*;

use super::super::{Project, compile, read};
use super::anything::project;
use super::{NEWSROOM, small_with};
use crate::definition::Definition;

#[test]
fn a_definition_holds_what_its_workflow_needs_and_nothing_else() {
    let project = read(NEWSROOM).project.unwrap();
    let definition = compile(&project, "digest").unwrap();
    assert_eq!(definition.team.agents.keys().collect::<Vec<_>>(), ["researcher", "editor"]);
    assert_eq!(definition.models.keys().collect::<Vec<_>>(), ["main", "other"], "the fallback too");
    assert_eq!(definition.tools.keys().collect::<Vec<_>>(), ["files", "remote", "lookup"]);
    assert_eq!(definition.models["main"].base_url.as_deref(), Some("http://127.0.0.1:9000/v1"));

    let other = compile(&project, "other").unwrap();
    assert_eq!(other.team.agents.keys().collect::<Vec<_>>(), ["researcher"]);
    assert_eq!(other.tools.keys().collect::<Vec<_>>(), ["files"]);
}

#[test]
fn what_a_workflow_does_not_use_does_not_change_its_definition() {
    let before = read(NEWSROOM).project.unwrap();
    let changed = NEWSROOM.replace("      idle:\n", "      idle: { role: Sleeper }\n");
    let after = read(&changed).project.unwrap();
    assert_ne!(before, after);
    assert_eq!(compile(&before, "digest"), compile(&after, "digest"));
}

#[test]
fn a_definition_that_was_stored_reads_back_the_same() {
    let definition = compile(&read(NEWSROOM).project.unwrap(), "digest").unwrap();
    let text = definition.to_text().unwrap();
    assert_eq!(serde_json::from_str::<Definition>(&text).unwrap(), definition);
}

#[test]
fn an_assignment_may_name_a_model_of_its_own() {
    let file = small_with("agents: [editor]", "agents: [{ agent: editor, model: spare }]");
    let file = file.replace("models:\n", "models:\n  spare: { provider: simulated }\n");
    let project = read(&file).project.unwrap();
    assert_eq!(read(&super::super::yaml(&project)).project.as_ref(), Some(&project));
    let definition = compile(&project, "digest").unwrap();
    assert!(definition.models.contains_key("spare"));
    let places: Vec<_> = definition.workflow.stages.iter().flat_map(|stage| &stage.agents).collect();
    let models: Vec<_> = places.iter().map(|place| definition.team.model_at(place).unwrap()).collect();
    assert_eq!(models, ["main", "spare"]);

    let mistakes = read(&file.replace("model: spare", "model: spar")).mistakes;
    assert!(mistakes.iter().any(|mistake| mistake.code == "unknown_model"), "{mistakes:#?}");
}

#[test]
fn an_unknown_workflow_names_the_nearest() {
    let unknown = compile(&read(NEWSROOM).project.unwrap(), "digset").unwrap_err();
    assert_eq!(unknown.to_string(), "there is no workflow \"digset\"");
    assert_eq!(unknown.nearest.as_deref(), Some("digest"));
}

/// A project whose workflows lead to each other: `a` to `b` and `b` to `c` and back to `a`; an agent of
/// `d` chooses, and `e` leads to `d`.
fn leading() -> Project {
    let stage = |outcome: &str, runs: bool| {
        format!(
            "[{{ id: s, task: Go on., agents: [{{ agent: w, runs_workflows: {runs} }}], outcomes: {{ o: {outcome} }} }}]"
        )
    };
    let leads = |name: &str| stage(&format!("{{ workflow: {name} }}"), false);
    let workflows = [
        ("a", leads("b")),
        ("b", leads("c")),
        ("c", leads("a")),
        ("d", stage("next", true)),
        ("e", leads("d")),
        ("f", stage("end", false)),
    ];
    let workflows = workflows.map(|(name, stages)| format!("  {name}: {{ team: t, stages: {stages} }}\n"));
    let file = format!(
        "project: p\nmodels: {{ m: {{ provider: simulated }} }}\n\
         teams: {{ t: {{ model: m, agents: {{ w: {{ tools: [read_file] }} }} }} }}\nworkflows:\n{}",
        workflows.concat()
    );
    let reading = read(&file);
    reading.project.unwrap_or_else(|| panic!("{:?}", reading.mistakes))
}

fn callable(definition: &Definition) -> Vec<&str> {
    definition.callable.keys().map(String::as_str).collect()
}

#[test]
fn a_definition_holds_the_workflows_that_it_leads_to() {
    let project = read(NEWSROOM).project.unwrap();
    let digest = compile(&project, "digest").unwrap();
    assert_eq!(callable(&digest), ["other"]);
    let other = &digest.callable["other"];
    assert_eq!(other.team.agents.keys().collect::<Vec<_>>(), ["researcher"]);
    assert_eq!(other.tools.keys().collect::<Vec<_>>(), ["files"]);
    assert_eq!(callable(&compile(&project, "other").unwrap()), [""; 0]);

    let project = leading();
    assert_eq!(callable(&compile(&project, "a").unwrap()), ["a", "b", "c"], "a circle leads to itself too");
    assert_eq!(callable(&compile(&project, "f").unwrap()), [""; 0]);
}

#[test]
fn an_agent_that_runs_workflows_may_run_any() {
    let project = leading();
    for workflow in ["d", "e"] {
        let definition = compile(&project, workflow).unwrap();
        assert_eq!(callable(&definition), ["a", "b", "c", "d", "e", "f"], "{workflow}");
    }
}

/// Every definition of a project gives those of the workflows that it may carry out.
fn children_are_what_they_would_be_alone(project: &Project) {
    for workflow in project.workflows.keys() {
        let definition = compile(project, workflow).unwrap();
        let text = definition.to_text().unwrap();
        assert_eq!(serde_json::from_str::<Definition>(&text).unwrap(), definition);
        for name in project.workflows.keys() {
            let child = definition.child(name);
            assert_eq!(child.is_some(), definition.callable.contains_key(name));
            let Some(child) = child else { continue };
            let alone = compile(project, name).unwrap();
            assert_eq!(child.to_text().unwrap(), alone.to_text().unwrap(), "{name} of {workflow}");
        }
    }
}

#[test]
fn a_workflow_that_is_carried_out_for_another_has_the_definition_that_it_has_alone() {
    children_are_what_they_would_be_alone(&leading());
    children_are_what_they_would_be_alone(&read(NEWSROOM).project.unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn any_workflow_that_is_carried_out_for_another_has_the_definition_that_it_has_alone(project in project()) {
        children_are_what_they_would_be_alone(&project);
    }
}
