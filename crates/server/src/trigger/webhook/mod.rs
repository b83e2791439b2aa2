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

use crate::http::Result;
use crate::project::http::{Paths, WebhookPaths};
use crate::run::http::Starter;
use crate::secret::Secrets;

/// Where the address of a webhook begins.
const PATH: &str = "/api/v1/hooks/";

/// What webhooks need of the server.
#[derive(Clone)]
pub(crate) struct Webhooks {
    pub(crate) starter: Starter,
    pub(crate) projects: crate::project::Projects,
    pub(crate) secrets: Secrets,
}

impl Webhooks {
    /// The path at which a webhook is called. It gets a token when it is first asked for. Nothing where the
    /// token cannot be read any more, since the server's key is another.
    pub(super) async fn path(&self, trigger_id: i64) -> Result<Option<String>> {
        let token = store::in_force(&self.starter.db, &self.secrets, trigger_id).await?;
        Ok(token.map(|token| format!("{PATH}{}", token.expose())))
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
