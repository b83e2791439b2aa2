//! Projects over HTTP, with their files and their secrets.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use callboard_api::list::List;
use callboard_api::problem::Wrong;
use callboard_api::project::{Applied, AppliedTrigger, Project, ProjectChange, Secret, SetSecret};
use callboard_engine::project::{self as file, Mistake, TriggerKind};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use super::document::{self, Difference};
use super::{ApplyOptions, ProjectError, Projects, Stored};
use crate::db;
use crate::http::{
    Body, Id, IdAndName, Idempotency, PageQuery, Parameters, RawBody, Refusal, Result, Seen, base_url,
};
use crate::secret::{SecretError, Secrets, Set};

/// How a file is applied.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ApplyQuery {
    /// Only says what it would do.
    #[serde(default)]
    dry_run: bool,
    /// Takes out what the file does not name. Runs of what is gone are kept.
    #[serde(default)]
    prune: bool,
    /// Answers the whole project too, as a file and as a value: as it is afterwards, or would be.
    #[serde(default)]
    show: bool,
}

/// Applies a project file, in YAML or JSON. What the file names is made or replaced, and keeps its
/// number; what it does not name stays.
#[utoipa::path(
    post,
    path = "/projects/apply",
    tag = "projects",
    operation_id = "applyProject",
    params(ApplyQuery, ("Idempotency-Key" = Option<String>, Header, description = "Names the request")),
    request_body(content((serde_json::Value = "application/yaml"), (serde_json::Value = "application/json"))),
    responses((status = 200, description = "What it did", body = Applied)),
)]
pub(crate) async fn apply(
    State(applying): State<Applying>,
    Parameters(query): Parameters<ApplyQuery>,
    headers: HeaderMap,
    once: Idempotency,
    RawBody(bytes): RawBody,
) -> Result<Json<Applied>> {
    let answer = carried_out(&applying.projects, &query, &once, &bytes).await?;
    let applied: Applied = serde_json::from_str(&answer).map_err(Refusal::internal)?;
    applying.with_addresses(applied, &base_url(&headers)).await.map(Json)
}

/// What applying needs of the server.
#[derive(Clone)]
pub(crate) struct Applying {
    pub(crate) projects: Projects,
    pub(crate) webhooks: Arc<dyn WebhookPaths>,
}

/// The paths at which webhooks are called, as a noun after this one knows them.
pub(crate) type Paths<'a> = Pin<Box<dyn Future<Output = Result<HashMap<i64, String>>> + Send + 'a>>;

/// Whoever knows them.
pub(crate) trait WebhookPaths: Send + Sync {
    /// The paths of those triggers.
    fn paths(&self, triggers: Vec<i64>) -> Paths<'_>;
}

impl Applying {
    /// Says where webhooks are called. That is no part of what is kept of the answer, since who knows an
    /// address may call it.
    async fn with_addresses(&self, mut applied: Applied, base: &str) -> Result<Applied> {
        if applied.triggers.is_empty() {
            return Ok(applied);
        }
        let stored = self.projects.load(applied.project_id).await?;
        let is_webhook = |name: &str| {
            let trigger = stored.project.triggers.get(name);
            trigger.is_some_and(|trigger| matches!(trigger.kind, TriggerKind::Webhook(_)))
        };
        let ours =
            applied.triggers.iter().filter(|(name, _)| is_webhook(name)).map(|(_, trigger)| trigger.id);
        let paths = self.webhooks.paths(ours.collect()).await?;
        for trigger in applied.triggers.values_mut() {
            trigger.webhook_url = paths.get(&trigger.id).map(|path| format!("{base}{path}"));
        }
        Ok(applied)
    }
}

/// Applies a file, or finds what the same request did before. The answer is JSON as it is kept.
async fn carried_out(
    projects: &Projects,
    query: &ApplyQuery,
    once: &Idempotency,
    bytes: &Bytes,
) -> Result<String> {
    let options = ApplyOptions { dry_run: query.dry_run, prune: query.prune };
    let now = projects.clock().now();
    if let Some(answer) = earlier(projects, once, bytes).await? {
        return Ok(answer);
    }
    // The key is claimed together with the change, and with what the change did: only the numbers are
    // not known before it is made.
    let claims = |did: &Difference, warnings: &[Mistake]| {
        let mut claims = once.claim(bytes, db::Value::Null, now);
        let known = without_numbers(did, warnings);
        claims.extend(serde_json::to_string(&known).ok().and_then(|known| once.known(&known)));
        claims
    };
    let applied = match projects.apply(bytes, options, claims).await {
        // Another request with the same key was faster.
        Err(error @ ProjectError::ClaimTaken) => {
            return earlier(projects, once, bytes).await?.ok_or_else(|| error.into());
        }
        applied => applied?,
    };
    let known = without_numbers(&applied.difference, &applied.warnings);
    let mut answer = with_numbers(known, &applied.stored);
    if query.show {
        answer.file = Some(file::yaml(&applied.stored.project));
        answer.document = Some(file::document(&applied.stored.project));
    }
    let answer = serde_json::to_string(&answer).map_err(Refusal::internal)?;
    if !options.dry_run {
        once.answered(projects.db(), applied.stored.id, &answer).await?;
    }
    Ok(answer)
}

/// What an earlier request with the same key is answered with.
async fn earlier(projects: &Projects, once: &Idempotency, bytes: &Bytes) -> Result<Option<String>> {
    let seen = once.seen(projects.db(), bytes, projects.clock().now()).await?;
    let Some(Seen { made, answer: Some(answer) }) = seen else { return Ok(None) };
    if made.is_some() {
        return Ok(Some(answer));
    }
    // The numbers were not added yet, or the server died before that.
    let known: Applied = serde_json::from_str(&answer).map_err(Refusal::internal)?;
    let file = file::json(&String::from_utf8_lossy(bytes));
    let name = file.as_ref().and_then(Value::as_object).and_then(document::name);
    let Some(stored) = projects.named(&name.unwrap_or_default()).await? else { return Ok(None) };
    serde_json::to_string(&with_numbers(known, &stored)).map(Some).map_err(Refusal::internal)
}

fn without_numbers(did: &Difference, warnings: &[Mistake]) -> Applied {
    Applied {
        project_id: 0,
        workflows: IndexMap::new(),
        triggers: IndexMap::new(),
        created: did.created.clone(),
        changed: did.changed.clone(),
        removed: did.removed.clone(),
        warnings: wrongs(warnings.to_vec()),
        file: None,
        document: None,
    }
}

fn with_numbers(applied: Applied, stored: &Stored) -> Applied {
    let numbers = |section: &'static str| {
        let ours = stored.parts().filter(move |(path, _)| path.section() == section);
        ours.map(|(path, id)| (path.name().to_owned(), id))
    };
    let triggers: IndexMap<String, AppliedTrigger> =
        numbers("triggers").map(|(name, id)| (name, AppliedTrigger { id, webhook_url: None })).collect();
    Applied { project_id: stored.id, workflows: numbers("workflows").collect(), triggers, ..applied }
}

/// The projects.
#[utoipa::path(
    get,
    path = "/projects",
    tag = "projects",
    operation_id = "listProjects",
    params(PageQuery),
    responses((status = 200, description = "A page of them", body = List<Project>)),
)]
pub(crate) async fn list(
    State(projects): State<Projects>,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<List<Project>>> {
    let page = query.page()?;
    let found = projects.page(page.after.unwrap_or(0), page.limit + 1).await?;
    Ok(Json(page.list(found.iter().map(|stored| object(stored)).collect(), |project| project.id)))
}

/// A project.
#[utoipa::path(
    get,
    path = "/projects/{id}",
    tag = "projects",
    operation_id = "getProject",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, description = "The project", body = Project)),
)]
pub(crate) async fn get(State(projects): State<Projects>, Id(id): Id) -> Result<Json<Project>> {
    Ok(Json(object(&*projects.load(id).await?)))
}

/// Changes what belongs to a project as a whole.
#[utoipa::path(
    patch,
    path = "/projects/{id}",
    tag = "projects",
    operation_id = "changeProject",
    params(("id" = i64, Path, description = "Its number")),
    request_body = ProjectChange,
    responses((status = 200, description = "The project as it is now", body = Project)),
)]
pub(crate) async fn change(
    State(projects): State<Projects>,
    Id(id): Id,
    body: Body<serde_json::Map<String, Value>>,
) -> Result<Json<Project>> {
    let known = ["timezone", "max_running", "limits"];
    if let Some(unknown) = body.value.keys().find(|key| !known.contains(&key.as_str())) {
        let wrong = Wrong {
            path: unknown.clone(),
            message: format!("The key \"{unknown}\" is not known here."),
            expected: Some(format!("one of {}", known.join(", "))),
            ..Wrong::default()
        };
        return Err(
            Refusal::unprocessable("body_invalid", "The body is not what this call takes.").errors([wrong])
        );
    }
    let change = Value::Object(body.value);
    let stored = projects.change(id, &[], |document| {
        let mut whole = Value::Object(std::mem::take(document));
        document::patch(&mut whole, &change);
        if let Value::Object(changed) = whole {
            *document = changed;
        }
        Ok(())
    });
    Ok(Json(object(&*stored.await?)))
}

/// A project as its file: YAML, or JSON where that is asked for.
#[utoipa::path(
    get,
    path = "/projects/{id}/export",
    tag = "projects",
    operation_id = "exportProject",
    params(("id" = i64, Path, description = "Its number")),
    responses((
        status = 200,
        description = "The project file",
        content((serde_json::Value = "application/yaml"), (serde_json::Value = "application/json"))
    )),
)]
pub(crate) async fn export(
    State(projects): State<Projects>,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response> {
    let stored = projects.load(id).await?;
    let accepted = headers.get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    if accepted.contains("application/json") {
        return Ok(Json(file::document(&stored.project)).into_response());
    }
    Ok(([(CONTENT_TYPE, "application/yaml")], file::yaml(&stored.project)).into_response())
}

/// The secrets of a project: their names, and when each was set.
#[utoipa::path(
    get,
    path = "/projects/{id}/secrets",
    tag = "secrets",
    operation_id = "listSecrets",
    params(("id" = i64, Path, description = "The project's number")),
    responses((status = 200, description = "All of them", body = List<Secret>)),
)]
pub(crate) async fn secrets(
    State(projects): State<Projects>,
    State(secrets): State<Secrets>,
    Id(id): Id,
) -> Result<Json<List<Secret>>> {
    let stored = projects.load(id).await?;
    Ok(Json(List { items: secrets.list(stored.id).into_iter().map(secret).collect(), next: None }))
}

/// Sets a secret. Its value is never answered again.
#[utoipa::path(
    put,
    path = "/projects/{id}/secrets/{name}",
    tag = "secrets",
    operation_id = "setSecret",
    params(
        ("id" = i64, Path, description = "The project's number"),
        ("name" = String, Path, description = "Its name", pattern = "^[A-Za-z0-9_-]{1,64}$"),
    ),
    request_body = SetSecret,
    responses((status = 200, description = "It is set", body = Secret)),
)]
pub(crate) async fn set_secret(
    State(projects): State<Projects>,
    State(secrets): State<Secrets>,
    IdAndName(id, name): IdAndName,
    body: Body<SetSecret>,
) -> Result<Json<Secret>> {
    let stored = projects.load(id).await?;
    if !file::is_name(&name) {
        return Err(Refusal::unprocessable("name_invalid", "A secret cannot have this name.")
            .hint("Give a name of letters, digits, \"-\" and \"_\"."));
    }
    let set = secrets.set(stored.id, &name, &body.value.value, projects.clock().now()).await?;
    Ok(Json(secret(set)))
}

/// Removes a secret.
#[utoipa::path(
    delete,
    path = "/projects/{id}/secrets/{name}",
    tag = "secrets",
    operation_id = "removeSecret",
    params(
        ("id" = i64, Path, description = "The project's number"),
        ("name" = String, Path, description = "Its name"),
    ),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn remove_secret(
    State(projects): State<Projects>,
    State(secrets): State<Secrets>,
    IdAndName(id, name): IdAndName,
) -> Result<StatusCode> {
    let stored = projects.load(id).await?;
    // What cannot be a name is not asked for: a database may not even take it as a text.
    if file::is_name(&name) && secrets.remove(stored.id, &name).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Refusal::not_found("secret_not_found", "The project has no secret with this name."))
}

fn secret(set: Set) -> Secret {
    Secret { name: set.name, set_at: set.at }
}

fn object(stored: &Stored) -> Project {
    Project {
        id: stored.id,
        name: stored.project.name.clone(),
        timezone: stored.project.timezone.clone(),
        max_running: stored.project.max_running,
        limits: stored.project.limits,
        created_at: stored.created_at,
        changed_at: stored.changed_at,
    }
}

/// Mistakes of a project as a problem lists them.
pub(crate) fn wrongs(mistakes: Vec<Mistake>) -> Vec<Wrong> {
    let wrong = |mistake: Mistake| Wrong {
        path: mistake.path,
        message: mistake.message,
        code: Some(mistake.code.to_owned()),
        expected: mistake.expected,
        hint: mistake.hint,
        line: (mistake.line > 0).then_some(mistake.line),
        column: (mistake.column > 0).then_some(mistake.column),
    };
    mistakes.into_iter().map(wrong).collect()
}

impl From<ProjectError> for Refusal {
    fn from(error: ProjectError) -> Self {
        let message = format!("{}.", capitalized(&error.to_string()));
        match error {
            ProjectError::NotFound(_) => Self::not_found("project_not_found", message),
            ProjectError::PartNotFound(noun) => Self::not_found(&format!("{noun}_not_found"), message),
            ProjectError::NameTaken { .. } => Self::conflict("name_taken", message)
                .hint("Change that one instead, or give this one another name."),
            ProjectError::Mistakes(mistakes) => {
                Self::unprocessable("invalid_project", message).errors(wrongs(mistakes))
            }
            ProjectError::Busy => Self::conflict("project_busy", message).hint("Send the same again."),
            ProjectError::ClaimTaken => Self::conflict("idempotency_key_reused", message),
            ProjectError::Database(error) => error.into(),
        }
    }
}

impl From<SecretError> for Refusal {
    fn from(error: SecretError) -> Self {
        let message = format!("{}.", capitalized(&error.to_string()));
        let code = error.code();
        match error {
            SecretError::Database(error) => error.into(),
            SecretError::Length => Self::unprocessable(code, message).hint(error.hint()),
            SecretError::NotKept => Self::conflict(code, message).hint(error.hint()),
            SecretError::Key(_) | SecretError::OtherKey => Self::internal(message),
        }
    }
}

/// A sentence begins with a capital, and an error's text does not.
fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
