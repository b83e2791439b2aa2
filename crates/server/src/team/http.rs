//! The teams of a project, over HTTP.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use callboard_api::list::List;
use callboard_api::team::{NewTeam, Team, TeamChange};

use crate::http::{Body, Id, Idempotency, PageQuery, Parameters, Result};
use crate::project::part::{self, Fields, Part, Within};
use crate::project::{PartPath, Projects, Stored};

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

/// The teams of a project.
#[utoipa::path(
    get,
    path = "/projects/{id}/teams",
    tag = "teams",
    operation_id = "listTeams",
    params(("id" = i64, Path, description = "The project's number"), PageQuery),
    responses((status = 200, description = "A page of them", body = List<Team>)),
)]
pub(crate) async fn list(
    State(projects): State<Projects>,
    Id(id): Id,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<List<Team>>> {
    Ok(Json(part::list(&*projects.load(id).await?, None, query.page()?)))
}

/// Adds a team to a project.
#[utoipa::path(
    post,
    path = "/projects/{id}/teams",
    tag = "teams",
    operation_id = "createTeam",
    params(
        ("id" = i64, Path, description = "The project's number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request"),
    ),
    request_body = NewTeam,
    responses((status = 201, description = "The team", body = Team)),
)]
pub(crate) async fn create(
    State(projects): State<Projects>,
    Id(id): Id,
    once: Idempotency,
    body: Body<Fields>,
) -> Result<Response> {
    part::create::<Team>(&projects, Within::Project(id), body, once).await
}

/// A team.
#[utoipa::path(
    get,
    path = "/teams/{id}",
    tag = "teams",
    operation_id = "getTeam",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, description = "The team", body = Team)),
)]
pub(crate) async fn get(State(projects): State<Projects>, Id(id): Id) -> Result<Json<Team>> {
    part::get(&projects, id).await.map(Json)
}

/// Changes a team: what is named is replaced, and `null` goes back to the default (RFC 7396).
#[utoipa::path(
    patch,
    path = "/teams/{id}",
    tag = "teams",
    operation_id = "changeTeam",
    params(("id" = i64, Path, description = "Its number")),
    request_body = TeamChange,
    responses((status = 200, description = "The team as it is now", body = Team)),
)]
pub(crate) async fn change(
    State(projects): State<Projects>,
    Id(id): Id,
    body: Body<Fields>,
) -> Result<Json<Team>> {
    part::change(&projects, id, body.value).await
}

/// Removes a team, unless something in its project refers to it.
#[utoipa::path(
    delete,
    path = "/teams/{id}",
    tag = "teams",
    operation_id = "removeTeam",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn remove(State(projects): State<Projects>, Id(id): Id) -> Result<StatusCode> {
    part::remove::<Team>(&projects, id).await
}
