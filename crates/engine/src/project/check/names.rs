//! Names that are looked up: models, teams, agents, tools, workflows.

use super::{Checker, Unknown};
use crate::definition::{Agent, Assignment, Stage, Target, Team, Tool, ToolKind, Workflow};
use crate::project::mistake::Mistake;
use crate::project::{BUILT_IN_TOOLS, RULE_TOOLS};

/// Checks every name that the project looks up.
pub(super) fn check(checker: &mut Checker<'_>) {
    let project = checker.project;
    checker.within("models", |checker| {
        for (name, model) in &project.models {
            let Some(fallback) = &model.fallback else { continue };
            checker.within(name.as_str(), |checker| {
                checker.within("fallback", |checker| check_fallback(checker, name, fallback));
            });
        }
    });
    checker.within("teams", |checker| {
        for (name, team) in &project.teams {
            checker.within(name.as_str(), |checker| check_team(checker, team));
        }
    });
    checker.within("workflows", |checker| {
        for (name, workflow) in &project.workflows {
            checker.within(name.as_str(), |checker| check_workflow(checker, workflow));
        }
    });
    checker.within("triggers", |checker| {
        for (name, trigger) in &project.triggers {
            checker.within(name.as_str(), |checker| {
                checker.within("workflow", |checker| check_workflow_name(checker, &trigger.workflow));
            });
        }
    });
}

/// Models that one call may go through, the first not counted. Nobody waits for more of them to fail,
/// and a line of thousands would be followed from each of its models.
const FALLBACKS_MAX: usize = 16;

fn check_fallback(checker: &mut Checker<'_>, name: &str, fallback: &str) {
    let models = &checker.project.models;
    if !models.contains_key(fallback) {
        check_model_name(checker, fallback);
        return;
    }
    let mut next = fallback;
    for _ in 0..FALLBACKS_MAX {
        if next == name {
            let message = format!("The fallbacks of \"{name}\" lead back to it.");
            checker.add(|at| {
                Mistake::error(at, "fallback_cycle", message)
                    .hint("Let the last model of the line have none.")
            });
            return;
        }
        match models.get(next).and_then(|model| model.fallback.as_deref()) {
            Some(further) => next = further,
            None => return,
        }
    }
    let message = format!(
        "The fallbacks of \"{name}\" are a line of more than {FALLBACKS_MAX} models, or lead in a circle."
    );
    checker.add(|at| Mistake::error(at, "too_many_fallbacks", message).hint("Let the line end earlier."));
}

fn check_model_name(checker: &mut Checker<'_>, name: &str) {
    let project = checker.project;
    if name.is_empty() || project.models.contains_key(name) || checker.is_written("models", name) {
        return;
    }
    let message = format!("There is no model \"{name}\".");
    let unknown = Unknown { code: "unknown_model", name, message };
    checker.unknown(unknown, project.models.keys().map(String::as_str));
}

fn check_workflow_name(checker: &mut Checker<'_>, name: &str) {
    let project = checker.project;
    if name.is_empty() || project.workflows.contains_key(name) || checker.is_written("workflows", name) {
        return;
    }
    let message = format!("There is no workflow \"{name}\".");
    let unknown = Unknown { code: "unknown_workflow", name, message };
    checker.unknown(unknown, project.workflows.keys().map(String::as_str));
}

fn check_team(checker: &mut Checker<'_>, team: &Team) {
    if let Some(model) = &team.model {
        checker.within("model", |checker| check_model_name(checker, model));
    }
    let team_has_model = checker.node().entry("model").is_some();
    checker.within("agents", |checker| {
        for (name, agent) in &team.agents {
            checker.within(name.as_str(), |checker| check_agent(checker, name, agent, team_has_model));
        }
    });
}

fn check_agent(checker: &mut Checker<'_>, name: &str, agent: &Agent, team_has_model: bool) {
    match &agent.model {
        Some(model) => checker.within("model", |checker| check_model_name(checker, model)),
        None if team_has_model || has_broken_model(checker) => {}
        None => checker.add(|at| {
            Mistake::error(
                at,
                "agent_without_model",
                format!("The agent \"{name}\" has no model, and neither has its team."),
            )
            .hint("Add \"model: NAME\" to the agent or to the team.")
        }),
    }
    checker.each("tools", &agent.tools, |checker, tool| check_tool_name(checker, tool));
}

/// Whether the agent under check has a model that could not be read: that mistake has been made.
fn has_broken_model(checker: &Checker<'_>) -> bool {
    !checker.mistakes.is_full() && checker.node().entry("model").is_some()
}

/// Checks the name of a tool that an agent is given. `SERVER.TOOL` is one tool of an MCP server; which
/// ones a server has is known where it is spoken to.
fn check_tool_name(checker: &mut Checker<'_>, name: &str) {
    let project = checker.project;
    let (tool, of_server) = Tool::name_parts(name);
    if tool.is_empty() {
        return;
    }
    if let Some(known) = project.tools.get(tool) {
        if of_server.is_some() && matches!(known.kind, ToolKind::Command(_)) {
            let message = format!("\"{tool}\" is a program and has no tools of its own.");
            checker.add(|at| {
                Mistake::error(at, "unknown_tool", message).hint(format!("Write \"{tool}\" alone."))
            });
        }
        return;
    }
    let is_built_in = BUILT_IN_TOOLS.contains(&tool) && of_server.is_none();
    if is_built_in || checker.is_written("tools", tool) {
        return;
    }
    if RULE_TOOLS.contains(&name) {
        checker.add(|at| {
            Mistake::error(at, "unknown_tool", format!("\"{name}\" is not given to agents.")).hint(match name
            {
                "ask_user" => "Write \"asks_user: true\" in the agent's assignment.",
                _ => "Every agent can do it. Remove it here.",
            })
        });
        return;
    }
    let known = project.tools.iter();
    if of_server.is_some() {
        let servers = known.filter(|(_, tool)| matches!(tool.kind, ToolKind::Mcp { .. }));
        let message = format!("There is no MCP server \"{tool}\".");
        let unknown = Unknown { code: "unknown_tool", name: tool, message };
        checker.unknown(unknown, servers.map(|(name, _)| name.as_str()));
        return;
    }
    let message = format!("There is no tool \"{name}\".");
    let known = known.map(|(name, _)| name.as_str()).chain(BUILT_IN_TOOLS);
    checker.unknown(Unknown { code: "unknown_tool", name, message }, known);
}

/// Checks the tool of a hook: a hook calls one tool, so that a server's name alone says too little.
fn check_hook_tool(checker: &mut Checker<'_>, name: &str) {
    check_tool_name(checker, name);
    let is_server =
        checker.project.tools.get(name).is_some_and(|tool| matches!(tool.kind, ToolKind::Mcp { .. }));
    if is_server {
        let message = format!("\"{name}\" is an MCP server, and a hook calls one tool.");
        checker.add(|at| {
            Mistake::error(at, "mcp_tool_missing", message)
                .hint(format!("Name one of its tools: \"{name}.TOOL\"."))
        });
    }
}

fn check_workflow(checker: &mut Checker<'_>, workflow: &Workflow) {
    let project = checker.project;
    let team = project.teams.get(&workflow.team);
    if team.is_none() && !workflow.team.is_empty() && !checker.is_written("teams", &workflow.team) {
        let message = format!("There is no team \"{}\".", workflow.team);
        checker.within("team", |checker| {
            let unknown = Unknown { code: "unknown_team", name: &workflow.team, message };
            checker.unknown(unknown, project.teams.keys().map(String::as_str));
        });
    }
    checker.each("stages", &workflow.stages, |checker, stage| check_stage(checker, stage, team));
}

fn check_stage(checker: &mut Checker<'_>, stage: &Stage, team: Option<&Team>) {
    checker.each("agents", &stage.agents, |checker, assignment| {
        // Without its team nothing can be said of an agent.
        if let Some(team) = team {
            check_agent_name(checker, assignment, team);
        }
        if let Some(model) = &assignment.model {
            checker.within("model", |checker| check_model_name(checker, model));
        }
        checker.each("tools", &assignment.tools, |checker, tool| check_tool_name(checker, tool));
    });
    for (place, hooks) in [("entry", &stage.entry), ("exit", &stage.exit)] {
        checker.each(place, hooks, |checker, hook| {
            checker.within("tool", |checker| check_hook_tool(checker, &hook.tool));
        });
    }
    checker.within("outcomes", |checker| {
        for (outcome, target) in &stage.outcomes {
            let Target::Workflow(workflow) = target else { continue };
            checker.within(outcome.as_str(), |checker| {
                checker.within("workflow", |checker| check_workflow_name(checker, workflow));
            });
        }
    });
}

fn check_agent_name(checker: &mut Checker<'_>, assignment: &Assignment, team: &Team) {
    let name = assignment.agent.as_str();
    if name.is_empty() || team.agents.is_empty() || team.agents.contains_key(name) {
        return;
    }
    checker.within("agent", |checker| {
        let message = format!("The team \"{}\" has no agent \"{name}\".", team.name);
        let unknown = Unknown { code: "unknown_agent", name, message };
        checker.unknown(unknown, team.agents.keys().map(String::as_str));
    });
}
