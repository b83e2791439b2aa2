//! The key that opens the door at a model's provider. A model says where it comes from and never what
//! it is.

use callboard_engine::call::{Failure, failure};
use callboard_engine::definition::{KeyRef, Model};

use crate::secret::{Secret, Secrets};

/// The key that a model names, from where it says. It is looked up at each call, so that a key that was
/// put right helps the next attempt.
pub(crate) fn of(secrets: &Secrets, project_id: i64, model: &Model) -> Result<Option<Secret>, Failure> {
    let Some(key) = &model.api_key else { return Ok(None) };
    match key {
        KeyRef::Env(name) => match std::env::var(name) {
            Ok(key) if !key.trim().is_empty() => Ok(Some(Secret::new(key.trim()))),
            Ok(_) | Err(_) => Err(missing(format!("The environment variable {name} is not set."))),
        },
        KeyRef::Secret(name) => match secrets.get(project_id, name) {
            Some(secret) => Ok(Some(secret)),
            None => Err(missing(format!(
                "The secret {name} is not set; set it with `callboard secret set {name}`."
            ))),
        },
    }
}

/// A call that cannot be made, since something that it needs is not there.
pub(crate) fn missing(message: String) -> Failure {
    Failure {
        code: failure::UNAUTHORIZED.to_owned(),
        message,
        provider_message: None,
        status: None,
        transient: false,
        retry_after_ms: None,
    }
}
