//! The agents of a team, over HTTP.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use callboard_api::list::List;
use callboard_api::team::{Agent, AgentChange, NewAgent, Team};

use crate::http::{Body, Id, Idempotency, PageQuery, Parameters, Result};
use crate::project::part::{self, Fields, Part, Within};
use crate::project::{PartPath, Projects, Stored};

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

/// The agents of a team.
#[utoipa::path(
    get,
    path = "/teams/{id}/agents",
    tag = "agents",
    operation_id = "listAgents",
    params(("id" = i64, Path, description = "The team's number"), PageQuery),
    responses((status = 200, description = "A page of them", body = List<Agent>)),
)]
pub(crate) async fn list(
    State(projects): State<Projects>,
    Id(id): Id,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<List<Agent>>> {
    let (stored, path) = part::find::<Team>(&projects, id).await?;
    Ok(Json(part::list(&stored, Some(path.name()), query.page()?)))
}

/// Adds an agent to a team.
#[utoipa::path(
    post,
    path = "/teams/{id}/agents",
    tag = "agents",
    operation_id = "createAgent",
    params(
        ("id" = i64, Path, description = "The team's number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request"),
    ),
    request_body = NewAgent,
    responses((status = 201, description = "The agent", body = Agent)),
)]
pub(crate) async fn create(
    State(projects): State<Projects>,
    Id(id): Id,
    once: Idempotency,
    body: Body<Fields>,
) -> Result<Response> {
    let (stored, path) = part::find::<Team>(&projects, id).await?;
    let within = Within::Team { project: stored.id, name: path.name().to_owned() };
    part::create::<Agent>(&projects, within, body, once).await
}

/// An agent.
#[utoipa::path(
    get,
    path = "/agents/{id}",
    tag = "agents",
    operation_id = "getAgent",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, description = "The agent", body = Agent)),
)]
pub(crate) async fn get(State(projects): State<Projects>, Id(id): Id) -> Result<Json<Agent>> {
    part::get(&projects, id).await.map(Json)
}

/// Changes an agent: what is named is replaced, and `null` goes back to the default (RFC 7396).
#[utoipa::path(
    patch,
    path = "/agents/{id}",
    tag = "agents",
    operation_id = "changeAgent",
    params(("id" = i64, Path, description = "Its number")),
    request_body = AgentChange,
    responses((status = 200, description = "The agent as it is now", body = Agent)),
)]
pub(crate) async fn change(
    State(projects): State<Projects>,
    Id(id): Id,
    body: Body<Fields>,
) -> Result<Json<Agent>> {
    part::change(&projects, id, body.value).await
}

/// Removes an agent, unless something in its project refers to it.
#[utoipa::path(
    delete,
    path = "/agents/{id}",
    tag = "agents",
    operation_id = "removeAgent",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn remove(State(projects): State<Projects>, Id(id): Id) -> Result<StatusCode> {
    part::remove::<Agent>(&projects, id).await
}
