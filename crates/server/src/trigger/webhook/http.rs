//! Webhooks over HTTP: their calls, the log of those, and another token.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use callboard_api::list::List;
use callboard_api::run::Triggered;
use callboard_api::trigger::{Filtered, RotateToken, RotatedToken, Trigger, WebhookDelivery};
use callboard_engine::definition::Limits;
use callboard_engine::event::{Source, SourceKind};
use callboard_engine::project::{TriggerKind, Webhook};
use callboard_engine::template::TemplateError;
use callboard_engine::time::Time;
use serde_json::Value;

use super::super::alert;
use super::Webhooks;
use super::said::{self, Said};
use super::store::{self, Noted};
use super::verify::{self, Unverified};
use crate::db;
use crate::http::{Body, Id, Idempotency, Name, Refusal, Result, base_url, has_nul, read_body};
use crate::project::part;
use crate::run::http::{Ask, Made, triggered};

/// Bytes of a call's body: more than a run's input should have, and than what most senders send.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of a key: names of branches have no more.
const KEY_BYTES_MAX: usize = 500;

/// The longest grace of a token that was replaced: who has not changed it by then has forgotten it.
const GRACE_S_MAX: u64 = 30 * 24 * 60 * 60;

/// Calls a webhook: its body, shaped by the trigger's template, is the input of a run. Who knows the address
/// may call; where the trigger verifies signatures, only who can sign.
#[utoipa::path(
    post,
    path = "/hooks/{token}",
    tag = "triggers",
    operation_id = "callWebhook",
    params(
        ("token" = String, Path, description = "The token of the webhook"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the call, where its sender signs no id"),
    ),
    request_body(content((String = "*/*")), description = "Anything, up to 1 MiB"),
    responses(
        (status = 201, description = "The run that it started, or that the same call started before", body = Triggered),
        (status = 202, description = "The trigger's filter passes the call over", body = Filtered),
    ),
)]
pub(crate) async fn call_webhook(
    State(webhooks): State<Webhooks>,
    Name(token): Name,
    request: Request,
) -> Result<Response> {
    let now = webhooks.starter.clock.now();
    let (trigger, webhook) = webhooks.called(&token, now).await?;
    let (parts, body) = request.into_parts();
    let body = read_body(&parts.headers, body, BODY_BYTES_MAX).await;
    let headers = said::shown(&parts.headers, webhook.header.as_deref());
    let size = body.as_ref().map_or(0, Bytes::len);
    let call = Call { trigger: &trigger, webhook: &webhook, parts: &parts, now, size, headers: &headers };
    let taken = async { webhooks.take(&call, &body?).await }.await;
    webhooks.noted(&call, &taken).await?;
    match taken? {
        Taken::Started(made) => {
            let triggered = triggered(&webhooks.starter, made, &parts.headers).await?;
            let place = [(LOCATION, format!("/api/v1/runs/{}", triggered.run_id))];
            Ok((StatusCode::CREATED, place, Json(triggered)).into_response())
        }
        Taken::Filtered => Ok((StatusCode::ACCEPTED, Json(Filtered { filtered: true })).into_response()),
    }
}

/// What became of the newest 50 calls of a webhook, the newest first.
#[utoipa::path(
    get,
    path = "/triggers/{id}/deliveries",
    tag = "triggers",
    operation_id = "listWebhookDeliveries",
    params(("id" = i64, Path, description = "The trigger's number")),
    responses((status = 200, description = "All of them", body = List<WebhookDelivery>)),
)]
pub(crate) async fn list_calls(
    State(webhooks): State<Webhooks>,
    Id(id): Id,
) -> Result<Json<List<WebhookDelivery>>> {
    part::find::<Trigger>(&webhooks.projects, id).await?;
    Ok(Json(List { items: store::calls(&webhooks.starter.db, id).await?, next: None }))
}

/// Gives a webhook another token. The one before answers for as long as is asked for, at once no more where
/// nothing is.
#[utoipa::path(
    post,
    path = "/triggers/{id}/rotate",
    tag = "triggers",
    operation_id = "rotateWebhook",
    params(("id" = i64, Path, description = "The trigger's number")),
    request_body = RotateToken,
    responses((status = 200, description = "The new address", body = RotatedToken)),
)]
pub(crate) async fn rotate(
    State(webhooks): State<Webhooks>,
    Id(id): Id,
    headers: HeaderMap,
    body: Body<RotateToken>,
) -> Result<Json<RotatedToken>> {
    let trigger: Trigger = part::get(&webhooks.projects, id).await?;
    if !matches!(trigger.trigger.kind, TriggerKind::Webhook(_)) {
        return Err(Refusal::conflict("not_a_webhook", "The trigger is a schedule, and has no address."));
    }
    let grace_s = body.value.grace_s.unwrap_or(0);
    if grace_s > GRACE_S_MAX {
        return Err(Refusal::unprocessable("grace_too_long", "The old address would answer for too long.")
            .hint(format!("Give at most {GRACE_S_MAX} seconds, which are 30 days.")));
    }
    let now = webhooks.starter.clock.now();
    let until = now.plus_millis(grace_s.saturating_mul(1000));
    let token = store::rotated(&webhooks.starter.db, &webhooks.secrets, id, (now, until)).await?;
    let webhook_url = format!("{}{}{}", base_url(&headers), super::PATH, token.expose());
    Ok(Json(RotatedToken { webhook_url, old_answers_until: (grace_s > 0).then_some(until) }))
}

/// A call under way.
struct Call<'a> {
    trigger: &'a Trigger,
    webhook: &'a Webhook,
    parts: &'a Parts,
    now: Time,
    /// Bytes of its body, where that was read.
    size: usize,
    /// Those that the log shows.
    headers: &'a BTreeMap<String, String>,
}

impl Call<'_> {
    fn note<'n>(&'n self, status: StatusCode, code: Option<&'n str>, reason: Option<&'n str>) -> Noted<'n> {
        Noted {
            trigger_id: self.trigger.id,
            at: self.now,
            status: status.as_u16(),
            code,
            reason,
            bytes: self.size,
            headers: self.headers,
        }
    }
}

/// What became of a call.
enum Taken {
    Started(Made),
    Filtered,
}

impl Webhooks {
    /// The webhook that a token calls.
    async fn called(&self, token: &str, now: Time) -> Result<(Trigger, Webhook)> {
        let unknown = || {
            Refusal::not_found("webhook_not_found", "There is no webhook at this address.")
                .hint("Its token may have been replaced; the trigger shows the address in force.")
        };
        let id = store::called(&self.starter.db, token, now).await?.ok_or_else(unknown)?;
        let Some((stored, path)) = self.projects.of_part(id).await? else { return Err(unknown()) };
        let trigger = <Trigger as part::Part>::of(&stored, &path, id).ok_or_else(unknown)?;
        match trigger.trigger.kind.clone() {
            TriggerKind::Webhook(webhook) => Ok((trigger, webhook)),
            TriggerKind::Schedule(_) => Err(unknown()),
        }
    }

    async fn take(&self, call: &Call<'_>, body: &Bytes) -> Result<Taken> {
        if !call.trigger.trigger.enabled {
            return Err(Refusal::conflict("trigger_disabled", "The trigger is paused, and takes no calls."));
        }
        self.verified(call, body)?;
        let own = call.webhook.header.as_deref();
        let said = Said::read(&call.parts.headers, call.parts.uri.query(), body, own)?;
        if let Some(when) = &call.webhook.when
            && !said.call().holds(when).map_err(|error| unshaped(&error))?
        {
            return Ok(Taken::Filtered);
        }
        let key = key(call.webhook, &said)?;
        let input = match &call.webhook.input {
            Some(template) => said.call().input(template).map_err(|error| unshaped(&error))?,
            None => said.body,
        };
        if has_nul(&input) {
            let message = "The input would hold the character U+0000, which no text can.";
            return Err(Refusal::unprocessable("text_has_nul", message));
        }
        self.start(call, input, key).await.map(Taken::Started)
    }

    fn verified(&self, call: &Call<'_>, body: &Bytes) -> Result<()> {
        let Some(name) = &call.webhook.secret else { return Ok(()) };
        let secret = self.secrets.get(call.trigger.project_id, name).ok_or_else(|| {
            let message = format!("The project has no secret \"{name}\" to check the call with.");
            Refusal::unprocessable("secret_missing", message).hint("Set it; the sender has to have the same.")
        })?;
        let checked = verify::verify(call.webhook, &secret, (&call.parts.headers, body), call.now);
        checked.map_err(|error| {
            let message = format!("{error}.");
            match error {
                Unverified::NoKey => Refusal::unprocessable(error.code(), message),
                Unverified::Missing | Unverified::Wrong | Unverified::Expired => {
                    Refusal::new(StatusCode::UNAUTHORIZED, error.code(), message)
                        .hint("Sign with the secret that the webhook names.")
                }
            }
        })
    }

    /// Starts the run of a call, or finds the one that the same call started before.
    async fn start(&self, call: &Call<'_>, input: Value, key: Option<String>) -> Result<Made> {
        let (db, id) = (&self.starter.db, call.trigger.id);
        let message = verify::message(call.webhook, &call.parts.headers);
        let earlier = async || match &message {
            Some(message) => Ok::<_, Refusal>(store::run_of(db, id, message, call.now).await?),
            None => Ok(None),
        };
        if let Some(run) = earlier().await? {
            return Ok(Made::Earlier(run));
        }
        let claims = message.iter().flat_map(|message| store::first(id, message, call.now));
        let note = call.note(StatusCode::CREATED, None, None).writes(db::Value::NewId);
        let alerts = alert::of_run(&self.deliveries, id, &call.trigger.trigger)?;
        let ask = Ask {
            input,
            metadata: None,
            limits: Limits::default(),
            source: Source {
                kind: SourceKind::Webhook,
                by: None,
                trigger_id: Some(id),
                key,
                ..Source::manual("")
            },
            bytes: Bytes::new(),
            once: Idempotency::none(),
            claims: claims.chain(note).chain(alerts).collect(),
        };
        match self.starter.start(ask, self.starter.workflows.ready(call.trigger.workflow_id)).await {
            Ok(made) => {
                if let (Made::New(..), Some(concurrency)) = (&made, &call.webhook.concurrency) {
                    self.make_way(id, made.id(), concurrency.policy).await?;
                }
                Ok(made)
            }
            // Of several calls with one id, another was faster.
            Err(refused) => match earlier().await? {
                Some(run) => Ok(Made::Earlier(run)),
                None => Err(cannot_start(refused)),
            },
        }
    }

    /// Notes what became of a call. What a call started is noted with its run.
    async fn noted(&self, call: &Call<'_>, taken: &Result<Taken>) -> Result<()> {
        let db = &self.starter.db;
        match taken {
            Ok(Taken::Started(Made::New(..))) => {}
            Ok(Taken::Started(Made::Earlier(run))) => {
                let reason = "The same call came before, and started this run.";
                call.note(StatusCode::CREATED, None, Some(reason)).write(db, Some(*run)).await?;
            }
            Ok(Taken::Filtered) => {
                let reason = "The filter of the trigger passes it over.";
                call.note(StatusCode::ACCEPTED, None, Some(reason)).write(db, None).await?;
            }
            Err(refused) => {
                let problem = refused.problem();
                let status = StatusCode::from_u16(problem.status).unwrap_or_default();
                call.note(status, Some(&problem.code), Some(&problem.detail)).write(db, None).await?;
            }
        }
        Ok(())
    }
}

/// The key of a call, where its webhook has one.
fn key(webhook: &Webhook, said: &Said) -> Result<Option<String>> {
    let Some(concurrency) = &webhook.concurrency else { return Ok(None) };
    let key = said.call().text(&concurrency.key).map_err(|error| unshaped(&error))?;
    if key.len() > KEY_BYTES_MAX || key.contains('\0') {
        return Err(Refusal::unprocessable("key_invalid", "The key of the call is too long, or no text.")
            .hint(format!("Let its template give at most {KEY_BYTES_MAX} bytes.")));
    }
    Ok(Some(key))
}

/// A template that cannot make anything of a call.
fn unshaped(error: &TemplateError) -> Refusal {
    let refusal = Refusal::unprocessable(error.code, &error.message);
    match &error.hint {
        Some(hint) => refusal.hint(hint),
        None => refusal,
    }
}

/// What keeps a run from starting is no fault of the caller, and nothing that it could look for elsewhere.
fn cannot_start(refused: Refusal) -> Refusal {
    match refused.problem().status {
        404 | 409 => refused.with_status(StatusCode::UNPROCESSABLE_ENTITY),
        _ => refused,
    }
}
