//! The tools of a project, over HTTP.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use callboard_api::list::List;
use callboard_api::tool::{NewTool, Tool, ToolChange};

use crate::http::{Body, Id, Idempotency, PageQuery, Parameters, Result};
use crate::project::part::{self, Fields, Part, Within};
use crate::project::{PartPath, Projects, Stored};

impl Part for Tool {
    const NOUN: &'static str = "tool";
    const SECTION: &'static str = "tools";

    fn of(stored: &Stored, path: &PartPath, id: i64) -> Option<Self> {
        let tool = stored.project.tools.get(path.name())?.clone();
        Some(Self { id, project_id: stored.id, name: path.name().to_owned(), tool })
    }

    fn id(&self) -> i64 {
        self.id
    }
}

/// The tools of a project.
#[utoipa::path(
    get,
    path = "/projects/{id}/tools",
    tag = "tools",
    operation_id = "listTools",
    params(("id" = i64, Path, description = "The project's number"), PageQuery),
    responses((status = 200, description = "A page of them", body = List<Tool>)),
)]
pub(crate) async fn list(
    State(projects): State<Projects>,
    Id(id): Id,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<List<Tool>>> {
    Ok(Json(part::list(&*projects.load(id).await?, None, query.page()?)))
}

/// Adds a tool to a project.
#[utoipa::path(
    post,
    path = "/projects/{id}/tools",
    tag = "tools",
    operation_id = "createTool",
    params(
        ("id" = i64, Path, description = "The project's number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request"),
    ),
    request_body = NewTool,
    responses((status = 201, description = "The tool", body = Tool)),
)]
pub(crate) async fn create(
    State(projects): State<Projects>,
    Id(id): Id,
    once: Idempotency,
    body: Body<Fields>,
) -> Result<Response> {
    part::create::<Tool>(&projects, Within::Project(id), body, once).await
}

/// A tool.
#[utoipa::path(
    get,
    path = "/tools/{id}",
    tag = "tools",
    operation_id = "getTool",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, description = "The tool", body = Tool)),
)]
pub(crate) async fn get(State(projects): State<Projects>, Id(id): Id) -> Result<Json<Tool>> {
    part::get(&projects, id).await.map(Json)
}

/// Changes a tool: what is named is replaced, and `null` goes back to the default (RFC 7396).
#[utoipa::path(
    patch,
    path = "/tools/{id}",
    tag = "tools",
    operation_id = "changeTool",
    params(("id" = i64, Path, description = "Its number")),
    request_body = ToolChange,
    responses((status = 200, description = "The tool as it is now", body = Tool)),
)]
pub(crate) async fn change(
    State(projects): State<Projects>,
    Id(id): Id,
    body: Body<Fields>,
) -> Result<Json<Tool>> {
    part::change(&projects, id, body.value).await
}

/// Removes a tool, unless something in its project refers to it.
#[utoipa::path(
    delete,
    path = "/tools/{id}",
    tag = "tools",
    operation_id = "removeTool",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn remove(State(projects): State<Projects>, Id(id): Id) -> Result<StatusCode> {
    part::remove::<Tool>(&projects, id).await
}
