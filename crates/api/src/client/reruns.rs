//! Going on from ended runs: planned, started, and compared with each other.

use hyper::Method;

use super::wire::Call;
use super::{Client, Error};
use crate::compare::Comparison;
use crate::rerun::{Family, Rerun, RerunPlan, Rerunning, Variants};
use crate::run::Run;

impl Client {
    /// What a re-run would do. Nothing is started.
    pub async fn rerun_plan(&self, id: i64, rerun: &Rerun) -> Result<RerunPlan, Error> {
        self.wire.read(Call::new(Method::POST, format!("/runs/{id}/rerun-plan")).json(rerun)).await
    }

    /// Goes on from an ended run: one new run, or all of them where variants or samples are asked for.
    /// With a key the same call may be made again and starts none twice.
    pub async fn rerun(&self, id: i64, rerun: &Rerun, key: Option<&str>) -> Result<Vec<Run>, Error> {
        let mut call = Call::new(Method::POST, format!("/runs/{id}/rerun"));
        if let Some(key) = key {
            call = call.header("idempotency-key", "idempotency key", key)?;
        }
        let call = call.json(rerun);
        if rerun.variants.is_some() || rerun.samples.is_some() {
            return self.wire.read::<Rerunning>(call).await.map(|started| started.items);
        }
        self.wire.read(call).await.map(|run| vec![run])
    }

    /// The runs that go on from each other, as seen from any of them.
    pub async fn family(&self, id: i64) -> Result<Family, Error> {
        self.wire.read(Call::get(format!("/runs/{id}/family"))).await
    }

    /// What became of the variants that one call started, as seen from any of their runs.
    pub async fn variants(&self, id: i64) -> Result<Variants, Error> {
        self.wire.read(Call::get(format!("/runs/{id}/variants"))).await
    }

    /// How the second of two runs differs from the first.
    pub async fn compare(&self, a: i64, b: i64) -> Result<Comparison, Error> {
        self.wire.read(Call::get(format!("/runs/{a}/compare/{b}"))).await
    }
}
