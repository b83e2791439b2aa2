//! Webhooks: triggers that fire when their address is called.
//!
//! The token in the address says which one is called; a signature says who calls, where the trigger asks
//! for one. What is said becomes the input of a run, once for each id that the sender gives it. Of every
//! call it is noted what became of it, and nothing that could be a secret.

mod said;
mod store;
mod token;
mod verify;

pub(crate) mod http;

use std::collections::HashMap;

use callboard_engine::project::{ConcurrencyPolicy, TriggerKind, Webhook};
use callboard_engine::run::Status;

use crate::delivery::Deliveries;
use crate::http::Result;
use crate::project::Projects;
use crate::project::http::{Paths, WebhookPaths};
use crate::run::http::Starter;
use crate::run::{self, RunnerError};
use crate::secret::Secrets;

/// Where the address of a webhook begins.
const PATH: &str = "/api/v1/hooks/";

/// What webhooks need of the server.
#[derive(Clone)]
pub(crate) struct Webhooks {
    pub(crate) starter: Starter,
    pub(crate) projects: Projects,
    pub(crate) secrets: Secrets,
    pub(crate) deliveries: Deliveries,
}

impl Webhooks {
    /// The path at which a webhook is called. It gets a token when it is first asked for. Nothing where the
    /// token cannot be read any more, since the server's key is another.
    pub(super) async fn path(&self, trigger_id: i64) -> Result<Option<String>> {
        let token = store::in_force(&self.starter.db, &self.secrets, trigger_id).await?;
        Ok(token.map(|token| format!("{PATH}{}", token.expose())))
    }

    /// Stops the runs that a new one with their key takes the place of.
    async fn make_way(&self, trigger: i64, new: i64, policy: ConcurrencyPolicy) -> Result<()> {
        for (run, status) in run::ahead_in_line(&self.starter.db, new).await? {
            let is_displaced = match policy {
                ConcurrencyPolicy::Newest => true,
                ConcurrencyPolicy::Queue => status == Status::Pending,
            };
            if is_displaced {
                let reason = format!("Run {new} takes its place: it was called for with the same key.");
                match self.starter.runner.stop(run, &format!("trigger {trigger}"), Some(reason)).await {
                    // One that has ended, or is stopping, is as good as stopped.
                    Ok(()) | Err(RunnerError::Refused(_) | RunnerError::NotFound(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    /// Stops what a server that ended in the middle of it did not.
    pub(crate) async fn make_ways(&self) {
        let lines = match run::last_in_lines(&self.starter.db).await {
            Ok(lines) => lines,
            Err(error) => return tracing::warn!("runs with one key were not looked at: {error}"),
        };
        for (trigger, last) in lines {
            let Ok(Some((stored, path))) = self.projects.of_part(trigger).await else { continue };
            let webhook = stored.project.triggers.get(path.name()).map(|trigger| &trigger.kind);
            let Some(TriggerKind::Webhook(Webhook { concurrency: Some(one), .. })) = webhook else {
                continue;
            };
            if let Err(refused) = self.make_way(trigger, last, one.policy).await {
                let why = &refused.problem().detail;
                tracing::warn!(run = last, "runs before run {last} were not stopped for it: {why}");
            }
        }
    }
}

impl WebhookPaths for Webhooks {
    fn paths(&self, triggers: Vec<i64>) -> Paths<'_> {
        Box::pin(async move {
            let mut paths = HashMap::new();
            for id in triggers {
                paths.extend(self.path(id).await?.map(|path| (id, path)));
            }
            Ok(paths)
        })
    }
}
