//! A question to a model from a person who wants to see it answer: no run, no record, and nothing is
//! tried again, so that what is wrong is seen at once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use callboard_api::model::{Model, ModelTried, TryModel};
use callboard_engine::call::{Failure, Message, Request, Scene};
use callboard_engine::event::CallUsage;
use callboard_engine::money::Usd;

use super::key;
use crate::http::{Body, Id, Refusal, Result};
use crate::project::{Projects, part};
use crate::provider::{Call, Providers};
use crate::secret::Secrets;

/// What a model is asked where nothing else is said.
const HELLO: &str = "Say hello in one short sentence.";

/// Who it is told that it is. It is no agent of anybody's.
const SYSTEM: &str = "You are being tried: someone wants to see that you answer.";

/// Characters of a question: it is a trial, and work belongs into a run.
const TEXT_CHARS_MAX: usize = 2_000;

/// Asks a model something, and answers what it said. A provider that does not answer is told in its own
/// words. The call is made as a run would make it, once, and the limits on calls of runs do not hold
/// it back, since someone waits for it.
#[utoipa::path(
    post,
    path = "/models/{id}/try",
    tag = "models",
    operation_id = "tryModel",
    params(("id" = i64, Path, description = "Its number")),
    request_body = TryModel,
    responses((status = 200, description = "What it answered", body = ModelTried)),
)]
pub(crate) async fn try_model(
    State(projects): State<Projects>,
    State(secrets): State<Secrets>,
    State(providers): State<Providers>,
    Id(id): Id,
    body: Body<TryModel>,
) -> Result<Json<ModelTried>> {
    let text = body.value.text.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| HELLO.to_owned());
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Refusal::unprocessable("text_too_long", "The question is too long for a trial.")
            .hint(format!("Ask it in at most {TEXT_CHARS_MAX} characters, or start a run.")));
    }
    let Model { project_id, model, .. } = part::get(&projects, id).await?;
    let key = key::of(&secrets, project_id, &model).map_err(refused)?;
    let request = question(text);
    let began = projects.clock().now();
    let call = Call { request: &request, model: &model, key: key.as_ref() };
    let answered = providers.answer(call, &mut |_| {}).await.map_err(refused)?;
    let duration_ms = projects.clock().now().millis_since(began);
    let usage = answered.tokens.map(|tokens| CallUsage {
        input_tokens: tokens.input,
        output_tokens: tokens.output,
        cost_usd: model.price.map_or(Usd::ZERO, |price| {
            let input = Usd::of_tokens(tokens.input, price.input);
            input.plus(Usd::of_tokens(tokens.output, price.output))
        }),
    });
    Ok(Json(ModelTried { text: answered.answer.text, finish: answered.answer.finish, usage, duration_ms }))
}

fn question(text: String) -> Request {
    let scene = Scene { stage_name: "Trial".to_owned(), task: text.clone(), ..Scene::default() };
    Request {
        system: SYSTEM.to_owned(),
        messages: vec![Message::User(text)],
        tools: Vec::new(),
        must_call: None,
        max_tokens: None,
        scene,
    }
}

/// The provider stands behind this server as a server behind a gateway, whatever its own status was.
fn refused(failure: Failure) -> Refusal {
    let refusal = Refusal::new(StatusCode::BAD_GATEWAY, &failure.code, &failure.message).hint(failure.hint());
    match failure.provider_message {
        Some(words) => refusal.provider_message(words),
        None => refusal,
    }
}
