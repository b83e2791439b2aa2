//! The documents of a run.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use callboard_api::list::List;
use callboard_api::run::Document;

use super::Starter;
use crate::http::{Id, IdAndName, Refusal, Result};
use crate::run::store;

/// The documents of a run, in the order in which they were first written.
#[utoipa::path(
    get,
    path = "/runs/{id}/documents",
    tag = "runs",
    operation_id = "listDocuments",
    params(("id" = i64, Path, description = "The run's number")),
    responses((status = 200, description = "All of them", body = List<Document>)),
)]
pub(crate) async fn list_documents(
    State(starter): State<Starter>,
    Id(id): Id,
) -> Result<Json<List<Document>>> {
    let (_, run) = starter.runner.found(id).await?;
    let document = |(path, document): (&String, &callboard_engine::run::Document)| Document {
        path: path.clone(),
        hash: document.hash.to_string(),
        bytes: document.bytes,
        agent: document.agent.clone(),
        visit: document.visit,
        at: document.at,
    };
    Ok(Json(List { items: run.documents().iter().map(document).collect(), next: None }))
}

/// The text of a document.
#[utoipa::path(
    get,
    path = "/runs/{id}/documents/{path}",
    tag = "runs",
    operation_id = "getDocument",
    params(
        ("id" = i64, Path, description = "The run's number"),
        ("path" = String, Path, description = "Its path within the run, each slash in it as `%2F`"),
    ),
    responses((status = 200, description = "The text", body = String, content_type = "text/plain")),
)]
pub(crate) async fn get_document(
    State(starter): State<Starter>,
    IdAndName(id, path): IdAndName,
) -> Result<Response> {
    let unknown = || {
        Refusal::not_found("document_not_found", format!("The run has no document {path:?}."))
            .hint("GET /runs/{id}/documents lists them.")
    };
    let (_, run) = starter.runner.found(id).await?;
    let document = run.documents().get(&path).ok_or_else(unknown)?;
    let text = store::document_text(&starter.db, id, document.hash.as_str()).await?.ok_or_else(unknown)?;
    // Agents wrote it: a browser shows it as a text and runs nothing of it.
    let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CONTENT_SECURITY_POLICY, "sandbox")];
    Ok((headers, text.to_string()).into_response())
}
