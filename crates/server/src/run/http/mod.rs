//! Runs over HTTP: started, listed, read, watched, stopped and deleted.

mod start;

mod read;

mod events;
mod stream;

mod people;
mod stop;

mod family;
mod rerun;

mod calls;
mod documents;
mod export;

pub(crate) use calls::*;
pub(crate) use documents::*;
pub(crate) use events::*;
pub(crate) use export::*;
pub(crate) use family::*;
pub(crate) use people::*;
pub(crate) use read::*;
pub(crate) use rerun::*;
pub(crate) use start::*;
pub(crate) use stop::*;
pub(crate) use stream::*;

use callboard_engine::command::Refused;

use super::RunnerError;
use crate::http::Refusal;
use crate::journal::AppendError;

impl From<RunnerError> for Refusal {
    fn from(error: RunnerError) -> Self {
        let (code, message) = (error.code(), format!("{error}."));
        match error {
            RunnerError::NotFound(id) => Self::not_found(code, format!("There is no run {id}.")),
            RunnerError::NotEnded(id) => Self::conflict(code, format!("Run {id} has not ended."))
                .hint("Stop it first, or wait for its end."),
            RunnerError::Refused(Refused::Ended) => Self::conflict(code, "The run has ended already."),
            RunnerError::Refused(Refused::Stopping) => {
                Self::conflict(code, "The run is being stopped already.")
            }
            RunnerError::Refused(Refused::NotAsked) => {
                Self::conflict(code, "Nothing of that number waits for an answer.")
                    .hint("The run's asks say what does; it may have been answered, or given up, already.")
            }
            RunnerError::Refused(Refused::NotAChoice) => {
                Self::unprocessable(code, "The answer is none of those that there are to choose from.")
                    .hint("Give one of the question's choices, word for word.")
            }
            RunnerError::Refused(Refused::Begun | Refused::NotBegun | Refused::NotUnderWay)
            | RunnerError::Append(
                AppendError::Conflict(_) | AppendError::Gone | AppendError::ClaimTaken { .. },
            ) => Self::conflict(code, message),
            RunnerError::TakenOver(_) | RunnerError::ShuttingDown => {
                Self::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, code, message)
                    .hint("Ask again in a moment.")
            }
            RunnerError::Database(error) | RunnerError::Append(AppendError::Failed(error)) => error.into(),
            RunnerError::Damaged { .. } => {
                tracing::error!("{message}");
                Self::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, code, message)
                    .hint("It is left as it is. Go back to a backup of the store.")
            }
        }
    }
}
