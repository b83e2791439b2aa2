//! A person's part in a run: answers, approvals, messages, and limits that are raised.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use callboard_api::run::{AnswerQuestion, DecideApproval, Run, SendMessage};
use callboard_engine::command::Command;
use callboard_engine::definition::{Definition, Limits};

use super::Starter;
use super::start::LOCAL;
use crate::http::{Body, Id, Refusal, Result};

/// Characters of what a person says to a run: some pages, which an agent still reads at once.
const WORDS_CHARS_MAX: usize = 20_000;

/// What a call of a person answers with: the run as it is then.
type Told = Result<(StatusCode, Json<Run>)>;

/// Answers a question that an agent asked, or whether a call that a crash cut off is made again.
#[utoipa::path(
    post,
    path = "/runs/{id}/answers",
    tag = "runs",
    operation_id = "answerQuestion",
    params(("id" = i64, Path, description = "The run's number")),
    request_body = AnswerQuestion,
    responses((status = 202, description = "The run as it is now", body = Run)),
)]
pub(crate) async fn answer_question(
    State(starter): State<Starter>,
    Id(id): Id,
    body: Body<AnswerQuestion>,
) -> Told {
    let AnswerQuestion { question, text } = body.value;
    words("text", &text)?;
    starter.tell(id, Command::Answer { question, text, by: LOCAL.to_owned() }).await
}

/// Gives or refuses leave, before or after a stage.
#[utoipa::path(
    post,
    path = "/runs/{id}/approvals",
    tag = "runs",
    operation_id = "decideApproval",
    params(("id" = i64, Path, description = "The run's number")),
    request_body = DecideApproval,
    responses((status = 202, description = "The run as it is now", body = Run)),
)]
pub(crate) async fn decide_approval(
    State(starter): State<Starter>,
    Id(id): Id,
    body: Body<DecideApproval>,
) -> Told {
    let DecideApproval { approval, approve, comment } = body.value;
    let comment = comment.filter(|comment| !comment.trim().is_empty());
    if let Some(comment) = &comment {
        words("comment", comment)?;
    }
    starter.tell(id, Command::Approve { approval, approve, comment, by: LOCAL.to_owned() }).await
}

/// Sends a message into a run; every agent of the stage reads it at its next turn.
#[utoipa::path(
    post,
    path = "/runs/{id}/messages",
    tag = "runs",
    operation_id = "sendMessage",
    params(("id" = i64, Path, description = "The run's number")),
    request_body = SendMessage,
    responses((status = 202, description = "The run as it is now", body = Run)),
)]
pub(crate) async fn send_message(
    State(starter): State<Starter>,
    Id(id): Id,
    body: Body<SendMessage>,
) -> Told {
    let SendMessage { text } = body.value;
    words("text", &text)?;
    starter.tell(id, Command::Say { text, by: LOCAL.to_owned() }).await
}

/// Changes the limits of a run; those that are not named stay as they are.
#[utoipa::path(
    post,
    path = "/runs/{id}/limits",
    tag = "runs",
    operation_id = "raiseLimits",
    params(("id" = i64, Path, description = "The run's number")),
    request_body = Limits,
    responses((status = 202, description = "The run as it is now", body = Run)),
)]
pub(crate) async fn raise_limits(State(starter): State<Starter>, Id(id): Id, body: Body<Limits>) -> Told {
    let limits = checked(body.value)?;
    if limits.is_empty() {
        return Err(Refusal::unprocessable("limits_missing", "The call names no limit.")
            .hint("Name at least one of cost_usd, tokens, wall_s, model_calls and on_limit."));
    }
    if limits.cost_usd.is_some() {
        priced(starter.runner.load(id).await?.definition())?;
    }
    starter.tell(id, Command::Raise { limits, by: LOCAL.to_owned() }).await
}

/// Refuses a limit of money for runs that call a model without a price.
pub(super) fn priced(definition: &Definition) -> Result<()> {
    match definition.unpriced() {
        None => Ok(()),
        Some(model) => {
            let message = format!("The model \"{model}\" has no price, so a limit of money cannot be kept.");
            Err(Refusal::unprocessable("model_without_price", message).hint(format!(
                "Add price: {{ input: …, output: … }} to models.{model}, or leave cost_usd out."
            )))
        }
    }
}

/// Limits that can be kept.
pub(super) fn checked(limits: Limits) -> Result<Limits> {
    match limits.cost_usd {
        Some(cost) if !(cost.is_finite() && cost > 0.0) => {
            Err(Refusal::unprocessable("invalid_limit", "cost_usd is no amount of money.")
                .hint("Give US dollars, more than 0."))
        }
        Some(_) | None => Ok(limits),
    }
}

fn words(name: &str, text: &str) -> Result<()> {
    let long = text.chars().count() > WORDS_CHARS_MAX;
    if !long && !text.trim().is_empty() {
        return Ok(());
    }
    let what = if long { "too long" } else { "empty" };
    Err(Refusal::unprocessable("words_length", format!("{name} is {what}."))
        .hint(format!("Give 1 to {WORDS_CHARS_MAX} characters.")))
}

impl Starter {
    /// Gives a run a person's command, and answers with the run that it led to.
    pub(super) async fn tell(&self, id: i64, command: Command) -> Told {
        let (ids, run) = self.runner.tell(id, command).await?;
        Ok((StatusCode::ACCEPTED, Json(Run::of(&run, ids, self.clock.now()))))
    }
}
