//! The teams of a project, over HTTP.

use callboard_api::team::{NewTeam, Team, TeamChange};

use crate::project::part::{self, Part};
use crate::project::{PartPath, Stored, part_calls};

part_calls! {
    part: Team, new: NewTeam, change: TeamChange,
    words: ("a team", "teams", "its project", "teams"),
    ids: ("listTeams", "createTeam", "getTeam", "changeTeam", "removeTeam"),
    paths: ("/projects/{id}/teams", "/teams/{id}"),
    owner: part::in_project,
}

impl Part for Team {
    const NOUN: &'static str = "team";
    const SECTION: &'static str = "teams";

    fn of(stored: &Stored, path: &PartPath, id: i64) -> Option<Self> {
        let team = stored.project.teams.get(path.name())?;
        Some(Self {
            id,
            project_id: stored.id,
            name: path.name().to_owned(),
            model: team.model.clone(),
            agents: team.agents.clone(),
        })
    }

    fn id(&self) -> i64 {
        self.id
    }
}
