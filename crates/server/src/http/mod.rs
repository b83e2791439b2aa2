//! What every noun's HTTP needs: reading requests strictly, answering problems, pages of lists,
//! requests that must not be carried out twice, and who may call at all.
//!
//! No path of the API is known here, and no noun.

mod guard;
mod idempotency;
mod page;
mod refusal;
mod request;

pub(crate) use guard::{base_url, loopback_host, loopback_only};
pub(crate) use idempotency::{Idempotency, Seen, forget_old_keys};
pub(crate) use page::{Page, PageQuery};
pub(crate) use refusal::Refusal;
pub(crate) use request::{Body, Id, IdAndName, Ids, Name, Parameters, RawBody, has_nul, read_body};

/// What a handler answers.
pub(crate) type Result<T> = std::result::Result<T, Refusal>;
