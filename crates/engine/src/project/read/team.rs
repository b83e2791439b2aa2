//! Teams and their agents.

use super::fields::Reader;
use super::{tool, values};
use crate::definition::{Agent, Team};
use crate::project::mistake::Mistake;
use crate::project::yaml::Node;

/// Reads a team.
pub(super) fn team(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<Team> {
    let team = Team { name: name.to_owned(), model: None, agents: indexmap::IndexMap::new() };
    let Some(fields) = reader.fields(node, &["model", "agents"]) else {
        return Some(team);
    };
    let model = fields.optional(reader, "model", values::name);
    let agents =
        fields.required(reader, "agents", values::named("agents", |reader, _, node| agent(reader, node)));
    let is_empty = agents.as_ref().is_some_and(|agents| agents.is_empty());
    if is_empty {
        let mistake = Mistake::error(fields.at, "no_agents", "A team needs at least one agent.");
        reader.add(mistake.hint("Add one under \"agents\"."));
    }
    Some(Team { model, agents: agents.unwrap_or_default(), ..team })
}

fn agent(reader: &mut Reader<'_>, node: &Node) -> Option<Agent> {
    // A broken agent keeps its name, so that the stages that name it are not mistaken too.
    let Some(fields) = reader.fields(node, &["role", "instructions", "model", "tools"]) else {
        return Some(Agent::default());
    };
    Some(Agent {
        role: fields.optional(reader, "role", values::text).unwrap_or_default(),
        instructions: fields.optional(reader, "instructions", values::text).unwrap_or_default(),
        model: fields.optional(reader, "model", values::name),
        tools: fields.optional(reader, "tools", tool::names).unwrap_or_default(),
    })
}
