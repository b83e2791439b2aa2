//! What one workflow takes from its project, and what of it cannot be carried out.

use super::super::{compile, read, unsupported, unsupported_by_project};
use super::NEWSROOM;

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
    assert_eq!(serde_json::from_str::<crate::definition::Definition>(&text).unwrap(), definition);
}

#[test]
fn an_unknown_workflow_names_the_nearest() {
    let unknown = compile(&read(NEWSROOM).project.unwrap(), "digset").unwrap_err();
    assert_eq!(unknown.to_string(), "there is no workflow \"digset\"");
    assert_eq!(unknown.nearest.as_deref(), Some("digest"));
}

#[test]
fn what_cannot_be_carried_out_is_named_and_never_ignored() {
    let project = read(NEWSROOM).project.unwrap();
    let found = unsupported(&compile(&project, "digest").unwrap());
    let paths: Vec<_> = found.iter().map(|unsupported| unsupported.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "teams.desk.agents.researcher.tools",
            "workflows.digest.limits",
            "workflows.digest.max_running",
            "workflows.digest.stages[1].approval",
            "workflows.digest.stages[1].entry",
            "workflows.digest.stages[1].exit",
            "workflows.digest.stages[1].result_schema",
            "workflows.digest.stages[1].agents[0].tools",
            "workflows.digest.stages[1].outcomes.escalate.workflow",
        ]
    );
    let of_project = unsupported_by_project(&project);
    let paths: Vec<_> = of_project.iter().map(|unsupported| unsupported.path.as_str()).collect();
    assert_eq!(paths, ["limits.cost_usd_per_day", "max_running"]);
    assert_eq!(unsupported(&compile(&read(super::SMALL).project.unwrap(), "digest").unwrap()), []);
}
