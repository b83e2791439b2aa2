//! The agents of a team, over HTTP.

use callboard_api::team::{Agent, AgentChange, NewAgent, Team};

use crate::http::Result;
use crate::project::part::{self, Part, Within};
use crate::project::{PartPath, Projects, Stored, part_calls};

part_calls! {
    part: Agent, new: NewAgent, change: AgentChange,
    words: ("an agent", "agents", "its team", "agents"),
    ids: ("listAgents", "createAgent", "getAgent", "changeAgent", "removeAgent"),
    paths: ("/teams/{id}/agents", "/agents/{id}"),
    owner: in_team,
}

/// Agents go into a team.
async fn in_team(projects: &Projects, id: i64) -> Result<Within> {
    let (stored, path) = part::find::<Team>(projects, id).await?;
    Ok(Within::Team { project: stored.id, name: path.name().to_owned() })
}

impl Part for Agent {
    const NOUN: &'static str = "agent";
    const SECTION: &'static str = "agents";

    fn of(stored: &Stored, path: &PartPath, id: i64) -> Option<Self> {
        let team = path.team()?;
        let agent = stored.project.teams.get(team)?.agents.get(path.name())?.clone();
        let team_id = stored.number(&PartPath::of("teams", team))?;
        Some(Self { id, project_id: stored.id, team_id, name: path.name().to_owned(), agent })
    }

    fn id(&self) -> i64 {
        self.id
    }
}
