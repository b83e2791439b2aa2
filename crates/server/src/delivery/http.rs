//! Deliveries over HTTP: the log of what was told, sending again, and the key that signs.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use callboard_api::delivery::{CallbackKey, Delivery};
use callboard_api::list::List;

use super::{Deliveries, DeliveryError, KEY, store};
use crate::db::WriteError;
use crate::http::{Id, PageQuery, Parameters, Refusal, Result};
use crate::net::codes;
use crate::project::Projects;
use crate::run::{self, RunnerError};
use crate::secret::{SecretError, signature};

/// What was told of a run, and what is still to be, the oldest first.
#[utoipa::path(
    get,
    path = "/runs/{id}/deliveries",
    tag = "deliveries",
    operation_id = "listRunDeliveries",
    params(("id" = i64, Path, description = "The run's number"), PageQuery),
    responses((status = 200, description = "A page of them", body = List<Delivery>)),
)]
pub(crate) async fn list_of_run(
    State(deliveries): State<Deliveries>,
    Id(id): Id,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<List<Delivery>>> {
    let (db, page) = (&deliveries.0.db, query.page()?);
    run::find(db, id).await?.ok_or(RunnerError::NotFound(id))?;
    let found = store::of_run(db, id, page.after.unwrap_or(0), page.limit as u64 + 1).await?;
    Ok(Json(page.list(found, |delivery| delivery.id)))
}

/// What was told of a project's runs and triggers, the newest first.
#[utoipa::path(
    get,
    path = "/projects/{id}/deliveries",
    tag = "deliveries",
    operation_id = "listProjectDeliveries",
    params(("id" = i64, Path, description = "The project's number"), PageQuery),
    responses((status = 200, description = "A page of them", body = List<Delivery>)),
)]
pub(crate) async fn list_of_project(
    State(projects): State<Projects>,
    State(deliveries): State<Deliveries>,
    Id(id): Id,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<List<Delivery>>> {
    let page = query.page()?;
    let project = projects.load(id).await?.id;
    let before = page.after.unwrap_or(i64::MAX);
    let found = store::of_project(&deliveries.0.db, project, before, page.limit as u64 + 1).await?;
    Ok(Json(page.list(found, |delivery| delivery.id)))
}

/// One delivery, with its tries.
#[utoipa::path(
    get,
    path = "/deliveries/{id}",
    tag = "deliveries",
    operation_id = "getDelivery",
    params(("id" = i64, Path, description = "The delivery's number")),
    responses((status = 200, description = "The delivery", body = Delivery)),
)]
pub(crate) async fn get(State(deliveries): State<Deliveries>, Id(id): Id) -> Result<Json<Delivery>> {
    Ok(Json(deliveries.find(id).await?))
}

/// Sends something again, at once and then for a day, whether it was delivered or given up. It has the same
/// `webhook-id`, so that a receiver that keeps those can tell.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/send-again",
    tag = "deliveries",
    operation_id = "sendDeliveryAgain",
    params(("id" = i64, Path, description = "The delivery's number")),
    responses((status = 202, description = "It is due", body = Delivery)),
)]
pub(crate) async fn send_again(
    State(deliveries): State<Deliveries>,
    Id(id): Id,
) -> Result<(StatusCode, Json<Delivery>)> {
    Ok((StatusCode::ACCEPTED, Json(deliveries.send_again(id).await?)))
}

/// Makes a new key for the project's callbacks. It signs from now on, and is answered this once.
#[utoipa::path(
    post,
    path = "/projects/{id}/callback-key",
    tag = "deliveries",
    operation_id = "makeCallbackKey",
    params(("id" = i64, Path, description = "The project's number")),
    responses((status = 200, description = "The key", body = CallbackKey)),
)]
pub(crate) async fn make_key(
    State(projects): State<Projects>,
    State(deliveries): State<Deliveries>,
    Id(id): Id,
) -> Result<Json<CallbackKey>> {
    let project = projects.load(id).await?.id;
    let key = signature::new_key().map_err(SecretError::from)?;
    deliveries.0.secrets.set(project, KEY, &key, deliveries.0.clock.now()).await?;
    Ok(Json(CallbackKey { key }))
}

impl Deliveries {
    async fn find(&self, id: i64) -> std::result::Result<Delivery, DeliveryError> {
        store::find(&self.0.db, id).await?.ok_or(DeliveryError::NotFound(id))
    }

    async fn send_again(&self, id: i64) -> std::result::Result<Delivery, DeliveryError> {
        self.find(id).await?;
        match self.0.db.transaction([store::again(id, self.0.clock.now())]).await {
            Ok(_) => {}
            Err(WriteError::NotTaken { .. }) => return Err(DeliveryError::Promised(id)),
            Err(WriteError::Failed(error)) => return Err(error.into()),
        }
        // Read before it is tried, so that the answer says that it is due.
        let delivery = self.find(id).await?;
        self.wake();
        Ok(delivery)
    }
}

impl From<DeliveryError> for Refusal {
    fn from(error: DeliveryError) -> Self {
        let message = error.to_string();
        match error {
            DeliveryError::Address(error) => {
                let refusal = Self::unprocessable(error.code, &error.message);
                match error.code {
                    codes::INVALID_URL => {
                        refusal.hint("Give an address that begins with https:// or http://.")
                    }
                    _ => refusal,
                }
            }
            DeliveryError::Database(error) => error.into(),
            DeliveryError::Key(error) => SecretError::from(error).into(),
            DeliveryError::Secret(error) => error.into(),
            DeliveryError::NotFound(id) => {
                Self::not_found("delivery_not_found", format!("There is no delivery {id}."))
                    .hint("GET /runs/{id}/deliveries lists those of a run.")
            }
            DeliveryError::Promised(_) => {
                Self::conflict("delivery_not_due", format!("{}.", capital(&message)))
                    .hint("It is sent by itself when the run ends.")
            }
        }
    }
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
