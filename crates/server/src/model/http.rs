//! The models of a project, over HTTP.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use callboard_api::list::List;
use callboard_api::model::{Model, ModelChange, NewModel};

use crate::http::{Body, Id, Idempotency, PageQuery, Parameters, Result};
use crate::project::part::{self, Fields, Part, Within};
use crate::project::{PartPath, Projects, Stored};

impl Part for Model {
    const NOUN: &'static str = "model";
    const SECTION: &'static str = "models";

    fn of(stored: &Stored, path: &PartPath, id: i64) -> Option<Self> {
        let model = stored.project.models.get(path.name())?.clone();
        Some(Self { id, project_id: stored.id, name: path.name().to_owned(), model })
    }

    fn id(&self) -> i64 {
        self.id
    }
}

/// The models of a project.
#[utoipa::path(
    get,
    path = "/projects/{id}/models",
    tag = "models",
    operation_id = "listModels",
    params(("id" = i64, Path, description = "The project's number"), PageQuery),
    responses((status = 200, description = "A page of them", body = List<Model>)),
)]
pub(crate) async fn list(
    State(projects): State<Projects>,
    Id(id): Id,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<List<Model>>> {
    Ok(Json(part::list(&*projects.load(id).await?, None, query.page()?)))
}

/// Adds a model to a project.
#[utoipa::path(
    post,
    path = "/projects/{id}/models",
    tag = "models",
    operation_id = "createModel",
    params(
        ("id" = i64, Path, description = "The project's number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request"),
    ),
    request_body = NewModel,
    responses((status = 201, description = "The model", body = Model)),
)]
pub(crate) async fn create(
    State(projects): State<Projects>,
    Id(id): Id,
    once: Idempotency,
    body: Body<Fields>,
) -> Result<Response> {
    part::create::<Model>(&projects, Within::Project(id), body, once).await
}

/// A model.
#[utoipa::path(
    get,
    path = "/models/{id}",
    tag = "models",
    operation_id = "getModel",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, description = "The model", body = Model)),
)]
pub(crate) async fn get(State(projects): State<Projects>, Id(id): Id) -> Result<Json<Model>> {
    part::get(&projects, id).await.map(Json)
}

/// Changes a model: what is named is replaced, and `null` goes back to the default (RFC 7396).
#[utoipa::path(
    patch,
    path = "/models/{id}",
    tag = "models",
    operation_id = "changeModel",
    params(("id" = i64, Path, description = "Its number")),
    request_body = ModelChange,
    responses((status = 200, description = "The model as it is now", body = Model)),
)]
pub(crate) async fn change(
    State(projects): State<Projects>,
    Id(id): Id,
    body: Body<Fields>,
) -> Result<Json<Model>> {
    part::change(&projects, id, body.value).await
}

/// Removes a model, unless something in its project refers to it.
#[utoipa::path(
    delete,
    path = "/models/{id}",
    tag = "models",
    operation_id = "removeModel",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn remove(State(projects): State<Projects>, Id(id): Id) -> Result<StatusCode> {
    part::remove::<Model>(&projects, id).await
}
