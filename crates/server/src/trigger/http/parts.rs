//! Triggers as parts of a project: made for a workflow, listed by it, and read with what their rows say.

use axum::Json;
use axum::extract::{FromRef, FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use callboard_api::list::List;
use callboard_api::trigger::{NewTrigger, Trigger, TriggerChange};
use callboard_engine::project::TriggerKind;
use callboard_engine::time::Time;

use super::super::rules::Rules;
use super::super::store;
use super::super::webhook::Webhooks;
use crate::http::{Body, Id, Idempotency, PageQuery, Parameters, Refusal, Result, base_url};
use crate::project::part::{self, Fields, Part, Within};
use crate::project::{PartPath, Projects, Stored};

/// The triggers of a workflow.
#[utoipa::path(
    get,
    path = "/workflows/{id}/triggers",
    tag = "triggers",
    operation_id = "listTriggers",
    params(("id" = i64, Path, description = "The workflow's number"), PageQuery),
    responses((status = 200, description = "A page of them", body = List<Trigger>)),
)]
pub(crate) async fn list(
    State(projects): State<Projects>,
    asked: Asked,
    Id(id): Id,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<List<Trigger>>> {
    let (stored, workflow) = workflow(&projects, id).await?;
    let ours = stored.parts().filter_map(|(path, id)| Trigger::of(&stored, path, id));
    let page = query.page()?.cut(ours.filter(|trigger| trigger.trigger.workflow == workflow), Trigger::id);
    let mut items = Vec::with_capacity(page.items.len());
    for trigger in page.items {
        items.push(shown(&asked, &stored, trigger).await?);
    }
    Ok(Json(List { items, next: page.next }))
}

/// Adds a trigger to a workflow.
#[utoipa::path(
    post,
    path = "/workflows/{id}/triggers",
    tag = "triggers",
    operation_id = "createTrigger",
    params(
        ("id" = i64, Path, description = "The workflow's number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request"),
    ),
    request_body = NewTrigger,
    responses((status = 201, description = "What was made", body = Trigger)),
)]
pub(crate) async fn create(
    State(projects): State<Projects>,
    asked: Asked,
    Id(id): Id,
    once: Idempotency,
    mut body: Body<Fields>,
) -> Result<Response> {
    let (stored, workflow) = workflow(&projects, id).await?;
    let named = body.value.insert("workflow".to_owned(), workflow.as_str().into());
    if named.is_some_and(|named| named != workflow.as_str()) {
        let message = "The trigger is made for the workflow of the path, and its fields name another.";
        return Err(Refusal::unprocessable("workflow_differs", message)
            .hint("Leave workflow out, or use the path of that workflow."));
    }
    let made = part::make::<Trigger>(&projects, Within::Project(stored.id), body, once).await?;
    let stored = projects.load(stored.id).await?;
    Ok(part::created(&shown(&asked, &stored, made).await?))
}

/// One of the triggers.
#[utoipa::path(
    get,
    path = "/triggers/{id}",
    tag = "triggers",
    operation_id = "getTrigger",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, description = "As it is now", body = Trigger)),
)]
pub(crate) async fn get(asked: Asked, Id(id): Id) -> Result<Json<Trigger>> {
    now(&asked, id).await.map(Json)
}

/// Changes a trigger: what is named is replaced, and `null` goes back to the default (RFC 7396). With
/// `enabled: false` it is paused, for the reason that `pause_reason` gives; slots of a pause never fire.
#[utoipa::path(
    patch,
    path = "/triggers/{id}",
    tag = "triggers",
    operation_id = "changeTrigger",
    params(("id" = i64, Path, description = "Its number")),
    request_body = TriggerChange,
    responses((status = 200, description = "As it is now", body = Trigger)),
)]
pub(crate) async fn change(
    State(projects): State<Projects>,
    asked: Asked,
    Id(id): Id,
    body: Body<Fields>,
) -> Result<Json<Trigger>> {
    let Json(_) = part::change::<Trigger>(&projects, id, body.value).await?;
    now(&asked, id).await.map(Json)
}

/// Removes a trigger. Its runs and its slots are kept.
#[utoipa::path(
    delete,
    path = "/triggers/{id}",
    tag = "triggers",
    operation_id = "removeTrigger",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn remove(State(projects): State<Projects>, Id(id): Id) -> Result<StatusCode> {
    part::remove::<Trigger>(&projects, id).await
}

impl Part for Trigger {
    const NOUN: &'static str = "trigger";
    const SECTION: &'static str = "triggers";
    const IS_RENAMED: bool = true;

    fn of(stored: &Stored, path: &PartPath, id: i64) -> Option<Self> {
        if path.section() != Self::SECTION {
            return None;
        }
        let trigger = stored.project.triggers.get(path.name())?.clone();
        Some(Self {
            id,
            project_id: stored.id,
            workflow_id: stored.number(&PartPath::of("workflows", &trigger.workflow))?,
            name: path.name().to_owned(),
            trigger,
            paused_at: None,
            next: None,
            webhook_url: None,
        })
    }

    fn id(&self) -> i64 {
        self.id
    }
}

/// A trigger as it is now.
async fn now(asked: &Asked, id: i64) -> Result<Trigger> {
    let (stored, _) = part::find::<Trigger>(&asked.webhooks.projects, id).await?;
    shown(asked, &stored, part::get::<Trigger>(&asked.webhooks.projects, id).await?).await
}

/// What it takes to show a trigger: where webhooks are called depends on how the server is.
pub(crate) struct Asked {
    webhooks: Webhooks,
    base: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked
where
    Webhooks: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        Ok(Self { webhooks: Webhooks::from_ref(state), base: base_url(&parts.headers) })
    }
}

/// The project of a workflow, and the workflow's name in it.
async fn workflow(projects: &Projects, id: i64) -> Result<(std::sync::Arc<Stored>, String)> {
    let found = projects.of_part(id).await?.filter(|(_, path)| path.section() == "workflows");
    let not_found = || Refusal::not_found("workflow_not_found", "There is no workflow with this number.");
    let (stored, path) = found.ok_or_else(not_found)?;
    let name = path.name().to_owned();
    Ok((stored, name))
}

/// A trigger with what follows from its rules and its rows.
async fn shown(asked: &Asked, stored: &Stored, mut trigger: Trigger) -> Result<Trigger> {
    let projects = &asked.webhooks.projects;
    if matches!(trigger.trigger.kind, TriggerKind::Webhook(_)) {
        let path = asked.webhooks.path(trigger.id).await?;
        trigger.webhook_url = path.map(|path| format!("{}{path}", asked.base));
    }
    if !trigger.trigger.enabled {
        let era = store::lasting(projects.db(), trigger.id).await?;
        trigger.paused_at = era.and_then(|era| era.pause).map(|pause| pause.since);
    } else if let Some(rules) = Rules::of(&stored.project, &trigger.trigger) {
        trigger.next = next(&rules, projects.clock().now());
    }
    Ok(trigger)
}

fn next(rules: &Rules, now: Time) -> Option<Time> {
    // What is not understood was kept by a version that did not read it.
    rules.slots().ok()?.after(now).next().map(|slot| slot.at)
}
