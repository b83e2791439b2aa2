//! Runs beside each other, over HTTP: a run's family, the variants that one call started, and two runs
//! compared.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use callboard_api::compare::Comparison;
use callboard_api::rerun::{Family, Variants};
use callboard_api::run::Run;
use callboard_engine::definition::Definition;

use super::Starter;
use crate::http::{Id, Ids, Refusal, Result};
use crate::run::{compare, family};

/// A run's family: the run from which it comes, and all that go on from that.
#[utoipa::path(
    get,
    path = "/runs/{id}/family",
    tag = "reruns",
    operation_id = "getFamily",
    params(("id" = i64, Path, description = "The number of any run of it")),
    responses((status = 200, description = "The family", body = Family)),
)]
pub(crate) async fn get_family(State(starter): State<Starter>, Id(id): Id) -> Result<Json<Family>> {
    Ok(Json(family::family(&starter.runner, id, starter.clock.now()).await?))
}

/// What became of the variants that one call started.
#[utoipa::path(
    get,
    path = "/runs/{id}/variants",
    tag = "reruns",
    operation_id = "getVariants",
    params(("id" = i64, Path, description = "The number of any of the runs")),
    responses((status = 200, description = "The variants", body = Variants)),
)]
pub(crate) async fn get_variants(State(starter): State<Starter>, Id(id): Id) -> Result<Json<Variants>> {
    let variants = family::variants(&starter.runner, id, starter.clock.now()).await?;
    let alone = || {
        Refusal::not_found("no_variants", format!("Run {id} was not started with others."))
            .hint("A re-run with variants or samples starts several.")
    };
    variants.map(Json).ok_or_else(alone)
}

/// Two runs side by side.
#[utoipa::path(
    get,
    path = "/runs/{a}/compare/{b}",
    tag = "reruns",
    operation_id = "compareRuns",
    params(
        ("a" = i64, Path, description = "The number of the first"),
        ("b" = i64, Path, description = "The number of the second"),
    ),
    responses((status = 200, description = "How they differ", body = Comparison)),
)]
pub(crate) async fn compare_runs(State(starter): State<Starter>, Ids(a, b): Ids) -> Result<Json<Comparison>> {
    let (a, b) = (starter.ran(a).await?, starter.ran(b).await?);
    // Comparing long texts takes a while, in which others are to be served.
    let compared = tokio::task::spawn_blocking(move || compare::compare((&a.0, &a.1), (&b.0, &b.1)));
    compared.await.map(Json).map_err(Refusal::internal)
}

impl Starter {
    async fn ran(&self, id: i64) -> Result<(Run, Arc<Definition>)> {
        let (row, run) = self.runner.found(id).await?;
        Ok((Run::of(&run, row.ids, self.clock.now()), Arc::clone(run.definition())))
    }
}
