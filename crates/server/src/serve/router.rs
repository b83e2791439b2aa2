//! The API, as a table of contents: every call that the server answers, by its noun.

use axum::extract::Request;
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{App, health, openapi, page};
use crate::http::{Refusal, loopback_host, loopback_only};
use crate::{delivery, model, project, run, team, tool, trigger, workflow};

/// Where the calls are.
const BASE: &str = "/api/v1";

/// Every call, with its description.
pub(super) fn described() -> OpenApiRouter<App> {
    guarded().merge(open())
}

/// Those that only programs of this machine may make, and pages of this server.
fn guarded() -> OpenApiRouter<App> {
    OpenApiRouter::new().nest(BASE, calls()).merge(for_keepers())
}

/// Those that whoever knows their address may make.
fn open() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .nest(BASE, OpenApiRouter::new().routes(routes!(trigger::webhook::http::call_webhook)))
}

fn calls() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        // Projects: the space that owns everything else.
        .routes(routes!(project::http::apply))
        .routes(routes!(project::http::list))
        .routes(routes!(project::http::get, project::http::change))
        .routes(routes!(project::http::export))
        .routes(routes!(project::http::secrets))
        .routes(routes!(project::http::set_secret, project::http::remove_secret))
        // Models, tools, teams and their agents.
        .routes(routes!(model::http::list, model::http::create))
        .routes(routes!(model::http::get, model::http::change, model::http::remove))
        .routes(routes!(model::trial::try_model))
        .routes(routes!(tool::http::list, tool::http::create))
        .routes(routes!(tool::http::get, tool::http::change, tool::http::remove))
        .routes(routes!(team::http::list, team::http::create))
        .routes(routes!(team::http::get, team::http::change, team::http::remove))
        .routes(routes!(team::agents::list, team::agents::create))
        .routes(routes!(team::agents::get, team::agents::change, team::agents::remove))
        // Workflows.
        .routes(routes!(workflow::http::list, workflow::http::create))
        .routes(routes!(workflow::http::get, workflow::http::change, workflow::http::remove))
        // Runs: started, listed, watched, stopped.
        .routes(routes!(run::http::start_run))
        .routes(routes!(run::http::list_runs))
        .routes(routes!(run::http::get_run, run::http::delete_run))
        .routes(routes!(run::http::list_events))
        .routes(routes!(run::http::stream_run))
        .routes(routes!(run::http::stop_run))
        // A person's part in a run.
        .routes(routes!(run::http::answer_question))
        .routes(routes!(run::http::decide_approval))
        .routes(routes!(run::http::send_message))
        .routes(routes!(run::http::raise_limits))
        // Going on from a stage of an ended run.
        .routes(routes!(run::http::get_rerun_plan, run::http::plan_rerun))
        .routes(routes!(run::http::rerun))
        .routes(routes!(run::http::get_family))
        .routes(routes!(run::http::get_variants))
        .routes(routes!(run::http::compare_runs))
        // Triggers: what starts runs by itself.
        .routes(routes!(trigger::http::list, trigger::http::create))
        .routes(routes!(trigger::http::get, trigger::http::change, trigger::http::remove))
        .routes(routes!(trigger::http::fire))
        .routes(routes!(trigger::http::list_slots))
        .routes(routes!(trigger::http::preview_schedule))
        .routes(routes!(trigger::webhook::http::list_calls))
        .routes(routes!(trigger::webhook::http::rotate))
        // What a run leaves behind.
        .routes(routes!(run::http::get_definition))
        .routes(routes!(run::http::get_result))
        .routes(routes!(run::http::get_memory))
        .routes(routes!(run::http::get_call))
        .routes(routes!(run::http::list_documents))
        .routes(routes!(run::http::get_document))
        .routes(routes!(run::http::export_run))
        // What other programs are told.
        .routes(routes!(delivery::http::list_of_run))
        .routes(routes!(delivery::http::list_of_project))
        .routes(routes!(delivery::http::get))
        .routes(routes!(delivery::http::send_again))
        .routes(routes!(delivery::http::make_key))
        // What starts runs.
        .routes(routes!(trigger::http::trigger))
}

/// For those who look after the server.
fn for_keepers() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(description))
}

/// This description.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "server",
    operation_id = "openapi",
    responses((status = 200, description = "An OpenAPI 3.1 document", body = serde_json::Value)),
)]
async fn description() -> Json<&'static serde_json::Value> {
    Json(openapi::shown())
}

/// The whole server: who may call, the calls, and the page for every other path.
pub(super) fn router(app: App) -> Router {
    let (guarded, _) = guarded().split_for_parts();
    let guarded = guarded
        .fallback(page::page)
        .method_not_allowed_fallback(page::not_allowed)
        .layer(from_fn(loopback_only));
    let (open, _) = open().split_for_parts();
    let open = open.method_not_allowed_fallback(page::not_allowed).layer(from_fn(loopback_host));
    guarded
        .merge(open)
        .with_state(app)
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| -> Response {
            // The panic itself was told on standard error, with its place.
            Refusal::internal("a handler panicked").into_response()
        }))
        .layer(from_fn(safe_to_show))
}

/// What every answer says: nobody guesses what it is.
async fn safe_to_show(request: Request, next: axum::middleware::Next) -> Response {
    let mut response = next.run(request).await;
    let nosniff = axum::http::HeaderValue::from_static("nosniff");
    response.headers_mut().entry(axum::http::header::X_CONTENT_TYPE_OPTIONS).or_insert(nosniff);
    response
}
